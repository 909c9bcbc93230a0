//! Authorization servers of API Access Management.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Over, Right, Sight, never};

/// An authorization server.
pub const AUTHORIZATION_SERVER: Kind = Kind {
    code: KindCode(13),
    name: "authorization_server",
    title: "Authorization server",
    what: "A custom authorization server that issues tokens for the customer's own APIs.",
    parents: &[],
    id: "/id",
    name_at: &["/name"],
    login_at: None,
    status_at: Some("/status"),
    created_at: Some("/created"),
    updated_at: Some("/lastUpdated"),
    columns: &[
        Column::text("description", "/description", "What it is for."),
        Column::text("issuer", "/issuer", "The issuer its tokens name."),
        Column::text("audiences", "/audiences", "The APIs its tokens are for.").typed(ColumnType::Json),
        Column::text("issuer_mode", "/issuerMode", "ORG_URL, CUSTOM_URL or DYNAMIC."),
    ],
    volatile: &[],
    version: 1,
};

static DATASET: Dataset = Dataset {
    name: "authorization_server",
    title: "Authorization servers",
    used_for: "see which servers issue tokens for your APIs",
    without: "API access stays out of sight",
    right: Right {
        permission: "okta.authzServers.read",
        console: "View authorization server",
        scope: "okta.authorizationServers.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    over: Over::Org,
    after: &[],
    target: Target::Children(AUTHORIZATION_SERVER.code),
    parts: |_| vec![api::authorization_server::list().into_listing()],
    read: |item, scope, page| {
        object(&AUTHORIZATION_SERVER, &[], item, scope, page);
    },
    again: Some(|id| api::authorization_server::get(id).into_listing()),
    none: never,
    sight: Sight::All,
    assumed: &[],
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTHORIZATION_SERVER], relations: &[], datasets: &[&DATASET] };
