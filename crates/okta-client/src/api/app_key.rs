//! Public keys of an app: what it signs with, and what its OAuth client proves itself with.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A signing key of an app, with its certificate. Only the public part is ever sent [spec].
    AppKey {
        /// Key id; apps can share a key, so it is unique below an app only.
        kid: id "/kid",
        /// `RSA`.
        kty: text "/kty",
        /// `sig`.
        usage: text "/use",
        /// The certificate chain.
        x5c: texts "/x5c",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
        /// When its certificate ends.
        expires_at: time "/expiresAt",
    }
}

view! {
    /// A public key that an OAuth client has registered.
    AppJwk {
        /// `pks…`.
        id: id "/id",
        /// Key id; may be null [spec].
        kid: text "/kid",
        /// `RSA` or `EC`.
        kty: text "/kty",
        /// `sig` or `enc`; only encryption keys need say [spec].
        usage: text "/use",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// When it was registered.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The signing keys of an app, in use and not.
///
/// Not paged. Bucket `apps`. Permission `okta.apps.read` or `okta.apps.clientCredentials.read` [inf], scope
/// `okta.apps.read` [spec]. [rec]
#[must_use]
pub fn list(app_id: &str) -> List<AppKey> {
    Listing::new("/api/v1/apps/{appId}/credentials/keys", &[app_id], Items::Array).of()
}

/// The keys that an OAuth client has registered.
///
/// Not paged; never recorded. Bucket, permission and scope as [`list`] [spec].
#[must_use]
pub fn jwks(app_id: &str) -> List<AppJwk> {
    Listing::new("/api/v1/apps/{appId}/credentials/jwks", &[app_id], Items::Array).of()
}
