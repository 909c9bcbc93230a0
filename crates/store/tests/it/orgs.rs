//! Orgs, credentials, leases, master key, opening.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{ConnectionState, OrgId};
use transom_store::{Error, MasterKeySource, next_key};

use crate::{
    catalogue::{APP, GROUP, USER, app_user, group, object, rule, user},
    dump::{dump, query},
    stage::{KEY, Place, Stage, TTL, links_page, new_org},
};

#[tokio::test]
async fn orgs_are_found_by_label_in_any_case_and_labels_are_unique() {
    for place in Place::all().await {
        let store = place.open().await.expect("opens");
        let mut acme = store.create_org(new_org("Acme")).await.expect("creates");
        let beta = store.create_org(new_org("beta")).await.expect("creates");
        assert_ne!(acme.id, beta.id);
        assert_eq!(acme.state, ConnectionState::NotConnected);
        let taken = store.create_org(new_org("ACME")).await.expect_err("taken");
        assert!(matches!(&taken, Error::LabelTaken { label } if label == "ACME"), "{taken}");
        assert_eq!(store.org_named("aCmE").await.expect("found").id, acme.id);
        let labels: Vec<_> = store.orgs().await.expect("lists").into_iter().map(|o| o.label).collect();
        assert_eq!(labels, ["Acme", "beta"]);
        let missing = store.org_named("gamma").await.expect_err("none").to_string();
        assert!(missing.contains("gamma") && missing.contains("Acme, beta"), "{missing}");
        assert!(store.org(OrgId(99)).await.is_err());

        place.clock.advance(5);
        store.set_state(acme.id, ConnectionState::ConnectedLimited, "no roles").await.expect("sets");
        acme.label = "Acme Inc".into();
        acme.settings = json!({"budget": 80});
        store.update_org(&acme).await.expect("updates");
        let read = store.org(acme.id).await.expect("reads");
        assert_eq!((read.label.as_str(), read.state), ("Acme Inc", ConnectionState::ConnectedLimited));
        assert_eq!((read.state_reason.as_str(), read.state_at - read.created), ("no roles", 5));
        assert_eq!(read.settings, json!({"budget": 80}));
        acme.label = "Beta".into();
        assert!(matches!(store.update_org(&acme).await, Err(Error::LabelTaken { .. })));
        acme.label = "ACME INC".into();
        store.update_org(&acme).await.expect("its own label in another case");
        assert!(store.set_state(OrgId(99), ConnectionState::Failed, "").await.is_err());
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn credentials_are_sealed_and_bound_to_their_org() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let other = store.create_org(new_org("Other")).await.expect("creates");
        for (first, secret, by) in [(true, "00secret", "ada"), (false, "00second", "bob")] {
            let (secret, by) = (SecretString::from(secret), json!({ "by": by }));
            let put = store.put_first_credential(org, "sync", "ssws", &secret, by).await.expect("puts");
            assert_eq!(put, first);
        }
        let read = store.credential(org, "sync").await.expect("reads").expect("there");
        assert_eq!((read.secret.expose_secret(), &read.meta), ("00secret", &json!({"by": "ada"})));
        assert!(!format!("{read:?}").contains("00secret"));
        assert!(store.credential(org, "action").await.expect("reads").is_none());
        let stored = query(&stage.place, "SELECT CAST(meta AS TEXT) FROM credential").await;
        assert!(stored.iter().all(|row| !row.contains("00se")), "{stored:?}");
        // The sealed record moved to another org does not open there.
        stage.place.tamper(&format!("UPDATE credential SET org = {}", other.id.0)).await;
        let moved = store.credential(other.id, "sync").await.expect_err("bound to its org").to_string();
        assert!(moved.contains("moved"), "{moved}");
        assert!(store.delete_credential(other.id, "sync").await.expect("deletes"));
        assert!(!store.delete_credential(other.id, "sync").await.expect("deletes"));
        stage.end().await;
    }
}

#[tokio::test]
async fn the_database_knows_its_master_key() {
    for place in Place::all().await {
        let path = place.folder.path().join("master.key");
        let file = |create_if_new| MasterKeySource::File { path: path.clone(), create_if_new };
        let mut store = place.open().await.expect("opens");
        let org = store.create_org(new_org("Acme")).await.expect("creates");
        let locked = store
            .put_first_credential(org.id, "sync", "ssws", &"x".into(), json!({}))
            .await
            .expect_err("locked");
        assert!(matches!(locked, Error::MasterKeyMissing { wants: None }), "{locked}");
        let none = store.unlock(file(false)).await.expect_err("no file, and none is made");
        assert!(matches!(none, Error::MasterKeyMissing { wants: None }), "{none}");
        store.unlock(file(true)).await.expect("makes the file");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).expect("file").permissions().mode() & 0o777, 0o600);
        }
        store
            .put_first_credential(org.id, "sync", "ssws", &"00secret".into(), json!({}))
            .await
            .expect("puts");
        let id = store.describe().await.expect("describes").key_id.expect("a key id");

        let mut again = place.open().await.expect("opens");
        again.unlock(file(true)).await.expect("the same file");
        let read = again.credential(org.id, "sync").await.expect("reads").expect("there");
        assert_eq!(read.secret.expose_secret(), "00secret");

        let wrong = again.unlock(MasterKeySource::Given(KEY.into())).await.expect_err("another key");
        assert!(
            matches!(&wrong, Error::WrongMasterKey { wants, got } if *wants == id && *got != id),
            "{wrong}"
        );
        std::fs::remove_file(&path).expect("removes");
        let gone = again.unlock(file(true)).await.expect_err("no new key for a sealed database");
        assert!(matches!(&gone, Error::MasterKeyMissing { wants: Some(w) } if *w == id), "{gone}");
        assert!(!path.exists());
        let bad =
            again.unlock(MasterKeySource::Given("c2hvcnQ=".into())).await.expect_err("too short").to_string();
        assert!(bad.contains("32 bytes") && !bad.contains("c2hvcnQ"), "{bad}");
        again.close().await;
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn another_master_key_takes_over_whole_or_not_at_all() {
    for place in Place::all().await {
        let path = place.folder.path().join("master.key");
        let file = || MasterKeySource::File { path: path.clone(), create_if_new: true };
        let mut store = place.open().await.expect("opens");
        store.unlock(file()).await.expect("makes the file");
        let org = store.create_org(new_org("Acme")).await.expect("creates");
        let (acme, kept) = (Some(org.id), std::fs::read(&path).expect("a key"));
        store
            .put_first_credential(org.id, "sync", "ssws", &"00secret".into(), json!({}))
            .await
            .expect("puts");
        for n in 0..3 {
            store.audit(acme, "ada", "org.pause", json!({ "n": n })).await.expect("audits");
        }
        let mut behind = place.open().await.expect("opens");
        behind.unlock(file()).await.expect("the same key");

        let rotated = store.rotate_master_key(&next_key(&path), "ada").await.expect("rotates");
        assert_eq!(rotated.secrets, 1);
        assert_ne!(rotated.from, rotated.to);
        // Who holds the old key writes nothing any more, and is told why.
        let late = behind.put_first_credential(org.id, "sync", "ssws", &"00late".into(), json!({})).await;
        let late = late.expect_err("the key was rotated");
        assert!(matches!(&late, Error::WrongMasterKey { wants, .. } if *wants == rotated.to), "{late}");
        let late = behind.credential(org.id, "sync").await.expect_err("the key was rotated");
        assert!(matches!(late, Error::WrongMasterKey { .. }), "{late}");
        let late = behind.audit(acme, "ada", "org.resume", json!({})).await.expect_err("the key was rotated");
        assert!(matches!(late, Error::WrongMasterKey { .. }), "{late}");
        // The same again, as after a kill, changes nothing.
        let again = store.rotate_master_key(&next_key(&path), "ada").await.expect("is done");
        assert_eq!((again.from, again.secrets), (rotated.to.clone(), 0));

        // Cut off before the file took its place: whoever comes next puts it there, and the old one stays beside it.
        let mut next = place.open().await.expect("opens");
        next.unlock(file()).await.expect("finishes");
        assert!(!next_key(&path).exists());
        let old = place.folder.path().join(format!("master.key.{}", rotated.from));
        assert_eq!(std::fs::read(old).expect("kept"), kept);
        let read = next.credential(org.id, "sync").await.expect("reads").expect("there");
        assert_eq!(read.secret.expose_secret(), "00secret");
        next.audit(acme, "ada", "org.resume", json!({})).await.expect("audits");
        next.audit(None, "ada", "serve", json!({})).await.expect("audits");
        let beta = next.create_org(new_org("Beta")).await.expect("creates");
        next.audit(Some(beta.id), "ada", "org.connect", json!({})).await.expect("audits");
        next.rotate_master_key(&place.folder.path().join("third"), "ada").await.expect("rotates again");
        next.audit(acme, "ada", "org.pause", json!({})).await.expect("audits");
        for chain in [None, acme, Some(beta.id)] {
            let check = next.verify_audit(chain, None).await.expect("checks");
            assert!(check.ok, "{chain:?}: {}", check.says());
        }
        // What was written under the first key is held by what came later, and the rotation itself can't be left out.
        let number = org.id.0;
        for (change, back) in [
            (
                "UPDATE audit SET actor = 'eve' WHERE org = $ AND seq = 2",
                "UPDATE audit SET actor = 'ada' WHERE org = $ AND seq = 2",
            ),
            (
                "UPDATE audit SET action = 'x' WHERE org = $ AND seq = 4",
                "UPDATE audit SET action = 'master_key.rotate' WHERE org = $ AND seq = 4",
            ),
            (
                "UPDATE audit SET org = 99 WHERE org = $ AND seq > 3",
                "UPDATE audit SET org = $ WHERE org = 99",
            ),
        ] {
            place.tamper(&change.replace('$', &number.to_string())).await;
            assert!(!next.verify_audit(acme, None).await.expect("checks").ok, "{change}");
            place.tamper(&back.replace('$', &number.to_string())).await;
            assert!(next.verify_audit(acme, None).await.expect("checks").ok, "{back}");
        }
        behind.close().await;
        next.close().await;
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn one_holder_at_a_time_and_the_overtaken_writes_nothing() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let held = store.acquire_lease(org, "second", TTL).await.expect_err("held");
        assert!(matches!(&held, Error::LeaseHeld { holder, .. } if holder == "test"), "{held}");
        stage.place.clock.advance(10_000);
        // A write renews the lease.
        stage.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        stage.place.clock.advance(10_000);
        assert!(store.acquire_lease(org, "second", TTL).await.is_err(), "renewed by the commit");
        store.renew(&stage.lease, Duration::from_secs(60)).await.expect("renews");
        stage.place.clock.advance(59_000);
        assert!(store.acquire_lease(org, "second", TTL).await.is_err(), "renewed");
        stage.place.clock.advance(2_000);
        let second = store.acquire_lease(org, "second", TTL).await.expect("ran out");

        // Whoever was overtaken can't write through any door.
        let before = dump(&stage.place).await;
        let mut recorder = store.recorder(&stage.lease, stage.run);
        let lost = recorder.commit(vec![links_page("x", transom_store::Target::None, Vec::new())]).await;
        assert!(matches!(lost, Err(Error::LeaseLost)));
        let old = &stage.lease;
        assert!(matches!(store.renew(old, TTL).await, Err(Error::LeaseLost)));
        assert!(matches!(store.start_run(old, "full", json!({})).await, Err(Error::LeaseLost)));
        let id = stage.id(&USER, "u1").await;
        let begun = stage.run;
        assert!(matches!(store.begin_again(old, begun, "x", id, 0).await, Err(Error::LeaseLost)));
        assert!(matches!(store.forget_missing(old, begun, "x").await, Err(Error::LeaseLost)));
        assert!(matches!(store.finish_run(old, stage.run, "x", json!({})).await, Err(Error::LeaseLost)));
        assert!(matches!(store.remove(old, &[id]).await, Err(Error::LeaseLost)));
        assert!(matches!(store.skip_parent(old, stage.run, "x", id, "why").await, Err(Error::LeaseLost)));
        assert!(matches!(store.mark_seen(old, stage.run, "x", id, &[id]).await, Err(Error::LeaseLost)));
        assert!(matches!(store.declare_parts(old, stage.run, "x", 2).await, Err(Error::LeaseLost)));
        assert!(matches!(store.delete_data(old).await, Err(Error::LeaseLost)));
        assert!(matches!(store.delete_org(old, "ada", json!({})).await, Err(Error::LeaseLost)));
        assert_eq!(dump(&stage.place).await, before);
        store.release(stage.lease.clone()).await.expect("releasing a lost lease is no error");
        assert!(
            store.acquire_lease(org, "third", TTL).await.is_err(),
            "and takes nothing from the new holder"
        );

        // Released: the next gets it at once, and a copy of the lease is worth nothing.
        let copy = second.clone();
        store.release(second).await.expect("releases");
        assert!(matches!(store.declare_parts(&copy, stage.run, "x", 2).await, Err(Error::LeaseLost)));
        store.acquire_lease(org, "third", TTL).await.expect("free");
        store.break_lease(org, "somebody else").await.expect("nothing happens");
        assert!(store.acquire_lease(org, "fourth", TTL).await.is_err());
        store.break_lease(org, "third").await.expect("breaks");
        store.acquire_lease(org, "fourth", TTL).await.expect("free");
        assert!(matches!(store.acquire_lease(OrgId(99), "x", TTL).await, Err(Error::NotFound { .. })));
        stage.end().await;
    }
}

#[tokio::test]
async fn deleting_data_leaves_org_and_audit_and_deleting_the_org_leaves_audit() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        let app = object(&APP, transom_core::EntityId::ROOT, json!({"id": "a1", "name": "App"}));
        stage.objects(&APP, vec![app, rule("r1", "one", &["g1"])]).await;
        let links = vec![app_user("u1", "a1", 1, json!({"x": 1}))];
        stage.commit(vec![links_page("app_user", transom_store::Target::None, links)]).await;
        store.put_first_credential(org, "sync", "ssws", &"00secret".into(), json!({})).await.expect("puts");
        store.audit(Some(org), "ada", "org.connect", json!({})).await.expect("audits");
        let other = store.create_org(new_org("Other")).await.expect("creates");
        let other = store.acquire_lease(other.id, "test", TTL).await.expect("leases");
        let run = store.start_run(&other, "full", json!({})).await.expect("starts").id;
        let page = crate::stage::page("objects", transom_store::Target::None, vec![user("u9", "ACTIVE")]);
        store.recorder(&other, run).commit(vec![page]).await.expect("commits");

        store.delete_data(&stage.lease).await.expect("deletes");
        let left = dump(&stage.place).await;
        assert!(left.iter().all(|row| !row.contains("u1")), "{left:#?}");
        assert!(left.iter().any(|row| row.contains("u9")), "another org's data stays");
        assert!(store.runs(org, 9).await.expect("reads").is_empty());
        assert!(store.credential(org, "sync").await.expect("reads").is_some());
        assert_eq!(store.org(org).await.expect("stays").label, "Acme");
        // The same objects again: ids are not given out twice.
        let run = store.start_run(&stage.lease, "full", json!({})).await.expect("starts").id;
        let page = crate::stage::page("objects", transom_store::Target::None, vec![user("u1", "ACTIVE")]);
        let done = store.recorder(&stage.lease, run).commit(vec![page]).await.expect("commits");
        assert_eq!(done.new, 1);
        assert!(stage.id(&USER, "u1").await.0 > 4);

        store.delete_org(&stage.lease, "ada", json!({})).await.expect("deletes");
        assert!(store.org(org).await.is_err());
        assert_eq!(query(&stage.place, "SELECT purpose FROM credential").await, Vec::<String>::new());
        let audit = store.audit_rows(Some(org), 9).await.expect("reads");
        let did: Vec<_> = audit.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(did, ["org.delete", "org.connect"]);
        let next = store.create_org(new_org("Acme")).await.expect("the label is free again");
        assert!(next.id > org, "org numbers are never reused");
        stage.end().await;
    }
}
