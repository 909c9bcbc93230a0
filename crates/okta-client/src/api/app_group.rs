//! Which groups have an app.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A group's assignment to an app. Its id is the group's.
    AppGroup {
        /// The group's id, `00g…`.
        id: id "/id",
        /// Which of several groups decides a user's attributes; 0 goes first.
        priority: number "/priority",
        /// Attributes given to its members.
        profile: value "/profile",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// Every group that has an app.
///
/// Page 20 / 200 → 200 [spec]. Bucket `apps`. Permission `okta.apps.read` [inf], scope `okta.apps.read` [spec]. [rec]
#[must_use]
pub fn list(app_id: &str) -> List<AppGroup> {
    Listing::new("/api/v1/apps/{appId}/groups", &[app_id], Items::Array).limit(200, 20).of()
}

/// One group's assignment.
///
/// Bucket `apps`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(app_id: &str, group_id: &str) -> List<AppGroup> {
    Listing::new("/api/v1/apps/{appId}/groups/{groupId}", &[app_id, group_id], Items::One).of()
}
