//! Requests for access by `/api/v1`: who may ask, who decides, and what becomes of it; and connecting by invitation.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use transom_core::{Reach, Role};
use transom_store::NewApiToken;

use crate::api::{all, ask, get, owners};
use crate::browser::{Browser, House};

const REQUESTS: &str = "/api/v1/access-requests";
const OKTA: &str = "/api/v1/integrations/okta";

async fn request(program: &mut Browser, status: StatusCode) -> Value {
    let body = json!({ "integration": "okta", "note": " I run Okta " });
    ask(program, Method::POST, REQUESTS, Some(body), status).await
}

/// Decides about a request, and expects this status.
async fn decide(program: &mut Browser, id: &Value, how: &str, status: StatusCode) -> Value {
    let body = (how == "grant").then(|| json!({}));
    ask(program, Method::POST, &format!("{REQUESTS}/{id}/{how}"), body, status).await
}

#[tokio::test]
async fn a_request_is_made_granted_and_taken_back() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let (mut program, mut bobs) = (owners(&house).await, house.program(&bob).await);
    let made = request(&mut bobs, StatusCode::OK).await;
    let id = &made["id"];
    let told = |r: &Value| [&r["integration"], &r["note"], &r["state"], &r["decided_by"]].map(Value::clone);
    assert_eq!(told(&made), [json!("okta"), json!("I run Okta"), json!("open"), Value::Null]);
    assert_eq!((&made["member"], &made["decided"]), (&json!(bob.id), &Value::Null));
    assert_eq!(request(&mut bobs, StatusCode::OK).await, made, "asking twice is asking once");
    assert_eq!(all(&mut program, &format!("{REQUESTS}?state=open")).await, std::slice::from_ref(&made));

    // What can't be granted leaves it open.
    house.org("One").await;
    let path = format!("{REQUESTS}/{id}/grant");
    for (grant, says) in [
        (json!({ "role": "owner", "orgs": [1] }), "owns the whole installation"),
        (json!({ "role": "admin", "orgs": [9] }), "no org with the number 9"),
        (json!({ "role": "admin", "orgs": [] }), "at least one org"),
        (json!({ "role": "king", "orgs": null }), "unknown variant"),
    ] {
        let told = program.call(Method::POST, &path, Some(json!({ "grant": grant }))).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", told.text);
        assert!(told.says(says), "{}", told.text);
    }
    decide(&mut program, id, "revoke", StatusCode::CONFLICT).await;
    assert_eq!(get(&mut bobs, REQUESTS).await["items"][0]["state"], "open");

    let grant = json!({ "grant": { "role": "responder", "orgs": [1] } });
    let granted = ask(&mut program, Method::POST, &path, Some(grant.clone()), StatusCode::OK).await;
    assert_eq!((&granted["state"], &granted["decided_by"]), (&json!("granted"), &json!(1)));
    assert!(granted["decided"].is_string());
    let now = house.store.account(bob.id).await.expect("there");
    assert_eq!((now.role, now.reach), (Role::Responder, Reach::Orgs([transom_core::OrgId(1)].into())));
    let twice = ask(&mut program, Method::POST, &path, Some(grant), StatusCode::CONFLICT).await;
    assert_eq!(
        (&twice["title"], &twice["class"]),
        (&json!("This request is granted, so it can't be granted."), &json!("state"))
    );
    decide(&mut program, id, "decline", StatusCode::CONFLICT).await;
    // The person may connect, and what they run may not.
    let connect = "/settings/integrations/okta/connect";
    let mut browser = house.signed_in(&bob).await;
    assert_eq!(browser.get(connect).await.status, StatusCode::OK);
    let org = json!({ "domain": "acme.okta.com", "token": "00abc" });
    ask(&mut bobs, Method::POST, "/api/v1/orgs", Some(org), StatusCode::FORBIDDEN).await;
    assert_eq!(request(&mut bobs, StatusCode::OK).await, granted, "nothing is asked for again");

    let revoked = decide(&mut program, id, "revoke", StatusCode::OK).await;
    assert_eq!(revoked["state"], "revoked");
    decide(&mut program, id, "revoke", StatusCode::CONFLICT).await;
    assert_eq!(browser.get(connect).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.store.account(bob.id).await.expect("there").role, Role::Responder, "the role stays");
    let again = request(&mut bobs, StatusCode::OK).await;
    assert_ne!(again["id"], made["id"]);
    assert_eq!(decide(&mut program, &again["id"], "decline", StatusCode::OK).await["state"], "declined");
    assert_eq!(all(&mut program, &format!("{REQUESTS}?limit=1")).await.len(), 2);
    for how in ["grant", "decline", "revoke"] {
        decide(&mut program, &json!(777), how, StatusCode::NOT_FOUND).await;
        decide(&mut program, &json!("x"), how, StatusCode::NOT_FOUND).await;
    }
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    let did: Vec<(&str, bool)> = audit
        .iter()
        .rev()
        .filter(|r| r.action.starts_with("access.") || r.action == "member.role")
        .map(|r| (r.action.as_str(), r.actor.starts_with("token:")))
        .collect();
    let expected = ["request", "granted", "", "revoked", "request", "declined"].map(|what| match what {
        "" => ("member.role".to_string(), true),
        what => (format!("access.{what}"), true),
    });
    assert_eq!(did, expected.each_ref().map(|(action, token)| (action.as_str(), *token)));
}

#[tokio::test]
async fn a_grant_without_a_role_leaves_the_one_there_is() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Responder, Reach::All).await;
    let made = request(&mut house.program(&bob).await, StatusCode::OK).await;
    let mut program = owners(&house).await;
    decide(&mut program, &made["id"], "grant", StatusCode::OK).await;
    assert_eq!(house.store.account(bob.id).await.expect("there").role, Role::Responder);
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    assert!(audit.iter().all(|r| r.action != "member.role"));
}

#[tokio::test]
async fn each_role_asks_sees_and_decides_what_it_may() {
    let house = House::owned().await;
    let one = house.org("One").await;
    let some = Reach::Orgs([one].into());
    let eve = house.account("eve@acme.example", Role::Viewer, Reach::All).await;
    let asked = request(&mut house.program(&eve).await, StatusCode::OK).await;
    for (role, reach, may_connect) in [
        (Role::Viewer, Reach::All, false),
        (Role::Responder, some.clone(), false),
        (Role::Admin, some, false),
        (Role::Admin, Reach::All, true),
        (Role::Owner, Reach::All, true),
    ] {
        let login = format!("{}-{may_connect}-{}@x.example", role.as_str(), reach == Reach::All);
        let who = house.account(&login, role, reach).await;
        let mut program = house.program(&who).await;
        let status = if may_connect { StatusCode::CONFLICT } else { StatusCode::OK };
        let told = request(&mut program, status).await;
        let own = usize::from(!may_connect);
        if role == Role::Owner {
            assert!(all(&mut program, &format!("{REQUESTS}?limit=2")).await.len() > 2, "of everybody");
            continue;
        }
        let seen = all(&mut program, &format!("{REQUESTS}?")).await;
        assert_eq!(seen.len(), own, "{login} sees their own");
        if may_connect {
            assert_eq!(told["title"], "You may connect Okta already.");
        }
        for how in ["grant", "decline", "revoke"] {
            decide(&mut program, &asked["id"], how, StatusCode::FORBIDDEN).await;
        }
        let only = json!({ "by_invitation": true });
        ask(&mut program, Method::PATCH, OKTA, Some(only), StatusCode::FORBIDDEN).await;
        assert_eq!(get(&mut program, OKTA).await, json!({ "name": "okta", "by_invitation": false }));
    }
    // A token that may less than its account asks for the account, which needs no leave.
    let admin = house.account("a@acme.example", Role::Admin, Reach::All).await;
    let expires = crate::browser::START + 86_400_000;
    let less = NewApiToken { name: "less".into(), role: Role::Viewer, reach: Reach::All, expires };
    let (_, secret) = house.store.create_api_token(less, admin.id, "test").await.expect("makes");
    let mut program = house.browser();
    program.token = Some(secrecy::ExposeSecret::expose_secret(&secret).to_string());
    request(&mut program, StatusCode::CONFLICT).await;
    // On the web it is the same.
    let mut browser = house.signed_in(&admin).await;
    let answer = browser.post("/settings/integrations/okta/request", &[("note", "")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.says("You may connect Okta already."), "{}", answer.text);
}

#[tokio::test]
async fn by_invitation_admins_ask_too() {
    let house = House::owned().await;
    let admin = house.account("a@acme.example", Role::Admin, Reach::All).await;
    let (mut program, mut admins) = (owners(&house).await, house.program(&admin).await);
    let org = json!({ "domain": "acme" });
    ask(&mut admins, Method::POST, "/api/v1/orgs", Some(org.clone()), StatusCode::UNPROCESSABLE_ENTITY).await;
    let only = |only: bool| Some(json!({ "by_invitation": only }));
    let set = ask(&mut program, Method::PATCH, OKTA, only(true), StatusCode::OK).await;
    assert_eq!(set, json!({ "name": "okta", "by_invitation": true }));
    let kept = ask(&mut program, Method::PATCH, OKTA, Some(json!({})), StatusCode::OK).await;
    assert_eq!(kept, set, "what is absent stays");
    assert_eq!(get(&mut admins, OKTA).await, set);
    ask(&mut admins, Method::POST, "/api/v1/orgs", Some(org), StatusCode::FORBIDDEN).await;
    request(&mut admins, StatusCode::OK).await;
    assert!(house.signed_in(&admin).await.get("/settings/integrations").await.says("By invitation"));
    ask(&mut program, Method::PATCH, OKTA, only(false), StatusCode::OK).await;
    assert_eq!(get(&mut admins, OKTA).await["by_invitation"], false);
    for (method, path, body, status) in [
        (Method::GET, "/api/v1/integrations/slack", None, 404),
        (Method::PATCH, "/api/v1/integrations/slack", only(true), 404),
        (Method::GET, &format!("{OKTA}?x=1"), None, 400),
        (Method::PATCH, OKTA, Some(json!({ "by_invitation": "yes" })), 422),
        (Method::PATCH, OKTA, Some(json!({ "only": true })), 422),
        (Method::POST, REQUESTS, Some(json!({ "integration": "slack" })), 422),
        (Method::POST, REQUESTS, Some(json!({ "note": "please" })), 422),
        (Method::POST, REQUESTS, Some(json!({ "integration": "okta", "note": "x".repeat(501) })), 422),
        (Method::POST, REQUESTS, None, 415),
    ] {
        let answer = program.call(method.clone(), path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text);
    }
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    let set: Vec<&Value> = audit.iter().filter(|r| r.action == "setting.set").map(|r| &r.detail).collect();
    assert_eq!(set.len(), 2, "{set:?}");
    assert_eq!(set[1], &json!({ "name": "integrations.by_invitation", "value": ["okta"] }));
}
