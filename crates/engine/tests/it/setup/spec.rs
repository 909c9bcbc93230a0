//! What set-up sends, against Okta's own spec. Reads `../shared/okta` in place and skips, saying so, where that is absent.

use okta_client::{Method, Shown, Write, api};
use secrecy::SecretString;
use serde_json::{Value, json};
use transom_engine::setup::{Model, Record, Wanted};

use super::world::{World, apply, wanted};

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta/openapi.json");

fn follow<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            spec.pointer(reference.trim_start_matches('#')).expect("a reference that leads somewhere")
        }
        None => schema,
    }
}

/// The kind of a schema that a value says it is of.
fn chosen<'a>(spec: &'a Value, schema: &'a Value, value: &Value) -> &'a Value {
    let by = &schema["discriminator"];
    let says = by["propertyName"].as_str().and_then(|name| value[name].as_str());
    let to = says.and_then(|says| by["mapping"][says].as_str());
    to.and_then(|to| spec.pointer(to.trim_start_matches('#'))).unwrap_or(schema)
}

/// A schema with all that it is made of.
fn merged(spec: &Value, schema: &Value) -> Value {
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut all = json!({ "type": "object", "properties": {}, "required": [] });
    let own = json!({ "properties": schema["properties"], "required": schema["required"] });
    for part in parts.iter().map(|part| merged(spec, follow(spec, part))).chain([own]) {
        for (name, of) in part["properties"].as_object().into_iter().flatten() {
            all["properties"][name] = of.clone();
        }
        let required = part["required"].as_array().into_iter().flatten().cloned();
        all["required"].as_array_mut().expect("a list").extend(required);
    }
    all
}

/// What of a value its schema does not allow.
fn wrong(spec: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let general = follow(spec, schema);
    let mut schema = merged(spec, chosen(spec, general, value));
    if schema["properties"].is_object() {
        for (name, of) in general["properties"].as_object().into_iter().flatten() {
            schema["properties"][name] = schema["properties"].get(name).unwrap_or(of).clone();
        }
    }
    let schema = &schema;
    if let Some(kinds) = schema["oneOf"].as_array() {
        // What they have in common stands beside them.
        let of = |kind: &Value| {
            let mut kind = merged(spec, follow(spec, kind));
            for (name, common) in schema["properties"].as_object().into_iter().flatten() {
                kind["properties"][name] = common.clone();
            }
            kind
        };
        let fits = kinds.iter().filter(|kind| wrong(spec, &of(kind), value, at).is_empty()).count();
        return if fits == 1 {
            Vec::new()
        } else {
            vec![format!("{at}: fits {fits} of {} kinds", kinds.len())]
        };
    }
    let mut found = Vec::new();
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{at}: {value} is none of {allowed:?}"));
    }
    let kind = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer" | "number") => value.is_number(),
        _ => true,
    };
    if !kind {
        found.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(of) => found.extend(wrong(spec, of, inner, &format!("{at}.{name}"))),
            None if schema["additionalProperties"] == json!(true) => {}
            None => found.push(format!("{at}.{name} is in no schema")),
        }
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(wrong(spec, &schema["items"], item, &format!("{at}[{n}]")));
    }
    found
}

/// What of a call the spec does not allow.
fn faults(spec: &Value, call: &Shown) -> Vec<String> {
    let path = call.target.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let mut segments = path.split('/');
        let same = template.split('/').all(|t| segments.next().is_some_and(|s| t.starts_with('{') || t == s));
        same && segments.next().is_none()
    };
    let paths = spec["paths"].as_object().expect("paths");
    // A literal path before one with a parameter in its place.
    let mut known: Vec<&String> = paths.keys().filter(|p| fits(p)).collect();
    known.sort_by_key(|p| p.matches('{').count());
    let Some(item) = known.first().and_then(|p| paths.get(*p)) else {
        return vec![format!("{path}: no such path")];
    };
    let operation = &item[call.method.to_lowercase()];
    if operation.is_null() {
        return vec![format!("{} {path}: no such call", call.method)];
    }
    let mut found = Vec::new();
    let parameters: Vec<&str> = operation["parameters"]
        .as_array()
        .into_iter()
        .chain(item["parameters"].as_array())
        .flatten()
        .filter_map(|p| follow(spec, p)["name"].as_str())
        .collect();
    let query = call.target.split_once('?').map_or("", |(_, query)| query);
    for (name, _) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if !parameters.contains(&name) {
            found.push(format!("{path}: takes no {name}"));
        }
    }
    let body = &operation["requestBody"];
    let schema = &body["content"]["application/json"]["schema"];
    match &call.body {
        Some(sent) if schema.is_null() => found.push(format!("{path}: takes no body, {sent}")),
        Some(sent) => found.extend(wrong(spec, schema, sent, &format!("{} {path}", call.method))),
        None if body["required"] == json!(true) => found.push(format!("{path}: wants a body")),
        None => {}
    }
    found
}

/// A call with its body as it is sent, its secret too.
fn whole(write: &Write) -> Shown {
    Shown { body: write.body.clone(), ..write.shown() }
}

#[tokio::test]
async fn every_call_is_in_okta_s_spec() {
    let Ok(text) = std::fs::read_to_string(SPEC) else {
        println!("skipped: no spec at {SPEC}");
        return;
    };
    let mut spec: Value = serde_json::from_str(&text).expect("JSON");
    // The spec has the keys of a new app as Okta answers them, without `alg` and `use`; its own call for a key takes both.
    spec["components"]["schemas"]["OpenIdConnectApplicationSettingsClientKeys"]["properties"]["keys"]["items"] =
        json!({ "$ref": "#/components/schemas/OAuth2ClientJsonSigningKeyRequest" });
    let world = World::new().await;
    let session = world.session(&world.sim.tokens.super_admin.clone()).await;
    let mut calls = Vec::new();
    let mut kept = Record::default();
    for quiet in [false, true] {
        let plan = session.plan(&wanted(quiet), &kept).await.expect("a plan");
        calls.extend(plan.items.into_iter().flat_map(|i| i.calls));
    }
    apply(&session, &wanted(false), &mut kept, false).await.expect("applied");
    let model = Model::with(&["api_token".to_owned()]).expect("a model");
    let deeper = Wanted { model, ..wanted(false) };
    let widen = session.plan(&deeper, &kept).await.expect("a plan");
    apply(&session, &deeper, &mut kept, false).await.expect("applied");
    let narrow = session.plan(&wanted(false), &kept).await.expect("a plan");
    calls.extend([widen, narrow].into_iter().flat_map(|p| p.items).flat_map(|i| i.calls));
    let password = SecretString::from("correct horse battery staple");
    let profile =
        json!({"firstName": "T", "lastName": "S", "login": "a@b.c", "email": "a@b.c", "title": "t"});
    calls.extend(
        [
            api::user::create(profile, Some(&password)),
            api::user::deactivate("00u1"),
            api::user::delete("00u1"),
            api::role_assignment::take("00u1", "irb1"),
            api::resource_set::delete("iam1"),
            api::role::delete("cr01"),
            Write::new(Method::DELETE, "/api/v1/api-tokens/current", &[]),
        ]
        .iter()
        .map(whole),
    );
    let jwk = okta_client::PrivateKey::generate().expect("a key").public_jwk().expect("its public half");
    calls.extend(
        [
            api::app::create_service("Transom", &jwk),
            api::app::deactivate("0oa1"),
            api::app::delete("0oa1"),
            api::app_grant::grant("0oa1", "okta.users.read", "https://acme.okta.com"),
            api::app_grant::revoke("0oa1", "oag1"),
            api::role_assignment::give_client("0oa1", "READ_ONLY_ADMIN"),
            api::role_assignment::give_client_custom("0oa1", "cr01", "iam1"),
            api::role_assignment::take_client("0oa1", "irb1"),
        ]
        .iter()
        .map(whole),
    );
    assert!(calls.len() >= 10 + 4 + 7 + 8, "{}", calls.len());
    for call in &calls {
        assert_eq!(faults(&spec, call), Vec::<String>::new(), "{call:?}");
    }
    // It can tell.
    let bad = |method: &str, target: &str, body: Option<Value>| {
        let call = Shown { method: method.to_owned(), target: target.to_owned(), body };
        !faults(&spec, &call).is_empty()
    };
    assert!(bad("POST", "/api/v1/iam/roles", Some(json!({"label": "x", "permissions": []}))));
    assert!(bad("POST", "/api/v1/users/1/roles", Some(json!({"type": "CUSTOM"}))));
    assert!(bad("POST", "/api/v1/users/1/roles?quiet=true", Some(json!({"type": "READ_ONLY_ADMIN"}))));
    assert!(bad(
        "POST",
        "/api/v1/iam/resource-sets",
        Some(json!({"label": 1, "description": "", "resources": []}))
    ));
    assert!(bad("PATCH", "/api/v1/iam/roles", None));
}

#[test]
fn every_role_and_scope_is_okta_s() {
    let Ok(text) = std::fs::read_to_string(SPEC) else {
        println!("skipped: no spec at {SPEC}");
        return;
    };
    let spec: Value = serde_json::from_str(&text).expect("JSON");
    let model = Model::with(&["api_token".to_owned()]).expect("a model");
    let roles = &spec["components"]["schemas"]["StandardRoleAssignmentSchema"]["properties"]["type"]["enum"];
    let roles = roles.as_array().expect("an enum");
    assert!(model.roles.iter().all(|g| roles.iter().any(|r| r == g.name)));
    let scopes = &spec["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"];
    for grant in &model.scopes {
        assert!(scopes.get(grant.name).is_some(), "{} is no scope of Okta's", grant.name);
    }
}
