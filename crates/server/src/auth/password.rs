//! Passwords: argon2id, off the threads that answer requests.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::Error;

/// The fewest characters of a password (NIST SP 800-63B-4 asks for 15 where it is the only factor).
pub(crate) const SHORTEST: usize = 15;
/// The most: hashing longer ones gives nothing but work.
pub(crate) const LONGEST: usize = 200;

/// Hashes at a time: each takes 19 MB and a core.
static AT_WORK: Semaphore = Semaphore::const_new(2);

/// What is wrong with a new password, in a sentence.
fn fault(password: &SecretString, login: &str, name: &str) -> Option<String> {
    let text = password.expose_secret();
    let letters = text.chars().count();
    if letters < SHORTEST {
        return Some(format!(
            "Use at least {SHORTEST} characters; a few words with spaces will do. These are {letters}."
        ));
    }
    if letters > LONGEST {
        return Some(format!("Use at most {LONGEST} characters."));
    }
    let lower = text.to_lowercase();
    let mut kinds: Vec<char> = lower.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let repeats = kinds.len() < 5;
    let own = |part: &str| !part.trim().is_empty() && lower == part.trim().to_lowercase();
    (repeats || own(login) || own(name))
        .then(|| "This is too easy to guess. Use a few words that do not belong together.".to_string())
}

/// What is wrong with a new password that was typed twice.
pub(crate) fn fault_of_new(
    password: &SecretString,
    again: &SecretString,
    login: &str,
    name: &str,
) -> Option<String> {
    let differ = password.expose_secret() != again.expose_secret();
    fault(password, login, name).or_else(|| differ.then(|| "The two passwords differ.".to_string()))
}

/// What stands beneath the field of a new password.
pub(crate) fn hint() -> String {
    format!("At least {SHORTEST} characters. A few words with spaces will do.")
}

/// The hash of a password as a PHC string.
///
/// # Errors
/// [`Error::Internal`] where the system gives no random bytes.
pub(crate) async fn hash(password: SecretString) -> Result<SecretString, Error> {
    let work = move || {
        let hashed = Argon2::default().hash_password(password.expose_secret().as_bytes());
        hashed.map(|h| SecretString::from(h.to_string()))
    };
    heavy(work).await?.map_err(|e| Error::Internal(format!("a password can't be hashed: {e}")))
}

/// Whether `password` is the one with this hash. Without a hash it takes as long, and is not.
pub(crate) async fn matches(password: SecretString, hash: Option<SecretString>) -> Result<bool, Error> {
    heavy(move || {
        let bytes = password.expose_secret().as_bytes();
        match hash.as_ref().map(|h| PasswordHash::new(h.expose_secret())) {
            Some(Ok(hash)) => Argon2::default().verify_password(bytes, &hash).is_ok(),
            _ => {
                // Whether there is such an account must not show in how long the answer takes.
                let spent = Argon2::default().hash_password(bytes);
                drop(spent);
                false
            }
        }
    })
    .await
}

async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = AT_WORK.acquire().await.map_err(|e| Error::Internal(e.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(format!("hashing failed: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_holds_for_its_password_alone() {
        let hash = hash("correct horse battery".into()).await.expect("hashes");
        assert!(hash.expose_secret().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "OWASP's first choice");
        assert!(matches("correct horse battery".into(), Some(hash.clone())).await.expect("looks"));
        assert!(!matches("correct horse batterz".into(), Some(hash)).await.expect("looks"));
        assert!(!matches("correct horse battery".into(), None).await.expect("looks"));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &str| fault(&text.into(), "ada.byron@acme.example", "Ada Byron");
        assert!(fault("short").is_some_and(|f| f.contains("15 characters") && f.contains("are 5")));
        assert!(fault("aaaaaaaaaaaaaaaaaaaa").is_some() && fault("Ada.Byron@acme.example").is_some());
        assert!(fault(&"x1y2z".repeat(50)).is_some());
        assert_eq!(fault("correct horse battery"), None);
    }
}
