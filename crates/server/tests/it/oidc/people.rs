//! Members: linked by themselves, or made by a group.

use secrecy::ExposeSecret;
use transom_core::{OrgId, Reach, Role};

use super::*;

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
    // Whoever was linked to it is not let in any more, until its owner links it anew: then no group takes anything away.
    let (stranger, answer) = come(&house, &provider, &bob).await;
    assert!(answer.says("An e-mail address alone") && !is_in(&stranger), "{}", answer.text);
    visitor.get("/settings/account").await;
    let link = [("link_password", PASSWORD)];
    let leaving = leads_on(&visitor.post("/settings/account/link", &link).await);
    let linked = visitor.get(&provider.sign_in(&leaving, &bob, Wrong::Nothing)).await;
    assert_eq!(linked.leads_to(), "/settings/account?saved=linked", "{}", linked.text);
    let (visitor, _) = come(&house, &provider, &bob).await;
    let account = house.store.account_named("bob@acme.example").await.expect("reads").expect("there");
    assert_eq!((is_in(&visitor), account.role, account.mapped), (true, Role::Owner, false));
}

#[tokio::test]
async fn an_account_with_a_password_is_linked_by_who_knows_it() {
    let (house, provider, _) = set_up(Made::default()).await;
    let token = house.store.create_owner_link("t").await.expect("makes");
    let path = format!("/owner/{}", token.expose_secret());
    let mut browser = house.browser();
    browser.get(&path).await;
    let fields =
        [("name", "Ada"), ("login", "ada@acme.example"), ("password", PASSWORD), ("again", PASSWORD)];
    browser.post(&path, &fields).await;
    assert!(browser.get("/settings/account").await.says("name=\"link_password\""));
    for wrong in [&[][..], &[("link_password", "wrong wrong wrong")][..]] {
        let answer = browser.post("/settings/account/link", wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says("This is not your password.") && !answer.says("wrong wrong"), "{}", answer.text);
    }
    let right = browser.post("/settings/account/link", &[("link_password", PASSWORD)]).await;
    let linked = browser.get(&provider.sign_in(&leads_on(&right), &ada(), Wrong::Nothing)).await;
    assert_eq!(linked.leads_to(), "/settings/account?saved=linked", "{}", linked.text);
    // A session left open is no way to guess it.
    browser.get("/settings/account").await;
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = browser.post("/settings/account/link", &[("link_password", "a guess")]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
