//! Features: what of Okta's early access and beta is switched on.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A feature that the org can switch on by itself.
    Feature {
        /// `ftr…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// In a sentence; not in the spec [rec].
        description: text "/description",
        /// `ENABLED` or `DISABLED`.
        status: text "/status",
        /// `self-service`.
        kind: text "/type",
        /// `EA` or `BETA`.
        stage: text "/stage/value",
        /// `OPEN` or `CLOSED` for a beta.
        stage_state: text "/stage/state",
    }
}

/// Every feature.
///
/// Not paged [spec]. Bucket `features`. No custom-role permission; whether read-only administrators see them is not
/// known [inf]; scope `okta.features.read` [spec]. [rec]
#[must_use]
pub fn list() -> List<Feature> {
    Listing::new("/api/v1/features", &[], Items::Array).of()
}

/// One feature.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(feature_id: &str) -> List<Feature> {
    Listing::new("/api/v1/features/{featureId}", &[feature_id], Items::One).of()
}
