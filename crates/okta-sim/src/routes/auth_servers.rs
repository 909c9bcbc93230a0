//! `/api/v1/authorizationServers`: 401 E0000015 without API Access Management.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::{IdKind, opaque};
use crate::generate::people::DAY;
use crate::generate::servers::AuthServer;
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/authorizationServers", AuthServers, list),
    route!(GET "/api/v1/authorizationServers/{id}", AuthServers, get),
];

fn server_id(view: View<'_>, server: &AuthServer) -> String {
    if server.is_default { "default".into() } else { view.base.ids.encode(IdKind::AuthServer, server.n) }
}

/// An authorization server as Okta sends it; `default` is not in the spec [rec].
pub(crate) fn server_json(view: View<'_>, server: &AuthServer, origin: &str) -> Value {
    let id = server_id(view, server);
    let url = format!("{origin}/api/v1/authorizationServers/{id}");
    let issuer = format!("{origin}/oauth2/{id}");
    let link =
        |path: &str, allow: &[&str]| json!({"href": format!("{url}{path}"), "hints": {"allow": allow}});
    let rotated = view.base.as_of - 20 * DAY;
    let mut links = json!({
        "rotateKey": link("/credentials/lifecycle/keyRotate", &["POST"]),
        "metadata": [
            {"name": "oauth-authorization-server", "href": format!("{issuer}/.well-known/oauth-authorization-server"), "hints": {"allow": ["GET"]}},
            {"name": "openid-configuration", "href": format!("{issuer}/.well-known/openid-configuration"), "hints": {"allow": ["GET"]}},
        ],
        "keys": link("/credentials/keys", &["GET"]),
        "claims": link("/claims", &["GET", "POST"]),
        "policies": link("/policies", &["GET", "POST"]),
        "self": link("", &["GET", "DELETE", "PUT"]),
        "scopes": link("/scopes", &["GET", "POST"]),
    });
    let verb = if server.active { "deactivate" } else { "activate" };
    links[verb] = link(&format!("/lifecycle/{verb}"), &["POST"]);
    json!({
        "id": id, "name": server.name, "description": server.description, "audiences": [server.audience],
        "issuer": issuer, "issuerMode": "ORG_URL", "status": if server.active { "ACTIVE" } else { "INACTIVE" },
        "created": time(server.created), "lastUpdated": time(server.created),
        "credentials": {"signing": {
            "kid": opaque(view.base.config.seed, server.n + 900, 43), "rotationMode": "AUTO",
            "lastRotated": time(rotated), "nextRotation": time(rotated + 90 * DAY),
        }},
        "default": server.is_default, "_links": links,
    })
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(200, 200));
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let servers = &view.state.servers;
        let after =
            page.cursor(|id| servers.iter().position(|s| server_id(view, s) == id).map(|n| n as u32))?;
        let servers = servers
            .iter()
            .skip(after.map_or(0, |n| n as usize + 1))
            .filter(|server| query.as_ref().is_none_or(|q| server.name.to_lowercase().contains(q.as_str())));
        page::list(
            call,
            &page,
            servers,
            |s| server_id(view, s),
            |out, s| {
                out.raw_value(&server_json(view, s, call.origin).to_string());
            },
        )
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = view.state.servers.iter().find(|s| server_id(view, s) == call.arg(0));
        let server = server.ok_or_else(|| Refusal::not_found(call.arg(0), "AuthorizationServer"))?;
        Ok(Reply::value(&server_json(view, server, call.origin)))
    })
}
