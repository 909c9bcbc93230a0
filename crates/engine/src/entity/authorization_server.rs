//! Authorization servers of API Access Management.

use okta_client::{Error, api};
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::{Selector, Target};

use super::{Declares, object};
use crate::dataset::{Dataset, Over, Right};

/// An authorization server.
pub const AUTHORIZATION_SERVER: Kind = Kind {
    code: KindCode(13),
    name: "authorization_server",
    title: "Authorization server",
    what: "A custom authorization server that issues tokens for the customer's own APIs.",
    columns: &[
        Column::text("description", "/description", "What it is for."),
        Column::text("issuer", "/issuer", "The issuer its tokens name."),
        Column::text("audiences", "/audiences", "The APIs its tokens are for.").typed(ColumnType::Json),
        Column::text("issuer_mode", "/issuerMode", "ORG_URL, CUSTOM_URL or DYNAMIC."),
    ],
    ..Kind::USUAL
};

/// The right to read authorization servers and what is below them.
pub(super) const API_ACCESS: Right = Right {
    permission: Some("okta.authzServers.read"),
    console: "View authorization server",
    scope: "okta.authorizationServers.read",
    read_only_admin: true,
    evidence: Evidence::Documented,
};

/// Every authorization server, deactivated ones too: they can be switched on again as they are.
pub(super) const EACH_SERVER: Over =
    Over::Each(Selector::Kind { kind: AUTHORIZATION_SERVER.code, status: None, status_not: None });

/// A server (or a policy of it) that was deleted after it was listed has nothing below it.
pub(super) fn server_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

static DATASET: Dataset = Dataset {
    name: "authorization_server",
    title: "Authorization servers",
    used_for: "see which servers issue tokens for your APIs",
    without: "API access stays out of sight",
    right: API_ACCESS,
    target: Target::Children(AUTHORIZATION_SERVER.code),
    parts: |_| vec![api::authorization_server::list().into_listing()],
    read: |item, scope, page| {
        object(&AUTHORIZATION_SERVER, &[], item, scope, page);
    },
    again: Some(|id| api::authorization_server::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTHORIZATION_SERVER], relations: &[], datasets: &[&DATASET] };
