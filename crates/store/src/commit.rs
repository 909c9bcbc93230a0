//! One batch of pages: what is written, in which order.

use std::collections::{HashMap, HashSet};

use transom_core::{EntityId, Link, Millis, Object, Odd, OrgId, PageRecord, replace_nul};

use crate::{
    Committed, Error, PageWrite, Result, RunId, Store, Target,
    db::Tx,
    edges, ids, links, objects,
    query::{Rows, sql},
    resolve::{Cache, Ends},
};

/// What all steps of a batch share.
pub(crate) struct Batch<'a> {
    pub store: &'a Store,
    pub org: OrgId,
    pub now: Millis,
    pub ends: Ends<'a>,
    pub count: Committed,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct What {
    pub pages: Vec<PageWrite>,
    /// Objects that were read one by one.
    pub alone: Option<PageRecord>,
    /// Whether new edges of listings over parents wait to be placed.
    pub late: bool,
}

/// An object and its place among the keys; the last reading of each key wins.
pub(crate) struct Placed<'a> {
    pub object: &'a Object,
    pub slot: usize,
    pub out: Vec<usize>,
}

/// A link and the places of its ends.
pub(crate) struct PlacedLink<'a> {
    pub link: &'a Link,
    pub src: usize,
    pub dst: usize,
    /// Whether it may wait to be placed (see [`late`](crate::late)).
    pub late: bool,
}

pub(crate) async fn write(
    store: &Store,
    tx: &mut Tx,
    cache: &mut Cache,
    org: OrgId,
    run: RunId,
    what: What,
) -> Result<Committed> {
    let What { mut pages, mut alone, late } = what;
    for record in pages.iter_mut().map(|p| &mut p.record).chain(&mut alone) {
        record.odd.iter_mut().for_each(|o| replace_nul(&mut o.doc));
    }
    check_parts(tx, org, run, &pages).await?;
    let mut batch =
        Batch { store, org, now: store.now(), ends: Ends::default(), count: Committed::default() };
    let mut last: HashMap<usize, usize> = HashMap::new();
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut placed_links: Vec<PlacedLink<'_>> = Vec::new();
    // What the org's own listings say is looked up by those that follow, so it can't wait.
    let listed = pages.iter().map(|p| (&p.record, late && p.parent != EntityId::ROOT));
    for (record, late) in listed.chain(alone.iter().map(|record| (record, false))) {
        for object in &record.objects {
            let slot = batch.ends.slot(&object.key);
            let out = object.out.iter().map(|o| batch.ends.slot(&o.dst)).collect();
            let this = Placed { object, slot, out };
            match last.insert(slot, placed.len()) {
                Some(earlier) => {
                    last.insert(slot, earlier);
                    placed[earlier] = this;
                }
                None => placed.push(this),
            }
        }
        for link in &record.links {
            let (src, dst) = (batch.ends.slot(&link.src), batch.ends.slot(&link.dst));
            placed_links.push(PlacedLink { link, src, dst, late });
        }
    }
    batch.ends.resolve(tx, cache, org).await?;
    let written = objects::write(&mut batch, tx, cache, &placed).await?;
    edges::write_owned(&mut batch, tx, &placed, &written).await?;
    links::write(&mut batch, tx, &placed_links).await?;
    quarantine(&mut batch, tx, run, &pages).await?;
    seen(&batch, tx, run, &pages).await?;
    checkpoints(&batch, tx, run, &pages).await?;
    Ok(batch.count)
}

/// A part that was not declared would let a parent pass for done before all its parts are: refused. (Top-level
/// listings are swept when their caller says so, not found done by the store.)
async fn check_parts(tx: &mut Tx, org: OrgId, run: RunId, pages: &[PageWrite]) -> Result<()> {
    let highest: HashMap<&str, i16> =
        pages.iter().filter(|p| p.parent != EntityId::ROOT).fold(HashMap::new(), |mut m, p| {
            let entry = m.entry(p.dataset).or_insert(0);
            *entry = p.part.max(*entry);
            m
        });
    if highest.values().all(|part| *part == 0) {
        return Ok(());
    }
    let declared: Vec<(String, i16)> =
        sql("SELECT dataset, parts FROM run_dataset WHERE org = $1 AND run = $2")
            .int(org.0)
            .int(run.0)
            .all(tx)
            .await?;
    for (dataset, part) in highest {
        let parts = declared.iter().find(|(d, _)| d == dataset).map_or(1, |(_, parts)| *parts);
        if part >= parts {
            return Err(Error::Other(format!(
                "data set {dataset}: page of part {part}, but {parts} part(s) were declared; call declare_parts first"
            )));
        }
    }
    Ok(())
}

/// Sets odd records aside. Those of an earlier run of the data set, or of an earlier reading of the page, go.
async fn quarantine(batch: &mut Batch<'_>, tx: &mut Tx, run: RunId, pages: &[PageWrite]) -> Result<()> {
    let datasets: HashSet<&str> = pages.iter().map(|p| p.dataset).collect();
    let rows = Rows::new().text("dataset", datasets.iter().map(|d| d.to_string()));
    sql("DELETE FROM quarantine WHERE org = $1 AND run <> $2 AND dataset IN (SELECT v.dataset FROM {rows})")
        .int(batch.org.0)
        .int(run.0)
        .rows(&rows)
        .execute(&mut *tx)
        .await?;
    let rows = Rows::new()
        .text("dataset", pages.iter().map(|p| p.dataset.to_string()))
        .int("parent", pages.iter().map(|p| p.parent.0))
        .int("part", pages.iter().map(|p| i64::from(p.part)))
        .int("page", pages.iter().map(|p| i64::from(p.page)));
    sql("DELETE FROM quarantine WHERE org = $1 AND run = $2 AND (dataset, parent, part, page) IN \
         (SELECT v.dataset, v.parent, v.part, v.page FROM {rows})")
    .int(batch.org.0)
    .int(run.0)
    .rows(&rows)
    .execute(&mut *tx)
    .await?;
    // The same page twice in a batch sets its records aside once.
    let odd: HashMap<(&str, i64, i16, i32, usize), &Odd> = pages
        .iter()
        .flat_map(|p| p.record.odd.iter().enumerate().map(move |(n, odd)| (p, n, odd)))
        .map(|(p, n, odd)| ((p.dataset, p.parent.0, p.part, p.page, n), odd))
        .collect();
    let odd: Vec<_> = odd.into_iter().collect();
    let rows = Rows::new()
        .text("dataset", odd.iter().map(|(key, _)| key.0.to_string()))
        .int("parent", odd.iter().map(|(key, _)| key.1))
        .int("part", odd.iter().map(|(key, _)| i64::from(key.2)))
        .int("page", odd.iter().map(|(key, _)| i64::from(key.3)))
        .int("n", odd.iter().map(|(key, _)| key.4 as i64))
        .text("why", odd.iter().map(|(_, odd)| odd.why.clone()))
        .json("doc", odd.iter().map(|(_, odd)| odd.doc.to_string()));
    sql("INSERT INTO quarantine(org, dataset, run, parent, part, page, n, at, why, doc) \
         SELECT $1, v.dataset, $2, v.parent, v.part, v.page, v.n, $3, v.why, v.doc FROM {rows} WHERE true \
         ON CONFLICT(org, dataset, run, parent, part, page, n) DO UPDATE SET why = excluded.why, doc = excluded.doc")
    .int(batch.org.0)
    .int(run.0)
    .int(batch.now)
    .rows(&rows)
    .execute(&mut *tx)
    .await?;
    batch.count.quarantined = odd.len() as u64;
    Ok(())
}

/// One row per page with the ids that were on it, for the sweep.
async fn seen(batch: &Batch<'_>, tx: &mut Tx, run: RunId, pages: &[PageWrite]) -> Result<()> {
    let mut packed: HashMap<(&str, i64, i16, i32), Vec<i64>> = HashMap::new();
    for page in pages {
        let ends = &batch.ends;
        let other_ends = |rel, into: bool| {
            let links = page.record.links.iter().filter(move |l| l.rel == rel);
            let pairs = links.map(move |l| if into { (&l.dst, &l.src) } else { (&l.src, &l.dst) });
            pairs
                // A listing of the org itself shows edges of the whole relation.
                .filter(|(own, _)| page.parent == EntityId::ROOT || ends.id_of(own) == page.parent.0)
                .map(|(_, other)| ends.id_of(other))
                .collect()
        };
        let on_it: Vec<i64> = match page.target {
            Target::Children(kind) => {
                let objects = page.record.objects.iter().filter(|o| o.key.kind == kind);
                objects.map(|o| ends.id_of(&o.key)).collect()
            }
            Target::Into(rel) => other_ends(rel, true),
            Target::From(rel) => other_ends(rel, false),
            Target::None => continue,
        };
        packed.insert((page.dataset, page.parent.0, page.part, page.page), on_it);
    }
    let rows: Vec<_> = packed.into_iter().map(|(key, on_it)| (key, ids::pack(on_it))).collect();
    let rows = Rows::new()
        .text("dataset", rows.iter().map(|((d, ..), _)| d.to_string()))
        .int("parent", rows.iter().map(|((_, parent, ..), _)| *parent))
        .int("part", rows.iter().map(|((_, _, part, _), _)| i64::from(*part)))
        .int("page", rows.iter().map(|((.., page), _)| i64::from(*page)))
        .blob("ids", rows.iter().map(|(_, ids)| ids.clone()));
    sql("INSERT INTO seen(org, run, dataset, parent, part, page, ids) \
         SELECT $1, $2, v.dataset, v.parent, v.part, v.page, v.ids FROM {rows} WHERE true")
    .int(batch.org.0)
    .int(run.0)
    .rows(&rows)
    .upsert_new("org, run, dataset, parent, part, page", "ids = excluded.ids", tx)
    .await
}

/// Where each listing goes on; of several pages of one listing the last that came counts: one whose cursor expired
/// began again.
async fn checkpoints(batch: &Batch<'_>, tx: &mut Tx, run: RunId, pages: &[PageWrite]) -> Result<()> {
    let mut last: HashMap<(&str, i64, i16), &PageWrite> = HashMap::new();
    for page in pages {
        last.insert((page.dataset, page.parent.0, page.part), page);
    }
    let pages: Vec<_> = last.into_values().collect();
    let rows = Rows::new()
        .text("dataset", pages.iter().map(|p| p.dataset.to_string()))
        .int("parent", pages.iter().map(|p| p.parent.0))
        .int("part", pages.iter().map(|p| i64::from(p.part)))
        .int("page", pages.iter().map(|p| i64::from(p.page) + 1))
        .text("cursor", pages.iter().map(|p| p.next.clone()))
        .int("state", pages.iter().map(|p| i64::from(p.next.is_none())));
    sql("INSERT INTO checkpoint(org, run, dataset, parent, part, page, cursor, state) \
         SELECT $1, $2, v.dataset, v.parent, v.part, v.page, v.cursor, v.state FROM {rows} WHERE true")
    .int(batch.org.0)
    .int(run.0)
    .rows(&rows)
    .upsert_new(
        "org, run, dataset, parent, part",
        "page = excluded.page, cursor = excluded.cursor, state = excluded.state, why = NULL",
        tx,
    )
    .await
}
