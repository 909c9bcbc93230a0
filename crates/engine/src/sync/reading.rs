//! One data set, from its first call to its coverage.

use std::collections::VecDeque;

use okta_client::{Error, Listing, TransportKind};
use tokio::task::JoinSet;
use transom_core::{Coverage, CoverageState, EntityId};
use transom_store::{Parent, Selector};

use super::event::{Event, Extent};
use super::listing::Stop;
use super::plan::Reading;
use super::run::{Running, fell};
use super::sweep;
use crate::Problem;
use crate::connection::state_of_error;
use crate::dataset::{Dataset, Over, Scope, Tier, Yields};

/// Parents listed side by side in one data set: as many as may keep all calls flying. The client's governor decides
/// what really flies.
const SIDE_BY_SIDE: usize = 48;
/// The same for listings with pages of more than [`LARGE`] items: such a page takes megabytes while it is read and
/// stored, and a few of them keep the database busy.
const LARGE_SIDE_BY_SIDE: usize = 8;
/// See [`LARGE_SIDE_BY_SIDE`].
const LARGE: u32 = 200;
/// Parents read from the database at a time.
const PARENTS: u32 = 500;
/// After so many parents that are not permitted, with none that is, the others are not asked for: the data set counts
/// as not permitted, which is never more than what is known.
pub(super) const REFUSALS: u64 = 20;

impl Running {
    /// One reading of a data set, from its first call to the data set's coverage.
    pub(super) async fn read(&self, reading: Reading, bases: &[Coverage]) -> Result<Coverage, Problem> {
        let by = reading.by;
        let reached = match self.not_asked_for(reading.dataset).or_else(|| unreadable_base(by, bases)) {
            Some(reached) => Reached { assumed: self.roles.assumed(reading.dataset), ..reached },
            None => match by.over {
                Over::Org => self.over_org(by).await?,
                Over::Each(selector) => self.over_each(by, selector, bases).await?,
            },
        };
        // What the listings ended with must be stored before anything is concluded from it.
        self.lister.writer.settle(by).await?;
        let mut coverage = Coverage {
            dataset: reading.dataset.name.to_string(),
            state: reached.state,
            reason: reached.reason,
            assumed: reached.assumed,
            objects: 0,
            at: Some(self.store.clock().now()),
            sweep_refused: false,
        };
        let before = self.before.get(reading.dataset.name);
        let odd = self.store.odd(self.org, by.name).await?;
        if reached.listed && odd > 0 {
            coverage.state = CoverageState::Partial;
            coverage.reason =
                format!("{odd} of its records could not be read and are set aside; see transom doctor.");
        }
        if reached.listed && reached.whole {
            sweep::after_listing(self, by, odd, &mut coverage).await?;
        } else if !reached.listed
            && let Some(before) = before
        {
            // Nothing was read this time: what is held is as old as the last reading.
            coverage.at = before.at;
        }
        if reading.yields == Yields::Edges {
            first_answer(reading, before, &mut coverage);
        }
        let parents = match reading.dataset.over {
            Over::Each(selector) => Some(selector.kind()),
            Over::Org => None,
        };
        coverage.objects = self.store.held(self.org, reading.dataset.target, parents).await?;
        self.store.finish_dataset(&self.lease, self.run, by.name, &coverage).await?;
        (self.lister.watch)(Event::Finished { name: by.name, coverage: coverage.clone() });
        Ok(coverage)
    }

    /// A data set that wants an admin's consent and has none is not read.
    fn not_asked_for(&self, dataset: &'static Dataset) -> Option<Reached> {
        let opt_in = dataset.opt_in.filter(|opt_in| !opt_in.given(&self.settings))?;
        let (state, reason) = (CoverageState::NeverCollected, opt_in.why.to_string());
        Some(Reached { state, reason, assumed: Vec::new(), listed: false, whole: false })
    }

    fn begin(&self, dataset: &'static Dataset, extent: Extent) {
        (self.lister.watch)(Event::Dataset { name: dataset.name, title: dataset.title, extent });
    }

    /// Lists what belongs to the org itself.
    async fn over_org(&self, dataset: &'static Dataset) -> Result<Reached, Problem> {
        let expected = self.before.get(dataset.name).map(|c| c.objects).filter(|n| *n > 0);
        self.begin(dataset, Extent::Items { expected });
        let scope = Scope::of_org(&self.org_okta_id);
        let listings = i16::try_from((dataset.parts)(&scope).len()).unwrap_or(i16::MAX);
        self.store.declare_parts(&self.lease, self.run, dataset.name, listings).await?;
        let parts = self.store.root_parts(self.run, dataset.name).await?;
        match self.lister.parent(dataset, scope, &parts).await {
            Ok(()) => Ok(self.seen_whole(dataset)),
            Err(Stop::Okta(error)) => self.ended(dataset, &error),
            Err(Stop::Ours(problem)) => Err(problem),
        }
    }

    /// Lists what belongs to each selected parent.
    async fn over_each(
        &self,
        dataset: &'static Dataset,
        selector: Selector,
        bases: &[Coverage],
    ) -> Result<Reached, Problem> {
        let counts = self.store.parents_count(self.run, self.org, dataset.name, &selector).await?;
        self.begin(dataset, Extent::Parents { all: counts.0, done: counts.1 });
        let width = self.width(dataset);
        // With those that an earlier process of this run was refused: what is not permitted at all is so after a kill too.
        let (mut read, mut refused) = (counts.1, self.refused(dataset).await?);
        let mut selectors = VecDeque::from([selector]);
        if let Some(first) = &dataset.first {
            self.ended_all(first.after, Tier::Core).await;
            selectors.push_front(first.selector);
        }
        let mut parents = Parents::of(selectors.pop_front());
        let mut listing = JoinSet::new();
        loop {
            while listing.len() < width
                && let Some(parent) = parents.next(self, dataset).await?
            {
                let running = self.clone();
                listing.spawn(async move {
                    let outcome = running.one_parent(dataset, &parent).await;
                    (parent, outcome)
                });
            }
            let Some(ended) = listing.join_next().await else {
                // The first are through; once they are noted as done, all others.
                let Some(next) = selectors.pop_front() else { break };
                self.lister.writer.settle(dataset).await?;
                self.ended_all(dataset.first.map_or(&[], |first| first.then), Tier::Core).await;
                parents = Parents::of(Some(next));
                continue;
            };
            let (parent, outcome) = ended.map_err(fell)?;
            match outcome? {
                Ok(()) => read += 1,
                Err(error) => {
                    let fatal = matches!(error, Error::MissingPermission(_) | Error::NotLicensed(_));
                    refused += u64::from(fatal);
                    if fatal && read == 0 && refused >= REFUSALS.min(counts.0) {
                        return self.ended(dataset, &error);
                    }
                    let (state, reason) = state_of_error(dataset, &error);
                    let why = format!("{} {}: {reason}", state.as_str(), parent.okta_id);
                    self.store.skip_parent(&self.lease, self.run, dataset.name, parent.id, &why).await?;
                }
            }
        }
        let mut reached = self.seen_whole(dataset);
        let narrowed = |state| state == CoverageState::PartialByRight;
        // What this owner may not see is not gone: under a narrowed sight a listing proves no absence.
        reached.whole &= !bases.iter().any(|b| narrowed(b.state));
        // From the database: an earlier process of this run may have given some up.
        if let Some((n, first)) = self.store.failed_parents(self.run, dataset.name).await? {
            let denied = CoverageState::NotPermitted.as_str();
            let denials = self.store.failed_parents_as(self.run, dataset.name, denied).await?;
            // Nothing but the owner's rights stands between it and the whole.
            let by_right = denials == n;
            reached.state = if by_right { CoverageState::PartialByRight } else { CoverageState::Partial };
            let (all, first) = (counts.0, first.split_once(' ').map_or(first.as_str(), |(_, first)| first));
            reached.reason =
                format!("{n} of {all} could not be read and keep what was known. The first: {first}");
        } else if let Some(base) = bases.iter().find(|b| b.state != CoverageState::Complete) {
            // What is listed over a partial set is partial too, for the same reason.
            (reached.state, reached.reason) = (base.state, inherited(base));
        }
        Ok(reached)
    }

    /// How many parents were given up in this run because they are not permitted or not licensed.
    async fn refused(&self, dataset: &Dataset) -> Result<u64, Problem> {
        let mut refused = 0;
        for state in [CoverageState::NotPermitted, CoverageState::NotLicensed] {
            refused += self.store.failed_parents_as(self.run, dataset.name, state.as_str()).await?;
        }
        Ok(refused)
    }

    /// How many parents are listed side by side.
    fn width(&self, dataset: &Dataset) -> usize {
        let parts = (dataset.parts)(&Scope::of_org(&self.org_okta_id));
        let large = |listing: &Listing| listing.page_size.is_some_and(|size| size.ask > LARGE);
        if parts.iter().any(large) { LARGE_SIDE_BY_SIDE } else { SIDE_BY_SIDE }
    }

    /// One parent. The outer error is ours and stops the run; the inner is Okta's word on this parent.
    async fn one_parent(
        &self,
        dataset: &'static Dataset,
        parent: &Parent,
    ) -> Result<Result<(), Error>, Problem> {
        let scope = Scope {
            id: parent.id,
            okta_id: &parent.okta_id,
            status: parent.status.as_deref(),
            mark: parent.mark,
            above: parent.parent.as_ref().map(|(_, okta_id)| okta_id.as_str()),
            doc: parent.doc.as_ref(),
            ..Scope::of_org(&self.org_okta_id)
        };
        if (dataset.parts)(&scope).is_empty() {
            self.tally.idle(dataset.name);
        }
        match self.lister.parent(dataset, scope, &parent.parts).await {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Ours(problem)) => Err(problem),
            Err(Stop::Okta(error)) if stops_all(&error) => Err(error.into()),
            Err(Stop::Okta(error)) => Ok(Err(error)),
        }
    }

    /// Everything was listed: complete, unless the owner's rights narrow what a 200 shows.
    fn seen_whole(&self, dataset: &Dataset) -> Reached {
        let (state, reason, assumed) = self.roles.sight(dataset);
        let whole = state == CoverageState::Complete;
        Reached { state, reason, assumed, listed: true, whole }
    }

    /// A listing that Okta ended: a state of the data set, or the end of the run.
    fn ended(&self, dataset: &Dataset, error: &Error) -> Result<Reached, Problem> {
        if stops_all(error) {
            return Err(crate::from_okta(error));
        }
        let (state, reason) = state_of_error(dataset, error);
        let assumed = self.roles.assumed(dataset);
        Ok(Reached { state, reason, assumed, listed: false, whole: false })
    }
}

/// The parents still to be listed, read from the database a batch at a time: memory does not grow with the org.
struct Parents {
    /// Which; `None` where there are none left to choose from.
    selector: Option<Selector>,
    after: EntityId,
    batch: VecDeque<Parent>,
}

impl Parents {
    fn of(selector: Option<Selector>) -> Self {
        Self { selector, after: EntityId::ROOT, batch: VecDeque::new() }
    }

    async fn next(&mut self, running: &Running, dataset: &Dataset) -> Result<Option<Parent>, Problem> {
        if self.batch.is_empty()
            && let Some(selector) = &self.selector
        {
            let (run, org, store) = (running.run, running.org, &running.store);
            self.batch = store.parents(run, org, dataset.name, selector, self.after, PARENTS).await?.into();
            match self.batch.back() {
                Some(last) => self.after = last.id,
                None => self.selector = None,
            }
        }
        Ok(self.batch.pop_front())
    }
}

/// What a lighter reading says of its data set. Where that was read whole before, this stays what is known of it: the
/// edges found meanwhile are added, and what came with them is as old as the whole reading.
fn first_answer(reading: Reading, before: Option<&Coverage>, coverage: &mut Coverage) {
    let whole = |c: &&Coverage| {
        matches!(c.state, CoverageState::Complete | CoverageState::PartialByRight) && c.at.is_some()
    };
    if let Some(before) = before.filter(whole) {
        coverage.clone_from(before);
    } else if coverage.state == CoverageState::Complete {
        coverage.state = CoverageState::Partial;
        coverage.reason = format!(
            "Edges only, read {}: their documents follow with the deep tier, and until then none is taken away.",
            reading.by.route()
        );
    }
}

/// What a data set's listing came to.
struct Reached {
    state: CoverageState,
    reason: String,
    assumed: Vec<String>,
    /// Whether listings ran to their end.
    listed: bool,
    /// Whether they show all there is, so that sweeping can be thought of.
    whole: bool,
}

/// A data set listed over one that can't be read is as unreadable as that one.
fn unreadable_base(dataset: &Dataset, bases: &[Coverage]) -> Option<Reached> {
    use CoverageState::{NeverCollected, NotLicensed, NotPermitted};
    if matches!(dataset.over, Over::Org) {
        return None;
    }
    let base = bases.iter().find(|b| matches!(b.state, NotPermitted | NotLicensed | NeverCollected))?;
    let (state, reason) = (base.state, inherited(base));
    Some(Reached { state, reason, assumed: Vec::new(), listed: false, whole: false })
}

fn inherited(base: &Coverage) -> String {
    let title = crate::entity::dataset(&base.dataset).map_or(base.dataset.as_str(), |d| d.title);
    crate::connection::inherited(title, base.state, &base.reason)
}

/// Errors after which no call of this run can succeed.
pub(super) fn stops_all(error: &Error) -> bool {
    use TransportKind::{Connect, Proxy, Tls};
    match error {
        Error::TokenRejected(_) | Error::AddressRefused { .. } | Error::NotOkta { .. } => true,
        // Okta is out of reach altogether: better to stop here and go on later than to finish with holes.
        Error::Transport { kind, .. } => matches!(kind, Connect | Tls | Proxy),
        _ => false,
    }
}
