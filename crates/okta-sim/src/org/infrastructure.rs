//! What a super admin would see of hooks, streams, agents, brands, domains and features.

use serde_json::Value;

use super::truth::Kind;
use super::view::View;
use crate::routes;

/// The documents of a kind, each with its parent's id, which is empty where there is none; nothing for other kinds.
pub(super) fn documents(view: View<'_>, kind: Kind, origin: &str) -> Vec<(String, Value)> {
    let state = view.state;
    let top = |docs: Vec<Value>| docs.into_iter().map(|doc| (String::new(), doc)).collect();
    let pools = || state.agent_pools.iter().map(|pool| routes::agent_pool_json(view, pool, origin));
    match kind {
        Kind::EventHook => {
            top(state.event_hooks.iter().map(|hook| routes::event_hook_json(view, hook, origin)).collect())
        }
        Kind::InlineHook => {
            top(state.inline_hooks.iter().map(|hook| routes::inline_hook_json(view, hook, origin)).collect())
        }
        Kind::LogStream => top(state
            .log_streams
            .iter()
            .map(|stream| routes::log_stream_json(view, stream, origin))
            .collect()),
        Kind::AgentPool => top(pools().collect()),
        Kind::Agent => {
            top(pools().flat_map(|pool| pool["agents"].as_array().cloned().unwrap_or_default()).collect())
        }
        Kind::Brand => {
            top(state.brands.iter().map(|brand| routes::brand_json(view, brand, origin)).collect())
        }
        Kind::Domain => {
            top(state.domains.iter().map(|domain| routes::domain_json(view, domain, origin)).collect())
        }
        Kind::DomainCertificate => {
            let whole = state.domains.iter().map(|domain| routes::whole_domain_json(view, domain, origin));
            whole.map(|doc| (doc["id"].as_str().unwrap_or_default().to_owned(), doc)).collect()
        }
        Kind::EmailDomain => {
            top(state.email_domains.iter().map(|domain| routes::email_domain_json(view, domain)).collect())
        }
        Kind::Feature => top(state
            .features
            .iter()
            .map(|feature| routes::org_feature_json(view, feature, origin))
            .collect()),
        _ => Vec::new(),
    }
}
