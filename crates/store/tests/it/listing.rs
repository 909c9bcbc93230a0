//! Lists: every order in both directions, every filter, marks, counts, chosen columns.

use serde_json::{Value, json};
use transom_core::{EntityId, Kind, Object};
use transom_store::{Count, Direction, EdgeFilter, Error, ListFilter, Paging, Sort, Store, Target};

use crate::{
    catalogue::{APP, FACTOR, GROUP, MEMBER, USER, group, object, set, user},
    stage::{Stage, page},
};

/// Twenty-three users: names, statuses, times and logins that repeat or are missing, one removed, one that is a stub.
async fn people(stage: &Stage) {
    let mut users: Vec<Object> =
        (0..23).map(|i| user(&format!("u{i:02}"), ["ACTIVE", "STAGED"][i % 2])).collect();
    for (i, user) in users.iter_mut().enumerate() {
        let at = format!("2026-01-{:02}T00:00:00.000Z", 1 + i * 7 % 9);
        set(user, &USER, "/created", if i % 5 == 4 { Value::Null } else { json!(at) });
        set(user, &USER, "/lastUpdated", json!(format!("2026-02-{:02}T00:00:00.000Z", 1 + i * 5 % 23)));
        set(user, &USER, "/profile/department", json!(["IT", "Sales", "Legal"][i % 3]));
        set(user, &USER, "/profile/displayName", json!(format!("Name {}", i * 11 % 8)));
        if i % 7 == 6 {
            set(user, &USER, "/status", Value::Null);
            set(user, &USER, "/profile/login", Value::Null);
        }
    }
    stage.objects(&USER, users).await;
    stage.objects(&GROUP, vec![group("g1"), group("g2")]).await;
    stage.members("g1", &["u01", "u02", "u03", "u22", "ghost"]).await;
    stage.objects(&USER, vec![user("gone", "ACTIVE")]).await;
    stage.store.remove(&stage.lease, &[stage.id(&USER, "gone").await]).await.expect("removes");
}

/// All pages one way, then all pages back from the last: the same rows.
async fn both_ways(
    stage: &Stage,
    kind: &Kind,
    filter: &ListFilter,
    sort: Sort,
    descending: bool,
    limit: u32,
) -> Vec<String> {
    let (store, org) = (&stage.store, stage.org.id);
    let get = async |at: Option<String>| {
        let paging = Paging { sort, descending, at: at.as_deref(), limit };
        store.list(org, kind.code, filter, &paging).await.expect("lists")
    };
    let ids =
        |page: &transom_store::ListPage| page.rows.iter().map(|r| r.okta_id.clone()).collect::<Vec<_>>();
    let (mut forth, mut at) = (Vec::new(), None);
    let mut pages = Vec::new();
    loop {
        let page = get(at).await;
        assert!(page.rows.len() <= limit as usize);
        assert_eq!(page.prev.is_some(), !pages.is_empty(), "all but the first have one before");
        forth.extend(ids(&page));
        at = page.next.clone();
        pages.push(page);
        if at.is_none() {
            break;
        }
    }
    let mut at = Some(pages.last().and_then(|p| p.prev.clone()));
    let mut place = pages.len() - 1;
    while let Some(Some(mark)) = at {
        place -= 1;
        let page = get(Some(mark)).await;
        assert_eq!(ids(&page), ids(&pages[place]), "{sort:?} {descending}: page {place} again");
        assert!(page.next.is_some());
        at = Some(page.prev);
    }
    assert_eq!(place, 0);
    let last = get(Some(Store::last_page(filter, sort, descending))).await;
    assert_eq!(last.rows.last().map(|r| &r.okta_id), forth.last());
    assert_eq!(last.next, None);
    forth
}

#[tokio::test]
async fn every_order_holds_everything_once_both_ways() {
    for stage in Stage::each().await {
        people(&stage).await;
        let all = ListFilter::default();
        let (store, org) = (&stage.store, stage.org.id);
        for sort in Sort::ALL {
            assert_eq!(Sort::parse(sort.as_str()), Some(sort));
            for descending in [false, true] {
                let ids = both_ways(&stage, &USER, &all, sort, descending, 4).await;
                let mut once = ids.clone();
                once.sort();
                assert_eq!(
                    once,
                    (0..23).map(|i| format!("u{i:02}")).collect::<Vec<_>>(),
                    "{sort:?} {descending}"
                );
                assert_eq!(both_ways(&stage, &USER, &all, sort, descending, 100).await, ids);
                let paging = Paging { sort, descending, at: None, limit: 100 };
                let rows = store.list(org, USER.code, &all, &paging).await.expect("lists").rows;
                let keys: Vec<Option<String>> = rows
                    .iter()
                    .map(|r| match sort {
                        Sort::Name => r.name.as_ref().map(|n| n.to_lowercase()),
                        Sort::Login => r.login.as_ref().map(|l| l.to_lowercase()),
                        Sort::Status => r.status.clone(),
                        Sort::Created => r.created.map(|t| t.to_string()),
                        Sort::Updated => r.updated.map(|t| t.to_string()),
                    })
                    .collect();
                let there: Vec<&String> = keys.iter().flatten().collect();
                let mut sorted = there.clone();
                sorted.sort();
                if descending {
                    sorted.reverse();
                }
                assert_eq!(there, sorted, "{sort:?} {descending}");
                assert!(keys.iter().skip(there.len()).all(Option::is_none), "what has none comes last");
            }
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn filters_narrow_together_and_are_counted() {
    for stage in Stage::each().await {
        people(&stage).await;
        let (store, org) = (&stage.store, stage.org.id);
        let of = |facets: &[(&str, &str)]| ListFilter {
            facets: facets.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
            ..ListFilter::default()
        };
        let g1 = stage.id(&GROUP, "g1").await;
        let in_g1 = EdgeFilter { rel: MEMBER.code, direction: Direction::In, of: g1 };
        let members = ListFilter { edges: vec![in_g1], ..ListFilter::default() };
        let mut everything = of(&[("department", "Sales"), ("department", "Legal")]);
        everything.status = Some("STAGED".into());
        everything.edges.push(in_g1);
        everything.prefix = Some("name ".into());
        for (filter, expected) in [
            (of(&[("department", "Sales")]), 8),
            (of(&[("department", "Sales"), ("department", "IT")]), 16),
            (of(&[("department", "Sales"), ("status", "ACTIVE")]), 4),
            (of(&[("department", "Sales"), ("department", "Nobody")]), 8),
            (of(&[("department", "Nobody")]), 0),
            (ListFilter { status: Some("STAGED".into()), ..of(&[("status", "ACTIVE")]) }, 0),
            (ListFilter { status: Some("STAGED".into()), ..ListFilter::default() }, 10),
            (ListFilter { prefix: Some("Name 3".into()), ..ListFilter::default() }, 3),
            (members.clone(), 4),
            (everything, 1),
        ] {
            for sort in Sort::ALL {
                for descending in [false, true] {
                    let ids = both_ways(&stage, &USER, &filter, sort, descending, 3).await;
                    assert_eq!(ids.len(), expected, "{filter:?} {sort:?}: {ids:?}");
                }
            }
            let counted = store.count(org, USER.code, &filter).await.expect("counts");
            assert_eq!(counted, Some(Count::Exactly(expected as u64)), "{filter:?}");
        }
        assert_eq!(
            both_ways(&stage, &USER, &members, Sort::Name, false, 9).await,
            ["u03", "u22", "u01", "u02"]
        );
        let all = store.count(org, USER.code, &ListFilter::default()).await.expect("counts");
        assert_eq!(all, Some(Count::Exactly(23)));
        assert_eq!(store.kind_counts(org).await.expect("reads"), [(USER.code, 23), (GROUP.code, 2)]);
        let pairs = store.facet_pairs(org, USER.code, ("department", "status")).await.expect("reads");
        assert_eq!(pairs.iter().map(|p| p.2).sum::<u64>(), 20, "those that have both");
        assert!(pairs.contains(&("Sales".into(), "STAGED".into(), 3)), "{pairs:?}");
        let day = 86_400_000;
        let (ages, without) = store
            .ages(org, USER.code, Sort::Created, &[1_767_225_600_000 + day, 1_767_225_600_000 + 4 * day])
            .await
            .expect("reads");
        assert_eq!((ages.iter().sum::<u64>(), without, ages.len()), (19, 4, 3));
        assert_eq!(ages[0], 2, "{ages:?}");
        stage.end().await;
    }
}

#[tokio::test]
async fn many_that_fit_and_few_that_do_are_found_alike() {
    // More than are looked up and sorted, so that an index is walked; more on the way than a page waits for.
    const MANY: usize = 21_000;
    for stage in Stage::each().await {
        let users = (0..MANY).map(|i| {
            let mut user = user(&format!("u{i:05}"), if i < 10_500 { "ACTIVE" } else { "STAGED" });
            // Nobody who is active is in Sales but the last of them; by name they come first.
            let sales = i >= 10_499;
            set(&mut user, &USER, "/profile/department", json!(if sales { "Sales" } else { "IT" }));
            set(&mut user, &USER, "/created", json!("2026-01-01T00:00:00.000Z"));
            if i % 21 == 0 {
                user.projected.facets.push(("department", "Chosen".to_string()));
            }
            user
        });
        stage.objects(&USER, users.collect()).await;
        let (store, org) = (&stage.store, stage.org.id);
        let filter = ListFilter {
            facets: vec![("department".into(), "Sales".into()), ("status".into(), "ACTIVE".into())],
            ..ListFilter::default()
        };
        let begins = ListFilter { prefix: Some("user u".into()), ..filter.clone() };
        let either = ListFilter {
            facets: [filter.facets.clone(), vec![("status".into(), "LOCKED_OUT".into())]].concat(),
            ..ListFilter::default()
        };
        // The walk is along those that are active by name, where two values share it; and along everybody otherwise.
        for (filter, sort, expected) in [
            (&filter, Sort::Name, 2),
            (&either, Sort::Name, 3),
            (&filter, Sort::Created, 3),
            (&begins, Sort::Name, 3),
        ] {
            for descending in [false, true] {
                let (mut found, mut at, mut requests) = (Vec::new(), None, 0);
                loop {
                    let paging = Paging { sort, descending, at: at.as_deref(), limit: 10 };
                    let page = store.list(org, USER.code, filter, &paging).await.expect("lists");
                    found.extend(page.rows.into_iter().map(|r| r.okta_id));
                    requests += 1;
                    at = page.next;
                    if at.is_none() {
                        break;
                    }
                }
                assert_eq!(found, ["u10499"], "{sort:?} descending: {descending}");
                assert_eq!(requests, expected, "{sort:?}: each of 10,000 on the way");
            }
        }
        assert_eq!(
            store.count(org, USER.code, &filter).await.expect("counts"),
            None,
            "too many to look through"
        );
        let begins = ListFilter { prefix: Some("user u".into()), ..ListFilter::default() };
        let counted = store.count(org, USER.code, &begins).await.expect("counts");
        assert_eq!(counted, Some(Count::AtLeast(5_000)));
        // Too many to be sorted, few enough to be held in memory while others are asked.
        let mut chosen =
            ListFilter { facets: vec![("department".into(), "Chosen".into())], ..ListFilter::default() };
        for prefix in [None, Some("user u".to_string())] {
            chosen.prefix = prefix;
            for sort in [Sort::Name, Sort::Created, Sort::Login] {
                let found = both_ways(&stage, &USER, &chosen, sort, false, 300).await;
                assert_eq!(
                    found,
                    (0..1000).map(|i| format!("u{:05}", i * 21)).collect::<Vec<_>>(),
                    "{sort:?}"
                );
            }
        }
        let sales = ListFilter { facets: filter.facets[..1].to_vec(), ..ListFilter::default() };
        let page = store.list(org, USER.code, &sales, &Paging::by_name(None, 3)).await.expect("lists");
        assert_eq!(
            page.rows.iter().map(|r| r.okta_id.as_str()).collect::<Vec<_>>(),
            ["u10499", "u10500", "u10501"],
            "they stand together"
        );
        assert_eq!(store.count(org, USER.code, &sales).await.expect("counts"), Some(Count::Exactly(10_501)));
        stage.end().await;
    }
}

#[tokio::test]
async fn several_values_of_a_facet_are_one_list_and_nobody_stands_twice() {
    for stage in Stage::each().await {
        let names = ["Zoë", "ada", "Ada", "Bob", "cy", "Dee", "Eve", "Flo", "Gus", "Hal"];
        let users = (0..40).map(|i| {
            let mut user = user(&format!("u{i:02}"), ["ACTIVE", "STAGED", "SUSPENDED"][i % 3]);
            set(&mut user, &USER, "/profile/displayName", json!(names[i * 7 % 10]));
            set(&mut user, &USER, "/profile/department", json!(format!("D{}", i % 12)));
            // Of several values at once, as an object may be.
            user.projected.facets.push(("department", format!("D{}", (i + 1) % 12)));
            user
        });
        let users: Vec<Object> = users.collect();
        let of = |facets: &[(&str, &str)]| ListFilter {
            facets: facets.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
            ..ListFilter::default()
        };
        let wanted = |filter: &ListFilter| {
            let mut rows: Vec<(String, usize)> = Vec::new();
            for (i, user) in users.iter().enumerate() {
                let has = |name: &str| {
                    let of: Vec<&(String, String)> =
                        filter.facets.iter().filter(|(n, _)| n == name).collect();
                    of.is_empty()
                        || of.iter().any(|(n, v)| {
                            user.projected.facets.iter().any(|(m, w)| *m == n.as_str() && w == v)
                        })
                };
                if has("status") && has("department") {
                    rows.push((names[i * 7 % 10].to_lowercase(), i));
                }
            }
            rows.sort();
            rows.into_iter().map(|(_, i)| format!("u{i:02}")).collect::<Vec<_>>()
        };
        let filters = [
            of(&[("department", "D3"), ("department", "D4")]),
            of(&[("department", "D3"), ("department", "D4"), ("department", "D9"), ("status", "ACTIVE")]),
            of(&[("status", "STAGED"), ("status", "SUSPENDED")]),
            of(&(0..12).map(|_| ("department", "D1")).collect::<Vec<_>>()),
            // More than are walked value by value.
            ListFilter {
                facets: (0..10).map(|d| ("department".to_string(), format!("D{d}"))).collect(),
                ..ListFilter::default()
            },
        ];
        stage.objects(&USER, users.clone()).await;
        for filter in &filters {
            let mut expected = wanted(filter);
            for limit in [3, 100] {
                assert_eq!(both_ways(&stage, &USER, filter, Sort::Name, false, limit).await, expected);
            }
            expected.reverse();
            assert_eq!(both_ways(&stage, &USER, filter, Sort::Name, true, 7).await, expected, "{filter:?}");
        }
        // Who is called otherwise stands elsewhere.
        let mut renamed = users[0].clone();
        set(&mut renamed, &USER, "/profile/displayName", json!("Aaron"));
        stage.objects(&USER, vec![renamed]).await;
        let active = of(&[("status", "ACTIVE")]);
        let first = stage.store.list(stage.org.id, USER.code, &active, &Paging::by_name(None, 1)).await;
        assert_eq!(first.expect("lists").rows[0].okta_id, "u00");
        stage.end().await;
    }
}

#[tokio::test]
async fn what_cannot_be_sorted_or_gone_on_with_is_refused_in_words() {
    for stage in Stage::each().await {
        people(&stage).await;
        let (store, org) = (&stage.store, stage.org.id);
        let u1 = stage.id(&USER, "u01").await;
        let factors = (0..5).map(|i| object(&FACTOR, u1, json!({"id": format!("f{i}"), "name": "Push", "created": format!("2026-01-0{}T00:00:00Z", 9 - i)})));
        stage.commit(vec![page("factors", Target::None, factors.collect())]).await;
        let by = |sort| Paging { sort, descending: false, at: None, limit: 3 };
        let refused = async |kind: &Kind, sort| {
            let error =
                store.list(org, kind.code, &ListFilter::default(), &by(sort)).await.expect_err("refused");
            assert!(matches!(error, Error::Sort { .. }), "{error:?}");
            error.to_string()
        };
        let text = refused(&GROUP, Sort::Login).await;
        assert_eq!(
            text,
            "sort: group can't be sorted by login, which it has not. Choose one of name, status, created, updated."
        );
        let text = refused(&FACTOR, Sort::Created).await;
        assert!(
            text.contains("unless those of one parent are listed")
                && text.ends_with("Choose one of name, status."),
            "{text}"
        );
        let of_u1 = ListFilter { parent: Some(u1), ..ListFilter::default() };
        assert_eq!(
            both_ways(&stage, &FACTOR, &of_u1, Sort::Created, false, 2).await,
            ["f4", "f3", "f2", "f1", "f0"]
        );
        assert_eq!(store.count(org, FACTOR.code, &of_u1).await.expect("counts"), Some(Count::Exactly(5)));
        let of_nobody = ListFilter { parent: Some(EntityId(999)), ..ListFilter::default() };
        assert!(both_ways_of_none(&stage, &of_nobody).await);
        let next =
            store.list(org, USER.code, &ListFilter::default(), &by(Sort::Name)).await.expect("lists").next;
        for (sort, descending) in [(Sort::Created, false), (Sort::Name, true)] {
            let paging = Paging { sort, descending, at: next.as_deref(), limit: 3 };
            let error =
                store.list(org, USER.code, &ListFilter::default(), &paging).await.expect_err("another order");
            assert!(error.to_string().contains("another order"), "{error}");
        }
        stage.end().await;
    }
}

async fn both_ways_of_none(stage: &Stage, filter: &ListFilter) -> bool {
    let page =
        stage.store.list(stage.org.id, FACTOR.code, filter, &Paging::by_name(None, 3)).await.expect("lists");
    page == transom_store::ListPage::default()
}

#[tokio::test]
async fn declared_columns_are_read_for_the_rows_of_a_page() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let mut one = user("u1", "ACTIVE");
        set(&mut one, &USER, "/tags", json!(["a", 2]));
        stage.objects(&USER, vec![one, user("u2", "ACTIVE")]).await;
        stage.objects(&APP, vec![object(&APP, EntityId::ROOT, json!({"id": "a1"}))]).await;
        let ids = [stage.id(&USER, "u2").await, EntityId(999), stage.id(&USER, "u1").await];
        let values = store.values(org, USER.code, &ids, &["email", "tags"]).await.expect("reads");
        assert_eq!(
            values,
            [
                vec![json!("u2@mail.example"), Value::Null],
                vec![Value::Null; 2],
                vec![json!("u1@mail.example"), json!(["a", 2])]
            ]
        );
        assert_eq!(
            store.values(org, USER.code, &ids, &[]).await.expect("reads"),
            vec![Vec::<Value>::new(); 3]
        );
        let app = stage.id(&APP, "a1").await;
        let other = store.values(org, USER.code, &[app], &["email"]).await.expect("reads");
        assert_eq!(other, [vec![Value::Null]], "of another kind");
        let unknown = store.values(org, USER.code, &ids, &["e-mail"]).await.expect_err("no column");
        assert!(
            unknown.to_string().contains("e-mail") && unknown.to_string().contains("department"),
            "{unknown}"
        );
        stage.end().await;
    }
}

#[tokio::test]
async fn what_begins_as_typed_comes_by_what_matches_each_once() {
    for stage in Stage::each().await {
        let (store, org) = (&stage.store, stage.org.id);
        let person = |id: &str, name: &str, login: &str, email: &str| {
            let mut user = user(id, "ACTIVE");
            for (path, value) in [("displayName", name), ("login", login), ("email", email)] {
                set(&mut user, &USER, &format!("/profile/{path}"), json!(value));
            }
            user
        };
        let users = vec![
            person("u1", "Zoe", "ada3", "x"),
            person("u2", "Ada Byron", "ada1", "ada9"),
            person("u3", "Ida", "i", "Ada2"),
            person("u4", "Nobody", "n", "n"),
        ];
        stage.objects(&USER, users).await;
        stage.objects(&GROUP, vec![group("g1")]).await;
        stage.members("g1", &["u1", "u3", "u4"]).await;
        let ada = ListFilter { prefix: Some(" ADA".into()), ..ListFilter::default() };
        let in_g1 =
            EdgeFilter { rel: MEMBER.code, direction: Direction::In, of: stage.id(&GROUP, "g1").await };
        for limit in [1, 2, 9] {
            let found = both_ways(&stage, &USER, &ada, Sort::Name, false, limit).await;
            assert_eq!(found, ["u2", "u3", "u1"], "by Ada Byron, ada2, ada3");
            let found = both_ways(&stage, &USER, &ada, Sort::Name, true, limit).await;
            assert_eq!(found, ["u1", "u3", "u2"]);
            let members = ListFilter { edges: vec![in_g1], ..ada.clone() };
            assert_eq!(both_ways(&stage, &USER, &members, Sort::Name, false, limit).await, ["u3", "u1"]);
        }
        assert_eq!(store.count(org, USER.code, &ada).await.expect("counts"), Some(Count::Exactly(3)));
        let mark = store.list(org, USER.code, &ada, &Paging::by_name(None, 1)).await.expect("lists").next;
        let all = ListFilter::default();
        let other = store.list(org, USER.code, &all, &Paging::by_name(mark.as_deref(), 1)).await;
        assert!(matches!(other, Err(Error::Mark(_))), "a mark of another list: {other:?}");
        stage.end().await;
    }
}
