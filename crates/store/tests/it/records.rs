//! What was done: runs and the audit, in pages.

use serde_json::json;
use transom_store::{AuditFilter, Chain, RunId};

use crate::stage::{START, Stage};

#[tokio::test]
async fn runs_come_in_pages_and_say_how_far_they_are() {
    for mut stage in Stage::each().await {
        for _ in 0..4 {
            stage.next_run().await;
        }
        let (store, org) = (stage.store.clone(), stage.org.id);
        let ids = |runs: &[transom_store::Run]| runs.iter().map(|r| r.id.0).collect::<Vec<_>>();
        let newest = store.runs_before(org, None, 2).await.expect("reads");
        assert_eq!(ids(&newest), [5, 4]);
        let older = store.runs_before(org, Some(newest[1].id), 9).await.expect("reads");
        assert_eq!(ids(&older), [3, 2, 1]);
        assert_eq!(store.run(org, RunId(3)).await.expect("reads"), Some(older[0].clone()));
        assert_eq!(store.run(org, RunId(99)).await.expect("reads"), None);
        stage.end().await;
    }
}

#[tokio::test]
async fn the_audit_is_filtered_and_paged_over_all_chains() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        for n in 0..6 {
            let chain = (n % 2 == 0).then_some(org);
            let action = ["org.sync", "org_.odd", "token.create"][n % 3];
            store.audit(chain, ["ada", "bob"][n / 3], action, json!({"n": n})).await.expect("writes");
            stage.place.clock.advance(10);
        }
        let list = async |filter: AuditFilter| {
            let (mut all, mut at): (Vec<u64>, Option<String>) = (Vec::new(), None);
            loop {
                let page = store.audit_page(&filter, at.as_deref(), 2).await.expect("reads");
                all.extend(page.rows.iter().filter_map(|e| e.row.detail["n"].as_u64()));
                at = page.next;
                if at.is_none() {
                    return all;
                }
            }
        };
        let all = AuditFilter::default();
        assert_eq!(list(all.clone()).await, [5, 4, 3, 2, 1, 0]);
        assert_eq!(list(AuditFilter { chain: Chain::Org(org), ..all.clone() }).await, [4, 2, 0]);
        assert_eq!(list(AuditFilter { chain: Chain::Installation, ..all.clone() }).await, [5, 3, 1]);
        assert_eq!(list(AuditFilter { actor: Some("bob".into()), ..all.clone() }).await, [5, 4, 3]);
        assert_eq!(list(AuditFilter { action: Some("org.".into()), ..all.clone() }).await, [3, 0]);
        let between = AuditFilter { from: Some(START + 10), until: Some(START + 30), ..all.clone() };
        assert_eq!(list(between).await, [2, 1]);
        let first = store.audit_page(&all, None, 1).await.expect("reads");
        assert_eq!(first.rows[0].org, None);
        let bad = store.audit_page(&all, Some("x"), 1).await.expect_err("no mark");
        assert!(bad.to_string().starts_with("after:"), "{bad}");
        stage.end().await;
    }
}
