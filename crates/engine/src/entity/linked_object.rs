//! Linked objects: the relations between users that the org defined.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// The definition of a relation between users.
pub const LINKED_OBJECT: Kind = Kind {
    code: KindCode(43),
    name: "linked_object",
    title: "Linked object definition",
    what: "A relation between users that the org defined, such as manager and subordinate.",
    id: "/primary/name",
    name_at: &["/primary/title", "/primary/name"],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("primary_name", "/primary/name", "The one side: one to many."),
        Column::text("associated_name", "/associated/name", "The other side."),
        Column::text("associated_title", "/associated/title", "The other side's title."),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "linked_object",
    title: "Linked object definitions",
    used_for: "know which relations between users the org keeps, such as who manages whom",
    without: "the org's own relations between users stay unknown",
    right: Right {
        permission: Some("okta.apps.manage"),
        console: "Manage applications",
        scope: "okta.linkedObjects.read",
        read_only_admin: false,
        evidence: Evidence::Documented,
    },
    target: Target::Children(LINKED_OBJECT.code),
    parts: |_| vec![api::linked_object::list().into_listing()],
    read: |item, scope, page| {
        object(&LINKED_OBJECT, &[], item, scope, page);
    },
    again: Some(|name| api::linked_object::get(name).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&LINKED_OBJECT], relations: &[], datasets: &[&DATASET] };
