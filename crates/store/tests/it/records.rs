//! What was done: runs and how far they are, the audit, what was set aside; in pages.

use serde_json::json;
use transom_core::{EntityId, Odd, PageRecord};
use transom_store::{AuditFilter, Chain, Count, PageWrite, RunId, Target};

use crate::{
    catalogue::{USER, user},
    stage::{START, Stage, page},
};

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
        let of = |parent: i64, next: Option<&str>| PageWrite {
            parent: EntityId(parent),
            next: next.map(str::to_owned),
            ..page("factors", Target::None, vec![])
        };
        stage.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        stage.commit(vec![of(1, None), of(2, None), of(3, Some("on"))]).await;
        let told = store.run_progress(org, stage.run).await.expect("reads");
        let told: Vec<_> =
            told.iter().map(|d| (d.dataset.as_str(), d.done, d.going, d.failed, d.finished)).collect();
        let exactly = |n| Count::Exactly(n);
        assert_eq!(
            told,
            [
                ("factors", exactly(2), exactly(1), exactly(0), None),
                ("objects", exactly(1), exactly(0), exactly(0), None),
            ]
        );
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

#[tokio::test]
async fn what_was_set_aside_comes_in_pages() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let odd = |dataset, number: i32| {
            let odd = (0..3)
                .map(|n| Odd { why: format!("{dataset} {number} {n}"), doc: json!({"n": n}) })
                .collect();
            PageWrite {
                page: number,
                record: PageRecord { odd, ..PageRecord::default() },
                ..page(dataset, Target::None, vec![])
            }
        };
        stage.commit(vec![odd("users", 1), odd("users", 0), odd("apps", 0)]).await;
        let list = async |dataset| {
            let (mut all, mut at): (Vec<String>, Option<String>) = (Vec::new(), None);
            loop {
                let page = store.quarantine_page(org, dataset, at.as_deref(), 2).await.expect("reads");
                all.extend(page.rows.into_iter().map(|r| r.why));
                at = page.next;
                if at.is_none() {
                    return all;
                }
            }
        };
        let users = ["users 0 0", "users 0 1", "users 0 2", "users 1 0", "users 1 1", "users 1 2"];
        assert_eq!(list(Some("users")).await, users);
        assert_eq!(list(None).await, [&["apps 0 0", "apps 0 1", "apps 0 2"][..], &users].concat());
        assert!(list(Some("groups")).await.is_empty());
        stage.end().await;
    }
}
