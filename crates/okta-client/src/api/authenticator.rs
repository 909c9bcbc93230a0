//! Authenticators: the ways of signing in that the org offers (Identity Engine).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An authenticator.
    Authenticator {
        /// `aut…`.
        id: id "/id",
        /// What it is: `okta_password`, `webauthn`, `phone_number` and so on.
        key: text "/key",
        /// The kind of thing: `app`, `email`, `password`, `phone`, `security_key`, `security_question` and so on.
        kind: text "/type",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `any`, `recovery`, `sso` or `none`, for those that can serve more than one end.
        allowed_for: text "/settings/allowedFor",
        /// Its settings.
        settings: value "/settings",
        /// The app that carries it out, for those that are an app of the org's.
        app_id: text "/settings/appInstanceId",
        /// The outside service behind it, such as `DEL_OATH` or `PUSH`.
        provider: text "/provider/type",
        /// The app that speaks to that service.
        provider_app_id: text "/provider/configuration/instanceId",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

view! {
    /// A method of an authenticator: what of it is really used.
    AuthenticatorMethod {
        /// `sms`, `push`, `webauthn` and so on; its identity below its authenticator.
        kind: id "/type",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Its settings.
        settings: value "/settings",
        /// `DISCOURAGED`, `PREFERRED` or `REQUIRED`, for keys and biometrics.
        user_verification: text "/settings/userVerification",
        /// Where keys may be kept, for Okta Verify: `ANY` or `HARDWARE`.
        key_protection: text "/settings/keyProtection",
    }
}

/// Every authenticator, used or not.
///
/// Not paged [spec]. Bucket `authenticators`. Permission: none is documented, and whether read-only administrators see
/// them is not known; scope `okta.authenticators.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Authenticator> {
    Listing::new("/api/v1/authenticators", &[], Items::Array).of()
}

/// One authenticator.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(authenticator_id: &str) -> List<Authenticator> {
    Listing::new("/api/v1/authenticators/{authenticatorId}", &[authenticator_id], Items::One).of()
}

/// The methods of an authenticator.
///
/// Not paged [spec]. Bucket, permission and scope as [`list`]. [rec]
#[must_use]
pub fn methods(authenticator_id: &str) -> List<AuthenticatorMethod> {
    let route = "/api/v1/authenticators/{authenticatorId}/methods";
    Listing::new(route, &[authenticator_id], Items::Array).of()
}
