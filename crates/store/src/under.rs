//! What is under one object, read by itself and outside of a run.

use std::collections::HashSet;

use transom_core::{Coverage, CoverageState, EntityId, KindCode, Millis, OrgId, PageRecord};

use crate::{
    Lease, Result, RunId, Store,
    commit::{self, What},
    query::sql,
    read::LIVE,
    remove,
    resolve::Cache,
    store::Doc,
};

/// Everything that was read of one kind under an object.
#[derive(Debug)]
pub struct Under {
    /// The kind.
    pub kind: KindCode,
    /// What was read.
    pub record: PageRecord,
    /// Whether that is all there is: what is held besides goes.
    pub whole: bool,
}

type UnderTuple = (String, String, String, Doc, Option<Millis>);

impl Store {
    /// What is known of data sets under this object, of which it was read by itself. How many are held is counted by
    /// [`Store::child_counts`], and is 0 here.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn coverage_under(&self, org: OrgId, parent: EntityId) -> Result<Vec<Coverage>> {
        let rows: Vec<UnderTuple> = sql(
            "SELECT dataset, state, reason, assumed, at FROM coverage_under WHERE org = $1 AND parent = $2 \
             ORDER BY dataset",
        )
        .int(org.0)
        .int(parent.0)
        .all(&self.reader)
        .await?;
        let read = |(dataset, state, reason, assumed, at): (_, String, _, Doc, _)| Coverage {
            dataset,
            state: CoverageState::parse(&state),
            reason,
            assumed: serde_json::from_value(assumed.0).unwrap_or_default(),
            objects: 0,
            at,
            sweep_refused: false,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Records in one transaction what was read of a data set under one object, where anything was, and what is known of it
    /// since. An unfinished run that has asked for the same forgets it, and asks again when it goes on: what came after its
    /// own pages would pass for removed.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn record_under(
        &self,
        lease: &Lease,
        parent: EntityId,
        under: Option<Under>,
        coverage: &Coverage,
    ) -> Result<()> {
        let slot = self.cache(lease.org);
        let mut slot = slot.lock().await;
        // Not put back: what is removed must not be taken for known.
        *slot = Cache::new(lease.fence);
        let mut cache = Cache::new(lease.fence);
        let mut tx = self.begin_fenced(lease).await?;
        if let Some(Under { kind, record, whole }) = under {
            let listed: HashSet<String> =
                record.objects.iter().filter(|o| o.key.kind == kind).map(|o| o.key.okta_id.clone()).collect();
            // Of no run: nothing of it is a page.
            let what = What { alone: Some(record), ..What::default() };
            commit::write(self, &mut tx, &mut cache, lease.org, RunId(0), what).await?;
            if whole {
                let held: Vec<(i64, String)> = sql(format!(
                    "SELECT e.id, e.okta_id FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.parent = $3 AND {LIVE}"
                ))
                .int(lease.org.0)
                .int(i64::from(kind.0))
                .int(parent.0)
                .all(&mut tx)
                .await?;
                let gone =
                    held.into_iter().filter(|(_, okta_id)| !listed.contains(okta_id)).map(|(id, _)| id);
                remove::entities(self, &mut tx, lease.org, gone.collect()).await?;
            }
            for table in ["seen", "checkpoint"] {
                sql(format!(
                    "DELETE FROM {table} WHERE org = $1 AND dataset = $2 AND parent = $3 \
                     AND run IN (SELECT id FROM run WHERE org = $1 AND finished IS NULL)"
                ))
                .int(lease.org.0)
                .text(&coverage.dataset)
                .int(parent.0)
                .execute(&mut tx)
                .await?;
            }
        }
        sql("INSERT INTO coverage_under(org, parent, dataset, state, reason, assumed, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(org, parent, dataset) DO UPDATE SET state = excluded.state, \
             reason = excluded.reason, assumed = excluded.assumed, at = excluded.at")
        .int(lease.org.0)
        .int(parent.0)
        .text(&coverage.dataset)
        .text(coverage.state.as_str())
        .text(&coverage.reason)
        .json(&serde_json::Value::from(coverage.assumed.clone()))
        .int(coverage.at)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}
