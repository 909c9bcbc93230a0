//! Who has an app.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A user's assignment to an app. Its id is the user's.
    AppUser {
        /// The user's id, `00u…`.
        id: id "/id",
        /// Whether the assignment is the user's own or a group's.
        scope: [AppUserScope] "/scope",
        /// Where it is in its life.
        status: [AppUserStatus] "/status",
        /// How far the app agrees.
        sync_state: text "/syncState",
        /// Id in the app.
        external_id: text "/externalId",
        /// Name in the app.
        user_name: text "/credentials/userName",
        /// Attributes in the app.
        profile: value "/profile",
        /// The group it comes through, as a URL.
        group: text "/_links/group/href",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
        /// Last change of its status.
        status_changed: time "/statusChanged",
        /// Last synchronisation with the app.
        last_sync: time "/lastSync",
    }
}

open_enum! {
    /// Whose an assignment is [spec].
    AppUserScope { Group = "GROUP", User = "USER" }
}

open_enum! {
    /// State of an assignment [spec].
    AppUserStatus {
        Active = "ACTIVE",
        Approved = "APPROVED",
        Deprovisioned = "DEPROVISIONED",
        Implicit = "IMPLICIT",
        Imported = "IMPORTED",
        Inactive = "INACTIVE",
        Matched = "MATCHED",
        Pending = "PENDING",
        Provisioned = "PROVISIONED",
        Revoked = "REVOKED",
        Staged = "STAGED",
        Suspended = "SUSPENDED",
        Unassigned = "UNASSIGNED",
    }
}

/// Everyone who has an app, by group or directly.
///
/// Page 50 / 500 → 500 [spec]. Bucket `apps`. Permission `okta.apps.read` [inf], scope `okta.apps.read` [spec]. [rec]
#[must_use]
pub fn list(app_id: &str) -> List<AppUser> {
    Listing::new("/api/v1/apps/{appId}/users", &[app_id], Items::Array).limit(500, 50).of()
}

/// One user's assignment.
///
/// Bucket `apps`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(app_id: &str, user_id: &str) -> List<AppUser> {
    Listing::new("/api/v1/apps/{appId}/users/{userId}", &[app_id, user_id], Items::One).of()
}
