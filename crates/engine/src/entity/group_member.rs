//! Members of groups, group by group: one call for a thousand members instead of one for every user.

use okta_client::{Error, api};
use transom_core::{Evidence, Key, RelCode, Relation};
use transom_store::{Selector, Target};

use super::group::GROUP;
use super::user::USER;
use super::{Declares, id, link};
use crate::dataset::{Dataset, Over, Right, Sight};

/// User → group.
pub const GROUP_MEMBER: Relation = Relation {
    code: RelCode(1),
    name: "group_member",
    what: "The user is a member of the group.",
    from: &["user"],
    to: &["group"],
    view: true,
    ..Relation::USUAL
};

/// A group that was deleted after it was listed has no members.
fn group_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "group_member",
    title: "Group members",
    used_for: "know who is in which group",
    without: "access through groups can't be resolved to people",
    right: Right {
        permission: "okta.groups.read",
        console: "View groups and their details",
        scope: "okta.groups.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    over: Over::Each(Selector::Kind { kind: GROUP.code, status: None, status_not: None }),
    after: &["group"],
    target: Target::Into(GROUP_MEMBER.code),
    parts: |group| vec![api::group::members(group.okta_id).into_listing()],
    read: |item, scope, page| {
        let ends = id(item).map(|user| (Key::root(&USER, user), Key::root(&GROUP, scope.okta_id)));
        link(&GROUP_MEMBER, ends, 0, None, item, page);
    },
    none: group_gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[], relations: &[&GROUP_MEMBER], datasets: &[&DATASET] };
