//! Saved views by `/api/v1`: what a program saves a page shows, and what a page saved a program can ask for.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use transom_core::{Reach, Role};
use transom_store::{NewApiToken, NewView, VIEWS};

use crate::api::{all, ask, get, owners};
use crate::browser::{Browser, House};
use crate::inventory::synced;

const VIEWS_OF: &str = "/api/v1/orgs/1/views/user";

async fn save(program: &mut Browser, body: Value, status: StatusCode) -> Value {
    ask(program, Method::POST, VIEWS_OF, Some(body), status).await
}

#[tokio::test]
async fn a_view_asks_for_its_list_here_and_there() {
    let (house, sim, mut browser) = synced(|t| &t.super_admin).await;
    let viewer = house.store.account_named("v@acme.example").await.expect("reads").expect("there");
    let mut program = house.program(&viewer).await;
    let new = json!({ "name": " Active & new ", "where": ["status=ACTIVE"], "sort": "-created", "columns": ["email"] });
    let view = save(&mut program, new, StatusCode::OK).await;
    let told = ["name", "q", "where", "sort", "columns", "shared", "own"].map(|name| view[name].clone());
    let expected = json!(["Active & new", null, ["status=ACTIVE"], "-created", ["email"], false, true]);
    assert_eq!(Value::from(told.to_vec()), expected);
    assert!(view["created"].is_string());

    // Its list, page by page.
    let list = view["list"].as_str().expect("an address");
    let found = all(&mut program, &format!("{list}&limit=50")).await;
    let logins: Vec<&str> = found.iter().filter_map(|u| u["login"].as_str()).collect();
    let users = sim.org.truth(&sim.origin).list(okta_sim::Kind::User);
    let active = users.iter().filter(|u| u.doc["status"] == "ACTIVE").count();
    assert!(active > 50 && active < users.len());
    assert_eq!((logins.len(), logins.iter().collect::<BTreeSet<_>>().len()), (active, active));
    let created: Vec<&str> = found.iter().filter_map(|u| u["created"].as_str()).collect();
    assert!(created.is_sorted_by(|a, b| a >= b));

    // The page shows it, as one of its own.
    let shown = "is.status=ACTIVE&#38;sort=-created&#38;col=&#38;col=email";
    let page = browser.get("/orgs/1/inventory/user").await;
    assert!(page.says(&format!("?{shown}\"")) && page.says("Active &#38; new"), "{}", page.text);
    // What a page saved, a program reads and asks for.
    let query = "q=a&is.status=STAGED&is.status=ACTIVE&sort=login";
    browser.post("/orgs/1/views/user", &[("name", "By login"), ("query", query)]).await;
    let views = all(&mut program, &format!("{VIEWS_OF}?limit=1")).await;
    assert_eq!(views[0], view);
    let told = ["name", "q", "where", "sort", "columns"].map(|name| views[1][name].clone());
    let expected = json!(["By login", "a", ["status=STAGED", "status=ACTIVE"], "login", null]);
    assert_eq!(Value::from(told.to_vec()), expected);
    let list = views[1]["list"].as_str().expect("an address");
    assert_eq!(
        list,
        "/api/v1/orgs/1/entities/user?q=a&where=status%3DSTAGED&where=status%3DACTIVE&sort=login"
    );
    let found = all(&mut program, &format!("{list}&limit=5")).await;
    assert!(!found.is_empty() && found.iter().all(|u| u["status"] == "STAGED" || u["status"] == "ACTIVE"));

    // One of the same name takes its place.
    let again = save(&mut program, json!({ "name": "Active & new", "q": "b" }), StatusCode::OK).await;
    assert_eq!((&again["id"], &again["q"], &again["where"]), (&view["id"], &json!("b"), &json!([])));
    assert_eq!(get(&mut program, VIEWS_OF).await["items"].as_array().map(Vec::len), Some(2));
    let everything = save(&mut program, json!({ "name": "All" }), StatusCode::OK).await;
    assert_eq!(everything["list"], "/api/v1/orgs/1/entities/user");
    let one = format!("{VIEWS_OF}/{}", view["id"]);
    ask(&mut program, Method::DELETE, &one, None, StatusCode::NO_CONTENT).await;
    ask(&mut program, Method::DELETE, &one, None, StatusCode::NOT_FOUND).await;
    assert!(!browser.get("/orgs/1/inventory/user").await.says("Active &#38; new"));
}

#[tokio::test]
async fn a_view_is_shared_and_deleted_by_who_may() {
    let house = House::owned().await;
    let (one, two) = (house.org("One").await, house.org("Two").await);
    let mut programs = Vec::new();
    for (name, role, reach) in [
        ("viewer", Role::Viewer, Reach::All),
        ("responder", Role::Responder, Reach::All),
        ("admin", Role::Admin, Reach::Orgs([one].into())),
        ("other", Role::Admin, Reach::All),
        ("elsewhere", Role::Admin, Reach::Orgs([two].into())),
    ] {
        let who = house.account(&format!("{name}@acme.example"), role, reach).await;
        programs.push(house.program(&who).await);
    }
    let [viewer, responder, admin, other, elsewhere] = programs.as_mut_slice() else { panic!("five") };
    let shared = json!({ "name": "Everybody's", "sort": "login", "shared": true });
    for program in [&mut *viewer, &mut *responder] {
        save(program, shared.clone(), StatusCode::FORBIDDEN).await;
        assert!(all(program, &format!("{VIEWS_OF}?")).await.is_empty());
    }
    let private = save(viewer, json!({ "name": "Mine" }), StatusCode::OK).await;
    let made = save(admin, shared.clone(), StatusCode::OK).await;
    let seen = all(viewer, &format!("{VIEWS_OF}?")).await;
    let seen: Vec<_> = seen.iter().map(|v| (&v["name"], &v["own"], &v["shared"])).collect();
    let (yes, no) = (&json!(true), &json!(false));
    assert_eq!(seen, [(&json!("Everybody's"), no, yes), (&json!("Mine"), yes, no)]);
    assert_eq!(all(admin, &format!("{VIEWS_OF}?")).await.len(), 1, "what is not shared is nobody else's");

    // Of an org that it may not see, a program learns nothing.
    for (method, path, body) in [
        (Method::GET, VIEWS_OF.to_string(), None),
        (Method::POST, VIEWS_OF.to_string(), Some(shared)),
        (Method::DELETE, format!("{VIEWS_OF}/{}", made["id"]), None),
        (Method::GET, "/api/v1/orgs/9/views/user".to_string(), None),
    ] {
        ask(elsewhere, method, &path, body, StatusCode::NOT_FOUND).await;
    }
    // Under another org or kind it is not there, nor is one of no such number; of others only who may share deletes.
    let id = &made["id"];
    for path in [
        format!("/api/v1/orgs/2/views/user/{id}"),
        format!("/api/v1/orgs/1/views/group/{id}"),
        format!("/api/v1/orgs/1/views/wizard/{id}"),
        format!("{VIEWS_OF}/777"),
        format!("{VIEWS_OF}/x"),
        format!("{VIEWS_OF}/{}", private["id"]),
    ] {
        ask(other, Method::DELETE, &path, None, StatusCode::NOT_FOUND).await;
    }
    ask(responder, Method::DELETE, &format!("{VIEWS_OF}/{id}"), None, StatusCode::NOT_FOUND).await;
    ask(other, Method::DELETE, &format!("{VIEWS_OF}/{id}"), None, StatusCode::NO_CONTENT).await;
    assert!(all(admin, &format!("{VIEWS_OF}?")).await.is_empty());
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    let did: Vec<&str> =
        audit.iter().rev().map(|r| r.action.as_str()).filter(|a| a.starts_with("view.")).collect();
    assert_eq!(did, ["view.save", "view.save", "view.delete"]);
    assert!(audit[0].actor.starts_with("token:") && audit[0].detail["name"] == "Everybody's");
}

#[tokio::test]
async fn what_no_view_can_hold_is_told_by_its_field() {
    let house = House::owned().await;
    let org = house.org("One").await;
    let mut program = owners(&house).await;
    let groups = "/api/v1/orgs/1/views/group";
    for (path, body, says) in [
        (VIEWS_OF, json!({}), "missing field `name`"),
        (VIEWS_OF, json!({ "name": " " }), "expected 1 to 60 characters"),
        (VIEWS_OF, json!({ "name": "x".repeat(61) }), "expected 1 to 60 characters"),
        (VIEWS_OF, json!({ "name": "n", "where": ["colour=red"] }), "where: a user has no facet colour"),
        (VIEWS_OF, json!({ "name": "n", "where": ["red"] }), "Expected FACET=VALUE"),
        (VIEWS_OF, json!({ "name": "n", "where": "status=ACTIVE" }), "where: invalid type"),
        (VIEWS_OF, json!({ "name": "n", "sort": "age" }), "sort: there is no age"),
        (groups, json!({ "name": "n", "sort": "-login" }), "sort: this list has no order by login"),
        (VIEWS_OF, json!({ "name": "n", "columns": ["secret"] }), "columns: there is no secret here"),
        (VIEWS_OF, json!({ "name": "n", "columns": [""] }), "columns: there is no  here"),
        (VIEWS_OF, json!({ "name": "n", "q": "x".repeat(4_000) }), "so many conditions"),
        (VIEWS_OF, json!({ "name": "n", "filter": "" }), "unknown field `filter`"),
    ] {
        let answer = program.call(Method::POST, path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}: {}", answer.text);
        assert!(
            answer.json()["detail"].as_str().is_some_and(|d| d.contains(says)),
            "{says}: {}",
            answer.text
        );
    }
    let body = Some(json!({ "name": "n" }));
    ask(&mut program, Method::POST, "/api/v1/orgs/1/views/wizard", body, StatusCode::NOT_FOUND).await;
    ask(&mut program, Method::GET, "/api/v1/orgs/1/views/wizard", None, StatusCode::NOT_FOUND).await;
    for n in 0..VIEWS {
        save(&mut program, json!({ "name": format!("{n:02}") }), StatusCode::OK).await;
    }
    let full = save(&mut program, json!({ "name": "more" }), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(full["detail"].as_str().is_some_and(|d| d.contains("Delete one first")), "{full}");
    save(&mut program, json!({ "name": "00", "q": "a" }), StatusCode::OK).await;
    assert_eq!(all(&mut program, &format!("{VIEWS_OF}?limit=7")).await.len() as u64, VIEWS);

    // One that an earlier release saved says what it asks for, and the list says what of that is not there.
    let old = NewView { account: 1, org, kind: "app", name: "Old", query: "is.colour=red", shared: false };
    house.store.save_view(old, "test").await.expect("saves").expect("there is room");
    let old = &all(&mut program, "/api/v1/orgs/1/views/app?").await[0];
    assert_eq!(old["where"], json!(["colour=red"]));
    let asked = program.get(old["list"].as_str().expect("an address")).await;
    assert!(asked.status == StatusCode::BAD_REQUEST && asked.says("has no facet colour"), "{}", asked.text);
}

#[tokio::test]
async fn a_token_that_may_not_share_leaves_what_its_account_shares() {
    let (house, _sim, _) = synced(|t| &t.super_admin).await;
    let admin = house.account("sharer@acme.example", Role::Admin, Reach::All).await;
    let mut admins = house.program(&admin).await;
    let view = save(&mut admins, json!({ "name": "Ours", "q": "a", "shared": true }), StatusCode::OK).await;
    let expires = crate::browser::START + 86_400_000;
    let less = NewApiToken { name: "less".into(), role: Role::Viewer, reach: Reach::All, expires };
    let (_, secret) = house.store.create_api_token(less, admin.id, "test").await.expect("makes");
    let mut program = house.browser();
    program.token = Some(secret.expose_secret().to_string());
    save(&mut program, json!({ "name": "Ours", "q": "b" }), StatusCode::FORBIDDEN).await;
    let path = format!("{VIEWS_OF}/{}", view["id"]);
    ask(&mut program, Method::DELETE, &path, None, StatusCode::FORBIDDEN).await;
    assert_eq!(all(&mut admins, VIEWS_OF).await, [view]);
    let own = save(&mut program, json!({ "name": "Mine", "q": "b" }), StatusCode::OK).await;
    ask(&mut program, Method::DELETE, &format!("{VIEWS_OF}/{}", own["id"]), None, StatusCode::NO_CONTENT)
        .await;
    ask(&mut admins, Method::DELETE, &path, None, StatusCode::NO_CONTENT).await;
}
