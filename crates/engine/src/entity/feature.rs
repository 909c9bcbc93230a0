//! Features: what of Okta's early access and beta is switched on.

use okta_client::api;
use transom_core::{Column, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A feature.
pub const FEATURE: Kind = Kind {
    code: KindCode(84),
    name: "feature",
    title: "Feature",
    what: "A feature in early access or beta that the org can switch on by itself.",
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("stage", "/stage/value", "EA or BETA.").faceted(),
        Column::text("type", "/type", "self-service."),
        Column::text("description", "/description", "What it does."),
    ],
    ..Kind::USUAL
};

/// What Okta opens to no custom role, and to organization administrators by what is known.
pub(super) const fn org_admin(scope: &'static str) -> Right {
    Right {
        permission: None,
        console: "Organization Administrator",
        scope,
        read_only_admin: false,
        evidence: Evidence::Assumed,
    }
}

static DATASET: Dataset = Dataset {
    name: "feature",
    title: "Features",
    used_for: "know which early-access features change how the org behaves",
    without: "which early-access features are on stays unknown",
    right: org_admin("okta.features.read"),
    target: Target::Children(FEATURE.code),
    parts: |_| vec![api::feature::list().into_listing()],
    read: |item, scope, page| {
        object(&FEATURE, &[], item, scope, page);
    },
    again: Some(|id| api::feature::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&FEATURE], relations: &[], datasets: &[&DATASET] };
