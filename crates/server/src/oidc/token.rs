//! Whether an ID token is good (OpenID Connect Core 1.0, 3.1.3.7). Nothing of it is believed before its signature holds.

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use transom_core::Millis;

use super::Refusal;
use super::refusal::shown;

/// Signatures by a key that only the provider has. Neither `none` nor one by the client secret is among them.
const SIGNATURES: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// How far the provider's clock may be from ours.
const SKEW: Millis = 60 * 1_000;
/// The most characters of a subject (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: Millis,
}

/// Why a token is not good.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// None of the keys is the one that it names: the provider may have new ones.
    Key,
    /// Anything else, in a sentence.
    Other(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::token(match fault {
            Fault::Key => "It is signed with a key that is not among the provider's.".to_string(),
            Fault::Other(why) => why,
        })
    }
}

fn other<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Other(why.into()))
}

/// The claims of a good token; their subject is there and is text.
pub(super) fn check(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Map<String, Value>, Fault> {
    let claims = signed(token, keys)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != expected.issuer {
        return other(format!("It is of {}, not of {}.", shown(text("iss")), expected.issuer));
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    };
    let for_us = audience.contains(&expected.client_id);
    let by_us = match claims.get("azp") {
        Some(party) => party.as_str() == Some(expected.client_id),
        None => audience.len() == 1,
    };
    if !for_us || !by_us {
        return other("It is for another app than this.");
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| (seconds * 1e3) as Millis);
    match time("exp") {
        None => return other("It does not say until when it holds."),
        Some(end) if end.saturating_add(SKEW) <= expected.now => {
            return other("It has expired. The clocks of this server and the provider may differ.");
        }
        Some(_) => {}
    }
    let Some(made) = time("iat") else { return other("It does not say when it was made.") };
    if made.max(time("nbf").unwrap_or(made)) > expected.now.saturating_add(SKEW) {
        return other("It is of a time to come. The clocks of this server and the provider differ.");
    }
    if text("nonce") != expected.nonce {
        return other("It was made for another sign-in than this one.");
    }
    let subject = text("sub").chars().count();
    if subject == 0 || subject > LONGEST_SUBJECT {
        return other("It does not say who you are.");
    }
    Ok(claims)
}

fn signed(token: &str, keys: &[Jwk]) -> Result<Map<String, Value>, Fault> {
    let Ok(header) = decode_header(token) else {
        return other("Its ID token can't be read, or is not signed by a key of the provider.");
    };
    if !SIGNATURES.contains(&header.alg) {
        return other(format!(
            "Its ID token is signed by {:?}. Expected a key of the provider's own, such as RS256.",
            header.alg
        ));
    }
    let fits = |key: &&Jwk| {
        let named = header.kid.is_none() || key.common.key_id == header.kid;
        named && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
    };
    let mut candidates =
        keys.iter().filter(fits).filter_map(|key| DecodingKey::from_jwk(key).ok()).peekable();
    if candidates.peek().is_none() {
        return Err(Fault::Key);
    }
    // The claims are checked above, by a clock that is passed in.
    let mut rules = Validation::new(header.alg);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let mut found = candidates.filter_map(|key| decode::<Map<String, Value>>(token, &key, &rules).ok());
    found.next().map_or_else(|| other("Its signature does not hold."), |token| Ok(token.claims))
}
