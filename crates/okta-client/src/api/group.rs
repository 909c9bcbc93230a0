//! Groups and their members.

use crate::api::app::App;
use crate::api::user::User;
use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A group.
    Group {
        /// `00g…`.
        id: id "/id",
        /// Who keeps its members.
        kind: [GroupType] "/type",
        /// Name.
        name: text "/profile/name",
        /// Description.
        description: text "/profile/description",
        /// All profile attributes.
        profile: value "/profile",
        /// What it is to the application it came from, such as `okta:windows_security_principal`.
        object_class: texts "/objectClass",
        /// The app that keeps it, for `APP_GROUP`.
        source_app_id: text "/source/id",
        /// When it was made.
        created: time "/created",
        /// Last change of its profile.
        last_updated: time "/lastUpdated",
        /// Last change of its members.
        last_membership_updated: time "/lastMembershipUpdated",
        /// Members, with `expand=stats`.
        users_count: number "/_embedded/stats/usersCount",
        /// Apps assigned, with `expand=stats`.
        apps_count: number "/_embedded/stats/appsCount",
        /// Group push mappings, with `expand=stats`.
        group_push_mappings_count: number "/_embedded/stats/groupPushMappingsCount",
        /// Whether it gives an admin role, with `expand=stats`.
        has_admin_privilege: flag "/_embedded/stats/hasAdminPrivilege",
    }
}

open_enum! {
    /// Who keeps a group's members [spec].
    GroupType {
        /// An application or directory.
        AppGroup = "APP_GROUP",
        /// Okta: Everyone, and the like.
        BuiltIn = "BUILT_IN",
        /// Admins and rules.
        OktaGroup = "OKTA_GROUP",
    }
}

/// Every group, with its numbers (`expand=stats`), which tell what need not be asked for: where they take too long,
/// everything is.
///
/// Page 10000 in the spec, 200 "for most orgs" [docs] → 200. Bucket `groups`. Permission `okta.groups.read` [inf],
/// scope `okta.groups.read` [spec]. [rec] without stats
#[must_use]
pub fn list() -> List<Group> {
    Listing::new("/api/v1/groups", &[], Items::Array).spare("expand", "stats").limit(200, 25).of()
}

/// Groups whose profile or members changed after `since`, with their numbers [docs].
///
/// Page, bucket, permission and scope as [`list`].
#[must_use]
pub fn list_updated_since(since: jiff::Timestamp) -> List<Group> {
    let filter = format!(r#"lastUpdated gt "{since:.3}" or lastMembershipUpdated gt "{since:.3}""#);
    let listing = Listing::new("/api/v1/groups", &[], Items::Array);
    listing.query("filter", filter).spare("expand", "stats").limit(200, 25).of()
}

/// One group.
///
/// Bucket `groups/{id}`. Permission and scope as [`list`]. [rec]
#[must_use]
pub fn get(group_id: &str) -> List<Group> {
    Listing::new("/api/v1/groups/{groupId}", &[group_id], Items::One).of()
}

/// A group's members, as whole users.
///
/// Page 1000 / 1000 → 1000, down to 50 when Okta is slow ("200 recommended" [docs]). Bucket `groups`. Permission
/// `okta.groups.read` and `okta.users.read` [inf], scope `okta.groups.read` [spec]. [rec]
#[must_use]
pub fn members(group_id: &str) -> List<User> {
    Listing::new("/api/v1/groups/{groupId}/users", &[group_id], Items::Array).limit(1000, 50).of()
}

/// The apps a group is assigned to, as whole apps: not the assignments, which have a priority and a profile.
///
/// Page 20 / not stated [spec] → 200. Bucket `groups` [rec 500]. Permission `okta.groups.read` and `okta.apps.read` [inf],
/// scope `okta.groups.read` [spec]. [rec]
pub fn apps(group_id: &str) -> List<App> {
    Listing::new("/api/v1/groups/{groupId}/apps", &[group_id], Items::Array).limit(200, 20).of()
}
