//! Edges read from listings of their own, with or without a document.

use std::collections::HashMap;

use transom_core::{LinkDoc, RelCode};

use crate::{
    Result,
    commit::{Batch, PlacedLink},
    db::Tx,
    edges::{self, EdgeKey, key_rows},
    pack::Packer,
    query::{Rows, SLICE, sql},
};

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
    // In key order, so that the table's pages are written one after the other; and a portion at a time, so that those
    // that were looked at are still at hand when they are written.
    let mut wanted: Vec<(EdgeKey, &PlacedLink<'_>)> = wanted.into_iter().collect();
    wanted.sort_unstable_by_key(|(key, _)| *key);
    for wanted in wanted.chunks(SLICE) {
        write_some(batch, tx, wanted).await?;
    }
    Ok(())
}

/// The same for a portion of them, each once, in key order.
async fn write_some(batch: &mut Batch<'_>, tx: &mut Tx, wanted: &[(EdgeKey, &PlacedLink<'_>)]) -> Result<()> {
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
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let mut docs: Vec<(&EdgeKey, &LinkDoc)> = Vec::new();
    let mut changed_docs: Vec<(&EdgeKey, &LinkDoc)> = Vec::new();
    for ((key, want), there) in wanted.iter().zip(there) {
        let attr = want.link.attr;
        let doc = want.link.doc.as_ref();
        match there {
            None => {
                new.push((*key, attr));
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
    edges::insert(tx, batch.org.0, &new, batch.now).await?;
    edges::change(tx, batch.org.0, &changed, batch.now).await?;
    // In key order, too, which is another here; so one relation after the other.
    docs.sort_unstable_by_key(|((rel, src, dst), _)| (*rel, *dst, *src));
    changed_docs.sort_unstable_by_key(|((rel, src, dst), _)| (*rel, *dst, *src));
    for docs in docs.chunk_by(|a, b| a.0.0 == b.0.0) {
        put_docs(batch, tx, docs, "").await?;
    }
    const ANEW: &str = "ON CONFLICT(org, rel, src, dst) DO UPDATE SET hash = excluded.hash, codec = excluded.codec, \
                        doc = excluded.doc";
    for docs in changed_docs.chunk_by(|a, b| a.0.0 == b.0.0) {
        put_docs(batch, tx, docs, ANEW).await?;
    }
    batch.count.edges_new += new.len() as u64;
    batch.count.edges_changed += changed.len() as u64;
    Ok(())
}

/// Writes the documents of edges of one relation; `conflict` says what becomes of one that is there.
async fn put_docs(
    batch: &Batch<'_>,
    tx: &mut Tx,
    docs: &[(&EdgeKey, &LinkDoc)],
    conflict: &'static str,
) -> Result<()> {
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
    sql(format!(
        "INSERT INTO edge_doc(org, rel, src, dst, hash, codec, doc) \
         SELECT $1, v.rel, v.src, v.dst, v.hash, v.codec, v.doc FROM {{rows}} WHERE true {conflict}"
    ))
    .int(batch.org.0)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

fn plain(doc: &LinkDoc) -> Option<&str> {
    match doc {
        LinkDoc::Plain(doc) => Some(doc.text()),
        LinkDoc::Packed { .. } => None,
    }
}
