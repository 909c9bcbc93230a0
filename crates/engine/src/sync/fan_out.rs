//! One data set listed over its parents: as many side by side as there is room for.

use std::sync::Arc;

use okta_client::{Error, Listing};
use tokio::task::{JoinError, JoinSet};
use transom_core::{CoverageState, EntityId};
use transom_store::{Among, Parent, Selector};

use super::event::Extent;
use super::listing::Stop;
use super::parents::Parents;
use super::reading::stops_all;
use super::run::{Running, fell};
use crate::Problem;
use crate::connection::state_of_error;
use crate::dataset::{Dataset, Scope};
use crate::entity;

/// Parents listed side by side in one data set: as many as may keep all calls flying. The client's governor decides
/// what really flies.
const SIDE_BY_SIDE: usize = 48;
/// The same for listings with pages of more than [`LARGE`] items: such a page takes megabytes while it is read and
/// stored, and a few of them keep the database busy.
const LARGE_SIDE_BY_SIDE: usize = 8;
/// See [`LARGE_SIDE_BY_SIDE`].
const LARGE: u32 = 200;
/// After so many parents that are not permitted, with none that is, the others are not asked for: the data set counts
/// as not permitted, which is never more than what is known.
pub(super) const REFUSALS: u64 = 20;

/// The states of a data set in which Okta answers no listing.
const REFUSED: [CoverageState; 2] = [CoverageState::NotPermitted, CoverageState::NotLicensed];

/// A data set while it is listed over its parents.
pub(super) struct FanOut<'a> {
    running: &'a Running,
    dataset: &'static Dataset,
    selector: Selector,
    /// What each parent is listed once for, too: see [`Dataset::per`].
    per: Arc<[String]>,
    width: usize,
    /// Parents in all, as far as they are known.
    all: u64,
    /// Parents read, also by an earlier process of this run.
    read: u64,
    /// Parents for which there was nothing to ask, by whichever process: they say nothing of what is permitted.
    idle: u64,
    /// Parents that are not permitted or not licensed, by whichever process.
    refused: u64,
    /// What the first refusal means for the data set.
    refusal: Option<(CoverageState, String)>,
    listing: JoinSet<Outcome>,
}

/// A parent, and what came of it.
type Outcome = (Arc<Parent>, Result<Result<Read, Error>, Problem>);

/// How a parent was read.
enum Read {
    Asked,
    /// Without a call: its document says that there is nothing.
    Idle,
}

impl<'a> FanOut<'a> {
    pub(super) async fn start(
        running: &'a Running,
        dataset: &'static Dataset,
        selector: Selector,
    ) -> Result<Self, Problem> {
        let parts = (dataset.parts)(&Scope::any());
        let large = |listing: &Listing| listing.page_size.is_some_and(|size| size.ask > LARGE);
        let width = if parts.iter().any(large) { LARGE_SIDE_BY_SIDE } else { SIDE_BY_SIDE };
        // With those that an earlier process of this run was refused: what is not permitted at all is so after a kill too.
        let (mut refused, mut refusal) = (0, None);
        for state in REFUSED {
            let failed = running.store.failed_parents(running.run, dataset.name, state.as_str()).await?;
            if let Some((n, why)) = failed {
                refused += n;
                let reason = why.split_once(": ").map_or(why.as_str(), |(_, reason)| reason);
                refusal.get_or_insert((state, reason.to_owned()));
            }
        }
        let per = running.per(dataset).await?;
        let idle = running.store.idle_parents(running.run, running.org, dataset.name).await?;
        let (all, read, listing) = (u64::MAX, 0, JoinSet::new());
        Ok(Self { running, dataset, selector, per, width, all, read, idle, refused, refusal, listing })
    }

    /// Says how far there is to go: the parents are all known now, or still coming. Returns how many there are.
    pub(super) async fn announce(&mut self, known: bool) -> Result<u64, Problem> {
        let (running, dataset) = (self.running, self.dataset);
        let (all, done) =
            running.store.parents_count(running.run, running.org, dataset.name, &self.selector).await?;
        self.read = done.saturating_sub(self.idle);
        if known {
            self.all = all;
        }
        running.begin(dataset, Extent::Parents { all: known.then_some(all), done });
        Ok(all)
    }

    /// What it means for the data set that none of them is permitted, where that is so.
    pub(super) fn refused(&self) -> Option<&(CoverageState, String)> {
        let all = self.read == 0 && self.refused >= REFUSALS.min(self.all.saturating_sub(self.idle));
        self.refusal.as_ref().filter(|_| all)
    }

    /// Lists the data set over `parents` to the last of them, or until it is clear that none is permitted.
    pub(super) async fn over(&mut self, mut parents: Parents) -> Result<(), Problem> {
        let mut open = true;
        while self.refused().is_none() {
            while open && self.listing.len() < self.room() {
                let Some(parent) = parents.next(self.running, self.dataset).await? else { break };
                self.begin(parent);
            }
            let room = self.listing.len() < self.room();
            tokio::select! {
                Some(ended) = self.listing.join_next() => self.ended(ended).await?,
                more = parents.more(self.running), if open && room => open = more,
                else => break,
            }
        }
        // Who is listed from the database next must be seen to be done there.
        self.running.lister.writer.settle(self.dataset).await
    }

    /// Lists the data set over the credential's owner, where that is one of the parents. Okta may show an administrator of
    /// parts its own where it refuses everybody else's: who asks for the others first takes it for not permitted.
    pub(super) async fn over_owner(&mut self) -> Result<(), Problem> {
        let (running, dataset) = (self.running, self.dataset);
        let store = &running.store;
        let owner =
            store.entity(running.org, self.selector.kind(), EntityId::ROOT, running.subject.id()).await?;
        let Some(owner) = owner else { return Ok(()) };
        let these = [owner.row.id];
        let parents = store
            .parents(running.run, running.org, dataset.name, &self.selector, Among::These(&these))
            .await?;
        parents.into_iter().for_each(|parent| self.begin(parent));
        while let Some(ended) = self.listing.join_next().await {
            self.ended(ended).await?;
        }
        running.lister.writer.settle(dataset).await
    }

    /// How many may be listed side by side: all that there is room for. While every answer was a refusal, no more than it
    /// takes to be sure of it, so that what is not permitted costs [`REFUSALS`] calls and not a whole width of them.
    fn room(&self) -> usize {
        if self.read > 0 {
            return self.width;
        }
        self.width.min(REFUSALS.saturating_sub(self.refused).max(1) as usize)
    }

    fn begin(&mut self, parent: Parent) {
        let (running, dataset, parent) = (self.running.clone(), self.dataset, Arc::new(parent));
        let per = Arc::clone(&self.per);
        self.listing.spawn(async move {
            let outcome = running.one_parent(dataset, &per, &parent).await;
            (parent, outcome)
        });
    }

    /// Notes what came of a parent.
    async fn ended(&mut self, ended: Result<Outcome, JoinError>) -> Result<(), Problem> {
        let (running, dataset) = (self.running, self.dataset);
        let (parent, outcome) = ended.map_err(fell)?;
        let error = match outcome? {
            Ok(Read::Asked) => {
                self.read += 1;
                return Ok(());
            }
            Ok(Read::Idle) => {
                self.idle += 1;
                return Ok(());
            }
            Err(error) => error,
        };
        let (state, reason) = state_of_error(dataset, &error, &running.roles);
        // Its pages before this answer may still wait: stored after it, they would take it back.
        running.lister.writer.settle(dataset).await?;
        // Read again by a process that comes after this one.
        let why = format!("{} {}: {reason}", state.as_str(), parent.okta_id);
        if REFUSED.contains(&state) {
            self.refused += 1;
            self.refusal.get_or_insert((state, reason));
        }
        running
            .store
            .skip_parent(&running.lease, running.run, dataset.name, parent.id, &why)
            .await
            .map_err(Problem::from)
    }
}

impl Running {
    /// What each parent of a data set is listed once for, too, in the order in which it was first seen: what is new comes
    /// last, so that parts keep their numbers when a run goes on. A parent is done when it was listed for all of them.
    async fn per(&self, dataset: &'static Dataset) -> Result<Arc<[String]>, Problem> {
        let Some(kind) = dataset.per.and_then(entity::dataset).and_then(Dataset::lists) else {
            return Ok(Arc::default());
        };
        let per = self.store.okta_ids(self.org, kind).await?;
        let parts = i16::try_from(per.len().max(1)).unwrap_or(i16::MAX);
        self.store.declare_parts(&self.lease, self.run, dataset.name, parts).await?;
        Ok(per.into())
    }

    /// One parent. The outer error is ours and stops the run; the inner is Okta's word on this parent.
    async fn one_parent(
        &self,
        dataset: &'static Dataset,
        per: &[String],
        parent: &Parent,
    ) -> Result<Result<Read, Error>, Problem> {
        let per: Vec<&str> = per.iter().map(String::as_str).collect();
        let scope = Scope {
            id: parent.id,
            okta_id: &parent.okta_id,
            status: parent.status.as_deref(),
            mark: parent.mark,
            above: parent.parent.as_ref().map(|(_, okta_id)| okta_id.as_str()),
            doc: parent.doc.as_ref(),
            per: &per,
            ..Scope::of_org(&self.org_okta_id)
        };
        let read = match (dataset.parts)(&scope).is_empty() {
            true => {
                self.tally.idle(dataset.name);
                Read::Idle
            }
            false => Read::Asked,
        };
        match self.lister.parent(dataset, scope, &parent.parts).await {
            Ok(()) => Ok(Ok(read)),
            Err(Stop::Ours(problem)) => Err(problem),
            Err(Stop::Okta(error)) if stops_all(&error) => Err(error.into()),
            Err(Stop::Okta(error)) => Ok(Err(error)),
        }
    }
}
