//! Custom authorization servers (API Access Management).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// An authorization server.
    AuthorizationServer {
        /// `aus…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Description.
        description: text "/description",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Issuer in its tokens.
        issuer: text "/issuer",
        /// `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`.
        issuer_mode: text "/issuerMode",
        /// Audiences in its tokens.
        audiences: texts "/audiences",
        /// Whether it came with the org; not in the spec [rec].
        is_default: flag "/default",
        /// How its signing keys rotate: `AUTO` or `MANUAL`.
        key_rotation: text "/credentials/signing/rotationMode",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every authorization server. 401 `E0000015` ([`Error::NotLicensed`](crate::Error::NotLicensed)) where the org does
/// not have the product [rec].
///
/// Page 200 → 200 [spec]. Bucket `authorizationServers`. Permission `okta.authzServers.read`, scope
/// `okta.authorizationServers.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<AuthorizationServer> {
    Listing::new("/api/v1/authorizationServers", &[], Items::Array).limit(200, 25).of()
}

/// One authorization server.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(server_id: &str) -> List<AuthorizationServer> {
    Listing::new("/api/v1/authorizationServers/{authServerId}", &[server_id], Items::One).of()
}
