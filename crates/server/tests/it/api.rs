//! `/api/v1` as a program meets it, against a simulated org.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use okta_sim::{Config, Limits, Running, Sim};
use serde_json::{Value, json};
use transom_core::{Reach, Role};
use transom_server::table;

use crate::browser::{Browser, House};

/// A program of the owner's, which may everything.
pub async fn owners(house: &House) -> Browser {
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    house.program(&owner).await
}

async fn simulated() -> Running {
    let config = Config { users: 120, limits: Limits::Off, ..Config::default() };
    Sim::start(config, ([127, 0, 0, 1], 0).into()).await.expect("starts")
}

/// Asks, and expects this status.
pub async fn ask(
    program: &mut Browser,
    method: Method,
    path: &str,
    body: Option<Value>,
    status: StatusCode,
) -> Value {
    let answer = program.call(method.clone(), path, body).await;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    if answer.text.is_empty() { Value::Null } else { answer.json() }
}

/// Reads.
pub async fn get(program: &mut Browser, path: &str) -> Value {
    ask(program, Method::GET, path, None, StatusCode::OK).await
}

/// Every item of a list, page by page.
pub async fn all(program: &mut Browser, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let at = cursor.map_or(String::new(), |c| format!("&cursor={c}"));
        let page = get(program, &format!("{path}{at}")).await;
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        cursor = page["next"].as_str().map(str::to_string);
        if cursor.is_none() {
            return items;
        }
    }
}

#[tokio::test]
async fn a_program_connects_syncs_and_reads_everything() {
    let (house, sim) = (House::owned().await, simulated().await);
    let mut program = owners(&house).await;
    let me = get(&mut program, "/api/v1/me").await;
    assert_eq!((&me["role"], &me["orgs"]), (&json!("owner"), &Value::Null));

    let new = json!({ "domain": sim.origin, "token": sim.tokens.read_only_custom, "label": "Acme" });
    let made = program.call(Method::POST, "/api/v1/orgs", Some(new.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.headers[header::LOCATION], "/api/v1/orgs/1");
    assert_eq!(
        (&made.json()["org"]["state"], made.json()["verification"]["datasets"][0].is_object()),
        (&json!("connected"), true)
    );
    assert!(!made.says(&sim.tokens.read_only_custom));
    ask(&mut program, Method::POST, "/api/v1/orgs", Some(new), StatusCode::CONFLICT).await;

    let started =
        ask(&mut program, Method::POST, "/api/v1/orgs/1/sync", Some(json!({})), StatusCode::ACCEPTED).await;
    assert_eq!(started["running"], true);
    let mut sync = started;
    for _ in 0..600 {
        if sync["running"] == false {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.clock.advance(100);
        sync = get(&mut program, "/api/v1/orgs/1/sync").await;
    }
    assert_eq!(sync["outcome"]["state"], "connected", "{sync}");
    let runs = all(&mut program, "/api/v1/orgs/1/runs?limit=1").await;
    let run = get(&mut program, &format!("/api/v1/orgs/1/runs/{}", runs[0]["id"])).await;
    assert!(run["summary"]["objects"].is_array() && run["finished"].is_string(), "{run}");
    let usual = get(&mut program, "/api/v1/orgs/1/forecast").await;
    let with = get(&mut program, "/api/v1/orgs/1/forecast?with=user_grant&with=linked_user&tiers=core").await;
    let steps = |plan: &Value| {
        let steps = plan["forecast"]["steps"].as_array().expect("steps").iter();
        steps.filter_map(|step| step["dataset"].as_str().map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    assert_eq!(usual["unfinished"], false);
    assert!(usual["forecast"]["calls"].as_u64() > Some(100) && !steps(&usual).contains("user_grant"));
    assert!(steps(&with).contains("user_grant") && steps(&with).contains("linked_user"), "{with}");
    assert!(!steps(&with).contains("factor"), "{with}");
    for wrong in ["with=nothing", "tiers=all", "full=perhaps", "without=user"] {
        let answer = program.get(&format!("/api/v1/orgs/1/forecast?{wrong}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{wrong}: {}", answer.text);
    }

    let users = sim.org.truth(&sim.origin).list(okta_sim::Kind::User);
    let read: Vec<Value> = all(&mut program, "/api/v1/orgs/1/entities/user?limit=7&sort=-created").await;
    let ids: BTreeSet<&str> = read.iter().filter_map(|u| u["id"].as_str()).collect();
    assert_eq!((read.len(), ids.len()), (users.len(), users.len()), "everybody once");
    let held = get(&mut program, "/api/v1/orgs/1/entities").await;
    let of =
        |kind: &str| held["items"].as_array().expect("items").iter().find(|k| k["kind"] == kind).cloned();
    assert_eq!(of("user").expect("there")["held"], users.len());
    let active = all(&mut program, "/api/v1/orgs/1/entities/user?where=status%3DACTIVE&limit=200").await;
    let expected = users.iter().filter(|u| u.doc["status"] == "ACTIVE").count();
    assert_eq!(active.len(), expected);

    let id = read[0]["id"].as_str().expect("an id");
    let one = get(&mut program, &format!("/api/v1/orgs/1/entities/user/{id}")).await;
    let truth = users.iter().find(|u| u.doc["id"] == id).expect("there");
    assert_eq!(one["doc"]["profile"], truth.doc["profile"]);
    let edges = get(&mut program, &format!("/api/v1/orgs/1/entities/user/{id}/edges")).await;
    let groups =
        edges["items"].as_array().expect("items").iter().find(|e| e["relation"] == "group_member").cloned();
    let groups = groups.expect("a user can be in groups");
    let path = format!(
        "/api/v1/orgs/1/entities/user/{id}/edges/group_member?direction={}&limit=2",
        groups["direction"].as_str().expect("a way")
    );
    assert_eq!(all(&mut program, &path).await.len() as u64, groups["count"].as_u64().expect("a number"));
    let login = one["login"].as_str().expect("a login");
    let found = get(&mut program, &format!("/api/v1/orgs/1/search?q={login}")).await;
    assert_eq!(found["items"][0]["id"], id);
    // A nested object is named by its parent, too.
    let factor = all(&mut program, "/api/v1/orgs/1/entities/factor?limit=200").await[0]["id"]
        .as_str()
        .expect("an id")
        .replace('/', "%2F");
    assert!(
        get(&mut program, &format!("/api/v1/orgs/1/entities/factor/{factor}")).await["doc"]["factorType"]
            .is_string()
    );

    let coverage = get(&mut program, "/api/v1/orgs/1/coverage").await;
    let states: BTreeSet<&str> =
        coverage["datasets"].as_array().expect("a list").iter().filter_map(|d| d["state"].as_str()).collect();
    assert!(states.contains("complete") && states.contains("never_collected"), "{states:?}");

    let changed = ask(
        &mut program,
        Method::PATCH,
        "/api/v1/orgs/1",
        Some(json!({ "label": "Main", "share": 0.5, "paused": true })),
        StatusCode::OK,
    )
    .await;
    assert_eq!(
        (&changed["label"], &changed["share"], &changed["state"]),
        (&json!("Main"), &json!(0.5), &json!("paused"))
    );
    let gone = ask(&mut program, Method::DELETE, "/api/v1/orgs/1?data=delete", None, StatusCode::OK).await;
    assert_eq!(gone["revoked"], Value::Null);
    ask(&mut program, Method::GET, "/api/v1/orgs/1", None, StatusCode::NOT_FOUND).await;
    let audit = all(&mut program, "/api/v1/audit?limit=2&action=org.").await;
    assert!(audit.iter().any(
        |r| r["action"] == "org.connect" && r["actor"].as_str().is_some_and(|a| a.starts_with("token:"))
    ));
}

#[tokio::test]
async fn members_and_tokens_are_looked_after() {
    let house = House::owned().await;
    house.org("One").await;
    let mut program = owners(&house).await;
    let grant = json!({ "role": "admin", "orgs": [1] });
    let invited = ask(
        &mut program,
        Method::POST,
        "/api/v1/invitations",
        Some(json!({ "login": "bob@acme.example", "grant": grant })),
        StatusCode::CREATED,
    )
    .await;
    assert!(invited["link"].as_str().is_some_and(|l| l.starts_with("http://127.0.0.1:8080/invitation/")));
    let waiting = all(&mut program, "/api/v1/invitations?").await;
    assert_eq!((&waiting[0]["role"], &waiting[0]["orgs"]), (&json!("admin"), &json!([1])));
    ask(
        &mut program,
        Method::DELETE,
        &format!("/api/v1/invitations/{}", waiting[0]["id"]),
        None,
        StatusCode::NO_CONTENT,
    )
    .await;
    ask(
        &mut program,
        Method::DELETE,
        &format!("/api/v1/invitations/{}", waiting[0]["id"]),
        None,
        StatusCode::NOT_FOUND,
    )
    .await;

    let bob = house.account("bob@acme.example", Role::Admin, Reach::All).await;
    let path = format!("/api/v1/members/{}", bob.id);
    let grant = json!({ "grant": { "role": "viewer", "orgs": [1] } });
    ask(&mut program, Method::PATCH, &path, Some(grant), StatusCode::OK).await;
    let both = json!({ "grant": { "role": "owner", "orgs": null }, "disabled": true });
    ask(&mut program, Method::PATCH, &path, Some(both), StatusCode::UNPROCESSABLE_ENTITY).await;
    let changed =
        ask(&mut program, Method::PATCH, &path, Some(json!({ "disabled": true })), StatusCode::OK).await;
    assert_eq!((&changed["role"], changed["disabled"].is_string()), (&json!("viewer"), true));
    ask(&mut program, Method::DELETE, &path, None, StatusCode::NO_CONTENT).await;
    ask(&mut program, Method::GET, &path, None, StatusCode::NOT_FOUND).await;
    let owner = all(&mut program, "/api/v1/members?").await[0]["id"].to_string();
    let last = json!({ "disabled": true });
    ask(&mut program, Method::PATCH, &format!("/api/v1/members/{owner}"), Some(last), StatusCode::CONFLICT)
        .await;

    let long = json!({ "name": "nightly", "grant": { "role": "viewer", "orgs": null }, "days": 30 });
    ask(&mut program, Method::POST, "/api/v1/tokens", Some(long), StatusCode::UNPROCESSABLE_ENTITY).await;
    let new = json!({ "name": "nightly", "grant": { "role": "viewer", "orgs": null }, "days": 1 });
    let made =
        ask(&mut program, Method::POST, "/api/v1/tokens", Some(new.clone()), StatusCode::CREATED).await;
    let mut nightly = house.browser();
    nightly.token = made["secret"].as_str().map(str::to_string);
    assert_eq!(get(&mut nightly, "/api/v1/me").await["role"], "viewer");
    let more = json!({ "name": "more", "grant": { "role": "admin", "orgs": null }, "days": 1 });
    ask(&mut nightly, Method::POST, "/api/v1/tokens", Some(more), StatusCode::UNPROCESSABLE_ENTITY).await;
    ask(&mut nightly, Method::GET, "/api/v1/audit", None, StatusCode::FORBIDDEN).await;
    let others = all(&mut program, "/api/v1/tokens?").await;
    let owners = others.iter().find(|t| t["role"] == "owner").expect("there");
    let path = format!("/api/v1/tokens/{}", owners["id"]);
    ask(&mut nightly, Method::DELETE, &path, None, StatusCode::NOT_FOUND).await;
    assert_eq!(all(&mut nightly, "/api/v1/tokens?").await.len(), 1, "of those that may more it sees none");
    assert!(
        !get(&mut program, "/api/v1/tokens")
            .await
            .to_string()
            .contains(made["secret"].as_str().expect("text"))
    );
    ask(
        &mut nightly,
        Method::DELETE,
        &format!("/api/v1/tokens/{}", made["token"]["id"]),
        None,
        StatusCode::NO_CONTENT,
    )
    .await;
    ask(&mut nightly, Method::GET, "/api/v1/me", None, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn a_grant_to_a_person_is_none_to_their_programs() {
    let house = House::owned().await;
    let viewer = house.account("v@acme.example", Role::Viewer, Reach::All).await;
    house.store.request_access("okta", viewer.id, "", "test").await.expect("asks");
    let request = house.store.access_requests().await.expect("reads").remove(0);
    let granted = transom_store::RequestState::Granted;
    house.store.decide_access(request.id, granted, viewer.id, "test").await.expect("grants");
    let mut program = house.program(&viewer).await;
    let new = json!({ "domain": "acme.okta.com", "token": "00abc" });
    ask(&mut program, Method::POST, "/api/v1/orgs", Some(new), StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_by_its_field() {
    let house = House::owned().await;
    house.org("One").await;
    let mut program = owners(&house).await;
    let (get, patch, post) = (Method::GET, Method::PATCH, Method::POST);
    for (method, path, body, status, says) in [
        (&get, "/api/v1/orgs/1/entities/user?limit=0", None, 400, "limit: 0 is none"),
        (&get, "/api/v1/orgs/1/entities/user?limit=x", None, 400, "limit: invalid digit"),
        (&get, "/api/v1/orgs/1/entities/user?limt=1", None, 400, "unknown field `limt`"),
        (&get, "/api/v1/orgs/1/entities/user?where=colour%3Dred", None, 400, "has no facet colour"),
        (&get, "/api/v1/orgs/1/entities/user?where=red", None, 400, "Expected FACET=VALUE"),
        (&get, "/api/v1/orgs/1/entities/user?sort=age", None, 400, "sort: there is no age"),
        (&get, "/api/v1/orgs/1/entities/user?cursor=x", None, 400, "mark"),
        (&get, "/api/v1/orgs/1/entities/user?q=%00", None, 400, "NUL"),
        (&get, "/api/v1/orgs/1/entities/wizard", None, 404, "nothing here"),
        (&get, "/api/v1/orgs/x", None, 404, "nothing here"),
        (&get, "/api/v1/audit?from=yesterday", None, 400, "from: "),
        (&patch, "/api/v1/orgs/1", Some(json!({ "share": 2 })), 422, "share: 2 is no part"),
        (&patch, "/api/v1/orgs/1", Some(json!({ "label": 5 })), 422, "label: invalid type"),
        (&patch, "/api/v1/orgs/1", Some(json!({ "label": "a\u{0}b" })), 422, "NUL"),
        (&post, "/api/v1/orgs", Some(json!({ "domain": "acme" })), 422, "token: it is missing"),
        (
            &post,
            "/api/v1/orgs/1/sync",
            Some(json!({ "tiers": ["deepest"] })),
            422,
            "there is no tier deepest",
        ),
        (&post, "/api/v1/orgs/1/sync", Some(json!({ "with": ["dreams"] })), 422, "no data set dreams"),
        (&Method::PUT, "/api/v1/orgs", None, 405, "other methods"),
        (&get, "/api/v1/nothing", None, 404, "nothing here"),
    ] {
        let answer = program.call(method.clone(), path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
        assert!(answer.text.to_lowercase().contains(&says.to_lowercase()), "{path}: {}", answer.text);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
        assert!(answer.json()["request_id"].is_string());
    }
    for (kind, body, status) in [
        ("text/plain", "{}", 415),
        ("application/json", "{", 400),
        ("application/json; charset=utf-8", "{}", 200),
    ] {
        let request = Request::patch("/api/v1/orgs/1").header(header::CONTENT_TYPE, kind);
        assert_eq!(program.send(request, Body::from(body)).await.status.as_u16(), status, "{kind} {body}");
    }
    let long = json!({ "label": "x".repeat(70_000) });
    assert_eq!(program.call(patch, "/api/v1/orgs/1", Some(long)).await.status.as_u16(), 413);
    let mut stranger = house.browser();
    let answer = stranger.get("/api/v1/me").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers[header::WWW_AUTHENTICATE]),
        (401, &"Bearer".parse().expect("a value"))
    );
}

#[tokio::test]
async fn who_asks_too_fast_waits() {
    let house = House::owned().await;
    let mut program = owners(&house).await;
    let mut answered = 0;
    let last = loop {
        let answer = program.get("/api/v1/me").await;
        if answer.status != StatusCode::OK || answered > 1_000 {
            break answer;
        }
        answered += 1;
    };
    assert_eq!((answered, last.status), (200, StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(last.headers[header::RETRY_AFTER], "1");
    // Others are not kept waiting for it.
    assert_eq!(house.browser().get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    house.clock.advance(1_000);
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_document_tells_of_every_call_and_so_does_the_page() {
    let house = House::owned().await;
    let document = house.browser().get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    let mut ids = BTreeSet::new();
    for route in table(false).iter().filter(|r| r.path.starts_with("/api/v1/") && !r.path.ends_with(".json"))
    {
        let operation = &paths[&route.path][route.method.as_str().to_lowercase()];
        assert!(
            ids.insert(operation["operationId"].as_str().expect("an id").to_string()),
            "{}",
            operation["operationId"]
        );
        assert!(
            operation["summary"].is_string() && operation["security"].is_array(),
            "{} {}",
            route.method,
            route.path
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{}: {parameter}", route.path);
        }
    }
    assert!(ids.len() > 30, "{ids:?}");
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    let page = house.signed_in(&owner).await.get("/api").await;
    for id in ids {
        assert!(page.says(&format!("id=\"{id}\"")), "{id}");
    }
}
