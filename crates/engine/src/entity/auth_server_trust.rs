//! Which authorization servers take the tokens of which other ones.

use okta_client::api;
use transom_core::{Key, RelCode, Relation};
use transom_store::Target;

use super::authorization_server::{API_ACCESS, AUTHORIZATION_SERVER, EACH_SERVER, server_gone};
use super::{Declares, id, link};
use crate::dataset::{Dataset, Tier};

/// Authorization server → the server it trusts.
pub const AUTH_SERVER_TRUST: Relation = Relation {
    code: RelCode(59),
    name: "auth_server_trust",
    what: "The first authorization server takes tokens of the second in exchange for its own.",
    from: &["authorization_server"],
    to: &["authorization_server"],
    listed: true,
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "auth_server_trust",
    title: "Trusted authorization servers",
    used_for: "see where a token for one API can be turned into one for another",
    without: "ways from one API to another by token exchange stay out of sight",
    right: API_ACCESS,
    tier: Tier::Deep,
    over: EACH_SERVER,
    after: &["authorization_server"],
    target: Target::From(AUTH_SERVER_TRUST.code),
    parts: |server| vec![api::authorization_server::trusted(server.okta_id).into_listing()],
    read: |item, scope, page| {
        let server = |id: &str| Key::root(&AUTHORIZATION_SERVER, id);
        let ends = id(item).map(|trusted| (server(scope.okta_id), server(trusted)));
        link(&AUTH_SERVER_TRUST, ends, 0, None, item, page);
    },
    none: server_gone,
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[], relations: &[&AUTH_SERVER_TRUST], datasets: &[&DATASET] };
