//! Tokens for programs: shown once, kept as a digest.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{Millis, Reach, Role};

use super::{account, opaque};
use crate::{
    Error, Page, Result, Store, page,
    query::sql,
    store::{Doc, next_number},
};

/// A token to make.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What it is for.
    pub name: String,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
    /// Until when.
    pub expires: Millis,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role.
    pub role: Role,
    /// For which orgs.
    pub reach: Reach,
    /// Who made it.
    pub account: i64,
    /// When it was made.
    pub created: Millis,
    /// Until when it can be used.
    pub expires: Millis,
    /// When it was last used, to the minute.
    pub used: Option<Millis>,
    /// When it was revoked.
    pub revoked: Option<Millis>,
}

type Row = (i64, String, String, Doc, i64, Millis, Millis, Option<Millis>, Option<Millis>);

const COLUMNS: &str =
    "SELECT id, name, role, reach, account, created, expires, used_at, revoked_at FROM api_token";

/// So many tokens are read at least, where not all of them are shown.
const STEP: u32 = 200;

fn read((id, name, role, reach, account, created, expires, used, revoked): Row) -> ApiToken {
    let role = Role::parse(&role).unwrap_or(Role::Viewer);
    ApiToken { id, name, role, reach: account::read_reach(reach), account, created, expires, used, revoked }
}

impl Store {
    /// Makes a token in the name of account `by`; returns it and its secret, which nobody can read again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn create_api_token(
        &self,
        new: NewApiToken,
        by: i64,
        actor: &str,
    ) -> Result<(ApiToken, SecretString)> {
        let secret = opaque::fresh("transom_")?;
        let mut tx = self.begin_installation().await?;
        let id = next_number(&mut tx, "api_token").await?;
        sql("INSERT INTO api_token(id, token, name, role, reach, account, created, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .int(id)
        .blob(&opaque::digest(secret.expose_secret()))
        .text(&new.name)
        .text(new.role.as_str())
        .json(&account::reach_json(&new.reach))
        .int(by)
        .int(self.now())
        .int(new.expires)
        .execute(&mut tx)
        .await?;
        let detail = json!({ "token": id, "name": new.name, "role": new.role, "reach": new.reach,
            "expires": new.expires });
        self.append(&mut tx, None, actor, "api_token.create", detail).await?;
        let row: Row = sql(format!("{COLUMNS} WHERE id = $1")).int(id).one(&mut tx).await?;
        tx.commit().await?;
        Ok((read(row), secret))
    }

    /// All tokens, the newest first; revoked ones too.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>> {
        let rows: Vec<Row> = sql(format!("{COLUMNS} ORDER BY id DESC")).all(&self.reader).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A page of the tokens that are to be `shown`, the newest first; revoked ones too. Those of one account alone where `of`
    /// says which.
    ///
    /// # Errors
    /// [`Error::Mark`] for a mark that is none of these.
    pub async fn api_tokens_page(
        &self,
        of: Option<i64>,
        shown: impl Fn(&ApiToken) -> bool + Send,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ApiToken>> {
        const OF: &str = "api_token";
        let step = limit.max(STEP) as usize + 1;
        let mut before = page::place::<i64>(OF, after)?.unwrap_or(i64::MAX);
        let mut found = Vec::new();
        loop {
            let mut query = sql(format!("{COLUMNS} WHERE id < $1")).int(before);
            if let Some(account) = of {
                query.push(" AND account = ").push_int(account);
            }
            query.push(" ORDER BY id DESC LIMIT ").push_int(step as i64);
            let rows: Vec<Row> = query.all(&self.reader).await?;
            let (read_all, last) = (rows.len() < step, rows.last().map(|row| row.0));
            found.extend(rows.into_iter().map(read).filter(&shown));
            match last {
                Some(last) if !read_all && found.len() <= limit as usize => before = last,
                _ => return Ok(Page::new(OF, found, limit, |t| t.id)),
            }
        }
    }

    /// The token of a secret, while it and the account that made it may be used. It can do what that account can at most:
    /// who is given a lesser role has no token that outlives the greater one.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn api_token(&self, secret: &str) -> Result<Option<ApiToken>> {
        let (now, digest) = (self.now(), opaque::digest(secret));
        let row: Option<Row> =
            sql(format!("{COLUMNS} WHERE token = $1 AND revoked_at IS NULL AND expires > $2"))
                .blob(&digest)
                .int(now)
                .optional(&self.reader)
                .await?;
        let Some(mut token) = row.map(read) else { return Ok(None) };
        let maker: Option<(String, Doc)> =
            sql("SELECT role, reach FROM account WHERE id = $1 AND disabled_at IS NULL")
                .int(token.account)
                .optional(&self.reader)
                .await?;
        let Some((role, reach)) = maker else { return Ok(None) };
        token.role = token.role.min(Role::parse(&role).unwrap_or(Role::Viewer));
        token.reach = token.reach.within(&account::read_reach(reach));
        let id = token.id;
        self.used(&digest, token.used, |now| {
            sql("UPDATE api_token SET used_at = $2 WHERE id = $1").int(id).int(now)
        });
        Ok(Some(token))
    }

    /// Revokes a token for good.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where it is revoked already.
    pub async fn revoke_api_token(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let written = sql("UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .int(id)
            .int(self.now())
            .execute(&mut tx)
            .await?;
        if written == 0 {
            return Err(Error::NotFound { what: "API token", wanted: id.to_string(), have: Vec::new() });
        }
        self.append(&mut tx, None, actor, "api_token.revoke", json!({ "token": id })).await?;
        tx.commit().await
    }
}
