//! Runs, checkpoints, coverage.

use serde_json::json;
use transom_core::{Coverage, CoverageState, EntityId};
use transom_store::{Alike, Among, PageWrite, PartState, Selector, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, MEMBER, USER, app_user, group, member, object, user},
    dump::query,
    stage::{Stage, links_page, page},
};

#[tokio::test]
async fn a_run_is_resumed_where_it_stopped() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        stage.objects(&GROUP, vec![group("g1"), group("g2"), group("g3"), group("g4")]).await;
        let all = Selector::Kind { kind: GROUP.code, status: None, status_not: None };
        stage.objects(&USER, vec![user("b", "ACTIVE")]).await;
        stage.objects(&USER, vec![user("c", "ACTIVE")]).await;
        stage.objects(&USER, vec![user("a", "ACTIVE")]).await;
        store.remove(&stage.lease, &[stage.id(&USER, "c").await]).await.expect("removes");
        stage.commit(vec![links_page("ghosts", Target::None, vec![member("ghost", "g1")])]).await;
        let ids = store.okta_ids(org, USER.code).await.expect("reads");
        assert_eq!(ids, ["b", "a"], "as they came, neither the removed nor one that is only referred to");
        let [g1, g2, g3, g4] = [
            stage.id(&GROUP, "g1").await,
            stage.id(&GROUP, "g2").await,
            stage.id(&GROUP, "g3").await,
            stage.id(&GROUP, "g4").await,
        ];
        let of = |parent, number, next: Option<&str>, user: &str, group: &str| PageWrite {
            parent,
            page: number,
            next: next.map(str::to_string),
            ..links_page("members", Target::Into(MEMBER.code), vec![member(user, group)])
        };
        stage.commit(vec![of(g1, 0, None, "u1", "g1"), of(g2, 0, Some("c1"), "u1", "g2")]).await;
        stage.commit(vec![of(g2, 1, Some("c2"), "u2", "g2")]).await;
        store.skip_parent(&stage.lease, stage.run, "members", g3, "404").await.expect("skips");

        let open = store.open_run(org).await.expect("reads").expect("open");
        assert_eq!(open.id, stage.run);
        let left = store
            .parents(stage.run, org, "members", &all, Among::After(EntityId::ROOT, 10))
            .await
            .expect("reads");
        let ids: Vec<_> = left.iter().map(|p| p.id).collect();
        assert_eq!(ids, [g2, g4], "neither the done nor the given up");
        assert_eq!(left[0].parts, [PartState { part: 0, page: 2, cursor: Some("c2".into()), done: false }]);
        assert_eq!((left[0].okta_id.as_str(), left[0].parent.clone()), ("g2", None));
        assert!(left[1].parts.is_empty());
        let page = store.parents(stage.run, org, "members", &all, Among::After(g2, 10)).await.expect("reads");
        assert_eq!(page.len(), 1);
        let first = store
            .parents(stage.run, org, "members", &all, Among::After(EntityId::ROOT, 1))
            .await
            .expect("reads");
        assert_eq!(first.len(), 1);
        assert_eq!(store.parents_count(stage.run, org, "members", &all).await.expect("counts"), (4, 1));
        let given_up =
            async |dataset, word| store.failed_parents(stage.run, dataset, word).await.expect("reads");
        for word in ["", "40"] {
            assert_eq!(given_up("members", word).await, Some((1, "404".to_string())));
        }
        assert_eq!(given_up("members", "5").await, None);
        assert_eq!(given_up("other", "").await, None);
        // Another data set has its own state.
        assert_eq!(
            store
                .parents(stage.run, org, "other", &all, Among::After(EntityId::ROOT, 10))
                .await
                .expect("reads")
                .len(),
            4
        );

        stage.next_run().await;
        let left = store
            .parents(stage.run, org, "members", &all, Among::After(EntityId::ROOT, 10))
            .await
            .expect("reads");
        assert_eq!(left.len(), 4, "a new run begins anew");
        assert_eq!(query(&stage.place, "SELECT CAST(count(*) AS TEXT) FROM seen").await, ["0"]);
        let runs = store.runs(org, 10).await.expect("reads");
        assert_eq!(runs.len(), 2);
        assert_eq!((runs[1].outcome.as_deref(), &runs[1].summary), (Some("finished"), &json!({"n": 1})));
        assert_eq!(store.open_run(org).await.expect("reads").expect("open").id, stage.run);
        let third = store.start_run(&stage.lease, "full", json!({"why": "x"})).await.expect("starts");
        assert_eq!(third.plan, json!({"why": "x"}));
        let runs = store.runs(org, 1).await.expect("reads");
        assert_eq!((runs.len(), runs[0].id), (1, third.id));
        let runs = store.runs(org, 2).await.expect("reads");
        assert_eq!(runs[1].outcome.as_deref(), Some("abandoned"));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_parent_is_done_when_all_its_declared_parts_are() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&GROUP, vec![group("g1")]).await;
        let g1 = stage.id(&GROUP, "g1").await;
        let all = Selector::Kind { kind: GROUP.code, status: None, status_not: None };
        let of = |part| PageWrite {
            parent: g1,
            part,
            ..links_page("members", Target::Into(MEMBER.code), Vec::new())
        };
        let mut recorder = store.recorder(&stage.lease, stage.run);
        let refused = recorder.commit(vec![of(1)]).await.expect_err("not declared").to_string();
        assert!(refused.contains("declare_parts"), "{refused}");
        store.declare_parts(&stage.lease, stage.run, "members", 2).await.expect("declares");
        stage.commit(vec![of(0)]).await;
        assert_eq!(
            store
                .parents(stage.run, org, "members", &all, Among::After(EntityId::ROOT, 9))
                .await
                .expect("reads")
                .len(),
            1
        );
        assert_eq!(
            store
                .missing(stage.run, org, "members", Target::Into(MEMBER.code), 9)
                .await
                .expect("compares")
                .live,
            0
        );
        stage.commit(vec![of(1)]).await;
        assert!(
            store
                .parents(stage.run, org, "members", &all, Among::After(EntityId::ROOT, 9))
                .await
                .expect("reads")
                .is_empty()
        );
        // Top-level listings have parts too; their caller knows when all are through.
        let mut two = page("users", Target::Children(USER.code), vec![user("u1", "ACTIVE")]);
        (two.part, two.next) = (1, Some("c".into()));
        stage.commit(vec![page("users", Target::Children(USER.code), Vec::new()), two]).await;
        let parts = store.root_parts(stage.run, "users").await.expect("reads");
        let part = |part, page, cursor: Option<&str>, done| PartState {
            part,
            page,
            cursor: cursor.map(String::from),
            done,
        };
        assert_eq!(parts, [part(0, 1, None, true), part(1, 1, Some("c"), false)]);
        stage.end().await;
    }
}

#[tokio::test]
async fn selectors_choose_by_status_and_by_edge() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage
            .objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "DEPROVISIONED"), user("u3", "STAGED")])
            .await;
        stage.objects(&APP, vec![object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App"}))]).await;
        stage
            .commit(vec![links_page(
                "app_users",
                Target::None,
                vec![app_user("u3", "a1", 0, json!({})), app_user("u9", "a1", 0, json!({}))],
            )])
            .await;
        let u2 = stage.id(&USER, "u2").await;
        stage
            .commit(vec![page("factors", Target::None, vec![object(&FACTOR, u2, json!({"id": "f1"}))])])
            .await;
        let chosen = async |selector: Selector| {
            let found = store
                .parents(stage.run, org, "x", &selector, Among::After(EntityId::ROOT, 10))
                .await
                .expect("reads");
            let count = store.parents_count(stage.run, org, "x", &selector).await.expect("counts");
            assert_eq!(count, (found.len() as u64, 0));
            found.into_iter().map(|p| p.okta_id).collect::<Vec<_>>()
        };
        let kind = USER.code;
        assert_eq!(chosen(Selector::Kind { kind, status: Some("ACTIVE"), status_not: None }).await, ["u1"]);
        assert_eq!(
            chosen(Selector::Kind { kind, status: None, status_not: Some("DEPROVISIONED") }).await,
            ["u1", "u3"]
        );
        let rel = crate::catalogue::APP_USER.code;
        assert_eq!(
            chosen(Selector::SourceOf { rel, kind, or_parent_of: None }).await,
            ["u3", "u9"],
            "a stub, too"
        );
        assert_eq!(
            chosen(Selector::SourceOf { rel, kind, or_parent_of: Some(FACTOR.code) }).await,
            ["u2", "u3", "u9"]
        );
        let facet = |or_unknown| Selector::Facet {
            kind,
            name: "floor",
            value: Some("1"),
            or_unknown,
            or_parent_of: None,
        };
        assert!(chosen(facet(false)).await.is_empty());
        assert_eq!(chosen(facet(true)).await, ["u1", "u2", "u3"], "none shows one, so of none it is known");
        // Each with the number on its edge, where it has one; and how many are alike.
        let marked = Selector::Marked { kind, rel };
        let found = store
            .parents(stage.run, org, "x", &marked, Among::After(EntityId::ROOT, 10))
            .await
            .expect("reads");
        let marks: Vec<_> = found.iter().map(|p| (p.okta_id.as_str(), p.mark)).collect();
        assert_eq!(marks, [("u1", None), ("u2", None), ("u3", Some(0))]);
        let alike = |status: &str, mark| Alike { status: Some(status.to_string()), mark, count: 1 };
        let found = store.parents_alike(org, &marked).await.expect("counts");
        assert_eq!(found, [alike("ACTIVE", None), alike("DEPROVISIONED", None), alike("STAGED", Some(0))]);
        let factors = Selector::Kind { kind: FACTOR.code, status: None, status_not: None };
        let found = store
            .parents(stage.run, org, "x", &factors, Among::After(EntityId::ROOT, 10))
            .await
            .expect("reads");
        assert_eq!(found[0].parent, Some((u2, "u2".to_string())));
        stage.end().await;
    }
}

#[tokio::test]
async fn coverage_is_kept_and_a_finished_data_set_stays_finished() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let mut coverage = Coverage {
            dataset: "users".into(),
            state: CoverageState::PartialByRight,
            reason: "Only its own.".into(),
            assumed: vec!["Okta says so.".into()],
            objects: 7,
            at: Some(5),
            sweep_refused: true,
        };
        assert!(store.coverage(org).await.expect("reads").is_empty());
        assert!(store.finished_datasets(stage.run).await.expect("reads").is_empty());
        store.finish_dataset(&stage.lease, stage.run, "another way", &coverage).await.expect("finishes");
        assert_eq!(store.coverage(org).await.expect("reads"), [coverage.clone()]);
        coverage.state = CoverageState::Complete;
        coverage.at = None;
        store.declare_parts(&stage.lease, stage.run, "users", 3).await.expect("declares");
        store.finish_dataset(&stage.lease, stage.run, &coverage.dataset, &coverage).await.expect("finishes");
        assert_eq!(store.coverage(org).await.expect("reads"), [coverage]);
        assert_eq!(store.finished_datasets(stage.run).await.expect("reads"), ["another way", "users"]);
        stage.end().await;
    }
}

#[tokio::test]
async fn parents_with_nothing_to_ask_are_done_and_told_apart() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&GROUP, vec![group("g1"), group("g2")]).await;
        stage.members("g1", &[]).await;
        let g2 = stage.id(&GROUP, "g2").await;
        let nothing = links_page("members", Target::Into(MEMBER.code), Vec::new());
        stage.commit(vec![PageWrite { parent: g2, page: -1, ..nothing }]).await;
        let all = Selector::Kind { kind: GROUP.code, status: None, status_not: None };
        assert_eq!(store.parents_count(stage.run, org, "members", &all).await.expect("counts"), (2, 2));
        assert_eq!(store.idle_parents(stage.run, org, "members").await.expect("counts"), 1);
        stage.end().await;
    }
}
