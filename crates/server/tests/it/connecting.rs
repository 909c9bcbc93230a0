//! The main job in a browser without script: connect, verify, save, sync, look after the connection, disconnect.

use std::time::Duration;

use axum::http::StatusCode;
use okta_sim::{Config, Limits, Running, Sim};
use transom_core::{ConnectionState, Role};
use transom_store::Account;

use crate::browser::{Answer, Browser, House};

const CONNECT: &str = "/settings/integrations/okta/connect";

pub async fn simulator() -> Running {
    let config = Config { users: 40, limits: Limits::Off, ..Config::default() };
    Sim::start(config, ([127, 0, 0, 1], 0).into()).await.expect("starts")
}

pub async fn owner(house: &House) -> Account {
    house.store.account_named("owner@acme.example").await.expect("reads").expect("there")
}

/// Loads a page again, as a browser without script does, until it no longer asks for that.
pub async fn settled(browser: &mut Browser, path: &str) -> Answer {
    for _ in 0..600 {
        let answer = browser.get(path).await;
        if !answer.says("http-equiv=\"refresh\"") {
            return answer;
        }
        let bare = path.split('#').next().unwrap_or(path);
        assert!(
            answer.says(&format!("; url={bare}\"")),
            "a fragment would keep a browser from loading it anew"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never settles");
}

/// A quarter of an hour for whatever waits in this process.
pub async fn a_quarter_of_an_hour() {
    // What is to wait has to have begun to.
    tokio::time::sleep(Duration::from_millis(5)).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    tokio::time::resume();
    tokio::time::sleep(Duration::from_millis(5)).await;
}

async fn verified(browser: &mut Browser, domain: &str, key: &str, label: &str) -> (String, Answer) {
    browser.get(CONNECT).await;
    let answer = browser.post(CONNECT, &[("domain", domain), ("key", key), ("label", label)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let path = answer.leads_to().split('#').next().unwrap_or_default().to_string();
    let answer = settled(browser, &path).await;
    assert!(!answer.says(key), "a key is never shown again");
    (path, answer)
}

#[tokio::test]
async fn from_a_key_to_a_synced_org_and_out_again() {
    let (house, sim) = (House::owned().await, simulator().await);
    let mut browser = house.signed_in(&owner(&house).await).await;
    let key = sim.tokens.read_only_custom.clone();
    let (path, page) = verified(&mut browser, &sim.origin, &key, "Production").await;
    for says in
        ["Okta org found", "Token accepted", "svc-transom@acme.example", "Transom Read", "Save and sync"]
    {
        assert!(page.says(says), "{says}: {}", page.text);
    }
    assert_eq!(page.text.matches("Seen done").count(), 5, "each step ticks itself");
    assert!(house.store.orgs().await.expect("reads").is_empty(), "nothing is kept before it is saved");
    // Nobody else sees a verification, or saves it.
    let admin = house.account("a@acme.example", Role::Admin, transom_core::Reach::All).await;
    let mut other = house.signed_in(&admin).await;
    assert_eq!(other.get(&path).await.leads_to(), CONNECT);
    let job = path.split("job=").nth(1).expect("a job");
    let save = format!("{CONNECT}/{job}");
    assert_eq!(other.post(&save, &[]).await.status, StatusCode::NOT_FOUND);

    browser.get(&path).await;
    let saved = browser.post(&save, &[]).await;
    assert_eq!(saved.leads_to(), "/orgs/1/connection");
    assert_eq!(browser.post(&save, &[]).await.status, StatusCode::NOT_FOUND, "it is saved once");
    let page = settled(&mut browser, "/orgs/1/connection").await;
    assert!(page.says("Finished") && page.says("data sets are complete"), "{}", page.text);
    assert_eq!(house.store.org_named("production").await.expect("there").state, ConnectionState::Connected);
    let users = house.store.sql("SELECT count(*) FROM okta_user", 1).await.expect("reads").rows[0][0].clone();
    assert_eq!(users.as_u64(), Some(40));

    // What the run asked of Okta, what the next one would, and how much of it there may be.
    assert!(page.says("Calls of the last run") && page.says("All that Okta’s limits allow"), "{}", page.text);
    let forecast = browser.get("/orgs/1/connection/forecast").await;
    assert!(forecast.says("The next sync: ") && forecast.says("Reckoned from the copy"), "{}", forecast.text);

    // More than usual is forecast, and then read.
    assert!(page.says("/orgs/1/connection/forecast?with=user_grant"), "{}", page.text);
    let more = browser.get("/orgs/1/connection/forecast?full=true&with=user_grant").await;
    assert!(more.says("Such a sync: ") && more.says("value=\"user_grant\" checked"), "{}", more.text);
    assert!(!more.says("value=\"linked_user\" checked"), "{}", more.text);
    assert!(more.says("action=\"/orgs/1/connection/sync?full=true&#38;with=user_grant\""), "{}", more.text);
    let unknown = browser.get("/orgs/1/connection/forecast?with=nonsense").await;
    assert!(unknown.status.is_client_error() && unknown.says("no data set nonsense"), "{}", unknown.text);
    browser.get("/orgs/1/connection").await;
    browser.post("/orgs/1/connection/sync?full=true&with=user_grant", &[]).await;
    settled(&mut browser, "/orgs/1/connection").await;
    let coverage = house.app.engine.coverage(transom_core::OrgId(1)).await.expect("reads");
    let read = |name: &str| coverage.iter().any(|c| c.dataset == name && c.at.is_some());
    assert!(read("user_grant") && !read("linked_user"), "{coverage:?}");
    let share = "/orgs/1/connection/share";
    for wrong in ["0", "101", "half", ""] {
        let answer = browser.post(share, &[("share", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    browser.get("/orgs/1/connection").await;
    browser.post(share, &[("share", "12.5 %")]).await;
    let page = browser.get("/orgs/1/connection").await;
    assert!(page.says("At most 12.5 % of each"));
    assert!(page.says("It works from any network"), "what the audit found stays on the page");
    browser.post(share, &[("share", "100")]).await;

    // Another token in its place; one that does not work leaves the old one.
    let rotate = "/orgs/1/connection/rotate";
    assert!(browser.get(rotate).await.says("svc-transom@acme.example"));
    let empty = browser.post(rotate, &[("key", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let bad = browser.post(rotate, &[("key", sim.tokens.revoked.as_str()), ("revoke", "1")]).await;
    let page = settled(&mut browser, bad.leads_to()).await;
    assert!(page.says("Token rejected.") && !page.says("in force"), "{}", page.text);
    assert_eq!(house.store.org_named("production").await.expect("there").state, ConnectionState::Connected);
    let good = browser.post(rotate, &[("key", key.as_str())]).await;
    let page = settled(&mut browser, good.leads_to()).await;
    assert!(page.says("The new credential is in force.") && !page.says(&key), "{}", page.text);

    // Verified again, renamed, paused, resumed.
    let again = browser.post("/orgs/1/connection/verify", &[]).await;
    let page = settled(&mut browser, again.leads_to()).await;
    assert!(page.says("Everything that the set-up is for can be read."), "{}", page.text);
    let wrong = browser.post("/orgs/1/connection/rename", &[("label", " ")]).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
    browser.get("/orgs/1/connection").await;
    browser.post("/orgs/1/connection/rename", &[("label", "Live <org>")]).await;
    browser.post("/orgs/1/connection/pause", &[]).await;
    let page = browser.get("/orgs/1").await;
    assert!(page.says("Live &#60;org&#62; is paused.") && !page.says("Live <org>"), "{}", page.text);
    browser.post("/orgs/1/connection/resume", &[]).await;
    assert!(!browser.get("/orgs/1").await.says("is paused"));

    // Disconnected with its data kept, and connected again.
    let path = "/orgs/1/connection/disconnect";
    browser.get(path).await;
    browser.post(path, &[("data", "keep"), ("confirm", "Live <org>")]).await;
    let page = browser.get("/orgs/1/connection").await;
    assert!(page.says("Connect again") && !page.says("Sync now"), "{}", page.text);
    let page = browser.get(rotate).await;
    assert!(page.says("Verify and connect") && !page.says("Revoke the old token"), "{}", page.text);
    let again = browser.post(rotate, &[("key", key.as_str())]).await;
    let page = settled(&mut browser, again.leads_to()).await;
    assert!(page.says("Sync now") && !page.says("is not connected"), "{}", page.text);

    // Out again, by the label typed.
    let fields = |confirm| [("data", "delete"), ("revoke", "1"), ("confirm", confirm)];
    browser.get(path).await;
    assert_eq!(browser.post(path, &fields("Live")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.get(path).await;
    let done = browser.post(path, &fields("Live <org>")).await;
    assert!(done.says("Its data is deleted.") && done.says("Okta revoked the token."), "{}", done.text);
    assert!(house.store.orgs().await.expect("reads").is_empty());
    assert_eq!(browser.get("/orgs/1").await.status, StatusCode::NOT_FOUND);
    let audit = house.store.audit_rows(Some(transom_core::OrgId(1)), 99).await.expect("reads");
    let did: Vec<&str> = audit.iter().rev().map(|r| r.action.as_str()).collect();
    assert_eq!(
        did,
        [
            "org.connect",
            "org.share",
            "org.share",
            "org.rotate",
            "org.rename",
            "org.pause",
            "org.resume",
            "org.disconnect",
            "org.rotate",
            "org.disconnect",
            "org.delete"
        ]
    );
    assert!(audit.iter().all(|r| r.actor == "web:owner@acme.example"), "{audit:?}");
    house.app.stop().await;
}

#[tokio::test]
async fn what_fails_says_what_to_do_here() {
    let (house, sim) = (House::owned().await, simulator().await);
    let mut browser = house.signed_in(&owner(&house).await).await;
    let tokens = &sim.tokens;
    for (domain, key, says) in [
        ("not a domain", tokens.read_only.as_str(), "This is not an Okta domain."),
        (sim.origin.as_str(), tokens.revoked.as_str(), "Token rejected."),
        (sim.origin.as_str(), tokens.no_role.as_str(), "The token shows nothing."),
        (sim.origin.as_str(), "SSWS 00abc", "The API token starts with"),
        ("127.0.0.1:1", tokens.read_only.as_str(), "Okta can&#39;t be reached."),
    ] {
        let (_, page) = verified(&mut browser, domain, key, "").await;
        assert!(page.says(says), "{says}: {}", page.text);
        let commands = ["transom org", " --label", " --token", " --proxy", " --okta-host"];
        assert!(!commands.iter().any(|c| page.says(c)), "no command: {}", page.text);
        assert!(!page.says("Save and sync"));
    }
    let (path, limited) = verified(&mut browser, &sim.origin, &tokens.read_only, "").await;
    assert!(limited.says("Connected, limited") && limited.says("Save and sync"), "{}", limited.text);
    assert!(limited.says("Not seen"), "the step that is missing is shown");
    // What was verified is forgotten, though nobody verifies anything since.
    assert!(browser.get(&path).await.says("held for 15 minutes"));
    a_quarter_of_an_hour().await;
    assert_eq!(browser.get(&path).await.leads_to(), CONNECT);
    // What can't be saved under a label is saved under another.
    house.org("Taken").await;
    let (path, _) = verified(&mut browser, &sim.origin, &tokens.read_only, "").await;
    let save = format!("{CONNECT}/{}", path.split("job=").nth(1).expect("a job"));
    let taken = browser.post(&save, &[("label", "Taken")]).await;
    assert!(
        taken.status == StatusCode::CONFLICT && taken.says("The label Taken is taken."),
        "{}",
        taken.text
    );
    browser.get(&path).await;
    assert_eq!(browser.post(&save, &[("label", "Free")]).await.leads_to(), "/orgs/2/connection");
    browser.get(CONNECT).await;
    let empty = browser.post(CONNECT, &[("domain", "acme.okta.com"), ("key", " "), ("label", "A")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.says("Enter the API key") && empty.says("acme.okta.com"));
}

#[tokio::test]
async fn a_draft_keeps_everything_but_the_key() {
    let house = House::owned().await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    browser.get(CONNECT).await;
    let key = "00canaryCANARYcanary";
    let fields = [("domain", "acme.okta.com"), ("key", key), ("label", "Prod"), ("draft", "1")];
    assert_eq!(browser.post(CONNECT, &fields).await.leads_to(), "/settings/integrations");
    assert!(browser.get("/settings/integrations").await.says("Prod · acme.okta.com"));
    let page = browser.get(&format!("{CONNECT}?draft=1")).await;
    assert!(page.says("value=\"acme.okta.com\"") && page.says("value=\"Prod\"") && !page.says(key));
    assert!(!format!("{:?}", house.store.drafts().await.expect("reads")).contains("canary"));
    browser.post("/settings/integrations/okta/drafts/1/delete", &[]).await;
    assert!(!browser.get("/settings/integrations").await.says("Prod"));
}
