//! A full disk and a database that can't be written, made with SQLite's own limits: the same result codes as the
//! file system's, whoever runs the tests.

use std::sync::Arc;

use serde_json::json;
use transom_core::{Catalogue, EntityId, Kind, KindCode, ManualClock, Object, PageRecord};

use crate::{DatabaseUrl, Error, NewOrg, PageWrite, Store, Target, db::Db, query::sql};

static THING: Kind = Kind {
    code: KindCode(1),
    name: "thing",
    title: "Thing",
    what: "A thing.",
    parents: &[],
    id: "/id",
    name_at: &["/name"],
    login_at: None,
    status_at: None,
    created_at: None,
    updated_at: None,
    columns: &[],
    volatile: &[],
    decides: &[],
    version: 1,
};

fn page(number: i32, text: &str) -> PageWrite {
    let doc = |i: i32| json!({"id": format!("t{i}"), "name": text});
    let object = |i: i32| Object::new(&THING, EntityId::ROOT, format!("t{i}"), &doc(i));
    let objects = (number * 100..(number + 1) * 100).map(object).collect();
    let record = PageRecord { objects, ..PageRecord::default() };
    let target = Target::Children(THING.code);
    PageWrite { dataset: "things", target, parent: EntityId::ROOT, part: 0, page: number, next: None, record }
}

async fn pragma(store: &Store, pragma: &'static str) {
    let Db::Sqlite(pool) = &store.writer.db else { panic!("made with SQLite") };
    sqlx::query(pragma).execute(pool).await.expect("sets");
}

#[tokio::test]
async fn a_full_disk_and_a_read_only_database_are_named_and_nothing_is_half_written() {
    let folder = tempfile::tempdir().expect("folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("full.db"));
    let catalogue = Arc::new(Catalogue::new(vec![&THING], Vec::new()).expect("declares"));
    let store = Store::open(&url, catalogue, Arc::new(ManualClock::new(1))).await.expect("opens");
    let new = NewOrg {
        label: "Acme".into(),
        origin: "https://acme.okta.com".into(),
        okta_id: None,
        simulator: false,
        settings: json!({}),
    };
    let org = store.create_org(new).await.expect("creates").id;
    let lease = store.acquire_lease(org, "test", std::time::Duration::from_secs(9)).await.expect("leases");
    let run = store.start_run(&lease, "full", json!({})).await.expect("starts").id;
    let mut recorder = store.recorder(&lease, run);
    recorder.commit(vec![page(0, "x")]).await.expect("there is room");
    let counted = async || {
        let (n,): (i64,) = sql("SELECT count(*) FROM entity").one(&store.reader).await.expect("counts");
        n
    };
    pragma(&store, "PRAGMA max_page_count = 1").await;
    let mut full = None;
    for number in 1..50 {
        let before = counted().await;
        if let Err(error) = recorder.commit(vec![page(number, &"long ".repeat(200))]).await {
            assert_eq!(counted().await, before, "all of the page or nothing");
            full = Some((number, error));
            break;
        }
    }
    let (number, error) = full.expect("the limit is met");
    assert!(matches!(&error, Error::DiskFull { path } if path.ends_with("full.db")), "{error}");
    // With room again the same page goes in whole.
    pragma(&store, "PRAGMA max_page_count = 100000").await;
    let done = recorder.commit(vec![page(number, "x")]).await.expect("there is room");
    assert_eq!(done.new, 100);

    pragma(&store, "PRAGMA query_only = ON").await;
    let error = recorder.commit(vec![page(60, "x")]).await.expect_err("read-only");
    assert!(matches!(&error, Error::ReadOnly { path } if path.ends_with("full.db")), "{error}");
    pragma(&store, "PRAGMA query_only = OFF").await;
    recorder.commit(vec![page(60, "x")]).await.expect("writes again");
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("ended.db"));
    let catalogue = Arc::new(Catalogue::new(vec![&THING], Vec::new()).expect("declares"));
    let store = Store::open(&url, catalogue, Arc::new(ManualClock::new(1))).await.expect("opens");
    for _ in 0..20 {
        let mut ended = store.begin().await.expect("begins");
        // What a full disk does [docs sqlite lang_transaction].
        ended.script("ROLLBACK").await.expect("ends");
        drop(ended);
        // Somebody who gives up waiting, as the tasks of a run that failed do.
        let _ = futures_util::poll!(std::pin::pin!(store.begin()));
        store.begin().await.expect("begins").commit().await.expect("commits");
    }
    tokio::time::timeout(std::time::Duration::from_secs(20), store.close()).await.expect("closes");
}

/// SQLite heeds this pragma when it prepares it, which it does anew each time that it runs.
#[tokio::test]
async fn the_writers_cache_grows_and_shrinks_as_often_as_it_is_told_to() {
    let folder = tempfile::tempdir().expect("folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("cache.db"));
    let catalogue = Arc::new(Catalogue::new(Vec::new(), Vec::new()).expect("declares"));
    let store = Store::open(&url, catalogue, Arc::new(ManualClock::new(1))).await.expect("opens");
    // As it is opened; one large org; two, of which one ends, then the other.
    for (told, size) in [
        (None, -12_288),
        (Some(true), -28_672),
        (Some(false), -12_288),
        (Some(true), -28_672),
        (Some(true), -28_672),
        (Some(false), -28_672),
        (Some(false), -12_288),
    ] {
        if let Some(large) = told {
            store.widen(large).await;
        }
        let Db::Sqlite(pool) = &store.writer.db else { panic!("SQLite") };
        let row = sqlx::raw_sql("PRAGMA cache_size").fetch_one(pool).await.expect("reads");
        let now: i64 = sqlx::Row::get(&row, 0);
        assert_eq!(now, size);
    }
    store.close().await;
}
