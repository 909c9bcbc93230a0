//! What people answered to *Did this answer your question?*. It stays here, for owners.

use serde_json::json;
use transom_core::Millis;

use crate::{Result, Store, query::sql, store::next_number};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Its number.
    pub id: i64,
    /// The guide it is about.
    pub guide: String,
    /// Yes or no.
    pub helpful: bool,
    /// What was missing, in the person's words; empty where nothing was said.
    pub note: String,
    /// Who said it.
    pub account: Option<i64>,
    /// When.
    pub created: Millis,
}

type Row = (i64, String, bool, String, Option<i64>, Millis);

impl Store {
    /// Keeps an answer.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_feedback(
        &self,
        guide: &str,
        helpful: bool,
        note: &str,
        account: Option<i64>,
        actor: &str,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let id = next_number(&mut tx, "feedback").await?;
        sql("INSERT INTO feedback(id, guide, helpful, note, account, created) VALUES ($1, $2, $3, $4, $5, $6)")
            .int(id)
            .text(guide)
            .bool(helpful)
            .text(note)
            .int(account)
            .int(self.now())
            .execute(&mut tx)
            .await?;
        self.append(&mut tx, None, actor, "feedback.add", json!({ "guide": guide, "helpful": helpful }))
            .await?;
        tx.commit().await
    }

    /// The latest answers, the newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn feedback(&self, limit: u32) -> Result<Vec<Feedback>> {
        let rows: Vec<Row> =
            sql("SELECT id, guide, helpful, note, account, created FROM feedback ORDER BY id DESC LIMIT $1")
                .int(i64::from(limit))
                .all(&self.reader)
                .await?;
        let read = |(id, guide, helpful, note, account, created)| Feedback {
            id,
            guide,
            helpful,
            note,
            account,
            created,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
