//! Counts that are kept while objects come and go, in their transaction: of a million objects nobody can count how many
//! have which facet while somebody waits for a page (SQLite: 0.5 s for the four facets of a million users, 0.2 to 1 s for
//! the users themselves, against 0.1 ms for the counts of a kind). A batch adds up its own, so it writes a row for each
//! value that it met.

use std::collections::BTreeMap;

use crate::{
    Result,
    db::Tx,
    query::{Rows, sql},
};

/// What a batch adds and takes away, by kind, facet and value; the objects themselves under an empty name and value.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<(i16, String, String), i64>);

impl Tally {
    pub fn object(&mut self, kind: i16, by: i64) {
        self.facet(kind, "", "", by);
    }

    pub fn facet(&mut self, kind: i16, name: &str, value: &str, by: i64) {
        *self.0.entry((kind, name.to_string(), value.to_string())).or_default() += by;
    }

    pub async fn write(mut self, tx: &mut Tx, org: i64) -> Result<()> {
        self.0.retain(|_, by| *by != 0);
        let rows = Rows::new()
            .int("kind", self.0.keys().map(|k| i64::from(k.0)))
            .text("name", self.0.keys().map(|k| k.1.clone()))
            .text("value", self.0.keys().map(|k| k.2.clone()))
            .int("n", self.0.values().copied());
        sql("INSERT INTO facet_count(org, kind, name, value, n) SELECT $1, v.kind, v.name, v.value, v.n FROM {rows} \
             WHERE true ON CONFLICT(org, kind, name, value) DO UPDATE SET n = facet_count.n + excluded.n")
        .int(org)
        .rows(&rows)
        .execute(&mut *tx)
        .await?;
        sql("DELETE FROM facet_count WHERE org = $1 AND n = 0 AND (kind, name, value) IN (SELECT v.kind, v.name, v.value FROM {rows})")
            .int(org)
            .rows(&rows)
            .execute(tx)
            .await?;
        Ok(())
    }
}
