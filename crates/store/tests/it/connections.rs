//! Connecting, and another credential: whole with its audit record, or not at all.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transom_core::{ConnectionState, OrgId};
use transom_store::{Error, NewCredential, Store};

use crate::stage::{Place, Stage, new_org};

const SPARE: (OrgId, &str) = (OrgId(0), "setup.00o1");

fn token(secret: &SecretString) -> NewCredential<'_> {
    let (meta, spends) = (json!({ "by": "ada" }), Some((SPARE.0, SPARE.1.to_string())));
    NewCredential { purpose: "sync", kind: "ssws", secret, meta, spends }
}

/// Everything that the two change.
async fn all(store: &Store, org: OrgId) -> Value {
    let read = store.org(org).await.expect("reads");
    let secret = |kept: Option<transom_store::Credential>| kept.map(|c| c.secret.expose_secret().to_string());
    let [own, spare] = [(org, "sync"), SPARE].map(|(org, purpose)| store.credential(org, purpose));
    let (own, spare) = (secret(own.await.expect("reads")), secret(spare.await.expect("reads")));
    let audit = store.audit_rows(Some(org), 9).await.expect("reads");
    let did: Vec<_> = audit.iter().map(|row| json!([row.action, row.actor, row.detail])).collect();
    json!([read.settings, read.state, read.state_reason, read.state_at, own, spare, did])
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
        place.tamper("ALTER TABLE audit RENAME TO elsewhere").await;
        let refused = store.connect_org(new_org("Acme"), token(&secret), state, "ada", did()).await;
        assert!(refused.is_err());
        place.tamper("ALTER TABLE elsewhere RENAME TO audit").await;
        assert!(store.orgs().await.expect("reads").is_empty());
        assert!(store.credential(SPARE.0, SPARE.1).await.expect("reads").is_some());

        let org =
            store.connect_org(new_org("Acme"), token(&secret), state, "ada", did()).await.expect("saves");
        assert_eq!(org, store.org(org.id).await.expect("reads"));
        let now = json!([
            { "budget": 50 }, "connected_limited", "", org.created, "00secret", null,
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
        // The last write of them fails.
        stage.place.tamper("ALTER TABLE audit RENAME TO elsewhere").await;
        assert!(switch(&stage.lease).await.is_err());
        stage.place.tamper("ALTER TABLE elsewhere RENAME TO audit").await;
        assert_eq!(all(store, org).await, before);
        // Somebody else works on the org by now.
        store.break_lease(org, "test").await.expect("breaks");
        assert!(matches!(switch(&stage.lease).await, Err(Error::LeaseLost)));
        assert_eq!(all(store, org).await, before);

        let lease = store.acquire_lease(org, "test", crate::stage::TTL).await.expect("leases");
        stage.place.clock.advance(5);
        switch(&lease).await.expect("switches");
        let at = stage.place.clock_now();
        let did = json!([["org.rotate", "ada", { "less": [] }]]);
        assert_eq!(
            all(store, org).await,
            json!([{ "budget": 7 }, "connected", "", at, "00second", null, did])
        );
        // Whoever paused it goes on pausing it.
        store.set_state(org, ConnectionState::Paused, "Paused.").await.expect("sets");
        switch(&lease).await.expect("switches");
        let read = store.org(org).await.expect("reads");
        assert_eq!((read.state, read.state_reason.as_str()), (ConnectionState::Paused, "Paused."));
        stage.end().await;
    }
}
