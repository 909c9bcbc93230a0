//! SQLite's write-ahead log is copied into the file beside the writer.
//!
//! By itself SQLite does that in the commit that finds the log long enough: everything waits for it, and with a log of 256 MB
//! that is half a second, most of it for the disk (measured: a twelfth of reading 10,000 users). A copy by another
//! connection holds nobody up [sqlite.org/wal.html]. So the most of it is copied shortly before; the commit then copies the
//! rest, and has the log begin anew.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use crate::db::{LOG, sqlite_options};

/// Pages in the log, and not in the file yet, with which the copying begins: while it goes on, as many are written as are
/// missing to [`LOG`].
const LONG: u32 = LOG / 8 * 7;

/// Copies the log.
#[derive(Debug, Clone)]
pub(crate) struct Checkpointer {
    pool: SqlitePool,
    long: u32,
    copying: Arc<AtomicBool>,
}

impl Checkpointer {
    /// For the database in this file. Nothing is opened before the first commit.
    pub fn of(path: &Path) -> Self {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(sqlite_options(path));
        Self { pool, long: LONG, copying: Arc::default() }
    }

    /// To be called after commits of much: looks at the log, and copies it where it is long, without waiting for it.
    pub fn committed(&self) {
        if self.copying.swap(true, Ordering::AcqRel) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            // The writer's own copying comes to the same, and tells of a full disk.
            if let Err(error) = this.copy().await {
                tracing::debug!(%error, "the log is left to the writer");
            }
            this.copying.store(false, Ordering::Release);
        });
    }

    async fn copy(&self) -> Result<(), sqlx::Error> {
        let (log, copied) = self.log().await?;
        if log - copied >= i64::from(self.long) {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Pages in the log, and how many of them are copied.
    async fn log(&self) -> Result<(i64, i64), sqlx::Error> {
        let (_, log, copied): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(NOOP)").fetch_one(&self.pool).await?;
        Ok((log, copied))
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatabaseUrl;
    use crate::db::Pool;

    #[tokio::test]
    async fn a_long_log_is_copied_while_somebody_writes() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("log.db");
        std::fs::write(&file, "").expect("a file");
        let (writer, _) = Pool::open(&DatabaseUrl::Sqlite(file.clone())).await.expect("opens");
        let checkpointer = Checkpointer { long: 200, ..Checkpointer::of(&file) };
        let write = async |statement: &'static str| {
            let mut tx = writer.begin().await.expect("begins");
            tx.script(statement).await.expect("writes");
            tx
        };
        let look = async || {
            checkpointer.copy().await.expect("copies");
            checkpointer.log().await.expect("looks")
        };
        write("CREATE TABLE t(a BLOB); INSERT INTO t VALUES (zeroblob(400000))")
            .await
            .commit()
            .await
            .expect("commits");
        let (log, copied) = look().await;
        assert!(log > 90 && copied == 0, "a short log is left to the writer: {copied} of {log}");
        write("INSERT INTO t VALUES (zeroblob(900000))").await.commit().await.expect("commits");
        let writing = write("INSERT INTO t VALUES (zeroblob(10))").await;
        let (log, copied) = look().await;
        assert!(log > 300 && copied == log, "{copied} of {log} while a transaction goes on");
        writing.commit().await.expect("commits");
        checkpointer.close().await;
    }
}
