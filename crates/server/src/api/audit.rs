//! The audit log.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_core::OrgId;
use transom_store::{AuditEntry, AuditFilter, Chain};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Items, Params, Time, given, size};
use crate::Visit;

/// A record of the audit. Each seals the one before it in its chain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// The org whose chain it is in; null for the installation's own.
    pub org: Option<i64>,
    /// Its number in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// Who: `web:`, `token:` or `cli:`, and a name.
    pub actor: String,
    /// What was done: `org.connect`, …
    pub action: String,
    /// With what.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl From<AuditEntry> for Record {
    fn from(entry: AuditEntry) -> Self {
        let (org, row) = (entry.org.map(|org| org.0), entry.row);
        Self {
            org,
            seq: row.seq,
            at: row.at.into(),
            actor: row.actor,
            action: row.action,
            detail: row.detail,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only the records of this org.
    org: Option<i64>,
    /// Only what the installation itself has recorded, and no org.
    #[serde(default)]
    installation: bool,
    /// Only what this actor did.
    actor: Option<String>,
    /// Only actions that begin so: `org.`, `member.role`.
    action: Option<String>,
    /// Only from this moment on.
    from: Option<Time>,
    /// Only before this moment.
    until: Option<Time>,
    /// How many on a page; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// List audit records
///
/// What was done here and by whom, the latest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "Audit", params(Asked), responses((status = OK, body = Items<Record>)))]
pub(crate) async fn list(visit: Visit, Params(asked): Params<Asked>) -> Answer<Items<Record>> {
    let chain = match (asked.installation, asked.org) {
        (true, _) => Chain::Installation,
        (false, Some(org)) => Chain::Org(OrgId(org)),
        (false, None) => Chain::All,
    };
    let filter = AuditFilter {
        chain,
        actor: asked.actor,
        action: asked.action,
        from: asked.from.map(Time::millis),
        until: asked.until.map(Time::millis),
    };
    let page = visit.app.store().audit_page(&filter, asked.cursor.as_deref(), size(asked.limit)?).await?;
    Ok(Json(Items { items: page.rows.into_iter().map(Record::from).collect(), next: page.next }))
}
