//! Members of groups, group by group: one call for a thousand members instead of one for every user. Where there are
//! fewer users than groups, user by user.

use okta_client::{Error, api};
use transom_core::{Evidence, Key, RelCode, Relation};
use transom_store::{Selector, Target};

use super::group::{EVERY_GROUP, GROUP, may_have_members};
use super::user::USER;
use super::{Declares, id, link};
use crate::dataset::{Dataset, Over, Right, Route, Sight, Yields};

/// User → group.
pub const GROUP_MEMBER: Relation = Relation {
    code: RelCode(1),
    name: "group_member",
    what: "The user is a member of the group.",
    from: &["user"],
    to: &["group"],
    listed: true,
    view: true,
    ..Relation::USUAL
};

/// A group that was deleted after it was listed has no members, and such a user is in no group.
fn gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

/// What both ways of reading share.
const EITHER_WAY: Dataset = Dataset {
    name: "group_member",
    title: "Group members",
    used_for: "know who is in which group",
    without: "access through groups can't be resolved to people",
    right: Right {
        permission: Some("okta.groups.read"),
        console: "View groups and their details",
        scope: "okta.groups.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    none: gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

static BY_GROUP: Dataset = Dataset {
    over: EVERY_GROUP,
    routes: &[Route { reading: &BY_USER, yields: Yields::Documents }],
    after: &["group"],
    // Of a member who is not read yet only a mark could be kept, to be written anew: twice the work for each of them.
    awaits: &["user"],
    target: Target::Into(GROUP_MEMBER.code),
    // No call, but an end all the same: what was held of a group that is empty by now is swept.
    parts: |group| match may_have_members(group) {
        // Members come as whole users, which are read elsewhere.
        true => vec![api::group::members(group.okta_id).into_listing().only(&["id"])],
        false => Vec::new(),
    },
    read: |item, scope, page| {
        let ends = id(item).map(|user| (Key::root(&USER, user), Key::root(&GROUP, scope.okta_id)));
        link(&GROUP_MEMBER, ends, 0, None, item, page);
    },
    assumed: &["A group whose statistics count no members has none."],
    ..EITHER_WAY
};

static BY_USER: Dataset = Dataset {
    over: Over::Each(Selector::Kind { kind: USER.code, status: None, status_not: None }),
    after: &["user", "group"],
    target: Target::From(GROUP_MEMBER.code),
    parts: |user| match user.status {
        Some("DEPROVISIONED") => Vec::new(),
        _ => vec![api::user::groups(user.okta_id).into_listing().only(&["id"])],
    },
    read: |item, scope, page| {
        let ends = id(item).map(|group| (Key::root(&USER, scope.okta_id), Key::root(&GROUP, group)));
        link(&GROUP_MEMBER, ends, 0, None, item, page);
    },
    assumed: &["A deactivated user is in no group, so they are not asked for."],
    ..EITHER_WAY
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&GROUP_MEMBER], datasets: &[&BY_GROUP] };
