//! Removing entities: what hangs on them goes with them, and what was known of it; their past stays.

use transom_core::{EntityId, OrgId};

use crate::{
    Lease, Result, Store,
    db::Tx,
    edges::{self, EdgeKey},
    late,
    objects::{clear_index, make_stubs},
    query::{Rows, sql},
    tally::Tally,
};

/// Entities removed per transaction.
pub(crate) const CHUNK: usize = 1000;
/// Edges that listings show removed per transaction.
pub(crate) const EDGES: usize = 10_000;

impl Store {
    /// Removes entities (and their children): they keep id and document, marked as removed; their edges, facets and
    /// terms go, edges into the history. Those already removed stay as they are; so do edges to them that documents of
    /// others state, as long as those do: what is referred to becomes a stub, as it would be where it had never been
    /// read, and its document a past version.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost); chunks already removed stay removed.
    pub async fn remove(&self, lease: &Lease, ids: &[EntityId]) -> Result<()> {
        for ids in ids.chunks(CHUNK) {
            chunk(self, lease, ids.iter().map(|id| id.0).collect()).await?;
        }
        Ok(())
    }
}

/// Removes at most [`CHUNK`] entities and everything below them, as [`Store::remove`] does; returns how many of `ids` were
/// live or stubs.
///
/// Where they have more edges than a transaction should remove — one app can have a million users — those that listings
/// show go first, in transactions of their own. Where this is stopped between two of them, and what was to go is found
/// alive after all, their next listing brings them back.
pub(crate) async fn chunk(store: &Store, lease: &Lease, ids: Vec<i64>) -> Result<u64> {
    let slot = store.cache(lease.org);
    let mut cache = slot.lock().await;
    cache.forget();
    loop {
        let mut tx = store.begin_fenced(lease).await?;
        late::place(&mut tx, lease.org.0).await?;
        let rows = Rows::new().int("id", ids.iter().copied());
        let (keys, all) = edges_of(store, &mut tx, lease.org, &rows, Some(EDGES)).await?;
        if all {
            let removed = entities(store, &mut tx, lease.org, ids).await?;
            tx.commit().await?;
            return Ok(removed);
        }
        edges::remove(&mut tx, lease.org.0, &keys, store.now()).await?;
        tx.commit().await?;
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
        let (keys, _) = edges_of(store, tx, org, &rows, None).await?;
        edges::remove(tx, org.0, &keys, now).await?;
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
        let referred = referred(store, tx, org, &rows).await?;
        make_stubs(tx, org, referred, now).await?;
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

/// Those of the entities in column `id` that documents of others still refer to.
async fn referred(store: &Store, tx: &mut Tx, org: OrgId, rows: &Rows) -> Result<Vec<i64>> {
    let stated = store.catalogue.relations.iter().filter(|r| !r.listed);
    let codes: Vec<String> = stated.map(|r| r.code.0.to_string()).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<(i64,)> = sql(format!(
        "SELECT v.id FROM {{rows}} WHERE EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel IN ({}) AND x.dst = v.id)",
        codes.join(", ")
    ))
    .int(org.0)
    .rows(rows)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The edges that go with the entities in column `id`: all that begin there, and those to them that listings show. What the
/// document of another states it states whether or not there is something at the far end, and would not be read again for
/// it. With `most`, only of those that listings show, and no more than that. And whether these are all.
async fn edges_of(
    store: &Store,
    tx: &mut Tx,
    org: OrgId,
    rows: &Rows,
    most: Option<usize>,
) -> Result<(Vec<EdgeKey>, bool)> {
    let mut keys: Vec<EdgeKey> = Vec::new();
    // One relation at a time: both keys of the table start with it.
    for relation in store.catalogue.relations.iter().filter(|r| r.listed || most.is_none()) {
        for end in if relation.listed { ["src", "dst"].as_slice() } else { &["src"] } {
            let room = most.map(|most| most.saturating_sub(keys.len()));
            if room == Some(0) {
                break;
            }
            let limit = room.map(|room| format!(" LIMIT {room}")).unwrap_or_default();
            let found: Vec<EdgeKey> = sql(format!(
                "SELECT e.rel, e.src, e.dst FROM {{rows}} CROSS JOIN edge e \
                 WHERE e.org = $1 AND e.rel = $2 AND e.{end} = v.id{limit}"
            ))
            .int(org.0)
            .int(i64::from(relation.code.0))
            .rows(rows)
            .all(&mut *tx)
            .await?;
            keys.extend(found);
        }
    }
    let all = most.is_none_or(|most| keys.len() < most);
    keys.sort_unstable();
    keys.dedup();
    Ok((keys, all))
}
