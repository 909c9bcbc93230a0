//! Far ends of edges and children, with counts and what the edges say.

use serde_json::json;
use transom_core::{EntityId, Key, Link};
use transom_store::{Count, Direction, EdgeFilter, Error, Target};

use crate::{
    catalogue::{
        APP, APP_USER, FACTOR, GROUP, HOLDS, MEMBER, USER, app_user, group, key, member, object, user,
    },
    stage::{Stage, below, links_page, page},
};

#[tokio::test]
async fn far_ends_come_in_pages_with_what_their_edges_say() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, (0..7).map(|i| user(&format!("u{i}"), "ACTIVE")).collect()).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.objects(&APP, vec![object(&APP, EntityId::ROOT, json!({"id": "a1", "name": "App"}))]).await;
        let mut links: Vec<Link> =
            (0..7).map(|i| app_user(&format!("u{i}"), "a1", i, json!({"n": i}))).collect();
        links.push(Link { doc: None, ..app_user("ghost", "a1", 1, json!({})) });
        links.push(member("u3", "g1"));
        stage.commit(vec![links_page("app_users", Target::None, links)]).await;
        let a1 = stage.id(&APP, "a1").await;
        let users = EdgeFilter { rel: APP_USER.code, direction: Direction::In, of: a1 };
        let get = async |at: Option<&str>| store.neighbours_page(org, users, at, 3).await.expect("reads");
        let first = get(None).await;
        let told: Vec<_> =
            first.rows.iter().map(|n| (n.row.okta_id.as_str(), n.attr, n.doc.clone())).collect();
        assert_eq!(told, [0, 1, 2].map(|i| (["u0", "u1", "u2"][i as usize], i, Some(json!({"n": i})))));
        assert_eq!(first.prev, None);
        let second = get(first.next.as_deref()).await;
        let third = get(second.next.as_deref()).await;
        assert_eq!(
            (second.rows.len(), third.rows.len(), &third.next),
            (3, 1, &None),
            "the ghost is not shown"
        );
        assert_eq!(get(third.prev.as_deref()).await, second);
        assert_eq!(get(second.prev.as_deref()).await.rows, first.rows);
        for bad in ["", "x", "6.", "6.x", "99.x", "1.%%"] {
            let error = store.neighbours_page(org, users, Some(bad), 3).await.expect_err(bad);
            assert!(matches!(error, Error::Mark(_)), "{bad}: {error}");
        }
        let counts = store.edge_counts(org, a1, APP.code).await.expect("counts");
        let told: Vec<_> = counts.iter().map(|c| (c.rel, c.direction, c.count)).collect();
        assert_eq!(
            told,
            [
                (APP_USER.code, Direction::In, Count::Exactly(7)),
                (HOLDS.code, Direction::In, Count::Exactly(0)),
            ]
        );
        let u3 = stage.id(&USER, "u3").await;
        let counts = store.edge_counts(org, u3, USER.code).await.expect("counts");
        assert!(
            counts
                .iter()
                .any(|c| c.rel == MEMBER.code && c.direction == Direction::Out && c.count.least() == 1)
        );
        stage.end().await;
    }
}

#[tokio::test]
async fn far_ends_of_several_kinds_come_kind_by_kind() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE"), user("u3", "ACTIVE")]).await;
        stage
            .objects(
                &APP,
                vec![
                    object(&APP, EntityId::ROOT, json!({"id": "a1"})),
                    object(&APP, EntityId::ROOT, json!({"id": "a2"})),
                ],
            )
            .await;
        let u1 = stage.id(&USER, "u1").await;
        let factors =
            (0..3).map(|i| object(&FACTOR, u1, json!({"id": format!("f{i}"), "name": format!("F{i}")})));
        stage.commit(vec![page("factors", Target::None, factors.collect())]).await;
        let hold =
            |src: Key, app: &str| Link { rel: HOLDS.code, src, dst: key(&APP, app), attr: 0, doc: None };
        let links = vec![
            hold(key(&USER, "u2"), "a1"),
            hold(key(&USER, "u3"), "a1"),
            hold(below(&FACTOR, u1, "f1"), "a1"),
            hold(below(&FACTOR, u1, "f2"), "a1"),
            hold(below(&FACTOR, u1, "f0"), "a2"),
        ];
        stage.commit(vec![links_page("holds", Target::None, links)]).await;
        let pages = async |app: &str| {
            let of = EdgeFilter { rel: HOLDS.code, direction: Direction::In, of: stage.id(&APP, app).await };
            let (mut all, mut at): (Vec<transom_store::NeighbourPage>, Option<String>) = (Vec::new(), None);
            loop {
                let page = store.neighbours_page(org, of, at.as_deref(), 2).await.expect("reads");
                if let Some(before) = all.last() {
                    let back = store.neighbours_page(org, of, page.prev.as_deref(), 2).await.expect("reads");
                    assert_eq!(back.rows, before.rows);
                }
                at = page.next.clone();
                all.push(page);
                if at.is_none() {
                    return all
                        .into_iter()
                        .map(|p| p.rows.into_iter().map(|n| n.row.okta_id).collect::<Vec<_>>())
                        .collect::<Vec<_>>();
                }
            }
        };
        assert_eq!(pages("a1").await, [["u2", "u3"], ["f1", "f2"]]);
        assert_eq!(pages("a2").await, [["f0"]], "no page for the kind that has none");
        let a1 = stage.id(&APP, "a1").await;
        let all = store.neighbours(org, a1, Direction::In, None, 3).await.expect("reads");
        assert_eq!(all.iter().map(|n| n.row.address()).collect::<Vec<_>>(), ["u2", "u3", "u1/f1"]);
        assert_eq!(
            store.child_counts(org, u1, USER.code).await.expect("counts"),
            [(FACTOR.code, Count::Exactly(3))]
        );
        assert!(store.child_counts(org, a1, APP.code).await.expect("counts").is_empty());
        stage.end().await;
    }
}
