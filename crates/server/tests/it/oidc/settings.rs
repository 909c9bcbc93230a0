//! Settings › Sign-in: the fields, the test, and what it means to require it.

use axum::http::Method;
use secrecy::ExposeSecret;
use transom_core::{Reach, Role};

use super::*;

#[tokio::test]
async fn required_it_takes_no_password_and_the_owner_link_lets_in() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    let with_password = async |token: &str, mut browser: Browser| {
        let path = format!("/owner/{token}");
        browser.get(&path).await;
        let fields =
            [("name", "Ada"), ("login", "ada@acme.example"), ("password", PASSWORD), ("again", PASSWORD)];
        (browser.post(&path, &fields).await, browser)
    };
    let link = house.store.create_owner_link("t").await.expect("makes");
    with_password(link.expose_secret(), house.browser()).await;
    let invited =
        house.store.invite("eve@acme.example", Role::Viewer, &Reach::All, "t").await.expect("invites");
    let required = fields(&provider, &[("required", "1"), ("client_secret", "")]);
    browser.get(SETTINGS).await;
    let refused = browser.post(SETTINGS, &required).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("No owner is linked to this provider yet"), "{}", refused.text);
    trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
    browser.get(SETTINGS).await;
    assert_eq!(browser.post(SETTINGS, &required).await.leads_to(), "/settings/sign-in?saved=provider");

    let mut visitor = house.browser();
    let page = visitor.get("/sign-in").await;
    assert!(page.says("Passwords are off") && !page.says("type=\"password\""), "{}", page.text);
    let fields = [("login", "ada@acme.example"), ("password", PASSWORD)];
    let answer = visitor.post("/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.says("Passwords are off") && !is_in(&visitor), "{}", answer.text);
    let answer = visitor.get(&format!("/invitation/{}", invited.expose_secret())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "an invitation is a password, too");
    browser.get("/settings/members/invite").await;
    let fields = [("login", "bob@acme.example"), ("role", "viewer"), ("reach", "all")];
    assert!(browser.post("/settings/members/invite", &fields).await.says("Passwords are off"));
    let mut program = house.program(&owner(&house).await).await;
    let new = json!({ "login": "bob@acme.example", "grant": { "role": "viewer", "orgs": null } });
    let answer = program.call(Method::POST, "/api/v1/invitations", Some(new)).await;
    assert!(answer.status == StatusCode::FORBIDDEN && answer.says("Passwords are off"), "{}", answer.text);
    browser.get("/settings/account").await;
    assert!(browser.post("/settings/account/unlink", &[]).await.says("only way in"));
    assert!(
        browser
            .post(
                "/settings/account/password",
                &[("current", "x"), ("password", PASSWORD), ("again", PASSWORD)]
            )
            .await
            .says("Passwords are off")
    );
    // Who has lost the provider comes in by the link.
    let link = house.store.create_owner_link("t").await.expect("makes");
    let (answer, adas) = with_password(link.expose_secret(), house.browser()).await;
    assert_eq!((answer.leads_to(), is_in(&adas)), ("/", true), "{}", answer.text);
    let mut adas = adas;
    adas.get(SETTINGS).await;
    assert_eq!(
        adas.post("/settings/sign-in/remove", &[]).await.leads_to(),
        "/settings/sign-in?saved=removed"
    );
    let mut visitor = house.browser();
    assert!(!visitor.get("/sign-in").await.says("Acme Okta"));
    let fields = [("login", "ada@acme.example"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/sign-in", &fields).await.leads_to(), "/");
}

#[tokio::test]
async fn each_field_says_what_is_wrong() {
    let house = House::owned().await;
    let provider = Provider::start(START, Made::default()).await;
    let misnamed = Provider::start(START, Made { misnamed: true, ..Made::default() }).await;
    let without_pkce = Provider::start(START, Made { without_pkce: true, ..Made::default() }).await;
    let mut browser = house.signed_in(&owner(&house).await).await;
    browser.get(SETTINGS).await;
    for (field, value, says) in [
        ("issuer", "", "such as https://acme.okta.com"),
        ("issuer", "http://acme.okta.com", "such as https://acme.okta.com"),
        ("issuer", "https://acme.okta.com/?x=1", "such as https://acme.okta.com"),
        ("issuer", "https://10.0.0.1", "10.0.0.1 is not on the public internet"),
        ("issuer", "http://127.0.0.1:9", "did not answer"),
        ("issuer", misnamed.issuer.as_str(), "It calls itself https://evil.example"),
        ("issuer", without_pkce.issuer.as_str(), "It does not know PKCE"),
        ("client_id", "two words", "Expected one word"),
        ("client_secret", "two words", "Copy the secret alone"),
        ("client_secret", "", "The client secret is missing"),
        ("label", "", "such as Okta"),
        ("scopes", "profile", "Expected openid"),
        ("groups_claim", "", "such as groups"),
        ("required", "1", "No owner is linked"),
    ] {
        let answer = browser.post(SETTINGS, &fields(&provider, &[(field, value)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(
            answer.says(says) && answer.says("aria-invalid") && !answer.says(SECRET),
            "{field}: {}",
            answer.text
        );
    }
    assert!(house.store.provider().await.expect("reads").is_none());
    let slash = format!("{}/.well-known/openid-configuration", provider.issuer);
    browser.post(SETTINGS, &fields(&provider, &[("issuer", slash.as_str())])).await;
    let saved = house.store.provider().await.expect("reads").expect("there");
    assert_eq!(saved.issuer, provider.issuer, "whatever of it was pasted");
    // A secret stays for the same client at the same provider alone.
    browser.get(SETTINGS).await;
    let kept = browser.post(SETTINGS, &fields(&provider, &[("client_secret", ""), ("label", "Other")])).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let other = Provider::start(START, Made::default()).await;
    for changed in [
        fields(&other, &[("client_secret", "")]),
        fields(&provider, &[("client_secret", ""), ("client_id", "0oa9")]),
    ] {
        let answer = browser.post(SETTINGS, &changed).await;
        assert!(answer.says("The client secret is missing"), "{}", answer.text);
    }
    // What a group is given.
    for (fields, says) in [
        (vec![("group", ""), ("role", "viewer"), ("reach", "all")], "Group: expected its name"),
        (vec![("group", "A"), ("reach", "all")], "Choose a role."),
        (
            vec![("group", "A"), ("role", "owner"), ("reach", "some"), ("org", "1")],
            "owns the whole installation",
        ),
    ] {
        let answer = browser.post("/settings/sign-in/groups", &fields).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.says(says), "{}", answer.text);
    }
    assert!(!browser.get(SETTINGS).await.says("Another issuer takes back"), "nothing to take");
    map(&mut browser, "R&D <all>", "responder", &[]).await;
    let page = browser.get(SETTINGS).await;
    assert!(page.says("R&#38;D &#60;all&#62;") && page.says("Another issuer takes back"), "{}", page.text);
    browser.post(SETTINGS, &fields(&other, &[])).await;
    let page = browser.get(SETTINGS).await;
    assert!(page.says(&other.issuer) && !page.says("R&#38;D"), "{}", page.text);
    map(&mut browser, "R&D <all>", "responder", &[]).await;
    browser.get(SETTINGS).await;
    browser.post("/settings/sign-in/groups/remove", &[("group", "R&D <all>")]).await;
    assert!(house.store.provider().await.expect("reads").expect("there").mappings.is_empty());
}

#[tokio::test]
async fn a_server_that_others_reach_calls_no_provider_on_its_own_machine() {
    let url = Url::parse("https://transom.example.com").expect("an address");
    let house = House::at(transom_server::Site::public(&url, Vec::new()).expect("a site")).await;
    let owner = house.account("owner@acme.example", Role::Owner, Reach::All).await;
    let provider = Provider::start(START, Made::default()).await;
    let session = house.store.begin_session(&owner, "test").await.expect("begins");
    let mut browser = house.browser();
    browser.host = "transom.example.com".into();
    browser.cookies.insert("__Host-transom".into(), session.expose_secret().into());
    let page = browser.get(SETTINGS).await;
    assert!(page.says("https://transom.example.com/sign-in/oidc/callback"), "{}", page.text);
    let answer = browser.post(SETTINGS, &fields(&provider, &[])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("such as https://acme.okta.com"), "{}", answer.text);
}

#[tokio::test]
async fn a_test_shows_what_the_provider_says_and_changes_nothing() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    map(&mut browser, "Admins", "admin", &[]).await;
    browser.get(SETTINGS).await;
    let claims = in_groups("00u4<b>", "ada@acme.example", &["Admins", "Everyone"]);
    let before = house.store.accounts().await.expect("reads").len();
    let answer = trip(&mut browser, &provider, "/settings/sign-in/test", &claims, Wrong::Nothing).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    for says in ["The test went well", "00u4&#60;b&#62;", "Everyone", "no account here", "Admin"] {
        assert!(answer.says(says), "{says}: {}", answer.text);
    }
    assert!(!answer.says("code-") && house.store.accounts().await.expect("reads").len() == before);
    let without = trip(&mut browser, &provider, "/settings/sign-in/test", &ada(), Wrong::Nothing).await;
    assert!(without.says("Not told"), "{}", without.text);
    let wrong = trip(&mut browser, &provider, "/settings/sign-in/test", &claims, Wrong::Audience).await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.says("another app"));
    // A secret that the provider does not take is told as such.
    browser.get(SETTINGS).await;
    browser.post(SETTINGS, &fields(&provider, &[("client_secret", "wrong")])).await;
    browser.get(SETTINGS).await;
    let answer = trip(&mut browser, &provider, "/settings/sign-in/test", &claims, Wrong::Nothing).await;
    assert!(answer.says("does not take the client id with its secret"), "{}", answer.text);
}
