//! Brings a database to this binary's schema, or refuses one that is newer.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use transom_core::Millis;

use crate::{
    Error, Result,
    db::{Db, Pool, Tx},
    query::{push_hex, sql},
};

/// One step of the schema, in both dialects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        &[$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

/// All steps, oldest first: the first is version 1. A step that was released is never edited.
pub(crate) const MIGRATIONS: &[Migration] = migrations![
    "0001_first",
    "0002_dictionary",
    "0003_edge_doc_by_end",
    "0004_people",
    "0005_reading",
    "0006_invitation",
    "0007_oidc",
    "0008_feedback",
    "0009_lists",
    "0010_late_edges",
    "0011_under",
    "0012_missed"
];

/// The lock of the schema on PostgreSQL: any fixed number will do.
const POSTGRES_LOCK: i64 = 0x7472_616e_736f_6d01;

/// Applies the steps that are missing, each in its own transaction, and returns the version. One process at a
/// time: the others wait and then find nothing to do. Before a SQLite file with data changes it is copied beside itself.
///
/// # Errors
/// [`Error::Newer`]; [`Error::Other`] when an applied step differs from the one in the binary.
pub(crate) async fn migrate(
    pool: &Pool,
    file: Option<&Path>,
    steps: &[Migration],
    now: Millis,
) -> Result<i64> {
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let mut tx = pool.begin().await?;
    lock(&mut tx).await?;
    tx.script(
        "CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
         checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )
    .await?;
    tx.commit().await?;
    let applied = check(&applied(pool).await?, steps, pool.is_sqlite())?;
    if applied < newest && applied > 0 {
        copy_beside(pool, file, applied, now).await?;
    }
    loop {
        let mut tx = pool.begin().await?;
        lock(&mut tx).await?;
        let rows =
            sql("SELECT version, name, checksum FROM schema_version ORDER BY version").all(&mut tx).await?;
        let applied = check(&rows, steps, pool.is_sqlite())?;
        let Some(step) = usize::try_from(applied).ok().and_then(|i| steps.get(i)) else {
            return Ok(applied);
        };
        let text = if pool.is_sqlite() { step.sqlite } else { step.postgres };
        tx.script(text).await?;
        sql("INSERT INTO schema_version(version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)")
            .int(applied + 1)
            .text(step.name)
            .text(&checksum(text))
            .int(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        tracing::info!(version = applied + 1, name = step.name, "migrated the database");
    }
}

type Applied = (i64, String, String);

async fn applied(pool: &Pool) -> Result<Vec<Applied>> {
    sql("SELECT version, name, checksum FROM schema_version ORDER BY version").all(pool).await
}

/// Keeps other processes from changing the schema until the end of the transaction. On SQLite it holds the write lock
/// already.
pub(crate) async fn lock(tx: &mut Tx) -> Result<()> {
    if matches!(tx.db, Db::Postgres(_)) {
        sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock($1)) AS held")
            .int(POSTGRES_LOCK)
            .execute(tx)
            .await?;
    }
    Ok(())
}

fn check(applied: &[Applied], steps: &[Migration], sqlite: bool) -> Result<i64> {
    let version = applied.last().map_or(0, |(version, _, _)| *version);
    let binary = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if version > binary {
        return Err(Error::Newer { database: version, binary });
    }
    for ((version, name, sum), step) in applied.iter().zip(steps) {
        if *sum != checksum(if sqlite { step.sqlite } else { step.postgres }) {
            return Err(Error::Other(format!(
                "Schema version {version} ({name}) of the database was made by a development build that differs from this binary. Use that build, or start with a new database."
            )));
        }
    }
    Ok(version)
}

fn checksum(text: &str) -> String {
    let mut hex = String::new();
    push_hex(&mut hex, &Sha256::digest(text.as_bytes())[..16]);
    hex
}

/// The name of the copy made before version `applied` is left behind.
fn copy_name(file: &Path, applied: i64, now: Millis) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".v{applied}-{now}.copy"));
    file.with_file_name(name)
}

async fn copy_beside(pool: &Pool, file: Option<&Path>, applied: i64, now: Millis) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    let copy = copy_name(file, applied, now);
    // The copy holds what the database holds: made unreadable to others before it has content.
    crate::store::create_private(&copy).map_err(|e| {
        Error::Other(format!("{}: the copy before the upgrade can't be made: {e}", copy.display()))
    })?;
    let statement = AssertSqlSafe("VACUUM INTO $1");
    let target = copy.display().to_string();
    let done = match &pool.db {
        Db::Sqlite(c) => sqlx::query(statement).bind(target).execute(c).await.map(|_| ()),
        Db::Postgres(_) => Ok(()),
    };
    done.map_err(|e| pool.fail(e))?;
    tracing::info!(copy = %copy.display(), "copied the database before the upgrade");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatabaseUrl;

    const TWO: &[Migration] = &[
        Migration {
            name: "0001_a",
            sqlite: "CREATE TABLE a(x INTEGER)",
            postgres: "CREATE TABLE a(x BIGINT)",
        },
        Migration {
            name: "0002_b",
            sqlite: "CREATE TABLE b(x INTEGER)",
            postgres: "CREATE TABLE b(x BIGINT)",
        },
    ];

    async fn pool(folder: &tempfile::TempDir) -> (Pool, PathBuf) {
        let file = folder.path().join("t.db");
        crate::store::create_private(&file).expect("file");
        let (writer, _) = Pool::open(&DatabaseUrl::Sqlite(file.clone())).await.expect("opens");
        (writer, file)
    }

    #[tokio::test]
    async fn goes_up_once_copies_before_and_refuses_newer_and_changed() {
        let folder = tempfile::tempdir().expect("folder");
        let (pool, file) = pool(&folder).await;
        assert_eq!(migrate(&pool, Some(&file), &TWO[..1], 5).await.expect("first"), 1);
        assert!(!copy_name(&file, 0, 5).exists(), "an empty database needs no copy");
        sql("INSERT INTO a VALUES (7)").execute(&pool).await.expect("writes");
        assert_eq!(migrate(&pool, Some(&file), TWO, 6).await.expect("second"), 2);
        assert_eq!(migrate(&pool, Some(&file), TWO, 7).await.expect("again"), 2);
        let copy = copy_name(&file, 1, 6);
        let (copied, _) = Pool::open(&DatabaseUrl::Sqlite(copy.clone())).await.expect("copy opens");
        let kept: Vec<(i64,)> = sql("SELECT x FROM a").all(&copied).await.expect("copy holds the data");
        assert_eq!(kept, [(7,)]);
        assert!(sql("SELECT x FROM b").all::<(i64,)>(&copied).await.is_err(), "the copy is the old schema");
        let newer = migrate(&pool, Some(&file), &TWO[..1], 8).await.expect_err("newer");
        assert!(matches!(newer, Error::Newer { database: 2, binary: 1 }), "{newer}");
        let changed = [TWO[0], Migration { sqlite: "CREATE TABLE b(y INTEGER)", ..TWO[1] }];
        assert!(migrate(&pool, Some(&file), &changed, 9).await.is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&copy).expect("copy").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn facets_of_before_get_the_names_of_their_objects() {
        let folder = tempfile::tempdir().expect("folder");
        let (pool, file) = pool(&folder).await;
        let lists = MIGRATIONS.iter().position(|m| m.name == "0009_lists").expect("there");
        migrate(&pool, Some(&file), &MIGRATIONS[..lists], 5).await.expect("before");
        for (id, name) in [(1, "zoë"), (2, "ada"), (3, "bob")] {
            sql("INSERT INTO entity(org, id, kind, parent, okta_id, name_key, version, first_seen, changed_at, doc_hash) \
                 VALUES (1, $1, 1, 0, $2, $2, 1, 0, 0, x'00')")
            .int(id)
            .text(name)
            .execute(&pool)
            .await
            .expect("writes");
            let facet = "INSERT INTO facet(org, kind, name, value, id) VALUES (1, 1, 'status', 'ACTIVE', $1)";
            sql(facet).int(id).execute(&pool).await.expect("writes");
        }
        migrate(&pool, Some(&file), &MIGRATIONS[..=lists], 6).await.expect("goes up");
        let found: Vec<(String, i64)> =
            sql("SELECT name_key, id FROM facet ORDER BY org, kind, name, value, name_key")
                .all(&pool)
                .await
                .expect("reads");
        assert_eq!(found, [("ada".to_string(), 2), ("bob".to_string(), 3), ("zoë".to_string(), 1)]);
    }
}
