//! `/api/v1/authorizationServers/{id}/claims`.

use serde_json::Value;

use super::auth_servers::{self, server_id};
use super::{Call, Route, route};
use crate::generate::document::Document;
use crate::generate::servers::AuthServer;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/authorizationServers/{id}/claims", AuthServers, list)];

/// The claims of a server as Okta sends them; `apiResourceId` is not in the spec [rec].
pub(crate) fn claims_json(view: View<'_>, server: &AuthServer, origin: &str) -> Vec<Value> {
    let list = format!("{origin}/api/v1/authorizationServers/{}/claims", server_id(view, server));
    let own = view.state.access.claims.iter().filter(|(of, _)| *of == server.n);
    own.map(|(_, claim)| claim_json(view, claim, &list)).collect()
}

/// [rec] a claim's only link is to itself.
fn claim_json(view: View<'_>, claim: &Document, list: &str) -> Value {
    let mut json = claim.json(&view.base.ids, list, &["GET", "PUT", "DELETE"]);
    if let Some(links) = json["_links"].as_object_mut() {
        links.retain(|name, _| name == "self");
    }
    json
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = auth_servers::find(call, view)?;
        Ok(Reply::value(&claims_json(view, server, call.origin).into()))
    })
}
