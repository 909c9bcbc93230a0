//! Claims of authorization servers: what their tokens tell.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::Target;

use super::authorization_server::{API_ACCESS, EACH_SERVER, server_gone};
use super::{Declares, object};
use crate::dataset::Dataset;

/// A claim, under its authorization server.
pub const AUTH_CLAIM: Kind = Kind {
    code: KindCode(56),
    name: "auth_claim",
    title: "API claim",
    what: "A claim of an authorization server: what its tokens say of a person or client.",
    parents: &["authorization_server"],
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("claim_type", "/claimType", "RESOURCE for access tokens, IDENTITY for ID tokens.").faceted(),
        Column::text("value_type", "/valueType", "EXPRESSION, GROUPS or SYSTEM.").faceted(),
        Column::text("value", "/value", "The expression, or what group names are compared with."),
        Column::text("group_filter_type", "/group_filter_type", "How group names are compared.").faceted(),
        Column::text("always", "/alwaysIncludeInToken", "There without being asked for.").typed(ColumnType::Boolean),
        Column::text("scopes", "/conditions/scopes", "Scopes it comes with; empty for any.").typed(ColumnType::Json),
        Column::text("system", "/system", "Made by Okta.").typed(ColumnType::Boolean).faceted(),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_claim",
    title: "Claims of authorization servers",
    used_for: "see what your APIs are told of people, their groups among it",
    without: "what tokens of your authorization servers reveal stays unknown",
    right: API_ACCESS,
    over: EACH_SERVER,
    after: &["authorization_server"],
    target: Target::Children(AUTH_CLAIM.code),
    parts: |server| vec![api::auth_claim::list(server.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&AUTH_CLAIM, &[], item, scope, page);
    },
    none: server_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&AUTH_CLAIM], relations: &[], datasets: &[&DATASET] };
