//! Sessions: who is signed in, on the server's side.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::Millis;

use super::{
    account::{self, Account, AccountTuple},
    opaque,
};
use crate::{Result, Store, query::sql};

/// A session ends this long after it was last used: half a day.
const IDLE: Millis = 12 * 60 * 60 * 1_000;
/// And this long after it began, whatever happens: a week.
const LONGEST: Millis = 7 * 24 * 60 * 60 * 1_000;

/// A session that goes on.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is, as the account is now.
    pub account: Account,
    /// What every form of this session carries.
    pub csrf: String,
    /// When it began.
    pub created: Millis,
}

impl Store {
    /// Begins a session of an account and returns the secret that its cookie holds. Sessions that have ended are
    /// forgotten.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn begin_session(&self, account: &Account, actor: &str) -> Result<SecretString> {
        let (token, csrf) = (opaque::fresh("")?, opaque::fresh("")?);
        let now = self.now();
        let mut tx = self.begin_installation().await?;
        sql("DELETE FROM session WHERE expires < $1 OR seen < $2")
            .int(now)
            .int(now - IDLE)
            .execute(&mut tx)
            .await?;
        sql("INSERT INTO session(token, account, csrf, created, seen, expires) VALUES ($1, $2, $3, $4, $4, $5)")
            .blob(&opaque::digest(token.expose_secret()))
            .int(account.id)
            .text(csrf.expose_secret())
            .int(now)
            .int(now + LONGEST)
            .execute(&mut tx)
            .await?;
        self.append(&mut tx, None, actor, "session.begin", json!({ "account": account.id })).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The session of a secret, while it and its account may be used.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn session(&self, token: &str) -> Result<Option<Session>> {
        type Row = (String, Millis, Millis, i64);
        let (now, digest) = (self.now(), opaque::digest(token));
        let row: Option<Row> =
            sql("SELECT csrf, created, seen, account FROM session WHERE token = $1 AND expires > $2")
                .blob(&digest)
                .int(now)
                .optional(&self.reader)
                .await?;
        let Some((csrf, created, seen, id)) = row else { return Ok(None) };
        if self.used.last(&digest, Some(seen)).is_none_or(|seen| seen <= now - IDLE) {
            return Ok(None);
        }
        let account: Option<AccountTuple> = sql(format!(
            "SELECT {} FROM account a WHERE a.id = $1 AND a.disabled_at IS NULL",
            account::COLUMNS
        ))
        .int(id)
        .optional(&self.reader)
        .await?;
        let Some(account) = account.map(account::read) else { return Ok(None) };
        self.used(&digest, Some(seen), |now| {
            sql("UPDATE session SET seen = $2 WHERE token = $1").blob(&digest).int(now)
        });
        Ok(Some(Session { account, csrf, created }))
    }

    /// Ends the session of a secret; one that has ended already is no error.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn end_session(&self, token: &str, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let gone =
            sql("DELETE FROM session WHERE token = $1").blob(&opaque::digest(token)).execute(&mut tx).await?;
        if gone > 0 {
            self.append(&mut tx, None, actor, "session.end", json!({})).await?;
        }
        tx.commit().await
    }
}
