//! Reading the audit: what was done, by whom, when, over one chain or all.

use serde_json::Value;
use transom_core::{Millis, OrgId};

use crate::{AuditRow, Result, Store, filter::beyond, mark::Mark, query::sql};

/// Which chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Chain {
    /// Every one, those of deleted orgs too.
    #[default]
    All,
    /// The installation's own.
    Installation,
    /// An org's.
    Org(OrgId),
}

/// Which records are shown. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of which chain.
    pub chain: Chain,
    /// Only what this actor did, verbatim.
    pub actor: Option<String>,
    /// Only actions that start so: `org.`, `token.create`.
    pub action: Option<String>,
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub until: Option<Millis>,
}

/// A record of some chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The org of the chain; `None` for the installation's.
    pub org: Option<OrgId>,
    /// The record.
    pub row: AuditRow,
}

/// A page of records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditPage {
    /// The records, newest first.
    pub rows: Vec<AuditEntry>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
}

/// A record's time, chain and number.
type Place = (Millis, i64, i64);
type Row = (Millis, i64, i64, String, String, String);

impl Store {
    /// A page of the audit, newest first.
    ///
    /// # Errors
    /// [`Error::Mark`](crate::Error::Mark) for a mark that is none of these.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<AuditPage> {
        const OF: &str = "audit";
        let mut query = sql("SELECT at, org, seq, actor, action, detail FROM audit WHERE 1 = 1");
        match filter.chain {
            Chain::All => {}
            Chain::Installation => {
                query.push(" AND org = 0");
            }
            Chain::Org(org) => {
                query.push(" AND org = ").push_int(org.0);
            }
        }
        if let Some(actor) = &filter.actor {
            query.push(" AND actor = ").push_text(actor);
        }
        if let Some(action) = filter.action.as_deref().filter(|a| !a.is_empty()) {
            let by = self.reader.by_bytes("action");
            query.push(&format!(" AND {by} >= ")).push_text(action);
            query.push(&format!(" AND {by} < ")).push_text(&beyond(action));
        }
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_int(from);
        }
        if let Some(until) = filter.until {
            query.push(" AND at < ").push_int(until);
        }
        if let Some((at, org, seq)) =
            after.map(|text| Mark::<Place>::read(text, OF)).transpose()?.and_then(|m| m.place)
        {
            query
                .push(" AND (at, org, seq) < (")
                .push_int(at)
                .push(", ")
                .push_int(org)
                .push(", ")
                .push_int(seq);
            query.push(")");
        }
        query.push(" ORDER BY at DESC, org DESC, seq DESC LIMIT ").push_int(i64::from(limit) + 1);
        let mut rows: Vec<Row> = query.all(&self.reader).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| more).map(|r| (r.0, r.1, r.2));
        let next = last.map(|place| Mark::new(OF, false, Some(place)).write());
        let read = |(at, org, seq, actor, action, detail): Row| AuditEntry {
            org: (org != 0).then_some(OrgId(org)),
            row: AuditRow {
                seq,
                at,
                actor,
                action,
                detail: serde_json::from_str(&detail).unwrap_or(Value::String(detail)),
            },
        };
        Ok(AuditPage { rows: rows.into_iter().map(read).collect(), next })
    }
}
