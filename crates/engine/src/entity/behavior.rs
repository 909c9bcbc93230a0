//! Behaviors: what counts as unlike a person.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A behavior.
pub const BEHAVIOR: Kind = Kind {
    code: KindCode(65),
    name: "behavior",
    title: "Behavior",
    what: "What counts as unlike a person: a new place, device or address, or being in two places too soon.",
    // Okta writes both as 2025-08-25 08:25:43.0 [rec], which is no time that can be compared.
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "ANOMALOUS_LOCATION, ANOMALOUS_DEVICE, ANOMALOUS_IP, ANOMALOUS_ASN or VELOCITY.").faceted(),
        Column::text("settings", "/settings", "How much is remembered, how far is far.").typed(ColumnType::Json),
        Column::text("created_text", "/created", "When it was made, as Okta writes it."),
        Column::text("updated_text", "/lastUpdated", "When it changed last, as Okta writes it."),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "behavior",
    title: "Behaviors",
    used_for: "know what the behaviors that policies ask about stand for",
    without: "policies that ask about behavior can't be judged",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.behaviors.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(BEHAVIOR.code),
    parts: |_| vec![api::behavior::list().into_listing()],
    read: |item, scope, page| {
        object(&BEHAVIOR, &[], item, scope, page);
    },
    again: Some(|id| api::behavior::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&BEHAVIOR], relations: &[], datasets: &[&DATASET] };
