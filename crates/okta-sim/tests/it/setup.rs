//! What a set-up does to an org and undoes again: custom role, resource set, user, role assignments, service app.

use std::sync::Arc;
use std::time::Duration;

use okta_sim::clock::ManualClock;
use okta_sim::{Config, Hooks};
use serde_json::{Value, json};

use crate::client::{Http, Response, path_of, start, start_with, text};

/// Status, code and first cause.
fn refusal(answer: &Response) -> (u16, &str, &str) {
    let cause = answer.body["errorCauses"][0]["errorSummary"].as_str();
    (
        answer.status,
        answer.code(),
        cause.unwrap_or_else(|| answer.body["errorSummary"].as_str().unwrap_or_default()),
    )
}

async fn org_id(http: &mut Http) -> String {
    text(&http.get("/.well-known/okta-organization").await.body, "id").to_owned()
}

async fn listed(http: &mut Http) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for path in [
        "/api/v1/users",
        "/api/v1/users?search=id+pr",
        "/api/v1/iam/roles",
        "/api/v1/iam/resource-sets",
        "/api/v1/iam/assignees/users",
        "/api/v1/apps",
    ] {
        all.push(http.all(path).await);
    }
    all
}

#[tokio::test]
async fn the_article_s_steps_and_back() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let before = listed(&mut http).await;
    let org = org_id(&mut http).await;
    let next = http.get("/api/v1/logs?since=2100-01-01T00:00:00Z").await.link("next").expect("next");

    let role = json!({"label": "Connected App Read", "description": "d", "permissions": ["okta.iam.read", "okta.authzServers.read"]});
    let role = http.post("/api/v1/iam/roles", role).await;
    assert_eq!((role.status, &role.body["isCloneable"]), (200, &json!(false)));
    let role_id = text(&role.body, "id").to_owned();
    let orn = |rest: &str| format!("orn:okta:{}", rest.replace("{org}", &org));
    let resources = [orn("idp:{org}:authorization_servers"), orn("iam:{org}:contained_resources")];
    let set = json!({"label": "Connected App Scope", "description": "d", "resources": resources});
    let set = http.post("/api/v1/iam/resource-sets", set).await;
    assert_eq!((set.status, &text(&set.body, "id")[..3]), (200, "iam"));
    let set_id = text(&set.body, "id").to_owned();
    let held = http.all(&format!("/api/v1/iam/resource-sets/{set_id}/resources")).await;
    assert_eq!(held.iter().map(|r| text(r, "orn")).collect::<Vec<_>>(), resources);
    assert!(held[1]["_links"].get("self").is_none(), "IAM resources have no URL");

    let profile = json!({"firstName": "Svc", "lastName": "App", "email": "svc@acme.example", "login": "svc@acme.example"});
    let user = json!({"profile": profile, "credentials": {"password": {"value": "correct horse"}}});
    let user = http.post("/api/v1/users?activate=true", user).await;
    assert_eq!((user.status, text(&user.body, "status")), (200, "ACTIVE"));
    let user_id = text(&user.body, "id").to_owned();
    let roles = format!("/api/v1/users/{user_id}/roles");
    let read =
        http.post(&format!("{roles}?disableNotifications=true"), json!({"type": "READ_ONLY_ADMIN"})).await;
    assert_eq!((read.status, text(&read.body, "id")), (201, "KJCUCRC7J5HEYWK7IFCE2SKO"));
    let bindings = format!("/api/v1/iam/resource-sets/{set_id}/bindings");
    let member = format!("{}/api/v1/users/{user_id}", sim.origin);
    let bound = http.post(&bindings, json!({"role": role_id, "members": [member]})).await;
    assert_eq!(bound.status, 200);
    assert_eq!(path_of(text(&bound.body["_links"]["self"], "href")), format!("{bindings}/{role_id}"));
    let twice = http.post(&bindings, json!({"role": role_id, "members": [member]})).await;
    assert_eq!((twice.status, twice.code()), (409, "E0000090"));
    let members = http.all(&format!("{bindings}/{role_id}/members")).await;
    assert_eq!(text(&members[0]["_links"]["self"], "href"), member);
    let one = format!("{bindings}/{role_id}/members/{}", text(&members[0], "id"));
    assert_eq!(http.get(&one).await.body, members[0]);
    assert_eq!(http.all(&roles).await.len(), 2);

    // The user's own token now reads roles.
    let token = sim.org.create_token("svc@acme.example", "Connected app").expect("made");
    let mut own = Http::new(&sim, &token).await;
    assert_eq!(own.get(&roles).await.status, 200);
    assert_eq!(own.post("/api/v1/iam/roles", json!({})).await.code(), "E0000006", "reading is not writing");

    // What is held can't be deleted; in order, all of it can.
    let role_path = format!("/api/v1/iam/roles/{role_id}");
    assert_eq!(http.call("DELETE", &role_path, "").await.status, 400);
    assert_eq!(http.call("DELETE", &format!("/api/v1/iam/resource-sets/{set_id}"), "").await.status, 400);
    assert_eq!(http.call("DELETE", &one, "").await.status, 204);
    let gone = http.get(&format!("{bindings}/{role_id}")).await;
    assert_eq!((gone.status, gone.code()), (404, "E0000007"));
    assert_eq!(http.call("DELETE", &format!("{roles}/KJCUCRC7J5HEYWK7IFCE2SKO"), "").await.status, 204);
    for path in [role_path.clone(), format!("/api/v1/iam/resource-sets/{set_id}")] {
        assert_eq!(http.call("DELETE", &path, "").await.status, 204);
        assert_eq!(http.call("DELETE", &path, "").await.status, 404);
    }
    let user_path = format!("/api/v1/users/{user_id}");
    assert_eq!(http.call("POST", &format!("{user_path}/lifecycle/deactivate"), "").await.status, 200);
    assert_eq!(own.get("/api/v1/users/me").await.code(), "E0000011", "the token went with its owner");
    assert_eq!(http.call("DELETE", &user_path, "").await.status, 204);
    assert_eq!(listed(&mut http).await, before);
    let told = http.get(&next).await;
    let events: Vec<&str> =
        told.body.as_array().expect("events").iter().map(|e| text(e, "eventType")).collect();
    assert_eq!(
        events,
        [
            "iam.role.create",
            "iam.resourceset.create",
            "user.lifecycle.create",
            "user.lifecycle.activate",
            "user.account.privilege.grant",
            "iam.resourceset.bindings.add",
            "user.account.privilege.grant",
            "system.api_token.create",
            "iam.resourceset.bindings.delete",
            "user.account.privilege.revoke",
            "user.account.privilege.revoke",
            "iam.role.delete",
            "iam.resourceset.delete",
            "system.api_token.revoke",
            "user.lifecycle.deactivate",
            "user.lifecycle.delete.initiated",
            "user.lifecycle.delete.completed",
        ]
    );
}

#[tokio::test]
async fn what_is_refused_and_how() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let org = org_id(&mut http).await;
    let role = |label: &str| json!({"label": label, "description": "d", "permissions": ["okta.users.read"]});
    let taken = http.post("/api/v1/iam/roles", role("Transom Read")).await;
    assert_eq!(taken.body["errorSummary"], "Api validation failed: label");
    assert_eq!(refusal(&taken), (400, "E0000001", "label: There is already an admin role with this name."));
    let set =
        |label: Value, resource: &str| json!({"label": label, "description": "d", "resources": [resource]});
    let all = format!("orn:okta:idp:{org}:apps");
    let unnamed = http.post("/api/v1/iam/resource-sets", set(Value::Null, &all)).await;
    assert_eq!(refusal(&unnamed), (400, "E0000001", "label: Label must be specified"));
    for wrong in [
        "orn:okta:idp:00oelsewhere:apps",
        "orn:oktapreview:idp:{org}:apps",
        "apps",
        "https://x/api/v1/groups/00gnone",
    ] {
        let answer =
            http.post("/api/v1/iam/resource-sets", set("x".into(), &wrong.replace("{org}", &org))).await;
        assert_eq!((answer.status, answer.code()), (400, "E0000001"), "{wrong}");
    }
    for (body, field) in [
        (json!({"label": "x", "permissions": ["okta.users.read"]}), "description"),
        (json!({"label": "x", "description": "d"}), "permissions"),
        (json!({"label": "x", "description": "d", "permissions": ["users.read"]}), "permissions"),
    ] {
        let answer = http.post("/api/v1/iam/roles", body).await;
        assert_eq!(answer.body["errorSummary"], format!("Api validation failed: {field}"));
    }
    for (method, path, kind) in [
        ("DELETE", "/api/v1/iam/roles/none", "CustomRole"),
        ("PUT", "/api/v1/iam/roles/none", "CustomRole"),
        ("POST", "/api/v1/iam/roles/none/permissions/okta.users.read", "CustomRole"),
        ("DELETE", "/api/v1/iam/resource-sets/none", "IAMPolicy"),
        ("PATCH", "/api/v1/iam/resource-sets/none/resources", "IAMPolicy"),
        ("DELETE", "/api/v1/iam/resource-sets/none/resources/none", "IAMPolicy"),
        ("DELETE", "/api/v1/api-tokens/none", "Token"),
    ] {
        let answer = http.call(method, path, "{}").await;
        let summary = format!("Not found: Resource not found: none ({kind})");
        assert_eq!(refusal(&answer), (404, "E0000007", summary.as_str()), "{method} {path}");
    }
    let bindings = "/api/v1/iam/resource-sets/All%20people/bindings";
    let unknown = http.post(bindings, json!({"role": "none"})).await;
    assert_eq!(refusal(&unknown), (404, "E0000007", "Not found: Resource not found: none (CustomRole)"));
    for members in [json!([]), json!(["https://x/api/v1/users/00unone"])] {
        let answer = http.post(bindings, json!({"role": "Scanner", "members": members})).await;
        assert_eq!((answer.status, answer.code()), (400, "E0000001"));
    }
    let odd = json!({"profile": {"firstName": "A", "lastName": "B", "email": "a@b.example", "login": "a@b.example", "x": 1}});
    let odd = http.post("/api/v1/users", odd).await;
    assert_eq!(odd.body["errorSummary"], "Api validation failed: newUser");
    assert_eq!(refusal(&odd).2, "Property name 'x' is not defined in profile");
}

#[tokio::test]
async fn roles_and_sets_change() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let org = org_id(&mut http).await;
    let role = "/api/v1/iam/roles/Scanner";
    let renamed = http.call("PUT", role, &json!({"label": "Prober", "description": "new"}).to_string()).await;
    assert_eq!((renamed.status, text(&renamed.body, "description")), (200, "new"));
    assert!(text(&renamed.body, "lastUpdated") > text(&renamed.body, "created"));
    let role = "/api/v1/iam/roles/Prober/permissions";
    assert_eq!(http.call("POST", &format!("{role}/okta.apps.read"), "").await.status, 204);
    assert_eq!(http.get(&format!("{role}/okta.apps.read")).await.body["label"], "okta.apps.read");
    assert_eq!(http.call("DELETE", &format!("{role}/okta.users.read"), "").await.status, 204);
    let labels: Vec<Value> = http.all(role).await.into_iter().map(|p| p["label"].clone()).collect();
    assert_eq!(labels, ["okta.groups.read", "okta.apps.read"]);

    let set = "/api/v1/iam/resource-sets/Scanner%20Scope";
    let more = json!({"additions": [format!("{}/api/v1/users", sim.origin), format!("orn:okta:directory:{org}:devices")]});
    let changed = http.call("PATCH", &format!("{set}/resources"), &more.to_string()).await;
    assert_eq!((changed.status, text(&changed.body, "label")), (200, "Scanner Scope"));
    let again = http.call("PATCH", &format!("{set}/resources"), &more.to_string()).await;
    assert_eq!(again.status, 200);
    let held = http.all(&format!("{set}/resources")).await;
    assert_eq!(held.len(), 4, "nothing twice");
    assert_eq!(text(&held[3], "orn"), format!("orn:okta:directory:{org}:devices"));
    let one = format!("{set}/resources/{}", text(&held[2], "id"));
    assert_eq!(http.get(&one).await.body, held[2]);
    assert_eq!(http.call("DELETE", &one, "").await.status, 204);
    assert_eq!(http.get(&one).await.status, 404);
    let alone = json!({"resourceOrnOrUrl": format!("orn:okta:idp:{org}:policies"), "conditions": {}});
    assert_eq!(text(&http.post(&format!("{set}/resources"), alone).await.body, "id").get(..3), Some("ire"));
}

#[tokio::test]
async fn going_takes_its_time() {
    let clock = Arc::new(ManualClock::at(1_782_777_600_000));
    let config =
        Config { lifecycle_lag: Duration::from_secs(5), as_of: Some(1_782_777_600_000), ..Config::default() };
    let sim = start_with(config, Hooks { clock: clock.clone(), ..Hooks::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let id = sim.org.create_user("Short", "Stay", "short.stay@acme.example").expect("created");
    let path = format!("/api/v1/users/{id}");
    let states = |user: &Value| (user["status"].clone(), user["transitioningToStatus"].clone());
    assert_eq!(http.call("POST", &format!("{path}/lifecycle/deactivate"), "").await.status, 200);
    assert_eq!(states(&http.get(&path).await.body), (json!("ACTIVE"), json!("DEPROVISIONED")));
    assert_eq!(http.call("DELETE", &path, "").await.status, 204, "asks for what is under way");
    clock.advance(5_000);
    assert_eq!(states(&http.get(&path).await.body), (json!("DEPROVISIONED"), Value::Null));
    assert_eq!(http.call("DELETE", &path, "").await.status, 204);
    assert_eq!(states(&http.get(&path).await.body), (json!("DEPROVISIONED"), Value::Null));
    clock.advance(5_000);
    assert_eq!(http.get(&path).await.status, 404);
}

fn service(label: &str) -> Value {
    json!({
        "name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
        "settings": {"oauthClient": {
            "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
            "dpop_bound_access_tokens": true, "jwks": {"keys": [{"kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB"}]},
        }},
    })
}

#[tokio::test]
async fn a_service_app_s_life() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let before = listed(&mut http).await;
    let made = http.post("/api/v1/apps", service("Connected App")).await;
    assert_eq!((made.status, text(&made.body, "status")), (200, "ACTIVE"));
    let client = &made.body["settings"]["oauthClient"];
    assert_eq!(
        (&client["dpop_bound_access_tokens"], &client["jwks"]["keys"][0]["kid"]),
        (&json!(true), &json!("one"))
    );
    let credentials = &made.body["credentials"]["oauthClient"];
    assert_eq!((&credentials["client_id"], &credentials["client_secret"]), (&made.body["id"], &Value::Null));
    let id = text(&made.body, "id").to_owned();
    let app = format!("/api/v1/apps/{id}");
    assert!(http.all("/api/v1/apps").await.contains(&made.body));

    // The org's setting makes it a super admin with its first scope.
    let setting = "/api/v1/org/settings/clientPrivilegesSetting";
    assert_eq!(http.get(setting).await.body["clientPrivilegesSetting"], true);
    let grants = format!("{app}/grants");
    let grant = |scope: &str, issuer: &str| json!({"scopeId": scope, "issuer": issuer});
    let granted = http.post(&grants, grant("okta.users.read", &sim.origin)).await;
    assert_eq!((granted.status, &granted.body["_embedded"]["scope"]["id"]), (200, &json!("okta.users.read")));
    assert_eq!(
        http.post(&grants, grant("okta.users.read", &sim.origin)).await.body["id"],
        granted.body["id"]
    );
    for wrong in
        [grant("okta.nothing.read", &sim.origin), grant("okta.apps.read", "https://elsewhere.example")]
    {
        assert_eq!(http.post(&grants, wrong).await.status, 400);
    }
    let roles = format!("/oauth2/v1/clients/{id}/roles");
    let held = http.all(&roles).await;
    assert_eq!(held.iter().map(|r| text(r, "type")).collect::<Vec<_>>(), ["SUPER_ADMIN"]);
    let one = format!("{grants}/{}", text(&granted.body, "id"));
    // Only the answer to the granting has the scope embedded.
    let mut alone = granted.body.clone();
    alone.as_object_mut().expect("an object").remove("_embedded");
    assert_eq!(http.get(&one).await.body, alone);
    assert_eq!(http.call("DELETE", &one, "").await.status, 204);
    assert_eq!(http.get(&one).await.status, 404);
    assert_eq!(http.get(&grants).await.body, json!([]));

    // With the setting off, the next one gets what it is given.
    let off = http.call("PUT", setting, &json!({"clientPrivilegesSetting": false}).to_string()).await;
    assert_eq!((off.status, &off.body["clientPrivilegesSetting"]), (200, &json!(false)));
    let other = http.post("/api/v1/apps?activate=false", service("Another")).await;
    assert_eq!(text(&other.body, "status"), "INACTIVE");
    let other = text(&other.body, "id").to_owned();
    http.post(&format!("/api/v1/apps/{other}/grants"), grant("okta.users.read", &sim.origin)).await;
    let roles = format!("/oauth2/v1/clients/{other}/roles");
    assert_eq!(http.all(&roles).await.len(), 0);
    assert_eq!(http.post(&roles, json!({"type": "READ_ONLY_ADMIN"})).await.status, 201);
    let member = format!("{}/oauth2/v1/clients/{other}", sim.origin);
    let bound = json!({"role": "Transom Read", "members": [member]});
    assert_eq!(http.post("/api/v1/iam/resource-sets/Transom%20Resources/bindings", bound).await.status, 200);
    assert_eq!(http.all(&roles).await.len(), 2);

    // Keys: a new one beside the old, the old switched off and deleted.
    let jwks = format!("{app}/credentials/jwks");
    let new =
        http.post(&jwks, json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "two"})).await;
    assert_eq!((new.status, text(&new.body, "status")), (201, "ACTIVE"));
    assert_eq!(
        http.post(&jwks, json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "two"}))
            .await
            .status,
        400
    );
    assert_eq!(http.post(&jwks, json!({"kty": "RSA", "n": "AQ", "e": "AQ", "d": "AQ"})).await.status, 400);
    let old = http.all(&jwks).await[0].clone();
    let old = format!("{jwks}/{}", text(&old, "id"));
    assert_eq!(http.call("DELETE", &old, "").await.status, 400);
    assert_eq!(
        http.call("POST", &format!("{old}/lifecycle/deactivate"), "").await.body["status"],
        "INACTIVE"
    );
    assert_eq!(http.call("DELETE", &old, "").await.status, 204);
    let last = format!("{jwks}/{}/lifecycle/deactivate", text(&new.body, "id"));
    assert_eq!(http.call("POST", &last, "").await.status, 400, "the last key stays");

    let active = http.call("DELETE", &app, "").await;
    assert_eq!((active.status, active.code()), (403, "E0000056"));
    assert_eq!(http.call("POST", &format!("{app}/lifecycle/deactivate"), "").await.status, 200);
    for id in [id, other] {
        assert_eq!(http.call("DELETE", &format!("/api/v1/apps/{id}"), "").await.status, 204);
        assert_eq!(http.get(&format!("/oauth2/v1/clients/{id}/roles")).await.status, 404);
    }
    assert_eq!(listed(&mut http).await, before);
    for wrong in [
        json!({"name": "oidc_client", "label": "", "signOnMode": "OPENID_CONNECT"}),
        {
            let mut body = service("x");
            body["settings"]["oauthClient"]["jwks"] = Value::Null;
            body
        },
        {
            let mut body = service("x");
            body["settings"]["oauthClient"]["grant_types"] = json!(["implicit"]);
            body
        },
    ] {
        assert_eq!(http.post("/api/v1/apps", wrong).await.code(), "E0000001");
    }
}

#[tokio::test]
async fn a_token_s_zone() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let tokens = http.all("/api/v1/api-tokens").await;
    let id = text(tokens.iter().find(|t| t["name"] == "Reporting").expect("listed"), "id").to_owned();
    let zone = text(&http.all("/api/v1/zones").await[0], "id").to_owned();
    let body = json!({"name": "Reports", "network": {"connection": "ZONE", "include": [zone]}});
    let changed = http.call("PUT", &format!("/api/v1/api-tokens/{id}"), &body.to_string()).await;
    assert_eq!((changed.status, &changed.body["network"]), (200, &body["network"]));
    assert_eq!(Http::new(&sim, &sim.tokens.read_only).await.get("/api/v1/users/me").await.code(), "E0000006");
}
