//! Edges of several entities at once, for what explains a page of neighbours.

use std::collections::HashMap;

use transom_core::{EntityId, OrgId, RelCode};

use crate::{
    Direction, EntityRow, Result, Store,
    filter::ends,
    query::{Rows, sql},
};

/// The far end of an edge of one of several entities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarEnd {
    /// The entity at the near end.
    pub of: EntityId,
    /// The small number on the edge.
    pub attr: i32,
    /// The live entity at the far end.
    pub row: EntityRow,
}

impl Store {
    /// The live entities at the far ends of the edges of `of`, in that order, then by id: all of them, so only for
    /// relations with few (rules of groups, groups of a user).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn far_ends(
        &self,
        org: OrgId,
        rel: RelCode,
        direction: Direction,
        of: &[EntityId],
    ) -> Result<Vec<FarEnd>> {
        let (near, far) = ends(direction);
        let rows = Rows::new().int("id", of.iter().map(|id| id.0));
        let mut found: Vec<(i64, i64, i32)> = sql(format!(
            "SELECT v.id, x.{far}, x.attr FROM {{rows}} CROSS JOIN edge x WHERE x.org = $1 AND x.rel = $2 AND x.{near} = v.id"
        ))
        .int(org.0)
        .int(i64::from(rel.0))
        .rows(&rows)
        .all(&self.reader)
        .await?;
        let order: HashMap<i64, usize> = of.iter().enumerate().map(|(n, id)| (id.0, n)).collect();
        found.sort_unstable_by_key(|(near, far, _)| (order.get(near).copied(), *far));
        let mut ids: Vec<i64> = found.iter().map(|(_, far, _)| *far).collect();
        ids.sort_unstable();
        ids.dedup();
        let known: HashMap<i64, EntityRow> =
            self.rows(org, ids).await?.into_iter().map(|row| (row.id.0, row)).collect();
        let end = |(near, far, attr): (i64, i64, i32)| {
            Some(FarEnd { of: EntityId(near), attr, row: known.get(&far)?.clone() })
        };
        Ok(found.into_iter().filter_map(end).collect())
    }

    /// The edges of a relation that lead from one of `src` to one of `dst`, with their numbers. Every pair is looked up: a
    /// microsecond each.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn edges_between(
        &self,
        org: OrgId,
        rel: RelCode,
        src: &[EntityId],
        dst: &[EntityId],
    ) -> Result<Vec<(EntityId, EntityId, i32)>> {
        let pairs = || src.iter().flat_map(|s| dst.iter().map(move |d| (s.0, d.0)));
        let rows = Rows::new().int("src", pairs().map(|p| p.0)).int("dst", pairs().map(|p| p.1));
        let found: Vec<(i64, i64, i32)> = sql("SELECT x.src, x.dst, x.attr FROM {rows} CROSS JOIN edge x \
             WHERE x.org = $1 AND x.rel = $2 AND x.src = v.src AND x.dst = v.dst")
        .int(org.0)
        .int(i64::from(rel.0))
        .rows(&rows)
        .all(&self.reader)
        .await?;
        Ok(found.into_iter().map(|(src, dst, attr)| (EntityId(src), EntityId(dst), attr)).collect())
    }
}
