//! What a provider says of itself (OpenID Connect Discovery 1.0), and its keys (RFC 7517).

use std::sync::{Arc, Mutex, PoisonError};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use transom_core::Millis;
use transom_engine::{Authorization, Fetch};
use url::{Host, Url};

use super::Refusal;
use super::refusal::shown;
use crate::app::App;

/// How long it is taken as known. Keys that are not among those known are looked for anew in any case.
const KNOWN_FOR: Millis = 10 * 60 * 1_000;
/// More keys than any provider has.
const MOST_KEYS: usize = 100;

/// What is known of a provider.
#[derive(Debug)]
pub(crate) struct Known {
    pub metadata: Metadata,
    pub keys: Vec<Jwk>,
}

/// The last provider that was asked.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Option<(Millis, Arc<Known>)>>);

/// The members of the metadata that are used here.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    pub issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Where people go to sign in.
    pub fn authorization(&self) -> Result<Url, Refusal> {
        address("authorization_endpoint", &self.authorization_endpoint)
    }

    /// Where a code is turned into tokens.
    pub fn token(&self) -> Result<Url, Refusal> {
        address("token_endpoint", &self.token_endpoint)
    }

    /// Where more is said of a person.
    pub fn userinfo(&self) -> Result<Option<Url>, Refusal> {
        self.userinfo_endpoint.as_deref().map(|text| address("userinfo_endpoint", text)).transpose()
    }

    /// Whether the client secret goes in the form: only where it can't go in the header, which all know otherwise.
    pub fn secret_in_form(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let has = |method: &str| methods.iter().any(|m| m == method);
        has("client_secret_post") && !has("client_secret_basic")
    }

    fn check(&self, issuer: &str, loopback: bool) -> Result<(), Refusal> {
        if self.issuer != issuer {
            let why = format!("It calls itself {}, not {issuer}.", shown(&self.issuer));
            return Err(Refusal::new(
                "issuer",
                "The provider is another one.",
                why,
                "Enter the issuer to the letter as the provider writes it, with or without a slash at its end.",
            ));
        }
        let methods = self.code_challenge_methods_supported.as_deref();
        if methods.is_some_and(|known| !known.iter().any(|m| m == "S256")) {
            return Err(Refusal::answer(
                "It does not know PKCE by S256, without which a code could be stolen.",
            ));
        }
        self.token()?;
        self.userinfo()?;
        // The browser goes there, so nobody else looks at it.
        let there = self.authorization()?;
        if there.scheme() == "https" || loopback && on_this_machine(&there) {
            return Ok(());
        }
        Err(Refusal::answer(format!("Its authorization_endpoint is {}, without TLS.", shown(there.as_str()))))
    }
}

fn address(name: &str, text: &str) -> Result<Url, Refusal> {
    Url::parse(text).map_err(|e| Refusal::answer(format!("Its {name} is no address ({e}): {}.", shown(text))))
}

/// Plain HTTP to a loopback address, given as a number: a name could lead elsewhere.
pub(crate) fn on_this_machine(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    url.scheme() == "http" && loopback
}

/// What is known of the provider that calls itself `issuer`; asked for where nothing is, it is too long ago, or `anew`.
///
/// # Errors
/// Where it can't be reached, or is not what it should be.
pub(crate) async fn discover(app: &App, issuer: &str, anew: bool) -> Result<Arc<Known>, Refusal> {
    let now = app.now();
    if let Some(known) = app.providers.get(issuer, now).filter(|_| !anew) {
        return Ok(known);
    }
    let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let metadata: Metadata = document(app, &address("issuer", &place)?).await?;
    metadata.check(issuer, !app.site.secure)?;
    let Keys { keys } = document(app, &address("jwks_uri", &metadata.jwks_uri)?).await?;
    // One by one: a kind of key that is not known here does no harm to the others.
    let keys = keys.into_iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key).ok()).collect();
    let known = Arc::new(Known { metadata, keys });
    app.providers.put(now, &known);
    Ok(known)
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Value>,
}

async fn document<T: for<'de> Deserialize<'de>>(app: &App, url: &Url) -> Result<T, Refusal> {
    let answer =
        ask(app, &Fetch { url, form: None, authorization: None, loopback: !app.site.secure }).await?;
    let place = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    if answer.0 != 200 {
        return Err(Refusal::answer(format!("{place} answered {}. Expected 200 and JSON.", answer.0)));
    }
    serde_json::from_slice(&answer.1)
        .map_err(|e| Refusal::answer(format!("{place} answered something else than expected: {e}.")))
}

/// What is said of the person whom an access token is for.
pub(super) async fn userinfo(app: &App, url: &Url, token: &secrecy::SecretString) -> Result<Value, Refusal> {
    let authorization = Some(Authorization::Bearer(token));
    let (status, body) =
        ask(app, &Fetch { url, form: None, authorization, loopback: !app.site.secure }).await?;
    let document = serde_json::from_slice::<Value>(&body).ok().filter(|d| status == 200 && d.is_object());
    document.ok_or_else(|| {
        Refusal::answer(format!("Asked who you are, it answered {status}. Expected 200 and JSON."))
    })
}

pub(super) async fn ask(app: &App, call: &Fetch<'_>) -> Result<(u16, Vec<u8>), Refusal> {
    let answer = app.engine.fetch(call).await?;
    Ok((answer.status, answer.body))
}

impl Cache {
    fn get(&self, issuer: &str, now: Millis) -> Option<Arc<Known>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = held.as_ref()?;
        (known.metadata.issuer == issuer && now - at < KNOWN_FOR).then(|| Arc::clone(known))
    }

    fn put(&self, now: Millis, known: &Arc<Known>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(known)));
    }
}
