//! What edges lead to and come from: the objects at their far end, with what the edges say.

use std::collections::HashMap;

use serde_json::Value;
use transom_core::{EntityId, KindCode, OrgId, RelCode, Relation};

use crate::{
    Count, EdgeFilter, EntityRow, Error, ListFilter, Paging, Result, Sort, Store,
    filter::{MOST, ends},
    query::{Rows, sql},
};

/// Which way edges are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the entity to others.
    Out,
    /// From others to the entity.
    In,
}

/// An entity at the other end of an edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// The relation.
    pub rel: RelCode,
    /// The small number on the edge.
    pub attr: i32,
    /// The other end.
    pub row: EntityRow,
    /// The edge's own document, for relations that have one, where it was read.
    pub doc: Option<Value>,
}

/// A page of neighbours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeighbourPage {
    /// The neighbours, by kind and name. Fewer than asked for may come with a `next`.
    pub rows: Vec<Neighbour>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
    /// What asks for the page before; `None` on the first.
    pub prev: Option<String>,
}

/// How many edges of a relation and direction an entity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeCount {
    /// The relation.
    pub rel: RelCode,
    /// The direction, seen from the entity.
    pub direction: Direction,
    /// How many live objects are at the far ends.
    pub count: Count,
}

/// Edges and children of one entity are counted up to here: a millisecond for each sort of them.
const CAP: i64 = MOST;

impl Store {
    /// A page of the live entities at the far end of an entity's edges, by kind and name, each with its edge's number and
    /// document. A page holds entities of one kind: where the relation knows several, the next kind begins a page.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these; [`Error::NotFound`] for an unknown relation.
    pub async fn neighbours_page(
        &self,
        org: OrgId,
        edges: EdgeFilter,
        at: Option<&str>,
        limit: u32,
    ) -> Result<NeighbourPage> {
        let relation = self.relation(edges.rel)?;
        let kinds = self.far_kinds(relation, edges.direction);
        let (mut kind, mut mark) = match at {
            None => (kinds.first().copied(), None),
            Some(at) => {
                let (code, mark) = at.split_once('.').ok_or(Error::Mark("This is no mark of a page."))?;
                let kind = kinds.iter().copied().find(|kind| kind.0.to_string() == code);
                let mark = Some(mark.to_string()).filter(|m| !m.is_empty());
                (Some(kind.ok_or(Error::Mark("This mark is of another list."))?), mark)
            }
        };
        let filter = ListFilter { edges: vec![edges], ..ListFilter::default() };
        while let Some(this) = kind {
            let page = self.list(org, this, &filter, &Paging::by_name(mark.as_deref(), limit)).await?;
            let place = kinds.iter().position(|k| *k == this).unwrap_or(0);
            if page.rows.is_empty() && page.next.is_none() && at.is_none() {
                (kind, mark) = (kinds.get(place + 1).copied(), None);
                continue;
            }
            let of = |kind: KindCode, mark: &str| format!("{}.{mark}", kind.0);
            let next = match &page.next {
                Some(next) => Some(of(this, next)),
                None => self
                    .any_of(org, &filter, kinds.get(place + 1..).unwrap_or_default())
                    .await?
                    .map(|k| of(k, "")),
            };
            let prev = match &page.prev {
                Some(prev) => Some(of(this, prev)),
                None => {
                    let before: Vec<KindCode> = kinds[..place].iter().rev().copied().collect();
                    self.any_of(org, &filter, &before)
                        .await?
                        .map(|k| of(k, &Self::last_page(&filter, Sort::Name, false)))
                }
            };
            let rows = self.with_edges(org, edges, relation, page.rows).await?;
            return Ok(NeighbourPage { rows, next, prev });
        }
        Ok(NeighbourPage::default())
    }

    /// Live entities that edges of an entity lead to or come from, by relation, kind and name; at most `limit`.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn neighbours(
        &self,
        org: OrgId,
        id: EntityId,
        direction: Direction,
        rel: Option<RelCode>,
        limit: u32,
    ) -> Result<Vec<Neighbour>> {
        let mut found: Vec<Neighbour> = Vec::new();
        for relation in &self.catalogue.relations {
            let edges = EdgeFilter { rel: relation.code, direction, of: id };
            let mut at: Option<String> = None;
            while rel.is_none_or(|rel| rel == relation.code) {
                let room = (limit as usize).saturating_sub(found.len()) as u32;
                if room == 0 {
                    return Ok(found);
                }
                let page = self.neighbours_page(org, edges, at.as_deref(), room).await?;
                found.extend(page.rows);
                at = page.next;
                if at.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// How many live entities are at the far ends of an entity's edges, for each relation and direction that its kind can
    /// have, those with none included; counted up to 5,000.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn edge_counts(&self, org: OrgId, id: EntityId, kind: KindCode) -> Result<Vec<EdgeCount>> {
        let name = self.catalogue.kind(kind).map_or("", |k| k.name);
        let sides: Vec<(&Relation, Direction)> = self
            .catalogue
            .relations
            .iter()
            .flat_map(|r| [(*r, Direction::Out, r.from), (*r, Direction::In, r.to)])
            .filter(|(.., near)| near.contains(&name))
            .map(|(rel, direction, _)| (rel, direction))
            .collect();
        let stubs = if self.reader.is_sqlite() { "INDEXED BY entity_stub" } else { "" };
        let mut query = sql("SELECT -1, CAST($1 + $2 AS BIGINT)").int(org.0).int(id.0);
        for (n, (rel, direction)) in sides.iter().enumerate() {
            let (near, far) = ends(*direction);
            let shown = if !rel.listed && *direction == Direction::Out {
                // What a document states leads to what was removed, too; a document states few.
                format!(
                    "EXISTS (SELECT 1 FROM entity e WHERE e.org = $1 AND e.id = x.{far} AND {})",
                    crate::read::LIVE
                )
            } else {
                // Nothing else leads to removed objects, so what is not shown are stubs, and of those there are few: their
                // index is small, where SQLite would look every far end up in the table.
                format!(
                    "(SELECT s.id FROM entity s {stubs} WHERE s.org = $1 AND s.id = x.{far} AND s.removed_at IS NULL \
                     AND s.doc_hash IS NULL) IS NULL"
                )
            };
            query.push(&format!(
                " UNION ALL SELECT {n}, count(*) FROM (SELECT 1 FROM edge x WHERE x.org = $1 AND x.rel = {} AND x.{near} = $2 \
                 AND {shown} LIMIT {}) AS c{n}",
                rel.code.0,
                CAP + 1
            ));
        }
        let found: HashMap<i32, i64> = query.all::<(i32, i64)>(&self.reader).await?.into_iter().collect();
        let counted = |n: usize| Count::capped(found.get(&(n as i32)).copied().unwrap_or(0), CAP);
        Ok(sides
            .into_iter()
            .enumerate()
            .map(|(n, (rel, direction))| EdgeCount { rel: rel.code, direction, count: counted(n) })
            .collect())
    }

    /// How many live children of each kind an entity has, for the kinds that can live under its own, those with none
    /// included; counted up to 5,000. [`ListFilter::parent`] lists them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn child_counts(
        &self,
        org: OrgId,
        id: EntityId,
        kind: KindCode,
    ) -> Result<Vec<(KindCode, Count)>> {
        let name = self.catalogue.kind(kind).map_or("", |k| k.name);
        let below: Vec<KindCode> =
            self.catalogue.kinds.iter().filter(|k| k.parents.contains(&name)).map(|k| k.code).collect();
        let mut query = sql("SELECT -1, CAST($1 + $2 AS BIGINT)").int(org.0).int(id.0);
        for kind in &below {
            query.push(&format!(
                " UNION ALL SELECT {}, count(*) FROM (SELECT 1 FROM entity e WHERE e.org = $1 AND e.kind = {} \
                 AND e.parent = $2 AND {} LIMIT {}) AS c{}",
                kind.0,
                kind.0,
                crate::read::LIVE,
                CAP + 1,
                kind.0
            ));
        }
        let found: HashMap<i32, i64> = query.all::<(i32, i64)>(&self.reader).await?.into_iter().collect();
        let counted =
            |kind: KindCode| Count::capped(found.get(&i32::from(kind.0)).copied().unwrap_or(0), CAP);
        Ok(below.into_iter().map(|kind| (kind, counted(kind))).collect())
    }

    fn relation(&self, rel: RelCode) -> Result<&'static Relation> {
        self.catalogue.relation(rel).ok_or_else(|| Error::NotFound {
            what: "relation",
            wanted: rel.0.to_string(),
            have: self.catalogue.relations.iter().map(|r| r.name.to_string()).collect(),
        })
    }

    fn far_kinds(&self, relation: &Relation, direction: Direction) -> Vec<KindCode> {
        let names = match direction {
            Direction::Out => relation.to,
            Direction::In => relation.from,
        };
        names.iter().filter_map(|name| self.catalogue.kind_named(name)).map(|k| k.code).collect()
    }

    /// The first of `kinds` that has any.
    async fn any_of(&self, org: OrgId, filter: &ListFilter, kinds: &[KindCode]) -> Result<Option<KindCode>> {
        for kind in kinds {
            let page = self.list(org, *kind, filter, &Paging::by_name(None, 1)).await?;
            if !page.rows.is_empty() || page.next.is_some() {
                return Ok(Some(*kind));
            }
        }
        Ok(None)
    }

    /// The rows with the numbers and documents of their edges.
    async fn with_edges(
        &self,
        org: OrgId,
        edges: EdgeFilter,
        relation: &Relation,
        rows: Vec<EntityRow>,
    ) -> Result<Vec<Neighbour>> {
        let (near, far) = ends(edges.direction);
        let ids = Rows::new().int("id", rows.iter().map(|row| row.id.0));
        let found: Vec<(i64, i32)> = sql(format!(
            "SELECT x.{far}, x.attr FROM {{rows}} CROSS JOIN edge x WHERE x.org = $1 AND x.rel = $2 AND x.{near} = $3 AND x.{far} = v.id"
        ))
        .int(org.0)
        .int(i64::from(edges.rel.0))
        .int(edges.of.0)
        .rows(&ids)
        .all(&self.reader)
        .await?;
        let attrs: HashMap<i64, i32> = found.into_iter().collect();
        let mut docs: HashMap<i64, Value> = HashMap::new();
        if relation.has_doc {
            let packed: Vec<(i64, i16, Vec<u8>)> = sql(format!(
                "SELECT x.{far}, x.codec, x.doc FROM {{rows}} CROSS JOIN edge_doc x \
                 WHERE x.org = $1 AND x.rel = $2 AND x.{near} = $3 AND x.{far} = v.id"
            ))
            .int(org.0)
            .int(i64::from(edges.rel.0))
            .int(edges.of.0)
            .rows(&ids)
            .all(&self.reader)
            .await?;
            for (id, codec, doc) in packed {
                docs.insert(id, self.unpack(org, codec, &doc).await?);
            }
        }
        // An edge that went away since the page was made is left out.
        let with = |row: EntityRow| {
            let attr = *attrs.get(&row.id.0)?;
            let doc = docs.remove(&row.id.0);
            Some(Neighbour { rel: edges.rel, attr, row, doc })
        };
        Ok(rows.into_iter().filter_map(with).collect())
    }
}
