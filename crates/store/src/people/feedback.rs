//! What members answered to *Did this answer your question?* under a page of the help. It stays here, for owners.

use serde_json::json;
use transom_core::Millis;

use crate::{
    Error, Result, Store,
    query::sql,
    store::{count, next_number},
};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Its number: whoever answers again gets another one, so that the newest answers have the highest.
    pub id: i64,
    /// Whose.
    pub account: i64,
    /// The page it is about.
    pub page: String,
    /// Yes or no.
    pub helpful: bool,
    /// What the member added; empty where nothing.
    pub comment: String,
    /// When.
    pub at: Millis,
}

/// How many answered what about a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackCount {
    /// The page.
    pub page: String,
    /// Those who said yes.
    pub yes: u64,
    /// Those who said no.
    pub no: u64,
}

type Row = (i64, i64, String, bool, String, Millis);

const COLUMNS: &str = "SELECT id, account, page, helpful, comment, at FROM feedback";

fn read((id, account, page, helpful, comment, at): Row) -> Feedback {
    Feedback { id, account, page, helpful, comment, at }
}

impl Store {
    /// Keeps what an account answered about a page, in place of what it answered before. The audit has the answer without
    /// the comment: what is deleted is gone.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn answer(
        &self,
        account: i64,
        page: &str,
        helpful: bool,
        comment: &str,
        actor: &str,
    ) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        sql("DELETE FROM feedback WHERE account = $1 AND page = $2")
            .int(account)
            .text(page)
            .execute(&mut tx)
            .await?;
        let id = next_number(&mut tx, "feedback").await?;
        sql("INSERT INTO feedback(id, account, page, helpful, comment, at) VALUES ($1, $2, $3, $4, $5, $6)")
            .int(id)
            .int(account)
            .text(page)
            .bool(helpful)
            .text(comment)
            .int(self.now())
            .execute(&mut tx)
            .await?;
        let detail = json!({ "feedback": id, "account": account, "page": page, "helpful": helpful });
        self.append(&mut tx, None, actor, "feedback.answer", detail).await?;
        tx.commit().await
    }

    /// What an account answered about a page.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn answered(&self, account: i64, page: &str) -> Result<Option<Feedback>> {
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE account = $1 AND page = $2"))
            .int(account)
            .text(page)
            .optional(&self.reader)
            .await?;
        Ok(row.map(read))
    }

    /// Answers, the newest first; `before` the number of the last one seen.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn feedback(&self, before: Option<i64>, limit: u32) -> Result<Vec<Feedback>> {
        let rows: Vec<Row> = sql(format!("{COLUMNS} WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .int(before.unwrap_or(i64::MAX))
            .int(i64::from(limit))
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The pages that were answered about, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn feedback_counts(&self) -> Result<Vec<FeedbackCount>> {
        let rows: Vec<(String, i64, i64)> = sql(
            "SELECT page, count(CASE WHEN helpful THEN 1 END), count(CASE WHEN helpful THEN NULL ELSE 1 END) \
                 FROM feedback GROUP BY page ORDER BY page",
        )
        .all(&self.reader)
        .await?;
        let read = |(page, yes, no)| FeedbackCount { page, yes: count(yes), no: count(no) };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Deletes an answer.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn delete_feedback(&self, id: i64, actor: &str) -> Result<()> {
        let mut tx = self.begin_installation().await?;
        let row: Option<Row> = sql(format!("{COLUMNS} WHERE id = $1")).int(id).optional(&mut tx).await?;
        let Some(gone) = row.map(read) else {
            return Err(Error::NotFound { what: "answer", wanted: id.to_string(), have: Vec::new() });
        };
        sql("DELETE FROM feedback WHERE id = $1").int(id).execute(&mut tx).await?;
        let detail = json!({ "feedback": id, "account": gone.account, "page": gone.page });
        self.append(&mut tx, None, actor, "feedback.delete", detail).await?;
        tx.commit().await
    }
}
