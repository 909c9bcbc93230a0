//! Attempts to sign in are counted before the password is looked at, so that many at once count as many.

use serde_json::json;
use transom_core::Millis;

use super::account::key;
use crate::{Result, Store, query::sql};

/// Attempts are counted within a quarter of an hour from the first.
const WINDOW: Millis = 15 * 60 * 1_000;
/// Attempts for one login in that time.
const PER_LOGIN: i64 = 10;
/// Attempts from one address in that time: an office may share one.
const PER_ADDRESS: i64 = 60;
/// Departures to the provider from one address in that time. No password is guessed by one, and a whole office may sign in
/// of a morning: the limit only keeps anybody from filling the database.
const DEPARTURES: i64 = 600;

/// Whether an attempt to sign in may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The password may be looked at.
    Allowed,
    /// Too many came before; until when.
    Refused {
        /// When it is allowed again.
        until: Millis,
    },
}

impl Store {
    /// Counts an attempt to sign in as `login` from `address`.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn count_sign_in(&self, login: &str, address: &str) -> Result<Attempt> {
        let login = (format!("login:{}", key(login)), PER_LOGIN);
        self.count_attempt(&[login, (format!("address:{address}"), PER_ADDRESS)]).await
    }

    /// Counts somebody at `address` who sets out for the provider.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn count_departure(&self, address: &str) -> Result<Attempt> {
        self.count_attempt(&[(format!("departure:{address}"), DEPARTURES)]).await
    }

    /// Counts somebody from `address` who came back from the provider and is not let in, like a wrong password.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn count_refusal(&self, address: &str) -> Result<Attempt> {
        self.count_attempt(&[(format!("address:{address}"), PER_ADDRESS)]).await
    }

    async fn count_attempt(&self, subjects: &[(String, i64)]) -> Result<Attempt> {
        let now = self.now();
        let mut tx = self.begin().await?;
        sql("DELETE FROM sign_in_attempt WHERE since <= $1").int(now - WINDOW).execute(&mut tx).await?;
        let (mut outcome, mut begun) = (Attempt::Allowed, Vec::new());
        for (subject, limit) in subjects {
            let (attempts, since): (i64, Millis) =
                sql("INSERT INTO sign_in_attempt(subject, attempts, since) VALUES ($1, 1, $2) \
                     ON CONFLICT(subject) DO UPDATE SET attempts = sign_in_attempt.attempts + 1 \
                     RETURNING attempts, since")
                .text(subject)
                .int(now)
                .one(&mut tx)
                .await?;
            if attempts > *limit {
                outcome = Attempt::Refused { until: since + WINDOW };
            }
            if attempts == limit + 1 {
                begun.push(subject);
            }
        }
        // Once a window: whoever is told to ask an owner finds an owner who knows.
        for subject in begun {
            self.append(&mut tx, None, "system", "sign_in.throttle", json!({ "subject": subject })).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }

    /// Forgets the attempts for a login: its password was right.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn forget_sign_ins(&self, login: &str) -> Result<()> {
        sql("DELETE FROM sign_in_attempt WHERE subject = $1")
            .text(&format!("login:{}", key(login)))
            .execute(&self.writer)
            .await
            .map(|_| ())
    }
}
