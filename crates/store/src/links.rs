//! Edges read from listings of their own, with or without a document.

use std::collections::HashMap;

use transom_core::{LinkDoc, RelCode};

use crate::{
    Result,
    commit::{Batch, PlacedLink},
    db::{Db, Tx},
    edges::{self, EdgeKey, key_rows},
    late,
    pack::Packer,
    query::{Rows, SLICE, sql},
};

/// An edge that is wanted and the link that wants it.
type Wanted<'l> = (EdgeKey, &'l PlacedLink<'l>);

/// Adds and changes edges. A link without a document leaves the one the edge has, and the number that came with it.
pub(crate) async fn write(batch: &mut Batch<'_>, tx: &mut Tx, links: &[PlacedLink<'_>]) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let mut wanted: HashMap<EdgeKey, &PlacedLink<'_>> = HashMap::with_capacity(links.len());
    for link in links {
        let key = (link.link.rel.0, batch.ends.id(link.src), batch.ends.id(link.dst));
        wanted.insert(key, link);
    }
    // In the order of the listings, in which the documents lie, too: a page is compared with a few places of the tables.
    let mut wanted: Vec<Wanted<'_>> = wanted.into_iter().collect();
    wanted.sort_unstable_by_key(|((rel, src, dst), _)| (*rel, *dst, *src));
    let (mut new, mut late, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut docs: Vec<(&EdgeKey, &LinkDoc)> = Vec::new();
    let mut changed_docs: Vec<(&EdgeKey, &LinkDoc)> = Vec::new();
    for wanted in wanted.chunks(SLICE) {
        for ((key, want), there) in wanted.iter().zip(there(batch, tx, wanted).await?) {
            let attr = want.link.attr;
            let doc = want.link.doc.as_ref();
            match there {
                None => {
                    if want.late { &mut late } else { &mut new }.push((*key, attr));
                    docs.extend(doc.map(|doc| (key, doc)));
                }
                Some((_, Some(_))) if doc.is_none() => {}
                Some((old, hash)) => {
                    let same_doc = doc.is_none_or(|doc| hash.as_deref() == Some(doc.hash().as_slice()));
                    if old != attr || !same_doc {
                        changed.push((*key, attr));
                        changed_docs.extend(doc.map(|doc| (key, doc)));
                    }
                }
            }
        }
    }
    batch.count.edges_new += (new.len() + late.len()) as u64;
    batch.count.edges_late += late.len() as u64;
    batch.count.edges_changed += changed.len() as u64;
    // What an edge was is kept before its document is written anew.
    edges::change(tx, batch.org.0, &changed, batch.now).await?;
    for (docs, new) in [(docs, true), (changed_docs, false)] {
        for docs in docs.chunk_by(|a, b| a.0.0 == b.0.0).flat_map(|docs| docs.chunks(SLICE)) {
            put_docs(batch, tx, docs, new).await?;
        }
    }
    late::append(tx, batch.org.0, &late, batch.now).await?;
    // In the order of the table, so that its pages are written one after the other.
    new.sort_unstable();
    edges::insert(tx, batch.org.0, &new, batch.now).await
}

/// Of each wanted edge its number and its document's hash, where it is there.
async fn there(
    batch: &Batch<'_>,
    tx: &mut Tx,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Option<(i32, Option<Vec<u8>>)>>> {
    let rows = key_rows(wanted.iter().map(|(key, _)| key)).int("n", (0..).take(wanted.len()));
    // SQLite would look each up in the table, whose order is another.
    let by = if matches!(tx.db, Db::Sqlite(_)) { "INDEXED BY edge_rev" } else { "" };
    let existing: Vec<(i64, i32, Option<Vec<u8>>)> = sql(format!(
        "SELECT v.n, e.attr, d.hash FROM {{rows}} CROSS JOIN edge e {by} \
         LEFT JOIN edge_doc d ON d.org = $1 AND d.rel = e.rel AND d.src = e.src AND d.dst = e.dst \
         WHERE e.org = $1 AND e.rel = v.rel AND e.src = v.src AND e.dst = v.dst"
    ))
    .int(batch.org.0)
    .rows(&rows)
    .all(&mut *tx)
    .await?;
    let mut there = vec![None; wanted.len()];
    for (n, attr, hash) in existing {
        there[n as usize] = Some((attr, hash));
    }
    Ok(there)
}

/// Writes the documents of edges of one relation; one that is there is replaced, also where the edge seemed to be `new`
/// because it waits to be placed.
async fn put_docs(batch: &Batch<'_>, tx: &mut Tx, docs: &[(&EdgeKey, &LinkDoc)], new: bool) -> Result<()> {
    let Some(rel) = docs.first().map(|(key, _)| RelCode(key.0)) else { return Ok(()) };
    let plain: Vec<&str> = docs.iter().filter_map(|(_, doc)| plain(doc)).collect();
    let dictionary = match plain.is_empty() {
        true => None,
        false => batch.store.dictionary(tx, batch.org, rel, &plain).await?,
    };
    let packed = {
        let mut packer = Packer::with(dictionary.as_deref())?;
        let mut pack = |doc: &LinkDoc| match doc {
            LinkDoc::Plain(doc) => Ok((packer.codec(), packer.pack(doc.text())?)),
            LinkDoc::Packed { codec, bytes, .. } => Ok((i64::from(*codec), bytes.to_vec())),
        };
        docs.iter().map(|(_, doc)| pack(doc)).collect::<Result<Vec<_>>>()?
    };
    let rows: Rows = key_rows(docs.iter().map(|(key, _)| *key))
        .blob("hash", docs.iter().map(|(_, doc)| doc.hash().to_vec()))
        .int("codec", packed.iter().map(|(codec, _)| *codec))
        .blob("doc", packed.into_iter().map(|(_, bytes)| bytes));
    let insert = sql("INSERT INTO edge_doc(org, rel, src, dst, hash, codec, doc) \
         SELECT $1, v.rel, v.src, v.dst, v.hash, v.codec, v.doc FROM {rows} WHERE true")
    .int(batch.org.0)
    .rows(&rows);
    let (keys, set) =
        ("org, rel, src, dst", "hash = excluded.hash, codec = excluded.codec, doc = excluded.doc");
    match new {
        true => insert.upsert_new(keys, set, tx).await,
        false => insert.upsert(keys, set, tx).await,
    }
}

fn plain(doc: &LinkDoc) -> Option<&str> {
    match doc {
        LinkDoc::Plain(doc) => Some(doc.text()),
        LinkDoc::Packed { .. } => None,
    }
}
