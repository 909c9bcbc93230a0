//! Compact signed JSON (RFC 7515), written only.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::key::{KeyError, PrivateKey};

/// Base64 as JWS has it.
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes behind such a text.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// SHA-256, encoded.
pub fn hash(bytes: &[u8]) -> String {
    encoded(digest(&SHA256, bytes))
}

/// An id that no other has: 128 bits of the system's chance. A repeated one would be refused as a replay, so that no
/// seed may make it.
pub fn unique() -> Result<String, KeyError> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyError::NoChance)?;
    Ok(encoded(bytes))
}

/// Signs `claims`; `header` gets the key's algorithm.
pub fn sign(key: &PrivateKey, mut header: Value, claims: &Value) -> Result<String, KeyError> {
    header["alg"] = key.algorithm().into();
    let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let signature = key.sign(signed.as_bytes())?;
    Ok(format!("{signed}.{}", encoded(signature)))
}
