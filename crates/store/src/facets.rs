//! How many there are: of kinds, of facets and their values, of what a filter shows. The first two are kept (see `tally`);
//! what is counted while somebody waits has a cap.

use std::fmt;

use transom_core::{KindCode, Millis, OrgId, RelCode};

use crate::{
    EntityRow, ListFilter, Result, Sort, Store,
    filter::{Condition, MOST},
    query::sql,
    read::LIVE,
    store::count,
};

/// A number that may have been given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// So many, and more: the cap was met.
    AtLeast(u64),
}

impl Count {
    pub(crate) fn capped(n: i64, cap: i64) -> Self {
        if n > cap { Self::AtLeast(count(cap)) } else { Self::Exactly(count(n)) }
    }

    /// The number, or the least it is.
    pub fn least(self) -> u64 {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }
}

impl fmt::Display for Count {
    /// `12`, or `5000+`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(n) => write!(f, "{n}"),
            Self::AtLeast(n) => write!(f, "{n}+"),
        }
    }
}

impl Store {
    /// How many live entities there are of each kind that has any.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn kind_counts(&self, org: OrgId) -> Result<Vec<(KindCode, u64)>> {
        let rows: Vec<(i16, i64)> =
            sql("SELECT kind, n FROM facet_count WHERE org = $1 AND name = '' AND n > 0 ORDER BY kind")
                .int(org.0)
                .all(&self.reader)
                .await?;
        Ok(rows.into_iter().map(|(kind, n)| (KindCode(kind), count(n))).collect())
    }

    /// The facets of a kind: name, value, how many live entities have it; by name, most frequent first. They are as
    /// current as the entities.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn facets(&self, org: OrgId, kind: KindCode) -> Result<Vec<(String, String, u64)>> {
        let rows: Vec<(String, String, i64)> = sql("SELECT name, value, n FROM facet_count \
             WHERE org = $1 AND kind = $2 AND name <> '' AND n > 0 ORDER BY name, n DESC, value")
        .int(org.0)
        .int(i64::from(kind.0))
        .all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(|(name, value, n)| (name, value, count(n))).collect())
    }

    /// How many live entities of a kind have each pair of values of two facets, most frequent first: apps by sign-on mode
    /// and status. It looks at every entity of the kind: for kinds of some thousands (a microsecond each).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn facet_pairs(
        &self,
        org: OrgId,
        kind: KindCode,
        names: (&str, &str),
    ) -> Result<Vec<(String, String, u64)>> {
        let rows: Vec<(String, String, i64)> =
            sql("SELECT a.value, b.value, count(*) FROM facet a CROSS JOIN facet b \
             WHERE a.org = $1 AND a.kind = $2 AND a.name = $3 \
             AND b.org = a.org AND b.id = a.id AND b.kind = a.kind AND b.name = $4 \
             GROUP BY a.value, b.value ORDER BY 3 DESC, 1, 2")
            .int(org.0)
            .int(i64::from(kind.0))
            .text(names.0)
            .text(names.1)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|(a, b, n)| (a, b, count(n))).collect())
    }

    /// How many entities [`Store::list`] shows over all its pages; `None` where many would have to be looked through.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn count(&self, org: OrgId, kind: KindCode, filter: &ListFilter) -> Result<Option<Count>> {
        let conditions = filter.conditions();
        let kept = match conditions.as_slice() {
            [] => Some(("", String::new())),
            [Condition::Facet(name, values)] if values.len() == 1 => Some((name.as_str(), values[0].clone())),
            _ => None,
        };
        if let Some((name, value)) = kept {
            let kept: Option<(i64,)> =
                sql("SELECT n FROM facet_count WHERE org = $1 AND kind = $2 AND name = $3 AND value = $4")
                    .int(org.0)
                    .int(i64::from(kind.0))
                    .text(name)
                    .text(&value)
                    .optional(&self.reader)
                    .await?;
            return Ok(Some(Count::Exactly(kept.map_or(0, |(n,)| count(n)))));
        }
        let is_below = conditions.iter().any(|c| matches!(c, Condition::Parent(_)));
        let mut weighed = self.weigh(org, kind, conditions).await?;
        if weighed.conditions.is_empty() {
            return Ok(None);
        }
        let (weight, least) = weighed.conditions.remove(0);
        let mut query = sql("SELECT count(*) FROM (").int(org.0).int(i64::from(kind.0));
        least.ids(&mut query);
        if weight > MOST {
            return Ok(match least {
                _ if !weighed.conditions.is_empty() => None,
                // Entities may have several of the values, so what is known of each says less of them together.
                Condition::Facet(..) => None,
                Condition::Prefix(_) => {
                    query.push(&format!(" LIMIT {}) AS e", MOST + 1));
                    let (n,): (i64,) = query.one(&self.reader).await?;
                    Some(Count::capped(n, MOST))
                }
                Condition::Parent(_) | Condition::Edge(_) => Some(Count::AtLeast(count(MOST))),
            });
        }
        // What has a facet or a term is live, and of the kind.
        let is_known = !is_below && matches!(least, Condition::Facet(..) | Condition::Prefix(_));
        if is_known {
            query.push(") AS e WHERE 1 = 1");
        } else {
            let by = if self.reader.is_sqlite() { "INDEXED BY entity_live" } else { "" };
            query.push(&format!(
                ") AS w CROSS JOIN entity e {by} WHERE e.org = $1 AND e.kind = $2 AND e.id = w.id AND {LIVE}"
            ));
        }
        for (condition, by) in weighed.asked(!matches!(least, Condition::Prefix(_))) {
            condition.probe(&mut query, by, self.reader.is_sqlite());
        }
        let (n,): (i64,) = query.one(&self.reader).await?;
        Ok(Some(Count::Exactly(count(n))))
    }

    /// How many live top-level entities of a kind have a time from each of `since` to the next, those before the first
    /// among them first; then those without one: tokens by age. `since` ascends; `by` is [`Sort::Created`] or
    /// [`Sort::Updated`], anything else is taken for the former.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn ages(
        &self,
        org: OrgId,
        kind: KindCode,
        by: Sort,
        since: &[Millis],
    ) -> Result<(Vec<u64>, u64)> {
        let column = if by == Sort::Updated { "e.updated" } else { "e.created" };
        let mut query = sql("SELECT b.n, count(*) FROM (SELECT CASE").int(org.0).int(i64::from(kind.0));
        query.push(&format!(" WHEN {column} IS NULL THEN -1"));
        for (n, bound) in since.iter().enumerate() {
            query.push(&format!(" WHEN {column} < ")).push_int(*bound).push(&format!(" THEN {n}"));
        }
        query.push(&format!(
            " ELSE {} END AS n FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.parent = 0 AND {LIVE}) AS b GROUP BY b.n",
            since.len()
        ));
        let rows: Vec<(i32, i64)> = query.all(&self.reader).await?;
        let (mut ages, mut without) = (vec![0; since.len() + 1], 0);
        for (n, found) in rows {
            match usize::try_from(n).ok().and_then(|n| ages.get_mut(n)) {
                Some(age) => *age = count(found),
                None => without = count(found),
            }
        }
        Ok((ages, without))
    }

    /// The live entities that edges of a relation lead to, with how many different parents the sources have, most first:
    /// roles with the number of those who hold them. It looks at every edge of the relation: for those of some thousands.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn by_destination(&self, org: OrgId, rel: RelCode) -> Result<Vec<(EntityRow, u64)>> {
        let rows: Vec<(i64, i64)> = sql(format!(
            "SELECT x.dst, count(DISTINCT e.parent) FROM edge x CROSS JOIN entity e \
             WHERE x.org = $1 AND x.rel = $2 AND e.org = x.org AND e.id = x.src AND {LIVE} GROUP BY x.dst ORDER BY 2 DESC, 1"
        ))
        .int(org.0)
        .int(i64::from(rel.0))
        .all(&self.reader)
        .await?;
        let found = self.rows(org, rows.iter().map(|(id, _)| *id).collect()).await?;
        let counts: std::collections::HashMap<i64, i64> = rows.into_iter().collect();
        Ok(found
            .into_iter()
            .map(|row| {
                let n = counts.get(&row.id.0).copied().unwrap_or(0);
                (row, count(n))
            })
            .collect())
    }
}
