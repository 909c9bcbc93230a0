//! Coming in and going out: the owner link, passwords, sessions, forged forms, throttling.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use secrecy::ExposeSecret;
use transom_core::{Reach, Role};

use crate::browser::House;

const PASSWORD: &str = "correct horse battery";

fn owner<'a>(login: &'a str, password: &'a str, again: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", "Ada Byron"), ("login", login), ("password", password), ("again", again)]
}

#[tokio::test]
async fn the_first_owner_comes_by_a_link_that_works_once() {
    let house = House::empty().await;
    let old = house.store.create_owner_link("test").await.expect("makes");
    let token = house.store.create_owner_link("test").await.expect("makes");
    let mut browser = house.browser();
    let [old, path] = [old, token].map(|t| format!("/owner/{}", t.expose_secret()));
    assert_eq!(
        browser.get(&old).await.status,
        StatusCode::NOT_FOUND,
        "a newer link takes the place of an older"
    );
    assert_eq!(browser.get("/sign-in").await.status, StatusCode::NOT_FOUND);
    // Looking does not use it up.
    assert!(browser.get(&path).await.says("Create the owner account"));
    for (fields, says) in [
        (owner("ada", PASSWORD, PASSWORD), "Expected an e-mail address"),
        (owner("ada@acme.example", "short", "short"), "at least 15 characters"),
        (owner("ada@acme.example", PASSWORD, "something else"), "The two passwords differ"),
        (owner("ada@acme.example", "ada@acme.example", "ada@acme.example"), "too easy to guess"),
    ] {
        let answer = browser.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.says(says) && answer.says("Ada Byron") && !answer.says(PASSWORD),
            "{says}: {}",
            answer.text
        );
    }
    let before = browser.cookies.clone();
    let answer = browser.post(&path, &owner("ada@acme.example", PASSWORD, PASSWORD)).await;
    assert_eq!((answer.status, answer.leads_to()), (StatusCode::SEE_OTHER, "/"));
    assert!(browser.cookies.contains_key("transom") && !before.contains_key("transom"));
    assert_eq!(browser.get("/").await.leads_to(), "/settings/integrations");
    assert_eq!(house.browser().get(&path).await.status, StatusCode::NOT_FOUND, "it is used up");
    let audit = house.store.audit_rows(None, 9).await.expect("reads");
    assert!(audit.iter().any(|r| r.action == "owner.claim"), "{audit:?}");
    assert!(!format!("{audit:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_link_lasts_a_quarter_of_an_hour_and_makes_owners_of_members() {
    let house = House::owned().await;
    house.account("ada@acme.example", Role::Viewer, Reach::All).await;
    let link = async || {
        format!("/owner/{}", house.store.create_owner_link("t").await.expect("makes").expose_secret())
    };
    let late = link().await;
    house.clock.advance(15 * 60 * 1_000 + 1);
    assert_eq!(house.browser().get(&late).await.status, StatusCode::NOT_FOUND);
    let mut browser = house.browser();
    let path = link().await;
    assert!(browser.get(&path).await.says("Become an owner"));
    browser.post(&path, &owner("Ada@acme.example", PASSWORD, PASSWORD)).await;
    let ada = house.store.account_named("ada@acme.example").await.expect("reads").expect("there");
    assert_eq!(ada.role, Role::Owner);
}

#[tokio::test]
async fn signing_in_and_out() {
    let house = House::empty().await;
    let path = format!("/owner/{}", house.store.create_owner_link("t").await.expect("makes").expose_secret());
    let mut browser = house.browser();
    browser.get(&path).await;
    browser.post(&path, &owner("ada@acme.example", PASSWORD, PASSWORD)).await;
    let first = browser.cookies.get("transom").cloned();
    browser.get("/settings/integrations").await;
    browser.post("/sign-out", &[]).await;
    assert!(!browser.cookies.contains_key("transom"));
    let asked = browser.get("/orgs/1?kind=user&q=a").await;
    assert_eq!(asked.leads_to(), "/sign-in?next=%2Forgs%2F1%3Fkind%3Duser%26q%3Da");
    // The session is gone on the server, too.
    let mut thief = house.browser();
    thief.cookies.insert("transom".into(), first.clone().expect("a session"));
    assert!(thief.get("/settings/integrations").await.leads_to().starts_with("/sign-in"));

    browser.get("/sign-in?next=/settings/integrations").await;
    let wrong =
        browser.post("/sign-in", &[("login", "ada@acme.example"), ("password", "wrong wrong wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.says("That did not work") && wrong.says("ada@acme.example") && !wrong.says("wrong wrong wrong")
    );
    let unknown =
        browser.post("/sign-in", &[("login", "bob@acme.example"), ("password", "wrong wrong wrong")]).await;
    assert!(unknown.says("That did not work"));
    let right = [("login", " ADA@acme.example"), ("password", PASSWORD), ("next", "//evil.example")];
    let answer = browser.post("/sign-in", &right).await;
    assert_eq!(answer.leads_to(), "/", "no stranger's address");
    assert_ne!(browser.cookies.get("transom"), first.as_ref(), "a session of its own");
    // Half a day unused ends it.
    house.clock.advance(12 * 60 * 60 * 1_000 + 1);
    assert!(browser.get("/settings/integrations").await.leads_to().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let house = House::owned().await;
    let viewer = house.account("v@acme.example", Role::Viewer, Reach::All).await;
    let mut browser = house.signed_in(&viewer).await;
    assert_eq!(browser.get("/settings/integrations").await.status, StatusCode::OK);
    house.store.set_disabled(viewer.id, true, "test").await.expect("disables");
    assert!(browser.get("/settings/integrations").await.leads_to().starts_with("/sign-in"));
}

#[tokio::test]
async fn forged_forms_do_nothing() {
    let house = House::owned().await;
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    let (mut mine, other) = (house.signed_in(&owner).await, house.signed_in(&owner).await);
    let path = "/settings/integrations/okta/invitation";
    for fields in [vec![], vec![("csrf", "")], vec![("csrf", "1.00")], vec![("csrf", other.csrf.as_str())]] {
        let answer = mine.post_bare(path, &[fields, vec![("only", "1")]].concat()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.says("out of date") && !answer.admitted);
    }
    let json = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    assert_eq!(mine.send(json, Body::from("{}")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let huge = "x".repeat(70 << 10);
    assert_eq!(mine.post(path, &[("only", &huge)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let listed: Vec<String> = house.store.setting("integrations.by_invitation").await.expect("reads");
    assert!(listed.is_empty());
    assert_eq!(mine.post(path, &[("only", "1")]).await.status, StatusCode::SEE_OTHER);
    // A stranger's forms carry a mark as well: nobody is signed in by somebody else's page.
    let sign_in = [("login", "owner@acme.example"), ("password", PASSWORD)];
    assert_eq!(house.browser().post_bare("/sign-in", &sign_in).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_a_login_and_forgotten_in_time() {
    let house = House::owned().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let guess = [("login", "owner@acme.example"), ("password", "a guess of many")];
    for _ in 0..10 {
        assert_eq!(browser.post("/sign-in", &guess).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = browser.post("/sign-in", &guess).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers.get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()), Some("900"));
    // Another login may still try.
    browser.get("/sign-in").await;
    let other = [("login", "other@acme.example"), ("password", "a guess of many")];
    assert_eq!(browser.post("/sign-in", &other).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.clock.advance(15 * 60 * 1_000);
    browser.get("/sign-in").await;
    assert_eq!(browser.post("/sign-in", &guess).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
