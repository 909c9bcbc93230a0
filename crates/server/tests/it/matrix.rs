//! Every route of the table, for everybody: what its row declares is what happens. A new row is walked without a word here.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use transom_core::{Reach, Role};
use transom_server::{Need, Route, table};
use transom_store::{Account, RequestState};

use crate::browser::{Answer, Browser, House};

/// What the guard may do.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Admitted,
    SentToSignIn,
    SignedOut,
    Forbidden,
    NotFound,
}

fn outcome(answer: &Answer) -> Outcome {
    match answer.status {
        _ if answer.admitted => Outcome::Admitted,
        StatusCode::SEE_OTHER if answer.leads_to().starts_with("/sign-in") => Outcome::SentToSignIn,
        StatusCode::UNAUTHORIZED => Outcome::SignedOut,
        StatusCode::FORBIDDEN => Outcome::Forbidden,
        StatusCode::NOT_FOUND => Outcome::NotFound,
        other => panic!("the guard never answers {other}: {}", answer.text),
    }
}

/// What the row declares for an account; org 1 is the one that the path names.
fn declared(route: &Route, who: Option<&Account>) -> Outcome {
    let role =
        |role: Role, who: &Account| if who.role >= role { Outcome::Admitted } else { Outcome::Forbidden };
    match (route.need, who) {
        (Need::Open | Need::Public, _) => Outcome::Admitted,
        (_, None) if is_program(route) => Outcome::SignedOut,
        (_, None) => Outcome::SentToSignIn,
        (Need::SignedIn, Some(_)) => Outcome::Admitted,
        (Need::Whole(_) | Need::Connect, Some(who)) if who.reach != Reach::All => Outcome::Forbidden,
        (Need::Whole(least), Some(who)) => role(least, who),
        (Need::Connect, Some(who)) => role(Role::Admin, who),
        (Need::Org(_), Some(who)) if !who.reach.covers(transom_core::OrgId(1)) => Outcome::NotFound,
        (Need::Org(least), Some(who)) => role(least, who),
    }
}

fn is_program(route: &Route) -> bool {
    route.path.starts_with("/api/")
}

fn path(route: &Route) -> String {
    let path = route.path.replace("{org}", "1");
    // Whatever else a path names need not be there: that is for handlers to find out.
    path.split('/').map(|part| if part.starts_with('{') { "777" } else { part }).collect::<Vec<_>>().join("/")
}

async fn ask(browser: &mut Browser, route: &Route) -> Answer {
    match route.method {
        Method::GET => browser.get(&path(route)).await,
        _ if is_program(route) => browser.call(route.method.clone(), &path(route), None).await,
        _ => browser.post(&path(route), &[]).await,
    }
}

#[tokio::test]
async fn every_route_for_everybody() {
    let house = House::owned().await;
    let (one, two) = (house.org("One").await, house.org("Two").await);
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push(house.account(&format!("{role:?}@all.example"), role, Reach::All).await);
        if role != Role::Owner {
            for (org, name) in [(one, "one"), (two, "two")] {
                let login = format!("{role:?}@{name}.example");
                people.push(house.account(&login, role, Reach::Orgs([org].into())).await);
            }
        }
    }
    let routes = table(true);
    assert!(routes.len() > 20);
    for route in &routes {
        let mut stranger = house.browser();
        stranger.get("/sign-in").await;
        let answer = ask(&mut stranger, route).await;
        assert_eq!(outcome(&answer), declared(route, None), "{} {} signed out", route.method, route.path);
        for who in &people {
            // A session of its own: some routes end it.
            let mut browser =
                if is_program(route) { house.program(who).await } else { house.signed_in(who).await };
            let answer = ask(&mut browser, route).await;
            let expected = declared(route, Some(who));
            assert_eq!(outcome(&answer), expected, "{} {} as {}", route.method, route.path, who.login);
            let none = path(route).replace("/orgs/1", "/orgs/99");
            if matches!(route.need, Need::Org(_)) && route.method == Method::GET {
                assert_eq!(browser.get(&none).await.status, StatusCode::NOT_FOUND, "{none} as {}", who.login);
            }
        }
    }
}

#[tokio::test]
async fn an_owner_may_everything_and_no_page_fails() {
    let house = House::owned().await;
    house.org("One").await;
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    for route in table(true).iter().filter(|r| r.method == Method::GET && !r.path.contains("{file}")) {
        let mut browser =
            if is_program(route) { house.program(&owner).await } else { house.signed_in(&owner).await };
        let answer = ask(&mut browser, route).await;
        assert!(!answer.status.is_server_error(), "{}: {}", route.path, answer.text);
    }
}

#[tokio::test]
async fn until_somebody_owns_it_there_is_nothing() {
    let house = House::empty().await;
    for route in table(true) {
        let mut browser = house.browser();
        let answer = ask(&mut browser, &route).await;
        match (route.need, &route.method) {
            (Need::Open, &Method::GET) => assert!(answer.admitted, "{}", route.path),
            (Need::Open, _) => {}
            _ => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {}", route.method, route.path),
        }
    }
    // Not even the name of the guard's own method.
    let strange = Request::builder().method("PURGE").uri("/").header(header::HOST, "127.0.0.1:8080");
    assert!(!house.browser().send(strange, Body::empty()).await.status.is_success());
}

#[tokio::test]
async fn who_was_granted_it_may_connect_and_who_was_not_may_not() {
    let house = House::owned().await;
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    let viewer = house.account("v@acme.example", Role::Viewer, Reach::All).await;
    let admin = house.account("a@acme.example", Role::Admin, Reach::All).await;
    let connect = "/settings/integrations/okta/connect";
    let mut browser = house.signed_in(&viewer).await;
    assert_eq!(browser.get(connect).await.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/settings/integrations").await.says("Request access"));
    browser.post("/settings/integrations/okta/request", &[("note", "I run Okta")]).await;
    assert!(browser.get("/settings/integrations").await.says("an owner decides"));
    let request = &house.store.access_requests().await.expect("reads")[0];
    assert_eq!((request.note.as_str(), request.account), ("I run Okta", viewer.id));
    let decide = async |state| house.store.decide_access(request.id, state, owner.id, "test").await;
    decide(RequestState::Granted).await.expect("grants");
    assert_eq!(browser.get(connect).await.status, StatusCode::OK);
    decide(RequestState::Revoked).await.expect("revokes");
    assert_eq!(browser.get(connect).await.status, StatusCode::FORBIDDEN);
    // By invitation an admin may no longer.
    let mut admins = house.signed_in(&admin).await;
    assert_eq!(admins.get(connect).await.status, StatusCode::OK);
    let mut owners = house.signed_in(&owner).await;
    owners.post("/settings/integrations/okta/invitation", &[("only", "1")]).await;
    assert_eq!(admins.get(connect).await.status, StatusCode::FORBIDDEN);
    assert_eq!(owners.get(connect).await.status, StatusCode::OK);
}
