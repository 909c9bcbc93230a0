//! Who owns a group: owners may change its members without holding an admin role.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Key, Odd, RelCode, Relation};
use transom_store::{Selector, Target};

use super::group::GROUP;
use super::user::USER;
use super::{Declares, id, link, text};
use crate::dataset::{Dataset, Over, Right, Tier};

/// User or group → the group it owns.
pub const GROUP_OWNER: Relation = Relation {
    code: RelCode(40),
    name: "group_owner",
    what: "The user, or each member of the group, owns the group.",
    from: &["user", "group"],
    to: &["group"],
    attr: Some("0 of Okta's directory, 1 imported from an app"),
    listed: true,
    has_doc: true,
    columns: &[
        Column::text("display_name", "/displayName", "The owner's name."),
        Column::text("origin_type", "/originType", "OKTA_DIRECTORY or APPLICATION."),
        Column::text("resolved", "/resolved", "Whether an imported owner was found in the org.")
            .typed(ColumnType::Boolean),
    ],
    ..Relation::USUAL
};

/// A group that was deleted after it was listed has no owners.
fn group_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "group_owner",
    title: "Group owners",
    used_for: "find people who decide over a group's members without being administrators",
    without: "who may put people into a group stays partly unknown",
    right: Right {
        permission: Some("okta.groups.read"),
        console: "View groups and their details",
        scope: "okta.groups.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    tier: Tier::Deep,
    // Groups from a directory are owned there; built-in ones by nobody.
    over: Over::Each(Selector::Facet {
        kind: GROUP.code,
        name: "type",
        value: Some("OKTA_GROUP"),
        or_unknown: true,
        or_parent_of: None,
    }),
    after: &["group", "user"],
    target: Target::Into(GROUP_OWNER.code),
    parts: |group| vec![api::group_owner::list(group.okta_id).into_listing()],
    read: |item, scope, page| {
        let kind = match text(item, "/type") {
            Some("USER") => Some(&USER),
            Some("GROUP") => Some(&GROUP),
            _ => None,
        };
        if let (Some(_), None) = (id(item), kind) {
            let why = "group_owner: no USER or GROUP at /type".to_owned();
            return page.odd.push(Odd { why, doc: item.clone() });
        }
        let ends = id(item).zip(kind);
        let ends = ends.map(|(owner, kind)| (Key::root(kind, owner), Key::root(&GROUP, scope.okta_id)));
        let attr = i32::from(text(item, "/originType") == Some("APPLICATION"));
        link(&GROUP_OWNER, ends, attr, Some(item), item, page);
    },
    none: group_gone,
    assumed: &["Only groups made in Okta have owners in Okta."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&GROUP_OWNER], datasets: &[&DATASET] };
