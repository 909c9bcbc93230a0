//! The whole content of a store as text, to compare two states of one, or two databases with each other.

use sqlx::{Connection, Row};
use transom_store::DatabaseUrl;

use crate::stage::Place;

/// Every table that holds an org's state, and what identifies and says something of a row. Times of writing are
/// left out where a repetition may move them.
const TABLES: &[(&str, &str)] = &[
    (
        "entity",
        "id, kind, parent, okta_id, name_key, login_key, status, version, first_seen, changed_at, removed_at",
    ),
    ("entity_version", "id, version, at, until"),
    ("edge", "rel, src, dst, attr, first_seen"),
    ("edge_doc", "rel, src, dst"),
    ("edge_change", "rel, src, dst, what, attr, since, at"),
    ("facet", "kind, name, value, name_key, id"),
    ("term", "text, kind, id"),
    ("facet_count", "kind, name, value, n"),
    ("seen", "run, dataset, parent, part, page"),
    ("checkpoint", "run, dataset, parent, part, page, cursor, state, why"),
    ("quarantine", "dataset, run, parent, part, page, n, why"),
];

/// What the kept counts should be, in the form in which [`dump`] shows them.
const COUNTED: &str = "SELECT 'facet_count ' || kind || ' ' || name || ' ' || value || ' ' || count(*) FROM facet \
     GROUP BY kind, name, value UNION ALL \
     SELECT 'facet_count ' || kind || '   ' || count(*) FROM entity WHERE removed_at IS NULL AND doc_hash IS NOT NULL GROUP BY kind";

/// Facets that do not stand where their object is looked for.
const ASTRAY: &str = "SELECT f.name || ' ' || f.value || ' ' || f.name_key FROM facet f LEFT JOIN entity e ON e.org = f.org \
     AND e.id = f.id AND e.kind = f.kind AND e.name_key = f.name_key AND e.removed_at IS NULL WHERE e.id IS NULL";

/// All rows of all tables, sorted. Wherever this is asked, the counts that are kept must be what can be counted, and facets
/// must stand under the names that their objects have.
pub async fn dump(place: &Place) -> Vec<String> {
    let rows = all_rows(place).await;
    let mut counted = query(place, COUNTED).await;
    counted.sort();
    let kept: Vec<&String> = rows.iter().filter(|row| row.starts_with("facet_count ")).collect();
    assert_eq!(kept, counted.iter().collect::<Vec<_>>(), "counts that are kept");
    assert_eq!(query(place, ASTRAY).await, Vec::<String>::new(), "facets under other names");
    rows
}

async fn all_rows(place: &Place) -> Vec<String> {
    let tables: Vec<String> = TABLES
        .iter()
        .map(|(table, columns)| {
            let columns: Vec<String> =
                columns.split(", ").map(|c| format!("coalesce(CAST({c} AS TEXT), '-')")).collect();
            format!("SELECT '{table} ' || {} FROM {table}", columns.join(" || ' ' || "))
        })
        .collect();
    let mut rows = query(place, &tables.join(" UNION ALL ")).await;
    rows.sort();
    rows
}

/// The first column, as text, of a query past the store.
pub async fn query(place: &Place, text: &str) -> Vec<String> {
    match &place.url {
        DatabaseUrl::Sqlite(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut c = sqlx::SqliteConnection::connect_with(&options).await.expect("connects");
            let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut c).await.expect("reads");
            rows.iter().map(|r| r.get(0)).collect()
        }
        DatabaseUrl::Postgres(secret) => {
            use secrecy::ExposeSecret;
            let mut c = sqlx::PgConnection::connect(secret.expose_secret()).await.expect("connects");
            let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut c).await.expect("reads");
            rows.iter().map(|r| r.get(0)).collect()
        }
    }
}
