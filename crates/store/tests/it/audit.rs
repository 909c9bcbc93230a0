//! The audit chain finds every alteration.

use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn every_alteration_shows() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, Some(stage.org.id));
        let empty = store.verify_audit(org, None).await.expect("checks");
        assert!(empty.ok && empty.says() == "Empty.", "{}", empty.says());
        for n in 0..4 {
            let detail = json!({"n": n, "b": {"z": 1.0, "a": "é\u{0}"}});
            store.audit(org, "ada", "org.rotate", detail).await.expect("audits");
            store.audit(None, "ada", "serve", json!({})).await.expect("audits");
        }
        let kept = store.audit(org, "bob", "org.pause", json!({})).await.expect("audits");
        assert_eq!(kept.count, 5);
        store.audit(org, "bob", "org.resume", json!({})).await.expect("audits");
        let rows = store.audit_rows(org, 2).await.expect("reads");
        assert_eq!(
            (rows.len(), rows[0].seq, rows[0].action.as_str(), rows[1].actor.as_str()),
            (2, 6, "org.resume", "bob")
        );

        let check = async |expect: Option<&str>| store.verify_audit(org, expect).await.expect("checks");
        let sound = check(None).await;
        assert!(sound.ok && sound.head.count == 6, "{}", sound.says());
        assert!(check(Some(&kept.head)).await.ok, "a head kept earlier");
        assert!(!check(Some("00ff")).await.ok);
        assert!(store.verify_audit(None, None).await.expect("checks").ok, "the installation's own chain");

        let number = stage.org.id.0;
        for (change, back, says) in [
            (
                "UPDATE audit SET actor = 'eve' WHERE org = $ AND seq = 2",
                "UPDATE audit SET actor = 'ada' WHERE org = $ AND seq = 2",
                "record 2",
            ),
            (
                "UPDATE audit SET at = at + 1 WHERE org = $ AND seq = 3",
                "UPDATE audit SET at = at - 1 WHERE org = $ AND seq = 3",
                "record 3",
            ),
            (
                "UPDATE audit SET seq = -seq WHERE org = $ AND seq = 4",
                "UPDATE audit SET seq = -seq WHERE org = $ AND seq = -4",
                "record",
            ),
            (
                "UPDATE audit SET org = 77 WHERE org = $ AND seq = 1",
                "UPDATE audit SET org = $ WHERE org = 77",
                "missing",
            ),
        ] {
            stage.place.tamper(&change.replace('$', &number.to_string())).await;
            let found = check(None).await;
            assert!(!found.ok && found.says().contains(says), "{change}: {}", found.says());
            stage.place.tamper(&back.replace('$', &number.to_string())).await;
            assert!(check(None).await.ok, "{back}");
        }
        // Two records change places.
        let swap = |a: i64, b: i64| format!("UPDATE audit SET seq = {b} WHERE org = {number} AND seq = {a}");
        for step in [swap(2, 99), swap(3, 2), swap(99, 3)] {
            stage.place.tamper(&step).await;
        }
        assert!(!check(None).await.ok);
        for step in [swap(2, 99), swap(3, 2), swap(99, 3)] {
            stage.place.tamper(&step).await;
        }
        // The end cut off: only a head kept elsewhere tells.
        stage.place.tamper(&format!("DELETE FROM audit WHERE org = {number} AND seq > 4")).await;
        assert!(check(None).await.ok);
        let cut = check(Some(&kept.head)).await;
        assert!(!cut.ok && cut.says().contains("cut off"), "{}", cut.says());
        stage.end().await;
    }
}

#[tokio::test]
async fn many_writers_make_one_chain() {
    for stage in Stage::each().await {
        let mut tasks = Vec::new();
        for n in 0..20 {
            let (store, org) = (stage.store.clone(), stage.org.id);
            tasks.push(tokio::spawn(async move { store.audit(Some(org), "x", "y", json!(n)).await }));
        }
        for task in tasks {
            task.await.expect("joins").expect("audits");
        }
        let check = stage.store.verify_audit(Some(stage.org.id), None).await.expect("checks");
        assert!(check.ok && check.head.count == 20, "{}", check.says());
        stage.end().await;
    }
}
