//! `/api/v1/features`: not paged.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::generate::ids::IdKind;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/features", Features, list), route!(GET "/api/v1/features/{id}", Features, get)];

/// A feature as Okta sends it.
pub(crate) fn org_feature_json(view: View<'_>, feature: &Document, origin: &str) -> Value {
    let url = format!("{origin}/api/v1/features/{}", feature.id(&view.base.ids));
    let verb = if feature.fields["status"] == "ENABLED" { "disable" } else { "enable" };
    let mut json = feature.unlinked(&view.base.ids);
    json["_links"] = json!({
        "self": {"href": url},
        "dependents": {"href": format!("{url}/dependents")},
        "dependencies": {"href": format!("{url}/dependencies")},
        verb: {"href": format!("{url}/{verb}"), "hints": {"allow": ["POST"]}},
    });
    json
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let features = view.state.features.iter().map(|feature| org_feature_json(view, feature, call.origin));
        Ok(Reply::value(&features.collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Feature, call.arg(0));
        let feature = view.state.features.iter().find(|feature| Some(feature.n) == n);
        let feature = feature.ok_or_else(|| Refusal::not_found(call.arg(0), "Feature"))?;
        Ok(Reply::value(&org_feature_json(view, feature, call.origin)))
    })
}
