//! Accounts, sessions, links, tokens, throttling, requests, settings, views, drafts and answers about the help.

use secrecy::ExposeSecret;
use serde_json::json;
use transom_core::{OrgId, Reach, Role};
use transom_store::{
    Account, Attempt, Error, NewAccount, NewApiToken, NewView, RequestState, Store, VIEWS, fresh_secret,
};

use crate::{dump::query, stage::Place};

const MINUTE: i64 = 60_000;

fn new(login: &str, role: Role) -> NewAccount {
    NewAccount { login: login.into(), name: "Ada".into(), password: None, role, reach: Reach::All }
}

async fn account(store: &Store, login: &str, role: Role) -> Account {
    store.create_account(new(login, role), "test").await.expect("creates")
}

#[tokio::test]
async fn accounts_are_told_apart_by_login_and_the_last_owner_stays() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        assert!(!store.has_owner().await.expect("reads"));
        let ada = account(&store, " Ada@acme.example ", Role::Owner).await;
        assert_eq!(ada.login, "Ada@acme.example");
        assert!(store.has_owner().await.expect("reads"));
        let taken = store.create_account(new("ADA@acme.example", Role::Viewer), "test").await;
        assert!(matches!(taken, Err(Error::LoginTaken { .. })));
        let found = store.account_named("aDa@acme.example").await.expect("reads").expect("there");
        assert_eq!((found.id, found.role, found.reach), (ada.id, Role::Owner, Reach::All));
        for refused in [
            store.set_role(ada.id, Role::Admin, &Reach::All, "test").await,
            store.set_disabled(ada.id, true, "test").await,
            store.remove_account(ada.id, "test").await,
        ] {
            assert!(matches!(&refused, Err(Error::LastOwner { login }) if login == "Ada@acme.example"));
        }
        let some = Reach::Orgs([OrgId(7)].into());
        assert!(matches!(store.set_role(ada.id, Role::Owner, &some, "test").await, Err(Error::OwnerOfSome)));
        // A disabled owner does not count as one.
        let bob = account(&store, "bob@acme.example", Role::Owner).await;
        store.set_disabled(bob.id, true, "test").await.expect("another one is left");
        assert!(matches!(store.remove_account(ada.id, "test").await, Err(Error::LastOwner { .. })));
        store.set_disabled(bob.id, false, "test").await.expect("enables");
        store.set_role(ada.id, Role::Viewer, &some, "test").await.expect("another one is left");
        let ada = store.account(ada.id).await.expect("reads");
        assert_eq!((ada.role, ada.reach), (Role::Viewer, some));
        // One more org is added to what there is by then; where everything is seen, nothing is written.
        store.add_to_reach(ada.id, OrgId(8), "test").await.expect("adds");
        store.add_to_reach(ada.id, OrgId(8), "test").await.expect("has it");
        store.add_to_reach(bob.id, OrgId(8), "test").await.expect("sees all");
        let ada = store.account(ada.id).await.expect("reads");
        assert_eq!((ada.role, ada.reach), (Role::Viewer, Reach::Orgs([OrgId(7), OrgId(8)].into())));
        assert_eq!(store.account(bob.id).await.expect("reads").reach, Reach::All);
        store.remove_account(ada.id, "test").await.expect("removes");
        assert!(matches!(store.account(ada.id).await, Err(Error::NotFound { .. })));
        assert!(matches!(store.add_to_reach(ada.id, OrgId(8), "test").await, Err(Error::NotFound { .. })));
        let logins: Vec<String> =
            store.accounts().await.expect("reads").into_iter().map(|a| a.login).collect();
        assert_eq!(logins, ["bob@acme.example"]);
        let audit = store.audit_rows(None, 99).await.expect("reads");
        let did: Vec<&str> = audit.iter().rev().map(|r| r.action.as_str()).collect();
        let expected = [
            "member.create",
            "member.create",
            "member.disable",
            "member.enable",
            "member.role",
            "member.role",
            "member.remove",
        ];
        assert_eq!(did, expected, "what was refused left no trace");
        assert!(store.verify_audit(None, None).await.expect("checks").ok);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn two_owners_who_demote_each_other_leave_one() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let (a, b) = (account(&store, "a@x", Role::Owner).await, account(&store, "b@x", Role::Owner).await);
        let (one, two) = tokio::join!(
            store.set_role(a.id, Role::Viewer, &Reach::All, "b"),
            store.set_role(b.id, Role::Viewer, &Reach::All, "a"),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert!(store.has_owner().await.expect("reads"));
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_its_account_may_be() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let ada = account(&store, "ada@x", Role::Owner).await;
        let bob = account(&store, "bob@x", Role::Viewer).await;
        let token = store.begin_session(&bob, "test").await.expect("begins");
        let token = token.expose_secret();
        let stored = query(&place, "SELECT csrf FROM session").await;
        let session = store.session(token).await.expect("reads").expect("goes on");
        assert_eq!((session.account.id, session.csrf.as_str()), (bob.id, stored[0].as_str()));
        assert!(store.session("another").await.expect("reads").is_none());
        // Used every few hours it goes on, for a week.
        for _ in 0..16 {
            place.clock.advance(10 * 60 * MINUTE);
            assert!(store.session(token).await.expect("reads").is_some());
        }
        place.clock.advance(10 * 60 * MINUTE);
        assert!(store.session(token).await.expect("reads").is_none(), "a week is over");
        let token = store.begin_session(&bob, "test").await.expect("begins");
        assert_eq!(query(&place, "SELECT csrf FROM session").await.len(), 1, "the one that ended is gone");
        store.set_disabled(bob.id, true, "test").await.expect("disables");
        store.set_disabled(bob.id, false, "test").await.expect("enables");
        assert!(store.session(token.expose_secret()).await.expect("reads").is_none(), "it ended then");
        let token = store.begin_session(&bob, "test").await.expect("begins");
        store.set_password(bob.id, &"$argon2id$x".into(), "test").await.expect("sets");
        assert!(store.session(token.expose_secret()).await.expect("reads").is_none());
        let token = store.begin_session(&ada, "test").await.expect("begins");
        store.end_session(token.expose_secret(), "test").await.expect("ends");
        store.end_session(token.expose_secret(), "test").await.expect("again is no error");
        assert!(store.session(token.expose_secret()).await.expect("reads").is_none());
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn an_owner_link_is_used_once_within_its_time() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let link = async || store.create_owner_link("cli").await.expect("makes").expose_secret().to_string();
        let (first, second) = (link().await, link().await);
        assert!(
            !store.owner_link_holds(&first).await.expect("reads")
                && store.owner_link_holds(&second).await.expect("reads")
        );
        let claim = async |token: &str| store.claim_owner(token, "ada@x", "Ada", &"$argon2id$x".into()).await;
        assert!(matches!(claim(&first).await, Err(Error::LinkSpent)));
        let (one, two) = tokio::join!(claim(&second), claim(&second));
        assert!(one.is_ok() != two.is_ok(), "once, however many ask");
        assert!(matches!(claim(&second).await, Err(Error::LinkSpent)));
        let late = link().await;
        place.clock.advance(15 * MINUTE);
        assert!(!store.owner_link_holds(&late).await.expect("reads"));
        assert!(matches!(claim(&late).await, Err(Error::LinkSpent)));
        // A way back in for an account that can't be used.
        let bob = account(&store, "bob@x", Role::Viewer).await;
        store.set_disabled(bob.id, true, "test").await.expect("disables");
        let token = link().await;
        let back = store.claim_owner(&token, "BOB@x", "Bob", &"$argon2id$y".into()).await.expect("claims");
        assert_eq!((back.id, back.role, back.disabled), (bob.id, Role::Owner, None));
        // Whoever got into it is out: no session, no link to a provider and no token is left.
        let session = store.begin_session(&back, "test").await.expect("begins");
        store.link_identity(bob.id, "https://i", "eve", "test").await.expect("links");
        let new = NewApiToken { name: "t".into(), role: Role::Viewer, reach: Reach::All, expires: i64::MAX };
        let (made, secret) = store.create_api_token(new, bob.id, "test").await.expect("makes");
        let token = link().await;
        let back = store.claim_owner(&token, "bob@x", "Bob", &"$argon2id$z".into()).await.expect("claims");
        assert!(back.subject.is_none());
        assert!(store.session(session.expose_secret()).await.expect("reads").is_none());
        assert!(store.api_token(secret.expose_secret()).await.expect("reads").is_none());
        let last = &store.audit_rows(None, 1).await.expect("reads")[0];
        assert_eq!(last.action, "owner.claim");
        assert_eq!(
            (&last.detail["unlinked"], &last.detail["tokens_revoked"]),
            (&json!(["https://i", "eve"]), &json!([made.id]))
        );
        let kept = query(&place, "SELECT login FROM account ORDER BY id").await;
        assert_eq!(kept, ["ada@x", "bob@x"]);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn an_invitation_makes_one_account_of_the_role_it_is_for() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        account(&store, "own@x", Role::Owner).await;
        let some = Reach::Orgs([OrgId(1)].into());
        let invite = async |login: &str, role, reach: &Reach| store.invite(login, role, reach, "own").await;
        assert!(matches!(
            invite("OWN@x", Role::Viewer, &some).await,
            Err(Error::LoginTaken { login }) if login == "OWN@x"
        ));
        assert!(matches!(invite("bob@x", Role::Owner, &some).await, Err(Error::OwnerOfSome)));
        let first = invite("bob@x", Role::Viewer, &some).await.expect("invites");
        let second = invite(" Bob@x ", Role::Admin, &some).await.expect("invites");
        let (first, second) = (first.expose_secret(), second.expose_secret());
        assert!(store.invitation(first).await.expect("reads").is_none(), "a newer one takes its place");
        let shown = store.invitation(second).await.expect("reads").expect("holds");
        assert_eq!((shown.login.as_str(), shown.role, &shown.reach), ("Bob@x", Role::Admin, &some));
        assert_eq!(store.invitations().await.expect("reads"), [shown]);
        let accept = async |token: &str| store.accept_invitation(token, "Bob", &"$argon2id$x".into()).await;
        assert!(accept(first).await.is_err());
        let (one, two) = tokio::join!(accept(second), accept(second));
        assert!(one.is_ok() != two.is_ok(), "once, however many ask");
        let bob = one.or(two).expect("one of them");
        assert_eq!(
            (bob.login.as_str(), bob.name.as_str(), bob.role, bob.reach),
            ("Bob@x", "Bob", Role::Admin, some)
        );
        assert!(store.invitations().await.expect("reads").is_empty());
        // Taken back, or a day old, it holds no more.
        let gone = invite("eve@x", Role::Viewer, &Reach::All).await.expect("invites");
        let id = store.invitations().await.expect("reads")[0].id;
        store.withdraw_invitation(id, "own").await.expect("withdraws");
        assert!(store.withdraw_invitation(id, "own").await.is_err());
        assert!(accept(gone.expose_secret()).await.is_err());
        let late = invite("eve@x", Role::Viewer, &Reach::All).await.expect("invites");
        place.clock.advance(24 * 60 * MINUTE);
        assert!(
            accept(late.expose_secret()).await.is_err()
                && store.invitations().await.expect("reads").is_empty()
        );
        assert!(store.account_named("eve@x").await.expect("reads").is_none());
        let text = query(&place, "SELECT detail FROM audit").await.join(" ");
        assert!(!text.contains(second) && text.contains("Bob@x"), "{text}");
        let did: Vec<String> =
            store.audit_rows(None, 99).await.expect("reads").into_iter().rev().map(|r| r.action).collect();
        let expected = [
            "member.create",
            "member.invite",
            "member.invite",
            "member.accept",
            "member.invite",
            "member.uninvite",
            "member.invite",
        ];
        assert_eq!(did, expected);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn names_change_and_all_sessions_end_at_once() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let ada = account(&store, "ada@x", Role::Owner).await;
        store.set_name(ada.id, "Ada B.", "ada").await.expect("sets");
        assert_eq!(store.account(ada.id).await.expect("reads").name, "Ada B.");
        assert!(matches!(store.set_name(99, "x", "ada").await, Err(Error::NotFound { .. })));
        let (one, two) = (store.begin_session(&ada, "ada").await, store.begin_session(&ada, "ada").await);
        store.end_all_sessions(ada.id, "ada").await.expect("ends");
        for token in [one, two] {
            let token = token.expect("begins");
            assert!(store.session(token.expose_secret()).await.expect("reads").is_none());
        }
        assert_eq!(store.audit_rows(None, 1).await.expect("reads")[0].action, "session.end_all");
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn api_tokens_are_shown_once_and_can_be_revoked() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        account(&store, "own@x", Role::Owner).await;
        let ada = account(&store, "ada@x", Role::Admin).await;
        let wanted = || NewApiToken {
            name: "CI".into(),
            role: Role::Viewer,
            reach: Reach::Orgs([OrgId(1)].into()),
            expires: place.clock_now() + 60 * MINUTE,
        };
        let (token, secret) = store.create_api_token(wanted(), ada.id, "test").await.expect("makes");
        let secret = secret.expose_secret();
        assert!(secret.starts_with("transom_") && token.used.is_none());
        place.clock.advance(MINUTE);
        let used = store.api_token(secret).await.expect("reads").expect("holds");
        assert_eq!((used.id, used.role, &used.reach), (token.id, Role::Viewer, &token.reach));
        // It is written down beside the request.
        for _ in 0..200 {
            if store.api_tokens().await.expect("reads")[0].used.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(store.api_tokens().await.expect("reads")[0].used, Some(place.clock_now()));
        assert!(store.api_token("transom_other").await.expect("reads").is_none());
        store.revoke_api_token(token.id, "test").await.expect("revokes");
        assert!(store.api_token(secret).await.expect("reads").is_none());
        assert!(matches!(store.revoke_api_token(token.id, "test").await, Err(Error::NotFound { .. })));
        let (_, late) = store.create_api_token(wanted(), ada.id, "test").await.expect("makes");
        place.clock.advance(60 * MINUTE);
        assert!(store.api_token(late.expose_secret()).await.expect("reads").is_none(), "it has lapsed");
        // A token can do no more than its maker can now.
        let wide = NewApiToken { role: Role::Admin, reach: Reach::All, ..wanted() };
        let (_, wide) = store.create_api_token(wide, ada.id, "test").await.expect("makes");
        store.set_role(ada.id, Role::Viewer, &Reach::Orgs([OrgId(2)].into()), "test").await.expect("sets");
        let now = store.api_token(wide.expose_secret()).await.expect("reads").expect("holds");
        assert_eq!((now.role, now.reach), (Role::Viewer, Reach::Orgs([OrgId(2)].into())));
        let (_, orphan) = store.create_api_token(wanted(), ada.id, "test").await.expect("makes");
        store.set_disabled(ada.id, true, "test").await.expect("disables");
        assert!(store.api_token(orphan.expose_secret()).await.expect("reads").is_none(), "its maker is out");
        let text = query(&place, "SELECT detail FROM audit").await.join(" ");
        assert!(!text.contains(secret) && text.contains("\"name\":\"CI\""), "{text}");
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn attempts_to_sign_in_are_counted_by_login_and_address() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let count = async |login: &str, at: &str| store.count_sign_in(login, at).await.expect("counts");
        for _ in 0..10 {
            assert_eq!(count("ada@x", "10.0.0.1").await, Attempt::Allowed);
        }
        let until = place.clock_now() + 15 * MINUTE;
        assert_eq!(count(" ADA@x", "10.0.0.2").await, Attempt::Refused { until }, "from anywhere");
        assert_eq!(count("bob@x", "10.0.0.1").await, Attempt::Allowed);
        store.forget_sign_ins("ada@x").await.expect("forgets");
        assert_eq!(count("ada@x", "10.0.0.1").await, Attempt::Allowed);
        for n in 0..48 {
            assert_eq!(count(&format!("{n}@x"), "10.0.0.1").await, Attempt::Allowed);
        }
        assert_eq!(count("new@x", "10.0.0.1").await, Attempt::Refused { until }, "one address, many logins");
        // Who sets out for the provider is counted apart; who is refused there, like a wrong password.
        for _ in 0..600 {
            assert_eq!(store.count_departure("10.0.0.1").await.expect("counts"), Attempt::Allowed);
        }
        assert_eq!(store.count_departure("10.0.0.1").await.expect("counts"), Attempt::Refused { until });
        assert_eq!(store.count_refusal("10.0.0.1").await.expect("counts"), Attempt::Refused { until });
        let audit = store.audit_rows(None, 999).await.expect("reads");
        let told: Vec<_> =
            audit.iter().filter(|r| r.action == "sign_in.throttle").map(|r| &r.detail).collect();
        let of = |subject: &str| told.iter().filter(|d| d["subject"] == subject).count();
        assert_eq!((of("login:ada@x"), of("address:10.0.0.1")), (1, 1), "once a window: {told:?}");
        assert_eq!(store.count_refusal("10.0.0.9").await.expect("counts"), Attempt::Allowed);
        place.clock.advance(15 * MINUTE);
        assert_eq!(count("new@x", "10.0.0.1").await, Attempt::Allowed);
        assert_eq!(
            query(&place, "SELECT subject FROM sign_in_attempt").await.len(),
            2,
            "the rest is forgotten"
        );
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn requests_are_decided_once_and_can_be_taken_back() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let ada = account(&store, "ada@x", Role::Owner).await;
        let bob = account(&store, "bob@x", Role::Viewer).await;
        let ask = async || store.request_access("okta", bob.id, "please", "bob").await.expect("asks");
        let request = ask().await;
        assert_eq!(ask().await, request, "asking twice is asking once");
        let decide = async |id, state| store.decide_access(id, state, ada.id, "ada").await;
        let early = decide(request.id, RequestState::Revoked).await;
        assert!(
            matches!(early, Err(Error::Decided { is: "open", wanted: "revoked" })),
            "nothing was granted"
        );
        assert!(matches!(decide(99, RequestState::Granted).await, Err(Error::NotFound { .. })));
        let told = decide(request.id, RequestState::Granted).await.expect("grants");
        let late = decide(request.id, RequestState::Declined).await;
        assert!(matches!(late, Err(Error::Decided { is: "granted", .. })), "it is decided");
        let granted = store.access_request("okta", bob.id).await.expect("reads").expect("there");
        assert_eq!(granted, told);
        assert_eq!((granted.state, granted.decided_by), (RequestState::Granted, Some(ada.id)));
        assert!(store.access_request("okta", ada.id).await.expect("reads").is_none());
        decide(request.id, RequestState::Revoked).await.expect("takes it back");
        let again = ask().await;
        assert_ne!(again.id, request.id);
        decide(again.id, RequestState::Declined).await.expect("declines");
        let states: Vec<_> =
            store.access_requests().await.expect("reads").into_iter().map(|r| r.state).collect();
        assert_eq!(states, [RequestState::Declined, RequestState::Revoked]);
        // With a role: both, or neither.
        let third = ask().await;
        let grant =
            async |role, reach: &Reach| store.grant_access(third.id, (role, reach), ada.id, "ada").await;
        let some = Reach::Orgs([OrgId(7)].into());
        assert!(matches!(grant(Role::Owner, &some).await, Err(Error::OwnerOfSome)));
        let (one, two) = tokio::join!(grant(Role::Admin, &some), grant(Role::Responder, &some));
        assert!(one.is_ok() != two.is_ok(), "once, however many grant it: {one:?} {two:?}");
        let (won, lost) = if one.is_ok() { (Role::Admin, two) } else { (Role::Responder, one) };
        assert!(matches!(lost, Err(Error::Decided { is: "granted", wanted: "granted" })));
        let bob = store.account(bob.id).await.expect("there");
        assert_eq!((bob.role, bob.reach), (won, some));
        let audit = store.audit_rows(None, 99).await.expect("reads");
        let roles = audit.iter().filter(|r| r.action == "member.role").count();
        assert_eq!(roles, 1, "who came late gave no role");
        // An owner who asked is the last one all the same.
        let own = store.request_access("okta", ada.id, "", "ada").await.expect("asks");
        let refused = store.grant_access(own.id, (Role::Viewer, &Reach::All), ada.id, "ada").await;
        assert!(matches!(refused, Err(Error::LastOwner { .. })));
        let left = store.access_request("okta", ada.id).await.expect("reads").expect("there");
        assert_eq!(left.state, RequestState::Open);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn settings_and_drafts_are_kept() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let ada = account(&store, "ada@x", Role::Owner).await;
        assert_eq!(store.setting::<Vec<String>>("list").await.expect("reads"), Vec::<String>::new());
        store.set_setting("list", &["a"], "test").await.expect("sets");
        store.set_setting("list", &["a", "b\0"], "test").await.expect("sets");
        assert_eq!(store.setting::<Vec<String>>("list").await.expect("reads"), ["a", "b\u{fffd}"]);
        assert_eq!(store.setting::<Option<u8>>("list").await.expect("another type reads as unset"), None);

        let id = store.save_draft("okta", ada.id, &json!({"domain": "acme"}), "ada").await.expect("saves");
        assert_eq!(store.draft(id).await.expect("reads").expect("there").fields, json!({"domain": "acme"}));
        assert_eq!(store.drafts().await.expect("reads").len(), 1);
        store.delete_draft(id, "ada").await.expect("deletes");
        assert!(
            store.delete_draft(id, "ada").await.is_err() && store.draft(id).await.expect("reads").is_none()
        );
        assert_ne!(
            fresh_secret().expect("a secret").expose_secret(),
            fresh_secret().expect("another").expose_secret()
        );
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn an_account_has_one_answer_about_a_page() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let (ada, bob) =
            (account(&store, "ada@x", Role::Owner).await, account(&store, "bob@x", Role::Viewer).await);
        assert!(store.answered(ada.id, "connect").await.expect("reads").is_none());
        store.answer(ada.id, "connect", false, "step 3?", "web:ada@x").await.expect("keeps");
        store.answer(bob.id, "connect", true, "", "web:bob@x").await.expect("keeps");
        store.answer(bob.id, "sync", false, "no\nschedule", "web:bob@x").await.expect("keeps");
        place.clock.advance(MINUTE);
        // Again: the one before is gone, and this is the newest.
        store.answer(ada.id, "connect", true, "now I see", "web:ada@x").await.expect("keeps");
        let mine = store.answered(ada.id, "connect").await.expect("reads").expect("there");
        assert_eq!((mine.helpful, mine.comment.as_str(), mine.at), (true, "now I see", place.clock_now()));
        let all = store.feedback(None, 9).await.expect("reads");
        let told: Vec<_> = all.iter().map(|f| (f.account, f.page.as_str(), f.helpful)).collect();
        assert_eq!(told, [(ada.id, "connect", true), (bob.id, "sync", false), (bob.id, "connect", true)]);
        let older = store.feedback(Some(all[0].id), 1).await.expect("reads");
        assert_eq!(older, all[1..2]);
        let counts = store.feedback_counts().await.expect("reads");
        let counts: Vec<_> = counts.iter().map(|c| (c.page.as_str(), c.yes, c.no)).collect();
        assert_eq!(counts, [("connect", 2, 0), ("sync", 0, 1)]);
        store.delete_feedback(all[0].id, "web:ada@x").await.expect("deletes");
        assert!(matches!(store.delete_feedback(all[0].id, "x").await, Err(Error::NotFound { .. })));
        assert!(store.answered(ada.id, "connect").await.expect("reads").is_none());
        // They go with the account, and the audit has none of the comments.
        store.remove_account(bob.id, "web:ada@x").await.expect("removes");
        assert!(store.feedback(None, 9).await.expect("reads").is_empty());
        let audit = store.audit_rows(None, 99).await.expect("reads");
        let did = |what: &str| audit.iter().filter(|r| r.action == what).count();
        assert_eq!((did("feedback.answer"), did("feedback.delete")), (4, 1));
        assert!(!format!("{audit:?}").contains("now I see"));
        assert!(store.verify_audit(None, None).await.expect("checks").ok);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn views_are_kept_for_one_or_shown_to_all() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let (ada, bob) =
            (account(&store, "ada@x", Role::Admin).await, account(&store, "bob@x", Role::Viewer).await);
        let org = OrgId(1);
        let names: Vec<String> = (1..=VIEWS).map(|n| format!("view {n}")).collect();
        let view = |account, name, query, shared| NewView { account, org, kind: "user", name, query, shared };
        let save = async |new| store.save_view(new, "ada").await.expect("saves").is_some();
        let seen = async |account, org, kind| {
            let views = store.saved_views(account, org, kind).await.expect("reads");
            views.into_iter().map(|v| (v.name, v.query, v.shared, v.own)).collect::<Vec<_>>()
        };
        assert!(save(view(ada.id, "Mine", "is.status=ACTIVE", false)).await);
        assert!(save(view(ada.id, "Mine", "is.status=STAGED", false)).await, "replaced");
        assert!(save(view(ada.id, "All", "sort=login", true)).await);
        assert!(save(view(bob.id, "Mine", "q=b", false)).await, "another's of the same name");
        let (all, mine) = (("All".to_string(), "sort=login".to_string()), "Mine".to_string());
        assert_eq!(
            seen(ada.id, org, "user").await,
            [
                (all.0.clone(), all.1.clone(), true, true),
                (mine.clone(), "is.status=STAGED".into(), false, true)
            ]
        );
        assert_eq!(
            seen(bob.id, org, "user").await,
            [(all.0.clone(), all.1.clone(), true, false), (mine, "q=b".into(), false, true)]
        );
        assert!(seen(ada.id, OrgId(2), "user").await.is_empty() && seen(ada.id, org, "app").await.is_empty());
        let id = store.saved_views(bob.id, org, "user").await.expect("reads")[0].id;
        assert!(
            store.delete_view(id, bob.id, false, (org, "user"), "bob").await.is_err(),
            "another's, though it is shared"
        );
        for (of, list) in [((OrgId(2), "user"), "another org"), ((org, "app"), "another kind")] {
            assert!(store.delete_view(id, ada.id, true, of, "ada").await.is_err(), "of {list}");
        }
        let bobs = store.saved_views(bob.id, org, "user").await.expect("reads");
        let private = bobs.iter().find(|v| v.own).expect("his own").id;
        assert!(store.delete_view(private, ada.id, true, (org, "user"), "ada").await.is_err(), "not shared");
        store
            .delete_view(id, bob.id, true, (org, "user"), "bob")
            .await
            .expect("who may share may delete what is");
        assert!(save(view(ada.id, "All", "sort=login", true)).await);
        let id = store.saved_views(ada.id, org, "user").await.expect("reads")[0].id;
        store.delete_view(id, ada.id, false, (org, "user"), "ada").await.expect("deletes");
        assert_eq!(seen(bob.id, org, "user").await.len(), 1);
        for (n, name) in (1..).zip(&names) {
            assert_eq!(save(view(ada.id, name, "", false)).await, n < VIEWS, "{name}: one was there");
        }
        assert!(save(view(ada.id, "Mine", "sort=login", false)).await, "what is there can be replaced");
        store.remove_account(ada.id, "owner").await.expect("removes");
        assert!(seen(ada.id, org, "user").await.is_empty() && seen(bob.id, org, "user").await.len() == 1);
        place.drop(&store).await;
    }
}
