//! The sign that a form came from one of our pages: the session's secret, salted anew for every page. Pages are
//! compressed, and what stays the same in them could be guessed from their length (BREACH).

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The value for a form of a page: `salt` differs from page to page.
pub(crate) fn mark(secret: &str, salt: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(".").chain_update(secret).finalize();
    digest.iter().fold(format!("{salt}."), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether `value` is a mark of this secret. Compared by digest, so that how far it is right does not show in time.
pub(crate) fn holds(secret: &str, value: &str) -> bool {
    let Some((salt, _)) = value.split_once('.') else { return false };
    Sha256::digest(mark(secret, salt)) == Sha256::digest(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_secret_and_differs_from_page_to_page() {
        let (one, two) = (mark("s", "1"), mark("s", "2"));
        assert_ne!(one[2..], two[2..]);
        assert!(holds("s", &one) && holds("s", &two) && !holds("t", &one));
        assert!(!holds("s", "") && !holds("s", "1.") && !holds("s", &one[..one.len() - 1]));
    }
}
