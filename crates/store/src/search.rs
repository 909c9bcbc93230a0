//! Search over all kinds, by what people have at hand: a name, a login, an address, an id.
//!
//! Each kind is asked by itself and gives a few, so that many hits of one hide none of another, and what it costs depends on
//! the number of kinds rather than on the number of hits.

use std::collections::HashMap;

use transom_core::{Kind, OrgId};

use crate::{
    EntityRow, Result, Store,
    filter::{beyond, term},
    query::{Sql, sql},
    read::LIVE,
};

/// By what an entity was found; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// Its Okta id, in full.
    Id,
    /// Its login, in full, upper and lower case alike.
    Login,
    /// Its name, in full, likewise.
    WholeName,
    /// The beginning of its name.
    Name,
    /// The beginning of its login, its e-mail address or another searched column.
    Other,
    /// The same of what lives under another object: factors, keys, rules of policies.
    Nested,
}

/// A hit of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The entity.
    pub row: EntityRow,
    /// By what it was found.
    pub by: FoundBy,
}

const RANKS: [FoundBy; 6] =
    [FoundBy::Id, FoundBy::Login, FoundBy::WholeName, FoundBy::Name, FoundBy::Other, FoundBy::Nested];

fn rank(by: FoundBy) -> i32 {
    RANKS.iter().position(|r| *r == by).map_or(0, |n| n as i32)
}

impl Store {
    /// Live entities of any kind by Okta id, login, name, or another searched column, the best first, at most `limit`.
    /// All but the id by their beginning, upper and lower case alike.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn search(&self, org: OrgId, text: &str, limit: u32) -> Result<Vec<Hit>> {
        let (needle, prefix) = (text.trim(), term(text));
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        // $1 the org, $2 the text as it is, $3 and $4 the range of texts that start with it.
        let mut query = sql("").int(org.0).text(needle).text(&prefix).text(&beyond(&prefix));
        let top = |kind: &&&'static Kind| kind.parents.is_empty();
        let codes: Vec<String> =
            self.catalogue.kinds.iter().filter(top).map(|k| k.code.0.to_string()).collect();
        query.push(&format!(
            "SELECT e.id, {}, e.name_key FROM entity e WHERE e.org = $1 AND e.kind IN ({}) AND e.parent = 0 \
             AND e.okta_id = $2 AND {LIVE} UNION ALL \
             SELECT e.id, {}, e.name_key FROM entity e WHERE e.org = $1 AND e.okta_id = $2 AND e.parent <> 0 AND {LIVE}",
            rank(FoundBy::Id),
            codes.join(", "),
            rank(FoundBy::Id),
        ));
        for kind in &self.catalogue.kinds {
            arms(&mut query, kind, limit);
        }
        let found: Vec<(i64, i32, String)> = query.all(&self.reader).await?;
        let mut best: HashMap<i64, (i32, String)> = HashMap::new();
        for (id, rank, key) in found {
            let this = (rank, key);
            best.entry(id).and_modify(|known| *known = this.clone().min(known.clone())).or_insert(this);
        }
        let mut best: Vec<(i32, String, i64)> =
            best.into_iter().map(|(id, (rank, key))| (rank, key, id)).collect();
        best.sort_unstable();
        best.truncate(limit as usize);
        let ranks: HashMap<i64, FoundBy> = best
            .iter()
            .filter_map(|(rank, _, id)| Some((*id, *RANKS.get(usize::try_from(*rank).ok()?)?)))
            .collect();
        let rows = self.rows(org, best.iter().map(|(_, _, id)| *id).collect()).await?;
        Ok(rows.into_iter().filter_map(|row| Some(Hit { by: *ranks.get(&row.id.0)?, row })).collect())
    }
}

/// Asks a kind for its names, its logins, and what else is searched of it.
fn arms(query: &mut Sql<'_>, kind: &Kind, limit: u32) {
    let code = kind.code.0;
    let nested = !kind.parents.is_empty();
    let mut arm = |n: i32, select: String| {
        query.push(&format!(" UNION ALL SELECT * FROM ({select} LIMIT {limit}) AS a{code}_{n}"));
    };
    let by_name = match nested {
        true => rank(FoundBy::Nested).to_string(),
        false => format!(
            "CASE WHEN e.name_key = $3 THEN {} ELSE {} END",
            rank(FoundBy::WholeName),
            rank(FoundBy::Name)
        ),
    };
    arm(
        0,
        format!(
            "SELECT e.id, {by_name}, e.name_key FROM entity e WHERE e.org = $1 AND e.kind = {code} \
             AND e.name_key >= $3 AND e.name_key < $4 AND {LIVE} ORDER BY e.name_key, e.id"
        ),
    );
    if kind.login_at.is_some() {
        arm(
            1,
            format!(
                "SELECT e.id, {}, e.name_key FROM entity e WHERE e.org = $1 AND e.kind = {code} AND e.parent = 0 \
                 AND e.login_key = $3 AND {LIVE}",
                rank(FoundBy::Login)
            ),
        );
    }
    if kind.login_at.is_some() || kind.columns.iter().any(|c| c.search) {
        let by = rank(if nested { FoundBy::Nested } else { FoundBy::Other });
        arm(
            2,
            format!(
                "SELECT t.id, {by}, t.text FROM term t WHERE t.org = $1 AND t.kind = {code} \
                 AND t.text >= $3 AND t.text < $4 ORDER BY t.text, t.id"
            ),
        );
    }
}
