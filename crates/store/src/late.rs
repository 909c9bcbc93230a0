//! New edges on their way into the table.
//!
//! The table's order begins with the source, and listings come by destination: put there page by page, each edge of a large
//! org falls on a place of its own, and nearly all that a sync writes is those places, again and again. So a large
//! listing's new edges are kept with its page, packed and in the order in which they came, and some hundred thousand of them
//! are put into the table at one go, in its order.
//!
//! Whoever changes or removes edges [places](place) those that wait first. Who only reads does not see them yet: a
//! sync does not end before they are in the table.

use transom_core::Millis;

use crate::{
    Lease, Result, Store,
    db::Tx,
    edges::{EdgeKey, key_rows},
    ids::{pull, push},
    org::next_ids,
    query::sql,
};

/// Edges placed in a transaction: others write in between.
const PORTION: usize = 20_000;

/// An edge that waits, with the time it was first seen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Late {
    key: EdgeKey,
    attr: i32,
    first_seen: Millis,
}

/// Edges that wait, in the order of the table.
#[derive(Debug, Default)]
struct Waiting {
    edges: Vec<Late>,
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
    let n = next_ids(tx, org, 1).await?;
    sql("INSERT INTO edge_late(org, n, first_seen, edges) VALUES ($1, $2, $3, $4)")
        .int(org)
        .int(n)
        .int(now)
        .blob(&packed)
        .execute(tx)
        .await?;
    Ok(())
}

/// All edges that wait, each once: of several readings the last.
async fn waiting(tx: &mut Tx, org: i64) -> Result<Waiting> {
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

/// Whether these edges still wait.
async fn wait_still(tx: &mut Tx, org: i64, edges: &Waiting) -> Result<bool> {
    let last: Option<(i64,)> = sql("SELECT n FROM edge_late WHERE org = $1 AND n = $2")
        .int(org)
        .int(edges.last)
        .optional(tx)
        .await?;
    Ok(last.is_some())
}

/// Puts edges into the table. Those that are there already, because placing was interrupted, stay as they are.
async fn put(tx: &mut Tx, org: i64, edges: &[Late]) -> Result<()> {
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
async fn clear(tx: &mut Tx, org: i64, placed: &Waiting) -> Result<()> {
    sql("DELETE FROM edge_late WHERE org = $1 AND n <= $2").int(org).int(placed.last).execute(tx).await?;
    Ok(())
}

impl Store {
    /// Places an org's new edges that wait, those of an earlier process too; returns how many. In several transactions: when
    /// stopped, call it again.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost); what is placed stays.
    pub async fn place(&self, lease: &Lease) -> Result<u64> {
        self.place_by(lease, PORTION).await
    }

    /// The same, so many in a transaction.
    async fn place_by(&self, lease: &Lease, portion: usize) -> Result<u64> {
        let org = lease.org.0;
        let mut placed = 0;
        let mut tx = self.begin_fenced(lease).await?;
        let waiting = waiting(&mut tx, org).await?;
        for portion in waiting.edges.chunks(portion) {
            put(&mut tx, org, portion).await?;
            placed += portion.len() as u64;
            tx.commit().await?;
            self.committed();
            tx = self.begin_fenced(lease).await?;
            // Who removes edges meanwhile places them all first: put once more, they would be back.
            if !wait_still(&mut tx, org, &waiting).await? {
                return Ok(placed);
            }
        }
        clear(&mut tx, org, &waiting).await?;
        tx.commit().await?;
        Ok(placed)
    }
}

/// Puts all edges that wait into the table, within a transaction that is about to change or remove some.
pub(crate) async fn place(tx: &mut Tx, org: i64) -> Result<()> {
    let waiting = waiting(tx, org).await?;
    for portion in waiting.edges.chunks(PORTION) {
        put(tx, org, portion).await?;
    }
    if waiting.last > 0 { clear(tx, org, &waiting).await } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::json;
    use transom_core::{Catalogue, ManualClock};

    use super::*;
    use crate::{DatabaseUrl, NewOrg, edges};

    async fn table(store: &Store) -> Vec<(i64, i64, i32, i64)> {
        sql("SELECT src, dst, attr, first_seen FROM edge ORDER BY src, dst")
            .all(&store.reader)
            .await
            .expect("reads")
    }

    async fn keep(store: &Store, lease: &Lease, edges: &[(EdgeKey, i32)], now: Millis) {
        let mut tx = store.begin_fenced(lease).await.expect("begins");
        append(&mut tx, lease.org.0, edges, now).await.expect("appends");
        tx.commit().await.expect("commits");
    }

    #[tokio::test]
    async fn placed_in_portions_and_never_after_somebody_removed() {
        let folder = tempfile::tempdir().expect("folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("late.db"));
        let catalogue = Arc::new(Catalogue::new(Vec::new(), Vec::new()).expect("declares"));
        let store = Store::open(&url, catalogue, Arc::new(ManualClock::new(1))).await.expect("opens");
        let new = NewOrg {
            label: "Acme".into(),
            origin: "https://acme.okta.com".into(),
            okta_id: None,
            simulator: false,
            settings: json!({}),
        };
        let org = store.create_org(new).await.expect("creates").id;
        let lease = store.acquire_lease(org, "test", Duration::from_secs(9)).await.expect("leases");

        keep(&store, &lease, &[((1, 7, 1), 0), ((1, 5, 1), 0)], 10).await;
        keep(&store, &lease, &[((1, 6, i64::MAX), -1), ((1, 5, 1), 2)], 20).await;
        assert_eq!(store.place_by(&lease, 1).await.expect("places"), 3);
        let placed = [(5, 1, 2, 10), (6, i64::MAX, -1, 20), (7, 1, 0, 10)];
        assert_eq!(table(&store).await, placed, "the last number, the first time");

        // Between two portions an edge goes that waits, and another comes: what was read before is put no more.
        keep(&store, &lease, &[((1, 8, 1), 0)], 30).await;
        let mut tx = store.begin_fenced(&lease).await.expect("begins");
        let read = waiting(&mut tx, org.0).await.expect("reads");
        edges::remove(&mut tx, org.0, &[(1, 8, 1)], 31).await.expect("removes");
        tx.commit().await.expect("commits");
        keep(&store, &lease, &[((1, 9, 1), 0)], 32).await;
        let mut tx = store.begin_fenced(&lease).await.expect("begins");
        assert!(read.last > 0 && !wait_still(&mut tx, org.0, &read).await.expect("reads"));
        drop(tx);
        assert_eq!(store.place(&lease).await.expect("places"), 1);
        assert_eq!(table(&store).await.last(), Some(&(9, 1, 0, 32)));
        store.close().await;
    }
}
