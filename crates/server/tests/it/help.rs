//! The help: its pages, what members answer under them, who reads that, and what strangers are told.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use transom_core::{Reach, Role};
use transom_server::{Site, table};
use url::Url;

use crate::browser::{Answer, Browser, House};

const FEEDBACK: &str = "/settings/feedback";

async fn owners(house: &House) -> Browser {
    let owner = house.store.account_named("owner@acme.example").await.expect("reads").expect("there");
    house.signed_in(&owner).await
}

/// The addresses of the help that a page links to.
fn leads_to(answer: &Answer) -> BTreeSet<String> {
    let links = answer.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.starts_with("/help")).map(str::to_string).collect()
}

#[tokio::test]
async fn every_page_of_the_help_is_reached_from_the_contents_and_every_link_leads_somewhere() {
    let house = House::owned().await;
    house.org("One").await;
    let mut browser = owners(&house).await;
    let contents = browser.get("/help").await;
    let listed: BTreeSet<String> = leads_to(&contents).into_iter().filter(|link| link != "/help").collect();
    assert!(listed.len() > 10, "{listed:?}");
    // From there over all links, of pages of the app too.
    let (mut left, mut seen) = (vec!["/help".to_string()], BTreeSet::new());
    for route in table(true)
        .iter()
        .filter(|r| r.method == "GET" && !r.path.contains("/{") && !r.path.starts_with("/api/"))
    {
        left.push(route.path.clone());
    }
    left.extend(["/orgs/1", "/orgs/1/inventory/user", "/orgs/1/connection"].map(String::from));
    let mut sections = BTreeSet::new();
    while let Some(path) = left.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = browser.get(&path).await;
        assert!(!path.starts_with("/help") || answer.status == StatusCode::OK, "{path}");
        for link in leads_to(&answer) {
            let page = link.split('#').next().unwrap_or_default().to_string();
            // Forms of answers go to addresses that are posted to.
            left.push(page);
            sections.insert(link);
        }
    }
    let reached: BTreeSet<String> = seen.into_iter().filter(|p| p.starts_with("/help/")).collect();
    assert_eq!(reached, listed, "no page is reached that the contents don't list");
    for link in sections {
        let Some((page, id)) = link.split_once('#') else { continue };
        let text = browser.get(page).await.text;
        assert!(text.contains(&format!("id=\"{id}\"")), "{link} leads to no section");
    }
    assert_eq!(browser.get("/help/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_links_to_the_matter_at_hand() {
    let house = House::owned().await;
    house.org("One").await;
    let mut browser = owners(&house).await;
    for (path, help) in [
        ("/orgs/1/inventory/user?q=a", "/help/finding#lists"),
        ("/orgs/1/connection", "/help/sync#the-connection-page"),
        ("/settings/integrations/okta/connect", "/help/connect"),
        ("/settings/audit", "/help/audit"),
        ("/help/audit", "/help"),
    ] {
        let answer = browser.get(path).await;
        assert!(answer.says(&format!("<a href=\"{help}\"")), "{path} does not link to {help}");
    }
}

#[tokio::test]
async fn answers_are_kept_for_owners_once_for_a_member_and_page() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::Orgs(Default::default())).await;
    let mut bobs = house.signed_in(&bob).await;
    let page = bobs.get("/help/sync").await;
    assert!(page.says("Did this answer your question?") && page.says("sent nowhere else"), "{}", page.text);
    let post = "/help/sync/answer";
    let long = "x".repeat(1_001);
    for (fields, says) in [
        (vec![("comment", "?"), ("next", "/help/sync")], "Choose Yes or No"),
        (vec![("helpful", "maybe"), ("next", "/help/sync")], "Choose Yes or No"),
        (vec![("helpful", "no"), ("comment", long.as_str())], "may have 1000 characters; this one has 1001"),
    ] {
        let answer = bobs.post(post, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.says(says), "{says}: {}", answer.text);
    }
    bobs.get("/help/sync").await;
    assert_eq!(bobs.post("/help/nothing/answer", &[("helpful", "yes")]).await.status, StatusCode::NOT_FOUND);
    bobs.get("/help/sync").await;
    // 1,000 characters fit, however a browser sends the new lines among them.
    let lines = format!("{}\r\n<b>when</b>", "y".repeat(988));
    let fields = [("helpful", "no"), ("comment", lines.as_str()), ("next", "/help/sync")];
    assert_eq!(bobs.post(post, &fields).await.leads_to(), "/help/sync#answer");
    assert!(bobs.get("/help/sync").await.says("You answered No"));
    let again = [("helpful", "yes"), ("comment", "a <b>timer</b>"), ("next", "https://evil.example/")];
    assert_eq!(bobs.post(post, &again).await.leads_to(), "/#answer", "never to strangers");
    let page = bobs.get("/help/sync").await;
    assert!(page.says("You answered Yes") && page.says("a &#60;b&#62;timer&#60;/b&#62;"), "{}", page.text);
    assert!(!bobs.get("/help/audit").await.says("You answered"));
    assert_eq!(bobs.get(FEEDBACK).await.status, StatusCode::FORBIDDEN);

    // Under the guide, too, and back to where one was.
    let mut browser = owners(&house).await;
    assert!(browser.get(FEEDBACK).await.says("1 of 1 say that the help answered their question."));
    let here = "/settings/integrations/okta/connect?draft=7";
    assert!(browser.get(here).await.says("action=\"/help/guide/answer\""));
    let fields = [("helpful", "no"), ("comment", ""), ("next", here)];
    assert_eq!(browser.post("/help/guide/answer", &fields).await.leads_to(), format!("{here}#answer"));
    let list = browser.get(FEEDBACK).await;
    assert!(list.says("1 of 2 say") && list.says("the guide beside the form"), "{}", list.text);
    assert!(list.says("bob@acme.example") && list.says("a &#60;b&#62;timer"), "{}", list.text);
    assert!(list.text.find("the guide beside") > list.text.find("caption"), "{}", list.text);
    let kept = house.store.feedback(None, 9).await.expect("reads");
    assert_eq!(kept.len(), 2);
    browser.post(&format!("{FEEDBACK}/{}/delete", kept[1].id), &[]).await;
    assert!(!browser.get(FEEDBACK).await.says("bob@acme.example"));
    browser.get(FEEDBACK).await;
    let gone = browser.post(&format!("{FEEDBACK}/{}/delete", kept[1].id), &[]).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    let audit = format!("{:?}", house.store.audit_rows(None, 99).await.expect("reads"));
    assert!(audit.contains("feedback.delete") && !audit.contains("timer"), "{audit}");
}

#[tokio::test]
async fn many_answers_are_paged_and_each_is_seen_once() {
    let house = House::owned().await;
    for n in 0..120 {
        let account = house.account(&format!("m{n}@acme.example"), Role::Viewer, Reach::All).await;
        house.store.answer(account.id, "sync", n % 2 == 0, "", "test").await.expect("keeps");
    }
    let mut browser = owners(&house).await;
    let (mut seen, mut path) = (0, FEEDBACK.to_string());
    loop {
        let page = browser.get(&path).await;
        assert!(page.says("60 of 120 say"));
        seen += page.text.matches("Delete the answer of").count();
        let Some(older) = page.text.split("href=\"").find(|h| h.contains("\">Older")) else { break };
        path = older.split('"').next().unwrap_or_default().to_string();
    }
    assert_eq!(seen, 120);
}

#[tokio::test]
async fn who_is_stuck_is_told_whom_to_ask() {
    let house = House::owned().await;
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let (mut bobs, mut browser) = (house.signed_in(&bob).await, owners(&house).await);
    assert!(bobs.get("/help/sync").await.says("Ask an owner of this installation."));
    assert!(browser.get("/help").await.says("Say whom people ask"));
    browser.post("/settings/about/support", &[("support", "help@acme.example")]).await;
    for path in ["/help", "/help/sync", "/help/reference-cli"] {
        let page = bobs.get(path).await;
        assert!(page.says("Still stuck? Ask <a href=\"mailto:help@acme.example\">"), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn what_watches_the_server_is_told_that_it_is_up_and_nothing_else() {
    let url = Url::parse("https://transom.example.com").expect("an address");
    let proxies = vec!["10.0.0.0/8".parse().expect("reads")];
    // Nobody owns it, only a proxy is answered, and it is called by its number.
    let house = House::at(Site::public(&url, proxies).expect("a site")).await;
    let ask = async |path: &str| {
        let request = Request::get(path).header(header::HOST, "10.9.8.7:8080");
        house.browser().send(request, Body::empty()).await
    };
    let answer = ask("/healthz").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "up\n"));
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "each probe would begin a visit");
    assert_eq!(ask("/healthz/").await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("/").await.status, StatusCode::MISDIRECTED_REQUEST);
}
