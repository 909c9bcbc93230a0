//! `/api/v1/authorizationServers/{id}/policies` and their rules.

use serde_json::{Value, json};

use super::auth_servers::{self, server_id};
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::api_access::AuthPolicy;
use crate::generate::servers::AuthServer;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/authorizationServers/{id}/policies", AuthServers, list),
    route!(GET "/api/v1/authorizationServers/{id}/policies/{policyId}", AuthServers, get),
    route!(GET "/api/v1/authorizationServers/{id}/policies/{policyId}/rules", AuthServers, rules),
];

/// The access policies of a server.
pub(crate) fn policies<'v>(
    view: View<'v>,
    server: &AuthServer,
) -> impl Iterator<Item = &'v AuthPolicy> + use<'v> {
    let n = server.n;
    view.state.access.policies.iter().filter(move |p| p.server == n)
}

fn list_url(view: View<'_>, server: &AuthServer, origin: &str) -> String {
    format!("{origin}/api/v1/authorizationServers/{}/policies", server_id(view, server))
}

/// An access policy as Okta sends it.
pub(crate) fn auth_policy_json(
    view: View<'_>,
    server: &AuthServer,
    policy: &AuthPolicy,
    origin: &str,
) -> Value {
    let list = list_url(view, server, origin);
    let mut json = policy.doc.json(&view.base.ids, &list, &["GET", "PUT", "DELETE"]);
    let rules = format!("{list}/{}/rules", policy.doc.id(&view.base.ids));
    json["_links"]["rules"] = json!({"href": rules, "hints": {"allow": ["GET"]}});
    json
}

/// The rules of an access policy as Okta sends them.
pub(crate) fn auth_rules_json(
    view: View<'_>,
    server: &AuthServer,
    policy: &AuthPolicy,
    origin: &str,
) -> Vec<Value> {
    let ids = &view.base.ids;
    let list = format!("{}/{}/rules", list_url(view, server, origin), policy.doc.id(ids));
    policy.rules.iter().map(|rule| rule.json(ids, &list, &["GET", "PUT", "DELETE"])).collect()
}

fn find<'v>(call: &Call<'_>, view: View<'v>, server: &AuthServer) -> Result<&'v AuthPolicy, Refusal> {
    let found = policies(view, server).find(|p| p.doc.id(&view.base.ids) == call.arg(1));
    found.ok_or_else(|| Refusal::not_found(call.arg(1), "Policy"))
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = auth_servers::find(call, view)?;
        let all = policies(view, server).map(|p| auth_policy_json(view, server, p, call.origin));
        Ok(Reply::value(&all.collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = auth_servers::find(call, view)?;
        Ok(Reply::value(&auth_policy_json(view, server, find(call, view, server)?, call.origin)))
    })
}

fn rules(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let server = auth_servers::find(call, view)?;
        Ok(Reply::value(&auth_rules_json(view, server, find(call, view, server)?, call.origin).into()))
    })
}
