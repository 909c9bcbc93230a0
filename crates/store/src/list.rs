//! Lists of entities by name, filtered, a page at a time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use transom_core::{KindCode, OrgId};

use crate::{
    EntityRow, Error, Result, Store,
    query::{Sql, sql},
    read::LIVE,
    store::count,
};

/// Which entities of a kind are listed. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only this status, verbatim.
    pub status: Option<String>,
    /// Only those with these facet values: `(name, value)`.
    pub facets: Vec<(String, String)>,
    /// Only those with a name, login or searched column that starts so, upper and lower case alike.
    pub prefix: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The entities.
    pub rows: Vec<EntityRow>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
}

/// The end of a prefix's range: no text that starts with it sorts after.
pub(crate) fn beyond(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// Terms are cut at this length, so longer prefixes are too.
const TERM_CHARS: usize = 80;

/// A prefix as terms are stored: lower-cased and cut.
pub(crate) fn term(text: &str) -> String {
    text.trim().to_lowercase().chars().take(TERM_CHARS).collect()
}

fn token(name_key: &str, id: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}:{name_key}"))
}

fn parse_token(token: &str) -> Result<(i64, String)> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref()
        .and_then(|t| t.split_once(':'))
        .and_then(|(id, name)| Some((id.parse().ok()?, name.to_string())))
        .ok_or_else(|| {
            Error::Sql("after: this is no page token. Start from the first page and use the token that comes with it.".into())
        })
}

impl Store {
    /// Live entities of a kind by name, from the page token `after` on.
    ///
    /// # Errors
    /// [`Error::Sql`] for a token that is none.
    pub async fn list(
        &self,
        org: OrgId,
        kind: KindCode,
        filter: &ListFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ListPage> {
        let mut query: Sql<'_> =
            sql(format!("SELECT e.id, e.name_key FROM entity e WHERE e.org = $1 AND e.kind = $2 AND {LIVE}"))
                .int(org.0)
                .int(i64::from(kind.0));
        if let Some(status) = &filter.status {
            query.push(" AND e.status = ").push_text(status);
        }
        for (name, value) in &filter.facets {
            query.push(
                " AND e.id IN (SELECT f.id FROM facet f WHERE f.org = $1 AND f.kind = $2 AND f.name = ",
            );
            query.push_text(name).push(" AND f.value = ").push_text(value).push(")");
        }
        if let Some(prefix) = filter.prefix.as_deref().map(term).filter(|p| !p.is_empty()) {
            query.push(
                " AND e.id IN (SELECT t.id FROM term t WHERE t.org = $1 AND t.kind = $2 AND t.text >= ",
            );
            query.push_text(&prefix).push(" AND t.text < ").push_text(&beyond(&prefix)).push(")");
        }
        if let Some(after) = after {
            let (id, name) = parse_token(after)?;
            query.push(" AND (e.name_key, e.id) > (").push_text(&name).push(", ").push_int(id).push(")");
        }
        query.push(" ORDER BY e.name_key, e.id LIMIT ").push_int(i64::from(limit) + 1);
        let mut found: Vec<(i64, String)> = query.all(&self.reader).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = if more { found.last().map(|(id, name)| token(name, *id)) } else { None };
        let rows = self.rows(org, found.into_iter().map(|(id, _)| id).collect()).await?;
        Ok(ListPage { rows, next })
    }

    /// The facets of a kind: name, value, how many live entities have it; by name, most frequent first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn facets(&self, org: OrgId, kind: KindCode) -> Result<Vec<(String, String, u64)>> {
        let rows: Vec<(String, String, i64)> =
            sql("SELECT name, value, count(*) FROM facet WHERE org = $1 AND kind = $2 \
             GROUP BY name, value ORDER BY name, 3 DESC, value")
            .int(org.0)
            .int(i64::from(kind.0))
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|(name, value, n)| (name, value, count(n))).collect())
    }
}
