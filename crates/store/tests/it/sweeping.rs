//! The sweep: only under complete listings, only what no page showed.

use serde_json::json;
use transom_core::{EntityId, OrgId};
use transom_store::{Missing, PageWrite, Store, Take, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, HOLDS, MEMBER, RULE, USER, group, key, member, object, rule, user},
    dump::{dump, query},
    stage::{Stage, links_page, page},
};

async fn members(store: &Store, org: OrgId, group: EntityId) -> Vec<String> {
    let found = store
        .neighbours(org, group, transom_store::Direction::In, Some(MEMBER.code), 99)
        .await
        .expect("reads");
    found.into_iter().map(|n| n.row.okta_id).collect()
}

#[tokio::test]
async fn objects_that_a_complete_listing_missed_go_and_no_others() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        stage
            .objects(
                &USER,
                vec![user("u1", "ACTIVE"), user("u2", "ACTIVE"), user("u3", "ACTIVE"), user("u4", "ACTIVE")],
            )
            .await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.members("g1", &["u1", "u2"]).await;
        let u2 = stage.id(&USER, "u2").await;
        stage.commit(vec![page("f", Target::None, vec![object(&FACTOR, u2, json!({"id": "f1"}))])]).await;
        stage.next_run().await;
        let target = Target::Children(USER.code);
        let mut first = page("users", target, vec![user("u1", "ACTIVE")]);
        first.next = Some("c1".into());
        stage.commit(vec![first]).await;
        assert_eq!(
            store.missing(stage.run, org, "users", target, 9).await.expect("compares"),
            Missing::default()
        );
        assert_eq!(
            store.sweep(&stage.lease, stage.run, "users", target, Take::All).await.expect("sweeps"),
            0,
            "not listed to the end"
        );
        let mut second = page("users", target, vec![user("u3", "ACTIVE")]);
        second.page = 1;
        stage.commit(vec![second]).await;
        let u4 = stage.id(&USER, "u4").await;
        store.mark_seen(&stage.lease, stage.run, "users", EntityId::ROOT, &[u4]).await.expect("marks");
        store.mark_seen(&stage.lease, stage.run, "users", EntityId::ROOT, &[u4]).await.expect("marks again");
        let missing = store.missing(stage.run, org, "users", target, 9).await.expect("compares");
        assert_eq!(missing, Missing { live: 4, missing: 1, again: 0, sample: vec![(u2, "u2".into())] });
        assert!(store.missing(stage.run, org, "users", target, 0).await.expect("compares").sample.is_empty());
        assert_eq!(
            store.sweep(&stage.lease, stage.run, "users", target, Take::All).await.expect("sweeps"),
            1
        );
        let after = dump(&stage.place).await;
        assert_eq!(
            store.sweep(&stage.lease, stage.run, "users", target, Take::All).await.expect("sweeps"),
            0
        );
        assert_eq!(dump(&stage.place).await, after, "a second sweep changes nothing");
        let counts = store.counts(org).await.expect("counts");
        assert_eq!(counts.entities, [(USER.code, 3), (GROUP.code, 1)], "u2 went, and its factor");
        assert_eq!(members(&store, org, stage.id(&GROUP, "g1").await).await, ["u1"]);
        // Swept by this very process, then listed again: back, not "unchanged".
        assert_eq!(stage.objects(&USER, vec![user("u2", "ACTIVE")]).await.revived, 1);
        assert_eq!(stage.id(&USER, "u2").await, u2);
        stage.end().await;
    }
}

#[tokio::test]
async fn members_go_only_under_groups_that_were_listed_to_the_end() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        stage.objects(&GROUP, vec![group("g1"), group("g2"), group("g3"), group("g4")]).await;
        for g in ["g1", "g2", "g3", "g4"] {
            stage.members(g, &["u1", "u2"]).await;
        }
        stage.next_run().await;
        let id = async |g: &str| stage.id(&GROUP, g).await;
        let target = Target::Into(MEMBER.code);
        stage.members("g1", &["u1"]).await;
        // g2 is half listed, g3 given up after its listing, g4 not begun.
        let half = PageWrite {
            parent: id("g2").await,
            next: Some("c".into()),
            ..links_page("members", target, Vec::new())
        };
        stage.commit(vec![half]).await;
        stage.members("g3", &[]).await;
        store.skip_parent(&stage.lease, stage.run, "members", id("g3").await, "500").await.expect("skips");
        let missing = store.missing(stage.run, org, "members", target, 9).await.expect("compares");
        assert_eq!((missing.live, missing.missing, missing.sample[0].1.as_str()), (2, 1, "u2"));
        assert_eq!(
            store.sweep(&stage.lease, stage.run, "members", target, Take::All).await.expect("sweeps"),
            1
        );
        assert_eq!(members(&store, org, id("g1").await).await, ["u1"]);
        for g in ["g2", "g3", "g4"] {
            assert_eq!(members(&store, org, id(g).await).await, ["u1", "u2"], "{g}");
        }
        assert_eq!(store.counts(org).await.expect("counts").entities, [(USER.code, 2), (GROUP.code, 4)]);
        assert_eq!(
            store
                .sweep(&stage.lease, stage.run, "members", Target::None, Take::All)
                .await
                .expect("nothing to do"),
            0
        );
        stage.end().await;
    }
}

#[tokio::test]
async fn edges_out_of_a_parent_and_edges_of_a_whole_relation() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        stage
            .objects(&APP, ["a1", "a2"].map(|a| object(&APP, EntityId::ROOT, json!({"id": a}))).into())
            .await;
        let holds = |user: &str, app: &str| transom_core::Link {
            rel: HOLDS.code,
            src: key(&USER, user),
            dst: key(&APP, app),
            attr: 0,
            doc: None,
        };
        let all = vec![holds("u1", "a1"), holds("u1", "a2"), holds("u2", "a1")];
        stage.commit(vec![links_page("before", Target::None, all)]).await;
        let out = async |user: &str| {
            let id = stage.id(&USER, user).await;
            let found =
                store.neighbours(org, id, transom_store::Direction::Out, None, 9).await.expect("reads");
            found.into_iter().map(|n| n.row.okta_id).collect::<Vec<_>>()
        };
        let from = Target::From(HOLDS.code);
        let u1 = stage.id(&USER, "u1").await;
        stage
            .commit(vec![PageWrite { parent: u1, ..links_page("holds", from, vec![holds("u1", "a2")]) }])
            .await;
        assert_eq!(store.sweep(&stage.lease, stage.run, "holds", from, Take::All).await.expect("sweeps"), 1);
        assert_eq!((out("u1").await, out("u2").await), (vec!["a2".to_string()], vec!["a1".to_string()]));
        // The relation listed as a whole: whoever is not on it holds nothing.
        let into = Target::Into(HOLDS.code);
        stage.commit(vec![links_page("all", into, vec![holds("u2", "a1")])]).await;
        let missing = store.missing(stage.run, org, "all", into, 9).await.expect("compares");
        assert_eq!((missing.live, missing.missing, missing.sample), (2, 1, vec![(u1, "u1".to_string())]));
        assert_eq!(store.sweep(&stage.lease, stage.run, "all", into, Take::All).await.expect("sweeps"), 1);
        assert_eq!((out("u1").await, out("u2").await), (vec![], vec!["a1".to_string()]));
        stage.next_run().await;
        stage.end().await;
    }
}

#[tokio::test]
async fn large_sweeps_go_in_chunks() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        let users: Vec<String> = (0..2500).map(|i| format!("u{i:04}")).collect();
        stage.objects(&USER, users.iter().map(|u| user(u, "ACTIVE")).collect()).await;
        stage.objects(&GROUP, (0..600).map(|i| group(&format!("g{i:03}"))).collect()).await;
        let pages = async |stage: &Stage, of: usize| {
            let mut pages = Vec::new();
            for i in 0..600 {
                let name = format!("g{i:03}");
                let links = users.iter().skip(i).take(of).map(|u| member(u, &name)).collect();
                let parent = stage.id(&GROUP, &name).await;
                pages.push(PageWrite { parent, ..links_page("members", Target::Into(MEMBER.code), links) });
            }
            pages
        };
        let first = pages(&stage, 20).await;
        assert_eq!(stage.commit(first).await.edges_new, 12_000);
        stage.next_run().await;
        let second = pages(&stage, 2).await;
        stage.commit(second).await;
        let target = Target::Into(MEMBER.code);
        let missing = store.missing(stage.run, org, "members", target, 5).await.expect("compares");
        assert_eq!((missing.live, missing.missing, missing.sample.len()), (12_000, 10_800, 5));
        assert_eq!(
            store.sweep(&stage.lease, stage.run, "members", target, Take::All).await.expect("sweeps"),
            10_800
        );
        assert_eq!(store.held(org, target, None).await.expect("counts"), 1200);
        stage.objects(&USER, vec![user("u0000", "ACTIVE")]).await;
        let swept = store
            .sweep(&stage.lease, stage.run, "objects", Target::Children(USER.code), Take::All)
            .await
            .expect("sweeps");
        assert_eq!(swept, 2499);
        assert_eq!(store.held(org, Target::Children(USER.code), None).await.expect("counts"), 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn what_two_complete_listings_miss_is_missing_again() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        let all = ["u1", "u2", "u3", "u4"];
        stage.objects(&USER, all.iter().map(|u| user(u, "ACTIVE")).collect()).await;
        let target = Target::Children(USER.code);
        // What is listed; how much is missing then, and how much of it again.
        for (listed, missing, again) in [(["u1", "u3"], 2, 0), (["u1", "u2"], 2, 1), (["u1", "u2"], 1, 1)] {
            stage.next_run().await;
            let users = listed.iter().map(|u| user(u, "ACTIVE")).collect();
            stage.commit(vec![page("users", target, users)]).await;
            let found = store.missing(stage.run, org, "users", target, 0).await.expect("compares");
            assert_eq!((found.missing, found.again), (missing, again), "{listed:?}");
            let swept = store.sweep(&stage.lease, stage.run, "users", target, Take::Again).await;
            assert_eq!(swept.expect("sweeps"), again);
            for _ in 0..2 {
                store.keep_missing(&stage.lease, stage.run, "users", target).await.expect("keeps");
                store.forget_missing(&stage.lease, stage.run, "users").await.expect("forgets");
            }
            let found = store.missing(stage.run, org, "users", target, 0).await.expect("compares");
            assert_eq!(
                (found.missing, found.again),
                (missing - again, 0),
                "what this run missed is no second look"
            );
        }
        assert_eq!(store.held(org, target, None).await.expect("counts"), 2);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_listing_that_begins_again_has_shown_nothing_yet() {
    for mut stage in Stage::each().await {
        let (store, org) = (stage.store.clone(), stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        stage.next_run().await;
        let target = Target::Children(USER.code);
        for (number, listed) in ["u1", "u2"].into_iter().enumerate() {
            let mut page = page("users", target, vec![user(listed, "ACTIVE")]);
            (page.page, page.next) = (number as i32, Some("c".into()));
            stage.commit(vec![page]).await;
        }
        store.begin_again(&stage.lease, stage.run, "users", EntityId::ROOT, 0).await.expect("forgets");
        assert_eq!(store.root_parts(stage.run, "users").await.expect("reads"), []);
        stage.commit(vec![page("users", target, vec![user("u1", "ACTIVE")])]).await;
        let missing = store.missing(stage.run, org, "users", target, 9).await.expect("compares");
        assert_eq!((missing.live, missing.missing, missing.sample[0].1.as_str()), (2, 1, "u2"));
        stage.end().await;
    }
}

#[tokio::test]
async fn what_has_more_edges_than_a_transaction_takes_goes_with_all_of_them() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let users: Vec<String> = (0..10_500).map(|i| format!("u{i:05}")).collect();
        stage.objects(&USER, users.iter().map(|u| user(u, "ACTIVE")).collect()).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.objects(&RULE, vec![rule("r1", "one", &["g1"])]).await;
        stage.members("g1", &users.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let g1 = stage.id(&GROUP, "g1").await;
        store.remove(&stage.lease, &[g1]).await.expect("removes");
        let edges = async |table: &str| {
            query(&stage.place, &format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await.remove(0)
        };
        assert_eq!((edges("edge").await.as_str(), edges("edge_change").await.as_str()), ("1", "10500"));
        let stubs = store.stubs(org, EntityId::ROOT, 9).await.expect("reads");
        assert_eq!(stubs.len(), 1, "the rule refers to it still");
        stage.end().await;
    }
}
