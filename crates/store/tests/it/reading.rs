//! Lists, search, neighbours, exports.

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use transom_core::EntityId;
use transom_store::{Direction, Error, ExportRow, ListFilter, Paging, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, USER, app_user, group, member, object, set, user},
    stage::{Stage, links_page, page},
};

#[tokio::test]
async fn lists_are_paged_by_name_and_filtered() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let mut users: Vec<_> = (0..25).map(|i| user(&format!("u{i:02}"), "ACTIVE")).collect();
        set(&mut users[3], &USER, "/status", json!("SUSPENDED"));
        set(&mut users[4], &USER, "/profile/department", json!("Sales"));
        set(&mut users[5], &USER, "/profile/displayName", json!("Zoë Straße"));
        set(&mut users[6], &USER, "/profile/displayName", json!("User u07")); // the same name twice
        stage.objects(&USER, users).await;
        let list = async |filter: ListFilter, limit| {
            let mut ids = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let page = store
                    .list(org, USER.code, &filter, &Paging::by_name(after.as_deref(), limit))
                    .await
                    .expect("lists");
                assert!(page.rows.len() <= limit as usize);
                ids.extend(page.rows.into_iter().map(|r| r.okta_id));
                after = page.next;
                if after.is_none() {
                    return ids;
                }
            }
        };
        let all = list(ListFilter::default(), 7).await;
        assert_eq!(all.len(), 25);
        assert_eq!(all, list(ListFilter::default(), 100).await);
        assert_eq!(all, list(ListFilter::default(), 25).await, "a full last page has no next");
        assert_eq!(all.last().map(String::as_str), Some("u05"), "by lower-cased name");
        let status = ListFilter { status: Some("SUSPENDED".into()), ..ListFilter::default() };
        assert_eq!(list(status, 7).await, ["u03"]);
        let facet =
            |n: &str, v: &str| ListFilter { facets: vec![(n.into(), v.into())], ..ListFilter::default() };
        assert_eq!(list(facet("department", "Sales"), 7).await, ["u04"]);
        assert_eq!(list(facet("department", "IT"), 7).await.len(), 24);
        let prefix = |p: &str| ListFilter { prefix: Some(p.into()), ..ListFilter::default() };
        assert_eq!(list(prefix("ZOË STRA"), 7).await, ["u05"]);
        assert_eq!(list(prefix("u0"), 7).await.len(), 10, "login and e-mail count");
        assert_eq!(list(prefix("%"), 7).await, Vec::<String>::new());
        let both = ListFilter {
            status: Some("SUSPENDED".into()),
            prefix: Some("u04".into()),
            ..ListFilter::default()
        };
        assert!(list(both, 7).await.is_empty());
        let bad = store.list(org, USER.code, &ListFilter::default(), &Paging::by_name(Some("%%"), 7)).await;
        assert!(matches!(bad, Err(Error::Mark(_))), "{bad:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn objects_are_found_by_what_people_know() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        let shy = object(&USER, EntityId::ROOT, json!({"id": "u3"}));
        stage.objects(&USER, vec![shy]).await;
        for u in ["u1", "u2"] {
            let factor = object(&FACTOR, stage.id(&USER, u).await, json!({"id": "f1", "name": "Push"}));
            stage.commit(vec![page("factors", Target::None, vec![factor])]).await;
        }
        let find = async |kind, needle: &str| {
            store
                .find(org, kind, needle)
                .await
                .expect("finds")
                .iter()
                .map(|r| r.address())
                .collect::<Vec<_>>()
        };
        let user_kind = USER.code;
        assert_eq!(find(user_kind, "u1").await, ["u1"]);
        assert_eq!(find(user_kind, "u1@EXAMPLE.com").await, ["u1"]);
        assert_eq!(find(user_kind, " user U2 ").await, ["u2"]);
        assert_eq!(find(user_kind, "u3").await, ["u3"], "an object without a name");
        assert!(find(user_kind, "U1@example").await.is_empty(), "a login in full");
        assert_eq!(find(FACTOR.code, "f1").await, ["u1/f1", "u2/f1"]);
        assert_eq!(find(FACTOR.code, "u2/f1").await, ["u2/f1"]);
        assert!(find(FACTOR.code, "u3/f1").await.is_empty());
        assert_eq!(find(FACTOR.code, "push").await.len(), 2);
        let search = async |text: &str| {
            store
                .search(org, text, 10)
                .await
                .expect("searches")
                .into_iter()
                .map(|hit| hit.row.address())
                .collect::<Vec<_>>()
        };
        assert_eq!(search("U1@").await, ["u1"]);
        assert_eq!(search("user").await, ["u1", "u2"]);
        assert_eq!(search("pu").await, ["u1/f1", "u2/f1"]);
        assert!(search("  ").await.is_empty());
        let e = store.entity_by_id(org, stage.id(&USER, "u1").await).await.expect("reads").expect("there");
        assert_eq!(e.doc["profile"]["department"], "IT");
        assert_eq!((e.row.status.as_deref(), e.row.created), (Some("ACTIVE"), Some(1_767_323_045_678)));
        assert_eq!((e.first_seen, e.changed_at), (crate::stage::START, crate::stage::START));
        stage.end().await;
    }
}

#[tokio::test]
async fn exports_hold_everything_once_and_nothing_else() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let users: Vec<_> = (0..1203).map(|i| user(&format!("u{i:04}"), "ACTIVE")).collect();
        stage.objects(&USER, users).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage
            .objects(
                &APP,
                vec![object(&APP, EntityId::ROOT, json!({"id": "a1", "x": [1, 2.5, null, "é\u{0}"]}))],
            )
            .await;
        let mut links: Vec<_> =
            (0..1203).map(|i| app_user(&format!("u{i:04}"), "a1", 1, json!({"n": i}))).collect();
        links.push(app_user("ghost", "a1", 1, json!({"n": -1})));
        links.push(member("u0001", "g1"));
        stage.commit(vec![links_page("app_users", Target::None, links)]).await;
        let u1 = stage.id(&USER, "u0001").await;
        stage
            .commit(vec![page("factors", Target::None, vec![object(&FACTOR, u1, json!({"id": "f1"}))])])
            .await;
        store.remove(&stage.lease, &[stage.id(&USER, "u1202").await]).await.expect("removes");
        let rows = stage.exported().await;
        let of = |kind: &str| rows.iter().filter(|r| r.kind == kind).collect::<Vec<&ExportRow>>();
        assert_eq!((of("user").len(), of("group").len(), of("factor").len()), (1202, 1, 1));
        assert_eq!(of("factor")[0].parent.as_deref(), Some("u0001"));
        assert_eq!(of("app_user").len(), 1202, "neither the ghost's nor the removed user's");
        assert_eq!(of("app")[0].doc["x"], json!([1, 2.5, null, "é\u{fffd}"]));
        let line: Value = serde_json::to_value(of("app_user")[7]).expect("serialises");
        assert_eq!(line, json!({"kind": "app_user", "id": "u0007", "parent": "a1", "doc": {"n": 7}}));
        let only = |names: &[&str]| store.export(org, names.iter().map(|n| n.to_string()).collect());
        let some: Vec<ExportRow> =
            only(&["app_user", "group"]).expect("known").try_collect().await.expect("exports");
        assert_eq!(some.len(), 1203);
        let unknown = only(&["user", "users"]).err().expect("unknown");
        assert!(matches!(&unknown, Error::NotFound { wanted, .. } if wanted == "users"), "{unknown}");
        let neighbours = store.neighbours(org, u1, Direction::Out, None, 1).await.expect("reads");
        assert_eq!(neighbours.len(), 1, "limited");
        assert!(store.neighbours(org, u1, Direction::In, None, 9).await.expect("reads").is_empty());
        stage.end().await;
    }
}

#[tokio::test]
async fn entities_come_in_the_order_asked_for_and_their_documents_are_counted() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        stage.objects(&USER, vec![user("u1", "ACTIVE"), user("u2", "ACTIVE")]).await;
        let ids = [stage.id(&USER, "u2").await, EntityId(999), stage.id(&USER, "u1").await];
        let found = store.entities(org, &ids).await.expect("reads");
        assert_eq!(found.iter().map(|row| row.okta_id.as_str()).collect::<Vec<_>>(), ["u2", "u1"]);
        assert!(store.entities(org, &[]).await.expect("reads").is_empty());
        stage.objects(&USER, vec![user("u1", "SUSPENDED"), user("u2", "ACTIVE")]).await;
        for (id, expected) in ids.into_iter().zip([1, 0, 2]) {
            assert_eq!(store.version_count(org, id).await.expect("counts"), expected);
            assert_eq!(store.versions(org, id).await.expect("reads").len() as u64, expected);
        }
        stage.end().await;
    }
}
