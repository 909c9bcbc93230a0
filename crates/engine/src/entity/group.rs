//! Groups, with the statistics that say where members, apps and admin rights can exist.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation};
use transom_store::Target;

use super::admin::ADMIN_GROUP;
use super::app::APP;
use super::org::ORG;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right, Sight};

/// A group.
pub const GROUP: Kind = Kind {
    code: KindCode(3),
    name: "group",
    title: "Group",
    what: "A set of users: made in Okta, imported from an app or directory, or built in (Everyone).",
    name_at: &["/profile/name"],
    status_at: None,
    columns: &[
        Column::text("description", "/profile/description", "What the group is for."),
        Column::text("type", "/type", "OKTA_GROUP, APP_GROUP or BUILT_IN.").faceted(),
        Column::text("source_id", "/source/id", "The app that masters an APP_GROUP."),
        Column::text("last_membership_updated", "/lastMembershipUpdated", "When members last changed.")
            .typed(ColumnType::Time),
        Column::text("users_count", "/_embedded/stats/usersCount", "Okta's own count of members.")
            .typed(ColumnType::Integer),
        Column::text("apps_count", "/_embedded/stats/appsCount", "Okta's own count of apps.")
            .typed(ColumnType::Integer),
    ],
    // Okta recounts these at every read; a new member is not a change of the group.
    volatile: &[
        "/_embedded/stats/usersCount",
        "/_embedded/stats/appsCount",
        "/_embedded/stats/groupPushMappingsCount",
        "/lastMembershipUpdated",
    ],
    ..Kind::USUAL
};

/// APP_GROUP → the app that masters it.
pub const GROUP_SOURCE: Relation = Relation {
    code: RelCode(8),
    name: "group_source",
    what: "The group is mastered by the app.",
    from: &["group"],
    to: &["app"],
    view: true,
    ..Relation::USUAL
};

/// Whether the group can hold an admin role: Okta's flag (whose documented name is misspelt, so both are read);
/// without statistics it is unknown, and unknown must be asked.
fn may_hold_roles(group: &Value) -> bool {
    let Some(stats) = group.pointer("/_embedded/stats") else { return true };
    match stats.get("hasAdminPrivilege").or_else(|| stats.get("hasAdminPrivlege")) {
        Some(flag) => flag.as_bool().unwrap_or(true),
        None => true,
    }
}

static DATASET: Dataset = Dataset {
    name: "group",
    title: "Groups",
    used_for: "know which sets of users exist and what they are for",
    without: "access through groups can't be explained",
    right: Right {
        permission: "okta.groups.read",
        console: "View groups and their details",
        scope: "okta.groups.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    target: Target::Children(GROUP.code),
    parts: |_| vec![api::group::list().into_listing()],
    read: |item, scope, page| {
        let Some(group) = object(&GROUP, &[ADMIN_GROUP.code, GROUP_SOURCE.code], item, scope, page) else { return };
        if let Some(app) = text(item, "/source/id") {
            group.out.push(out(&GROUP_SOURCE, &APP, app));
        }
        if may_hold_roles(item) {
            group.out.push(out(&ADMIN_GROUP, &ORG, scope.org));
        }
    },
    again: Some(|id| api::group::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&GROUP], relations: &[&GROUP_SOURCE], datasets: &[&DATASET] };
