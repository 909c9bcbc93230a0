//! When a session or an API token was last used. It is kept in memory, and written down now and then beside the request that
//! used it: SQLite has one writer, which a sync may hold for longer than a page may take.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use transom_core::Millis;

use crate::{Store, query::Sql};

/// How often it is written down that something is used.
const NOTED: Millis = 60 * 1_000;
/// What was not used for so long is forgotten here: what the database knows is enough.
const KEPT: Millis = 60 * NOTED;

/// What was used lately, by the digest of its secret.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used(Arc<Mutex<HashMap<Vec<u8>, Millis>>>);

impl Used {
    /// When it was last used, where the database says `known`.
    pub fn last(&self, digest: &[u8], known: Option<Millis>) -> Option<Millis> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.max(used.get(digest).copied())
    }

    /// Notes a use; returns whether this one is to be written down.
    fn note(&self, digest: &[u8], known: Option<Millis>, now: Millis) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known.max(used.get(digest).copied());
        if last.is_some_and(|last| now - last <= NOTED) {
            return false;
        }
        used.retain(|_, at| now - *at < KEPT);
        used.insert(digest.to_vec(), now);
        true
    }
}

impl Store {
    /// Notes a use of what the database says was used last at `known`, and writes it down by `statement` where that is due.
    pub(super) fn used(
        &self,
        digest: &[u8],
        known: Option<Millis>,
        statement: impl FnOnce(Millis) -> Sql<'static>,
    ) {
        let now = self.now();
        if self.used.note(digest, known, now) {
            let (statement, writer) = (statement(now), self.writer.clone());
            tokio::spawn(async move {
                if let Err(error) = statement.execute(&writer).await {
                    tracing::warn!(%error, "that a session or token was used is not written down");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NOTED, Used};

    #[test]
    fn one_of_many_uses_is_written_down() {
        let used = Used::default();
        assert!(used.note(b"a", Some(0), NOTED + 1));
        assert!(!used.note(b"a", Some(0), NOTED + 1), "another request at the same moment");
        assert!(!used.note(b"b", Some(1), NOTED + 1), "the database knows");
        assert!(used.note(b"c", None, 7) && used.note(b"a", Some(0), 2 * NOTED + 2));
        assert_eq!(used.last(b"a", Some(0)), Some(2 * NOTED + 2), "before it is written down");
        assert_eq!((used.last(b"b", Some(1)), used.last(b"d", None)), (Some(1), None));
    }
}
