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
    /// Some of the missing: their id and Okta's id (for edges, of the end that was not seen).
    pub sample: Vec<(EntityId, String)>,
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
/// Edges removed per transaction.
const EDGES: usize = 10_000;

/// What is under some parents, and what of it was not seen.
struct Compared {
    live: u64,
    missing: Vec<Member>,
    last: i64,
}

/// The parent it is compared under, the member, and the edge's other end (the parent itself except under ROOT).
type Member = (i64, i64, i64);

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
            let room = (sample as usize).saturating_sub(named.len());
            named.extend(compared.missing.iter().take(room).map(|(_, member, _)| *member));
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

    /// Removes what no page of this run showed, under parents whose listing is done; returns how many objects or
    /// edges went. In many transactions: when stopped, call it again.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn sweep(&self, lease: &Lease, run: RunId, dataset: &str, target: Target) -> Result<u64> {
        let mut removed = 0;
        let mut after = -1;
        while let Some(compared) = self.compare(run, lease.org, dataset, target, after).await? {
            after = compared.last;
            match target {
                Target::Children(_) => {
                    for chunk in compared.missing.chunks(remove::CHUNK) {
                        let slot = self.cache(lease.org);
                        let mut cache = slot.lock().await;
                        cache.forget();
                        let mut tx = self.begin_fenced(lease).await?;
                        let ids = chunk.iter().map(|(_, id, _)| *id).collect();
                        removed += remove::entities(self, &mut tx, lease.org, ids).await?;
                        tx.commit().await?;
                    }
                }
                Target::Into(rel) | Target::From(rel) => {
                    let into = matches!(target, Target::Into(_));
                    let key = |(_, member, end): &Member| -> EdgeKey {
                        if into { (rel.0, *member, *end) } else { (rel.0, *end, *member) }
                    };
                    for chunk in compared.missing.chunks(EDGES) {
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
        let mut seen: HashMap<i64, Vec<EntityId>> = HashMap::new();
        for (parent, packed) in pages {
            ids::unpack(&packed, seen.entry(parent).or_default());
        }
        // Eight bytes for each, also where a million users are listed: a set takes four times as many.
        seen.values_mut().for_each(|ids| ids.sort_unstable());
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
        let was_seen = |(parent, member, _): &Member| {
            seen.get(parent).is_some_and(|members| members.binary_search(&EntityId(*member)).is_ok())
        };
        let mut compared = Compared { live: 0, missing: Vec::new(), last };
        let show = |member: Member| {
            compared.live += 1;
            if !was_seen(&member) {
                compared.missing.push(member);
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

    /// Entities that edges refer to but that were not read, by id from after `after` on.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn stubs(&self, org: OrgId, after: EntityId, limit: u32) -> Result<Vec<Stub>> {
        let mut query =
            sql(format!("SELECT e.id, e.kind, e.parent, e.okta_id {}", self.stubs_from())).int(org.0);
        query.push(" AND e.id > ").push_int(after.0).push(" ORDER BY e.id LIMIT ").push_int(i64::from(limit));
        let rows: Vec<(i64, i16, i64, String)> = query.all(&self.reader).await?;
        let read = |(id, kind, parent, okta_id)| Stub {
            id: EntityId(id),
            kind: KindCode(kind),
            parent: EntityId(parent),
            okta_id,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// How many entities of each kind are referenced but were not read.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn stub_counts(&self, org: OrgId) -> Result<Vec<(KindCode, u64)>> {
        let rows: Vec<(i16, i64)> =
            sql(format!("SELECT e.kind, count(*) {} GROUP BY e.kind ORDER BY e.kind", self.stubs_from()))
                .int(org.0)
                .all(&self.reader)
                .await?;
        Ok(rows.into_iter().map(|(kind, n)| (KindCode(kind), count(n))).collect())
    }

    /// Stubs that an edge still refers to.
    fn stubs_from(&self) -> String {
        let codes: Vec<String> = self.catalogue.relations.iter().map(|r| r.code.0.to_string()).collect();
        let codes = if codes.is_empty() { "NULL".to_string() } else { codes.join(", ") };
        format!(
            "FROM entity e WHERE e.org = $1 AND e.removed_at IS NULL AND e.doc_hash IS NULL AND ( \
             EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel IN ({codes}) AND x.src = e.id) OR \
             EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel IN ({codes}) AND x.dst = e.id))"
        )
    }
}
