//! The sweep: what a complete listing did not show is removed.

use std::collections::HashMap;

use transom_core::{EntityId, KindCode, OrgId};

use crate::{
    Lease, Result, RunId, Store, Target, edges,
    edges::EdgeKey,
    ids,
    query::{Rows, sql},
    remove,
    resume::done,
    store::count,
};

/// What a sweep would remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// Live objects or edges under parents whose listing is done.
    pub live: u64,
    /// Those of them that no page showed.
    pub missing: u64,
    /// Those of the missing that the last complete listing had missed, too, and that were [kept](Store::keep_missing).
    pub again: u64,
    /// Some of the missing: their id and Okta's id (for edges, of the end that was not seen).
    pub sample: Vec<(EntityId, String)>,
}

/// What of the missing a sweep takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// All of it.
    All,
    /// Only what the last complete listing had missed, too.
    Again,
}

/// An entity that is referenced but was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// Its dense id.
    pub id: EntityId,
    /// Its kind.
    pub kind: KindCode,
    /// Its parent.
    pub parent: EntityId,
    /// Okta's id.
    pub okta_id: String,
}

/// Parents compared at a time.
const PARENTS: i64 = 500;
/// Bytes of [packed](ids::pack) ids compared at a time, of one parent at least: a few hundred thousand ids.
const SEEN: i64 = 512 << 10;

/// What is under some parents, and what of it was not seen.
struct Compared {
    live: u64,
    missing: Vec<Member>,
    last: i64,
}

/// Something held that a listing can show.
struct Member {
    /// The parent it is compared under.
    parent: i64,
    id: i64,
    /// The edge's other end: the parent itself except under ROOT.
    end: i64,
    /// Whether the last complete listing had missed it, too.
    again: bool,
}

/// Ids by parent, ascending. Eight bytes for each, also where a million users are listed: a set takes four times as many.
#[derive(Default)]
struct ByParent(HashMap<i64, Vec<EntityId>>);

impl ByParent {
    fn unpack(pages: Vec<(i64, Vec<u8>)>) -> Self {
        let mut ids: HashMap<i64, Vec<EntityId>> = HashMap::new();
        for (parent, packed) in pages {
            ids::unpack(&packed, ids.entry(parent).or_default());
        }
        ids.values_mut().for_each(|ids| ids.sort_unstable());
        Self(ids)
    }

    fn has(&self, parent: i64, id: i64) -> bool {
        self.0.get(&parent).is_some_and(|ids| ids.binary_search(&EntityId(id)).is_ok())
    }
}

impl Store {
    /// What a sweep of a data set would remove now: only under parents whose listing is done in this run.
    /// `sample` bounds how many are named.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn missing(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        target: Target,
        sample: u32,
    ) -> Result<Missing> {
        let mut found = Missing::default();
        let mut named = Vec::new();
        let mut after = -1;
        while let Some(compared) = self.compare(run, org, dataset, target, after).await? {
            after = compared.last;
            found.live += compared.live;
            found.missing += compared.missing.len() as u64;
            found.again += compared.missing.iter().filter(|m| m.again).count() as u64;
            let room = (sample as usize).saturating_sub(named.len());
            named.extend(compared.missing.iter().take(room).map(|m| m.id));
        }
        let rows = Rows::new().int("id", named);
        let names: Vec<(i64, String)> =
            sql("SELECT e.id, e.okta_id FROM {rows} CROSS JOIN entity e WHERE e.org = $1 AND e.id = v.id")
                .int(org.0)
                .rows(&rows)
                .all(&self.reader)
                .await?;
        found.sample = names.into_iter().map(|(id, okta_id)| (EntityId(id), okta_id)).collect();
        Ok(found)
    }

    /// Removes what no page of this run showed, under parents whose listing is done, as far as `take` says; returns how
    /// many objects or edges went. In many transactions: when stopped, call it again.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn sweep(
        &self,
        lease: &Lease,
        run: RunId,
        dataset: &str,
        target: Target,
        take: Take,
    ) -> Result<u64> {
        let mut removed = 0;
        let mut after = -1;
        while let Some(mut compared) = self.compare(run, lease.org, dataset, target, after).await? {
            after = compared.last;
            compared.missing.retain(|member| take == Take::All || member.again);
            match target {
                Target::Children(_) => {
                    for chunk in compared.missing.chunks(remove::CHUNK) {
                        removed += remove::chunk(self, lease, chunk.iter().map(|m| m.id).collect()).await?;
                    }
                }
                Target::Into(rel) | Target::From(rel) => {
                    let into = matches!(target, Target::Into(_));
                    let key = |m: &Member| -> EdgeKey {
                        if into { (rel.0, m.id, m.end) } else { (rel.0, m.end, m.id) }
                    };
                    for chunk in compared.missing.chunks(remove::EDGES) {
                        let mut tx = self.begin_fenced(lease).await?;
                        let keys: Vec<EdgeKey> = chunk.iter().map(key).collect();
                        edges::remove(&mut tx, lease.org.0, &keys, self.now()).await?;
                        tx.commit().await?;
                        removed += keys.len() as u64;
                    }
                }
                Target::None => {}
            }
        }
        Ok(removed)
    }

    /// Keeps what no page of this run showed, and remembers it: what the next complete listing misses, too, is
    /// [missing again](Missing::again).
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn keep_missing(&self, lease: &Lease, run: RunId, dataset: &str, target: Target) -> Result<()> {
        let mut after = -1;
        while let Some(compared) = self.compare(run, lease.org, dataset, target, after).await? {
            after = compared.last;
            let mut kept: HashMap<i64, Vec<i64>> = HashMap::new();
            for member in compared.missing {
                kept.entry(member.parent).or_default().push(member.id);
            }
            let kept: Vec<_> = kept.into_iter().map(|(parent, ids)| (parent, ids::pack(ids))).collect();
            let rows = Rows::new()
                .int("parent", kept.iter().map(|(parent, _)| *parent))
                .blob("ids", kept.into_iter().map(|(_, ids)| ids));
            let mut tx = self.begin_fenced(lease).await?;
            sql("INSERT INTO missed(org, run, dataset, parent, ids) SELECT $1, $2, $3, v.parent, v.ids \
                 FROM {rows} WHERE true ON CONFLICT(org, run, dataset, parent) DO UPDATE SET ids = excluded.ids")
            .int(lease.org.0)
            .int(run.0)
            .text(dataset)
            .rows(&rows)
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The kind of what the missing of a data set that were [kept](Self::keep_missing) last were listed under; `None` where there
    /// are none, or the org itself.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn missed_under(&self, org: OrgId, dataset: &str) -> Result<Option<KindCode>> {
        let kind: Option<(i16,)> =
            sql("SELECT e.kind FROM missed m JOIN entity e ON e.org = m.org AND e.id = m.parent \
             WHERE m.org = $1 AND m.dataset = $2 ORDER BY m.run DESC LIMIT 1")
            .int(org.0)
            .text(dataset)
            .optional(&self.reader)
            .await?;
        Ok(kind.map(|(code,)| KindCode(code)))
    }

    /// Forgets what complete listings before this run's missed, of the parents whose listing is done: it has shown what of
    /// it is there.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn forget_missing(&self, lease: &Lease, run: RunId, dataset: &str) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        sql(format!(
            "DELETE FROM missed WHERE org = $1 AND run <> $2 AND dataset = $3 AND parent IN ({})",
            done(-1)
        ))
        .int(lease.org.0)
        .int(run.0)
        .text(dataset)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Compares what is stored with what was seen, for the next parents whose listing is done. The difference is
    /// made here rather than in SQL, and of what is stored nothing is held but that.
    async fn compare(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        target: Target,
        after: i64,
    ) -> Result<Option<Compared>> {
        let parents: Vec<(i64,)> = sql(format!("{} ORDER BY c.parent LIMIT {PARENTS}", done(after)))
            .int(org.0)
            .int(run.0)
            .text(dataset)
            .all(&self.writer)
            .await?;
        let parents = self.few_enough(run, org, dataset, parents).await?;
        let Some((last,)) = parents.last().copied() else { return Ok(None) };
        let rows = Rows::new().int("id", parents.iter().map(|(id,)| *id));
        let pages: Vec<(i64, Vec<u8>)> = sql("SELECT s.parent, s.ids FROM {rows} CROSS JOIN seen s \
             WHERE s.org = $1 AND s.run = $2 AND s.dataset = $3 AND s.parent = v.id")
        .int(org.0)
        .int(run.0)
        .text(dataset)
        .rows(&rows)
        .all(&self.writer)
        .await?;
        let seen = ByParent::unpack(pages);
        let missed = ByParent::unpack(
            sql("SELECT m.parent, m.ids FROM {rows} CROSS JOIN missed m \
                 WHERE m.org = $1 AND m.dataset = $3 AND m.parent = v.id AND m.run = (SELECT max(x.run) FROM missed x \
                 WHERE x.org = $1 AND x.run <> $2 AND x.dataset = $3 AND x.parent = v.id)")
            .int(org.0)
            .int(run.0)
            .text(dataset)
            .rows(&rows)
            .all(&self.writer)
            .await?,
        );
        // A listing of the org itself shows all edges of the relation, whatever their ends.
        let root = parents.first().is_some_and(|(id,)| *id == EntityId::ROOT.0);
        let all = |columns: &str| format!("SELECT {columns} FROM edge e WHERE e.org = $1 AND e.rel = $2");
        let under = |columns: &str, end: &str| {
            format!(
                "SELECT {columns} FROM {{rows}} CROSS JOIN edge e WHERE e.org = $1 AND e.rel = $2 AND e.{end} = v.id"
            )
        };
        let (text, code) = match target {
            Target::Children(kind) => (
                "SELECT e.parent, e.id, e.parent FROM {rows} CROSS JOIN entity e WHERE e.org = $1 AND e.kind = $2 \
                 AND e.parent = v.id AND e.removed_at IS NULL AND e.doc_hash IS NOT NULL"
                    .to_string(),
                kind.0,
            ),
            Target::Into(rel) if root => (all("CAST(0 AS BIGINT), e.src, e.dst"), rel.0),
            Target::From(rel) if root => (all("CAST(0 AS BIGINT), e.dst, e.src"), rel.0),
            Target::Into(rel) => (under("e.dst, e.src, e.dst", "dst"), rel.0),
            Target::From(rel) => (under("e.src, e.dst, e.src", "src"), rel.0),
            Target::None => return Ok(None),
        };
        let mut query = sql(text).int(org.0).int(i64::from(code));
        if !root || matches!(target, Target::Children(_)) {
            query = query.rows(&rows);
        }
        let mut compared = Compared { live: 0, missing: Vec::new(), last };
        let show = |(parent, id, end): (i64, i64, i64)| {
            compared.live += 1;
            if !seen.has(parent, id) {
                compared.missing.push(Member { parent, id, end, again: missed.has(parent, id) });
            }
        };
        query.each(&self.writer, show).await?;
        Ok(Some(compared))
    }

    /// The first of `parents`, at least one, under which not too much was seen at a time.
    async fn few_enough(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        mut parents: Vec<(i64,)>,
    ) -> Result<Vec<(i64,)>> {
        let rows = Rows::new().int("id", parents.iter().map(|(id,)| *id));
        let sizes: Vec<(i64, i64)> =
            sql("SELECT s.parent, CAST(sum(length(s.ids)) AS BIGINT) FROM {rows} CROSS JOIN seen s \
             WHERE s.org = $1 AND s.run = $2 AND s.dataset = $3 AND s.parent = v.id GROUP BY s.parent")
            .int(org.0)
            .int(run.0)
            .text(dataset)
            .rows(&rows)
            .all(&self.writer)
            .await?;
        let sizes: HashMap<i64, i64> = sizes.into_iter().collect();
        let mut bytes = 0;
        let fits = |(id,): &&(i64,)| {
            bytes += sizes.get(id).copied().unwrap_or_default();
            bytes <= SEEN
        };
        let few = parents.iter().take_while(fits).count();
        parents.truncate(few.max(1));
        Ok(parents)
    }

    /// Notes that members of a parent were confirmed one by one, so that the sweep leaves them.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn mark_seen(
        &self,
        lease: &Lease,
        run: RunId,
        dataset: &str,
        parent: EntityId,
        ids: &[EntityId],
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        sql("INSERT INTO seen(org, run, dataset, parent, part, page, ids) \
             SELECT $1, $2, $3, $4, -1, coalesce(max(s.page), -1) + 1, $5 FROM seen s \
             WHERE s.org = $1 AND s.run = $2 AND s.dataset = $3 AND s.parent = $4 AND s.part = -1")
        .int(lease.org.0)
        .int(run.0)
        .text(dataset)
        .int(parent.0)
        .blob(&ids::pack(ids.iter().map(|id| id.0).collect()))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// How many times [`mark_seen`](Self::mark_seen) was called for members of a parent in this run, also by an earlier
    /// process of it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn marked_seen(&self, run: RunId, org: OrgId, dataset: &str, parent: EntityId) -> Result<u64> {
        let (n,): (i64,) =
            sql("SELECT count(*) FROM seen s WHERE s.org = $1 AND s.run = $2 AND s.dataset = $3 \
             AND s.parent = $4 AND s.part = -1")
            .int(org.0)
            .int(run.0)
            .text(dataset)
            .int(parent.0)
            .one(&self.reader)
            .await?;
        Ok(count(n))
    }

    /// Entities that edges refer to but that were not read, by id from after `after` on.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn stubs(&self, org: OrgId, after: EntityId, limit: u32) -> Result<Vec<Stub>> {
        let codes: Vec<String> = self.catalogue.relations.iter().map(|r| r.code.0.to_string()).collect();
        let codes = if codes.is_empty() { "NULL".to_string() } else { codes.join(", ") };
        let rows: Vec<(i64, i16, i64, String)> = sql(format!(
            "SELECT e.id, e.kind, e.parent, e.okta_id FROM entity e \
             WHERE e.org = $1 AND e.id > $2 AND e.removed_at IS NULL AND e.doc_hash IS NULL AND ( \
             EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel IN ({codes}) AND x.src = e.id) OR \
             EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel IN ({codes}) AND x.dst = e.id)) \
             ORDER BY e.id LIMIT $3"
        ))
        .int(org.0)
        .int(after.0)
        .int(i64::from(limit))
        .all(&self.reader)
        .await?;
        let read = |(id, kind, parent, okta_id)| Stub {
            id: EntityId(id),
            kind: KindCode(kind),
            parent: EntityId(parent),
            okta_id,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
