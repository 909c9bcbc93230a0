//! Connecting, another credential, whatever somebody changes of a connection, and its end: whole with its audit record, or not
//! at all.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transom_core::{ConnectionState, OrgId};
use transom_store::{Attempt, Error, NewCredential, Org, Store};

use crate::stage::{Place, Stage, TTL, new_org};

const SPARE: (OrgId, &str) = (OrgId(0), "setup.00o1");

fn token(secret: &SecretString) -> NewCredential<'_> {
    let (meta, spends) = (json!({ "by": "ada" }), Some((SPARE.0, SPARE.1.to_string())));
    NewCredential { purpose: "sync", kind: "ssws", secret, meta, spends }
}

/// While this holds nothing is written to the audit: it is the last write of each change, and fails.
async fn without_audit<T>(place: &Place, change: impl Future<Output = T>) -> T {
    place.tamper("ALTER TABLE audit RENAME TO elsewhere").await;
    let outcome = change.await;
    place.tamper("ALTER TABLE elsewhere RENAME TO audit").await;
    outcome
}

/// Everything of a connection that may be changed.
async fn all(store: &Store, org: OrgId) -> Value {
    let read = store.org(org).await.expect("reads");
    let secret = |kept: Option<transom_store::Credential>| kept.map(|c| c.secret.expose_secret().to_string());
    let [own, spare] = [(org, "sync"), SPARE].map(|(org, purpose)| store.credential(org, purpose));
    let (own, spare) = (secret(own.await.expect("reads")), secret(spare.await.expect("reads")));
    let audit = store.audit_rows(Some(org), 9).await.expect("reads");
    let did: Vec<_> = audit.iter().map(|row| json!([row.action, row.actor, row.detail])).collect();
    json!([read.label, read.settings, read.state, read.state_reason, read.state_at, own, spare, did])
}

#[tokio::test]
async fn a_connection_is_saved_whole_or_not_at_all() {
    for place in Place::all().await {
        let secret = SecretString::from("00secret");
        let locked = place.open().await.expect("opens");
        let did = || ("org.connect", json!({ "label": "Acme" }));
        let state = ConnectionState::ConnectedLimited;
        let refused = locked.connect_org(new_org("Acme"), token(&secret), state, "ada", did()).await;
        assert!(matches!(refused, Err(Error::MasterKeyMissing { .. })), "{refused:?}");
        assert!(locked.orgs().await.expect("reads").is_empty());
        locked.close().await;

        let store = place.unlocked().await;
        store.put_first_credential(SPARE.0, SPARE.1, "key", &"spare".into(), json!({})).await.expect("puts");
        let connect = store.connect_org(new_org("Acme"), token(&secret), state, "ada", did());
        assert!(without_audit(&place, connect).await.is_err());
        assert!(store.orgs().await.expect("reads").is_empty());
        assert!(store.credential(SPARE.0, SPARE.1).await.expect("reads").is_some());

        let org =
            store.connect_org(new_org("Acme"), token(&secret), state, "ada", did()).await.expect("saves");
        assert_eq!(org, store.org(org.id).await.expect("reads"));
        let now = json!([
            "Acme", { "budget": 50 }, "connected_limited", "", org.created, "00secret", null,
            [["org.connect", "ada", { "label": "Acme" }]]
        ]);
        assert_eq!(all(&store, org.id).await, now);
        let taken = store.connect_org(new_org("ACME"), token(&secret), state, "ada", did()).await;
        assert!(matches!(taken, Err(Error::LabelTaken { .. })), "{taken:?}");
        assert_eq!(all(&store, org.id).await, now);
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn a_credential_is_switched_whole_or_not_at_all() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        store.put_first_credential(org, "sync", "ssws", &"00first".into(), json!({})).await.expect("puts");
        store.put_first_credential(SPARE.0, SPARE.1, "key", &"spare".into(), json!({})).await.expect("puts");
        store.set_state(org, ConnectionState::Failed, "It is wrong.").await.expect("sets");
        let (before, secret) = (all(store, org).await, SecretString::from("00second"));
        let switch = async |lease| {
            let (settings, did) = (json!({ "budget": 7 }), ("org.rotate", json!({ "less": [] })));
            let state = ConnectionState::Connected;
            store.switch_credential(lease, token(&secret), &settings, state, "ada", did).await
        };
        assert!(without_audit(&stage.place, switch(&stage.lease)).await.is_err());
        assert_eq!(all(store, org).await, before);
        // Somebody else works on the org by now.
        store.break_lease(org, "test").await.expect("breaks");
        assert!(matches!(switch(&stage.lease).await, Err(Error::LeaseLost)));
        assert_eq!(all(store, org).await, before);

        let lease = store.acquire_lease(org, "test", TTL).await.expect("leases");
        stage.place.clock.advance(5);
        switch(&lease).await.expect("switches");
        let at = stage.place.clock_now();
        let did = json!([["org.rotate", "ada", { "less": [] }]]);
        assert_eq!(
            all(store, org).await,
            json!(["Acme", { "budget": 7 }, "connected", "", at, "00second", null, did])
        );
        // Whoever paused it goes on pausing it.
        store.set_state(org, ConnectionState::Paused, "Paused.").await.expect("sets");
        switch(&lease).await.expect("switches");
        let read = store.org(org).await.expect("reads");
        assert_eq!((read.state, read.state_reason.as_str()), (ConnectionState::Paused, "Paused."));
        stage.end().await;
    }
}

#[tokio::test]
async fn what_somebody_changes_is_changed_with_its_record_or_not_at_all() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let other = store.create_org(new_org("Other")).await.expect("creates");
        let before = all(store, org).await;
        let rename = |label: &'static str| {
            store.change_org(org, "ada", "org.rename", move |org: &mut Org| {
                let was = std::mem::replace(&mut org.label, label.into());
                org.settings["share"] = json!(0.5);
                json!({ "was": was })
            })
        };
        let pause = || {
            store.change_org(org, "ada", "org.pause", |org: &mut Org| {
                (org.state, org.state_reason) = (ConnectionState::Paused, "Paused.".into());
                json!({})
            })
        };
        stage.place.clock.advance(5);
        assert!(without_audit(&stage.place, rename("Beta")).await.is_err());
        assert!(without_audit(&stage.place, pause()).await.is_err());
        assert!(matches!(rename("OTHER").await, Err(Error::LabelTaken { .. })));
        let nobody = store.change_org(OrgId(99), "ada", "org.pause", |_: &mut Org| json!({})).await;
        assert!(matches!(nobody, Err(Error::NotFound { .. })));
        assert_eq!(all(store, org).await, before);

        let beta = rename("Beta").await.expect("renames");
        assert_eq!((beta.state_at, &beta), (stage.org.state_at, &store.org(org).await.expect("reads")));
        let paused = pause().await.expect("pauses");
        assert_eq!(paused, store.org(org).await.expect("reads"));
        let settings = json!({ "budget": 50, "share": 0.5 });
        let did = json!([["org.pause", "ada", {}], ["org.rename", "ada", { "was": "Acme" }]]);
        assert_eq!(
            all(store, org).await,
            json!(["Beta", settings, "paused", "Paused.", stage.place.clock_now(), null, null, did])
        );
        assert_eq!(store.org(other.id).await.expect("reads"), other);
        assert_eq!(store.org_named("BETA").await.expect("found by its new label").id, org);
        stage.end().await;
    }
}

#[tokio::test]
async fn changes_at_once_do_not_undo_each_other() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let mut tasks = Vec::new();
        for n in 0..8 {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                let set = move |org: &mut Org| {
                    org.settings[n.to_string()] = json!(true);
                    json!({ "n": n })
                };
                store.change_org(org, "ada", "org.opt_in", set).await.map(|_| ())
            }));
        }
        for task in tasks {
            task.await.expect("ends").expect("changes");
        }
        let settings = store.org(org).await.expect("reads").settings;
        assert!((0..8).all(|n| settings[n.to_string()] == true), "{settings}");
        assert_eq!(store.audit_rows(Some(org), 99).await.expect("reads").len(), 8);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_connection_ends_with_its_record_or_not_at_all() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        store.put_first_credential(org, "sync", "ssws", &"00first".into(), json!({})).await.expect("puts");
        store.set_state(org, ConnectionState::Connected, "").await.expect("sets");
        let before = all(store, org).await;
        let disconnect = async |lease| {
            let did = ("org.disconnect", json!({ "revoked": true }));
            store.disconnect_org(lease, "Disconnected.", "ada", did).await
        };
        assert!(without_audit(&stage.place, disconnect(&stage.lease)).await.is_err());
        assert_eq!(all(store, org).await, before);
        store.break_lease(org, "test").await.expect("breaks");
        assert!(matches!(disconnect(&stage.lease).await, Err(Error::LeaseLost)));
        assert_eq!(all(store, org).await, before);

        let lease = store.acquire_lease(org, "test", TTL).await.expect("leases");
        stage.place.clock.advance(5);
        disconnect(&lease).await.expect("disconnects");
        let (at, budget) = (stage.place.clock_now(), json!({ "budget": 50 }));
        let did = json!([["org.disconnect", "ada", { "revoked": true }]]);
        let ended = json!(["Acme", budget, "not_connected", "Disconnected.", at, null, null, did]);
        assert_eq!(all(store, org).await, ended);

        let delete = async || store.delete_org(&lease, "ada", json!({ "label": "Acme" })).await;
        assert!(without_audit(&stage.place, delete()).await.is_err());
        assert_eq!(all(store, org).await, ended);
        delete().await.expect("deletes");
        assert!(store.orgs().await.expect("reads").is_empty());
        let last = &store.audit_rows(Some(org), 1).await.expect("reads")[0];
        assert_eq!((last.action.as_str(), &last.detail), ("org.delete", &json!({ "label": "Acme" })));
        assert!(store.verify_audit(Some(org), None).await.expect("checks").ok);
        stage.end().await;
    }
}

#[tokio::test]
async fn nobody_is_kept_out_without_a_record() {
    for place in Place::all().await {
        let store = place.unlocked().await;
        let attempt = async || store.count_sign_in("ada@acme.example", "192.0.2.1").await;
        for _ in 0..10 {
            assert_eq!(attempt().await.expect("counts"), Attempt::Allowed);
        }
        assert!(without_audit(&place, attempt()).await.is_err());
        assert!(matches!(attempt().await, Ok(Attempt::Refused { .. })), "the eleventh, once more");
        let last = &store.audit_rows(None, 1).await.expect("reads")[0];
        assert_eq!((last.action.as_str(), last.seq), ("sign_in.throttle", 1));
        place.drop(&store).await;
    }
}
