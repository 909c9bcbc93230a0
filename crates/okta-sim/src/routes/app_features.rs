//! `/api/v1/apps/{id}/features` and `/group-push/mappings`: what an app is provisioned with.

use serde_json::{Value, json};

use super::apps::of_path;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::layout::BUILT_IN_GROUPS;
use crate::generate::people::DAY;
use crate::generate::provisioning::{self, Feature, Push};
use crate::json::seconds;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/apps/{id}/features", AppFeatures, list),
    route!(GET "/api/v1/apps/{id}/features/{name}", AppFeatures, get),
    route!(GET "/api/v1/apps/{id}/group-push/mappings", GroupPush, mappings),
    route!(GET "/api/v1/apps/{id}/group-push/mappings/{mappingId}", GroupPush, mapping),
];

/// The features of an app.
pub(crate) fn features(view: View<'_>, app: u32) -> Vec<Feature> {
    view.app(app).map(|a| provisioning::features(a.entry, app)).unwrap_or_default()
}

/// A feature as Okta sends it [rec].
pub(crate) fn feature_json(view: View<'_>, app: u32, feature: &Feature, origin: &str) -> Value {
    let (id, name) = (view.app_id(app), feature.name);
    json!({
        "name": name, "status": if feature.enabled { "ENABLED" } else { "DISABLED" },
        "description": feature.description, "capabilities": feature.capabilities,
        "_links": {"self": {
            "href": format!("{origin}/api/v1/apps/{id}/features/{name}"), "hints": {"allow": ["GET", "PUT"]},
        }},
    })
}

/// The app's features; 400 where provisioning is not supported [rec].
fn supported(call: &Call<'_>, view: View<'_>) -> Result<(u32, Vec<Feature>), Refusal> {
    let app = of_path(call, view)?;
    let features = features(view, app);
    if features.is_empty() {
        return Err(Refusal::validation("feature", "Provisioning is not supported."));
    }
    Ok((app, features))
}

fn list(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, features) = supported(call, view)?;
        Ok(Reply::value(&features.iter().map(|f| feature_json(view, app, f, call.origin)).collect()))
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, features) = supported(call, view)?;
        let feature = features.iter().find(|f| f.name == call.arg(1));
        let feature = feature.ok_or_else(|| Refusal::not_found(call.arg(1), "ApplicationFeature"))?;
        Ok(Reply::value(&feature_json(view, app, feature, call.origin)))
    })
}

/// The group push mappings of an app whose groups are both there.
pub(crate) fn pushes(view: View<'_>, app: u32) -> Vec<Push> {
    let Some(entry) = view.app(app).map(|a| a.entry) else { return Vec::new() };
    let groups = view.base.config.groups as u32;
    let mut pushes = provisioning::pushes(entry, app, groups, BUILT_IN_GROUPS);
    pushes.retain(|p| view.group(p.source).is_some() && view.group(p.target).is_some());
    pushes
}

fn push_id(view: View<'_>, app: u32, push: &Push) -> String {
    view.base.ids.encode(IdKind::GroupPush, u64::from(app) << 8 | u64::from(push.n))
}

/// A group push mapping as Okta sends it: dates without milliseconds [rec].
pub(crate) fn push_json(view: View<'_>, app: u32, push: &Push, origin: &str) -> Value {
    let (source, target) = (view.group_id(push.source), view.group_id(push.target));
    let created = seconds(view.app(app).map_or(0, |a| a.created));
    let href = |path: String| json!({"href": format!("{origin}/api/v1/{path}")});
    let mut json = json!({
        "id": push_id(view, app, push), "status": push.status, "created": created, "lastUpdated": created,
        "sourceGroupId": source, "targetGroupId": target,
        "_links": {
            "app": href(format!("apps/{}", view.app_id(app))), "sourceGroup": href(format!("groups/{source}")),
            "targetGroup": href(format!("groups/{target}")),
        },
    });
    if push.status == "ERROR" {
        json["lastPush"] = seconds(view.base.as_of - 40 * DAY).into();
        json["errorSummary"] =
            "Unable to update Group Push mapping target App group: not found in the app".into();
    }
    json
}

fn mappings(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(100, 1_000));
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let pushes = pushes(view, app);
        let id = |push: &&Push| push_id(view, app, push);
        let place = |id: &str| pushes.iter().position(|p| push_id(view, app, p) == id).map(|n| n as u32);
        let from = page.cursor(place)?.map_or(0, |n| n as usize + 1);
        page::list(call, &page, pushes.iter().skip(from), id, |out, push| {
            out.raw_value(&push_json(view, app, push, call.origin).to_string());
        })
    })
}

fn mapping(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let app = of_path(call, view)?;
        let pushes = pushes(view, app);
        let push = pushes.iter().find(|p| push_id(view, app, p) == call.arg(1));
        let push = push.ok_or_else(|| Refusal::not_found(call.arg(1), "GroupPushMapping"))?;
        Ok(Reply::value(&push_json(view, app, push, call.origin)))
    })
}
