//! Owners of groups (Okta Identity Governance).

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A user or group that owns a group.
    GroupOwner {
        /// The user's or group's id; of an owner from an app it may not be known yet.
        id: id "/id",
        /// Whether a user or a group.
        kind: [GroupOwnerType] "/type",
        /// Name to show.
        display_name: text "/displayName",
        /// `OKTA_DIRECTORY`, or `APPLICATION` for one who was imported.
        origin_type: text "/originType",
        /// The app it was imported from.
        origin_id: text "/originId",
        /// Whether an imported owner was found among the org's own.
        resolved: flag "/resolved",
    }
}

open_enum! {
    /// What owns a group [spec].
    GroupOwnerType { Group = "GROUP", User = "USER" }
}

/// The owners of a group. An org without the product answers 401 `E0000015`
/// ([`Error::NotLicensed`](crate::Error::NotLicensed)) [inf].
///
/// Page 1000 → 1000 [spec], of which 200 are asked for: few groups have as many owners. Bucket `groups`. Permission
/// `okta.groups.read` [inf], scope `okta.groups.read` [spec]. [rec]
#[must_use]
pub fn list(group_id: &str) -> List<GroupOwner> {
    Listing::new("/api/v1/groups/{groupId}/owners", &[group_id], Items::Array).limit(200, 25).of()
}
