//! Sign-in by OpenID Connect: who comes in, as what, and who does not.

mod doors;
mod people;
mod provider;
mod settings;

use axum::http::StatusCode;
use serde_json::{Value, json};
use transom_store::Account;
use url::Url;

use crate::browser::{Answer, Browser, House, START};
use provider::{CLIENT, Made, Provider, SECRET, Wrong};

const SETTINGS: &str = "/settings/sign-in";
const LEAVE: &str = "/sign-in/oidc";
const PASSWORD: &str = "correct horse battery";

fn ada() -> Value {
    json!({ "sub": "00u1ada", "email": "ada@acme.example", "name": "Ada Byron" })
}

fn in_groups(sub: &str, email: &str, groups: &[&str]) -> Value {
    json!({ "sub": sub, "email": email, "email_verified": true, "name": "Somebody", "groups": groups })
}

async fn owner(house: &House) -> Account {
    house.store.account_named("owner@acme.example").await.expect("reads").expect("there")
}

fn fields<'a>(provider: &'a Provider, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("issuer", provider.issuer.as_str()),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("label", "Acme Okta"),
        ("scopes", "openid profile email groups"),
        ("groups_claim", "groups"),
    ];
    for (name, value) in more {
        fields.retain(|(n, _)| n != name);
        fields.push((*name, *value));
    }
    fields
}

/// A house with an owner and a provider, and the owner's browser.
async fn set_up(made: Made) -> (House, Provider, Browser) {
    let house = House::owned().await;
    let provider = Provider::start(START, made).await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    let saved = browser.post(SETTINGS, &fields(&provider, &[])).await;
    assert_eq!(saved.leads_to(), "/settings/sign-in?saved=provider", "{}", saved.text);
    (house, provider, browser)
}

/// Where a page leads on to.
fn leads_on(answer: &Answer) -> Url {
    let (_, rest) = answer.text.split_once("content=\"0; url=").unwrap_or_else(|| panic!("{}", answer.text));
    let text = rest.split('"').next().expect("an end").replace("&#38;", "&").replace("&amp;", "&");
    Url::parse(&text).expect("an address")
}

/// To the provider and back.
async fn trip(
    browser: &mut Browser,
    provider: &Provider,
    from: &str,
    claims: &Value,
    wrong: Wrong,
) -> Answer {
    let leaving = browser.post(from, &[("next", "/settings/about")]).await;
    assert_eq!(leaving.status, StatusCode::OK, "{}", leaving.text);
    let back = provider.sign_in(&leads_on(&leaving), claims, wrong);
    browser.get(&back).await
}

/// The same in a new browser, to sign in.
async fn come(house: &House, provider: &Provider, claims: &Value) -> (Browser, Answer) {
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    let answer = trip(&mut browser, provider, LEAVE, claims, Wrong::Nothing).await;
    (browser, answer)
}

async fn map(browser: &mut Browser, group: &str, role: &str, orgs: &[&str]) {
    browser.get(SETTINGS).await;
    let mut fields =
        vec![("group", group), ("role", role), ("reach", if orgs.is_empty() { "all" } else { "some" })];
    fields.extend(orgs.iter().map(|org| ("org", *org)));
    let answer = browser.post("/settings/sign-in/groups", &fields).await;
    assert_eq!(answer.leads_to(), "/settings/sign-in#groups", "{}", answer.text);
}

fn is_in(browser: &Browser) -> bool {
    browser.cookies.contains_key("transom")
}
