//! Signed JSON (JWS, RFC 7515) as clients send it: read, and held against a public key (JWK, RFC 7517). A reader of its
//! own, so that it can hold a client's signatures honest.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    self, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The algorithms that Okta takes [docs implement-oauth-for-okta-serviceapp; recorded metadata].
pub const ALGORITHMS: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

/// A compact JWS, not yet believed.
#[derive(Debug)]
pub struct Jws<'t> {
    /// The header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    signed: &'t str,
    signature: Vec<u8>,
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

impl<'t> Jws<'t> {
    /// Takes a compact JWS apart; `None` when it is none.
    pub fn parse(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part| serde_json::from_slice::<Value>(&decode(part)?).ok().filter(Value::is_object);
        Some(Self { header: json(header)?, claims: json(claims)?, signed, signature: decode(signature)? })
    }

    /// A text of the claims.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A time of the claims, in milliseconds since the epoch.
    pub fn time(&self, name: &str) -> Option<i64> {
        self.claims.get(name).and_then(Value::as_f64).map(|seconds| (seconds * 1_000.0) as i64)
    }

    /// Whether it was signed by the holder of a public key, with an algorithm that Okta takes and that fits the key.
    pub fn is_signed_by(&self, jwk: &Value) -> bool {
        let algorithm = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let part = |name: &str| jwk.get(name).and_then(Value::as_str).and_then(decode);
        let message = self.signed.as_bytes();
        match jwk.get("kty").and_then(Value::as_str) {
            Some("RSA") => {
                let parameters: &RsaParameters = match algorithm {
                    "RS256" => &RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &RSA_PKCS1_2048_8192_SHA512,
                    _ => return false,
                };
                let (Some(n), Some(e)) = (part("n"), part("e")) else { return false };
                RsaPublicKeyComponents { n, e }.verify(parameters, message, &self.signature).is_ok()
            }
            Some("EC") => {
                let curve = jwk.get("crv").and_then(Value::as_str).unwrap_or_default();
                let (algorithm, width): (&'static signature::EcdsaVerificationAlgorithm, usize) =
                    match (algorithm, curve) {
                        ("ES256", "P-256") => (&signature::ECDSA_P256_SHA256_FIXED, 32),
                        ("ES384", "P-384") => (&signature::ECDSA_P384_SHA384_FIXED, 48),
                        ("ES512", "P-521") => (&signature::ECDSA_P521_SHA512_FIXED, 66),
                        _ => return false,
                    };
                let (Some(x), Some(y)) = (part("x"), part("y")) else { return false };
                if x.len() != width || y.len() != width {
                    return false;
                }
                let point = [&[4u8], x.as_slice(), &y].concat();
                UnparsedPublicKey::new(algorithm, point).verify(message, &self.signature).is_ok()
            }
            _ => false,
        }
    }
}

/// SHA-256 in base64url: what `ath` is of an access token.
pub fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

/// The thumbprint of a public key (RFC 7638); `None` for what is none.
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let member = |name: &str| jwk.get(name).filter(|value| value.is_string());
    // `json!` keeps members in order of their names, as the RFC wants them.
    let members = match jwk.get("kty")?.as_str()? {
        "RSA" => json!({"e": member("e")?, "kty": "RSA", "n": member("n")?}),
        "EC" => json!({"crv": member("crv")?, "kty": "EC", "x": member("x")?, "y": member("y")?}),
        _ => return None,
    };
    Some(hash(members.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_of_the_rfc() {
        let jwk = json!({
            "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        });
        assert_eq!(thumbprint(&jwk).as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
        assert_eq!(thumbprint(&json!({"kty": "oct", "k": "AQ"})), None);
    }

    #[test]
    fn what_is_no_jws_is_none() {
        for text in ["", "a.b", "a.b.c", "e30.W10.AA", "e30.e30"] {
            assert!(Jws::parse(text).is_none(), "{text}");
        }
        let unsigned = Jws::parse("eyJhbGciOiJub25lIn0.e30.").expect("a form");
        assert!(!unsigned.is_signed_by(&json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})));
        assert!(!unsigned.is_signed_by(&json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"})));
    }
}
