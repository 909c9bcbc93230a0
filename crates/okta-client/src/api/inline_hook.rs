//! Inline hooks: whom Okta asks while it signs people in, makes tokens or imports users.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// An inline hook. What authenticates Okta there is never passed on.
    InlineHook {
        /// `cal…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// What it takes part in.
        kind: [InlineHookType] "/type",
        /// Version of the exchange.
        version: text "/version",
        /// `HTTP` or `OAUTH`.
        channel: text "/channel/type",
        /// Where Okta asks.
        uri: text "/channel/config/uri",
        /// How Okta authenticates itself there: `HEADER`; empty for not at all, or by OAuth.
        auth_type: text "/channel/config/authScheme/type",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// What an inline hook takes part in [spec].
    InlineHookType {
        /// Imports of users.
        Import = "com.okta.import.transform",
        /// Tokens of authorization servers.
        Tokens = "com.okta.oauth2.tokens.transform",
        /// SAML assertions.
        Saml = "com.okta.saml.tokens.transform",
        /// Text messages and calls.
        Telephony = "com.okta.telephony.provider",
        /// Passwords that users bring from elsewhere: the hook gets them in the clear.
        PasswordImport = "com.okta.user.credential.password.import",
        /// Self-service registration.
        Registration = "com.okta.user.pre-registration",
    }
}

/// Every inline hook.
///
/// Not paged [spec]. Bucket `inlineHooks`. Permission `okta.inlinehooks.read` [docs], read-only administrators see them
/// [hound]; scope `okta.inlineHooks.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<InlineHook> {
    Listing::new("/api/v1/inlineHooks", &[], Items::Array).of()
}

/// One inline hook.
///
/// Permission and scope as [`list`] [spec]. [rec]
#[must_use]
pub fn get(hook_id: &str) -> List<InlineHook> {
    Listing::new("/api/v1/inlineHooks/{inlineHookId}", &[hook_id], Items::One).of()
}
