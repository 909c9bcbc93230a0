//! Entities of a batch: new, changed, back again, or stubs for ends not read yet.

use std::collections::{BTreeSet, HashMap, HashSet};

use transom_core::{Millis, Object, OrgId, is_same};

use crate::{
    Error, Result,
    commit::{Batch, Placed},
    db::Tx,
    org::next_ids,
    pack::Packer,
    query::{Rows, sql},
    resolve::{Cache, Known},
    store::Doc,
    tally::Tally,
};

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No row yet: nothing hangs on it.
    New,
    /// A stub that now has its document.
    Filled,
    Changed,
    Revived,
    Unchanged,
}

/// How long texts in indexes may be; PostgreSQL refuses index rows beyond 2.7 kB.
const KEY_CHARS: usize = 200;

fn key_text(text: &str) -> String {
    text.chars().take(KEY_CHARS).collect()
}

struct Fresh<'a> {
    object: &'a Object,
    slot: usize,
    fate: Fate,
    /// The document's number and the time it was first recorded.
    version: i64,
    changed_at: Millis,
    /// The document is as before, but for what Okta recounts at every read: written anew, without history.
    same: bool,
}

/// Writes entities and returns each object's fate, in order.
pub(crate) async fn write(
    batch: &mut Batch<'_>,
    tx: &mut Tx,
    cache: &mut Cache,
    objects: &[Placed<'_>],
) -> Result<Vec<Fate>> {
    let remembered = batch.ends.known.clone();
    let mut fates = Vec::with_capacity(objects.len());
    let mut fresh: Vec<Fresh<'_>> = Vec::new();
    for Placed { object, slot, .. } in objects {
        let kind = object.key.kind;
        if batch.store.catalogue.kind(kind).is_none() {
            return Err(Error::Other(format!("kind {} is not in the catalogue", kind.0)));
        }
        let hash = *object.doc.hash();
        let mut same = false;
        let fate = match batch.ends.known[*slot] {
            None => Fate::New,
            Some(Known { hash: None, .. }) => Fate::Filled,
            Some(Known { removed_at: Some(_), .. }) => Fate::Revived,
            Some(Known { hash: Some(old), .. }) if old == hash => Fate::Unchanged,
            Some(Known { hash: Some(old), .. }) if is_same(&old, &hash) => {
                same = true;
                Fate::Changed
            }
            Some(_) => Fate::Changed,
        };
        fates.push(fate);
        if fate != Fate::Unchanged {
            fresh.push(Fresh { object, slot: *slot, fate, version: 1, changed_at: batch.now, same });
        }
    }
    let objects_at: HashSet<usize> = objects.iter().map(|o| o.slot).collect();
    make_stubs_of_removed(batch, tx, &objects_at).await?;
    keep_old_documents(batch, tx, &mut fresh).await?;
    number_filled(batch, tx, &mut fresh).await?;
    insert_new(batch, tx, &objects_at).await?;
    // By name, as they stand in most indexes: each page of these is looked for once.
    let mut by_name: Vec<&Fresh<'_>> = fresh.iter().collect();
    by_name.sort_by_cached_key(name_key);
    let (new, known) = by_name.into_iter().partition(|f| f.fate == Fate::New);
    put(batch, tx, new, "").await?;
    put(batch, tx, known, ANEW).await?;
    let mut tally = Tally::default();
    for f in fresh.iter().filter(|f| f.fate != Fate::Changed) {
        tally.object(f.object.key.kind.0, 1);
    }
    index(batch, tx, &fresh, &mut tally).await?;
    tally.write(tx, batch.org.0).await?;
    for f in &fresh {
        let id = batch.ends.id(f.slot);
        batch.ends.known[f.slot] = Some(Known { id, hash: Some(*f.object.doc.hash()), removed_at: None });
    }
    for ((key, known), before) in batch.ends.keys.iter().zip(&batch.ends.known).zip(remembered) {
        if let Some(known) = known.filter(|known| Some(*known) != before) {
            cache.put(key, known);
        }
    }
    for fate in &fates {
        match fate {
            Fate::New | Fate::Filled => batch.count.new += 1,
            Fate::Revived => batch.count.revived += 1,
            Fate::Changed => batch.count.changed += 1,
            Fate::Unchanged => batch.count.unchanged += 1,
        }
    }
    let rewritten = fresh.iter().filter(|f| f.same).count() as u64;
    batch.count.changed -= rewritten;
    batch.count.unchanged += rewritten;
    Ok(fates)
}

/// Moves the documents that are about to be replaced into the history.
async fn keep_old_documents(batch: &Batch<'_>, tx: &mut Tx, fresh: &mut [Fresh<'_>]) -> Result<()> {
    let old: HashMap<i64, usize> = fresh
        .iter()
        .enumerate()
        .filter(|(_, f)| matches!(f.fate, Fate::Changed | Fate::Revived))
        .map(|(i, f)| (batch.ends.id(f.slot), i))
        .collect();
    let mut kept = Vec::new();
    for (id, version, changed_at, removed_at, doc) in documents(tx, batch.org, old.keys().copied()).await? {
        let Some(f) = old.get(&id).map(|i| &mut fresh[*i]) else { continue };
        if (f.same || doc.0 == f.object.doc.value()) && f.fate == Fate::Changed {
            (f.version, f.changed_at, f.same) = (version, changed_at, true);
        } else {
            f.version = version + 1;
            kept.push((id, version, changed_at, removed_at.unwrap_or(batch.now), doc.0.to_string()));
        }
    }
    add_versions(tx, batch.org, kept).await
}

/// A stub that was an object once goes on with its numbers: its history holds the earlier ones.
async fn number_filled(batch: &Batch<'_>, tx: &mut Tx, fresh: &mut [Fresh<'_>]) -> Result<()> {
    let filled: HashMap<i64, usize> = fresh
        .iter()
        .enumerate()
        .filter(|(_, f)| f.fate == Fate::Filled)
        .map(|(i, f)| (batch.ends.id(f.slot), i))
        .collect();
    if filled.is_empty() {
        return Ok(());
    }
    let rows = Rows::new().int("id", filled.keys().copied());
    let numbers: Vec<(i64, i64)> =
        sql("SELECT e.id, CAST(e.version AS BIGINT) FROM {rows} CROSS JOIN entity e WHERE e.org = $1 AND e.id = v.id")
            .int(batch.org.0)
            .rows(&rows)
            .all(tx)
            .await?;
    for (id, version) in numbers {
        if let Some(i) = filled.get(&id) {
            fresh[*i].version = version + 1;
        }
    }
    Ok(())
}

type Document = (i64, i64, Millis, Option<Millis>, Doc);

async fn documents(tx: &mut Tx, org: OrgId, ids: impl Iterator<Item = i64>) -> Result<Vec<Document>> {
    let rows = Rows::new().int("id", ids);
    sql("SELECT e.id, CAST(e.version AS BIGINT), e.changed_at, e.removed_at, e.doc FROM {rows} CROSS JOIN entity e \
         WHERE e.org = $1 AND e.id = v.id AND e.doc IS NOT NULL")
    .int(org.0)
    .rows(&rows)
    .all(tx)
    .await
}

async fn add_versions(tx: &mut Tx, org: OrgId, kept: Vec<(i64, i64, Millis, Millis, String)>) -> Result<()> {
    let mut packer = Packer::plain()?;
    let docs = kept.iter().map(|(.., doc)| packer.pack(doc)).collect::<Result<Vec<_>>>()?;
    let rows = Rows::new()
        .int("id", kept.iter().map(|k| k.0))
        .int("version", kept.iter().map(|k| k.1))
        .int("at", kept.iter().map(|k| k.2))
        .int("until", kept.iter().map(|k| k.3))
        .blob("doc", docs);
    sql("INSERT INTO entity_version(org, id, version, at, until, codec, doc) \
         SELECT $1, v.id, v.version, v.at, v.until, $2, v.doc FROM {rows} WHERE true \
         ON CONFLICT(org, id, version) DO NOTHING")
    .int(org.0)
    .int(packer.codec())
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes stubs of objects: their documents become past, which ends when they were removed, or `now`.
pub(crate) async fn make_stubs(tx: &mut Tx, org: OrgId, ids: Vec<i64>, now: Millis) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let kept = documents(tx, org, ids.iter().copied()).await?;
    let kept = kept
        .into_iter()
        .map(|(id, version, at, until, doc)| (id, version, at, until.unwrap_or(now), doc.0.to_string()));
    add_versions(tx, org, kept.collect()).await?;
    let rows = Rows::new().int("id", ids);
    sql("UPDATE entity SET doc = NULL, doc_hash = NULL, removed_at = NULL, status = NULL \
         WHERE org = $1 AND id IN (SELECT v.id FROM {rows})")
    .int(org.0)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// An edge to an object that had been removed: it may be back, but we haven't read it. It becomes a stub again.
async fn make_stubs_of_removed(batch: &mut Batch<'_>, tx: &mut Tx, objects: &HashSet<usize>) -> Result<()> {
    let back: Vec<(usize, Known)> = batch
        .ends
        .known
        .iter()
        .enumerate()
        .filter_map(|(slot, known)| known.filter(|k| k.removed_at.is_some()).map(|k| (slot, k)))
        .filter(|(slot, _)| !objects.contains(slot))
        .collect();
    if back.is_empty() {
        return Ok(());
    }
    make_stubs(tx, batch.org, back.iter().map(|(_, k)| k.id).collect(), batch.now).await?;
    for (slot, known) in back {
        batch.ends.known[slot] = Some(Known { hash: None, removed_at: None, ..known });
        batch.count.stubs += 1;
    }
    Ok(())
}

/// Gives ids to new keys, and inserts stubs for those that are no objects of this batch.
async fn insert_new(batch: &mut Batch<'_>, tx: &mut Tx, objects: &HashSet<usize>) -> Result<()> {
    let new: Vec<usize> =
        (0..batch.ends.keys.len()).filter(|slot| batch.ends.known[*slot].is_none()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let first = next_ids(tx, batch.org.0, new.len()).await?;
    for (n, slot) in new.iter().enumerate() {
        let known = Known { id: first + n as i64, hash: None, removed_at: None };
        batch.ends.known[*slot] = Some(known);
    }
    let stubs: Vec<usize> = new.iter().filter(|slot| !objects.contains(slot)).copied().collect();
    batch.count.stubs += stubs.len() as u64;
    let rows = Rows::new()
        .int("id", stubs.iter().map(|s| batch.ends.id(*s)))
        .int("kind", stubs.iter().map(|s| i64::from(batch.ends.keys[*s].kind.0)))
        .int("parent", stubs.iter().map(|s| batch.ends.keys[*s].parent.0))
        .text("okta_id", stubs.iter().map(|s| batch.ends.keys[*s].okta_id.clone()))
        .text("name_key", stubs.iter().map(|s| key_text(&batch.ends.keys[*s].okta_id.to_lowercase())));
    sql("INSERT INTO entity(org, id, kind, parent, okta_id, name_key, version, first_seen, changed_at) \
         SELECT $1, v.id, v.kind, v.parent, v.okta_id, v.name_key, 0, $2, $2 FROM {rows}")
    .int(batch.org.0)
    .int(batch.now)
    .rows(&rows)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// An upsert by key rather than an UPDATE … FROM: SQLite would walk the whole table for the latter, and compare each
/// row with each of ours.
const ANEW: &str = "ON CONFLICT(org, id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, \
    login = excluded.login, login_key = excluded.login_key, status = excluded.status, created = excluded.created, \
    updated = excluded.updated, version = excluded.version, changed_at = excluded.changed_at, removed_at = NULL, \
    doc_hash = excluded.doc_hash, doc = excluded.doc";

/// Writes documents; `conflict` says what becomes of an entity that is there.
async fn put(batch: &Batch<'_>, tx: &mut Tx, fresh: Vec<&Fresh<'_>>, conflict: &'static str) -> Result<()> {
    let rows = columns(batch, fresh);
    sql(format!("INSERT INTO entity(org, id, kind, parent, okta_id, name, name_key, login, login_key, status, created, updated, \
         version, first_seen, changed_at, doc_hash, doc) \
         SELECT $1, v.id, v.kind, v.parent, v.okta_id, v.name, v.name_key, v.login, v.login_key, v.status, v.created, \
         v.updated, v.version, $2, v.changed_at, v.hash, v.doc FROM {{rows}} WHERE true {conflict}"))
    .int(batch.org.0)
    .int(batch.now)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// What it is sorted by among those of its kind and of its facets.
fn name_key(f: &&Fresh<'_>) -> String {
    key_text(&f.object.projected.name.as_deref().unwrap_or(&f.object.key.okta_id).to_lowercase())
}

fn columns(batch: &Batch<'_>, fresh: Vec<&Fresh<'_>>) -> Rows {
    Rows::new()
        .int("id", fresh.iter().map(|f| batch.ends.id(f.slot)))
        .int("kind", fresh.iter().map(|f| i64::from(f.object.key.kind.0)))
        .int("parent", fresh.iter().map(|f| f.object.key.parent.0))
        .text("okta_id", fresh.iter().map(|f| f.object.key.okta_id.clone()))
        .text("name", fresh.iter().map(|f| f.object.projected.name.clone()))
        .text("name_key", fresh.iter().map(name_key))
        .text("login", fresh.iter().map(|f| f.object.projected.login.clone()))
        .text(
            "login_key",
            fresh.iter().map(|f| f.object.projected.login.as_ref().map(|l| key_text(&l.to_lowercase()))),
        )
        .text("status", fresh.iter().map(|f| f.object.projected.status.as_deref().map(key_text)))
        .int("created", fresh.iter().map(|f| f.object.projected.created))
        .int("updated", fresh.iter().map(|f| f.object.projected.updated))
        .int("version", fresh.iter().map(|f| f.version))
        .int("changed_at", fresh.iter().map(|f| f.changed_at))
        .blob("hash", fresh.iter().map(|f| f.object.doc.hash().to_vec()))
        .json("doc", fresh.iter().map(|f| f.object.doc.text().to_string()))
}

/// Facets and search terms.
async fn index(batch: &Batch<'_>, tx: &mut Tx, fresh: &[Fresh<'_>], tally: &mut Tally) -> Result<()> {
    let old = fresh.iter().filter(|f| f.fate == Fate::Changed).map(|f| batch.ends.id(f.slot));
    clear_index(tx, batch.org.0, &Rows::new().int("id", old), tally).await?;
    let mut facets: Vec<(i64, &str, String, String, i64)> = Vec::new();
    for f in fresh {
        let kind = f.object.key.kind.0;
        let cut = f.object.projected.facets.iter().map(|(name, value)| (*name, key_text(value)));
        let distinct: BTreeSet<_> = cut.collect();
        for (name, value) in distinct {
            tally.facet(kind, name, &value, 1);
            facets.push((kind.into(), name, value, name_key(&f), batch.ends.id(f.slot)));
        }
    }
    // As they stand in the table: each page of it is looked for once.
    facets.sort_unstable();
    let rows = Rows::new()
        .int("kind", facets.iter().map(|f| f.0))
        .text("name", facets.iter().map(|f| f.1.to_string()))
        .text("value", facets.iter().map(|f| f.2.clone()))
        .text("name_key", facets.iter().map(|f| f.3.clone()))
        .int("id", facets.iter().map(|f| f.4));
    sql("INSERT INTO facet(org, kind, name, value, name_key, id) \
         SELECT $1, v.kind, v.name, v.value, v.name_key, v.id FROM {rows} \
         WHERE true ON CONFLICT(org, kind, name, value, name_key, id) DO NOTHING")
    .int(batch.org.0)
    .rows(&rows)
    .execute(&mut *tx)
    .await?;
    let mut terms: Vec<(&str, i64, i64)> = Vec::new();
    for f in fresh {
        let (kind, id) = (i64::from(f.object.key.kind.0), batch.ends.id(f.slot));
        terms.extend(f.object.projected.terms.iter().map(|term| (term.as_ref(), kind, id)));
    }
    terms.sort_unstable();
    let rows = Rows::new()
        .text("text", terms.iter().map(|t| t.0.to_string()))
        .int("kind", terms.iter().map(|t| t.1))
        .int("id", terms.iter().map(|t| t.2));
    sql("INSERT INTO term(org, text, kind, id) SELECT $1, v.text, v.kind, v.id FROM {rows} \
         WHERE true ON CONFLICT(org, text, kind, id) DO NOTHING")
    .int(batch.org.0)
    .rows(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes the facets and search terms of the entities in column `id`.
pub(crate) async fn clear_index(tx: &mut Tx, org: i64, rows: &Rows, tally: &mut Tally) -> Result<()> {
    let gone: Vec<(i16, String, String)> =
        sql("DELETE FROM facet WHERE org = $1 AND id IN (SELECT v.id FROM {rows}) \
         RETURNING kind, name, value")
        .int(org)
        .rows(rows)
        .all(&mut *tx)
        .await?;
    for (kind, name, value) in &gone {
        tally.facet(*kind, name, value, -1);
    }
    sql("DELETE FROM term WHERE org = $1 AND id IN (SELECT v.id FROM {rows})")
        .int(org)
        .rows(rows)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
