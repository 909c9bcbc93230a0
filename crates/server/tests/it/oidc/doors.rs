//! What is not good, or comes another way than it went, lets nobody in.

use transom_core::Clock;

use super::*;

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
async fn a_provider_that_changes_its_keys_still_signs_in_and_strangers_are_counted() {
    let (house, provider, mut browser) = set_up(Made::default()).await;
    trip(&mut browser, &provider, "/settings/account/link", &ada(), Wrong::Nothing).await;
    provider.change_keys();
    let (visitor, answer) = come(&house, &provider, &ada()).await;
    assert!(is_in(&visitor), "{}", answer.text);
    // An office behind one address comes in of a morning, and that takes nothing from those who come by password.
    let mut visitor = house.browser();
    visitor.get("/sign-in").await;
    for _ in 1..600 {
        house.store.count_departure("127.0.0.1").await.expect("counts");
    }
    assert_eq!(visitor.post(LEAVE, &[]).await.status, StatusCode::TOO_MANY_REQUESTS, "the 601st");
    let fields = [("login", "nobody@acme.example"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/sign-in", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn who_is_refused_is_counted_once_for_it() {
    let (house, provider, _) = set_up(Made::default()).await;
    for n in 1..=61 {
        let (_, answer) = come(&house, &provider, &ada()).await;
        let expected = if n <= 60 { StatusCode::FORBIDDEN } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status, expected, "{n}");
    }
    let audit = house.store.audit_rows(None, 99).await.expect("reads");
    assert_eq!(audit.iter().filter(|r| r.action == "sign_in.refuse").count(), 60, "no more are written down");
}

#[tokio::test]
async fn an_address_that_can_not_be_read_is_told_on_a_page() {
    let (house, _, mut browser) = set_up(Made::default()).await;
    let mut visitor = house.browser();
    for path in ["/sign-in?next=a&next=b", "/sign-in/oidc/callback?code=canary&code=b"] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.says("<h1>") && answer.says("duplicate field"), "{path}: {}", answer.text);
        assert!(!answer.says("canary"), "{path}: {}", answer.text);
    }
    for path in
        ["/settings/account?saved=a&saved=b", "/settings/audit?org=a&org=b", "/settings/integrations?q=a&q=b"]
    {
        let answer = browser.get(path).await;
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.says("<h1>"), "{path}: {}", answer.text);
    }
}
