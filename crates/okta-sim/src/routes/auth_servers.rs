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
    route!(GET "/api/v1/authorizationServers/{id}/clients", AuthServers, clients),
    route!(GET "/api/v1/authorizationServers/{id}/associatedServers", AuthServers, associated),
    route!(GET "/api/v1/authorizationServers/{id}/credentials/keys", AuthServers, keys),
];

/// A server's id: a word for the one that came with the org.
pub(crate) fn server_id(view: View<'_>, server: &AuthServer) -> String {
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

/// The server that a call is about; 404 when there is none.
pub(super) fn find<'v>(call: &Call<'_>, view: View<'v>) -> Result<&'v AuthServer, Refusal> {
    let found = view.state.servers.iter().find(|s| server_id(view, s) == call.arg(0));
    found.ok_or_else(|| Refusal::not_found(call.arg(0), "AuthorizationServer"))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&server_json(view, find(call, view)?, call.origin))))
}

/// [spec] the apps that have had tokens of the server; a client's id is its app's here.
fn clients(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = find(call, view)?;
        let url = format!("{}/api/v1/authorizationServers/{}", call.origin, server_id(view, server));
        let write = |app: u32| {
            let (id, label) = (view.app_id(app), view.app(app)?.label.clone());
            let client = json!({"href": format!("{}/oauth2/v1/clients/{id}", call.origin), "title": label});
            let tokens = format!("{url}/clients/{id}/tokens");
            Some(json!({
                "client_id": id, "client_name": label, "client_uri": null, "logo_uri": null,
                "_links": {"client": client, "tokens": {"href": tokens, "hints": {"allow": ["GET", "DELETE"]}}},
            }))
        };
        let apps = view.state.access.clients.iter().filter(|(of, _)| *of == server.n);
        Ok(Reply::value(&apps.filter_map(|(_, app)| write(*app)).collect()))
    })
}

/// [spec] with `trusted=true` the servers it trusts, else those it could trust.
fn associated(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(200, 200));
    let trusted = call.query.get("trusted") == Some("true");
    call.org.read(|view| {
        let server = find(call, view)?;
        let trusts = |other: &AuthServer| view.state.access.trusts.contains(&(server.n, other.n));
        let others = view.state.servers.iter().filter(|s| s.n != server.n && trusts(s) == trusted);
        let id = |s: &&AuthServer| server_id(view, s);
        let after = page.cursor(|cursor| others.clone().position(|s| id(&s) == cursor).map(|n| n as u32))?;
        page::list(call, &page, others.skip(after.map_or(0, |n| n as usize + 1)), id, |out, s| {
            out.raw_value(&server_json(view, s, call.origin).to_string());
        })
    })
}

/// A server's public keys as Okta sends them: the one in use, the next, the last.
pub(crate) fn keys_json(view: View<'_>, server: &AuthServer, origin: &str) -> Vec<Value> {
    let seed = view.base.config.seed;
    let url = format!("{origin}/api/v1/authorizationServers/{}/credentials/keys", server_id(view, server));
    let key = |(i, status): (u64, &str)| {
        let kid = opaque(seed, server.n + 900 + i * 1_000, 43);
        json!({
            "kty": "RSA", "status": status, "alg": "RS256", "kid": kid, "use": "sig", "e": "AQAB",
            "n": opaque(seed, server.n + 950 + i * 1_000, 342),
            "_links": {"self": {"href": format!("{url}/{kid}"), "hints": {"allow": ["GET"]}}},
        })
    };
    [(0, "ACTIVE"), (1, "NEXT"), (2, "EXPIRED")].into_iter().map(key).collect()
}

fn keys(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&keys_json(view, find(call, view)?, call.origin).into())))
}
