//! Records that were set aside.

use serde_json::Value;
use transom_core::{EntityId, Millis, OrgId};

use crate::{Result, RunId, Store, mark::Mark, query::sql, store::Doc};

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

/// A page of records that were set aside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuarantinePage {
    /// The records.
    pub rows: Vec<QuarantineRow>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
}

/// A record's key within its org: data set, run, parent, part, page, number on it.
type Place = (String, i64, i64, i16, i32, i32);
type Row = (String, i64, i64, i16, i32, i32, Millis, String, Doc);

const COLUMNS: &str =
    "SELECT dataset, run, parent, part, page, n, at, why, doc FROM quarantine WHERE org = $1";

fn read((dataset, run, parent, _, _, _, at, why, doc): Row) -> QuarantineRow {
    QuarantineRow { dataset, run: RunId(run), parent: EntityId(parent), at, why, doc: doc.0 }
}

impl Store {
    /// Records set aside, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn quarantine(&self, org: OrgId, limit: u32) -> Result<Vec<QuarantineRow>> {
        let rows: Vec<Row> =
            sql(format!("{COLUMNS} ORDER BY at DESC, dataset, parent, part, page, n LIMIT $2"))
                .int(org.0)
                .int(i64::from(limit))
                .all(&self.reader)
                .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A page of the records set aside, of one data set or of all, by data set and in the order in which Okta listed them.
    ///
    /// # Errors
    /// [`Error::Mark`](crate::Error::Mark) for a mark that is none of these.
    pub async fn quarantine_page(
        &self,
        org: OrgId,
        dataset: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<QuarantinePage> {
        const OF: &str = "quarantine";
        let mut query = sql(COLUMNS).int(org.0);
        if let Some(dataset) = dataset {
            query.push(" AND dataset = ").push_text(dataset);
        }
        if let Some(place) =
            after.map(|text| Mark::<Place>::read(text, OF)).transpose()?.and_then(|m| m.place)
        {
            query.push(" AND (dataset, run, parent, part, page, n) > (").push_text(&place.0);
            for number in [place.1, place.2, place.3.into(), place.4.into(), place.5.into()] {
                query.push(", ").push_int(number);
            }
            query.push(")");
        }
        query.push(" ORDER BY dataset, run, parent, part, page, n LIMIT ").push_int(i64::from(limit) + 1);
        let mut rows: Vec<Row> = query.all(&self.reader).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| more).map(|r| (r.0.clone(), r.1, r.2, r.3, r.4, r.5));
        let next = last.map(|place| Mark::new(OF, false, Some(place)).write());
        Ok(QuarantinePage { rows: rows.into_iter().map(read).collect(), next })
    }
}
