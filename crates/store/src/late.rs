//! New edges on their way into the table.
//!
//! The table's order begins with the source, and listings come by destination: put there page by page, each edge of a large
//! org falls on a place of its own, and nearly all that a sync writes is those places, again and again. So a large
//! listing's new edges are kept with its page, packed and in the order in which they came, and some hundred thousand of them
//! are put into the table at one go, in its order.
//!
//! Whoever changes or removes edges [places](place) those that wait first. Who only reads does not see them yet: the data
//! set that they are of is not complete before they are in the table.

use transom_core::Millis;

use crate::{
    Result,
    db::Tx,
    edges::{EdgeKey, key_rows},
    ids::{pull, push},
    query::sql,
};

/// Edges placed in a transaction: others write in between.
pub(crate) const PORTION: usize = 20_000;

/// An edge that waits, with the time it was first seen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Late {
    pub key: EdgeKey,
    attr: i32,
    first_seen: Millis,
}

/// Edges that wait, in the order of the table.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub edges: Vec<Late>,
    /// The last row that they are in.
    last: i64,
}

/// Keeps new edges until they are placed.
pub(crate) async fn append(tx: &mut Tx, org: i64, edges: &[(EdgeKey, i32)], now: Millis) -> Result<()> {
    if edges.is_empty() {
        return Ok(());
    }
    let mut packed = Vec::with_capacity(edges.len() * 8);
    for ((rel, src, dst), attr) in edges {
        for number in [i64::from(*rel), *src, *dst, i64::from(*attr)] {
            push(&mut packed, number.cast_unsigned());
        }
    }
    sql("INSERT INTO edge_late(org, n, first_seen, edges) \
         SELECT $1, coalesce(max(n), 0) + 1, $2, $3 FROM edge_late WHERE org = $1")
    .int(org)
    .int(now)
    .blob(&packed)
    .execute(tx)
    .await?;
    Ok(())
}

/// All edges that wait, each once: of several readings the last.
pub(crate) async fn waiting(tx: &mut Tx, org: i64) -> Result<Waiting> {
    let mut waiting = Waiting::default();
    let rows: Vec<(i64, Millis, Vec<u8>)> =
        sql("SELECT n, first_seen, edges FROM edge_late WHERE org = $1 ORDER BY n").int(org).all(tx).await?;
    // A number ends where a byte's first bit is not set, and each edge is four.
    let numbers = rows.iter().flat_map(|(.., packed)| packed).filter(|byte| **byte < 0x80).count();
    waiting.edges.reserve_exact(numbers / 4);
    for (n, first_seen, packed) in rows {
        waiting.last = n;
        let mut numbers = pull(&packed).map(u64::cast_signed);
        while let (Some(rel), Some(src), Some(dst), Some(attr)) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        {
            waiting.edges.push(Late { key: (rel as i16, src, dst), attr: attr as i32, first_seen });
        }
    }
    // The last reading first among equals, so that it is the one that stays.
    waiting.edges.reverse();
    waiting.edges.sort_by_key(|late| late.key);
    waiting.edges.dedup_by(|earlier, last| {
        let same = earlier.key == last.key;
        if same {
            last.first_seen = earlier.first_seen;
        }
        same
    });
    Ok(waiting)
}

/// Whether any edges wait.
pub(crate) async fn waits(tx: &mut Tx, org: i64) -> Result<bool> {
    let any: Option<(i64,)> =
        sql("SELECT n FROM edge_late WHERE org = $1 ORDER BY n LIMIT 1").int(org).optional(tx).await?;
    Ok(any.is_some())
}

/// Puts edges into the table. Those that are there already, because placing was interrupted, stay as they are.
pub(crate) async fn put(tx: &mut Tx, org: i64, edges: &[Late]) -> Result<()> {
    let rows = key_rows(edges.iter().map(|late| &late.key))
        .int("attr", edges.iter().map(|late| i64::from(late.attr)))
        .int("first_seen", edges.iter().map(|late| late.first_seen));
    sql("INSERT INTO edge(org, rel, src, dst, attr, first_seen) \
         SELECT $1, v.rel, v.src, v.dst, v.attr, v.first_seen FROM {rows} WHERE true \
         ON CONFLICT(org, rel, src, dst) DO NOTHING")
    .int(org)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what waited, once it is in the table.
pub(crate) async fn clear(tx: &mut Tx, org: i64, placed: &Waiting) -> Result<()> {
    sql("DELETE FROM edge_late WHERE org = $1 AND n <= $2").int(org).int(placed.last).execute(tx).await?;
    Ok(())
}

/// Puts all edges that wait into the table, within a transaction that is about to change or remove some.
pub(crate) async fn place(tx: &mut Tx, org: i64) -> Result<()> {
    let waiting = waiting(tx, org).await?;
    for portion in waiting.edges.chunks(PORTION) {
        put(tx, org, portion).await?;
    }
    if waiting.last > 0 { clear(tx, org, &waiting).await } else { Ok(()) }
}
