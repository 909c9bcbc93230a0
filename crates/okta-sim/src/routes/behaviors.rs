//! `/api/v1/behaviors`.

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/behaviors", Behaviors, list), route!(GET "/api/v1/behaviors/{id}", Behaviors, get)];

/// A behavior as Okta sends it; its dates are not like all others [rec].
pub(crate) fn behavior_json(view: View<'_>, behavior: &Document, origin: &str) -> Value {
    behavior.json(&view.base.ids, &format!("{origin}/api/v1/behaviors"), &["GET", "PUT", "DELETE"])
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let all = view.state.trust.behaviors.iter();
        Ok(Reply::value(&all.map(|b| behavior_json(view, b, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view.state.trust.behaviors.iter().find(|b| b.id(&view.base.ids) == call.arg(0));
        let behavior = found.ok_or_else(|| Refusal::not_found(call.arg(0), "Behavior"))?;
        Ok(Reply::value(&behavior_json(view, behavior, call.origin)))
    })
}
