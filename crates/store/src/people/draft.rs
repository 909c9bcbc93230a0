//! Connections that somebody began to describe. A draft holds no key: nothing secret is kept before it is verified.

use serde_json::{Value, json};
use transom_core::Millis;

use crate::{
    Error, Result, Store,
    query::sql,
    store::{Doc, next_number},
};

/// A draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its number.
    pub id: i64,
    /// The integration: `okta`.
    pub integration: String,
    /// Who began it.
    pub account: i64,
    /// What was filled in, by field.
    pub fields: Value,
    /// When.
    pub created: Millis,
}

type Row = (i64, String, i64, Doc, Millis);

const COLUMNS: &str = "SELECT id, integration, account, fields, created FROM draft";

fn read((id, integration, account, fields, created): Row) -> Draft {
    Draft { id, integration, account, fields: fields.0, created }
}

impl Store {
    /// Keeps a draft and returns its number.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_draft(
        &self,
        integration: &str,
        account: i64,
        fields: &Value,
        actor: &str,
    ) -> Result<i64> {
        let mut tx = self.begin_installation().await?;
        let id = next_number(&mut tx, "draft").await?;
        sql("INSERT INTO draft(id, integration, account, fields, created) VALUES ($1, $2, $3, $4, $5)")
            .int(id)
            .text(integration)
            .int(account)
            .json(fields)
            .int(self.now())
            .execute(&mut tx)
            .await?;
        let detail = json!({ "draft": id, "integration": integration, "fields": fields });
        self.append(&mut tx, None, actor, "draft.save", detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// All drafts, the newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn drafts(&self) -> Result<Vec<Draft>> {
        let rows: Vec<Row> = sql(format!("{COLUMNS} ORDER BY id DESC")).all(&self.reader).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// A draft by number.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn draft(&self, id: i64) -> Result<Option<Draft>> {
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE id = $1")).int(id).optional(&self.reader).await?;
        Ok(row.map(read))
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_draft(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let gone = sql("DELETE FROM draft WHERE id = $1").int(id).execute(&mut tx).await?;
        if gone == 0 {
            return Err(Error::NotFound { what: "draft", wanted: id.to_string(), have: Vec::new() });
        }
        self.append(&mut tx, None, actor, "draft.delete", json!({ "draft": id })).await?;
        tx.commit().await
    }
}
