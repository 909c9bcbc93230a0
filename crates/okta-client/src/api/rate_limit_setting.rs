//! What the org does about its rate limits.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// Whether administrators are told when a limit is near or passed.
    AdminNotifications {
        /// See above.
        enabled: flag "/notificationsEnabled",
    }
}

view! {
    /// What happens to a client of browser endpoints that asks too often.
    PerClient {
        /// `ENFORCE`, `PREVIEW` or `DISABLE`.
        default_mode: text "/defaultMode",
    }
}

view! {
    /// From which share of a bucket on Okta warns.
    WarningThreshold {
        /// In percent, 30 to 90.
        percent: number "/warningThreshold",
    }
}

/// Whether administrators are told.
///
/// Bucket `rate-limit-settings`. Who may read it is not documented [inf: organization administrators]; scope
/// `okta.rateLimits.read` [spec]. [rec]
#[must_use]
pub fn admin_notifications() -> List<AdminNotifications> {
    Listing::new("/api/v1/rate-limit-settings/admin-notifications", &[], Items::One).of()
}

/// What happens to a client that asks too often.
///
/// As [`admin_notifications`]. [rec]
#[must_use]
pub fn per_client() -> List<PerClient> {
    Listing::new("/api/v1/rate-limit-settings/per-client", &[], Items::One).of()
}

/// From which share on Okta warns.
///
/// As [`admin_notifications`]. [rec]
#[must_use]
pub fn warning_threshold() -> List<WarningThreshold> {
    Listing::new("/api/v1/rate-limit-settings/warning-threshold", &[], Items::One).of()
}
