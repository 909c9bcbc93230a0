//! Access policies of authorization servers: for which clients.

use okta_client::api;
use transom_core::{Column, ColumnType, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::app::APP;
use super::authorization_server::{API_ACCESS, EACH_SERVER, server_gone};
use super::{Declares, ids, object, out};
use crate::dataset::Dataset;

/// An access policy, under its authorization server.
pub const AUTH_POLICY: Kind = Kind {
    code: KindCode(57),
    name: "auth_policy",
    title: "API access policy",
    what: "An access policy of an authorization server: for which clients its rules hold.",
    parents: &["authorization_server"],
    columns: &[
        Column::text("description", "/description", "What it is for."),
        Column::text("priority", "/priority", "Lower comes first.").typed(ColumnType::Integer),
        Column::text("system", "/system", "Made by Okta.").typed(ColumnType::Boolean),
        Column::text("clients", "/conditions/clients/include", "Client ids, or ALL_CLIENTS.").typed(ColumnType::Json),
    ],
    decides: &[("/conditions/clients", Shape::Sides)],
    ..Kind::USUAL
};

/// Access policy → the app that it is for.
pub const AUTH_POLICY_CLIENT: Relation = Relation {
    code: RelCode(55),
    name: "auth_policy_client",
    what: "The access policy is for the app.",
    from: &["auth_policy"],
    to: &["app"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_policy",
    title: "Access policies of authorization servers",
    used_for: "see which apps may get tokens for your APIs",
    without: "who may call your APIs stays unknown",
    right: API_ACCESS,
    over: EACH_SERVER,
    after: &["authorization_server"],
    target: Target::Children(AUTH_POLICY.code),
    parts: |server| vec![api::auth_policy::list(server.okta_id).into_listing()],
    read: |item, scope, page| {
        let Some(policy) = object(&AUTH_POLICY, &[AUTH_POLICY_CLIENT.code], item, scope, page) else { return };
        // ALL_CLIENTS is a word, not an id [rec].
        let clients = ids(item.pointer("/conditions/clients/include"));
        policy.out = clients.map(|client| out(&AUTH_POLICY_CLIENT, &APP, client)).collect();
    },
    none: server_gone,
    assumed: &["The id of a client that an access policy names is its app's id."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&AUTH_POLICY], relations: &[&AUTH_POLICY_CLIENT], datasets: &[&DATASET] };
