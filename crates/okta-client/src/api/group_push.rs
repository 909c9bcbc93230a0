//! Group push: which groups an app is kept in step with.

use crate::listing::{Items, List, Listing};
use crate::view::view;

view! {
    /// A mapping of a group to its copy in the app.
    GroupPush {
        /// `gPm…`.
        id: id "/id",
        /// `ACTIVE`, `INACTIVE` or `ERROR`.
        status: text "/status",
        /// The group that is pushed.
        source_group_id: text "/sourceGroupId",
        /// The app's group it is pushed to.
        target_group_id: text "/targetGroupId",
        /// Why the last push failed.
        error_summary: text "/errorSummary",
        /// The last push.
        last_push: time "/lastPush",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

/// The group push mappings of an app. 404 where group push is not set up [hound].
///
/// Page 100 / 1000 → 200 [spec]. Bucket `apps`. Permissions `okta.apps.read` and `okta.groups.read` [inf], scopes of the
/// same names [spec]. [rec]
#[must_use]
pub fn list(app_id: &str) -> List<GroupPush> {
    Listing::new("/api/v1/apps/{appId}/group-push/mappings", &[app_id], Items::Array).limit(200, 20).of()
}
