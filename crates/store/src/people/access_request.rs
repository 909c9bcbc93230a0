//! Requests of members to be allowed to connect an integration.

use serde_json::json;
use transom_core::Millis;

use crate::{Error, Result, Store, query::sql, store::next_number};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has decided.
    Open,
    /// The member may connect.
    Granted,
    /// The member may not.
    Declined,
    /// The member was allowed to, and no longer is.
    Revoked,
}

impl RequestState {
    /// The word stored and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }

    fn parse(text: &str) -> Self {
        let all = [Self::Open, Self::Granted, Self::Declined];
        all.into_iter().find(|s| s.as_str() == text).unwrap_or(Self::Revoked)
    }

    /// Whether an owner may turn it into `next`.
    fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Open, Self::Granted | Self::Declined) | (Self::Granted, Self::Revoked))
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its number.
    pub id: i64,
    /// The integration: `okta`.
    pub integration: String,
    /// Who asks.
    pub account: i64,
    /// Why, in the member's words.
    pub note: String,
    /// What became of it.
    pub state: RequestState,
    /// When it was made.
    pub created: Millis,
    /// Who decided last.
    pub decided_by: Option<i64>,
    /// When.
    pub decided_at: Option<Millis>,
}

type Row = (i64, String, i64, String, String, Millis, Option<i64>, Option<Millis>);

const COLUMNS: &str =
    "SELECT id, integration, account, note, state, created, decided_by, decided_at FROM access_request";

fn read((id, integration, account, note, state, created, decided_by, decided_at): Row) -> AccessRequest {
    let state = RequestState::parse(&state);
    AccessRequest { id, integration, account, note, state, created, decided_by, decided_at }
}

impl Store {
    /// Asks for leave to connect `integration`. A request that is open or granted already is returned as it is.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn request_access(
        &self,
        integration: &str,
        account: i64,
        note: &str,
        actor: &str,
    ) -> Result<AccessRequest> {
        let mut tx = self.begin_installation().await?;
        let known: Option<Row> = sql(format!(
            "{COLUMNS} WHERE account = $1 AND integration = $2 AND state IN ('open', 'granted')"
        ))
        .int(account)
        .text(integration)
        .optional(&mut tx)
        .await?;
        if let Some(known) = known {
            return Ok(read(known));
        }
        let id = next_number(&mut tx, "access_request").await?;
        sql("INSERT INTO access_request(id, integration, account, note, state, created) \
             VALUES ($1, $2, $3, $4, 'open', $5)")
        .int(id)
        .text(integration)
        .int(account)
        .text(note)
        .int(self.now())
        .execute(&mut tx)
        .await?;
        let detail = json!({ "request": id, "integration": integration, "account": account });
        self.append(&mut tx, None, actor, "access.request", detail).await?;
        let row: Row = sql(format!("{COLUMNS} WHERE id = $1")).int(id).one(&mut tx).await?;
        tx.commit().await?;
        Ok(read(row))
    }

    /// All requests, the newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn access_requests(&self) -> Result<Vec<AccessRequest>> {
        let rows: Vec<Row> = sql(format!("{COLUMNS} ORDER BY id DESC")).all(&self.reader).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The latest request of an account for an integration.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn access_request(&self, integration: &str, account: i64) -> Result<Option<AccessRequest>> {
        let row: Option<Row> =
            sql(format!("{COLUMNS} WHERE account = $1 AND integration = $2 ORDER BY id DESC LIMIT 1"))
                .int(account)
                .text(integration)
                .optional(&self.reader)
                .await?;
        Ok(row.map(read))
    }

    /// Grants or declines an open request, or revokes a granted one, in the name of account `by`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none that this could be done with.
    pub async fn decide_access(&self, id: i64, state: RequestState, by: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE id = $1")).int(id).optional(&mut tx).await?;
        let Some(request) = row.map(read).filter(|r| r.state.may_become(state)) else {
            let wanted = format!("{id} that could be {}", state.as_str());
            return Err(Error::NotFound { what: "access request", wanted, have: Vec::new() });
        };
        sql("UPDATE access_request SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1")
            .int(id)
            .text(state.as_str())
            .int(by)
            .int(self.now())
            .execute(&mut tx)
            .await?;
        let detail = json!({ "request": id, "integration": request.integration, "account": request.account });
        self.append(&mut tx, None, actor, &format!("access.{}", state.as_str()), detail).await?;
        tx.commit().await
    }
}
