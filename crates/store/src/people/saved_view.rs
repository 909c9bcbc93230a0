//! Views of a list that somebody gave a name: filters, sort and columns, as they stand in the page's address.

use serde_json::json;
use transom_core::{Millis, OrgId};

use crate::{Error, Result, Store, query::sql, store::next_number};

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The query of the page's address.
    pub query: String,
    /// When it was saved first.
    pub created: Millis,
}

impl Store {
    /// Saves a view of the list of `kind` for an account; one of the same name is replaced.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_view(
        &self,
        account: i64,
        org: OrgId,
        kind: &str,
        name: &str,
        query: &str,
        actor: &str,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let id = next_number(&mut tx, "saved_view").await?;
        sql("INSERT INTO saved_view(id, account, org, kind, name, query, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT(account, org, kind, name) DO UPDATE SET query = excluded.query")
        .int(id)
        .int(account)
        .int(org.0)
        .text(kind)
        .text(name)
        .text(query)
        .int(self.now())
        .execute(&mut tx)
        .await?;
        self.append(&mut tx, None, actor, "view.save", json!({ "org": org, "kind": kind, "name": name }))
            .await?;
        tx.commit().await
    }

    /// The views that an account saved of the list of `kind`, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn saved_views(&self, account: i64, org: OrgId, kind: &str) -> Result<Vec<SavedView>> {
        let rows: Vec<(i64, String, String, Millis)> =
            sql("SELECT id, name, query, created FROM saved_view \
             WHERE account = $1 AND org = $2 AND kind = $3 ORDER BY name")
            .int(account)
            .int(org.0)
            .text(kind)
            .all(&self.reader)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name, query, created)| SavedView { id, name, query, created })
            .collect())
    }

    /// Deletes a view of an account.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for another account's.
    pub async fn delete_view(&self, id: i64, account: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let gone = sql("DELETE FROM saved_view WHERE id = $1 AND account = $2")
            .int(id)
            .int(account)
            .execute(&mut tx)
            .await?;
        if gone == 0 {
            return Err(Error::NotFound { what: "saved view", wanted: id.to_string(), have: Vec::new() });
        }
        self.append(&mut tx, None, actor, "view.delete", json!({ "view": id })).await?;
        tx.commit().await
    }
}
