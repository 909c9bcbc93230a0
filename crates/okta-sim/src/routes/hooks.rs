//! `/api/v1/eventHooks` and `/api/v1/inlineHooks`: not paged, never what authenticates Okta there.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::generate::ids::IdKind;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/eventHooks", EventHooks, event_hooks),
    route!(GET "/api/v1/eventHooks/{id}", EventHooks, event_hook),
    route!(GET "/api/v1/inlineHooks", InlineHooks, inline_hooks),
    route!(GET "/api/v1/inlineHooks/{id}", InlineHooks, inline_hook),
];

fn with_frame(view: View<'_>, url: &str, hook: &Document, action: &str) -> Value {
    let id = hook.id(&view.base.ids);
    let mut json = hook.unlinked(&view.base.ids);
    let post = |verb: &str, path: String| {
        (verb.to_owned(), json!({"href": format!("{url}/{id}/{path}"), "hints": {"allow": ["POST"]}}))
    };
    let verb = if hook.active() { "deactivate" } else { "activate" };
    let path = if action == "verify" { "lifecycle/verify" } else { action };
    let mut links: serde_json::Map<String, Value> =
        [post(action, path.to_owned()), post(verb, format!("lifecycle/{verb}"))].into_iter().collect();
    links.insert("self".into(), json!({"href": format!("{url}/{id}")}));
    json["_links"] = links.into();
    json
}

/// An event hook as Okta sends it.
pub(crate) fn event_hook_json(view: View<'_>, hook: &Document, origin: &str) -> Value {
    with_frame(view, &format!("{origin}/api/v1/eventHooks"), hook, "verify")
}

/// An inline hook as Okta sends it.
pub(crate) fn inline_hook_json(view: View<'_>, hook: &Document, origin: &str) -> Value {
    with_frame(view, &format!("{origin}/api/v1/inlineHooks"), hook, "execute")
}

fn event_hooks(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let hooks = view.state.event_hooks.iter().map(|hook| event_hook_json(view, hook, call.origin));
        Ok(Reply::value(&hooks.collect()))
    })
}

fn event_hook(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::EventHook, call.arg(0));
        let hook = view.state.event_hooks.iter().find(|hook| Some(hook.n) == n);
        let hook = hook.ok_or_else(|| Refusal::not_found(call.arg(0), "EventHook"))?;
        Ok(Reply::value(&event_hook_json(view, hook, call.origin)))
    })
}

fn inline_hooks(call: &Call<'_>) -> Answer {
    let kind = call.query.get("type");
    call.org.read(|view| {
        let hooks =
            view.state.inline_hooks.iter().filter(|hook| kind.is_none_or(|k| hook.fields["type"] == *k));
        Ok(Reply::value(&hooks.map(|hook| inline_hook_json(view, hook, call.origin)).collect()))
    })
}

fn inline_hook(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::InlineHook, call.arg(0));
        let hook = view.state.inline_hooks.iter().find(|hook| Some(hook.n) == n);
        let hook = hook.ok_or_else(|| Refusal::not_found(call.arg(0), "InlineHook"))?;
        Ok(Reply::value(&inline_hook_json(view, hook, call.origin)))
    })
}
