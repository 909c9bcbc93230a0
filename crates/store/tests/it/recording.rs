//! The recorder: what is new, changed, unchanged, back; stubs, edges, history, quarantine, kills.

use std::{future::Future, task::Poll};

use serde_json::{Value, json};
use transom_core::{Coverage, CoverageState, Doc, EntityId, LinkDoc, Odd, PageRecord};
use transom_store::{Committed, Direction, PageWrite, Take, Target};

use crate::{
    catalogue::{
        APP, APP_USER, ASSIGNS, FACTOR, GROUP, MEMBER, RULE, USER, app_user, group, member, object, rule,
        set, user,
    },
    dump::{dump, query},
    stage::{Stage, links_page, page},
};

#[tokio::test]
async fn the_same_page_twice_changes_nothing() {
    for stage in Stage::each().await {
        let pages = || {
            let app = object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App"}));
            let odd = vec![Odd { why: "no id at /id".into(), doc: json!({"x": "nul \u{0} here"}) }];
            let mut users =
                page("users", Target::Children(USER.code), vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]);
            users.record.odd = odd;
            vec![
                users,
                page(
                    "groups",
                    Target::Children(GROUP.code),
                    vec![group("g1"), rule("r1", "one", &["g1", "g2"])],
                ),
                page("apps", Target::Children(APP.code), vec![app]),
                links_page(
                    "app_users",
                    Target::None,
                    vec![app_user("u1", "a1", 1, json!({"p": 1})), member("u3", "g1")],
                ),
            ]
        };
        let first = stage.commit(pages()).await;
        // Stubs: g2 and u3.
        let want = Committed { new: 5, edges_new: 4, stubs: 2, quarantined: 1, ..Committed::default() };
        assert_eq!(first, want);
        let before = dump(&stage.place).await;
        stage.place.clock.advance(1000);
        let again = stage.commit(pages()).await;
        assert_eq!(again, Committed { unchanged: 5, quarantined: 1, ..Committed::default() });
        assert_eq!(dump(&stage.place).await, before);
        // And by a process that remembers nothing.
        let store = stage.place.unlocked().await;
        let again = store.recorder(&stage.lease, stage.run).commit(pages()).await.expect("commits");
        assert_eq!(again, Committed { unchanged: 5, quarantined: 1, ..Committed::default() });
        assert_eq!(dump(&stage.place).await, before);
        // Twice within one batch.
        let both = stage.commit(pages().into_iter().chain(pages()).collect()).await;
        assert_eq!((both.new, both.changed, both.edges_new), (0, 0, 0));
        assert_eq!(dump(&stage.place).await, before);
        store.close().await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_commit_that_is_dropped_half_way_leaves_all_or_nothing() {
    let pages = || {
        let users = vec![user("u1", "SUSPENDED"), user("u2", "ACTIVE")];
        vec![
            page("users", Target::Children(USER.code), users),
            links_page("m", Target::None, vec![member("u2", "g7")]),
        ]
    };
    for (stage, undisturbed) in Stage::each().await.into_iter().zip(Stage::each().await) {
        for s in [&stage, &undisturbed] {
            s.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        }
        let before = dump(&stage.place).await;
        undisturbed.commit(pages()).await;
        let after = dump(&undisturbed.place).await;
        assert_ne!(before, after);
        let mut recorder = stage.store.recorder(&stage.lease, stage.run);
        // Dropped after each number of polls: somewhere among them is every await of the transaction.
        let mut finished = false;
        for polls in 1..500 {
            let mut future = Box::pin(recorder.commit(pages()));
            let mut n = 0;
            let outcome = std::future::poll_fn(|cx| {
                n += 1;
                match future.as_mut().poll(cx) {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending if n >= polls => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
            drop(future);
            let now = dump(&stage.place).await;
            assert!(now == before || now == after, "neither all nor nothing: {now:#?}");
            if let Some(done) = outcome {
                done.expect("commits");
                finished = true;
                break;
            }
        }
        assert!(finished, "it was never left to finish");
        assert_eq!(dump(&stage.place).await, after, "as if it had never been disturbed");
        stage.end().await;
        undisturbed.end().await;
    }
}

#[tokio::test]
async fn a_failed_commit_forgets_what_it_had_learnt() {
    for stage in Stage::each().await {
        let mut recorder = stage.store.recorder(&stage.lease, stage.run);
        let unknown = PageRecord {
            objects: vec![
                user("u1", "ACTIVE"),
                transom_core::Object {
                    key: transom_core::Key { kind: transom_core::KindCode(99), ..user("u2", "ACTIVE").key },
                    ..user("u2", "ACTIVE")
                },
            ],
            ..PageRecord::default()
        };
        let write = PageWrite { record: unknown, ..page("users", Target::None, Vec::new()) };
        let error = recorder.commit(vec![write]).await.expect_err("an unknown kind").to_string();
        assert!(error.contains("99"), "{error}");
        let done = stage.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        assert_eq!(done.new, 1);
        assert_eq!(stage.exported().await.len(), 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn changes_leave_versions_and_volatile_fields_do_not_count() {
    for stage in Stage::each().await {
        let with = |n: u32, status: &str| {
            let mut u = user("u1", status);
            set(&mut u, &USER, "/statistics", json!({"logins": n}));
            u
        };
        stage.objects(&USER, vec![with(1, "ACTIVE")]).await;
        stage.place.clock.advance(10);
        assert_eq!(
            stage.objects(&USER, vec![with(2, "ACTIVE")]).await.unchanged,
            1,
            "only a statistic changed"
        );
        assert_eq!(stage.objects(&USER, vec![with(2, "SUSPENDED")]).await.changed, 1);
        stage.place.clock.advance(10);
        assert_eq!(stage.objects(&USER, vec![with(3, "DEPROVISIONED")]).await.changed, 1);
        let id = stage.id(&USER, "u1").await;
        let versions = stage.store.versions(stage.org.id, id).await.expect("reads");
        let told: Vec<_> = versions
            .iter()
            .map(|v| {
                (
                    v.at - crate::stage::START,
                    v.until.map(|u| u - crate::stage::START),
                    v.doc["status"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (20, None, Some("DEPROVISIONED")),
                (10, Some(20), Some("SUSPENDED")),
                (0, Some(10), Some("ACTIVE"))
            ]
        );
        let facets = stage.store.facets(stage.org.id, USER.code).await.expect("reads");
        assert_eq!(
            facets,
            [("department".into(), "IT".into(), 1), ("status".into(), "DEPROVISIONED".into(), 1)]
        );
        stage.end().await;
    }
}

#[tokio::test]
async fn a_stub_is_no_object_until_it_is_read_and_keeps_its_id() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.members("g1", &["u1"]).await;
        let stubs = store.stubs(org, EntityId::ROOT, 10).await.expect("reads");
        assert_eq!(stubs.len(), 1);
        assert_eq!(
            (stubs[0].kind, stubs[0].okta_id.as_str(), stubs[0].parent),
            (USER.code, "u1", EntityId::ROOT)
        );
        assert!(store.stubs(org, stubs[0].id, 10).await.expect("reads").is_empty());
        // Nowhere an object.
        assert_eq!(store.counts(org).await.expect("reads").entities, [(GROUP.code, 1)]);
        assert_eq!(stage.exported().await.len(), 1);
        assert!(store.entity(org, USER.code, EntityId::ROOT, "u1").await.expect("reads").is_none());
        assert!(store.entity_by_id(org, stubs[0].id).await.expect("reads").is_none());
        assert!(store.find(org, USER.code, "u1").await.expect("reads").is_empty());
        let g1 = stage.id(&GROUP, "g1").await;
        assert!(store.neighbours(org, g1, Direction::In, None, 9).await.expect("reads").is_empty());
        assert!(store.sql("SELECT * FROM okta_group_member", 9).await.expect("reads").rows.is_empty());
        assert!(store.sql("SELECT * FROM okta_user", 9).await.expect("reads").rows.is_empty());
        assert_eq!(store.held(org, Target::Into(MEMBER.code), None).await.expect("reads"), 1);

        let mut recorder = store.recorder(&stage.lease, stage.run);
        let record = PageRecord { objects: vec![user("u1", "ACTIVE")], ..PageRecord::default() };
        assert_eq!(recorder.record_alone(record).await.expect("commits").new, 1);
        assert_eq!(stage.id(&USER, "u1").await, stubs[0].id);
        assert!(store.stubs(org, EntityId::ROOT, 10).await.expect("reads").is_empty());
        let members = store.neighbours(org, g1, Direction::In, Some(MEMBER.code), 9).await.expect("reads");
        assert_eq!(members[0].row.okta_id, "u1");
        assert_eq!(store.held(org, Target::Children(USER.code), None).await.expect("reads"), 1);

        // A stub that no edge refers to any more is nobody's concern.
        stage.members("g1", &["u1", "u2"]).await;
        stage.members("g1", &["u1"]).await;
        store
            .sweep(&stage.lease, stage.run, "members", Target::Into(MEMBER.code), Take::All)
            .await
            .expect("sweeps");
        assert!(store.stubs(org, EntityId::ROOT, 10).await.expect("reads").is_empty());
        stage.end().await;
    }
}

#[tokio::test]
async fn documents_state_their_edges_and_take_them_back() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&GROUP, vec![group("g1"), group("g2"), group("g3")]).await;
        stage.objects(&RULE, vec![rule("r1", "one", &["g1", "g2"])]).await;
        let r1 = stage.id(&RULE, "r1").await;
        let assigned = async || {
            let found =
                store.neighbours(org, r1, Direction::Out, Some(ASSIGNS.code), 9).await.expect("reads");
            found.into_iter().map(|n| n.row.okta_id).collect::<Vec<_>>()
        };
        assert_eq!(assigned().await, ["g1", "g2"]);
        stage.place.clock.advance(10);
        let done = stage.objects(&RULE, vec![rule("r1", "one", &["g2", "g3"])]).await;
        assert_eq!((done.changed, done.edges_new), (1, 1));
        assert_eq!(assigned().await, ["g2", "g3"]);
        let past = dump(&stage.place).await;
        assert!(
            past.iter().any(|r| r.starts_with("edge_change 3 ")
                && r.ends_with(&format!("{} {}", crate::stage::START, crate::stage::START + 10))),
            "{past:#?}"
        );
        // An edge of a relation the document does not own stays.
        let mut changed = rule("r1", "two", &[]);
        changed.owns = &[];
        stage.objects(&RULE, vec![changed]).await;
        assert_eq!(assigned().await, ["g2", "g3"]);
        stage.end().await;
    }
}

#[tokio::test]
async fn links_change_number_and_document_and_keep_the_document_they_had() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE")]).await;
        stage.objects(&APP, vec![object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App"}))]).await;
        let link = async |attr, doc: Option<Value>| {
            let mut link = app_user("u1", "a1", attr, Value::Null);
            link.doc = doc.map(|doc| Doc::new(1, &doc).into());
            let done = stage.commit(vec![links_page("app_users", Target::None, vec![link])]).await;
            (done.edges_new, done.edges_changed)
        };
        let (u1, a1) = (stage.id(&USER, "u1").await, stage.id(&APP, "a1").await);
        let doc = async || store.edge_doc(org, APP_USER.code, u1, a1).await.expect("reads");
        assert_eq!(link(1, None).await, (1, 0));
        assert_eq!(doc().await, None);
        assert_eq!(link(1, Some(json!({"profile": {"n": 1}}))).await, (0, 1));
        assert_eq!(link(1, Some(json!({"profile": {"n": 1}}))).await, (0, 0));
        stage.place.clock.advance(10);
        assert_eq!(link(2, Some(json!({"profile": {"n": 2}}))).await, (0, 1));
        assert_eq!(doc().await, Some(json!({"profile": {"n": 2}})));
        assert_eq!(link(2, None).await, (0, 0), "a lighter reading takes nothing away");
        assert_eq!(link(-1, None).await, (0, 0), "nor the number that came with the document");
        assert_eq!(doc().await, Some(json!({"profile": {"n": 2}})));
        let row =
            stage.exported().await.into_iter().find(|r| r.kind == "app_user").expect("edges are exported");
        assert_eq!((row.id.as_str(), row.parent.as_deref()), ("u1", Some("a1")));
        assert_eq!(row.doc, json!({"profile": {"n": 2}}));
        stage.end().await;
    }
}

#[tokio::test]
async fn what_was_removed_comes_back_with_id_history_and_edges() {
    for mut stage in Stage::each().await {
        stage.objects(&GROUP, vec![group("g1"), group("g2")]).await;
        stage.objects(&RULE, vec![rule("r1", "one", &["g1"])]).await;
        let (store, org) = (stage.store.clone(), stage.org.id);
        let (g1, r1) = (stage.id(&GROUP, "g1").await, stage.id(&RULE, "r1").await);
        stage.next_run().await;
        store.remove(&stage.lease, &[g1]).await.expect("removes");
        assert!(store.entity_by_id(org, g1).await.expect("reads").is_none());
        assert!(store.neighbours(org, r1, Direction::Out, None, 9).await.expect("reads").is_empty());
        let stated = "SELECT CAST(count(*) AS TEXT) FROM edge";
        assert_eq!(query(&stage.place, stated).await, ["1"], "the rule's document states it still");
        let counts = store.edge_counts(org, r1, RULE.code).await.expect("reads");
        assert!(counts.iter().all(|side| side.count.least() == 0), "but nothing lives there: {counts:?}");
        let versions = store.versions(org, g1).await.expect("reads");
        assert_eq!(versions[0].until, Some(crate::stage::START + 1000), "its document ends with it");
        assert_eq!(store.facets(org, GROUP.code).await.expect("reads"), [("status".into(), "OK".into(), 1)]);
        assert!(store.search(org, "group g1", 9).await.expect("reads").is_empty());

        stage.next_run().await;
        let done = stage.objects(&GROUP, vec![group("g1"), group("g2")]).await;
        assert_eq!(
            (done.new, done.unchanged, done.edges_new),
            (1, 1, 0),
            "a stub meanwhile, for the rule refers to it"
        );
        assert_eq!(store.neighbours(org, r1, Direction::Out, None, 9).await.expect("reads").len(), 1);
        assert_eq!(stage.id(&GROUP, "g1").await, g1);
        assert_eq!(store.versions(org, g1).await.expect("reads").len(), 2);
        assert_eq!(store.search(org, "group g1", 9).await.expect("reads").len(), 1);
        let done = stage.objects(&RULE, vec![rule("r1", "one", &["g1"])]).await;
        assert_eq!((done.unchanged, done.changed, done.edges_new), (1, 0, 0));
        assert_eq!(
            store.versions(org, r1).await.expect("reads").len(),
            1,
            "no version for an equal document"
        );

        // Referred to after its removal: a stub to be read, not an object that is there.
        stage.next_run().await;
        store.remove(&stage.lease, &[g1]).await.expect("removes");
        let done = stage.commit(vec![links_page("m", Target::None, vec![member("u1", "g1")])]).await;
        assert_eq!(done.edges_new, 1);
        assert!(store.entity_by_id(org, g1).await.expect("reads").is_none());
        let stubs = store.stubs(org, EntityId::ROOT, 9).await.expect("reads");
        assert!(stubs.iter().any(|s| s.id == g1));
        assert_eq!(stage.objects(&GROUP, vec![group("g1")]).await.new, 1);
        assert_eq!(stage.id(&GROUP, "g1").await, g1);
        assert_eq!(store.versions(org, g1).await.expect("reads").len(), 3);
        // Its history goes on where it was.
        let mut other = group("g1");
        set(&mut other, &GROUP, "/name", json!("Another name"));
        assert_eq!(stage.objects(&GROUP, vec![other]).await.changed, 1);
        assert_eq!(store.versions(org, g1).await.expect("reads").len(), 4);

        // A document that is read anew without it takes it back, and one that is removed takes its own along.
        store.remove(&stage.lease, &[g1]).await.expect("removes");
        stage.place.clock.advance(10);
        stage.objects(&RULE, vec![rule("r1", "two", &["g2"])]).await;
        assert_eq!(
            query(&stage.place, "SELECT d.okta_id FROM edge x JOIN entity d ON d.id = x.dst").await,
            ["g2"]
        );
        store.remove(&stage.lease, &[r1]).await.expect("removes");
        assert_eq!(query(&stage.place, stated).await, ["0"]);
        stage.end().await;
    }
}

#[tokio::test]
async fn removal_takes_the_children_along() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        let (u1, u2) = (stage.id(&USER, "u1").await, stage.id(&USER, "u2").await);
        // The same Okta id below two users is two factors.
        for user in [u1, u2] {
            let factor = object(&FACTOR, user, json!({"id": "f1", "name": "push"}));
            stage
                .commit(vec![PageWrite {
                    parent: user,
                    ..page("factors", Target::Children(FACTOR.code), vec![factor])
                }])
                .await;
        }
        let f1 = store.entity(org, FACTOR.code, u1, "f1").await.expect("reads").expect("there").row;
        let f2 = store.entity(org, FACTOR.code, u2, "f1").await.expect("reads").expect("there").row;
        assert_ne!(f1.id, f2.id);
        assert_eq!((f1.address(), f2.address()), ("u1/f1".to_string(), "u2/f1".to_string()));
        let device = object(&crate::catalogue::DEVICE, f1.id, json!({"id": "d1", "name": "phone"}));
        stage.commit(vec![page("devices", Target::None, vec![device])]).await;
        let d1 = store
            .entity(org, crate::catalogue::DEVICE.code, f1.id, "d1")
            .await
            .expect("reads")
            .expect("there");
        assert_eq!(d1.row.address(), "u1/f1/d1");
        store.remove(&stage.lease, &[u1]).await.expect("removes");
        for id in [u1, f1.id, d1.row.id] {
            assert!(store.entity_by_id(org, id).await.expect("reads").is_none(), "{id:?}");
        }
        assert!(store.entity_by_id(org, f2.id).await.expect("reads").is_some());
        stage.end().await;
    }
}

#[tokio::test]
async fn quarantine_is_replaced_by_the_data_sets_next_run() {
    for mut stage in Stage::each().await {
        let odd = |why: &str| vec![Odd { why: why.into(), doc: json!({"id": null}) }];
        let with = |dataset, number, odd| {
            let mut p = page(dataset, Target::None, Vec::new());
            (p.page, p.record.odd) = (number, odd);
            p
        };
        stage
            .commit(vec![with("users", 0, odd("a")), with("users", 1, odd("b")), with("apps", 0, odd("c"))])
            .await;
        let whys = async |stage: &Stage| {
            let rows = stage.store.quarantine(stage.org.id, 10).await.expect("reads");
            rows.into_iter().map(|r| r.why).collect::<Vec<_>>()
        };
        assert_eq!(whys(&stage).await, ["c", "a", "b"]);
        assert_eq!(stage.store.counts(stage.org.id).await.expect("reads").quarantined, 3);
        stage.commit(vec![with("users", 1, Vec::new())]).await;
        assert_eq!(whys(&stage).await, ["c", "a"], "the page read again is fine now");
        stage.next_run().await;
        stage.commit(vec![with("users", 0, odd("d"))]).await;
        assert_eq!(whys(&stage).await, ["d", "c"]);
        // Read to the end without a page: nothing of it is odd any more.
        let (run, mut apps) = (
            stage.run,
            Coverage {
                dataset: "apps".to_owned(),
                state: CoverageState::Partial,
                reason: String::new(),
                assumed: Vec::new(),
                objects: 0,
                at: None,
                sweep_refused: false,
            },
        );
        for (state, left) in [(CoverageState::Partial, vec!["d", "c"]), (CoverageState::Complete, vec!["d"])]
        {
            apps.state = state;
            stage.store.finish_dataset(&stage.lease, run, "apps", &apps).await.expect("writes");
            assert_eq!(whys(&stage).await, left);
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn many_documents_of_edges_are_packed_with_what_they_have_in_common() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let doc = |i: usize| {
            json!({"id": format!("u{i}"), "profile": {"email": format!("person{i}@acme.example"),
            "department": format!("Department {}", i % 7), "role": "member"}, "scope": "USER"})
        };
        let links = |range: std::ops::Range<usize>| {
            let links = range.map(|i| app_user(&format!("u{i}"), "a1", 1, doc(i))).collect();
            vec![links_page("app_users", Target::None, links)]
        };
        let app = object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App"}));
        stage.objects(&APP, vec![app]).await;
        let users = [0, 149, 150, 899, 999, 1019];
        stage.objects(&USER, users.map(|i| user(&format!("u{i}"), "ACTIVE")).to_vec()).await;
        stage.commit(links(0..150)).await;
        stage.commit(links(150..900)).await;
        stage.commit(links(900..1000)).await;
        let packed = store
            .sql("SELECT codec, count(*), sum(length(doc)) FROM edge_doc GROUP BY codec ORDER BY codec", 9);
        let packed = packed.await.expect("reads").rows;
        let number = |v: &Value| v.as_str().map_or_else(|| v.as_i64(), |t| t.parse().ok()).expect("a number");
        let rows: Vec<Vec<i64>> = packed.iter().map(|row| row.iter().map(number).collect()).collect();
        assert_eq!((rows[0][..2].to_vec(), rows[1][..2].to_vec()), (vec![1, 150], vec![2, 850]));
        assert!(rows[1][2] / 850 < rows[0][2] / 150 * 2 / 3, "a third smaller at least: {rows:?}");
        // Packed beforehand or not, they are the same.
        let mut early = links(990..1020);
        store.pack_links(org, &mut early[0].record).expect("packs");
        let packed =
            early[0].record.links.iter().filter(|l| matches!(l.doc, Some(LinkDoc::Packed { codec: 2, .. })));
        assert_eq!(packed.count(), 30);
        assert_eq!(stage.commit(early).await.edges_new, 20);
        let again = stage.commit(links(990..1020)).await;
        assert_eq!((again.edges_new, again.edges_changed), (0, 0));
        // Another process reads them too.
        let other = stage.place.open().await.expect("opens");
        let a1 = stage.id(&APP, "a1").await;
        for i in users {
            let user = stage.id(&USER, &format!("u{i}")).await;
            for store in [store, &other] {
                let read = store.edge_doc(org, APP_USER.code, user, a1).await.expect("reads");
                assert_eq!(read, Some(doc(i)));
            }
        }
        other.close().await;
        stage.end().await;
    }
}
