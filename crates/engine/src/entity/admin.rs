//! Who can hold an admin role: the users Okta lists as assignees, and the groups whose statistics say so.
//! It keeps role assignments from costing a call for every user and group.

use okta_client::api;
use transom_core::{Evidence, Key, Relation, RelCode};
use transom_store::Target;

use super::org::ORG;
use super::user::USER;
use super::{Declares, id, link};
use crate::dataset::{Dataset, Right};

/// User → org: the user holds an admin role, directly or through a group.
pub const ADMIN_USER: Relation = Relation {
    code: RelCode(6),
    name: "admin_user",
    what: "The user holds an admin role in the org, directly or through a group.",
    from: &["user"],
    to: &["org"],
    listed: true,
    view: true,
    ..Relation::USUAL
};

/// Group → org: the group holds an admin role, or may (no statistics).
pub const ADMIN_GROUP: Relation = Relation {
    code: RelCode(7),
    name: "admin_group",
    what: "The group holds an admin role in the org, or may: Okta's statistics do not rule it out.",
    from: &["group"],
    to: &["org"],
    view: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "admin_user",
    title: "Users with admin roles",
    used_for: "find every administrator with one call instead of one per user",
    without: "nobody can say who administers the org",
    right: Right {
        permission: Some("okta.iam.read"),
        console: "View roles, resources, and admin assignments",
        scope: "okta.roles.read",
        read_only_admin: false,
        evidence: Evidence::Practice,
    },
    target: Target::Into(ADMIN_USER.code),
    parts: |_| vec![api::role_assignment::assignees().into_listing()],
    read: |item, scope, page| {
        let ends = id(item).map(|user| (Key::root(&USER, user), Key::root(&ORG, scope.org)));
        link(&ADMIN_USER, ends, 0, None, item, page);
    },
    assumed: &["Users whose only admin role comes through a group may be missing here; the group's own roles show them."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[], relations: &[&ADMIN_USER, &ADMIN_GROUP], datasets: &[&DATASET] };
