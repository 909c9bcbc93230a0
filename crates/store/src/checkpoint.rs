//! SQLite's write-ahead log is copied into the file beside the writer.
//!
//! By itself SQLite does that in the commit that finds the log long enough: everything waits for it, with a log of 256 MB
//! for about half a second, most of it for the disk. A copy by another connection holds nobody up [sqlite.org/wal.html]. So
//! the most of it is copied shortly before; the commit then copies the rest, and has the log begin anew. (Of a sync of 10,000
//! users it had been 1.4 s of 16; on the same machine the sync takes a twenty-fifth less time.)
//!
//! It takes SQLite 3.51.3 or later, as it is compiled in: before, a log that began anew while another connection copied it
//! could damage the file, and `NOOP` is not known.

use std::path::Path;
use std::sync::Arc;

use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::db::{LOG, sqlite_options};

/// Pages in the log, and not in the file yet, with which the copying begins. What is missing to [`LOG`] gives it time; where
/// the disk takes longer, the log grows beyond that.
const LONG: u32 = LOG / 8 * 7;
/// Copies in a row: what comes during the first is little, and only a copy that reaches the end of the log waits for the disk,
/// which the writer would have to do otherwise.
const COPIES: u32 = 3;

/// Copies the log.
#[derive(Debug, Clone)]
pub(crate) struct Checkpointer {
    pool: SqlitePool,
    long: u32,
    /// Held while it copies.
    turn: Arc<Mutex<()>>,
}

/// How it stands with the log: whether somebody else copies it, its pages, and how many of them are copied.
type Log = (i64, i64, i64);

impl Checkpointer {
    /// For the database in this file. Nothing is opened before the first commit.
    pub fn of(path: &Path) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_lazy_with(sqlite_options(path));
        Self { pool, long: LONG, turn: Arc::default() }
    }

    /// To be called after commits of much: looks at the log, and copies it where it is long, without waiting for it.
    pub fn committed(&self) {
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else { return };
        let this = self.clone();
        tokio::spawn(async move {
            let _turn = turn;
            // The writer tries the same, and does not tell of it: here alone it shows before the log can't grow any more.
            if let Err(error) = this.copy().await {
                tracing::warn!(%error, "SQLite's log is not copied");
            }
        });
    }

    /// Keeps it from copying as long as what comes back is held: meanwhile the log can be emptied.
    pub async fn aside(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    async fn copy(&self) -> Result<(), sqlx::Error> {
        let (_, log, copied) = self.log("PRAGMA wal_checkpoint(NOOP)").await?;
        if log - copied < i64::from(self.long) {
            return Ok(());
        }
        for _ in 0..COPIES {
            let (busy, log, copied) = self.log("PRAGMA wal_checkpoint(PASSIVE)").await?;
            if busy != 0 || log == copied {
                break;
            }
        }
        Ok(())
    }

    async fn log(&self, pragma: &'static str) -> Result<Log, sqlx::Error> {
        sqlx::query_as(pragma).fetch_one(&self.pool).await
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
            checkpointer.log("PRAGMA wal_checkpoint(NOOP)").await.expect("looks")
        };
        write("CREATE TABLE t(a BLOB); INSERT INTO t VALUES (zeroblob(400000))")
            .await
            .commit()
            .await
            .expect("commits");
        let (_, log, copied) = look().await;
        assert!(log > 90 && copied == 0, "a short log is left to the writer: {copied} of {log}");
        write("INSERT INTO t VALUES (zeroblob(900000))").await.commit().await.expect("commits");
        let writing = write("INSERT INTO t VALUES (zeroblob(10))").await;
        let (_, log, copied) = look().await;
        assert!(log > 300 && copied == log, "{copied} of {log} while a transaction goes on");
        writing.commit().await.expect("commits");
        checkpointer.close().await;
    }
}
