//! The org's authorization server: who may have an access token, and which call may be made with one.
//!
//! What is believed of clients here: Okta's documentation (implement-oauth-for-okta-serviceapp, dpop), the recorded
//! answers of `POST /oauth2/v1/token`, and messages that others report from real orgs; the rest is marked [inf].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::generate::clients;
use crate::generate::ids::opaque;
use crate::generate::people::DAY;
use crate::jws::{self, ALGORITHMS, Jws};
use crate::org::view::View;
use crate::reply::Reply;
use crate::routes::grants_of;
use crate::scopes;

/// How long an access token lives [docs: one hour, fixed].
pub const TOKEN_LIFE: i64 = 3_600_000;
/// The longest an assertion may live [docs].
const LONGEST_ASSERTION: i64 = 3_600_000;
/// How far a proof's clock may be off [inf].
const SKEW: i64 = 300_000;
/// How an assertion must be announced.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An access token that was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The client's app.
    pub app: u32,
    /// What it may be used for.
    pub scopes: Arc<[String]>,
    /// When it ends.
    pub until: i64,
    /// The thumbprint of the key it is bound to.
    pub key: Option<String>,
}

#[derive(Debug, Default)]
struct Desk {
    issued: HashMap<String, Issued>,
    /// Ids of assertions and proofs that were used, until they are of no use any more.
    used: HashMap<String, i64>,
    count: u64,
}

/// What the authorization server remembers.
#[derive(Debug, Default)]
pub struct Server(Mutex<Desk>);

/// An answer of the token endpoint that refuses, in OAuth's form.
#[derive(Debug, PartialEq, Eq)]
pub struct Denial {
    status: u16,
    error: &'static str,
    description: &'static str,
    nonce: Option<String>,
}

impl Denial {
    fn new(status: u16, error: &'static str, description: &'static str) -> Self {
        Self { status, error, description, nonce: None }
    }

    fn client(description: &'static str) -> Self {
        Self::new(401, "invalid_client", description)
    }

    fn proof(description: &'static str) -> Self {
        Self::new(400, "invalid_dpop_proof", description)
    }

    /// The answer.
    pub fn reply(&self) -> Reply {
        let body = json!({"error": self.error, "error_description": self.description});
        let reply = Reply::value(&body).with_status(self.status);
        match &self.nonce {
            None => reply,
            Some(nonce) => reply.with_header("dpop-nonce", nonce.clone()),
        }
    }
}

/// What a token was asked for with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The form.
    pub form: &'a HashMap<String, String>,
    /// The `DPoP` header.
    pub proof: Option<&'a str>,
    /// The token endpoint's URL.
    pub url: &'a str,
    /// The time.
    pub now: i64,
}

/// A token just issued.
#[derive(Debug)]
pub struct Given {
    /// The client's app.
    pub app: u32,
    /// The answer.
    pub reply: Reply,
}

/// What a call with an access token shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its URL, without query.
    pub url: &'a str,
    /// The `DPoP` header.
    pub proof: Option<&'a str>,
    /// The time.
    pub now: i64,
}

impl Server {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks an id as used until a time; false when it was used before.
    fn first_use(&self, id: String, until: i64, now: i64) -> bool {
        let used = &mut self.desk().used;
        if used.len() > 10_000 {
            used.retain(|_, until| *until > now);
        }
        let first = used.get(&id).is_none_or(|until| *until <= now);
        used.insert(id, until);
        first
    }

    /// The client that an assertion proves; every use of it counts, refused or not [sdk 3.4.6 oauth.py].
    fn client(&self, view: View<'_>, asked: Asked<'_>) -> Result<u32, Denial> {
        let field = |name: &str| asked.form.get(name).map_or("", String::as_str);
        if field("client_assertion_type") != ASSERTION_TYPE || field("client_assertion").is_empty() {
            return Err(Denial::client(
                "Client authentication failed. Either the client or the client credentials are invalid.",
            ));
        }
        let unreadable = || Denial::client("The client_assertion token is not a JWT.");
        let assertion = Jws::parse(field("client_assertion")).ok_or_else(unreadable)?;
        let (issuer, subject) = (assertion.claim("iss"), assertion.claim("sub"));
        let Some(client) = issuer.filter(|_| issuer == subject) else {
            return Err(Denial::new(400, "invalid_client", "A client_id must be provided in the request."));
        };
        let found = view.find_app(client).and_then(|n| Some((n, view.app(n)?)));
        let Some((number, app)) = found.filter(|(_, app)| app.active && app.entry.mode.is_oauth()) else {
            return Err(Denial::client("Invalid value for 'client_id' parameter."));
        };
        if !clients::proves_by_key(number, &app) {
            return Err(Denial::client("The client is not configured for private_key_jwt."));
        }
        let kid = assertion.header.get("kid");
        let keys = app.registered.iter().flat_map(|registered| &registered.keys).filter(|key| key.active);
        let mut keys = keys.filter(|key| kid.is_none_or(|kid| key.jwk.get("kid") == Some(kid)));
        if !keys.any(|key| assertion.is_signed_by(&key.jwk)) {
            return Err(Denial::client("The client_assertion signature is invalid."));
        }
        let audience = match assertion.claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|one| one == asked.url),
            Some(one) => one == asked.url,
            None => false,
        };
        if !audience {
            let words =
                "The audience claim for client_assertion must be the endpoint invoked for the request.";
            return Err(Denial::client(words));
        }
        let until = assertion.time("exp").unwrap_or(0);
        if until <= asked.now {
            return Err(Denial::client("The client_assertion token is expired."));
        }
        if until > asked.now + LONGEST_ASSERTION {
            return Err(Denial::client(
                "The client_assertion token has an expiration too far into the future.",
            ));
        }
        if assertion.time("iat").is_some_and(|issued| issued > asked.now + SKEW) {
            return Err(Denial::client("The client_assertion token must be issued before the current time."));
        }
        if let Some(id) = assertion.claim("jti")
            && !self.first_use(format!("a {client} {id}"), until, asked.now)
        {
            return Err(Denial::client("The client_assertion token has already been used."));
        }
        Ok(number)
    }

    /// Of the scopes asked for those that were granted.
    fn scopes(view: View<'_>, app: u32, asked: &str) -> Result<Vec<String>, Denial> {
        let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
        if asked.is_empty() {
            let words = "The authorization server resource does not have any configured default scopes, 'scope' must be provided.";
            return Err(Denial::new(400, "invalid_scope", words));
        }
        if !asked.iter().all(|scope| scopes::exists(scope)) {
            let words = "One or more scopes are not configured for the authorization server resource.";
            return Err(Denial::new(400, "invalid_scope", words));
        }
        let grants = grants_of(view, app);
        let held = |scope: &&str| grants.iter().any(|g| g.user.is_none() && g.scope == *scope);
        let granted: Vec<String> = asked.into_iter().filter(held).map(str::to_owned).collect();
        if granted.is_empty() {
            return Err(Denial::new(
                400,
                "consent_required",
                "You are not allowed any of the requested scopes.",
            ));
        }
        Ok(granted)
    }

    /// The thumbprint of the key that a proof proves. `token` is the access token it goes with, `nonce` whether one is
    /// wanted.
    fn proof(&self, view: View<'_>, shown: Shown<'_>, token: Option<&str>) -> Result<String, Denial> {
        let text = shown.proof.ok_or_else(|| Denial::proof("The DPoP proof JWT header is missing."))?;
        let proof = Jws::parse(text).ok_or_else(|| Denial::proof("The DPoP proof is not a JWT."))?;
        let header = |name: &str| proof.header.get(name).and_then(Value::as_str);
        let key = proof.header.get("jwk").cloned().unwrap_or_default();
        let signed = header("typ") == Some("dpop+jwt")
            && header("alg").is_some_and(|alg| ALGORITHMS.contains(&alg))
            && key.get("d").is_none()
            && proof.is_signed_by(&key);
        let print = jws::thumbprint(&key).filter(|_| signed);
        let print =
            print.ok_or_else(|| Denial::proof("The DPoP proof JWT header or signature is invalid."))?;
        if proof.claim("htm") != Some(shown.method) || proof.claim("htu") != Some(shown.url) {
            return Err(Denial::proof("The DPoP proof is for another method or URL."));
        }
        if proof.time("iat").is_none_or(|issued| (issued - shown.now).abs() > SKEW) {
            return Err(Denial::proof("The DPoP proof was not issued just now."));
        }
        let id = proof.claim("jti").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Denial::proof("The DPoP proof has no jti."))?;
        if !self.first_use(format!("p {print} {id}"), shown.now + 2 * SKEW, shown.now) {
            return Err(Denial::proof("The DPoP proof has already been used."));
        }
        match token {
            Some(token) if proof.claim("ath") != Some(&jws::hash(token.as_bytes())) => {
                Err(Denial::proof("The DPoP proof is for another access token."))
            }
            Some(_) => Ok(print),
            None => {
                let nonce = proof.claim("nonce");
                let fits = [0, DAY].into_iter().any(|ago| nonce == Some(&self::nonce(view, shown.now - ago)));
                if fits {
                    return Ok(print);
                }
                Err(Denial {
                    nonce: Some(self::nonce(view, shown.now)),
                    ..Denial::new(400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
                })
            }
        }
    }

    /// Answers who asks for a token.
    pub fn token(&self, view: View<'_>, asked: Asked<'_>) -> Result<Given, Denial> {
        match asked.form.get("grant_type").map(String::as_str) {
            None => {
                return Err(Denial::new(400, "invalid_request", "The 'grant_type' parameter is missing."));
            }
            Some("client_credentials") => {}
            Some(_) => {
                let words = "The authorization grant type is not supported by the authorization server.";
                return Err(Denial::new(400, "unsupported_grant_type", words));
            }
        }
        let app = self.client(view, asked)?;
        let bound = view.app(app).and_then(|a| a.registered.as_ref().map(|r| r.dpop)).unwrap_or(false);
        let shown = Shown { method: "POST", url: asked.url, proof: asked.proof, now: asked.now };
        // A proof that nobody asked for changes nothing [sdk 3.4.6 oauth.py: "returned Bearer token"].
        let key = if bound { Some(self.proof(view, shown, None)?) } else { None };
        let granted = Self::scopes(view, app, asked.form.get("scope").map_or("", String::as_str))?;
        let mut desk = self.desk();
        desk.count += 1;
        let value = opaque(view.base.config.seed ^ asked.now as u64, desk.count, 86);
        desk.issued.retain(|_, issued| issued.until > asked.now);
        let kind = if key.is_some() { "DPoP" } else { "Bearer" };
        let body = json!({
            "token_type": kind, "expires_in": TOKEN_LIFE / 1_000, "access_token": value, "scope": granted.join(" "),
        });
        let mut reply = Reply::value(&body);
        if key.is_some() {
            // [rec] a token that is bound comes with the nonce of the next.
            reply = reply.with_header("dpop-nonce", nonce(view, asked.now));
        }
        let until = asked.now + TOKEN_LIFE;
        desk.issued.insert(value, Issued { app, scopes: granted.into(), until, key });
        Ok(Given { app, reply })
    }

    /// The token of an `Authorization` header, if it works for this call. `bound` says whether the header says so.
    /// `Err` says what is wrong with it.
    pub fn check(
        &self,
        view: View<'_>,
        value: &str,
        bound: bool,
        shown: Shown<'_>,
    ) -> Result<Issued, &'static str> {
        let issued = self.desk().issued.get(value).cloned();
        let issued = issued.filter(|issued| issued.until > shown.now).ok_or("invalid_token")?;
        if !view.app(issued.app).is_some_and(|app| app.active) {
            return Err("invalid_token");
        }
        match (&issued.key, bound) {
            (None, false) => Ok(issued),
            (Some(key), true) => match self.proof(view, shown, Some(value)) {
                Ok(print) if print == *key => Ok(issued),
                _ => Err("invalid_dpop_proof"),
            },
            _ => Err("invalid_token"),
        }
    }

    /// Forgets every token that was issued: for tests of what a client does then.
    pub fn forget(&self) {
        self.desk().issued.clear();
    }
}

/// The nonce of a day [docs dpop: good for 24 hours].
fn nonce(view: View<'_>, now: i64) -> String {
    opaque(view.base.config.seed, (now / DAY) as u64 ^ 0xd90b, 32)
}
