//! The declared columns of a kind, for the rows of a page.

use std::collections::HashMap;

use serde_json::Value;
use transom_core::{Column, EntityId, KindCode, OrgId};

use crate::{
    Error, Result, Store,
    query::{Rows, sql},
    read::LIVE,
    store::Doc,
};

impl Store {
    /// The values of `columns` (declared ones, by name) of some live entities of a kind, read from their documents: a row
    /// for each of `ids` in their order, null where the document has nothing at the column's path, or the entity is gone.
    /// Only for the rows of a page: every document is read whole.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a column that the kind does not declare; it names those there are.
    pub async fn values(
        &self,
        org: OrgId,
        kind: KindCode,
        ids: &[EntityId],
        columns: &[&str],
    ) -> Result<Vec<Vec<Value>>> {
        let declared: &[Column] = self.catalogue.kind(kind).map_or(&[], |k| k.columns);
        let wanted = |name: &&str| {
            declared.iter().find(|c| c.name == *name).ok_or_else(|| Error::NotFound {
                what: "column",
                wanted: name.to_string(),
                have: declared.iter().map(|c| c.name.to_string()).collect(),
            })
        };
        let columns = columns.iter().map(wanted).collect::<Result<Vec<_>>>()?;
        if columns.is_empty() {
            return Ok(vec![Vec::new(); ids.len()]);
        }
        let rows = Rows::new().int("id", ids.iter().map(|id| id.0));
        let docs: Vec<(i64, Doc)> = sql(format!(
            "SELECT e.id, e.doc FROM {{rows}} CROSS JOIN entity e WHERE e.org = $1 AND e.id = v.id AND e.kind = $2 AND {LIVE}"
        ))
        .int(org.0)
        .int(i64::from(kind.0))
        .rows(&rows)
        .all(&self.reader)
        .await?;
        let docs: HashMap<i64, Value> = docs.into_iter().map(|(id, doc)| (id, doc.0)).collect();
        let value = |id: &EntityId, column: &Column| {
            docs.get(&id.0).and_then(|doc| doc.pointer(column.path)).cloned().unwrap_or_default()
        };
        Ok(ids.iter().map(|id| columns.iter().map(|column| value(id, column)).collect()).collect())
    }
}
