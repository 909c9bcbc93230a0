//! What is under one object, read by itself.

use serde_json::json;
use transom_core::{Coverage, CoverageState, EntityId, Kind, PageRecord};
use transom_store::{PageWrite, Take, Target, Under};

use crate::catalogue::{FACTOR, USER, object, user};
use crate::dump::{dump, query};
use crate::stage::{Stage, page};

const FACTORS: Target = Target::Children(FACTOR.code);

fn factors(user: EntityId, ids: &[&str]) -> Vec<transom_core::Object> {
    ids.iter().map(|id| object(&FACTOR, user, json!({"id": id}))).collect()
}

fn under(user: EntityId, ids: &[&str], whole: bool) -> Option<Under> {
    let record = PageRecord { objects: factors(user, ids), ..PageRecord::default() };
    Some(Under { kind: FACTOR.code, record, whole })
}

fn read_at(at: i64) -> Coverage {
    Coverage {
        dataset: "factors".to_string(),
        state: CoverageState::Complete,
        reason: String::new(),
        assumed: vec!["A fact.".to_string()],
        objects: 0,
        at: Some(at),
        sweep_refused: false,
    }
}

/// A stage with two users, each with two factors that this run has read.
async fn filled(stage: &Stage) -> [EntityId; 2] {
    stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
    let ids = [stage.id(&USER, "u1").await, stage.id(&USER, "u2").await];
    for (id, factor) in ids.into_iter().zip([["f1", "f2"], ["f3", "f4"]]) {
        let read = page("factors", FACTORS, factors(id, &factor));
        stage.commit(vec![PageWrite { parent: id, ..read }]).await;
    }
    ids
}

async fn held(stage: &Stage, kind: &Kind) -> Vec<String> {
    let live = "removed_at IS NULL AND doc_hash IS NOT NULL";
    let mut held =
        query(&stage.place, &format!("SELECT okta_id FROM entity WHERE kind = {} AND {live}", kind.code.0))
            .await;
    held.sort();
    held
}

#[tokio::test]
async fn what_one_object_has_replaces_what_was_held_of_it_and_of_no_other() {
    for stage in Stage::each().await {
        let (store, org, lease) = (&stage.store, stage.org.id, &stage.lease);
        let [u1, u2] = filled(&stage).await;
        assert!(store.coverage_under(org, u1).await.expect("reads").is_empty());
        store.record_under(lease, u1, under(u1, &["f2", "f5"], true), &read_at(7)).await.expect("records");
        assert_eq!(held(&stage, &FACTOR).await, ["f2", "f3", "f4", "f5"]);
        assert_eq!(store.coverage_under(org, u1).await.expect("reads"), [read_at(7)]);
        assert!(store.coverage_under(org, u2).await.expect("reads").is_empty());
        assert!(store.coverage(org).await.expect("reads").is_empty(), "of the data set nothing is said");
        let once = dump(&stage.place).await;
        store.record_under(lease, u1, under(u1, &["f2", "f5"], true), &read_at(8)).await.expect("records");
        assert_eq!(dump(&stage.place).await, once, "the same again changes nothing");
        // What is not all there is adds, and what could not be read leaves everything.
        store.record_under(lease, u1, under(u1, &["f1"], false), &read_at(8)).await.expect("records");
        let refused = Coverage { state: CoverageState::NotPermitted, reason: "403.".into(), ..read_at(8) };
        store.record_under(lease, u1, None, &refused).await.expect("records");
        assert_eq!(held(&stage, &FACTOR).await, ["f1", "f2", "f3", "f4", "f5"]);
        assert_eq!(store.coverage_under(org, u1).await.expect("reads"), [refused]);
        // Nothing is known any more of an object that went, should it come back.
        store.remove(lease, &[u1]).await.expect("removes");
        assert!(store.coverage_under(org, u1).await.expect("reads").is_empty());
        assert_eq!(held(&stage, &FACTOR).await, ["f3", "f4"]);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_run_that_goes_on_asks_again_and_takes_nothing_away_that_came_meanwhile() {
    for stage in Stage::each().await {
        let (store, lease) = (&stage.store, &stage.lease);
        let [u1, u2] = filled(&stage).await;
        let done = "SELECT CAST(parent AS TEXT) FROM checkpoint WHERE dataset = 'factors'";
        store.record_under(lease, u1, under(u1, &["f1", "f9"], true), &read_at(7)).await.expect("records");
        assert_eq!(query(&stage.place, done).await, [u2.0.to_string()]);
        store.sweep(lease, stage.run, "factors", FACTORS, Take::All).await.expect("sweeps");
        assert_eq!(held(&stage, &FACTOR).await, ["f1", "f3", "f4", "f9"]);
        stage.end().await;
    }
}
