//! What is known of each data set.

use transom_core::{Coverage, CoverageState, Millis, OrgId};

use crate::{
    Lease, Result, RunId, Store,
    db::Tx,
    query::sql,
    store::{Doc, count},
};

type CoverageTuple = (String, String, String, Doc, i64, Option<Millis>, bool);

impl Store {
    /// The coverage of an org, by data set. A data set that is not listed was never collected.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn coverage(&self, org: OrgId) -> Result<Vec<Coverage>> {
        let rows: Vec<CoverageTuple> = sql(
            "SELECT dataset, state, reason, assumed, objects, at, sweep_refused FROM coverage WHERE org = $1 ORDER BY dataset",
        )
        .int(org.0)
        .all(&self.reader)
        .await?;
        let read =
            |(dataset, state, reason, assumed, objects, at, sweep_refused): (_, String, _, Doc, _, _, _)| {
                Coverage {
                    dataset,
                    state: CoverageState::parse(&state),
                    reason,
                    assumed: serde_json::from_value(assumed.0).unwrap_or_default(),
                    objects: count(objects),
                    at,
                    sweep_refused,
                }
            };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Saves what is known of a data set and that this run is through with `reading`, in one transaction. That is the
    /// data set's name, or another where the run reads the data set in two ways. What earlier runs set aside of a data set
    /// that is complete now goes, also where there was no page to take its place.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn finish_dataset(
        &self,
        lease: &Lease,
        run: RunId,
        reading: &str,
        coverage: &Coverage,
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        put(&mut tx, lease.org, coverage).await?;
        sql("INSERT INTO run_dataset(org, run, dataset, parts, finished) VALUES ($1, $2, $3, 1, $4) \
             ON CONFLICT(org, run, dataset) DO UPDATE SET finished = excluded.finished")
        .int(lease.org.0)
        .int(run.0)
        .text(reading)
        .int(self.now())
        .execute(&mut tx)
        .await?;
        if coverage.state == CoverageState::Complete {
            sql("DELETE FROM quarantine WHERE org = $1 AND run <> $2 AND dataset IN ($3, $4)")
                .int(lease.org.0)
                .int(run.0)
                .text(reading)
                .text(&coverage.dataset)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await
    }

    /// What this run is through with, by the names given to [`Store::finish_dataset`].
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn finished_datasets(&self, run: RunId) -> Result<Vec<String>> {
        let rows: Vec<(String,)> =
            sql("SELECT d.dataset FROM run r JOIN run_dataset d ON d.org = r.org AND d.run = r.id \
             WHERE r.id = $1 AND d.finished IS NOT NULL ORDER BY d.dataset")
            .int(run.0)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|(dataset,)| dataset).collect())
    }
}

async fn put(tx: &mut Tx, org: OrgId, c: &Coverage) -> Result<()> {
    sql("INSERT INTO coverage(org, dataset, state, reason, assumed, objects, at, sweep_refused) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(org, dataset) DO UPDATE SET state = excluded.state, \
         reason = excluded.reason, assumed = excluded.assumed, objects = excluded.objects, at = excluded.at, \
         sweep_refused = excluded.sweep_refused")
    .int(org.0)
    .text(&c.dataset)
    .text(c.state.as_str())
    .text(&c.reason)
    .json(&serde_json::Value::from(c.assumed.clone()))
    .int(i64::try_from(c.objects).unwrap_or(i64::MAX))
    .int(c.at)
    .bool(c.sweep_refused)
    .execute(tx)
    .await?;
    Ok(())
}
