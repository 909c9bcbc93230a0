//! Okta's own spec: every route of the simulator is in it, and what a set-up sends and gets has its shape. Reads
//! `../shared/okta` in place and skips, saying so, where that is absent.

use std::collections::BTreeSet;

use okta_sim::Config;
use serde_json::{Value, json};

use crate::client::{Http, start, text};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta");

/// Routes that Okta documents apart from its management spec.
const ELSEWHERE: &[&str] = &[
    "POST /oauth2/v1/token",
    "GET /oauth2/v1/keys",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
];

#[expect(clippy::print_stderr, reason = "says what was skipped")]
fn read(path: &str) -> Option<String> {
    let path = format!("{SHARED}/{path}");
    let found = std::fs::read_to_string(&path);
    if found.is_err() {
        eprintln!("skipped: nothing at {path}");
    }
    found.ok()
}

/// A path with every `{…}` and fixed word, so that the spec's names of parameters don't matter.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_is_in_the_spec() {
    let Some(text) = read("openapi.json") else { return };
    let spec: Value = serde_json::from_str(&text).expect("JSON");
    let known: BTreeSet<(String, String)> = spec["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            methods.keys().map(move |method| (method.to_uppercase(), shape(path)))
        })
        .collect();
    let routes: Vec<&str> = okta_sim::routes().into_iter().map(|(name, _)| name).collect();
    assert!(routes.len() > 150, "{}", routes.len());
    for name in routes.iter().filter(|name| !ELSEWHERE.contains(name)) {
        let (method, path) = name.split_once(' ').expect("method and path");
        assert!(known.contains(&(method.to_owned(), shape(path))), "{name}");
    }
}

/// The scopes that a call takes are those of the spec.
#[test]
fn every_route_takes_the_scopes_of_the_spec() {
    let Some(text) = read("openapi.json") else { return };
    let spec: Value = serde_json::from_str(&text).expect("JSON");
    let paths = spec["paths"].as_object().expect("paths");
    for (name, data) in okta_sim::routes() {
        let Some(data) = data.filter(|_| !ELSEWHERE.contains(&name)) else { continue };
        let (method, path) = name.split_once(' ').expect("method and path");
        let operations = paths.iter().filter(|(p, _)| shape(p) == shape(path)).map(|(_, methods)| methods);
        let operation =
            operations.filter_map(|methods| methods.get(method.to_lowercase())).next().expect("in the spec");
        let security = operation["security"].as_array().into_iter().flatten();
        let wanted: Vec<&str> = security
            .filter_map(|one| one.get("oauth2")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(okta_sim::scopes::required(name, data), wanted, "{name}");
    }
}

fn recorded(file: &str) -> Vec<Value> {
    let lines = read(&format!("corpus/{file}.jsonl")).unwrap_or_default();
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Where everything stands in a body, ids and texts left out.
fn outline(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| outline(value, &format!("{path}.{key}"), found))
        }
        Value::Array(items) => items.iter().for_each(|item| outline(item, &format!("{path}[]"), found)),
        Value::Null => {}
        other => {
            found.insert(format!("{path}: {}", if other.is_string() { "text" } else { "value" }));
        }
    }
}

/// Recorded changes to roles and resource sets, sent again: the same status, code and cause, and the same outline.
#[tokio::test]
async fn recorded_changes_are_answered_alike() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let org = text(&http.get("/.well-known/okta-organization").await.body, "id").to_owned();
    http.post(
        "/api/v1/iam/roles",
        json!({"label": "Test-Duplicate-Role", "description": "d", "permissions": ["okta.users.read"]}),
    )
    .await;
    let role = http.get("/api/v1/iam/roles/Scanner").await.body["id"].as_str().expect("id").to_owned();
    let set = http.get("/api/v1/iam/resource-sets/Scanner%20Scope").await.body["id"]
        .as_str()
        .expect("id")
        .to_owned();
    let mut seen = 0;
    for (file, method) in [
        ("POST_api_v1_iam_roles", "POST"),
        ("PUT_api_v1_iam_roles_ID", "PUT"),
        ("POST_api_v1_iam_roles_ID_permissions_ID", "POST"),
        ("DELETE_api_v1_iam_roles_ID", "DELETE"),
        ("POST_api_v1_iam_resource-sets", "POST"),
        ("PUT_api_v1_iam_resource-sets_ID", "PUT"),
        ("PATCH_api_v1_iam_resource-sets_ID_resources", "PATCH"),
        ("POST_api_v1_iam_resource-sets_ID_bindings", "POST"),
        ("DELETE_api_v1_iam_resource-sets_ID", "DELETE"),
    ] {
        let recordings = recorded(file);
        for recording in &recordings {
            let status = recording["status"].as_u64().expect("status");
            // Deletions that worked were of objects that were made for it.
            if method == "DELETE" && status == 204 {
                continue;
            }
            let url = text(recording, "url");
            let mut path = url.split_once(".com").expect("a host").1.to_owned();
            let unknown = status == 404 && !path.ends_with("/bindings");
            for (prefix, own) in [("/roles/", &role), ("/resource-sets/", &set)] {
                if let Some((before, after)) = path.clone().split_once(prefix).filter(|_| !unknown) {
                    let rest = after.split_once('/').map(|(_, rest)| format!("/{rest}")).unwrap_or_default();
                    path = format!("{before}{prefix}{own}{rest}");
                }
            }
            let mut body = recording["request_body"].clone();
            for list in ["resources", "additions"] {
                if body.get(list).is_some() {
                    body[list] = json!([format!("orn:okta:idp:{org}:apps")]);
                }
            }
            if status == 200 && body.get("label").is_some() {
                // Each label once: what was recorded had been deleted in between.
                body["label"] = format!("{} {seen}", text(&body, "label")).into();
            }
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let answer = http.call(method, &path, &body).await;
            assert_eq!(u64::from(answer.status), status, "{method} {path} {body}: {}", answer.text);
            let (mut theirs, mut ours) = (BTreeSet::new(), BTreeSet::new());
            outline(&recording["response_body"], "", &mut theirs);
            outline(&answer.body, "", &mut ours);
            assert_eq!(ours, theirs, "{method} {path}");
            if status >= 400 {
                let said = |body: &Value| {
                    (body["errorCode"].clone(), body["errorSummary"].clone(), body["errorCauses"].clone())
                };
                assert_eq!(said(&answer.body), said(&recording["response_body"]));
            }
            seen += 1;
        }
    }
    assert!(seen > 30 || recorded("POST_api_v1_iam_roles").is_empty(), "{seen}");
}
