//! Sign-in by OpenID Connect: who comes in, as what, and who does not.

use axum::http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use transom_core::{Clock, OrgId, Reach, Role};
use transom_store::Account;
use url::Url;

use crate::browser::{Answer, Browser, House, START};
use crate::provider::{CLIENT, Made, Provider, SECRET, Wrong};

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

#[tokio::test]
async fn a_member_links_their_account_and_signs_in_with_it() {
    for made in [Made::default(), Made { elliptic: true, secret_in_form: true, ..Made::default() }] {
        let (house, provider, mut browser) = set_up(made).await;
        let account = browser.get("/settings/account").await;
        assert!(account.says("Link to Acme Okta"), "{}", account.text);
        let linked = trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
        assert_eq!(linked.leads_to(), "/settings/account?saved=linked", "{}", linked.text);
        let account = browser.get("/settings/account?saved=linked").await;
        assert!(account.says("00u1ada") && account.says("Your account is linked"), "{}", account.text);
        let before = browser.cookies["transom"].clone();
        browser.post("/sign-out", &[]).await;
        assert!(browser.get("/sign-in").await.says("Sign in with Acme Okta"));
        let signed_in = trip(&mut browser, &provider, LEAVE, &ada(), Wrong::Nothing).await;
        assert_eq!(signed_in.leads_to(), "/settings/about", "{}", signed_in.text);
        assert_ne!(browser.cookies["transom"], before, "a session of its own");
        assert!(browser.get("/settings/about").await.says("Sign out"));
        let audit = house.store.audit_rows(None, 9).await.expect("reads");
        let did: Vec<(&str, &str)> =
            audit.iter().rev().map(|r| (r.actor.as_str(), r.action.as_str())).collect();
        let expected = [
            ("web:owner@acme.example", "provider.set"),
            ("web:owner@acme.example", "identity.link"),
            ("web:owner@acme.example", "session.end"),
            ("oidc:owner@acme.example", "session.begin"),
        ];
        assert!(did.ends_with(&expected), "{did:?}");
        // The secret is nowhere.
        let page = browser.get(SETTINGS).await;
        assert!(page.says(CLIENT) && page.says("One is sealed") && !page.says(SECRET));
        assert!(!format!("{audit:?}").contains(SECRET) && !house.files_hold(SECRET.as_bytes()));
        assert!(house.files_hold(CLIENT.as_bytes()), "the files are looked into");
    }
}

#[tokio::test]
async fn what_is_not_a_good_token_lets_nobody_in() {
    for elliptic in [false, true] {
        let (house, provider, mut browser) = set_up(Made { elliptic, ..Made::default() }).await;
        trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
        for (wrong, says) in [
            (Wrong::Issuer, "It is of https://evil.example, not of"),
            (Wrong::Nonce, "made for another sign-in"),
            (Wrong::Audience, "for another app"),
            (Wrong::Party, "for another app"),
            (Wrong::Expired, "has expired"),
            (Wrong::Early, "of a time to come"),
            (Wrong::Signature, "signature does not hold"),
            (Wrong::Key, "a key that is not among the provider"),
            (Wrong::Altered, "signature does not hold"),
            (Wrong::Unsigned, "not signed by a key of the provider"),
            (Wrong::ByClientSecret, "signed by HS256"),
            (Wrong::ByPublicKey, "signed by HS256"),
            (Wrong::Nobody, "does not say who you are"),
            (Wrong::Userinfo, "speaks of somebody else"),
        ] {
            // Each from a machine of its own, as it were: the count of attempts is another test's matter.
            house.clock.advance(16 * 60 * 1_000);
            provider.at(house.clock.now());
            let mut visitor = house.browser();
            visitor.get("/sign-in").await;
            let answer = trip(&mut visitor, &provider, LEAVE, &ada(), wrong).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong:?}");
            assert!(answer.says(says) && !is_in(&visitor), "{wrong:?}: {}", answer.text);
            let last = &house.store.audit_rows(None, 1).await.expect("reads")[0];
            assert_eq!((last.action.as_str(), &last.detail["refusal"]), ("sign_in.refuse", &json!("token")));
        }
        let (visitor, answer) = come(&house, &provider, &ada()).await;
        assert!(is_in(&visitor), "the same person with a good token: {}", answer.text);
    }
}

#[tokio::test]
async fn a_state_holds_once_and_in_the_browser_that_set_out() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
    let mut visitor = house.browser();
    visitor.get("/sign-in").await;
    let leaving = leads_on(&visitor.post(LEAVE, &[]).await);
    let back = provider.sign_in(&leaving, &ada(), Wrong::Nothing);
    // Another browser: nobody is signed in by an address that somebody else sends them.
    for mut other in [house.browser(), browser.clone()] {
        other.get("/sign-in").await;
        let session = other.cookies.get("transom").cloned();
        let answer = other.get(&back).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.says("begun elsewhere") && other.cookies.get("transom") == session.as_ref());
        assert!(!answer.says("code-") && !answer.says("state="), "{}", answer.text);
    }
    let last = &house.store.audit_rows(None, 1).await.expect("reads")[0];
    assert_eq!((last.action.as_str(), &last.detail["refusal"]), ("sign_in.refuse", &json!("browser")));
    assert_eq!(provider.codes(), 1, "the code was not even asked about");
    // In its own browser it holds, once.
    assert_eq!(visitor.get(&back).await.leads_to(), "/", "no address was asked for");
    assert!(is_in(&visitor) && provider.codes() == 0);
    visitor.cookies.remove("transom");
    assert!(visitor.get(&back).await.says("used up") && !is_in(&visitor));
    // Not after ten minutes, not made up, and not without one.
    let mut late = house.browser();
    late.get("/sign-in").await;
    let leaving = leads_on(&late.post(LEAVE, &[]).await);
    let back = provider.sign_in(&leaving, &ada(), Wrong::Nothing);
    house.clock.advance(10 * 60 * 1_000 + 1);
    for path in [back.as_str(), "/sign-in/oidc/callback?code=x&state=made-up", "/sign-in/oidc/callback"] {
        let answer = late.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.says("used up, or took too long") && !is_in(&late), "{path}");
    }
    // Linking is of a session, and takes a form of ours.
    browser.get("/settings/account").await;
    let leaving = leads_on(&browser.post("/settings/account/link", &[]).await);
    let back = provider.sign_in(&leaving, &json!({ "sub": "00u9eve" }), Wrong::Nothing);
    let mut other = house.signed_in(&owner(&house).await).await;
    assert!(other.get(&back).await.says("begun elsewhere"));
    assert_eq!(browser.post_bare("/settings/account/link", &[]).await.status, StatusCode::FORBIDDEN);
    let subject = owner(&house).await.subject.expect("linked");
    assert_eq!(subject.1, "00u1ada");
}

#[tokio::test]
async fn the_provider_may_refuse_and_another_may_not_speak_for_it() {
    let (house, provider, _) = set_up(Made::default()).await;
    let issuer = url::form_urlencoded::byte_serialize(provider.issuer.as_bytes()).collect::<String>();
    for (more, says) in [
        (
            format!("error=access_denied&error_description=Not%20%3Cassigned%3E&iss={issuer}"),
            "Not &#60;assigned&#62;",
        ),
        (format!("error=invalid_scope&iss={issuer}"), "scope that it does not know"),
        ("code=x&iss=https%3A%2F%2Fevil.example".to_string(), "https://evil.example sends you back"),
        ("code=x".to_string(), "does not say who sends you back"),
        (format!("iss={issuer}"), "without a code"),
        (format!("code=made-up&iss={issuer}"), "no such code"),
    ] {
        let mut visitor = house.browser();
        visitor.get("/sign-in").await;
        let asked = leads_on(&visitor.post(LEAVE, &[]).await);
        let state = asked.query_pairs().find(|(n, _)| n == "state").expect("a state").1.into_owned();
        let answer = visitor.get(&format!("/sign-in/oidc/callback?state={state}&{more}")).await;
        assert!(answer.says(says) && !is_in(&visitor), "{more}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_e_mail_address_lets_nobody_in() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
    map(&mut browser, "Everyone", "viewer", &[]).await;
    // Somebody else with the owner's address: in no group that is mapped, then in one.
    for (groups, says) in
        [(vec![], "You are not a member here."), (vec!["Everyone"], "An e-mail address alone")]
    {
        let (visitor, answer) =
            come(&house, &provider, &in_groups("00u2eve", "owner@acme.example", &groups)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.says(says) && !is_in(&visitor), "{}", answer.text);
    }
    assert_eq!(house.store.accounts().await.expect("reads").len(), 1);
    // Nor does the same subject of another issuer.
    let other = Provider::start(START, Made::default()).await;
    browser.get(SETTINGS).await;
    browser.post(SETTINGS, &fields(&other, &[])).await;
    let (visitor, answer) = come(&house, &other, &ada()).await;
    assert!(answer.says("not a member here") && !is_in(&visitor), "{}", answer.text);
    // An identity is one member's.
    let bob = house.account("bob@acme.example", Role::Viewer, Reach::All).await;
    let mut bobs = house.signed_in(&bob).await;
    trip(&mut bobs, &other, "/settings/account/link", &ada(), Wrong::Nothing).await;
    browser.get("/settings/account").await;
    let taken = trip(&mut browser, &other, "/settings/account/link", &ada(), Wrong::Nothing).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.says("Another account is linked to this identity."), "{}", taken.text);
    // Unlinking leaves the password as the way in; bob has none.
    bobs.get("/settings/account").await;
    let only = bobs.post("/settings/account/unlink", &[]).await;
    assert!(only.status == StatusCode::CONFLICT && only.says("only way in"), "{}", only.text);
}

#[tokio::test]
async fn groups_make_members_and_are_read_anew_each_time() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    let (one, two) = (house.org("One").await, house.org("Two").await);
    let bob = |groups: &[&str]| in_groups("00u3bob", "bob@acme.example", groups);
    let (visitor, answer) = come(&house, &provider, &bob(&["Readers"])).await;
    assert!(
        answer.says("You are not a member here.") && !is_in(&visitor),
        "no group is mapped: {}",
        answer.text
    );
    map(&mut browser, "Readers", "viewer", &["1"]).await;
    map(&mut browser, "Admins", "admin", &[]).await;
    map(&mut browser, "Owners", "owner", &[]).await;
    let account =
        async || house.store.account_named("bob@acme.example").await.expect("reads").expect("there");

    let (mut bobs, answer) = come(&house, &provider, &bob(&["Everyone", "Readers"])).await;
    assert_eq!(answer.leads_to(), "/settings/about", "{}", answer.text);
    let made = account().await;
    assert_eq!((made.role, made.reach, made.mapped), (Role::Viewer, Reach::Orgs([OrgId(1)].into()), true));
    assert_eq!((made.name.as_str(), made.password.is_none()), ("Somebody", true));
    assert_eq!(bobs.get(&format!("/orgs/{}", one.0)).await.status, StatusCode::OK);
    assert_eq!(bobs.get(&format!("/orgs/{}", two.0)).await.status, StatusCode::NOT_FOUND);

    let (_, answer) = come(&house, &provider, &bob(&["Readers", "Admins"])).await;
    assert_eq!(answer.leads_to(), "/settings/about");
    assert_eq!((account().await.role, account().await.reach), (Role::Admin, Reach::All));
    assert_eq!(bobs.get("/settings/audit").await.status, StatusCode::OK, "in the earlier session, too");
    // Out of all groups: sessions end, and nothing is left to an API token.
    let (visitor, answer) = come(&house, &provider, &bob(&["Everyone"])).await;
    assert!(answer.says("no longer let in") && !is_in(&visitor), "{}", answer.text);
    assert!(bobs.get("/settings/about").await.leads_to().starts_with("/sign-in"));
    assert_eq!((account().await.role, account().await.reach), (Role::Viewer, Reach::Orgs([].into())));
    // And back. Disabled by an owner, no group helps.
    let (_, answer) = come(&house, &provider, &bob(&["Owners"])).await;
    assert_eq!((answer.leads_to(), account().await.role), ("/settings/about", Role::Owner));
    house.store.set_disabled(made.id, true, "test").await.expect("disables");
    let (visitor, answer) = come(&house, &provider, &bob(&["Owners"])).await;
    assert!(answer.says("is disabled") && !is_in(&visitor), "{}", answer.text);
    house.store.set_disabled(made.id, false, "test").await.expect("enables");

    // The last owner stays one, whatever the groups say.
    house.store.remove_account(owner(&house).await.id, "test").await.expect("bob is one, too");
    for groups in [vec!["Readers"], vec![]] {
        let (visitor, answer) = come(&house, &provider, &bob(&groups)).await;
        assert!(is_in(&visitor), "{}", answer.text);
        assert_eq!(account().await.role, Role::Owner);
    }
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    let roles: Vec<&str> =
        audit.iter().rev().filter(|r| r.action == "member.role").map(|r| r.actor.as_str()).collect();
    assert_eq!(
        roles, ["oidc:bob@acme.example"; 3],
        "up, down, and up again: the last owner's role was not touched"
    );
    assert!(house.store.verify_audit(None, None).await.expect("checks").ok);
}

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
async fn an_owner_link_outlasts_groups() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    map(&mut browser, "Readers", "viewer", &[]).await;
    let bob = in_groups("00u3bob", "bob@acme.example", &["Readers"]);
    come(&house, &provider, &bob).await;
    let link = house.store.create_owner_link("t").await.expect("makes");
    let path = format!("/owner/{}", link.expose_secret());
    let mut visitor = house.browser();
    visitor.get(&path).await;
    let fields =
        [("name", "Bob"), ("login", "bob@acme.example"), ("password", PASSWORD), ("again", PASSWORD)];
    visitor.post(&path, &fields).await;
    let (visitor, _) = come(&house, &provider, &bob).await;
    let account = house.store.account_named("bob@acme.example").await.expect("reads").expect("there");
    assert_eq!((is_in(&visitor), account.role, account.mapped), (true, Role::Owner, false));
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
    map(&mut browser, "R&D <all>", "responder", &[]).await;
    assert!(browser.get(SETTINGS).await.says("R&#38;D &#60;all&#62;"));
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

#[tokio::test]
async fn a_provider_that_changes_its_keys_still_signs_in_and_strangers_are_counted() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
    provider.change_keys();
    let (visitor, answer) = come(&house, &provider, &ada()).await;
    assert!(is_in(&visitor), "{}", answer.text);
    let mut visitor = house.browser();
    visitor.get("/sign-in").await;
    let mut last = StatusCode::OK;
    for _ in 0..60 {
        last = visitor.post(LEAVE, &[]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
