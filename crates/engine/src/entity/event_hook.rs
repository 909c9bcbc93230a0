//! Event hooks: where Okta sends events to as they happen.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right};

/// An event hook.
pub const EVENT_HOOK: Kind = Kind {
    code: KindCode(75),
    name: "event_hook",
    title: "Event hook",
    what: "An address outside that Okta sends events to as they happen. What authenticates Okta there is never kept.",
    columns: &[
        Column::text("verification", "/verificationStatus", "VERIFIED once its owner proved to have the address.").faceted(),
        Column::text("uri", "/channel/config/uri", "Where to.").searched(),
        Column::text("auth_type", "/channel/config/authScheme/type", "HEADER, or empty where Okta doesn't authenticate itself.").faceted(),
        Column::text("auth_header", "/channel/config/authScheme/key", "The header that authenticates Okta."),
        Column::text("events", "/events/items", "The event types it is sent.").typed(ColumnType::Json),
        Column::text("created_by", "/createdBy", "The user who made it."),
    ],
    decides: &[("/createdBy", Shape::Text)],
    ..Kind::USUAL
};

/// Event hook → who made it.
pub const HOOK_CREATOR: Relation = Relation {
    code: RelCode(75),
    name: "hook_creator",
    what: "The hook was made by the user.",
    from: &["event_hook"],
    to: &["user"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "event_hook",
    title: "Event hooks",
    used_for: "see where events of the org are sent to",
    without: "addresses outside that get the org's events stay out of sight",
    right: Right {
        permission: Some("okta.eventhooks.read"),
        console: "View event hooks",
        scope: "okta.eventHooks.read",
        read_only_admin: true,
        evidence: Evidence::Practice,
    },
    target: Target::Children(EVENT_HOOK.code),
    parts: |_| vec![api::event_hook::list().into_listing()],
    read: |item, scope, page| {
        let Some(hook) = object(&EVENT_HOOK, &[HOOK_CREATOR.code], item, scope, page) else { return };
        if let Some(creator) = text(item, "/createdBy") {
            hook.out.push(out(&HOOK_CREATOR, &USER, creator));
        }
    },
    again: Some(|id| api::event_hook::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&EVENT_HOOK], relations: &[&HOOK_CREATOR], datasets: &[&DATASET] };
