//! Where a run goes on: parents still to be listed, and how far each listing is.

use std::collections::HashMap;

use serde_json::Value;
use transom_core::{EntityId, KindCode, OrgId, RelCode};

use crate::{
    Lease, Result, RunId, Store, ids,
    query::{Rows, Sql, sql},
    read::LIVE,
    store::{Doc, count},
};

/// Which entities a data set is listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// Entities of a kind.
    Kind {
        /// The kind.
        kind: KindCode,
        /// Only those with this status.
        status: Option<&'static str>,
        /// Only those with another status, or none.
        status_not: Option<&'static str>,
    },
    /// Entities of a kind that have an edge of this relation going out, stubs too: who is known by a list of
    /// administrators need not be awaited from the list of users.
    SourceOf {
        /// The relation.
        rel: RelCode,
        /// The kind.
        kind: KindCode,
        /// Also those that still have children of this kind: what they lost must be seen to be gone.
        or_parent_of: Option<KindCode>,
    },
    /// Entities of a kind whose document shows a value in a column that is kept as facets: where the listing says that
    /// there can be something below.
    Facet {
        /// The kind.
        kind: KindCode,
        /// The column's name.
        name: &'static str,
        /// The value; any where `None`.
        value: Option<&'static str>,
        /// Also those that show no value at all, where every one has one: of them it is not known.
        or_unknown: bool,
        /// Also those that still have children of this kind: what they lost must be seen to be gone.
        or_parent_of: Option<KindCode>,
    },
    /// Entities of a kind, each with the number on its edge of this relation: what the listing says of what is below.
    Marked {
        /// The kind.
        kind: KindCode,
        /// The relation of which each has one edge at most.
        rel: RelCode,
    },
}

/// Entities that fit a selector and are alike in what a data set's listings can depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// Their status.
    pub status: Option<String>,
    /// The number on their edge, where they are selected with it.
    pub mark: Option<i32>,
    /// How many.
    pub count: u64,
}

/// Among which entities parents are looked for.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// So many of those with a greater id.
    After(EntityId, u32),
    /// These.
    These(&'a [EntityId]),
}

/// A page that a listing of the org stored in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPage {
    /// Which of the listings, and the number of the page in it.
    pub at: (i16, i32),
    /// What was on it.
    pub ids: Vec<EntityId>,
}

/// An entity whose listing isn't done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its dense id.
    pub id: EntityId,
    /// Its kind.
    pub kind: KindCode,
    /// Okta's id.
    pub okta_id: String,
    /// Its own parent.
    pub parent: Option<(EntityId, String)>,
    /// Its status.
    pub status: Option<String>,
    /// The number on its edge, where it is selected with it.
    pub mark: Option<i32>,
    /// Its document, where it was selected by what its document shows ([`Selector::Facet`]).
    pub doc: Option<Value>,
    /// How far its listings are; those that were not begun are absent.
    pub parts: Vec<PartState>,
}

/// How far a listing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartState {
    /// Which of the parent's listings.
    pub part: i16,
    /// The number of the next page.
    pub page: i32,
    /// Where the next page is.
    pub cursor: Option<String>,
    /// Whether the listing is complete.
    pub done: bool,
}

/// The `part` of a checkpoint that gives a whole parent up.
const GIVEN_UP: i64 = -1;

/// Parents from after `after` on, all of whose begun parts are complete, and at least as many as were declared: `$1`
/// org, `$2` run, `$3` data set. Walking an org in batches then costs each checkpoint once, not once a batch.
pub(crate) fn done(after: i64) -> String {
    done_where(&format!("c.parent > {after}"))
}

fn done_where(parents: &str) -> String {
    format!(
        "SELECT c.parent FROM checkpoint c WHERE c.org = $1 AND c.run = $2 AND c.dataset = $3 AND {parents} \
         GROUP BY c.parent HAVING min(c.state) = 1 AND max(c.state) = 1 AND count(*) >= \
         coalesce((SELECT d.parts FROM run_dataset d WHERE d.org = $1 AND d.run = $2 AND d.dataset = $3), 1)"
    )
}

/// Parents that were given up.
fn failed_where(parents: &str) -> String {
    format!(
        "SELECT c.parent FROM checkpoint c WHERE c.org = $1 AND c.run = $2 AND c.dataset = $3 AND c.state = 2 \
         AND {parents}"
    )
}

/// Before every parent, [`EntityId::ROOT`] included.
const ALL: i64 = -1;

impl Selector {
    /// The kind of the selected entities.
    pub fn kind(&self) -> KindCode {
        match self {
            Self::Kind { kind, .. }
            | Self::SourceOf { kind, .. }
            | Self::Facet { kind, .. }
            | Self::Marked { kind, .. } => *kind,
        }
    }

    /// The number on the entity's edge, as a column.
    fn mark(&self) -> &'static str {
        if matches!(self, Self::Marked { .. }) { "m.attr" } else { "CAST(NULL AS INTEGER)" }
    }

    /// `FROM … WHERE …` over entities `e` that fit and were not removed.
    fn conditions(&self, query: &mut Sql<'_>) {
        query.push(" FROM entity e LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent");
        if let Self::Marked { rel, .. } = self {
            query.push(" LEFT JOIN edge m ON m.org = e.org AND m.src = e.id AND m.rel = ");
            query.push_int(i64::from(rel.0));
        }
        query.push(" WHERE e.org = $1");
        query.push(" AND e.removed_at IS NULL AND e.kind = ").push_int(i64::from(self.kind().0));
        // An edge is enough to know of a source by.
        if !matches!(self, Self::SourceOf { .. }) {
            query.push(" AND e.doc_hash IS NOT NULL");
        }
        match self {
            Self::Kind { status, status_not, .. } => {
                if let Some(status) = status {
                    query.push(" AND e.status = ").push_text(status);
                }
                if let Some(status) = status_not {
                    query.push(" AND (e.status IS NULL OR e.status <> ").push_text(status).push(")");
                }
            }
            Self::SourceOf { rel, or_parent_of, .. } => {
                query.push(
                    " AND (EXISTS (SELECT 1 FROM edge x WHERE x.org = $1 AND x.src = e.id AND x.rel = ",
                );
                query.push_int(i64::from(rel.0)).push(")");
                or_has_children(query, *or_parent_of);
                query.push(")");
            }
            Self::Facet { kind, name, value, or_unknown, or_parent_of } => {
                let shown = "EXISTS (SELECT 1 FROM facet f WHERE f.org = $1 AND f.id = e.id AND f.kind = ";
                query.push(" AND (").push(shown);
                query.push_int(i64::from(kind.0)).push(" AND f.name = ").push_text(name);
                if let Some(value) = value {
                    query.push(" AND f.value = ").push_text(value);
                }
                query.push(")");
                if *or_unknown {
                    query.push(" OR NOT ").push(shown);
                    query.push_int(i64::from(kind.0)).push(" AND f.name = ").push_text(name).push(")");
                }
                or_has_children(query, *or_parent_of);
                query.push(")");
            }
            Self::Marked { .. } => {}
        }
    }
}

fn or_has_children(query: &mut Sql<'_>, kind: Option<KindCode>) {
    let Some(kind) = kind else { return };
    query.push(" OR EXISTS (SELECT 1 FROM entity c WHERE c.org = $1 AND c.parent = e.id");
    query.push(" AND c.removed_at IS NULL AND c.kind = ").push_int(i64::from(kind.0)).push(")");
}

impl Store {
    /// Entities that fit and whose listing is neither done nor given up in this run, by id.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn parents(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        selector: &Selector,
        among: Among<'_>,
    ) -> Result<Vec<Parent>> {
        // Checkpoints outside the range need not be looked at.
        let (range, these) = match among {
            Among::After(after, _) => (format!("> {}", after.0), None),
            Among::These(ids) => {
                let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else {
                    return Ok(Vec::new());
                };
                (format!("BETWEEN {} AND {}", first.0, last.0), Some(ids))
            }
        };
        let these = these.map(|ids| Rows::new().int("id", ids.iter().map(|id| id.0)));
        let doc = if matches!(selector, Selector::Facet { .. }) { "e.doc" } else { "NULL" };
        let columns = format!("{}, {doc}", selector.mark());
        let mut query = sql(format!("SELECT e.id, e.kind, e.okta_id, p.id, p.okta_id, e.status, {columns}"))
            .int(org.0)
            .int(run.0)
            .text(dataset);
        selector.conditions(&mut query);
        let listed = format!("c.parent {range}");
        query.push(&format!(
            " AND e.id {range} AND e.id NOT IN ({}) AND e.id NOT IN ({})",
            done_where(&listed),
            failed_where(&listed)
        ));
        match (&these, among) {
            (Some(rows), _) => {
                query.push(" AND e.id IN (SELECT v.id FROM {rows}) ORDER BY e.id");
                query = query.rows(rows);
            }
            (None, Among::After(_, limit)) => {
                query.push(" ORDER BY e.id LIMIT ").push_int(i64::from(limit));
            }
            (None, Among::These(_)) => {}
        }
        type Row = (i64, i16, String, Option<i64>, Option<String>, Option<String>, Option<i32>, Option<Doc>);
        let found: Vec<Row> = query.all(&self.reader).await?;
        let rows = Rows::new().int("id", found.iter().map(|f| f.0));
        let states: Vec<(i64, i16, i32, Option<String>, i16)> = sql(
            "SELECT c.parent, c.part, c.page, c.cursor, c.state FROM {rows} CROSS JOIN checkpoint c \
             WHERE c.org = $1 AND c.run = $2 AND c.dataset = $3 AND c.parent = v.id ORDER BY c.parent, c.part",
        )
        .int(org.0)
        .int(run.0)
        .text(dataset)
        .rows(&rows)
        .all(&self.reader)
        .await?;
        let mut parts: HashMap<i64, Vec<PartState>> = HashMap::new();
        for (parent, part, page, cursor, state) in states {
            parts.entry(parent).or_default().push(PartState { part, page, cursor, done: state == 1 });
        }
        let read = |(id, kind, okta_id, parent, parent_okta, status, mark, doc): Row| Parent {
            id: EntityId(id),
            kind: KindCode(kind),
            okta_id,
            parent: parent.map(EntityId).zip(parent_okta),
            status,
            mark,
            doc: doc.map(|doc| doc.0),
            parts: parts.remove(&id).unwrap_or_default(),
        };
        Ok(found.into_iter().map(read).collect())
    }

    /// Pages that the org's own listings of `dataset` stored in this run, in their order from after `after` on; at most
    /// `limit`. Those of the same number that a listing read again from its beginning are not told twice.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn seen_pages(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        after: (i16, i32),
        limit: u32,
    ) -> Result<Vec<SeenPage>> {
        let rows: Vec<(i16, i32, Vec<u8>)> = sql(
            "SELECT s.part, s.page, s.ids FROM seen s WHERE s.org = $1 AND s.run = $2 AND s.dataset = $3 \
             AND s.parent = 0 AND s.part >= 0 AND (s.part > $4 OR (s.part = $4 AND s.page > $5)) \
             ORDER BY s.part, s.page LIMIT $6",
        )
        .int(org.0)
        .int(run.0)
        .text(dataset)
        .int(i64::from(after.0))
        .int(i64::from(after.1))
        .int(i64::from(limit))
        .all(&self.reader)
        .await?;
        let read = |(part, page, packed): (i16, i32, Vec<u8>)| {
            let mut ids = Vec::new();
            ids::unpack(&packed, &mut ids);
            SeenPage { at: (part, page), ids }
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// How many entities fit, and how many of them were listed to the end in this run (those given up are not).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn parents_count(
        &self,
        run: RunId,
        org: OrgId,
        dataset: &str,
        selector: &Selector,
    ) -> Result<(u64, u64)> {
        let mut query = sql(format!(
            "SELECT count(*), coalesce(sum(CASE WHEN e.id IN ({}) THEN 1 ELSE 0 END), 0)",
            done(ALL)
        ))
        .int(org.0)
        .int(run.0)
        .text(dataset);
        selector.conditions(&mut query);
        let (all, done): (i64, i64) = query.one(&self.reader).await?;
        Ok((count(all), count(done)))
    }

    /// How many parents of a data set are done in this run without a call, because there was nothing to ask: no page of
    /// theirs has a number.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn idle_parents(&self, run: RunId, org: OrgId, dataset: &str) -> Result<u64> {
        let (n,): (i64,) =
            sql("SELECT count(*) FROM checkpoint c WHERE c.org = $1 AND c.run = $2 AND c.dataset = $3 \
             AND c.parent > 0 AND c.state = 1 AND c.page = 0")
            .int(org.0)
            .int(run.0)
            .text(dataset)
            .one(&self.reader)
            .await?;
        Ok(count(n))
    }

    /// Forgets how far a listing is and what it showed: it begins again. What it showed before would be taken for seen.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn begin_again(
        &self,
        lease: &Lease,
        run: RunId,
        dataset: &str,
        parent: EntityId,
        part: i16,
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        for table in ["checkpoint", "seen", "quarantine"] {
            sql(format!(
                "DELETE FROM {table} WHERE org = $1 AND run = $2 AND dataset = $3 AND parent = $4 AND part = $5"
            ))
            .int(lease.org.0)
            .int(run.0)
            .text(dataset)
            .int(parent.0)
            .int(i64::from(part))
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await
    }

    /// How many entities fit, sorted by what a data set's listings can depend on: their status and their mark.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn parents_alike(&self, org: OrgId, selector: &Selector) -> Result<Vec<Alike>> {
        let mut query = sql(format!("SELECT e.status, {}, count(*)", selector.mark())).int(org.0);
        selector.conditions(&mut query);
        query.push(" GROUP BY 1, 2 ORDER BY 1, 2");
        let rows: Vec<(Option<String>, Option<i32>, i64)> = query.all(&self.reader).await?;
        let read = |(status, mark, n)| Alike { status, mark, count: count(n) };
        Ok(rows.into_iter().map(read).collect())
    }

    /// The Okta ids of the live entities of a kind, in the order in which they were first seen. For kinds of which an org
    /// has few, without parents.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn okta_ids(&self, org: OrgId, kind: KindCode) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sql(format!(
            "SELECT e.okta_id FROM entity e WHERE e.org = $1 AND e.kind = $2 AND {LIVE} ORDER BY e.id"
        ))
        .int(org.0)
        .int(i64::from(kind.0))
        .all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(|(okta_id,)| okta_id).collect())
    }

    /// How far the top-level listings of a data set are.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn root_parts(&self, run: RunId, dataset: &str) -> Result<Vec<PartState>> {
        let rows: Vec<(i16, i32, Option<String>, i16)> = sql(
            "SELECT c.part, c.page, c.cursor, c.state FROM run r JOIN checkpoint c ON c.org = r.org AND c.run = r.id \
             WHERE r.id = $1 AND c.dataset = $2 AND c.parent = 0 AND c.part >= 0 ORDER BY c.part",
        )
        .int(run.0)
        .text(dataset)
        .all(&self.reader)
        .await?;
        let read = |(part, page, cursor, state)| PartState { part, page, cursor, done: state == 1 };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Gives a parent up in this run: it is not listed again, and nothing under it is swept.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost).
    pub async fn skip_parent(
        &self,
        lease: &Lease,
        run: RunId,
        dataset: &str,
        parent: EntityId,
        why: &str,
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        sql("INSERT INTO checkpoint(org, run, dataset, parent, part, page, state, why) \
             VALUES ($1, $2, $3, $4, $5, 0, 2, $6) \
             ON CONFLICT(org, run, dataset, parent, part) DO UPDATE SET why = excluded.why")
        .int(lease.org.0)
        .int(run.0)
        .text(dataset)
        .int(parent.0)
        .int(GIVEN_UP)
        .text(why)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// How many parents were given up in this run for a reason that begins with `word`, and the first of the reasons:
    /// also those that an earlier process of the run gave up.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn failed_parents(
        &self,
        run: RunId,
        dataset: &str,
        word: &str,
    ) -> Result<Option<(u64, String)>> {
        let failed = "c.dataset = $2 AND c.state = 2 AND substr(c.why, 1, length($3)) = $3";
        let row: (i64, Option<String>) = sql(format!(
            "WITH c AS (SELECT c.parent, c.why FROM run r JOIN checkpoint c ON c.org = r.org AND c.run = r.id \
             WHERE r.id = $1 AND {failed}) SELECT count(*), (SELECT why FROM c ORDER BY parent LIMIT 1) FROM c"
        ))
        .int(run.0)
        .text(dataset)
        .text(word)
        .one(&self.reader)
        .await?;
        Ok((row.0 > 0).then(|| (count(row.0), row.1.unwrap_or_default())))
    }
}
