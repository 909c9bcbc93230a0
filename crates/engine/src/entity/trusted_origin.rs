//! Trusted origins: whose pages may use people's sessions.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A trusted origin.
pub const TRUSTED_ORIGIN: Kind = Kind {
    code: KindCode(69),
    name: "trusted_origin",
    title: "Trusted origin",
    what: "A website whose pages may call Okta with people's sessions, be sent people back, or show Okta in a frame.",
    columns: &[
        Column::text("origin", "/origin", "Scheme, host and port.").searched(),
        Column::text("scopes", "/scopes", "What it may do: CORS, REDIRECT, IFRAME_EMBED.").typed(ColumnType::Json).faceted(),
        Column::text("created_by", "/createdBy", "The user who made it."),
        Column::text("last_updated_by", "/lastUpdatedBy", "The user who changed it last."),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "trusted_origin",
    title: "Trusted origins",
    used_for: "find websites that may use people's sessions and should not",
    without: "websites that may use people's sessions stay out of sight",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.trustedOrigins.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(TRUSTED_ORIGIN.code),
    parts: |_| vec![api::trusted_origin::list().into_listing()],
    read: |item, scope, page| {
        object(&TRUSTED_ORIGIN, &[], item, scope, page);
    },
    again: Some(|id| api::trusted_origin::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&TRUSTED_ORIGIN], relations: &[], datasets: &[&DATASET] };
