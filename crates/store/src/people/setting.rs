//! What owners set for the whole installation.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Result, Store, query::sql, store::Doc};

impl Store {
    /// The setting called `name`; its type's default where nobody has set it, or what is stored can't be read as one.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn setting<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        let row: Option<(Doc,)> =
            sql("SELECT value FROM setting WHERE name = $1").text(name).optional(&self.reader).await?;
        Ok(row.and_then(|(value,)| serde_json::from_value(value.0).ok()).unwrap_or_default())
    }

    /// Sets it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn set_setting<T: Serialize + Sync>(&self, name: &str, value: &T, actor: &str) -> Result<()> {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        let detail = json!({ "name": name, "value": value });
        self.put_setting(name, value, actor, "setting.set", detail).await
    }

    /// Sets what is kept of something done, with an audit record of its own: of `action`, with `detail`.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn keep<T: Serialize + Sync>(
        &self,
        name: &str,
        value: &T,
        actor: &str,
        (action, detail): (&str, Value),
    ) -> Result<()> {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.put_setting(name, value, actor, action, detail).await
    }

    async fn put_setting(
        &self,
        name: &str,
        value: Value,
        actor: &str,
        action: &str,
        detail: Value,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        sql("INSERT INTO setting(name, value) VALUES ($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value")
            .text(name)
            .json(&value)
            .execute(&mut tx)
            .await?;
        self.append(&mut tx, None, actor, action, detail).await?;
        tx.commit().await
    }
}
