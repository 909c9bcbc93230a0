//! Reading single objects, their neighbours and their history. Stubs and removed rows are never shown.

use serde_json::Value;
use transom_core::{EntityId, KindCode, Millis, OrgId, RelCode};

use crate::{
    Result, RunId, Store, Target,
    query::sql,
    store::{Doc, count},
};

/// A live entity without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Its dense id.
    pub id: EntityId,
    /// Its kind.
    pub kind: KindCode,
    /// Its parent's dense id; [`EntityId::ROOT`] for top-level kinds.
    pub parent: EntityId,
    /// Okta's id.
    pub okta_id: String,
    /// Its parent's Okta id; `a/b` where the parent has a parent of its own.
    pub parent_okta_id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Login.
    pub login: Option<String>,
    /// Status, verbatim.
    pub status: Option<String>,
    /// When Okta says it was created.
    pub created: Option<Millis>,
    /// When Okta says it was last changed.
    pub updated: Option<Millis>,
}

impl EntityRow {
    /// `okta_id`, or `parent/okta_id` for kinds that live under others.
    pub fn address(&self) -> String {
        match &self.parent_okta_id {
            Some(parent) => format!("{parent}/{}", self.okta_id),
            None => self.okta_id.clone(),
        }
    }
}

/// A live entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Everything but the document.
    pub row: EntityRow,
    /// Okta's document, secrets dropped.
    pub doc: Value,
    /// When it was first read or referred to.
    pub first_seen: Millis,
    /// Since when the document is as it is, as far as we saw.
    pub changed_at: Millis,
}

/// How much an org holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Live entities by kind.
    pub entities: Vec<(KindCode, u64)>,
    /// Edges by relation; those to stubs included.
    pub edges: Vec<(RelCode, u64)>,
    /// Records set aside.
    pub quarantined: u64,
}

/// A document an entity had or has.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Since when, as far as we saw.
    pub at: Millis,
    /// Until when; `None` for what holds now.
    pub until: Option<Millis>,
    /// The document.
    pub doc: Value,
}

/// The columns of [`EntityRow`], and what they come from: up to three ancestors give the parent's address.
pub(crate) const ROW: &str = "e.id, e.kind, e.parent, e.okta_id, e.name, e.login, e.status, e.created, e.updated, \
     p.okta_id, g.okta_id, h.okta_id";
pub(crate) const ROW_FROM: &str = "entity e LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent \
     LEFT JOIN entity g ON g.org = e.org AND g.id = p.parent LEFT JOIN entity h ON h.org = e.org AND h.id = g.parent";
/// As the partial indexes have it.
pub(crate) const LIVE: &str = "e.removed_at IS NULL AND e.doc_hash IS NOT NULL";

type Text = Option<String>;
pub(crate) type RowTuple =
    (i64, i16, i64, String, Text, Text, Text, Option<Millis>, Option<Millis>, Text, Text, Text);

pub(crate) fn address(p: Text, g: Text, h: Text) -> Option<String> {
    let known: Vec<String> = [h, g, p].into_iter().flatten().collect();
    if known.is_empty() { None } else { Some(known.join("/")) }
}

impl From<RowTuple> for EntityRow {
    fn from((id, kind, parent, okta_id, name, login, status, created, updated, p, g, h): RowTuple) -> Self {
        Self {
            id: EntityId(id),
            kind: KindCode(kind),
            parent: EntityId(parent),
            okta_id,
            parent_okta_id: address(p, g, h),
            name,
            login,
            status,
            created,
            updated,
        }
    }
}

impl Store {
    /// How many entities and edges an org holds, and how many records are set aside.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn counts(&self, org: OrgId) -> Result<Counts> {
        let edges: Vec<(i16, i64)> =
            sql("SELECT rel, count(*) FROM edge WHERE org = $1 GROUP BY rel ORDER BY rel")
                .int(org.0)
                .all(&self.reader)
                .await?;
        let (quarantined,): (i64,) =
            sql("SELECT count(*) FROM quarantine WHERE org = $1").int(org.0).one(&self.reader).await?;
        Ok(Counts {
            entities: self.kind_counts(org).await?,
            edges: edges.into_iter().map(|(rel, n)| (RelCode(rel), count(n))).collect(),
            quarantined: count(quarantined),
        })
    }

    /// How many live objects or edges of a data set's target an org holds. Children are counted under `parents`
    /// alone where that is given: two data sets may list the same kind under parents of different kinds.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn held(&self, org: OrgId, target: Target, parents: Option<KindCode>) -> Result<u64> {
        let (text, code) = match (target, parents) {
            (Target::Children(kind), Some(parents)) => (
                format!(
                    "SELECT count(*) FROM entity e JOIN entity p ON p.org = e.org AND p.id = e.parent \
                     WHERE e.org = $1 AND e.kind = $2 AND p.kind = {} AND {LIVE}",
                    parents.0
                ),
                kind.0,
            ),
            (Target::Children(kind), None) => {
                (format!("SELECT count(*) FROM entity e WHERE e.org = $1 AND e.kind = $2 AND {LIVE}"), kind.0)
            }
            (Target::Into(rel) | Target::From(rel), _) => {
                ("SELECT count(*) FROM edge WHERE org = $1 AND rel = $2".to_string(), rel.0)
            }
            (Target::None, _) => return Ok(0),
        };
        let (held,): (i64,) = sql(text).int(org.0).int(i64::from(code)).one(&self.reader).await?;
        Ok(count(held))
    }

    /// How many records of a data set this run has set aside.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn odd(&self, org: OrgId, run: RunId, dataset: &str) -> Result<u64> {
        let (odd,): (i64,) =
            sql("SELECT count(*) FROM quarantine WHERE org = $1 AND run = $2 AND dataset = $3")
                .int(org.0)
                .int(run.0)
                .text(dataset)
                .one(&self.reader)
                .await?;
        Ok(count(odd))
    }

    /// The live entity with this key, or `None`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn entity(
        &self,
        org: OrgId,
        kind: KindCode,
        parent: EntityId,
        okta_id: &str,
    ) -> Result<Option<Entity>> {
        let row: Option<(i64,)> = sql(format!(
            "SELECT e.id FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.parent = $3 AND e.okta_id = $4 AND {LIVE}"
        ))
        .int(org.0)
        .int(i64::from(kind.0))
        .int(parent.0)
        .text(okta_id)
        .optional(&self.reader)
        .await?;
        match row {
            Some((id,)) => self.entity_by_id(org, EntityId(id)).await,
            None => Ok(None),
        }
    }

    /// The live entity with this dense id, or `None`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn entity_by_id(&self, org: OrgId, id: EntityId) -> Result<Option<Entity>> {
        let row: Option<RowTuple> =
            sql(format!("SELECT {ROW} FROM {ROW_FROM} WHERE e.org = $1 AND e.id = $2 AND {LIVE}"))
                .int(org.0)
                .int(id.0)
                .optional(&self.reader)
                .await?;
        let doc: Option<(Doc, Millis, Millis)> = sql(format!(
            "SELECT e.doc, e.first_seen, e.changed_at FROM entity e WHERE e.org = $1 AND e.id = $2 AND {LIVE}"
        ))
        .int(org.0)
        .int(id.0)
        .optional(&self.reader)
        .await?;
        Ok(row.zip(doc).map(|(row, (doc, first_seen, changed_at))| Entity {
            row: row.into(),
            doc: doc.0,
            first_seen,
            changed_at,
        }))
    }

    /// Live entities by their dense ids, in that order; those that are gone are left out.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn entities(&self, org: OrgId, ids: &[EntityId]) -> Result<Vec<EntityRow>> {
        self.rows(org, ids.iter().map(|id| id.0).collect()).await
    }

    /// The rows of live entities, in the order of `ids`.
    pub(crate) async fn rows(&self, org: OrgId, ids: Vec<i64>) -> Result<Vec<EntityRow>> {
        let rows = crate::query::Rows::new().int("id", ids.iter().copied());
        let found: Vec<RowTuple> = sql(format!(
            "SELECT {ROW} FROM {{rows}} CROSS JOIN {ROW_FROM} WHERE e.org = $1 AND e.id = v.id AND {LIVE}"
        ))
        .int(org.0)
        .rows(&rows)
        .all(&self.reader)
        .await?;
        let mut by_id: std::collections::HashMap<i64, EntityRow> =
            found.into_iter().map(|row| (row.0, row.into())).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The document of an edge, or `None` where it has none.
    ///
    /// # Errors
    /// When the database can't be read, or the document can't be unpacked.
    pub async fn edge_doc(
        &self,
        org: OrgId,
        rel: RelCode,
        src: EntityId,
        dst: EntityId,
    ) -> Result<Option<Value>> {
        let row: Option<(i16, Vec<u8>)> =
            sql("SELECT codec, doc FROM edge_doc WHERE org = $1 AND rel = $2 AND src = $3 AND dst = $4")
                .int(org.0)
                .int(i64::from(rel.0))
                .int(src.0)
                .int(dst.0)
                .optional(&self.reader)
                .await?;
        match row {
            Some((codec, doc)) => self.unpack(org, codec, &doc).await.map(Some),
            None => Ok(None),
        }
    }

    /// How many documents [`Store::versions`] has of an entity, without reading them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn version_count(&self, org: OrgId, id: EntityId) -> Result<u64> {
        let (n,): (i64,) = sql("SELECT (SELECT count(*) FROM entity_version WHERE org = $1 AND id = $2) + \
             (SELECT count(*) FROM entity WHERE org = $1 AND id = $2 AND doc IS NOT NULL)")
        .int(org.0)
        .int(id.0)
        .one(&self.reader)
        .await?;
        Ok(count(n))
    }

    /// The documents an entity has had, newest first; the one that holds now included. Removed entities have a past
    /// too: their last document ends when they were removed.
    ///
    /// # Errors
    /// When the database can't be read, or a document can't be unpacked.
    pub async fn versions(&self, org: OrgId, id: EntityId) -> Result<Vec<Version>> {
        let now: Option<(Millis, Option<Millis>, Doc)> = sql(
            "SELECT changed_at, removed_at, doc FROM entity WHERE org = $1 AND id = $2 AND doc IS NOT NULL",
        )
        .int(org.0)
        .int(id.0)
        .optional(&self.reader)
        .await?;
        let old: Vec<(Millis, Millis, i16, Vec<u8>)> = sql(
            "SELECT at, until, codec, doc FROM entity_version WHERE org = $1 AND id = $2 ORDER BY version DESC",
        )
        .int(org.0)
        .int(id.0)
        .all(&self.reader)
        .await?;
        let mut versions: Vec<Version> =
            now.map(|(at, until, doc)| Version { at, until, doc: doc.0 }).into_iter().collect();
        for (at, until, codec, doc) in old {
            versions.push(Version { at, until: Some(until), doc: self.unpack(org, codec, &doc).await? });
        }
        Ok(versions)
    }
}
