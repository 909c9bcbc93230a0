//! `/api/v1/realms` and `/api/v1/realm-assignments`: 401 E0000015 without Identity Governance.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::realms::{self, Realm, RealmAssignment, assignments, realms};
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/realms", Realms, list),
    route!(GET "/api/v1/realms/{id}", Realms, get),
    route!(GET "/api/v1/realm-assignments", RealmAssignments, list_assignments),
    route!(GET "/api/v1/realm-assignments/{id}", RealmAssignments, get_assignment),
];

fn own(origin: &str, path: String) -> Value {
    json!({"self": {"rel": "self", "href": format!("{origin}/api/v1/{path}"), "method": "GET"}})
}

/// A realm as Okta sends it.
pub(crate) fn realm_json(view: View<'_>, realm: &Realm, origin: &str) -> Value {
    let id = view.base.ids.encode(IdKind::Realm, realm.n);
    let mut profile = json!({"name": realm.name});
    // [rec] Okta's own realm says no type, and no realm without domains has any.
    if realm.n != realms::DEFAULT {
        profile["realmType"] = realm.kind.into();
    }
    if !realm.domains.is_empty() {
        profile["domains"] = json!(realm.domains);
    }
    json!({
        "id": id, "created": time(realm.created), "lastUpdated": time(realm.created), "profile": profile,
        "isDefault": realm.n == realms::DEFAULT, "_links": own(origin, format!("realms/{id}")),
    })
}

/// A realm assignment as Okta sends it [spec].
pub(crate) fn realm_assignment_json(view: View<'_>, assignment: &RealmAssignment, origin: &str) -> Value {
    let ids = &view.base.ids;
    let id = ids.encode(IdKind::RealmAssignment, assignment.n);
    json!({
        "id": id, "status": if assignment.active { "ACTIVE" } else { "INACTIVE" }, "name": assignment.name,
        "created": time(assignment.created), "lastUpdated": time(assignment.created),
        "isDefault": assignment.realm == realms::DEFAULT, "domains": [],
        "conditions": {
            "profileSourceId": view.app_id(view.base.directory), "expression": {"value": assignment.expression},
        },
        "actions": {"assignUserToRealm": {"realmId": ids.encode(IdKind::Realm, assignment.realm)}},
        "priority": assignment.priority, "_links": own(origin, format!("realm-assignments/{id}")),
    })
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(200, 200));
    call.org.read(|view| {
        let ids = &view.base.ids;
        let after = page.cursor(|id| ids.decode(IdKind::Realm, id).map(|n| n as u32))?;
        let realms = realms(view.base.as_of).into_iter().filter(|r| after.is_none_or(|a| r.n > u64::from(a)));
        page::list(
            call,
            &page,
            realms,
            |r| ids.encode(IdKind::Realm, r.n),
            |out, r| out.raw_value(&realm_json(view, r, call.origin).to_string()),
        )
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::Realm, call.arg(0));
        let realm = realms(view.base.as_of).into_iter().find(|r| Some(r.n) == n);
        let realm = realm.ok_or_else(|| Refusal::not_found(call.arg(0), "Realm"))?;
        Ok(Reply::value(&realm_json(view, &realm, call.origin)))
    })
}

fn list_assignments(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let ids = &view.base.ids;
        let after = page.cursor(|id| ids.decode(IdKind::RealmAssignment, id).map(|n| n as u32))?;
        let all =
            assignments(view.base.as_of).into_iter().filter(|r| after.is_none_or(|a| r.n > u64::from(a)));
        page::list(
            call,
            &page,
            all,
            |r| ids.encode(IdKind::RealmAssignment, r.n),
            |out, r| out.raw_value(&realm_assignment_json(view, r, call.origin).to_string()),
        )
    })
}

fn get_assignment(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let n = view.base.ids.decode(IdKind::RealmAssignment, call.arg(0));
        let found = assignments(view.base.as_of).into_iter().find(|r| Some(r.n) == n);
        let found = found.ok_or_else(|| Refusal::not_found(call.arg(0), "RealmAssignment"))?;
        Ok(Reply::value(&realm_assignment_json(view, &found, call.origin)))
    })
}
