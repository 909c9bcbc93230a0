//! Behavior detection: what counts as unlike a person.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A behavior that policies can ask about.
    Behavior {
        /// `bhv…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `ANOMALOUS_LOCATION`, `ANOMALOUS_DEVICE`, `ANOMALOUS_IP`, `ANOMALOUS_ASN` or `VELOCITY`.
        kind: text "/type",
        /// How much is remembered, how far is far.
        settings: value "/settings",
        /// When it was made: `2025-08-25 08:25:43.0`, which is no RFC 3339 [rec].
        created: text "/created",
        /// Last change, likewise [rec].
        last_updated: text "/lastUpdated",
    }
}

/// Every behavior. Their cursors are names [rec].
///
/// Not sent a page size: the spec gives none. Bucket `behaviors`. Permission: none is documented, and whether read-only
/// administrators see them is not known; scope `okta.behaviors.read` [spec]. Only single behaviors were recorded.
#[must_use]
pub fn list() -> List<Behavior> {
    Listing::new("/api/v1/behaviors", &[], Items::Array).of()
}

/// One behavior.
///
/// Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(behavior_id: &str) -> List<Behavior> {
    Listing::new("/api/v1/behaviors/{behaviorId}", &[behavior_id], Items::One).of()
}
