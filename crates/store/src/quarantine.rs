//! Records that were set aside.

use serde_json::Value;
use transom_core::{EntityId, Millis, OrgId};

use crate::{Result, RunId, Store, query::sql, store::Doc};

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarantineRow {
    /// The data set.
    pub dataset: String,
    /// The run that met it.
    pub run: RunId,
    /// Whose listing it was in.
    pub parent: EntityId,
    /// When.
    pub at: Millis,
    /// What was wrong with it.
    pub why: String,
    /// The record.
    pub doc: Value,
}

type Row = (String, i64, i64, Millis, String, Doc);

impl Store {
    /// Records set aside, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantine(&self, org: OrgId, limit: u32) -> Result<Vec<QuarantineRow>> {
        let rows: Vec<Row> = sql("SELECT dataset, run, parent, at, why, doc FROM quarantine WHERE org = $1 \
             ORDER BY at DESC, dataset, parent, part, page, n LIMIT $2")
        .int(org.0)
        .int(i64::from(limit))
        .all(&self.reader)
        .await?;
        let read = |(dataset, run, parent, at, why, doc): Row| QuarantineRow {
            dataset,
            run: RunId(run),
            parent: EntityId(parent),
            at,
            why,
            doc: doc.0,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
