//! Signing keys of authorization servers: public halves.

use okta_client::api;
use transom_core::{Column, Kind, KindCode};
use transom_store::Target;

use super::authorization_server::{API_ACCESS, EACH_SERVER, server_gone};
use super::{Declares, object};
use crate::dataset::{Dataset, Tier};

/// A signing key, under its authorization server.
pub const AUTH_KEY: Kind = Kind {
    code: KindCode(59),
    name: "auth_key",
    title: "API signing key",
    what: "A public key that an authorization server signs its tokens with: the one in use, the next, the last.",
    parents: &["authorization_server"],
    id: "/kid",
    name_at: &["/kid"],
    created_at: None,
    updated_at: None,
    columns: &[
        Column::text("algorithm", "/alg", "Its algorithm.").faceted(),
        Column::text("key_type", "/kty", "Its type, such as RSA.").faceted(),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_key",
    title: "Signing keys of authorization servers",
    used_for: "see which keys your APIs have to accept, and that they rotate",
    without: "keys that were not rotated stay out of sight",
    right: API_ACCESS,
    tier: Tier::Deep,
    over: EACH_SERVER,
    after: &["authorization_server"],
    target: Target::Children(AUTH_KEY.code),
    parts: |server| vec![api::authorization_server::keys(server.okta_id).into_listing()],
    read: |item, scope, page| {
        object(&AUTH_KEY, &[], item, scope, page);
    },
    none: server_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&AUTH_KEY], relations: &[], datasets: &[&DATASET] };
