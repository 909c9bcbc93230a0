//! `/api/v1/agentPools` [spec; every recorded list is empty].

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::generate::document::Document;
use crate::org::view::View;
use crate::page::{self, Page};
use crate::reply::Answer;

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/v1/agentPools", AgentPools, list)];

/// An agent pool as Okta sends it.
pub(crate) fn agent_pool_json(view: View<'_>, pool: &Document, origin: &str) -> Value {
    let mut json = pool.unlinked(&view.base.ids);
    let url = format!("{origin}/api/v1/agentPools/{}", pool.id(&view.base.ids));
    if let Some(agents) = json["agents"].as_array_mut() {
        for agent in agents {
            let own = format!("{url}/agents/{}", agent["id"].as_str().unwrap_or_default());
            agent["_links"] = json!({"self": {"href": own, "hints": {"allow": ["GET"]}}});
        }
    }
    json["_links"] = json!({"self": {"href": url, "hints": {"allow": ["GET"]}}});
    json
}

fn list(call: &Call<'_>) -> Answer {
    // [spec] as many of each type, five unless asked otherwise; the page here is of all types.
    let each =
        call.query.get("limitPerPoolType").and_then(|n| n.parse().ok()).filter(|n| *n > 0).unwrap_or(5);
    let (kind, page) =
        (call.query.get("poolType"), Page { limit: each, after: call.query.get("after").map(str::to_owned) });
    call.org.read(|view| {
        let pools = &view.state.agent_pools;
        let after =
            page.cursor(|id| pools.iter().position(|p| p.id(&view.base.ids) == id).map(|n| n as u32))?;
        let pools = pools
            .iter()
            .skip(after.map_or(0, |n| n as usize + 1))
            .filter(|pool| kind.is_none_or(|kind| pool.fields["type"] == *kind));
        page::list(
            call,
            &page,
            pools,
            |pool| pool.id(&view.base.ids),
            |out, pool| out.raw_value(&agent_pool_json(view, pool, call.origin).to_string()),
        )
    })
}
