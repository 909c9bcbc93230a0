//! How far a run is, from what it needs for resuming.

use std::collections::BTreeMap;

use transom_core::{Millis, OrgId};

use crate::{Count, Result, RunId, Store, query::sql};

/// How far a run is with what it reads under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetProgress {
    /// The name given to the recorder: a data set's, or that of one of its routes.
    pub dataset: String,
    /// When the run was through with it.
    pub finished: Option<Millis>,
    /// Listings that have ended.
    pub done: Count,
    /// Listings that have begun.
    pub going: Count,
    /// Listings that failed.
    pub failed: Count,
}

/// Listings of a data set are looked at up to here: a million users have as many.
const CAP: i64 = 10_000;

impl Store {
    /// How far an unfinished run is with each data set it has begun, by name. Of a finished run only when it was through
    /// with each.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn run_progress(&self, org: OrgId, run: RunId) -> Result<Vec<DatasetProgress>> {
        let finished: Vec<(String, Option<Millis>)> =
            sql("SELECT dataset, finished FROM run_dataset WHERE org = $1 AND run = $2")
                .int(org.0)
                .int(run.0)
                .all(&self.reader)
                .await?;
        let mut all: BTreeMap<String, Option<Millis>> = finished.into_iter().collect();
        // From name to name, past all the listings of each.
        let begun: Vec<(String,)> = sql("WITH RECURSIVE d(name) AS (\
             SELECT min(dataset) FROM checkpoint WHERE org = $1 AND run = $2 UNION ALL \
             SELECT (SELECT min(c.dataset) FROM checkpoint c WHERE c.org = $1 AND c.run = $2 AND c.dataset > d.name) \
             FROM d WHERE d.name IS NOT NULL) SELECT name FROM d WHERE name IS NOT NULL")
        .int(org.0)
        .int(run.0)
        .all(&self.reader)
        .await?;
        for (name,) in begun {
            all.entry(name).or_default();
        }
        let names: Vec<&String> = all.keys().collect();
        let mut query = sql("SELECT -1, 0, CAST($1 + $2 AS BIGINT)").int(org.0).int(run.0);
        for (n, name) in names.iter().enumerate() {
            query.push(&format!(
                " UNION ALL SELECT {n}, CAST(s{n}.state AS INTEGER), count(*) FROM (SELECT state FROM checkpoint \
                 WHERE org = $1 AND run = $2 AND dataset = "
            ));
            query.push_text(name).push(&format!(" LIMIT {}) AS s{n} GROUP BY s{n}.state", CAP + 1));
        }
        let counted: Vec<(i32, i32, i64)> = query.all(&self.reader).await?;
        let progress = |(n, (dataset, finished)): (usize, (String, Option<Millis>))| {
            let of = |state: i32| {
                counted.iter().find(|c| c.0 == n as i32 && c.1 == state).map_or(0, |(_, _, found)| *found)
            };
            let full = of(0) + of(1) + of(2) > CAP;
            let count = |state| {
                if full {
                    Count::AtLeast(crate::store::count(of(state)))
                } else {
                    Count::capped(of(state), CAP)
                }
            };
            DatasetProgress { dataset, finished, going: count(0), done: count(1), failed: count(2) }
        };
        Ok(all.clone().into_iter().enumerate().map(progress).collect())
    }
}
