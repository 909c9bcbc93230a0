//! `/api/v1/authenticators`: Identity Engine only.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::trust::Authenticator;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/authenticators", Authenticators, list),
    route!(GET "/api/v1/authenticators/{id}", Authenticators, get),
    route!(GET "/api/v1/authenticators/{id}/methods", Authenticators, methods),
];

/// An authenticator as Okta sends it. A password can't be switched off [rec].
pub(crate) fn authenticator_json(view: View<'_>, authenticator: &Authenticator, origin: &str) -> Value {
    let list = format!("{origin}/api/v1/authenticators");
    let doc = &authenticator.doc;
    let mut json = doc.json(&view.base.ids, &list, &["GET", "PUT"]);
    let url = format!("{list}/{}", doc.id(&view.base.ids));
    let links = &mut json["_links"];
    links["methods"] = json!({"href": format!("{url}/methods"), "hints": {"allow": ["GET"]}});
    match doc.fields["key"].as_str() {
        Some("okta_password") => {
            if let Some(links) = links.as_object_mut() {
                links.remove("deactivate");
            }
        }
        Some("okta_verify" | "custom_app") => {
            links["enroll"] =
                json!({"href": format!("{origin}/idp/authenticators"), "hints": {"allow": ["POST"]}});
        }
        Some("webauthn") => {
            links["aaguids"] = json!({"href": format!("{url}/aaguids"), "hints": {"allow": ["GET", "POST"]}});
        }
        _ => {}
    }
    json
}

/// An authenticator's methods as Okta sends them. The last active one can't be switched off [rec].
pub(crate) fn methods_json(view: View<'_>, authenticator: &Authenticator, origin: &str) -> Vec<Value> {
    let id = authenticator.doc.id(&view.base.ids);
    let write = |method: &Value| {
        let kind = method["type"].as_str().unwrap_or_default();
        let url = format!("{origin}/api/v1/authenticators/{id}/methods/{kind}");
        let mut json = method.clone();
        json["_links"] = json!({"self": {"href": url, "hints": {"allow": ["GET", "PUT"]}}});
        if method["status"] == "INACTIVE" {
            let href = format!("{url}/lifecycle/activate");
            json["_links"]["activate"] = json!({"href": href, "hints": {"allow": ["POST"]}});
        }
        json
    };
    authenticator.methods.iter().map(write).collect()
}

fn find<'v>(call: &Call<'_>, view: View<'v>) -> Result<&'v Authenticator, Refusal> {
    let found = view.state.trust.authenticators.iter().find(|a| a.doc.id(&view.base.ids) == call.arg(0));
    found.ok_or_else(|| Refusal::not_found(call.arg(0), "AuthenticatorConfiguration"))
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let all = view.state.trust.authenticators.iter();
        Ok(Reply::value(&all.map(|a| authenticator_json(view, a, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&authenticator_json(view, find(call, view)?, call.origin))))
}

fn methods(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&methods_json(view, find(call, view)?, call.origin).into())))
}
