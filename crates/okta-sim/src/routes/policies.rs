//! `/api/v1/policies`: lists need a type.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::policies::{Policy, Rule, TYPES, access_policy};
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/policies", Policies, list),
    route!(GET "/api/v1/policies/{id}", Policies, get),
    route!(GET "/api/v1/policies/{id}/mappings", Policies, mappings),
    route!(GET "/api/v1/policies/{id}/rules", Policies, rules),
    route!(GET "/api/v1/policies/{id}/rules/{ruleId}", Policies, rule),
];

fn link(url: &str, allow: &[&str]) -> Value {
    json!({"href": url, "hints": {"allow": allow}})
}

/// A policy as Okta sends it.
fn policy_json(view: View<'_>, policy: &Policy, origin: &str) -> Value {
    let id = view.base.ids.encode(policy.id_kind(), policy.n);
    let url = format!("{origin}/api/v1/policies/{id}");
    let own: &[&str] = if policy.system { &["GET", "PUT"] } else { &["GET", "PUT", "DELETE"] };
    let mut json = json!({
        "id": id, "status": if policy.active { "ACTIVE" } else { "INACTIVE" }, "name": policy.name,
        "priority": policy.priority, "system": policy.system, "conditions": policy.conditions,
        "created": time(policy.created), "lastUpdated": time(policy.created), "type": policy.kind,
        "_links": {"self": link(&url, own), "rules": link(&format!("{url}/rules"), &["GET", "POST"])},
    });
    if !policy.description.is_empty() {
        json["description"] = policy.description.into();
    }
    if !policy.settings.is_null() {
        json["settings"] = policy.settings.clone();
    }
    if !policy.system {
        json["_links"]["mappings"] = link(&format!("{url}/mappings"), &["GET", "POST"]);
        let verb = if policy.active { "deactivate" } else { "activate" };
        json["_links"][verb] = link(&format!("{url}/lifecycle/{verb}"), &["POST"]);
    }
    json
}

/// A policy as Okta lists it.
pub(crate) fn listed_json(view: View<'_>, policy: &Policy, origin: &str) -> Value {
    let mut json = policy_json(view, policy, origin);
    if policy.kind == "ACCESS_POLICY" {
        // [rec] in lists only.
        json["_embedded"] = json!({"resourceType": "APP"});
    }
    json
}

/// A rule as Okta sends it.
pub(crate) fn rule_json(view: View<'_>, policy: &Policy, rule: &Rule, origin: &str) -> Value {
    let ids = &view.base.ids;
    let id = ids.encode(policy.rule_id_kind(), rule.n);
    let url = format!("{origin}/api/v1/policies/{}/rules/{id}", ids.encode(policy.id_kind(), policy.n));
    let own: &[&str] = if rule.system { &["GET", "PUT"] } else { &["GET", "PUT", "DELETE"] };
    let mut json = json!({
        "id": id, "status": if rule.active { "ACTIVE" } else { "INACTIVE" }, "name": rule.name,
        "priority": rule.priority, "system": rule.system, "conditions": rule.conditions, "actions": rule.actions,
        "created": time(policy.created), "lastUpdated": time(policy.created), "type": policy.rule_kind(),
        "_links": {"self": link(&url, own)},
    });
    if !rule.system {
        let verb = if rule.active { "deactivate" } else { "activate" };
        json["_links"][verb] = link(&format!("{url}/lifecycle/{verb}"), &["POST"]);
    }
    json
}

/// Without `type` 400 E0000028 [docs]; with a type that is none, or none of this org, 400 [hound; code inf].
fn list(call: &Call<'_>) -> Answer {
    let kind = call.query.get("type").ok_or_else(|| Refusal::missing_parameter("type"))?;
    call.org.read(|view| {
        let of_kind: Vec<&Policy> = view.state.policies.iter().filter(|p| p.kind == kind).collect();
        if !TYPES.contains(&kind) || of_kind.is_empty() {
            return Err(Refusal::validation(
                "type",
                format!("type: The policy type {kind} is not valid for this org."),
            ));
        }
        let paged = call.query.get("limit").is_some();
        let page = Page::of(call, Sizes::new(1_000, 1_000));
        let id = |p: &&Policy| view.base.ids.encode(p.id_kind(), p.n);
        let after = page.cursor(|cursor| of_kind.iter().position(|p| id(p) == cursor).map(|n| n as u32))?;
        let status = call.query.get("status");
        let query = call.query.get("q").map(str::to_lowercase);
        let policies = of_kind.iter().copied().skip(after.map_or(0, |n| n as usize + 1)).filter(|p| {
            status.is_none_or(|s| (s == "ACTIVE") == p.active)
                && query.as_ref().is_none_or(|q| p.name.to_lowercase().starts_with(q.as_str()))
        });
        let (body, next) = page::array(&page, policies, id, |out, policy| {
            let mut json = listed_json(view, policy, call.origin);
            if call.query.get("expand") == Some("rules") {
                let rules = policy.rules.iter().map(|r| rule_json(view, policy, r, call.origin)).collect();
                json["_embedded"]["rules"] = Value::Array(rules);
            }
            out.raw_value(&json.to_string());
        });
        let reply = Reply::json(body);
        if paged {
            return Ok(page::with_links(call, &page, next.as_deref(), reply));
        }
        // [rec] the answer's own link has no limit unless one was sent.
        Ok(reply.with_header("link", format!("<{}>; rel=\"self\"", page::relation(call, None, None))))
    })
}

fn find<'v>(call: &Call<'_>, view: View<'v>) -> Result<&'v Policy, Refusal> {
    let found = view.state.policies.iter().find(|p| view.base.ids.encode(p.id_kind(), p.n) == call.arg(0));
    found.ok_or_else(|| Refusal::not_found(call.arg(0), "Policy"))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&policy_json(view, find(call, view)?, call.origin))))
}

/// What a policy applies to, as Okta sends it: the apps of an access policy. Other types have none [rec: an empty
/// list]; ids are [inf].
pub(crate) fn mappings_json(view: View<'_>, policy: &Policy, origin: &str) -> Vec<Value> {
    if policy.kind != "ACCESS_POLICY" {
        return Vec::new();
    }
    let policy_url = format!("{origin}/api/v1/policies/{}", view.base.ids.encode(policy.id_kind(), policy.n));
    let apps = (0..view.app_numbers())
        .filter(|n| view.app(*n).is_some_and(|app| access_policy(app.entry) == policy.n));
    apps.map(|app| {
        let id = view.base.ids.encode(IdKind::PolicyMapping, u64::from(app));
        let all = ["GET", "PUT", "DELETE"];
        json!({
            "id": id,
            "_links": {
                "application": link(&format!("{origin}/api/v1/apps/{}", view.app_id(app)), &all),
                "self": link(&format!("{policy_url}/mappings/{id}"), &all),
                "policy": link(&policy_url, &all),
            },
        })
    })
    .collect()
}

fn mappings(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&mappings_json(view, find(call, view)?, call.origin).into())))
}

fn rules(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let policy = find(call, view)?;
        Ok(Reply::value(&policy.rules.iter().map(|r| rule_json(view, policy, r, call.origin)).collect()))
    })
}

fn rule(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let policy = find(call, view)?;
        let rule =
            policy.rules.iter().find(|r| view.base.ids.encode(policy.rule_id_kind(), r.n) == call.arg(1));
        let rule = rule.ok_or_else(|| Refusal::not_found(call.arg(1), "PolicyRule"))?;
        Ok(Reply::value(&rule_json(view, policy, rule, call.origin)))
    })
}
