//! `/api/v1/mappings`: which attributes flow between Okta's users and an app's. Lists leave the properties out [rec].

use serde_json::{Value, json};

use super::user_types::type_ids;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::provisioning::{has_mappings, mapped};
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/mappings", Mappings, list), route!(GET "/api/v1/mappings/{id}", Mappings, get)];

/// The mappings' numbers from `from` on: twice the app's, and one more for what flows to Okta.
pub(crate) fn mapping_numbers(view: View<'_>, from: u32) -> impl Iterator<Item = u32> {
    let exists = move |n: &u32| view.app(n / 2).is_some_and(|a| has_mappings(a.entry.mode));
    (from..view.app_numbers() * 2).filter(exists)
}

fn mapping_id(view: View<'_>, n: u32) -> String {
    view.base.ids.encode(IdKind::Mapping, u64::from(n))
}

/// A mapping as Okta sends it in lists, and with its properties alone.
pub(crate) fn mapping_json(view: View<'_>, n: u32, whole: bool, origin: &str) -> Value {
    let (app, to_app) = (n / 2, n.is_multiple_of(2));
    let (app_id, id) = (view.app_id(app), mapping_id(view, n));
    let entry = view.app(app).map(|a| a.entry);
    let (user, schema) = type_ids(view, 0);
    let link = |path: String| json!({"href": format!("{origin}/api/v1/{path}")});
    let app_side = json!({
        "id": app_id, "name": entry.map_or("", |e| e.name), "type": "appuser",
        "_links": {
            "self": link(format!("apps/{app_id}")), "schema": link(format!("meta/schemas/apps/{app_id}/default")),
        },
    });
    let okta_side = json!({
        "id": user, "name": "user", "type": "user",
        "_links": {
            "self": link(format!("meta/types/user/{user}")), "schema": link(format!("meta/schemas/user/{schema}")),
        },
    });
    let (source, target) = if to_app { (okta_side, app_side) } else { (app_side, okta_side) };
    let mut json = json!({
        "id": id, "source": source, "target": target, "_links": {"self": link(format!("mappings/{id}"))},
    });
    if whole {
        json["properties"] = entry.map_or_else(|| json!({}), |e| mapped(e, to_app));
    }
    json
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Mapping, id).map(|n| n as u32))?;
        let end = |name: &str| call.query.get(name).map(str::to_owned);
        let (source, target) = (end("sourceId"), end("targetId"));
        let (user, fits) =
            (view.base.ids.encode(IdKind::UserType, 0), |wanted: &Option<String>, id: &str| {
                wanted.as_deref().is_none_or(|wanted| wanted == id)
            });
        let wanted = |n: &u32| {
            let (app, to_app) = (view.app_id(n / 2), n.is_multiple_of(2));
            let (from, to) = if to_app { (&user, &app) } else { (&app, &user) };
            fits(&source, from) && fits(&target, to)
        };
        let numbers = mapping_numbers(view, after.map_or(0, |n| n + 1)).filter(wanted);
        page::list(
            call,
            &page,
            numbers,
            |n| mapping_id(view, *n),
            |out, n| {
                out.raw_value(&mapping_json(view, *n, false, call.origin).to_string());
            },
        )
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Mapping, call.arg(0)).and_then(|n| u32::try_from(n).ok());
        let n = n.and_then(|n| mapping_numbers(view, n).next().filter(|found| *found == n));
        let n = n.ok_or_else(|| Refusal::not_found(call.arg(0), "ProfileMapping"))?;
        Ok(Reply::value(&mapping_json(view, n, true, call.origin)))
    })
}
