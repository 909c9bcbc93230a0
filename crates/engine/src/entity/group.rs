//! Groups, with the statistics that say where members, apps and admin rights can exist.

use okta_client::api;
use serde_json::Value;
use transom_core::{Column, ColumnType, Evidence, Key, Kind, KindCode, Link, RelCode, Relation, Shape};
use transom_store::{Selector, Target};

use super::admin::ADMIN_GROUP;
use super::app::APP;
use super::org::ORG;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Over, Right, Scope, Sight};

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
    // Okta recounts these at every read, and leaves them out where that takes too long: a new member, or a number that
    // is not there, is no change of the group.
    volatile: &["/_embedded/stats", "/lastMembershipUpdated"],
    decides: &[("/source/id", Shape::Text)],
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

/// Group → org, with what Okta's statistics say is below the group. An edge, and not the document's own count, so
/// that groups can be selected by it: a change of that count alone is no change of the group, and rewrites the document
/// without history.
pub const GROUP_BELOW: Relation = Relation {
    code: RelCode(200),
    name: "group_below",
    what: "What Okta's statistics say is below the group: it saves the calls that would find nothing.",
    from: &["group"],
    to: &["org"],
    attr: Some("1 members, 2 apps, 3 both or not known, 0 neither"),
    listed: true,
    ..Relation::USUAL
};

/// [`GROUP_BELOW`]: the group has members.
const MEMBERS: i32 = 1;
/// [`GROUP_BELOW`]: the group is assigned to apps.
const APPS: i32 = 2;

/// What is below the group, by its statistics; without them everything may be.
fn below(group: &Value) -> i32 {
    let some = |count: &str| {
        let n = group.pointer("/_embedded/stats").and_then(|stats| stats.get(count)).and_then(Value::as_u64);
        n.is_none_or(|n| n > 0)
    };
    i32::from(some("usersCount")) * MEMBERS + i32::from(some("appsCount")) * APPS
}

/// Every group, with what is below it.
pub(super) const EVERY_GROUP: Over = Over::Each(Selector::Marked { kind: GROUP.code, rel: GROUP_BELOW.code });

/// Whether the group of a listing can have members.
pub(super) fn may_have_members(group: &Scope<'_>) -> bool {
    group.mark.is_none_or(|mark| mark & MEMBERS != 0)
}

/// Whether the group of a listing can be assigned to apps.
pub(super) fn may_have_apps(group: &Scope<'_>) -> bool {
    group.mark.is_none_or(|mark| mark & APPS != 0)
}

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
        permission: Some("okta.groups.read"),
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
        let src = group.key.clone();
        let dst = Key::root(&ORG, scope.org);
        page.links.push(Link { rel: GROUP_BELOW.code, src, dst, attr: below(item), doc: None });
    },
    again: Some(|id| api::group::get(id).into_listing()),
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&GROUP], relations: &[&GROUP_SOURCE, &GROUP_BELOW], datasets: &[&DATASET] };

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_statistics_say_is_below_a_group() {
        let of = |stats: Value| below(&json!({"id": "00g1", "_embedded": {"stats": stats}}));
        assert_eq!(of(json!({"usersCount": 3, "appsCount": 0})), MEMBERS);
        assert_eq!(of(json!({"usersCount": 0, "appsCount": 1})), APPS);
        assert_eq!(of(json!({"usersCount": 0, "appsCount": 0})), 0);
        assert_eq!(of(json!({})), MEMBERS + APPS, "what is not counted must be asked for");
        assert_eq!(below(&json!({"id": "00g1"})), MEMBERS + APPS);
        let scope = |mark| Scope { mark, ..Scope::of_org("00o1") };
        assert!(may_have_members(&scope(None)) && may_have_members(&scope(Some(MEMBERS))));
        assert!(!may_have_members(&scope(Some(APPS))) && !may_have_apps(&scope(Some(MEMBERS))));
    }
}
