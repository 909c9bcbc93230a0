//! Edges read from listings of their own, with or without a document.

use std::collections::HashMap;

use transom_core::doc_hash;

use crate::{
    Result,
    commit::{Batch, PlacedLink},
    db::Tx,
    edges::{self, EdgeKey, Packer, ZSTD, key_rows},
    query::{Rows, sql},
};

/// The hash of an edge's document; raise the number to have unchanged ones written again.
const VERSION: u16 = 1;

struct Wanted<'a> {
    link: &'a PlacedLink<'a>,
    hash: Option<[u8; 16]>,
}

/// Adds and changes edges. A link without a document leaves the one the edge has, and the number that came with it.
pub(crate) async fn write(batch: &mut Batch<'_>, tx: &mut Tx, links: &[PlacedLink<'_>]) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let mut wanted: HashMap<EdgeKey, Wanted<'_>> = HashMap::with_capacity(links.len());
    for link in links {
        let key = (link.link.rel.0, batch.ends.id(link.src), batch.ends.id(link.dst));
        let hash = link.link.doc.as_ref().map(|doc| doc_hash(VERSION, &[], doc));
        wanted.insert(key, Wanted { link, hash });
    }
    // In key order, so that the table's pages are written one after the other.
    let mut wanted: Vec<(EdgeKey, Wanted<'_>)> = wanted.into_iter().collect();
    wanted.sort_unstable_by_key(|(key, _)| *key);
    let rows = key_rows(wanted.iter().map(|(key, _)| key)).int("n", (0..).take(wanted.len()));
    let existing: Vec<(i64, i32, Option<Vec<u8>>)> =
        sql("SELECT v.n, e.attr, d.hash FROM {rows} CROSS JOIN edge e \
         LEFT JOIN edge_doc d ON d.org = $1 AND d.rel = e.rel AND d.src = e.src AND d.dst = e.dst \
         WHERE e.org = $1 AND e.rel = v.rel AND e.src = v.src AND e.dst = v.dst")
        .int(batch.org.0)
        .rows(&rows)
        .all(&mut *tx)
        .await?;
    let mut there: Vec<Option<(i32, Option<Vec<u8>>)>> = vec![None; wanted.len()];
    for (n, attr, hash) in existing {
        there[n as usize] = Some((attr, hash));
    }
    let (mut new, mut changed, mut docs) = (Vec::new(), Vec::new(), Vec::new());
    for ((key, want), there) in wanted.iter().zip(there) {
        let attr = want.link.link.attr;
        match there {
            None => {
                new.push((*key, attr));
                docs.push((key, want));
            }
            Some((_, Some(_))) if want.hash.is_none() => {}
            Some((old, hash)) => {
                let same_doc =
                    want.hash.is_none() || hash.as_deref() == want.hash.as_ref().map(|h| h.as_slice());
                if old != attr || !same_doc {
                    changed.push((*key, attr));
                    docs.push((key, want));
                }
            }
        }
    }
    edges::insert(tx, batch.org.0, &new, batch.now).await?;
    edges::change(tx, batch.org.0, &changed, batch.now).await?;
    let mut packer = Packer::new()?;
    let docs: Vec<_> =
        docs.into_iter().filter_map(|(k, w)| w.hash.zip(w.link.link.doc.as_ref()).map(|d| (k, d))).collect();
    let packed = docs.iter().map(|(_, (_, doc))| packer.pack(doc)).collect::<Result<Vec<_>>>()?;
    let rows: Rows = key_rows(docs.iter().map(|(key, _)| *key))
        .blob("hash", docs.iter().map(|(_, (hash, _))| hash.to_vec()))
        .blob("doc", packed);
    sql("INSERT INTO edge_doc(org, rel, src, dst, hash, codec, doc) \
         SELECT $1, v.rel, v.src, v.dst, v.hash, $2, v.doc FROM {rows} WHERE true \
         ON CONFLICT(org, rel, src, dst) DO UPDATE SET hash = excluded.hash, codec = excluded.codec, doc = excluded.doc")
    .int(batch.org.0)
    .int(ZSTD)
    .rows(&rows)
    .execute(tx)
    .await?;
    batch.count.edges_new += new.len() as u64;
    batch.count.edges_changed += changed.len() as u64;
    Ok(())
}
