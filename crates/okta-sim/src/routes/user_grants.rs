//! `/api/v1/users/{id}/grants`: what users let OAuth clients do in their name.

use serde_json::{Value, json};

use super::users::visible;
use super::{Call, Route, route};
use crate::generate::ids::IdKind;
use crate::generate::permutation::hash;
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::Answer;

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/v1/users/{id}/grants", UserGrants, list)];

/// Scopes that users are asked for.
const SCOPES: [&str; 3] = ["offline_access", "partner:orders", "calendar:write"];

/// A user's grants as Okta sends them [spec]: at most one for each of two OAuth clients they have.
pub(crate) fn user_grants(view: View<'_>, user: u32, origin: &str) -> Vec<Value> {
    let base = view.base;
    let is_client =
        |app: &u32| view.app(*app).is_some_and(|found| found.active && found.entry.mode.is_oauth());
    // The dashboard is a client too, and everybody has it.
    let clients = view.apps_of(user).into_iter().chain([1]).filter(is_client);
    let (user_id, server) = (view.user_id(user), base.ids.encode(IdKind::AuthServer, 1));
    let grant = |app: u32| {
        let chance = hash(base.config.seed, u64::from(user) << 20 | u64::from(app), 0x9a27);
        if !chance.is_multiple_of(3) {
            return None;
        }
        let number = u64::from(app) << 32 | u64::from(view.place(user));
        let (id, client) = (base.ids.encode(IdKind::UserGrant, number), view.app_id(app));
        let created = time(view.head(user)?.created.max(base.as_of - (chance >> 8) as i64 % 20_000_000_000));
        let scope = SCOPES[(chance >> 3) as usize % SCOPES.len()];
        let own = format!("{origin}/api/v1/users/{user_id}/grants/{id}");
        Some(json!({
            "id": id, "status": "ACTIVE", "created": created, "lastUpdated": created,
            "createdBy": {"id": user_id, "type": "User"}, "issuer": format!("{origin}/oauth2/{server}"),
            "clientId": client, "userId": user_id, "scopeId": scope, "source": "END_USER",
            "_links": {
                "app": {"href": format!("{origin}/api/v1/apps/{client}"), "title": "App"},
                "self": {"href": own, "hints": {"allow": ["GET", "DELETE"]}},
                "client": {"href": format!("{origin}/oauth2/v1/clients/{client}"), "title": "App"},
                "user": {"href": format!("{origin}/api/v1/users/{user_id}"), "title": "User"},
                "authorizationServer": {"href": format!("{origin}/api/v1/authorizationServers/{server}")},
            },
        }))
    };
    clients.filter_map(grant).collect()
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let grants = user_grants(view, visible(call, view)?, call.origin);
        let id = |grant: &Value| grant["id"].as_str().unwrap_or_default().to_owned();
        let from = page.cursor(|after| grants.iter().position(|g| id(g) == after).map(|at| at as u32 + 1))?;
        let left = grants.into_iter().skip(from.unwrap_or(0) as usize);
        page::list(call, &page, left, id, |out, grant| out.raw_value(&grant.to_string()))
    })
}
