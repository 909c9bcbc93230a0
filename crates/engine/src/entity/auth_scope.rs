//! Scopes of authorization servers: what clients can ask for.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode};
use transom_store::Target;

use super::authorization_server::{API_ACCESS, EACH_SERVER, server_gone};
use super::{Declares, object};
use crate::dataset::Dataset;

/// A scope, under its authorization server.
pub const AUTH_SCOPE: Kind = Kind {
    code: KindCode(55),
    name: "auth_scope",
    title: "API scope",
    what: "A scope of an authorization server: what a client can ask to be allowed.",
    parents: &["authorization_server"],
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("display_name", "/displayName", "Its name for people."),
        Column::text("description", "/description", "What it allows."),
        Column::text("system", "/system", "Made by Okta.").typed(ColumnType::Boolean).faceted(),
        Column::text("consent", "/consent", "IMPLICIT, REQUIRED or FLEXIBLE: whether people are asked.").faceted(),
        Column::text("metadata_publish", "/metadataPublish", "ALL_CLIENTS where the server's metadata names it.").faceted(),
        Column::text("is_default", "/default", "Given to clients that ask for nothing.").typed(ColumnType::Boolean),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_scope",
    title: "Scopes of authorization servers",
    used_for: "see what clients of your APIs can ask for, and whether people are asked first",
    without: "what a token of your authorization servers allows stays unknown",
    right: API_ACCESS,
    over: EACH_SERVER,
    after: &["authorization_server"],
    target: Target::Children(AUTH_SCOPE.code),
    parts: |server| vec![api::auth_scope::list(server.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&AUTH_SCOPE, &[], item, scope, page);
    },
    none: server_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&AUTH_SCOPE], relations: &[], datasets: &[&DATASET] };
