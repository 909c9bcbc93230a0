//! The schema of both databases, newer databases, and catalogues that change.

use std::collections::BTreeSet;

use transom_store::{Error, Store};

use crate::{
    catalogue::{USER, later_catalogue, user},
    dump::query,
    stage::{Place, Stage, page},
};

async fn columns(place: &Place, sqlite: bool) -> BTreeSet<String> {
    let text = if sqlite {
        "SELECT m.name || '.' || c.name || CASE c.\"notnull\" WHEN 1 THEN ' required' ELSE '' END || CASE WHEN c.pk > 0 THEN ' key' || c.pk ELSE '' END \
         FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT c.table_name || '.' || c.column_name || CASE c.is_nullable WHEN 'NO' THEN ' required' ELSE '' END \
         || coalesce(' key' || k.ordinal_position, '') FROM information_schema.columns c \
         JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_schema = c.table_schema AND t.table_type = 'BASE TABLE' \
         LEFT JOIN (SELECT u.table_name, u.column_name, u.ordinal_position FROM information_schema.key_column_usage u \
           JOIN information_schema.table_constraints s ON s.constraint_name = u.constraint_name AND s.constraint_type = 'PRIMARY KEY') k \
         ON k.table_name = c.table_name AND k.column_name = c.column_name WHERE c.table_schema = 'public'"
    };
    query(place, text).await.into_iter().collect()
}

async fn indexes(place: &Place, sqlite: bool) -> BTreeSet<String> {
    let text = if sqlite {
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'"
    };
    query(place, text).await.into_iter().collect()
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_keys_and_indexes() {
    let sqlite = Place::sqlite();
    let store = sqlite.open().await.expect("opens");
    let (tables, sets) = (columns(&sqlite, true).await, indexes(&sqlite, true).await);
    assert!(
        tables.contains("entity.org required key1") && sets.contains("edge_rev"),
        "{tables:#?} {sets:#?}"
    );
    let strict = query(&sqlite, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'").await;
    assert_eq!(
        strict,
        ["schema_version"],
        "all tables are STRICT but the runner's own, which is one text for both"
    );
    if let Some(postgres) = Place::postgres().await {
        let other = postgres.open().await.expect("opens");
        assert_eq!(columns(&postgres, false).await, tables);
        assert_eq!(indexes(&postgres, false).await, sets);
        postgres.drop(&other).await;
    }
    sqlite.drop(&store).await;
}

#[tokio::test]
async fn a_newer_database_is_refused_and_an_open_one_is_described() {
    for place in Place::all().await {
        let store = place.open().await.expect("opens");
        let info = store.describe().await.expect("describes");
        assert!(info.bytes > 10_000 && info.schema == 4 && info.key_id.is_none(), "{info:?}");
        assert!(info.engine.starts_with("SQLite 3.") || info.engine.starts_with("PostgreSQL "), "{info:?}");
        place.open().await.expect("opens a second time").close().await;
        place.tamper("INSERT INTO schema_version(version, name, checksum, applied_at) VALUES (5, '0005_later', 'x', 0)").await;
        let newer = place.open().await.expect_err("newer");
        assert!(matches!(newer, Error::Newer { database: 5, binary: 4 }), "{newer}");
        let text = newer.to_string();
        assert!(text.contains('5') && text.contains('4') && text.contains("newer"), "{text}");
        place.drop(&store).await;
    }
}

#[tokio::test]
async fn two_processes_may_open_a_new_database_at_once() {
    for place in Place::all().await {
        let (a, b) = tokio::join!(place.open(), place.open());
        let (a, b) = (a.expect("opens"), b.expect("opens"));
        a.sql("SELECT * FROM okta_user", 1).await.expect("has views");
        b.close().await;
        place.drop(&a).await;
    }
}

#[tokio::test]
async fn views_follow_the_catalogue() {
    for stage in Stage::each().await {
        stage.commit(vec![page("users", transom_store::Target::None, vec![user("u1", "ACTIVE")])]).await;
        let later =
            Store::open(&stage.place.url, later_catalogue(), stage.place.clock.clone()).await.expect("opens");
        assert_eq!(later.catalogue().kinds.len(), 2);
        later.sql("SELECT kind_of FROM okta_group", 1).await.expect("the new column");
        assert!(later.sql("SELECT * FROM okta_app", 1).await.is_err(), "a view whose kind is gone");
        assert_eq!(later.sql("SELECT id FROM okta_user", 1).await.expect("reads").rows.len(), 1);
        later.close().await;
        assert_eq!(stage.id(&USER, "u1").await.0, 1);
        stage.end().await;
    }
}
