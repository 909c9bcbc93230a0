//! CAPTCHAs: what keeps robots from signing in and up (Identity Engine).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A CAPTCHA; an org has one at most [rec]. Its secret key is never sent back [rec].
    Captcha {
        /// `cap…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `HCAPTCHA` or `RECAPTCHA_V2`.
        kind: text "/type",
        /// The public key.
        site_key: text "/siteKey",
    }
}

/// Every CAPTCHA.
///
/// Not paged [spec]. Bucket `captchas`. Permission: none is documented; scope `okta.captchas.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Captcha> {
    Listing::new("/api/v1/captchas", &[], Items::Array).of()
}

/// One CAPTCHA.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(captcha_id: &str) -> List<Captcha> {
    Listing::new("/api/v1/captchas/{captchaId}", &[captcha_id], Items::One).of()
}
