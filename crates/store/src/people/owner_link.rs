//! The link by which the first owner comes in, and the last resort where nobody can sign in any more: whoever can run a
//! command on the server owns the installation.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use transom_core::{Millis, Reach, Role};

use super::{
    account::{Account, NewAccount},
    opaque,
};
use crate::{Error, Result, Store, query::sql};

/// How long a link can be used: 15 minutes.
const LASTS: Millis = 15 * 60 * 1_000;

impl Store {
    /// Makes a link's secret. Earlier links can't be used any more.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn create_owner_link(&self, actor: &str) -> Result<SecretString> {
        let token = opaque::fresh("")?;
        let now = self.now();
        let mut tx = self.begin_installation().await?;
        sql("DELETE FROM owner_link").execute(&mut tx).await?;
        sql("INSERT INTO owner_link(token, created, expires) VALUES ($1, $2, $3)")
            .blob(&opaque::digest(token.expose_secret()))
            .int(now)
            .int(now + LASTS)
            .execute(&mut tx)
            .await?;
        self.append(&mut tx, None, actor, "owner.link", json!({})).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Whether a link can be used. Asking does not use it up.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn owner_link_holds(&self, token: &str) -> Result<bool> {
        let found: Option<(i64,)> =
            sql("SELECT created FROM owner_link WHERE token = $1 AND used_at IS NULL AND expires > $2")
                .blob(&opaque::digest(token))
                .int(self.now())
                .optional(&self.reader)
                .await?;
        Ok(found.is_some())
    }

    /// Uses a link up: the account of this login becomes an owner with this password, made where it is not there.
    ///
    /// # Errors
    /// [`Error::LinkSpent`].
    pub async fn claim_owner(
        &self,
        token: &str,
        login: &str,
        name: &str,
        password: &SecretString,
    ) -> Result<Account> {
        let now = self.now();
        let mut tx = self.begin_installation().await?;
        let used =
            sql("UPDATE owner_link SET used_at = $2 WHERE token = $1 AND used_at IS NULL AND expires > $2")
                .blob(&opaque::digest(token))
                .int(now)
                .execute(&mut tx)
                .await?;
        if used == 0 {
            return Err(Error::LinkSpent);
        }
        let new = NewAccount {
            login: login.trim().to_string(),
            name: name.trim().to_string(),
            password: Some(password.clone()),
            role: Role::Owner,
            reach: Reach::All,
        };
        let account = self.claim(&mut tx, new).await?;
        tx.commit().await?;
        Ok(account)
    }
}
