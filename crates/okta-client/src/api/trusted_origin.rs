//! Trusted origins: whose pages may call Okta with people's sessions, and be sent people back.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A trusted origin.
    TrustedOrigin {
        /// `tos…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// Scheme, host and port.
        origin: text "/origin",
        /// What it may do: `{"type": "CORS" | "REDIRECT" | "IFRAME_EMBED"}`.
        scopes: list "/scopes",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// The user who made it.
        created_by: text "/createdBy",
        /// The user who changed it last.
        last_updated_by: text "/lastUpdatedBy",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every trusted origin.
///
/// Page 20 / 200 → 200 [spec]. Bucket `trustedOrigins`. Permission: none is documented, and whether read-only
/// administrators see them is not known; scope `okta.trustedOrigins.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<TrustedOrigin> {
    Listing::new("/api/v1/trustedOrigins", &[], Items::Array).limit(200, 25).of()
}

/// One trusted origin.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(origin_id: &str) -> List<TrustedOrigin> {
    Listing::new("/api/v1/trustedOrigins/{trustedOriginId}", &[origin_id], Items::One).of()
}
