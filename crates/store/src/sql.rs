//! People's own queries over the synced data, read-only by construction.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt;
use serde_json::{Number, Value};
use sqlx::{
    AssertSqlSafe, Column, Connection, Executor, PgConnection, PgPool, Row, SqlSafeStr, SqliteConnection,
    Statement, TypeInfo, ValueRef, postgres::PgRow, sqlite::SqliteRow,
};

use crate::{
    DatabaseUrl, Error, Result, Store,
    db::{Db, sqlite_options},
    query::push_hex,
    sandbox::{READABLE, called, one_query, out_of_reach, relations},
};

/// What a query returned.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlResult {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, a value per column.
    pub rows: Vec<Vec<Value>>,
    /// Whether there were more rows than the limit.
    pub truncated: bool,
}

/// No query may run longer.
const TIME: Duration = Duration::from_secs(60);

fn failed(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(e) => Error::Sql(format!("The query failed: {}", e.message())),
        other => Error::Sql(format!("The query failed: {other}")),
    }
}

fn too_long() -> Error {
    Error::Sql(format!("The query took longer than {} s and was stopped. Narrow it down.", TIME.as_secs()))
}

impl Store {
    /// Runs one SELECT over the synced data and returns at most `limit` rows. Nothing can be changed, and
    /// credentials, keys and sessions can't be read (see `sandbox`).
    ///
    /// # Errors
    /// [`Error::Sql`] saying why it was refused or what the database says.
    pub async fn sql(&self, query: &str, limit: u32) -> Result<SqlResult> {
        match (&self.url, &self.reader.db) {
            (DatabaseUrl::Sqlite(path), _) => on_sqlite(path, query, limit as usize).await,
            (_, Db::Postgres(pool)) => on_postgres(pool, query, limit as usize).await,
            (DatabaseUrl::Postgres(_), Db::Sqlite(_)) => {
                Err(Error::Other("the store has lost its database".into()))
            }
        }
    }
}

async fn on_sqlite(path: &Path, query: &str, limit: usize) -> Result<SqlResult> {
    one_query(query, true)?;
    // A connection of its own, so that a query that is stopped takes nothing with it.
    let options =
        sqlite_options(path).read_only(true).pragma("query_only", "ON").pragma("trusted_schema", "OFF");
    let mut c = SqliteConnection::connect_with(&options).await.map_err(failed)?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let mut handle = c.lock_handle().await.map_err(failed)?;
    handle.set_progress_handler(10_000, move || !stopped.load(Ordering::Relaxed));
    drop(handle);
    let done = tokio::time::timeout(TIME, async {
        c.execute("BEGIN").await.map_err(failed)?;
        check_bytecode(&mut c, query).await?;
        let prepared = (&mut c).prepare(AssertSqlSafe(query).into_sql_str()).await.map_err(failed)?;
        let columns: Vec<String> = prepared.columns().iter().map(|c| c.name().to_string()).collect();
        let mut rows = Vec::new();
        let mut truncated = false;
        let mut found = sqlx::query(AssertSqlSafe(query)).fetch(&mut c);
        while let Some(row) = found.try_next().await.map_err(failed)? {
            if rows.len() == limit {
                truncated = true;
                break;
            }
            rows.push(sqlite_values(&row)?);
        }
        Ok(SqlResult { columns, rows, truncated })
    })
    .await;
    // Also when the future is dropped by the time-out: the statement must not go on in its thread.
    stop.store(true, Ordering::Relaxed);
    done.unwrap_or_else(|_| Err(too_long()))
}

/// Every b-tree that the statement opens must belong to a readable table, or be the schema itself.
async fn check_bytecode(c: &mut SqliteConnection, query: &str) -> Result<()> {
    let program =
        sqlx::query(AssertSqlSafe(format!("EXPLAIN {query}"))).fetch_all(&mut *c).await.map_err(failed)?;
    let roots: Vec<(String, i64)> =
        sqlx::query_as("SELECT tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0")
            .fetch_all(c)
            .await
            .map_err(failed)?;
    for step in &program {
        let opcode: String = step.try_get("opcode").map_err(failed)?;
        let (p2, p3): (i64, i64) = (step.try_get("p2").map_err(failed)?, step.try_get("p3").map_err(failed)?);
        match opcode.as_str() {
            "OpenRead" | "ReopenIdx" | "OpenWrite" => {}
            // OpenDup, OpenEphemeral, OpenPseudo, OpenAutoindex and SorterOpen hold what the query itself made.
            _ => continue,
        }
        const SCHEMA: i64 = 1;
        let table =
            roots.iter().find(|(_, root)| *root == p2).map_or("this table", |(table, _)| table.as_str());
        if p3 != 0 || (p2 != SCHEMA && !READABLE.contains(&table)) {
            return Err(out_of_reach(table));
        }
    }
    Ok(())
}

fn sqlite_values(row: &SqliteRow) -> Result<Vec<Value>> {
    (0..row.len())
        .map(|i| {
            let raw = row.try_get_raw(i).map_err(failed)?;
            let ty = raw.type_info().name().to_string();
            Ok(match (raw.is_null(), ty.as_str()) {
                (true, _) => Value::Null,
                (_, "INTEGER" | "BOOLEAN" | "INT4" | "BIGINT") => {
                    Value::from(row.try_get_unchecked::<i64, _>(i).map_err(failed)?)
                }
                (_, "REAL") => Number::from_f64(row.try_get_unchecked(i).map_err(failed)?)
                    .map_or(Value::Null, Value::Number),
                (_, "BLOB") => Value::String(hex(&row.try_get_unchecked::<Vec<u8>, _>(i).map_err(failed)?)),
                _ => Value::String(row.try_get_unchecked(i).map_err(failed)?),
            })
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::from("\\x");
    push_hex(&mut out, bytes);
    out
}

async fn on_postgres(pool: &PgPool, query: &str, limit: usize) -> Result<SqlResult> {
    let tokens = one_query(query, false)?;
    let names = called(&tokens)?;
    let mut tx = pool.begin().await.map_err(failed)?;
    let c: &mut PgConnection = &mut tx;
    c.execute("SET TRANSACTION READ ONLY").await.map_err(failed)?;
    c.execute(AssertSqlSafe(format!("SET LOCAL statement_timeout = {}", TIME.as_millis())))
        .await
        .map_err(failed)?;
    // An operator or a cast that a search path could bend must be PostgreSQL's own.
    let refused: Vec<(String,)> = sqlx::query_as(
        "SELECT DISTINCT proname::text FROM pg_proc WHERE lower(proname) = ANY($1) AND provolatile <> 'i' ORDER BY 1",
    )
    .bind(names.iter().map(|n| n.to_lowercase()).collect::<Vec<_>>())
    .fetch_all(&mut *c)
    .await
    .map_err(failed)?;
    if let Some((name,)) = refused.first() {
        return Err(Error::Sql(format!(
            "The function {name} can't be called here: it may read or change what is not synced data."
        )));
    }
    // Prepared statements take one statement only: PostgreSQL itself refuses a second.
    let (plan,): (sqlx::types::Json<Value>,) =
        sqlx::query_as(AssertSqlSafe(format!("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {query}")))
            .persistent(false)
            .fetch_one(&mut *c)
            .await
            .map_err(failed)?;
    let (schema,): (String,) =
        sqlx::query_as("SELECT current_schema()::text").fetch_one(&mut *c).await.map_err(failed)?;
    let mut scanned = std::collections::HashSet::new();
    relations(&plan.0, &mut scanned);
    if let Some((_, name)) =
        scanned.iter().find(|(s, name)| *s != schema || !READABLE.contains(&name.as_str()))
    {
        return Err(out_of_reach(name));
    }
    let text = query.trim_end().trim_end_matches(';');
    sqlx::query(AssertSqlSafe(format!("DECLARE transom_sql NO SCROLL CURSOR FOR {text}")))
        .persistent(false)
        .execute(&mut *c)
        .await
        .map_err(failed)?;
    // The simple protocol sends every type as text; the statement fetched from was checked above.
    let fetch = sqlx::raw_sql(AssertSqlSafe(format!("FETCH {} FROM transom_sql", limit + 1)));
    let found: Vec<PgRow> = fetch.fetch_all(&mut *c).await.map_err(failed)?;
    let columns = match found.first() {
        Some(row) => row.columns().iter().map(|c| c.name().to_string()).collect(),
        None => {
            let prepared = (&mut *c).prepare(AssertSqlSafe(text).into_sql_str()).await.map_err(failed)?;
            prepared.columns().iter().map(|c| c.name().to_string()).collect()
        }
    };
    let truncated = found.len() > limit;
    let rows = found.iter().take(limit).map(postgres_values).collect::<Result<_>>()?;
    Ok(SqlResult { columns, rows, truncated })
}

fn postgres_values(row: &PgRow) -> Result<Vec<Value>> {
    (0..row.len())
        .map(|i| {
            let raw = row.try_get_raw(i).map_err(failed)?;
            if raw.is_null() {
                return Ok(Value::Null);
            }
            let text = raw.as_str().map_err(|e| Error::Sql(format!("column {}: {e}", i + 1)))?.to_string();
            Ok(match raw.type_info().name() {
                "BOOL" => Value::Bool(text == "t"),
                "INT2" | "INT4" | "INT8" => {
                    text.parse::<i64>().map_or(Value::String(text.clone()), Value::from)
                }
                "FLOAT4" | "FLOAT8" | "NUMERIC" => text
                    .parse()
                    .ok()
                    .and_then(Number::from_f64)
                    .map_or(Value::String(text.clone()), Value::Number),
                "JSON" | "JSONB" => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                _ => Value::String(text),
            })
        })
        .collect()
}
