//! Okta's own spec: every call of this crate is in it, with the parameters and the shape used here. Skips where the
//! spec is not beside the checkout.

use okta_client::api::{self, log_event, policy, resource_set, role_assignment};
use okta_client::{Items, Listing};
use serde_json::Value;

fn spec() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta/openapi.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: no spec at {path}");
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn follow<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            spec.pointer(reference.trim_start_matches('#')).expect("a reference that leads somewhere")
        }
        None => value,
    }
}

/// Whether an object schema has a property, `allOf` included.
fn has_property(spec: &Value, schema: &Value, name: &str) -> bool {
    let schema = follow(spec, schema);
    schema["properties"].get(name).is_some()
        || schema["allOf"].as_array().is_some_and(|all| all.iter().any(|part| has_property(spec, part, name)))
}

#[test]
fn every_call_is_in_the_spec() {
    let Some(spec) = spec() else { return };
    let since = jiff::Timestamp::UNIX_EPOCH;
    let mut calls: Vec<Listing> = crate::corpus::calls().into_iter().map(|(listing, _)| listing).collect();
    calls.extend([
        api::user::list_deprovisioned().into_listing(),
        api::user::list_updated_since(since).into_listing(),
        api::group::list_updated_since(since).into_listing(),
        resource_set::members("x", "y").into_listing(),
        log_event::feed(since).into_listing(),
        log_event::between(since, since, "x").into_listing(),
        role_assignment::assignees().into_listing(),
    ]);
    for call in calls {
        // The spec names the parameters of a path differently in different versions; the shape is what counts.
        let shape = |route: &str| {
            let parts = route.split('/').map(|s| if s.starts_with('{') { "{}" } else { s });
            parts.collect::<Vec<_>>().join("/")
        };
        let paths = spec["paths"].as_object().expect("paths");
        let (_, path) = paths
            .iter()
            .find(|(p, operations)| shape(p) == shape(call.route) && operations.get("get").is_some())
            .unwrap_or_else(|| panic!("{} is not in the spec", call.route));
        let get = &path["get"];
        let of_path = path["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<&str> = get["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(of_path)
            .filter_map(|p| follow(&spec, p)["name"].as_str())
            .collect();
        for (name, _) in &call.query {
            assert!(parameters.contains(name), "{} takes no {name}: {parameters:?}", call.route);
        }
        if let Some(size) = call.page_size {
            assert!(size.floor <= size.ask);
            // Not for assignees and resources in every version of the spec; theirs is checked where it is.
            assert!(parameters.contains(&size.param), "{} takes no {}", call.route, size.param);
        }
        let schema = follow(&spec, &get["responses"]["200"]["content"]["application/json"]["schema"]);
        match call.items {
            Items::Array | Items::Within(_) => assert_eq!(schema["type"], "array", "{}", call.route),
            Items::Field(field) => {
                assert!(has_property(&spec, schema, field), "{} has no {field}", call.route)
            }
            Items::One => assert_ne!(schema["type"], "array", "{}", call.route),
        }
    }
}

#[test]
fn every_policy_type_is_known() {
    let Some(spec) = spec() else { return };
    let theirs: Vec<&str> = spec["components"]["schemas"]["PolicyType"]["enum"]
        .as_array()
        .expect("an enum")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let ours: Vec<&str> = policy::PolicyType::KNOWN.iter().map(policy::PolicyType::as_str).collect();
    assert_eq!(ours, theirs);
}
