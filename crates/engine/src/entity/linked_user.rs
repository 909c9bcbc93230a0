//! Whom users are linked to, in the relations that the org defined: a call a user and definition, so only when asked for.

use okta_client::{Error, api};
use transom_core::{Column, Evidence, Kind, KindCode, Odd, RelCode, Relation};
use transom_store::{Selector, Target};

use super::linked_object::LINKED_OBJECT;
use super::user::USER;
use super::{Declares, last_segment, object_as, out};
use crate::dataset::{Dataset, Over, Right, Sight, Tier};

/// Whom a user is linked to in one relation, under the user; it goes by the name of the relation's one side, of which a
/// user has one at most [docs].
pub const LINKED_USER: Kind = Kind {
    code: KindCode(89),
    name: "linked_user",
    title: "Linked user",
    what: "Who a user's primary is in a relation that the org defined, such as the user's manager.",
    parents: &["user"],
    name_at: &[],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[Column::text("href", "/_links/self/href", "The primary's address, which ends in the user's id.")],
    ..Kind::USUAL
};

/// Linked user → the user who is the primary.
pub const LINK_PRIMARY: Relation = Relation {
    code: RelCode(81),
    name: "link_primary",
    what: "The user is the primary in the relation, such as the manager.",
    from: &["linked_user"],
    to: &["user"],
    ..Relation::USUAL
};

/// Linked user → the relation's definition.
pub const LINK_DEFINITION: Relation = Relation {
    code: RelCode(82),
    name: "link_definition",
    what: "The link is one of the relation so defined.",
    from: &["linked_user"],
    to: &["linked_object"],
    ..Relation::USUAL
};

/// A user who was deleted after being listed is linked to nobody, and neither is anybody by a definition that is gone.
fn gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "linked_user",
    title: "Linked users",
    used_for: "know who is whose manager, or whatever else users are to each other in the org",
    without: "who answers for whom stays unknown where the org keeps it as links",
    right: Right {
        permission: Some("okta.users.read"),
        console: "View users and their details",
        scope: "okta.users.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    tier: Tier::OnDemand,
    // Also of those who left: whether Okta takes their links away is nowhere said.
    over: Over::Each(Selector::Kind { kind: USER.code, status: None, status_not: None }),
    // By the primary's name: each link then shows once.
    per: Some("linked_object"),
    after: &["user", "linked_object"],
    target: Target::Children(LINKED_USER.code),
    parts: |user| {
        let of = |name: &&str| api::linked_object::of_user(user.okta_id, name).into_listing();
        user.per.iter().map(of).collect()
    },
    read: |item, scope, page| {
        let mut odd = |why: &str| page.odd.push(Odd { why: format!("Linked user: {why}"), doc: item.clone() });
        let Some(primary) = last_segment(item.pointer("/_links/self/href")) else {
            return odd("no id at /_links/self/href");
        };
        let Some(name) = scope.per_of_part() else { return odd("of no relation that was asked for") };
        if page.objects.iter().any(|o| o.key.okta_id == name) {
            return odd("a second primary in one relation");
        }
        let owns = &[LINK_PRIMARY.code, LINK_DEFINITION.code];
        let link = object_as(&LINKED_USER, name.to_owned(), owns, item, scope, page);
        link.out = vec![out(&LINK_PRIMARY, &USER, primary), out(&LINK_DEFINITION, &LINKED_OBJECT, name)];
    },
    none: gone,
    sight: Sight::Administered,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares {
    kinds: &[&LINKED_USER],
    relations: &[&LINK_PRIMARY, &LINK_DEFINITION],
    datasets: &[&DATASET],
};
