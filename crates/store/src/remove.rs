//! Removing entities: what hangs on them goes with them, and what was known of it; their past stays.

use transom_core::{EntityId, OrgId};

use crate::{
    Lease, Result, Store,
    db::Tx,
    edges::{self, EdgeKey},
    late,
    objects::clear_index,
    query::{Rows, sql},
    tally::Tally,
};

/// Entities removed per transaction.
pub(crate) const CHUNK: usize = 1000;

impl Store {
    /// Removes entities (and their children): they keep id and document, marked as removed; their edges, facets and
    /// terms go, edges into the history. Those already removed stay as they are; so do edges to them that documents of
    /// others state, as long as those do.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost); chunks already removed stay removed.
    pub async fn remove(&self, lease: &Lease, ids: &[EntityId]) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            let slot = self.cache(lease.org);
            let mut cache = slot.lock().await;
            cache.forget();
            let mut tx = self.begin_fenced(lease).await?;
            entities(self, &mut tx, lease.org, chunk.iter().map(|id| id.0).collect()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Removes entities and everything below them; returns how many of `ids` were live or stubs.
pub(crate) async fn entities(store: &Store, tx: &mut Tx, org: OrgId, ids: Vec<i64>) -> Result<u64> {
    let now = store.now();
    late::place(tx, org.0).await?;
    let nested: Vec<i64> =
        store.catalogue.kinds.iter().filter(|k| !k.parents.is_empty()).map(|k| i64::from(k.code.0)).collect();
    let mut level = ids;
    let mut removed = None;
    let mut tally = Tally::default();
    while !level.is_empty() {
        let rows = Rows::new().int("id", level.iter().copied());
        remove_edges(store, tx, org, &rows, now).await?;
        clear_index(tx, org.0, &rows, &mut tally).await?;
        sql("DELETE FROM coverage_under WHERE org = $1 AND parent IN (SELECT v.id FROM {rows})")
            .int(org.0)
            .rows(&rows)
            .execute(&mut *tx)
            .await?;
        let marked: Vec<(i16, bool)> =
            sql("UPDATE entity SET removed_at = $2 WHERE org = $1 AND removed_at IS NULL \
             AND id IN (SELECT v.id FROM {rows}) RETURNING kind, doc_hash IS NOT NULL")
            .int(org.0)
            .int(now)
            .rows(&rows)
            .all(&mut *tx)
            .await?;
        removed.get_or_insert(marked.len() as u64);
        for (kind, _) in marked.into_iter().filter(|(_, live)| *live) {
            tally.object(kind, -1);
        }
        let rows = below(&level, &nested);
        let children: Vec<(i64,)> = sql("SELECT e.id FROM {rows} CROSS JOIN entity e \
             WHERE e.org = $1 AND e.kind = v.kind AND e.parent = v.parent AND e.removed_at IS NULL")
        .int(org.0)
        .rows(&rows)
        .all(&mut *tx)
        .await?;
        level = children.into_iter().map(|(id,)| id).collect();
    }
    tally.write(tx, org.0).await?;
    Ok(removed.unwrap_or(0))
}

/// Every pair of an entity and a kind that may live under it.
fn below(level: &[i64], nested: &[i64]) -> Rows {
    let pairs: Vec<(i64, i64)> =
        level.iter().flat_map(|id| nested.iter().map(move |kind| (*id, *kind))).collect();
    Rows::new().int("parent", pairs.iter().map(|p| p.0)).int("kind", pairs.iter().map(|p| p.1))
}

/// Removes all edges from the entities in column `id`, and those to them that listings show. What the document of another
/// states it states whether or not there is something at the far end, and would not be read again for it.
async fn remove_edges(store: &Store, tx: &mut Tx, org: OrgId, rows: &Rows, now: i64) -> Result<()> {
    let mut keys: Vec<EdgeKey> = Vec::new();
    // One relation at a time: both keys of the table start with it.
    for relation in &store.catalogue.relations {
        for end in if relation.listed { ["src", "dst"].as_slice() } else { &["src"] } {
            let found: Vec<EdgeKey> = sql(format!(
                "SELECT e.rel, e.src, e.dst FROM {{rows}} CROSS JOIN edge e WHERE e.org = $1 AND e.rel = $2 AND e.{end} = v.id"
            ))
            .int(org.0)
            .int(i64::from(relation.code.0))
            .rows(rows)
            .all(&mut *tx)
            .await?;
            keys.extend(found);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    edges::remove(tx, org.0, &keys, now).await
}
