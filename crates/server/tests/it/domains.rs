//! What stands below the field of a domain while one types: it is read as the form reads it, and nobody is asked.

use axum::body::Body;
use axum::http::Request;
use transom_engine::Engine;
use transom_server::{App, Site, router};

use crate::browser::{Browser, House};
use crate::connecting::{owner, settled};

const CONNECT: &str = "/settings/integrations/okta/connect";
/// The form of a token, and none of anybody's.
const KEY: &str = "00abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";
const DOMAIN: &str = "/settings/integrations/okta/domain";

/// The words of a piece of markup.
fn words(markup: &str) -> String {
    let texts = markup.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// What is told of a text.
async fn told(browser: &mut Browser, path: &str, typed: &str) -> String {
    let typed: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let answer = browser.send(Request::get(path).header("transom-domain", typed), Body::empty()).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    words(&answer.text)
}

#[tokio::test]
async fn every_form_of_a_domain_tells_what_it_stands_for() {
    let house = House::owned().await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    for (typed, says) in [
        ("acme.okta.com", "Transom will connect to https://acme.okta.com"),
        ("  ACME.Okta.com ", "Transom will connect to https://acme.okta.com"),
        ("acme", "Transom will connect to https://acme.okta.com · read as acme.okta.com;"),
        ("https://acme.oktapreview.com/", "Transom will connect to https://acme.oktapreview.com"),
        (
            "http://acme-admin.okta.com/admin/dashboard",
            "Transom will connect to https://acme.okta.com · http was read as https · acme-admin.okta.com is the \
             Admin Console;",
        ),
        ("127.0.0.1:4010", "Transom will connect to http://127.0.0.1:4010 · A simulator"),
        (
            "sign-in.acme.example",
            "Transom will ask https://sign-in.acme.example which Okta org it belongs to",
        ),
    ] {
        let told = told(&mut browser, DOMAIN, typed).await;
        assert!(told.starts_with(says), "{typed}: {told}");
    }
    // A form that asks nobody takes the org's own address alone.
    let unasked = format!("{DOMAIN}?unasked=1");
    let read = told(&mut browser, &unasked, "acme").await;
    assert!(read.starts_with("Read as https://acme.okta.com"), "{read}");
    let custom = told(&mut browser, &unasked, "sign-in.acme.example").await;
    assert!(custom.contains("own Okta address instead.") && !custom.contains("Read as"), "{custom}");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_words_of_the_form() {
    let house = House::owned().await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    let wrong = [
        "not a domain",
        "https://ada:hunter2@acme.okta.com",
        "{yourOktaDomain}",
        "acme.okta.com:8443",
        "okta.com",
        "10.0.0.1",
        "äcme",
    ];
    for typed in wrong {
        let told = told(&mut browser, DOMAIN, typed).await;
        browser.get(CONNECT).await;
        let sent = browser.post(CONNECT, &[("domain", typed), ("key", KEY), ("label", "")]).await;
        let page = settled(&mut browser, sent.leads_to()).await;
        assert!(
            told.starts_with("This is not an Okta domain. ") && words(&page.text).contains(&told),
            "{typed}: {told}"
        );
        assert!(!told.contains("hunter"), "{told}");
    }
    assert!(told(&mut browser, DOMAIN, "").await.contains("No domain was given."));
}

#[tokio::test]
async fn this_machine_is_named_only_where_simulators_are_allowed() {
    let mut house = House::owned().await;
    let engine = Engine { allow_loopback: false, ..house.app.engine.clone() };
    house.router = router(App::new(engine, Site::local(([127, 0, 0, 1], 8080).into()), None));
    let mut browser = house.signed_in(&owner(&house).await).await;
    for typed in ["127.0.0.1:4010", "http://[::1]:4010"] {
        let told = told(&mut browser, DOMAIN, typed).await;
        assert!(told.starts_with("This is an address of this machine, not an Okta domain."), "{told}");
        assert!(told.ends_with("such as acme.okta.com.") && !told.contains("will connect"), "{told}");
    }
}

#[tokio::test]
async fn the_fields_ask_for_it_and_need_no_script() {
    let house = House::owned().await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    for (page, fields) in [(CONNECT, 1), ("/settings/integrations/okta/setup", 3)] {
        let text = browser.get(page).await.text;
        assert_eq!(text.matches(&format!("data-domain=\"{DOMAIN}")).count(), fields, "{text}");
        assert_eq!(text.matches("aria-live=\"polite\"></output>").count(), fields, "{text}");
        assert!(text.contains("aria-describedby=\"f-domain-says f-domain-origin\""), "{text}");
    }
}
