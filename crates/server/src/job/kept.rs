//! Jobs that are kept for a while after their work, as they hold what is to be looked at or saved: keys and passwords among it.
//! A timer forgets them, whether or not anybody comes by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{Jobs, held};

/// How long a job is kept after its work, and how long one waits for leave: until then its secrets are in memory, and nowhere
/// else.
pub(super) const KEPT: Duration = Duration::from_secs(15 * 60);

/// Jobs of a kind by what their pages' addresses call them. Clones share them.
#[derive(Debug)]
pub(super) struct Kept<J>(Arc<Mutex<HashMap<String, Arc<J>>>>);

impl<J> Default for Kept<J> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<J> Clone for Kept<J> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<J> Kept<J> {
    /// The job called `id`, as long as it is kept.
    pub fn get(&self, id: &str) -> Option<Arc<J>> {
        held(&self.0).get(id).cloned()
    }

    /// Forgets a job. What it holds is gone, and secrets overwritten, as soon as nobody works with it.
    pub fn forget(&self, id: &str) {
        // Not dropped under the lock.
        let gone = held(&self.0).remove(id);
        drop(gone);
    }
}

impl Jobs {
    /// Does the work of a job, which is kept in `all` as `id` until it was done, or fell, and for [`KEPT`] more.
    pub(super) fn keep<J: Send + Sync + 'static>(
        &self,
        all: &Kept<J>,
        id: &str,
        job: Arc<J>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        held(&all.0).insert(id.to_string(), job);
        let (ending, ended) = oneshot::channel::<()>();
        self.spawn(async move {
            work.await;
            // Where it panics it is dropped as well.
            drop(ending);
        });
        let (all, id) = (all.clone(), id.to_string());
        self.spawn(async move {
            let _ = ended.await;
            tokio::time::sleep(KEPT).await;
            all.forget(&id);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn nobody_comes_by_and_a_secret_is_forgotten() {
        let (jobs, all) = (Jobs::default(), Kept::default());
        let secret = Arc::new(SecretString::from("00secret"));
        let seen = Arc::downgrade(&secret);
        jobs.keep(&all, "one", secret, tokio::time::sleep(MINUTE));
        tokio::time::sleep(KEPT + MINUTE / 2).await;
        assert!(all.get("one").is_some(), "it is kept from the end of its work on");
        tokio::time::sleep(MINUTE / 2 + Duration::from_millis(5)).await;
        assert!(all.get("one").is_none() && seen.upgrade().is_none(), "it is in memory still");
    }

    #[tokio::test(start_paused = true)]
    async fn what_fell_is_forgotten_too() {
        let (jobs, all) = (Jobs::default(), Kept::default());
        jobs.keep(&all, "one", Arc::new(()), async { panic!("it falls") });
        tokio::time::sleep(KEPT - MINUTE).await;
        assert!(all.get("one").is_some(), "a page says that it fell");
        tokio::time::sleep(2 * MINUTE).await;
        assert!(all.get("one").is_none());
    }
}
