//! ThreatInsight: what Okta does about addresses that attack its customers.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// The org's one setting.
    ThreatInsight {
        /// `none`, `audit` (log) or `block`.
        action: id "/action",
        /// Network zones it spares.
        exempt_zone_ids: texts "/excludeZones",
        /// When it was first set.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The setting.
///
/// Bucket `threats`. Permission: none is documented, and whether read-only administrators see it is not known; scope
/// `okta.threatInsights.read` [spec]. [rec]
#[must_use]
pub fn get() -> List<ThreatInsight> {
    Listing::new("/api/v1/threats/configuration", &[], Items::One).of()
}
