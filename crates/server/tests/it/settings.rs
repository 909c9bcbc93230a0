//! Settings in a browser without script: members, API tokens, the audit log, one's own account, about.

use axum::http::StatusCode;
use transom_core::{OrgId, Reach, Role};
use transom_store::{Account, RequestState};

use crate::browser::{Answer, Browser, House};

const PASSWORD: &str = "correct horse battery";
const MEMBERS: &str = "/settings/members";
const TOKENS: &str = "/settings/api-tokens";

async fn owner(house: &House) -> Account {
    house.store.account_named("owner@acme.example").await.expect("reads").expect("there")
}

async fn owners(house: &House) -> Browser {
    house.signed_in(&owner(house).await).await
}

/// What stands between two texts on a page.
fn between<'a>(answer: &'a Answer, before: &str, after: &str) -> &'a str {
    let rest = answer.text.split_once(before).map(|(_, rest)| rest).unwrap_or_default();
    rest.split_once(after).map(|(found, _)| found).unwrap_or_default()
}

#[tokio::test]
async fn an_invited_member_comes_in_with_the_role_that_was_chosen() {
    let house = House::owned().await;
    let (one, two) = (house.org("One").await, house.org("Two").await);
    let mut browser = owners(&house).await;
    let invite = format!("{MEMBERS}/invite");
    browser.get(&invite).await;
    for (fields, says) in [
        (vec![("login", "bob"), ("role", "admin"), ("reach", "all")], "Expected an e-mail address"),
        (vec![("login", "bob@acme.example"), ("reach", "all")], "Choose a role."),
        (vec![("login", "bob@acme.example"), ("role", "admin"), ("reach", "some")], "at least one org"),
        (vec![("login", "OWNER@acme.example"), ("role", "admin"), ("reach", "all")], "is a member already"),
    ] {
        let answer = browser.post(&invite, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says(says), "{says}: {}", answer.text);
    }
    let fields = [("login", "bob@acme.example"), ("role", "responder"), ("reach", "some"), ("org", "1")];
    let answer = browser.post(&invite, &fields).await;
    let link = between(&answer, "<code>http://127.0.0.1:8080", "</code>").to_string();
    assert!(link.starts_with("/invitation/") && link.len() > 40, "{}", answer.text);
    let list = browser.get(MEMBERS).await;
    assert!(list.says("bob@acme.example") && list.says("1 invited") && !list.says(&link), "{}", list.text);

    let mut guest = house.browser();
    let page = guest.get(&link).await;
    assert!(page.says("You are invited as <strong>Responder</strong>"), "{}", page.text);
    let fields = |again| [("name", "Bob"), ("password", PASSWORD), ("again", again)];
    let differs = guest.post(&link, &fields("another")).await;
    assert_eq!(differs.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(differs.says("The two passwords differ") && !differs.says(PASSWORD));
    assert_eq!(guest.post(&link, &fields(PASSWORD)).await.leads_to(), "/");
    assert_eq!(house.browser().get(&link).await.status, StatusCode::NOT_FOUND, "it is used up");

    // Signed in by the password, he sees what the role lets him.
    let mut bob = house.browser();
    bob.get("/sign-in").await;
    let fields = [("login", "bob@acme.example"), ("password", PASSWORD)];
    assert_eq!(bob.post("/sign-in", &fields).await.leads_to(), "/");
    assert_eq!(bob.get(&format!("/orgs/{}", one.0)).await.status, StatusCode::OK);
    assert_eq!(bob.get(&format!("/orgs/{}", two.0)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.get(MEMBERS).await.status, StatusCode::FORBIDDEN);
    let tabs = bob.get("/settings/about").await;
    assert!(!tabs.says(MEMBERS) && !tabs.says("/settings/audit") && tabs.says(TOKENS));
    let account = house.store.account_named("bob@acme.example").await.expect("reads").expect("there");
    assert_eq!((account.role, account.reach), (Role::Responder, Reach::Orgs([OrgId(1)].into())));

    // Withdrawn, a link no longer holds.
    browser.get(&invite).await;
    let fields = [("login", "eve@acme.example"), ("role", "viewer"), ("reach", "all")];
    let answer = browser.post(&invite, &fields).await;
    let link = between(&answer, "<code>http://127.0.0.1:8080", "</code>").to_string();
    browser.post(&format!("{MEMBERS}/invitations/2/withdraw"), &[]).await;
    assert!(browser.get(MEMBERS).await.says("2 members."));
    assert_eq!(house.browser().get(&link).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_last_owner_stays_and_others_change() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let mut browser = owners(&house).await;
    let own = format!("{MEMBERS}/{}", owner(&house).await.id);
    browser.get(&own).await;
    let viewer = [("role", "viewer"), ("reach", "all")];
    for (path, fields) in [("role", viewer.as_slice()), ("disable", &[]), ("remove", &[])] {
        let answer = browser.post(&format!("{own}/{path}"), fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
        let says = answer.says("is the last owner.") && answer.says("Make somebody else an owner first.");
        assert!(says, "{}", answer.text);
    }
    let his = format!("{MEMBERS}/{}", bob.id);
    let mut bobs = house.signed_in(&bob).await;
    assert_eq!(bobs.get("/settings/audit").await.status, StatusCode::FORBIDDEN);
    browser.post(&format!("{his}/role"), &[("role", "admin"), ("reach", "all")]).await;
    assert_eq!(bobs.get("/settings/audit").await.status, StatusCode::OK, "at once");
    browser.post(&format!("{his}/disable"), &[]).await;
    assert!(bobs.get("/settings/about").await.leads_to().starts_with("/sign-in"));
    assert!(browser.get(&his).await.says("Enable"));
    browser.post(&format!("{his}/enable"), &[]).await;
    assert_eq!(house.store.account(bob.id).await.expect("there").disabled, None);
    browser.get(&his).await;
    browser.post(&format!("{his}/remove"), &[]).await;
    assert_eq!(browser.get(&his).await.status, StatusCode::NOT_FOUND);
    let audit = house.store.audit_rows(None, 4).await.expect("reads");
    let did: Vec<&str> = audit.iter().rev().map(|r| r.action.as_str()).collect();
    assert_eq!(did, ["member.role", "member.disable", "member.enable", "member.remove"]);
    assert!(audit.iter().all(|r| r.actor == "web:owner@acme.example"));
}

#[tokio::test]
async fn who_asks_is_granted_with_a_role_or_declined() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let mut bobs = house.signed_in(&bob).await;
    let ask = "/settings/integrations/okta/request";
    bobs.post(ask, &[("note", "I run <Okta>")]).await;
    let mut browser = owners(&house).await;
    let page = browser.get(MEMBERS).await;
    assert!(page.says("1 asks for access.") && page.says("I run &#60;Okta&#62;"), "{}", page.text);
    browser.post(&format!("{MEMBERS}/requests/1/grant"), &[("role", "responder"), ("reach", "all")]).await;
    assert_eq!(bobs.get("/settings/integrations/okta/connect").await.status, StatusCode::OK);
    assert_eq!(house.store.account(bob.id).await.expect("there").role, Role::Responder);
    assert!(browser.get(MEMBERS).await.says("Take back"));
    let grant = format!("{MEMBERS}/requests/1/grant");
    let again = browser.post(&grant, &[("role", "owner"), ("reach", "all")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it is decided");
    assert!(again.says("This request is granted"), "{}", again.text);
    assert_eq!(house.store.account(bob.id).await.expect("there").role, Role::Responder);
    browser.get(MEMBERS).await;
    browser.post(&format!("{MEMBERS}/requests/1/revoke"), &[]).await;
    assert_eq!(bobs.get("/settings/integrations/okta/connect").await.status, StatusCode::FORBIDDEN);
    bobs.get("/settings/integrations").await;
    bobs.post(ask, &[]).await;
    browser.post(&format!("{MEMBERS}/requests/2/decline"), &[]).await;
    let states: Vec<RequestState> =
        house.store.access_requests().await.expect("reads").into_iter().map(|r| r.state).collect();
    assert_eq!(states, [RequestState::Declined, RequestState::Revoked]);
}

#[tokio::test]
async fn a_token_is_shown_once_and_does_no_more_than_its_maker() {
    let house = House::owned().await;
    let one = house.org("One").await;
    house.org("Two").await;
    let bob = house.account("bob@acme.example", Role::Admin, Reach::Orgs([one].into())).await;
    let mut bobs = house.signed_in(&bob).await;
    let form = bobs.get(TOKENS).await;
    assert!(
        !form.says("value=\"owner\"") && !form.says("value=\"all\"") && !form.says("Two"),
        "{}",
        form.text
    );
    let fields = |role, reach, org| {
        [("name", "Reporter"), ("role", role), ("reach", reach), ("org", org), ("days", "30")]
    };
    for (fields, says) in [
        (fields("owner", "some", "1"), "no more than you"),
        (fields("viewer", "all", "1"), "no more than you"),
        (fields("viewer", "some", "2"), "no more than you"),
        (
            [("name", " "), ("role", "viewer"), ("reach", "some"), ("org", "1"), ("days", "30")],
            "what it is for",
        ),
        ([("name", "N"), ("role", "viewer"), ("reach", "some"), ("org", "1"), ("days", "9999")], "how long"),
    ] {
        let answer = bobs.post(TOKENS, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says(says), "{says}: {}", answer.text);
    }
    assert!(house.store.api_tokens().await.expect("reads").is_empty());
    let made = bobs.post(TOKENS, &fields("responder", "some", "1")).await;
    let secret = between(&made, "<code>", "</code>").to_string();
    assert!(secret.starts_with("transom_") && made.says("not shown again"), "{}", made.text);
    let list = bobs.get(TOKENS).await;
    assert!(!list.says(&secret) && list.says("Reporter") && list.says("in 30 days") && list.says("never"));
    let token = house.store.api_token(&secret).await.expect("reads").expect("holds");
    assert_eq!((token.role, token.account), (Role::Responder, bob.id));

    // Another member does not see it; an owner does, and revokes it.
    let eve = house.account("eve@acme.example", Role::Admin, Reach::All).await;
    let mut eves = house.signed_in(&eve).await;
    assert!(!eves.get(TOKENS).await.says("Reporter"));
    let revoke = format!("{TOKENS}/{}/revoke", token.id);
    assert_eq!(eves.post(&revoke, &[]).await.status, StatusCode::NOT_FOUND);
    let mut browser = owners(&house).await;
    assert!(browser.get(TOKENS).await.says("Reporter"));
    browser.post(&revoke, &[]).await;
    assert!(house.store.api_token(&secret).await.expect("reads").is_none());
    assert!(bobs.get(TOKENS).await.says("Revoked"));
    let audit = format!("{:?}", house.store.audit_rows(None, 99).await.expect("reads"));
    assert!(audit.contains("api_token.revoke") && !audit.contains(&secret));
}

#[tokio::test]
async fn the_audit_is_filtered_paged_checked_and_exported() {
    let house = House::owned().await;
    let one = house.org("One").await;
    for n in 0..60 {
        let detail = serde_json::json!({ "n": n, "text": "=\"<x>\"" });
        house.store.audit(Some(one), "cli:ada", "org.rename", detail).await.expect("writes");
    }
    house.clock.advance(24 * 60 * 60 * 1_000);
    let mut browser = owners(&house).await;
    browser.post("/settings/about/support", &[("support", "help@acme.example")]).await;
    let page = browser.get("/settings/audit").await;
    assert!(page.says("setting.set") && page.says("Older") && page.says("&#60;x&#62;"), "{}", page.text);
    // Keyset paging reaches every record once.
    let (mut seen, mut path) = (0, "/settings/audit?action=org.&actor=cli%3Aada&org=1".to_string());
    loop {
        let page = browser.get(&path).await;
        assert!(!page.says("setting.set") && !page.says("member.create"));
        seen += page.text.matches("<code>org.rename</code>").count();
        let Some(older) = page.text.split("href=\"").find(|h| h.contains("\">Older")) else { break };
        path = older.split('"').next().unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!(seen, 60);
    // 2027-01-15 is the day on which this test begins.
    for (query, says, not) in [
        ("to=2027-01-15", "org.rename", "setting.set"),
        ("from=2027-01-16", "setting.set", "org.rename</code>"),
        ("org=installation", "setting.set", "org.rename</code>"),
        ("actor=nobody", "No record is like that.", "<code>org.rename"),
    ] {
        let page = browser.get(&format!("/settings/audit?{query}")).await;
        assert!(page.says(says) && !page.says(not), "{query}: {}", page.text);
    }
    for wrong in ["from=yesterday", "org=x", "after=x"] {
        let answer = browser.get(&format!("/settings/audit?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let checked = browser.get("/settings/audit?check=1").await;
    assert!(checked.says("records in 2 chains are unaltered."), "{}", checked.text);

    let csv = browser.get("/settings/audit/export?format=csv&org=1").await;
    assert_eq!(csv.text.lines().count(), 61);
    assert!(csv.text.starts_with("at,org,seq,actor,action,detail\r\n") && csv.says(",One,"), "{}", csv.text);
    let lines = browser.get("/settings/audit/export?format=jsonl&action=setting.").await.text;
    let record: serde_json::Value = serde_json::from_str(lines.trim()).expect("one line of JSON");
    assert_eq!(record["detail"]["value"], "help@acme.example");
    assert_eq!(browser.get("/settings/audit/export?format=xml").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_changes_ones_own_password_with_the_one_there_is() {
    let house = House::empty().await;
    let link = house.store.create_owner_link("test").await.expect("makes");
    let path = format!("/owner/{}", secrecy::ExposeSecret::expose_secret(&link));
    let mut browser = house.browser();
    browser.get(&path).await;
    let fields =
        [("name", "Ada"), ("login", "ada@acme.example"), ("password", PASSWORD), ("again", PASSWORD)];
    browser.post(&path, &fields).await;
    let ada = house.store.account_named("ada@acme.example").await.expect("reads").expect("there");
    let mut elsewhere = house.signed_in(&ada).await;
    let here = "/settings/account";
    let change = format!("{here}/password");
    browser.get(here).await;
    let next = "another horse battery";
    let fields = |current| [("current", current), ("password", next), ("again", next)];
    let wrong = browser.post(&change, &fields("not the one there is")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.says("This is not your password.") && !wrong.says(next), "{}", wrong.text);
    assert_eq!(browser.post(&change, &fields(PASSWORD)).await.leads_to(), "/settings/account?saved=password");
    assert!(browser.get("/settings/account?saved=password").await.says("Your password is changed."));
    assert!(elsewhere.get(here).await.leads_to().starts_with("/sign-in"), "other sessions end");
    browser.post(&format!("{here}/name"), &[("name", "Ada Byron")]).await;
    assert!(browser.get(here).await.says("value=\"Ada Byron\""));
    assert_eq!(
        browser.post(&format!("{here}/name"), &[("name", " ")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    browser.get(here).await;
    assert_eq!(browser.post(&format!("{here}/sign-out-everywhere"), &[]).await.leads_to(), "/sign-in");
    assert!(browser.get(here).await.leads_to().starts_with("/sign-in"));
    // A session left open is no way to guess the password.
    let mut guessing = house.signed_in(&ada).await;
    for _ in 0..10 {
        guessing.post(&change, &fields("a guess of many")).await;
    }
    assert_eq!(
        guessing.post(&change, &fields("a guess of many")).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn whom_people_ask_stands_beside_every_page() {
    let house = House::owned().await;
    let one = house.org("One").await;
    let mut browser = owners(&house).await;
    let about = browser.get("/settings/about").await;
    assert!(about.says(env!("CARGO_PKG_VERSION")) && about.says("SQLite 3."), "{}", about.text);
    let wrong = browser.post("/settings/about/support", &[("support", "javascript:alert(1)")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.post("/settings/about/support", &[("support", "https://chat.acme.example/help")]).await;
    for path in ["/settings/about".to_string(), format!("/orgs/{}", one.0)] {
        assert!(browser.get(&path).await.says("href=\"https://chat.acme.example/help\""), "{path}");
    }
    browser.post("/settings/about/support", &[("support", "")]).await;
    assert!(!browser.get("/settings/about").await.says("chat.acme.example"));
    // Where the database lies is for owners.
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let page = house.signed_in(&bob).await.get("/settings/about").await;
    assert!(about.says("transom.db") && page.says("SQLite 3.") && !page.says("transom.db"));
}
