//! `/integrations/api/v1/api-services`: apps of the integration network that call Okta's API on their own.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::integrations::ApiService;
use crate::generate::people::cast;
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/integrations/api/v1/api-services", ApiServices, list),
    route!(GET "/integrations/api/v1/api-services/{id}", ApiServices, get),
];

fn service_id(view: View<'_>, service: &ApiService) -> String {
    view.base.ids.encode(IdKind::ApiService, service.n)
}

/// An integration as Okta sends it [rec]; the secret is only in the answer to its making.
pub(crate) fn api_service_json(view: View<'_>, service: &ApiService, origin: &str) -> Value {
    let id = service_id(view, service);
    json!({
        "id": id, "type": service.kind, "name": service.name, "createdAt": time(service.created),
        "createdBy": view.user_id(cast::SUPER_ADMIN),
        "configGuideUrl": format!("https://docs.example.com/{}", service.kind),
        "grantedScopes": service.scopes, "properties": {},
        "_links": {
            "self": {
                "href": format!("{origin}/integrations/api/v1/api-services/{id}"),
                "hints": {"allow": ["GET", "DELETE"]},
            },
            "client": {"href": format!("{origin}/oauth2/v1/clients/{id}"), "hints": {"allow": ["GET"]}},
            "logo": {"name": "medium", "href": format!("{origin}/assets/img/logos/default.png")},
        },
    })
}

fn list(call: &Call<'_>) -> Answer {
    // [spec] no page size can be asked for.
    let page = Page::of(call, Sizes::new(200, 200));
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::ApiService, id).map(|n| n as u32))?;
        let services = view.state.api_services.iter().filter(|s| after.is_none_or(|a| s.n > u64::from(a)));
        page::list(
            call,
            &page,
            services,
            |s| service_id(view, s),
            |out, service| {
                out.raw_value(&api_service_json(view, service, call.origin).to_string());
            },
        )
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let service = view.state.api_services.iter().find(|s| service_id(view, s) == call.arg(0));
        let service = service.ok_or_else(|| Refusal::not_found(call.arg(0), "ApiServiceIntegration"))?;
        Ok(Reply::value(&api_service_json(view, service, call.origin)))
    })
}
