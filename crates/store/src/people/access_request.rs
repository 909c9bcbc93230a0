//! Requests of members to be allowed to connect an integration.

use serde_json::json;
use transom_core::{Millis, Reach, Role};

use super::account;
use crate::{Error, Page, Result, Store, db::Tx, page, query::sql, store::next_number};

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

    /// A page of the requests, the newest first: of one account alone where `of` says which, and in one state alone where
    /// `state` does.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these.
    pub async fn access_requests_page(
        &self,
        of: Option<i64>,
        state: Option<RequestState>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<AccessRequest>> {
        const OF: &str = "access_request";
        let before = page::place::<i64>(OF, after)?.unwrap_or(i64::MAX);
        let mut query = sql(format!("{COLUMNS} WHERE id < $1")).int(before);
        if let Some(account) = of {
            query.push(" AND account = ").push_int(account);
        }
        if let Some(state) = state {
            query.push(" AND state = ").push_text(state.as_str());
        }
        query.push(" ORDER BY id DESC LIMIT ").push_int(i64::from(limit) + 1);
        let rows: Vec<Row> = query.all(&self.reader).await?;
        Ok(Page::new(OF, rows.into_iter().map(read).collect(), limit, |r| r.id))
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

    /// Grants or declines an open request, or revokes a granted one, in the name of account `by`. Returns it as it is then.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Decided`] where this can't be done with it.
    pub async fn decide_access(
        &self,
        id: i64,
        state: RequestState,
        by: i64,
        actor: &str,
    ) -> Result<AccessRequest> {
        let mut tx = self.begin_installation().await?;
        let request = self.decide(&mut tx, id, state, (by, actor)).await?;
        tx.commit().await?;
        Ok(request)
    }

    /// Grants an open request in the name of account `by`, and gives the member who asked this role for these orgs: neither is
    /// done without the other. Returns the request as it is then.
    ///
    /// # Errors
    /// As [`Store::decide_access`] and [`Store::set_role`].
    pub async fn grant_access(
        &self,
        id: i64,
        (role, reach): (Role, &Reach),
        by: i64,
        actor: &str,
    ) -> Result<AccessRequest> {
        account::whole(role, reach)?;
        let mut tx = self.begin_installation().await?;
        let request = self.decide(&mut tx, id, RequestState::Granted, (by, actor)).await?;
        let member = self.changeable(&mut tx, request.account, role != Role::Owner).await?;
        if (member.role, &member.reach) != (role, reach) {
            self.put_role(&mut tx, member, role, reach, actor).await?;
        }
        tx.commit().await?;
        Ok(request)
    }

    async fn decide(
        &self,
        tx: &mut Tx,
        id: i64,
        state: RequestState,
        (by, actor): (i64, &str),
    ) -> Result<AccessRequest> {
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE id = $1")).int(id).optional(&mut *tx).await?;
        let Some(request) = row.map(read) else {
            return Err(Error::NotFound { what: "access request", wanted: id.to_string(), have: Vec::new() });
        };
        if !request.state.may_become(state) {
            return Err(Error::Decided { is: request.state.as_str(), wanted: state.as_str() });
        }
        let now = self.now();
        sql("UPDATE access_request SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1")
            .int(id)
            .text(state.as_str())
            .int(by)
            .int(now)
            .execute(&mut *tx)
            .await?;
        let detail = json!({ "request": id, "integration": request.integration, "account": request.account });
        self.append(tx, None, actor, &format!("access.{}", state.as_str()), detail).await?;
        Ok(AccessRequest { state, decided_by: Some(by), decided_at: Some(now), ..request })
    }
}
