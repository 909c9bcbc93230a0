//! The provider by which people sign in, who is on the way there, and whom it lets in.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{OrgId, Reach, Role};
use transom_store::{
    Admission, DatabaseUrl, Error, Mapping, NewAccount, NewApiToken, OidcState, Person, Provider, Purpose,
    Return, Store,
};

use crate::stage::Place;

const ISSUER: &str = "https://acme.okta.com";

fn provider(client: &str) -> Provider {
    Provider {
        label: "Okta".into(),
        issuer: ISSUER.into(),
        client_id: client.into(),
        scopes: "openid".into(),
        groups_claim: "groups".into(),
        required: false,
        mappings: Vec::new(),
    }
}

fn person(subject: &str, granted: Option<(Role, Reach)>) -> Person {
    let login = format!("{subject}@acme.example");
    Person { issuer: ISSUER.into(), subject: subject.into(), login, name: "Ada".into(), granted }
}

async fn owner(store: &Store) -> i64 {
    let new = NewAccount {
        login: "owner@acme.example".into(),
        name: "Ada".into(),
        password: Some("a hash".into()),
        role: Role::Owner,
        reach: Reach::All,
    };
    store.create_account(new, "test").await.expect("creates").id
}

#[tokio::test]
async fn a_client_secret_is_sealed_for_its_client() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        assert!(store.provider().await.expect("reads").is_none());
        let missing = store.set_provider(&provider("0oa1"), None, "test").await;
        assert!(matches!(missing, Err(Error::SecretMissing)));
        store.set_provider(&provider("0oa1"), Some(&"s3cret-canary".into()), "test").await.expect("sets");
        let mapping = Mapping { group: "A".into(), role: Role::Admin, reach: Reach::Orgs([OrgId(1)].into()) };
        store.map_group(&mapping, "test").await.expect("maps");
        let some_owner = Mapping { role: Role::Owner, ..mapping.clone() };
        assert!(matches!(store.map_group(&some_owner, "test").await, Err(Error::OwnerOfSome)));
        // What groups are given stays, and so does the secret; not for another client.
        let changed = Provider { label: "Other".into(), required: true, ..provider("0oa1") };
        store.set_provider(&changed, None, "test").await.expect("sets");
        let (held, secret) = store.provider_secret().await.expect("opens").expect("there");
        assert_eq!(
            (held.label.as_str(), held.required, held.mappings.as_slice()),
            ("Other", true, &[mapping][..])
        );
        assert_eq!(secret.expose_secret(), "s3cret-canary");
        assert!(matches!(
            store.set_provider(&provider("0oa2"), None, "test").await,
            Err(Error::SecretMissing)
        ));
        // Groups of another issuer are other groups, though they are called the same.
        let elsewhere = Provider { issuer: "https://other.okta.com".into(), ..provider("0oa1") };
        store.set_provider(&elsewhere, Some(&"s3cret-canary".into()), "test").await.expect("sets");
        assert!(store.provider().await.expect("reads").expect("there").mappings.is_empty());
        let last = &store.audit_rows(None, 1).await.expect("reads")[0];
        assert_eq!(last.detail["mappings_dropped"][0]["group"], "A");
        store.set_provider(&provider("0oa1"), Some(&"s3cret-canary".into()), "test").await.expect("sets");
        store.map_group(&held.mappings[0], "test").await.expect("maps");
        // A record that was turned to another client does not open.
        let turn = |from: &str, to: &str| {
            if matches!(place.url, DatabaseUrl::Sqlite(_)) {
                format!("UPDATE provider SET settings = replace(settings, '{from}', '{to}')")
            } else {
                format!("UPDATE provider SET settings = replace(settings::text, '{from}', '{to}')::jsonb")
            }
        };
        place.tamper(&turn("0oa1", "0oa2")).await;
        assert!(
            store.provider_secret().await.expect_err("does not open").to_string().contains("Enter it again")
        );
        store.unmap_group("A", "test").await.expect("takes back");
        assert!(matches!(store.unmap_group("A", "test").await, Err(Error::NotFound { .. })));
        store.remove_provider("test").await.expect("removes");
        assert!(matches!(store.remove_provider("test").await, Err(Error::NotFound { .. })));
        let audit = store.audit_rows(None, 99).await.expect("reads");
        let did: Vec<&str> = audit.iter().rev().map(|r| r.action.as_str()).collect();
        assert_eq!(
            did,
            [
                "provider.set",
                "provider.map",
                "provider.set",
                "provider.set",
                "provider.set",
                "provider.map",
                "provider.unmap",
                "provider.remove"
            ]
        );
        assert!(!format!("{audit:?}").contains("canary"));
        assert!(store.sql("SELECT * FROM provider", 1).await.is_err(), "out of reach of questions");
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn who_sets_out_comes_back_once_in_time_from_the_same_browser() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let state = OidcState { purpose: Purpose::Link, issuer: ISSUER.into(), next: "/x".into() };
        let token = store.set_out(&state, "a browser").await.expect("notes");
        let back = async |token: &str, visit: &str| store.come_back(token, visit).await.expect("looks");
        assert_eq!(back(token.expose_secret(), "another").await, Return::OtherBrowser);
        assert_eq!(back("made up", "a browser").await, Return::Unknown);
        assert_eq!(back(token.expose_secret(), "a browser").await, Return::Welcome(state.clone()));
        assert_eq!(back(token.expose_secret(), "a browser").await, Return::Unknown);
        // Two at once: one of them.
        let token = store.set_out(&state, "a browser").await.expect("notes");
        let (one, two) =
            tokio::join!(back(token.expose_secret(), "a browser"), back(token.expose_secret(), "a browser"));
        assert!((one == Return::Unknown) != (two == Return::Unknown), "{one:?} {two:?}");
        let token = store.set_out(&state, "a browser").await.expect("notes");
        place.clock.advance(10 * 60_000);
        assert_eq!(back(token.expose_secret(), "a browser").await, Return::Unknown);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn groups_make_accounts_and_links_are_of_one_account() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let owner = owner(&store).await;
        let admitted = async |subject: &str, granted: Option<(Role, Reach)>| {
            store.admit(&person(subject, granted)).await
        };
        assert!(matches!(admitted("bob", None).await, Ok(Admission::Stranger)));
        // The owner's address, and somebody else.
        let taken = admitted("owner", Some((Role::Viewer, Reach::All))).await;
        assert!(matches!(taken, Err(Error::LoginTaken { .. })));
        let Ok(Admission::Member(bob)) = admitted("bob", Some((Role::Admin, Reach::All))).await else {
            panic!("a group lets in")
        };
        assert_eq!((bob.role, bob.mapped), (Role::Admin, true));
        assert_eq!(bob.subject, Some((ISSUER.into(), "bob".into())));
        let new = NewApiToken { name: "t".into(), role: Role::Admin, reach: Reach::All, expires: i64::MAX };
        let (_, secret) = store.create_api_token(new, bob.id, "test").await.expect("creates");
        let session = store.begin_session(&bob, "test").await.expect("begins");
        assert!(matches!(admitted("bob", None).await, Ok(Admission::NoLonger)));
        assert!(store.session(session.expose_secret()).await.expect("reads").is_none());
        let token = store.api_token(secret.expose_secret()).await.expect("reads").expect("there");
        assert_eq!(
            (token.role, token.reach),
            (Role::Viewer, Reach::Orgs([].into())),
            "nothing is left to it"
        );

        // Linked by its own owner, an account keeps its role.
        store.link_identity(owner, ISSUER, "ada", "test").await.expect("links");
        let taken = store.link_identity(owner, ISSUER, "bob", "test").await;
        assert!(matches!(taken, Err(Error::IdentityTaken)));
        let Ok(Admission::Member(ada)) = admitted("ada", None).await else { panic!("a link lets in") };
        assert_eq!((ada.id, ada.role, ada.mapped), (owner, Role::Owner, false));
        assert!(matches!(store.unlink_identity(bob.id, "test").await, Err(Error::OnlyWayIn)));
        store
            .set_provider(&Provider { required: true, ..provider("c") }, Some(&"s".into()), "test")
            .await
            .expect("sets");
        assert!(
            matches!(store.unlink_identity(owner, "test").await, Err(Error::OnlyWayIn)),
            "passwords are off"
        );
        store.remove_provider("test").await.expect("removes");
        store.unlink_identity(owner, "test").await.expect("there is a password");
        assert!(matches!(admitted("ada", None).await, Ok(Admission::Stranger)));

        // The last owner stays one.
        let granted = Some((Role::Owner, Reach::All));
        assert!(matches!(admitted("bob", granted).await, Ok(Admission::Member(b)) if b.role == Role::Owner));
        store.remove_account(owner, "test").await.expect("bob is one, too");
        for granted in [None, Some((Role::Viewer, Reach::All))] {
            assert!(
                matches!(admitted("bob", granted).await, Ok(Admission::Member(b)) if b.role == Role::Owner)
            );
        }
        assert!(store.verify_audit(None, None).await.expect("checks").ok);
        place.drop(&store).await;
    }
}

/// Whether a session goes on, and what an API token can do.
async fn holds(store: &Store, (session, token): &(SecretString, SecretString)) -> (bool, Role) {
    let session = store.session(session.expose_secret()).await.expect("reads");
    let token = store.api_token(token.expose_secret()).await.expect("reads").expect("there");
    assert_eq!(session.is_some(), token.reach == Reach::All, "both, or neither");
    (session.is_some(), token.role)
}

#[tokio::test]
async fn what_a_group_was_given_is_taken_from_whom_it_let_in() {
    let gone = (false, Role::Viewer);
    for place in Place::all().await {
        let store = place.unlocked().await;
        store.set_provider(&provider("0oa1"), Some(&"s".into()), "test").await.expect("sets");
        let map = async |group: &str, role| {
            store.map_group(&Mapping { group: group.into(), role, reach: Reach::All }, "test").await
        };
        for (group, role) in [("Admins", Role::Admin), ("Readers", Role::Viewer), ("Owners", Role::Owner)] {
            map(group, role).await.expect("maps");
        }
        let come = async |subject: &str, role: Role| {
            let admitted = store.admit(&person(subject, Some((role, Reach::All)))).await;
            let Ok(Admission::Member(member)) = admitted else { panic!("{admitted:?}") };
            let new = NewApiToken { name: "t".into(), role, reach: Reach::All, expires: i64::MAX };
            let (_, token) = store.create_api_token(new, member.id, "test").await.expect("creates");
            (store.begin_session(&member, "test").await.expect("begins"), token)
        };
        let (ada, bob, eve) =
            (come("ada", Role::Owner).await, come("bob", Role::Admin).await, come("eve", Role::Viewer).await);
        // Nobody would be an owner: all stays as it is.
        let audit = store.audit_rows(None, 99).await.expect("reads");
        let elsewhere = Provider { issuer: "https://other.okta.com".into(), ..provider("0oa1") };
        for refused in [
            store.unmap_group("Owners", "test").await,
            map("Owners", Role::Admin).await,
            store.set_provider(&elsewhere, Some(&"s".into()), "test").await,
            store.remove_provider("test").await,
        ] {
            assert!(matches!(refused, Err(Error::LastOwner { .. })), "{refused:?}");
        }
        assert_eq!(store.audit_rows(None, 99).await.expect("reads"), audit);
        assert_eq!(store.provider().await.expect("reads").expect("there").mappings.len(), 3);

        store.unmap_group("Admins", "test").await.expect("takes back");
        assert_eq!(holds(&store, &bob).await, gone);
        assert_eq!(holds(&store, &ada).await, (true, Role::Owner), "by another group");
        assert_eq!(holds(&store, &eve).await, (true, Role::Viewer), "by another group");
        let audit = store.audit_rows(None, 2).await.expect("reads");
        let did: Vec<_> = audit.iter().map(|r| (r.action.as_str(), &r.detail["login"])).collect();
        assert_eq!(did, [("member.role", &json!("bob@acme.example")), ("provider.unmap", &json!(null))]);
        // Another role for a group takes the earlier one back; the same anew takes nothing.
        map("Readers", Role::Viewer).await.expect("maps");
        assert!(holds(&store, &eve).await.0);
        map("Readers", Role::Admin).await.expect("maps");
        assert_eq!(holds(&store, &eve).await, gone);

        // An account that a group did not make keeps what it was given; with one, the provider may go.
        let own = owner(&store).await;
        store.link_identity(own, ISSUER, "own", "test").await.expect("links");
        let account = store.account(own).await.expect("reads");
        let session = store.begin_session(&account, "test").await.expect("begins");
        let eve = come("eve", Role::Admin).await;
        store.remove_provider("test").await.expect("removes");
        assert_eq!((holds(&store, &ada).await, holds(&store, &eve).await), (gone, gone));
        assert!(store.session(session.expose_secret()).await.expect("reads").is_some());
        assert!(store.verify_audit(None, None).await.expect("checks").ok);
        place.drop(&store).await;
    }
}
