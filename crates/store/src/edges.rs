//! Edges stated by objects' documents, and the past of edges.

use std::collections::HashMap;

use crate::{
    Result,
    commit::{Batch, Placed},
    db::Tx,
    late,
    objects::Fate,
    query::{Rows, sql},
};

/// An edge's key: relation, source, destination.
pub(crate) type EdgeKey = (i16, i64, i64);

/// Rows of edge keys with the columns `rel`, `src`, `dst`.
pub(crate) fn key_rows<'k>(keys: impl Iterator<Item = &'k EdgeKey> + Clone) -> Rows {
    Rows::new()
        .int("rel", keys.clone().map(|k| i64::from(k.0)))
        .int("src", keys.clone().map(|k| k.1))
        .int("dst", keys.map(|k| k.2))
}

const CHANGED: i64 = 2;
const REMOVED: i64 = 3;

/// Keeps what the edges were until `now`, before they are changed or removed.
async fn keep_past(tx: &mut Tx, org: i64, rows: &Rows, what: i64, now: i64) -> Result<()> {
    sql("INSERT INTO edge_change(org, at, rel, src, dst, what, attr, since, codec, doc) \
         SELECT $1, $2, e.rel, e.src, e.dst, $3, e.attr, e.first_seen, d.codec, d.doc FROM {rows} CROSS JOIN edge e \
         LEFT JOIN edge_doc d ON d.org = $1 AND d.rel = e.rel AND d.src = e.src AND d.dst = e.dst \
         WHERE e.org = $1 AND e.rel = v.rel AND e.src = v.src AND e.dst = v.dst \
         ON CONFLICT(org, at, rel, src, dst, what) DO NOTHING")
    .int(org)
    .int(now)
    .int(what)
    .rows(rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes edges with their documents; their past stays.
pub(crate) async fn remove(tx: &mut Tx, org: i64, keys: &[EdgeKey], now: i64) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    late::place(tx, org).await?;
    let rows = key_rows(keys.iter());
    keep_past(tx, org, &rows, REMOVED, now).await?;
    for table in ["edge_doc", "edge"] {
        sql(format!(
            "DELETE FROM {table} WHERE org = $1 AND (rel, src, dst) IN (SELECT v.rel, v.src, v.dst FROM {{rows}})"
        ))
        .int(org)
        .rows(&rows)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Inserts edges that are not there.
pub(crate) async fn insert(tx: &mut Tx, org: i64, edges: &[(EdgeKey, i32)], now: i64) -> Result<()> {
    let rows = key_rows(edges.iter().map(|(k, _)| k)).int("attr", edges.iter().map(|(_, a)| i64::from(*a)));
    sql("INSERT INTO edge(org, rel, src, dst, attr, first_seen) SELECT $1, v.rel, v.src, v.dst, v.attr, $2 \
         FROM {rows} WHERE true ON CONFLICT(org, rel, src, dst) DO NOTHING")
    .int(org)
    .int(now)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps the past of edges whose number or document is about to change, and sets the number.
pub(crate) async fn change(tx: &mut Tx, org: i64, edges: &[(EdgeKey, i32)], now: i64) -> Result<()> {
    if edges.is_empty() {
        return Ok(());
    }
    late::place(tx, org).await?;
    let rows = key_rows(edges.iter().map(|(k, _)| k)).int("attr", edges.iter().map(|(_, a)| i64::from(*a)));
    keep_past(tx, org, &rows, CHANGED, now).await?;
    // By key, as for entities: first_seen of the row that is there stays.
    sql("INSERT INTO edge(org, rel, src, dst, attr, first_seen) SELECT $1, v.rel, v.src, v.dst, v.attr, $2 \
         FROM {rows} WHERE true ON CONFLICT(org, rel, src, dst) DO UPDATE SET attr = excluded.attr")
    .int(org)
    .int(now)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Sets the out-edges of changed objects to what their documents state, for the relations they own.
pub(crate) async fn write_owned(
    batch: &mut Batch<'_>,
    tx: &mut Tx,
    objects: &[Placed<'_>],
    fates: &[Fate],
) -> Result<()> {
    let mut wanted: HashMap<EdgeKey, i32> = HashMap::new();
    let mut owned: Vec<(i64, i16)> = Vec::new();
    for (placed, fate) in objects.iter().zip(fates).filter(|(_, fate)| **fate != Fate::Unchanged) {
        let src = batch.ends.id(placed.slot);
        for (out, slot) in placed.object.out.iter().zip(&placed.out) {
            wanted.insert((out.rel.0, src, batch.ends.id(*slot)), out.attr);
        }
        if *fate != Fate::New {
            owned.extend(placed.object.owns.iter().map(|rel| (src, rel.0)));
        }
    }
    let rows =
        Rows::new().int("src", owned.iter().map(|o| o.0)).int("rel", owned.iter().map(|o| i64::from(o.1)));
    let existing: Vec<(i16, i64, i64, i32)> =
        sql("SELECT e.rel, e.src, e.dst, e.attr FROM {rows} CROSS JOIN edge e \
         WHERE e.org = $1 AND e.rel = v.rel AND e.src = v.src")
        .int(batch.org.0)
        .rows(&rows)
        .all(&mut *tx)
        .await?;
    let mut gone = Vec::new();
    let mut changed = Vec::new();
    for (rel, src, dst, attr) in existing {
        let key = (rel, src, dst);
        match wanted.remove(&key) {
            None => gone.push(key),
            Some(new) if new != attr => changed.push((key, new)),
            Some(_) => {}
        }
    }
    let new: Vec<_> = wanted.into_iter().collect();
    remove(tx, batch.org.0, &gone, batch.now).await?;
    change(tx, batch.org.0, &changed, batch.now).await?;
    insert(tx, batch.org.0, &new, batch.now).await?;
    batch.count.edges_new += new.len() as u64;
    batch.count.edges_changed += changed.len() as u64;
    Ok(())
}
