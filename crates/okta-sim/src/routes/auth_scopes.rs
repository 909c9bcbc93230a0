//! `/api/v1/authorizationServers/{id}/scopes`.

use serde_json::Value;

use super::auth_servers::{self, server_id};
use super::{Call, Route, route};
use crate::generate::document::Document;
use crate::generate::servers::AuthServer;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::Answer;

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/authorizationServers/{id}/scopes", AuthServers, list)];

/// The scopes of a server.
pub(crate) fn scopes<'v>(
    view: View<'v>,
    server: &AuthServer,
) -> impl Iterator<Item = &'v Document> + use<'v> {
    let n = server.n;
    view.state.access.scopes.iter().filter(move |(of, _)| *of == n).map(|(_, scope)| scope)
}

/// A scope as Okta sends it; `apiResourceId` is not in the spec [rec].
pub(crate) fn scope_json(view: View<'_>, server: &AuthServer, scope: &Document, origin: &str) -> Value {
    let list = format!("{origin}/api/v1/authorizationServers/{}/scopes", server_id(view, server));
    scope.json(&view.base.ids, &list, &["GET", "PUT", "DELETE"])
}

fn list(call: &Call<'_>) -> Answer {
    // [spec] at most 200; how many without a limit is not said.
    let page = Page::of(call, Sizes::new(200, 200));
    let query = call.query.get("q").map(str::to_lowercase);
    call.org.read(|view| {
        let server = auth_servers::find(call, view)?;
        let id = |scope: &&Document| scope.id(&view.base.ids);
        let after =
            page.cursor(|cursor| scopes(view, server).position(|s| id(&s) == cursor).map(|n| n as u32))?;
        let found = scopes(view, server).skip(after.map_or(0, |n| n as usize + 1)).filter(|scope| {
            let name = scope.fields["name"].as_str().unwrap_or_default().to_lowercase();
            query.as_ref().is_none_or(|q| name.contains(q.as_str()))
        });
        page::list(call, &page, found, id, |out, scope| {
            out.raw_value(&scope_json(view, server, scope, call.origin).to_string());
        })
    })
}
