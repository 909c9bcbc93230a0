//! A service app's access token: asked for, kept, renewed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::jwt;
use super::key::{KeyError, PrivateKey};
use crate::Error;
use crate::send::Line;

/// The token endpoint of the org's own authorization server.
pub(crate) const TOKEN: &str = "/oauth2/v1/token";
/// Where the server says which scopes it knows.
const METADATA: &str = "/.well-known/oauth-authorization-server";
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// How long an assertion is good for: long enough for a slow network, short enough for a clock that is a little off.
const ASSERTION: i64 = 300;
/// A token is renewed when it has less than this left.
const MARGIN: Duration = Duration::from_secs(300);
/// How far apart the clocks may be before the server's is taken.
const TOLERANCE: i64 = 30;
/// Questions for one token, whatever the server asks back.
const MOST_QUESTIONS: u32 = 6;

/// A service app of an Okta org and how it proves who it is.
#[derive(Debug)]
pub struct ServiceApp {
    /// The client id, `0oa…`.
    pub client_id: String,
    /// The private key whose public half the app is registered with.
    pub key: PrivateKey,
    /// The scopes to ask for; Okta grants those of them that were granted to the app.
    pub scopes: Vec<String>,
}

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The scopes it has.
    pub scopes: Vec<String>,
    /// Whether it is bound to this client's key (DPoP).
    pub bound: bool,
}

struct Kept {
    value: SecretString,
    grant: Grant,
    /// When it is renewed.
    renew: Duration,
}

#[derive(Default)]
struct State {
    kept: Option<Arc<Kept>>,
    /// What proofs for the token endpoint must hold.
    nonce: Option<String>,
    /// Scopes narrowed to those the server knows.
    known: Option<Vec<String>>,
}

/// A service app at work.
pub(crate) struct Session {
    app: ServiceApp,
    proofs: PrivateKey,
    /// Held while a token is asked for: who comes meanwhile waits for the answer.
    state: Mutex<State>,
    /// How many seconds the server's clock is ahead.
    ahead: AtomicI64,
}

/// A token as a call takes it.
pub(crate) struct Pass(Arc<Kept>);

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("client_id", &self.app.client_id).finish_non_exhaustive()
    }
}

fn unfit(error: &KeyError) -> Error {
    Error::Setting { setting: "private key", problem: error.to_string() }
}

fn header(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Error::Setting {
        setting: "access token",
        problem: "it cannot be sent in a header".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What an answer of the token endpoint asks for.
#[derive(Debug, PartialEq, Eq)]
enum Again {
    Nonce(String),
    Clock,
    Scopes,
}

impl Session {
    /// A session that has asked for nothing yet.
    ///
    /// # Errors
    /// [`Error::Setting`] for a client id that is none.
    pub fn new(app: ServiceApp) -> Result<Self, Error> {
        let id = &app.client_id;
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
            let problem = "it is empty or has characters no client id has. Expected the id that Okta shows with the app, \
                           such as 0oa1gjh63g214q0Hq0g4";
            return Err(Error::Setting { setting: "client id", problem: problem.to_owned() });
        }
        let proofs = PrivateKey::for_proofs().map_err(|e| unfit(&e))?;
        Ok(Self { app, proofs, state: Mutex::default(), ahead: AtomicI64::new(0) })
    }

    /// The app's client id.
    pub fn client_id(&self) -> &str {
        &self.app.client_id
    }

    fn now(&self, line: &Line) -> i64 {
        line.governor.clock().now().as_second() + self.ahead.load(Ordering::Relaxed)
    }

    /// A token that works for some minutes yet.
    pub async fn pass(&self, line: &Line) -> Result<Pass, Error> {
        let mut state = self.state.lock().await;
        let now = line.governor.clock().monotonic();
        if let Some(kept) = state.kept.as_ref().filter(|kept| kept.renew > now) {
            return Ok(Pass(kept.clone()));
        }
        let kept = Arc::new(self.ask(line, &mut state).await?);
        state.kept = Some(kept.clone());
        Ok(Pass(kept))
    }

    /// Forgets a token that Okta refused; another one that was got meanwhile stays.
    pub async fn refused(&self, pass: &Pass) {
        let mut state = self.state.lock().await;
        if state.kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, &pass.0)) {
            state.kept = None;
        }
    }

    /// The headers of a call with a token. A bound one takes a proof for this very call [docs dpop].
    pub fn headers(
        &self,
        line: &Line,
        pass: &Pass,
        method: &Method,
        target: &str,
    ) -> Result<HeaderMap, Error> {
        let Pass(kept) = pass;
        let scheme = if kept.grant.bound { "DPoP" } else { "Bearer" };
        let text = Zeroizing::new(format!("{scheme} {}", kept.value.expose_secret()));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header(&text)?);
        if kept.grant.bound {
            let ath = jwt::hash(kept.value.expose_secret().as_bytes());
            let proof = self.proof(line, method, target, json!({ "ath": ath })).map_err(|e| unfit(&e))?;
            headers.insert(DPOP, header(&proof)?);
        }
        Ok(headers)
    }

    /// What a token allows.
    pub fn grant(pass: &Pass) -> &Grant {
        &pass.0.grant
    }

    fn proof(
        &self,
        line: &Line,
        method: &Method,
        target: &str,
        mut claims: Value,
    ) -> Result<String, KeyError> {
        // Without query and fragment (RFC 9449, 4.2).
        let path = target.split(['?', '#']).next().unwrap_or_default();
        claims["htm"] = method.as_str().into();
        claims["htu"] = format!("{}{path}", line.transport.origin()).into();
        claims["iat"] = self.now(line).into();
        claims["jti"] = jwt::unique()?.into();
        jwt::sign(&self.proofs, json!({ "typ": "dpop+jwt", "jwk": self.proofs.bare_jwk()? }), &claims)
    }

    fn assertion(&self, line: &Line) -> Result<Zeroizing<String>, KeyError> {
        let now = self.now(line);
        let claims = json!({
            "iss": self.app.client_id, "sub": self.app.client_id, "aud": format!("{}{TOKEN}", line.transport.origin()),
            "iat": now, "exp": now + ASSERTION, "jti": jwt::unique()?,
        });
        let header = self.app.key.kid().map_or(json!({}), |kid| json!({ "kid": kid }));
        jwt::sign(&self.app.key, header, &claims).map(Zeroizing::new)
    }

    async fn ask(&self, line: &Line, state: &mut State) -> Result<Kept, Error> {
        let (mut set_clock, mut narrowed) = (false, false);
        let mut questions = 0;
        loop {
            questions += 1;
            let scopes = state.known.as_ref().unwrap_or(&self.app.scopes).join(" ");
            // New for every question: Okta takes each once, whatever it answers [sdk 3.4.6 oauth.py].
            let assertion = self.assertion(line).map_err(|e| unfit(&e))?;
            let claims = state.nonce.as_ref().map_or(json!({}), |nonce| json!({ "nonce": nonce }));
            let proof = self.proof(line, &Method::POST, TOKEN, claims).map_err(|e| unfit(&e))?;
            let form = [
                ("grant_type", "client_credentials"),
                ("scope", &scopes),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", &assertion),
            ];
            let answer = line.ask_token(&form, header(&proof)?).await;
            if let Some(nonce) = &answer.nonce {
                state.nonce = Some(nonce.clone());
            }
            let error = match answer.body {
                Ok(body) => return self.keep(line, &body),
                Err(error) => error,
            };
            if error.is_transient() && questions < line.retry.max_attempts {
                // What was asked may not be asked again as it was: both signatures are used up.
                line.wait(questions).await;
                continue;
            }
            let behind = answer.date.map(|date| date.as_second() - self.now(line)).unwrap_or(0);
            let code = error.api().and_then(|api| api.code.as_deref()).unwrap_or_default();
            let again = match code {
                "use_dpop_nonce" => answer.nonce.map(Again::Nonce),
                "invalid_client" | "invalid_dpop_proof" if behind.abs() > TOLERANCE && !set_clock => {
                    Some(Again::Clock)
                }
                "invalid_scope" if state.known.is_none() && !narrowed => Some(Again::Scopes),
                _ => None,
            };
            tracing::debug!(code, ?again, questions, "no access token yet");
            match again.filter(|_| questions < MOST_QUESTIONS) {
                None => return Err(error),
                Some(Again::Nonce(_)) => {}
                Some(Again::Clock) => {
                    set_clock = true;
                    self.ahead.fetch_add(behind, Ordering::Relaxed);
                }
                Some(Again::Scopes) => {
                    narrowed = true;
                    let known = self.known_scopes(line).await;
                    let left: Vec<String> =
                        self.app.scopes.iter().filter(|scope| known.contains(scope)).cloned().collect();
                    if left.is_empty() || left.len() == self.app.scopes.len() {
                        return Err(error);
                    }
                    state.known = Some(left);
                }
            }
        }
    }

    /// The scopes that the server says it knows, so that one that an org lacks does not cost all the others. Public.
    async fn known_scopes(&self, line: &Line) -> Vec<String> {
        let metadata = line.ask_public(METADATA).await.unwrap_or_default();
        let scopes = metadata.get("scopes_supported").and_then(Value::as_array);
        scopes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    fn keep(&self, line: &Line, body: &Value) -> Result<Kept, Error> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let Some(value) = text("access_token") else {
            let detail = "expected an access token, got none".to_owned();
            return Err(Error::Decode { route: TOKEN.to_owned(), path: "$.access_token".to_owned(), detail });
        };
        // An hour [docs]; more than a day is no word of Okta's.
        let life = body.get("expires_in").and_then(Value::as_u64).unwrap_or(3_600).min(86_400);
        let life = Duration::from_secs(life);
        let scopes: Vec<String> = match text("scope") {
            Some(scopes) => scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            // Not told: what was asked for (RFC 6749, 5.1).
            None => self.app.scopes.clone(),
        };
        let bound = text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("DPoP"));
        Ok(Kept {
            value: value.into(),
            grant: Grant { scopes, bound },
            renew: line.governor.clock().monotonic() + life.saturating_sub(MARGIN).max(life / 2),
        })
    }
}
