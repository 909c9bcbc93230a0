//! `/api/v1/zones`.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::zones::Zone;
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};
use crate::scim::{Expression, Found};

pub(super) const ROUTES: &[Route] =
    &[route!(GET "/api/v1/zones", Zones, list), route!(GET "/api/v1/zones/{id}", Zones, get)];

/// A network zone as Okta sends it.
pub(crate) fn zone_json(view: View<'_>, zone: &Zone, origin: &str) -> Value {
    let id = view.base.ids.encode(IdKind::Zone, zone.n);
    let url = format!("{origin}/api/v1/zones/{id}");
    let verb = if zone.fields["status"] == "ACTIVE" { "deactivate" } else { "activate" };
    let mut json = zone.fields.clone();
    json["id"] = id.into();
    json["created"] = time(zone.created).into();
    json["lastUpdated"] = time(zone.created).into();
    json["_links"] = json!({
        "self": {"href": url, "hints": {"allow": ["GET", "PUT", "DELETE"]}},
        verb: {"href": format!("{url}/lifecycle/{verb}"), "hints": {"allow": ["POST"]}},
    });
    json
}

fn list(call: &Call<'_>) -> Answer {
    // [spec] the default is -1: all of them.
    let page = Page::of(call, Sizes::new(1_000, 1_000));
    let filter = call.query.get("filter").map(Expression::parse).transpose().map_err(Refusal::bad_search)?;
    call.org.read(|view| {
        let id = |z: &&Zone| view.base.ids.encode(IdKind::Zone, z.n);
        let after = page.cursor(|id| view.base.ids.decode(IdKind::Zone, id).map(|n| n as u32))?;
        let zones = view.state.zones.iter().filter(|zone| {
            let get = |path: &str| match path {
                "id" => Found::Text(id(zone).into()),
                "usage" | "system" => {
                    Found::Text(zone.fields[path].to_string().trim_matches('"').to_owned().into())
                }
                _ => Found::Nothing,
            };
            after.is_none_or(|a| zone.n > u64::from(a)) && filter.as_ref().is_none_or(|f| f.holds(&get))
        });
        page::list(call, &page, zones, id, |out, zone| {
            out.raw_value(&zone_json(view, zone, call.origin).to_string())
        })
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Zone, call.arg(0));
        let zone = view.state.zones.iter().find(|z| Some(z.n) == n);
        let zone = zone.ok_or_else(|| Refusal::not_found(call.arg(0), "NetworkZone"))?;
        Ok(Reply::value(&zone_json(view, zone, call.origin)))
    })
}
