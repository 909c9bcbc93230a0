//! The two databases behind one enum, their pools, and transactions.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{DatabaseUrl, Error, query::sql};

/// One of the two databases: pools by default, transactions as [`Tx`].
#[derive(Debug, Clone)]
pub(crate) enum Db<S = SqlitePool, P = PgPool> {
    Sqlite(S),
    Postgres(P),
}

/// Pastes the same body for both databases; `$d` names the driver in it.
macro_rules! on {
    ($db:expr, |$c:ident, $d:ident| $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite($c) => {
                type $d = sqlx::Sqlite;
                $body
            }
            $crate::db::Db::Postgres($c) => {
                type $d = sqlx::Postgres;
                $body
            }
        }
    };
}
pub(crate) use on;

/// A pool and the place it leads to, without password, for messages.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub db: Db,
    pub location: Arc<str>,
}

/// A transaction. Dropped without [`Tx::commit`] it is rolled back.
#[derive(Debug)]
pub(crate) struct Tx {
    pub db: Db<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>,
    pub location: Arc<str>,
}

/// How long a statement waits for another process's write before it gives up.
const BUSY: Duration = Duration::from_secs(20);
/// Readers beside the one writer.
const READERS: u32 = 4;
/// Page cache of the writer, in KiB (negative says so to SQLite). Readers keep SQLite's 2 MB: what they need lies in the
/// operating system's cache, which all share.
const WRITER_CACHE: &str = "-12288";
/// The same while a large org is read: the pages that one transaction after the other writes don't find room in the usual
/// one, and what has none is written too early and read again.
const LARGE_CACHE: &str = "-28672";
/// Pages in SQLite's log after which a commit copies them into the file: 256 MB rather than the usual 4 MB. A page of an index
/// that one transaction after the other writes is copied once for all of them (measured: up to three times faster).
pub(crate) const LOG: u32 = 65_536;
/// Connections to PostgreSQL per process.
const POSTGRES_CONNECTIONS: u32 = 8;

impl Pool {
    /// Opens the writing and the reading pool. On SQLite there is one writer and some read-only readers, on
    /// PostgreSQL both are the same pool.
    pub async fn open(url: &DatabaseUrl) -> Result<(Self, Self), Error> {
        let location: Arc<str> = url.to_string().into();
        let fail = |error| Error::from_sqlx(error, &location);
        match url {
            DatabaseUrl::Sqlite(path) => {
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .after_release(|connection, _| Box::pin(usable(connection)))
                    .connect_with(
                        sqlite_options(path)
                            .journal_mode(SqliteJournalMode::Wal)
                            .pragma("cache_size", WRITER_CACHE),
                    )
                    .await
                    .map_err(fail)?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(READERS)
                    // A file does not go away; to ask costs as much as most statements.
                    .test_before_acquire(false)
                    .connect_lazy_with(sqlite_options(path).read_only(true).pragma("query_only", "ON"));
                let pool = |db| Self { db: Db::Sqlite(db), location: location.clone() };
                Ok((pool(writer), pool(readers)))
            }
            DatabaseUrl::Postgres(secret) => {
                let options = PgConnectOptions::from_str(secret.expose_secret())
                    .map_err(fail)?
                    .application_name("transom")
                    .disable_statement_logging();
                // A pool would try again until its time is up, and then tell nothing of why.
                PgConnection::connect_with(&options).await.map_err(fail)?.close().await.map_err(fail)?;
                let pool = PgPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(Duration::from_secs(15))
                    .connect_with(options)
                    .await
                    .map_err(fail)?;
                let pool = Self { db: Db::Postgres(pool), location: location.clone() };
                Ok((pool.clone(), pool))
            }
        }
    }

    /// Begins a writing transaction. On SQLite it takes the write lock at once, so that it can't fail half-way.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let db = match &self.db {
            Db::Sqlite(pool) => pool.begin_with("BEGIN IMMEDIATE").await.map(Db::Sqlite),
            Db::Postgres(pool) => pool.begin().await.map(Db::Postgres),
        };
        Ok(Tx { db: db.map_err(|e| self.fail(e))?, location: self.location.clone() })
    }

    /// Runs statements that keep the database in order, outside any transaction. Another connection or a full disk may
    /// stand in the way: then it is put off, and logged.
    pub async fn tidy(&self, sqlite: &[&'static str], postgres: &[&'static str]) {
        let statements = if self.is_sqlite() { sqlite } else { postgres };
        for statement in statements {
            if let Err(error) = on!(&self.db, |p, _D| sqlx::query(*statement).execute(p).await.map(|_| ())) {
                tracing::warn!(%error, statement, "tidying put off");
            }
        }
    }

    /// Empties SQLite's log, so that nothing that was deleted is legible in it. Somebody who reads, or another process that
    /// copies it, may stand in the way: then it is put off, and logged.
    pub async fn empty_log(&self) {
        let Db::Sqlite(pool) = &self.db else { return };
        let emptied: Result<(i64, i64, i64), _> =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await;
        match emptied {
            Ok((0, ..)) => {}
            Ok(_) => tracing::warn!("SQLite's log is in use, and not emptied"),
            Err(error) => tracing::warn!(%error, "SQLite's log is not emptied"),
        }
    }

    /// Gives the writer's connection the page cache for a large org, or the usual one (SQLite only).
    pub async fn widen(&self, large: bool) {
        let cache = if large { LARGE_CACHE } else { WRITER_CACHE };
        if self.is_sqlite()
            && let Err(error) = sql(format!("PRAGMA cache_size = {cache}")).execute(self).await
        {
            tracing::warn!(%error, "the page cache keeps its size");
        }
    }

    /// An error of this pool in words for people.
    pub fn fail(&self, error: sqlx::Error) -> Error {
        Error::from_sqlx(error, &self.location)
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.db, Db::Sqlite(_))
    }

    /// A column of text for lists and ranges in which bytes decide, on either database.
    pub fn by_bytes(&self, column: &str) -> String {
        format!("{column}{}", if self.is_sqlite() { "" } else { " COLLATE \"C\"" })
    }
}

impl Tx {
    /// Makes everything done in the transaction last.
    pub async fn commit(self) -> Result<(), Error> {
        let location = self.location;
        on!(self.db, |tx, _D| tx.commit().await).map_err(|e| Error::from_sqlx(e, &location))
    }

    /// Runs several statements without arguments (migrations, views).
    pub async fn script(&mut self, text: &str) -> Result<(), Error> {
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        let done = on!(&mut self.db, |tx, _D| script.execute(&mut **tx).await.map(|_| ()));
        done.map_err(|e| Error::from_sqlx(e, &self.location))
    }
}

/// Whether a connection that comes back is fit for the next. A full disk makes SQLite end a transaction by itself; sqlx
/// then counts one that is not there, refuses every other, and its worker may end with commands still waiting, for ever.
async fn usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is on its way is done after this.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// What every SQLite connection has in common.
pub(crate) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(false)
        .pragma("wal_autocheckpoint", LOG.to_string())
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}
