//! The way to the provider and back. Nonce and PKCE verifier are made from the state and a secret of the browser that set
//! out, so neither is kept anywhere, and nobody but that browser can come back.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use transom_engine::{Authorization, Fetch};
use transom_store::{OidcState, Person, Provider, Purpose, Return};
use url::Url;

use super::discovery::{self, Known, discover};
use super::refusal::shown;
use super::token::{Expected, Fault, check};
use super::{Refusal, redirect_uri};
use crate::{Error, Visit};

/// The most characters of a name.
const LONGEST_NAME: usize = 120;

/// What comes back in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Returned {
    code: Option<SecretString>,
    state: Option<SecretString>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Somebody whom the provider has signed in.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub purpose: Purpose,
    pub next: String,
    pub provider: Provider,
    pub person: Person,
    /// The groups that the claim holds; `None` where there is no such claim.
    pub groups: Option<Vec<String>>,
}

/// The browser's secret for one purpose.
fn visit_of(visit: &Visit) -> String {
    visit.bound("oidc visit")
}

fn nonce(visit: &Visit, state: &str) -> String {
    visit.bound(&format!("oidc nonce {state}"))
}

fn verifier(visit: &Visit, state: &str) -> SecretString {
    visit.bound(&format!("oidc verifier {state}")).into()
}

/// Notes that this browser sets out, and returns where to, with the provider's label.
///
/// # Errors
/// [`Error::NotFound`] where there is no provider; [`Error::Refused`] where it can't be reached.
pub(crate) async fn set_out(visit: &Visit, purpose: Purpose, next: &str) -> Result<(String, Url), Error> {
    let store = visit.app.store();
    let provider = store.provider().await?.ok_or(Error::NotFound)?;
    let known = discover(&visit.app, &provider.issuer, false).await?;
    let mut url = known.metadata.authorization()?;
    let state = OidcState { purpose, issuer: provider.issuer.clone(), next: next.to_string() };
    let state = store.set_out(&state, &visit_of(visit)).await?;
    let state = state.expose_secret();
    let challenge = Sha256::digest(verifier(visit, state).expose_secret());
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &redirect_uri(visit.site()))
        .append_pair("scope", &provider.scopes)
        .append_pair("state", state)
        .append_pair("nonce", &nonce(visit, state))
        .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(challenge))
        .append_pair("code_challenge_method", "S256");
    Ok((provider.label, url))
}

/// Who comes back. A refusal of somebody who had set out is written to the audit.
///
/// # Errors
/// [`Error::Refused`]; [`Error::TooMany`].
pub(crate) async fn arrive(visit: &Visit, returned: Returned) -> Result<Arrival, Error> {
    let store = visit.app.store();
    let state = returned.state.as_ref().map_or("", ExposeSecret::expose_secret);
    let set_out = match store.come_back(state, &visit_of(visit)).await? {
        Return::Welcome(set_out) => set_out,
        Return::OtherBrowser => return Err(refuse(visit, None, other_browser(visit)).await),
        Return::Unknown => {
            tracing::warn!(address = %visit.address, "somebody came from the provider who had not set out");
            return Err(Refusal::new(
                "state",
                "This sign-in was used up, or took too long.",
                "It holds once, for ten minutes.",
                "Sign in again.",
            )
            .into());
        }
    };
    let (provider, secret) = match store.provider_secret().await? {
        Some((provider, secret)) if provider.issuer == set_out.issuer => (provider, secret),
        _ => {
            let why = "An owner has changed the provider since you set out.";
            let refusal = Refusal::new("changed", "The sign-in has changed.", why, "Sign in again.");
            return Err(refuse(visit, None, refusal).await);
        }
    };
    let told = async {
        let code = code_of(&provider, &returned)?;
        let known = discover(&visit.app, &provider.issuer, false).await?;
        if returned.iss.is_none() && known.metadata.authorization_response_iss_parameter_supported {
            return Err(Refusal::token("It does not say who sends you back, as this provider should."));
        }
        let tokens = exchange(visit, &known, &provider, &secret, code, state).await?;
        claims(visit, known, &provider, &tokens, &nonce(visit, state)).await
    };
    let claims = match told.await {
        Ok(claims) => claims,
        Err(refusal) => return Err(refuse(visit, None, refusal).await),
    };
    let groups = groups(&claims, &provider.groups_claim);
    let granted = provider.granted(groups.as_deref().unwrap_or_default());
    let person = Person { granted, ..person(&claims, &provider) };
    Ok(Arrival { purpose: set_out.purpose, next: set_out.next, provider, person, groups })
}

/// The code, where the provider has signed somebody in and says that it is itself.
fn code_of<'a>(provider: &Provider, returned: &'a Returned) -> Result<&'a SecretString, Refusal> {
    if let Some(issuer) = returned.iss.as_ref().filter(|iss| **iss != provider.issuer) {
        return Err(Refusal::token(format!("{} sends you back, not {}.", shown(issuer), provider.issuer)));
    }
    if let Some(error) = &returned.error {
        let said =
            returned.error_description.as_deref().map(|d| format!(": {}", shown(d))).unwrap_or_default();
        let why = format!("{} says {}{said}.", provider.label, shown(error));
        let todo = match error.as_str() {
            "access_denied" => "Ask whoever looks after it there to assign this app to you.",
            "invalid_scope" => "An owner takes the scope that it does not know out of Settings › Sign-in.",
            _ => "Sign in again. If it stays, an owner looks at the provider's settings of this app.",
        };
        return Err(Refusal::new("denied", "The provider did not sign you in.", why, todo));
    }
    returned.code.as_ref().ok_or_else(|| Refusal::answer("It sent you back without a code."))
}

/// What the provider gives for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<SecretString>,
}

async fn exchange(
    visit: &Visit,
    known: &Known,
    provider: &Provider,
    secret: &SecretString,
    code: &SecretString,
    state: &str,
) -> Result<Tokens, Refusal> {
    let (verifier, back) = (verifier(visit, state), redirect_uri(visit.site()));
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose_secret()),
        ("redirect_uri", back.as_str()),
        ("code_verifier", verifier.expose_secret()),
    ];
    let in_form = known.metadata.secret_in_form();
    if in_form {
        form.extend([("client_id", provider.client_id.as_str()), ("client_secret", secret.expose_secret())]);
    }
    let url = known.metadata.token()?;
    let call = Fetch {
        url: &url,
        form: Some(&form),
        authorization: (!in_form).then_some(Authorization::Basic(&provider.client_id, secret)),
        loopback: !visit.site().secure,
    };
    let (status, body) = discovery::ask(&visit.app, &call).await?;
    if status == 200 {
        return serde_json::from_slice(&body)
            // The error would repeat a token.
            .map_err(|_| Refusal::answer("It answered a code with something else than tokens."));
    }
    let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(shown).unwrap_or_default();
    if text("error") == "invalid_client" {
        return Err(Refusal::new(
            "client",
            "The provider does not know this app.",
            format!("{} does not take the client id with its secret.", provider.label),
            "An owner enters both again under Settings › Sign-in, as the provider shows them.",
        ));
    }
    let why =
        format!("{} took no code: {status} {} {}", provider.label, text("error"), text("error_description"));
    Err(Refusal::answer(format!("{}.", why.trim_end().trim_end_matches('.'))))
}

/// The claims of a good ID token, and what the provider says more of the same person.
async fn claims(
    visit: &Visit,
    known: std::sync::Arc<Known>,
    provider: &Provider,
    tokens: &Tokens,
    nonce: &str,
) -> Result<Map<String, Value>, Refusal> {
    let expected =
        Expected { issuer: &provider.issuer, client_id: &provider.client_id, nonce, now: visit.app.now() };
    let mut claims = match check(&tokens.id_token, &known.keys, &expected) {
        // Providers change their keys.
        Err(Fault::Key) => {
            let known = discover(&visit.app, &provider.issuer, true).await?;
            check(&tokens.id_token, &known.keys, &expected)?
        }
        checked => checked?,
    };
    if let (Some(url), Some(token)) = (known.metadata.userinfo()?, &tokens.access_token) {
        let more = discovery::userinfo(&visit.app, &url, token).await?;
        if more.get("sub") != claims.get("sub") {
            return Err(Refusal::token("Asked for more of you, it speaks of somebody else."));
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            claims.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok(claims)
}

fn groups(claims: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    match claims.get(name)? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(many) => Some(many.iter().filter_map(Value::as_str).map(str::to_string).collect()),
        _ => None,
    }
}

/// Who it is. The login of an account to be made is the e-mail address where the provider does not say that it is
/// unverified; it tells accounts apart for people, and lets nobody in.
fn person(claims: &Map<String, Value>, provider: &Provider) -> Person {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let subject = text("sub").unwrap_or_default().to_string();
    let verified = claims.get("email_verified") != Some(&Value::Bool(false));
    let email = text("email").filter(|e| verified && crate::ui::owner::is_address(e));
    let login = email.map_or_else(
        || {
            let host = Url::parse(&provider.issuer).ok().and_then(|u| u.host_str().map(str::to_string));
            format!("{subject}@{}", host.unwrap_or_default())
        },
        str::to_string,
    );
    let name = text("name").or_else(|| text("preferred_username")).unwrap_or(&login);
    let name = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    Person { issuer: provider.issuer.clone(), subject, login, name, granted: None }
}

fn other_browser(visit: &Visit) -> Refusal {
    Refusal::new(
        "browser",
        "This sign-in was begun elsewhere.",
        "The provider's answer holds only in the browser, and the session, that asked for it.",
        format!("Begin anew in this browser, at {}/sign-in", visit.site().origin),
    )
}

/// Writes a refusal to the audit, unless too many come from there, and turns it into an error.
pub(crate) async fn refuse(visit: &Visit, person: Option<&Person>, refusal: Refusal) -> Error {
    use transom_store::Attempt;
    let store = visit.app.store();
    let attempt = match store.count_refusal(&visit.address.to_string()).await {
        Ok(attempt) => attempt,
        Err(error) => return error.into(),
    };
    if let Attempt::Refused { until } = attempt {
        return Error::TooMany((until - visit.app.now()).max(0).unsigned_abs() / 1_000);
    }
    tracing::warn!(address = %visit.address, refusal = refusal.word, why = refusal.why, "a sign-in by the provider was refused");
    let actor = match (&visit.who, person) {
        (Some(who), _) => who.actor.clone(),
        (None, Some(person)) => format!("oidc:{}", person.login),
        (None, None) => "oidc".to_string(),
    };
    let detail = json!({ "refusal": refusal.word, "why": refusal.why, "address": visit.address.to_string(),
        "issuer": person.map(|p| &p.issuer), "subject": person.map(|p| &p.subject) });
    match store.audit(None, &actor, "sign_in.refuse", detail).await {
        Ok(_) => refusal.into(),
        Err(error) => error.into(),
    }
}
