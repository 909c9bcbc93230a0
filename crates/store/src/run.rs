//! Runs: one pass of the engine over an org, resumable until it is finished.

use serde_json::Value;
use transom_core::{Millis, OrgId};

use crate::{
    Lease, Result, Store,
    db::Tx,
    query::sql,
    store::{Doc, next_number},
};

/// The number of a run, unique in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The org it is about.
    pub org: OrgId,
    /// `full`: a sync.
    pub kind: String,
    /// When it was started.
    pub started: Millis,
    /// When it ended; `None` while it goes on or waits to be resumed.
    pub finished: Option<Millis>,
    /// How it ended, in the engine's words; `abandoned` when another run was started instead of resuming it.
    pub outcome: Option<String>,
    /// What it set out to do.
    pub plan: Value,
    /// What it did; null until it ends.
    pub summary: Value,
}

type RunTuple = (i64, i64, String, Millis, Option<Millis>, Option<String>, Doc, Doc);

const COLUMNS: &str = "SELECT id, org, kind, started, finished, outcome, plan, summary FROM run";

fn read((id, org, kind, started, finished, outcome, plan, summary): RunTuple) -> Run {
    Run { id: RunId(id), org: OrgId(org), kind, started, finished, outcome, plan: plan.0, summary: summary.0 }
}

impl Store {
    /// Starts a run. One that was left unfinished is closed as `abandoned`.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn start_run(&self, lease: &Lease, kind: &str, plan: Value) -> Result<Run> {
        let now = self.now();
        let mut tx = self.begin_fenced(lease).await?;
        let open: Vec<(i64,)> = sql("SELECT id FROM run WHERE org = $1 AND finished IS NULL")
            .int(lease.org.0)
            .all(&mut tx)
            .await?;
        for (id,) in open {
            close(&mut tx, lease.org, RunId(id), "abandoned", &Value::Null, now).await?;
        }
        let id = RunId(next_number(&mut tx, "run").await?);
        sql("INSERT INTO run(org, id, kind, started, plan, summary) VALUES ($1, $2, $3, $4, $5, $6)")
            .int(lease.org.0)
            .int(id.0)
            .text(kind)
            .int(now)
            .json(&plan)
            .json(&Value::Null)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Run {
            id,
            org: lease.org,
            kind: kind.to_string(),
            started: now,
            finished: None,
            outcome: None,
            plan,
            summary: Value::Null,
        })
    }

    /// The run of an org that has not ended, to be resumed.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn open_run(&self, org: OrgId) -> Result<Option<Run>> {
        let row = sql(format!("{COLUMNS} WHERE org = $1 AND finished IS NULL ORDER BY id DESC LIMIT 1"))
            .int(org.0)
            .optional::<RunTuple>(&self.reader)
            .await?;
        Ok(row.map(read))
    }

    /// Declares that every parent of a data set has `parts` listings in this run; 1 where nothing is declared.
    /// A parent is done when all its parts are.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn declare_parts(&self, lease: &Lease, run: RunId, dataset: &str, parts: i16) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        sql("INSERT INTO run_dataset(org, run, dataset, parts) VALUES ($1, $2, $3, $4) \
             ON CONFLICT(org, run, dataset) DO UPDATE SET parts = excluded.parts")
        .int(lease.org.0)
        .int(run.0)
        .text(dataset)
        .int(i64::from(parts))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Ends a run and clears what it needed for resuming and sweeping. On SQLite the write-ahead log is emptied and
    /// the planner's statistics are brought up to date.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn finish_run(&self, lease: &Lease, run: RunId, outcome: &str, summary: Value) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        close(&mut tx, lease.org, run, outcome, &summary, self.now()).await?;
        tx.commit().await?;
        // A reader may stand in the way: it is done at the next run's end then. PostgreSQL gathers statistics by itself,
        // but some time later: until then it takes the views' joins for small ones.
        let sqlite = ["PRAGMA analysis_limit = 1000", "PRAGMA optimize = 0x10002"];
        self.tidy(&sqlite, &["ANALYZE entity, edge, edge_doc, facet, term"]).await;
        Ok(())
    }

    /// A run of an org, or `None`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn run(&self, org: OrgId, id: RunId) -> Result<Option<Run>> {
        let row = sql(format!("{COLUMNS} WHERE org = $1 AND id = $2"))
            .int(org.0)
            .int(id.0)
            .optional::<RunTuple>(&self.reader)
            .await?;
        Ok(row.map(read))
    }

    /// The runs of an org before `before` (`None`: the latest), newest first. There are no more where fewer than `limit`
    /// come back.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn runs_before(&self, org: OrgId, before: Option<RunId>, limit: u32) -> Result<Vec<Run>> {
        let rows = sql(format!("{COLUMNS} WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
            .int(org.0)
            .int(before.map_or(i64::MAX, |id| id.0))
            .int(i64::from(limit))
            .all::<RunTuple>(&self.reader)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The latest runs of an org, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn runs(&self, org: OrgId, limit: u32) -> Result<Vec<Run>> {
        self.runs_before(org, None, limit).await
    }
}

async fn close(
    tx: &mut Tx,
    org: OrgId,
    run: RunId,
    outcome: &str,
    summary: &Value,
    now: Millis,
) -> Result<()> {
    sql("UPDATE run SET finished = $3, outcome = $4, summary = $5 WHERE org = $1 AND id = $2")
        .int(org.0)
        .int(run.0)
        .int(now)
        .text(outcome)
        .json(summary)
        .execute(&mut *tx)
        .await?;
    for table in ["checkpoint", "seen"] {
        sql(format!("DELETE FROM {table} WHERE org = $1 AND run = $2"))
            .int(org.0)
            .int(run.0)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
