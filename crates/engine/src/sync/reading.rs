//! One data set, from its first call to its coverage.

use okta_client::{Error, TransportKind};
use transom_core::{Coverage, CoverageState};
use transom_store::Selector;

use super::event::{Event, Extent};
use super::fan_out::FanOut;
use super::listing::Stop;
use super::parents::Parents;
use super::plan::Reading;
use super::run::Running;
use super::sweep;
use crate::Problem;
use crate::connection::state_of_error;
use crate::dataset::{Dataset, Over, Scope, Tier, Yields};

impl Running {
    /// One reading of a data set, from its first call to the data set's coverage.
    ///
    /// `coming` is the data set whose objects are its parents, where that is still being read.
    pub(super) async fn read(
        &self,
        reading: Reading,
        coming: Option<&'static str>,
    ) -> Result<Coverage, Problem> {
        let by = reading.by;
        let unreadable = || unreadable_base(by, &self.bases(by, coming));
        let reached = match self.not_asked_for(reading.dataset).or_else(unreadable) {
            Some(reached) => Reached { assumed: self.roles.assumed(reading.dataset), ..reached },
            None => match by.over {
                Over::Org => self.over_org(by).await?,
                Over::Each(selector) => self.over_each(by, selector, coming).await?,
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
        let odd = self.store.odd(self.org, self.run, by.name).await?;
        if reached.listed && odd > 0 {
            coverage.state = CoverageState::Partial;
            let aside =
                format!("{odd} of its records could not be read and are set aside; see transom doctor.");
            coverage.reason = format!("{} {aside}", coverage.reason).trim_start().to_string();
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
        let held = self.before.get(dataset.name).is_some_and(|before| before.objects > 0);
        let kept =
            if held { " What was read before that was withdrawn is kept, and no longer read." } else { "" };
        let (state, reason) = (CoverageState::NeverCollected, format!("{}{kept}", opt_in.why));
        Some(Reached { state, reason, assumed: Vec::new(), listed: false, whole: false })
    }

    pub(super) fn begin(&self, dataset: &'static Dataset, extent: Extent) {
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

    /// Lists what belongs to each selected parent: to the first of them, to those that `coming`
    /// brings as they come, then to all others. Under a narrowed sight only to those that their listing shows.
    async fn over_each(
        &self,
        dataset: &'static Dataset,
        selector: Selector,
        coming: Option<&'static str>,
    ) -> Result<Reached, Problem> {
        let mut fan_out = FanOut::start(self, dataset, selector).await?;
        let narrowed = self.narrowed(dataset);
        if let Some(first) = dataset.first.as_ref().filter(|_| narrowed.is_none()) {
            self.ended_all(first.after, Tier::Core).await;
            fan_out.announce(false).await?;
            fan_out.over(Parents::stored(first.selector)).await?;
        }
        if let Some(listed) = narrowed.or(coming) {
            fan_out.announce(false).await?;
            if narrowed.is_some() {
                self.ended_all(&[listed], Tier::OnDemand).await;
                fan_out.over_owner().await?;
            }
            fan_out.over(Parents::coming(self, listed, selector)).await?;
            self.ended_all(&[listed], Tier::OnDemand).await;
        }
        let bases = self.bases(dataset, None);
        if let Some(reached) = unreadable_base(dataset, &bases) {
            return Ok(Reached { assumed: self.roles.assumed(dataset), ..reached });
        }
        let all = fan_out.announce(true).await?;
        if narrowed.is_none() {
            fan_out.over(Parents::stored(selector)).await?;
        }
        if let Some((state, reason)) = fan_out.refused() {
            return Ok(self.refused(dataset, *state, reason.clone()));
        }
        let mut reached = self.seen_whole(dataset);
        let narrowed = |state| state == CoverageState::PartialByRight;
        // What this owner may not see is not gone: under a narrowed sight a listing proves no absence.
        reached.whole &= !bases.iter().any(|b| narrowed(b.state));
        // From the database: an earlier process of this run may have given some up.
        let failed = async |word| self.store.failed_parents(self.run, dataset.name, word).await;
        if let Some((n, first)) = failed("").await? {
            let denied = failed(CoverageState::NotPermitted.as_str()).await?;
            // Nothing but the owner's rights stands between it and the whole.
            let by_right = denied.is_some_and(|(denied, _)| denied == n);
            reached.state = if by_right { CoverageState::PartialByRight } else { CoverageState::Partial };
            let first = first.split_once(' ').map_or(first.as_str(), |(_, first)| first);
            reached.reason =
                format!("{n} of {all} could not be read and keep what was known. The first: {first}");
        } else if let Some(base) = bases.iter().find(|b| b.state != CoverageState::Complete) {
            // What is listed over a partial set is partial too, for the same reason.
            (reached.state, reached.reason) = (base.state, inherited(base));
        }
        Ok(reached)
    }

    /// The org's listing of the parents of `dataset`, where the owner's rights narrow what it shows. Whom it leaves out is
    /// not asked for: what is below them the owner may not see either, and it would cost a refusal each.
    fn narrowed(&self, dataset: &Dataset) -> Option<&'static str> {
        let listed = self.lists_parents_of(dataset)?;
        let sight = self.roles.sight(crate::entity::dataset(listed)?).0;
        (sight == CoverageState::PartialByRight).then_some(listed)
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
        let (state, reason) = state_of_error(dataset, error, &self.roles);
        Ok(self.refused(dataset, state, reason))
    }

    fn refused(&self, dataset: &Dataset, state: CoverageState, reason: String) -> Reached {
        Reached { state, reason, assumed: self.roles.assumed(dataset), listed: false, whole: false }
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
    if matches!(dataset.over, Over::Org) {
        return None;
    }
    let base = bases.iter().find(|b| crate::connection::unreadable(b.state))?;
    let (state, reason) = (base.state, inherited(base));
    Some(Reached { state, reason, assumed: Vec::new(), listed: false, whole: false })
}

pub(super) fn inherited(base: &Coverage) -> String {
    let title = crate::entity::dataset(&base.dataset).map_or(base.dataset.as_str(), |d| d.title);
    crate::connection::inherited(title, base.state, &base.reason)
}

/// Errors after which no call of this run can succeed.
pub(crate) fn stops_all(error: &Error) -> bool {
    use TransportKind::{Connect, Proxy, Tls};
    match error {
        Error::TokenRejected(_) | Error::AddressRefused { .. } | Error::NotOkta { .. } => true,
        Error::ClientRejected(_) | Error::ScopesRefused(_) | Error::ProofRefused(_) => true,
        // Okta is out of reach altogether: better to stop here and go on later than to finish with holes.
        Error::Transport { kind, .. } => matches!(kind, Connect | Tls | Proxy),
        _ => false,
    }
}
