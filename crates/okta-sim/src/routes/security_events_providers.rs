//! `/api/v1/security-events-providers`: Identity Engine only.

use serde_json::Value;

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/security-events-providers", SecurityEvents, list),
    route!(GET "/api/v1/security-events-providers/{id}", SecurityEvents, get),
];

/// A security events provider as Okta sends it.
pub(crate) fn provider_json(view: View<'_>, provider: &Document, origin: &str) -> Value {
    provider.json(
        &view.base.ids,
        &format!("{origin}/api/v1/security-events-providers"),
        &["GET", "PUT", "DELETE"],
    )
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let all = view.state.trust.security_events_providers.iter();
        Ok(Reply::value(&all.map(|one| provider_json(view, one, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view
            .state
            .trust
            .security_events_providers
            .iter()
            .find(|one| one.id(&view.base.ids) == call.arg(0));
        let found = found.ok_or_else(|| Refusal::not_found(call.arg(0), "SecurityEventsProvider"))?;
        Ok(Reply::value(&provider_json(view, found, call.origin)))
    })
}
