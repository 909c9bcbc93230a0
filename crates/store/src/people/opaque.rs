//! Secrets that we give out ourselves: of sessions, links, API tokens. The database holds their SHA-256 alone; they are
//! random, so nothing slower is needed to keep them from being guessed.

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// 32 random bytes as text, after `prefix`, which tells people what they have found.
pub(crate) fn fresh(prefix: &str) -> Result<SecretString> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| Error::Other("The system gives no random bytes.".to_string()))?;
    Ok(SecretString::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
}

/// What the database holds of a secret.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Something that nobody can guess, for a caller's own use: 32 random bytes as text.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn fresh_secret() -> Result<SecretString> {
    fresh("")
}
