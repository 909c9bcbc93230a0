//! Security events providers: who may tell Okta by Shared Signals that somebody is at risk (Identity Engine).

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A provider.
    SecurityEventsProvider {
        /// `sse…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Free text, such as `okta`.
        kind: text "/type",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// Who signs.
        issuer: text "/settings/issuer",
        /// Where its keys are.
        jwks_url: text "/settings/jwks_url",
        /// Where its metadata is, instead.
        well_known_url: text "/settings/well_known_url",
    }
}

/// Every provider. 401 `E0000015` ([`Error::NotLicensed`](crate::Error::NotLicensed)) where the org does not have the
/// product [spec lists a 401].
///
/// Not paged [spec]. Bucket `security-events-providers`. Permission: none is documented; scope
/// `okta.securityEventsProviders.read` [spec]. Only single providers were recorded.
#[must_use]
pub fn list() -> List<SecurityEventsProvider> {
    Listing::new("/api/v1/security-events-providers", &[], Items::Array).of()
}

/// One provider.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(provider_id: &str) -> List<SecurityEventsProvider> {
    let route = "/api/v1/security-events-providers/{securityEventProviderId}";
    Listing::new(route, &[provider_id], Items::One).of()
}
