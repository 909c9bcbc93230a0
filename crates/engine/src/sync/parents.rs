//! The parents a data set is still to be listed over, a batch at a time: memory does not grow with the org.

use std::collections::VecDeque;

use tokio::sync::watch;
use transom_core::EntityId;
use transom_store::{Among, Parent, Selector};

use super::run::Running;
use crate::Problem;
use crate::dataset::{Dataset, Tier};

/// Parents read from the database at a time.
const PARENTS: u32 = 500;
/// The same where they come with their documents, which are large.
const WITH_DOCUMENTS: u32 = 50;
/// Pages of a listing whose objects are parents that are looked at at a time.
const SEEN_PAGES: u32 = 4;

/// Where parents come from.
pub(super) enum Parents {
    /// All that are stored.
    Stored { selector: Selector, after: EntityId, batch: VecDeque<Parent> },
    /// Those on the pages of a listing that still goes on, as they are stored: who waited for its end would leave
    /// Okta's other limits unused meanwhile.
    Coming { of: Coming, batch: VecDeque<Parent> },
}

/// A listing of the org that still goes on, and what is wanted of it.
pub(super) struct Coming {
    /// The data set it reads.
    listed: &'static str,
    /// Which of its objects are parents.
    selector: Selector,
    /// The last page that was looked at.
    at: (i16, i32),
    /// Whether pages may have been stored since.
    fresh: bool,
    /// Told whenever pages are stored.
    stored: watch::Receiver<u64>,
}

impl Parents {
    /// All that fit and are stored.
    pub(super) fn stored(selector: Selector) -> Self {
        Self::Stored { selector, after: EntityId::ROOT, batch: VecDeque::new() }
    }

    /// Those that the org's listing of `listed` brings, by the page.
    pub(super) fn coming(running: &Running, listed: &'static str, selector: Selector) -> Self {
        let stored = running.lister.writer.commits();
        let of = Coming { listed, selector, at: (0, -1), fresh: true, stored };
        Self::Coming { of, batch: VecDeque::new() }
    }

    /// The next one; `None` where there is none now ([`more`](Self::more) tells whether there may be later).
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn next(
        &mut self,
        running: &Running,
        dataset: &Dataset,
    ) -> Result<Option<Parent>, Problem> {
        let (run, org, store) = (running.run, running.org, &running.store);
        match self {
            Self::Stored { selector, after, batch } => {
                if batch.is_empty() {
                    let documents = matches!(selector, Selector::Facet { .. });
                    let among = Among::After(*after, if documents { WITH_DOCUMENTS } else { PARENTS });
                    batch.extend(store.parents(run, org, dataset.name, selector, among).await?);
                    if let Some(last) = batch.back() {
                        *after = last.id;
                    }
                }
                Ok(batch.pop_front())
            }
            Self::Coming { of, batch } => {
                while batch.is_empty() && of.fresh {
                    of.fill(running, dataset, batch).await?;
                }
                Ok(batch.pop_front())
            }
        }
    }

    /// Waits until there may be more; whether there may. To be called only after [`next`](Self::next) had none.
    pub(super) async fn more(&mut self, running: &Running) -> bool {
        let Self::Coming { of, .. } = self else { return false };
        let listed = [of.listed];
        of.fresh = tokio::select! {
            stored = of.stored.changed() => stored.is_ok(),
            () = running.ended_all(&listed, Tier::OnDemand) => false,
        };
        of.fresh
    }
}

impl Coming {
    /// Adds what the next pages bring, or notes that there are none now.
    async fn fill(
        &mut self,
        running: &Running,
        dataset: &Dataset,
        batch: &mut VecDeque<Parent>,
    ) -> Result<(), Problem> {
        let (run, org, store) = (running.run, running.org, &running.store);
        self.stored.mark_unchanged();
        let pages = store.seen_pages(run, org, self.listed, self.at, SEEN_PAGES).await?;
        match pages.last() {
            Some(last) => self.at = last.at,
            None => self.fresh = false,
        }
        let ids: Vec<EntityId> = pages.into_iter().flat_map(|page| page.ids).collect();
        batch.extend(store.parents(run, org, dataset.name, &self.selector, Among::These(&ids)).await?);
        Ok(())
    }
}
