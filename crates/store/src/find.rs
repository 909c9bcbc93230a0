//! Finding entities by what people know of them.

use transom_core::{KindCode, OrgId};

use crate::{EntityRow, Result, Store, query::sql, read::LIVE};

/// More hits than this make no sense to a person.
const MANY: u32 = 100;

impl Store {
    /// Live entities of a kind that a person may mean by `needle`: its Okta id, `parent/id`, its login or its whole
    /// name (both upper and lower case alike). Ids come first; at most 100.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn find(&self, org: OrgId, kind: KindCode, needle: &str) -> Result<Vec<EntityRow>> {
        let needle = needle.trim();
        let own = needle.rsplit('/').next().unwrap_or(needle);
        let key: String = needle.to_lowercase();
        let ids: Vec<(i64, i32)> = sql(format!(
            "SELECT f.id, CAST(min(f.rank) AS INTEGER) FROM ( \
             SELECT e.id, 1 AS rank FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.parent = 0 AND e.okta_id = $3 AND {LIVE} UNION ALL \
             SELECT e.id, 1 AS rank FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.parent <> 0 AND e.okta_id = $3 AND {LIVE} UNION ALL \
             SELECT e.id, 2 AS rank FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.login_key = $4 AND e.parent = 0 AND {LIVE} UNION ALL \
             SELECT e.id, 3 AS rank FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.name_key = $4 AND {LIVE} UNION ALL \
             SELECT e.id, 4 AS rank FROM entity e WHERE e.org = $1 AND e.kind = $2 AND e.okta_id = $5 AND e.parent <> 0 AND {LIVE} \
             ) AS f GROUP BY f.id ORDER BY 2, 1 LIMIT {MANY}"
        ))
        .int(org.0)
        .int(i64::from(kind.0))
        .text(needle)
        .text(&key)
        .text(own)
        .all(&self.reader)
        .await?;
        let mut rows = self.rows(org, ids.iter().map(|(id, _)| *id).collect()).await?;
        // The last id of an address alone names nothing: the parents must fit too.
        let by_part = |id: i64| ids.iter().any(|(i, rank)| *i == id && *rank == 4);
        rows.retain(|row| {
            !by_part(row.id.0) || row.address().ends_with(&format!("/{needle}")) || row.address() == needle
        });
        Ok(rows)
    }
}
