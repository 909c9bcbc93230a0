//! Which apps have had tokens of an authorization server.

use okta_client::api;
use transom_core::{Key, RelCode, Relation};
use transom_store::Target;

use super::app::APP;
use super::authorization_server::{API_ACCESS, AUTHORIZATION_SERVER, EACH_SERVER, server_gone};
use super::{Declares, link_at, text};
use crate::dataset::{Dataset, Tier};

/// Authorization server → app.
pub const AUTH_SERVER_CLIENT: Relation = Relation {
    code: RelCode(58),
    name: "auth_server_client",
    what: "The authorization server has issued tokens to the app.",
    from: &["authorization_server"],
    to: &["app"],
    listed: true,
    view: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_server_client",
    title: "Clients of authorization servers",
    used_for: "see which apps really have tokens for your APIs",
    without: "only what policies allow is known, not who makes use of it",
    right: API_ACCESS,
    tier: Tier::Deep,
    over: EACH_SERVER,
    after: &["authorization_server", "app"],
    target: Target::From(AUTH_SERVER_CLIENT.code),
    parts: |server| vec![api::authorization_server::clients(server.okta_id).into_listing()],
    read: |item, scope, page| {
        let client = text(item, "/client_id");
        let ends = client.map(|app| (Key::root(&AUTHORIZATION_SERVER, scope.okta_id), Key::root(&APP, app)));
        link_at("/client_id", &AUTH_SERVER_CLIENT, ends, 0, None, item, page);
    },
    none: server_gone,
    assumed: &["The id of a client that has tokens is its app's id."],
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&AUTH_SERVER_CLIENT], datasets: &[&DATASET] };
