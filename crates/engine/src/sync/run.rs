//! A run: all data sets side by side, each waiting only for those it is listed over.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use okta_client::{Client, Error, TransportKind, View};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use transom_core::{ConnectionState, Coverage, CoverageState, EntityId, OrgId};
use transom_store::{Lease, Org, Parent, Run, RunId, Selector, Store};

use super::event::{Event, Extent, Watch};
use super::listing::{Lister, Stop};
use super::summary::{Summary, summarise};
use super::writer::Writer;
use super::{stubs, sweep};
use crate::connection::{OwnerRoles, state_of_error};
use crate::dataset::{Dataset, Over, Scope};
use crate::entity::datasets;
use crate::{Class, Engine, Problem};

/// Parents listed side by side in one data set. The client's governor decides what really flies.
const SIDE_BY_SIDE: usize = 32;
/// Parents read from the database at a time.
const PARENTS: u32 = 500;
/// After so many parents in a row that are not permitted, with none that is, the data set is not permitted.
const REFUSALS: u64 = 5;

/// Data sets that are finished, by name, with their coverage.
type Finished = HashMap<String, Coverage>;

/// What all tasks of a run share.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) store: Store,
    pub(super) lease: Lease,
    pub(super) org: OrgId,
    pub(super) org_okta_id: Arc<str>,
    pub(super) run: RunId,
    pub(super) lister: Lister,
    pub(super) roles: Arc<OwnerRoles>,
    /// Coverage as the previous run left it: whether a sweep was refused then.
    pub(super) before: Arc<Finished>,
}

impl Engine {
    /// Reads the whole org into the store. Goes on with an unfinished run where there is one.
    ///
    /// # Errors
    /// What stopped the run; what was stored stays, and the next call goes on from there.
    pub async fn sync(&self, org: &Org, watch: Watch) -> Result<Summary, Problem> {
        not_paused(org)?;
        let note = Arc::clone(&watch);
        let lease = self.lease(org.id, &move |text| note(Event::Note(text))).await?;
        let alive = self.heartbeat(&lease);
        let mut outcome = self.run_now(org.id, &lease, &watch).await;
        let state = match &outcome {
            Ok(summary) => Some((summary.state, summary.state_reason.clone())),
            Err(problem) if stays(problem) => Some((ConnectionState::Failed, problem.to_string())),
            Err(_) => None,
        };
        if let Some((state, reason)) = state
            // Whoever paused the connection meanwhile wants it to stay so.
            && self.store.org(org.id).await?.state != ConnectionState::Paused
        {
            self.store.set_state(org.id, state, &reason).await?;
        }
        if let Err(problem) = &mut outcome
            && let Ok(Some(_)) = self.store.open_run(org.id).await
        {
            let again = format!("What was read is kept: transom sync '{}' goes on from there.", org.label);
            problem.todo = format!("{} {again}", problem.todo).trim().to_string();
        }
        drop(alive);
        // The outcome is what matters; a lease that is lost or can't be released runs out by itself.
        if let Err(error) = self.store.release(lease).await {
            tracing::debug!(%error, "the lease was not released");
        }
        outcome
    }

    /// Looks at the connection as it is now, with the lease in hand: while this waited for it, the connection may have
    /// been paused, disconnected, or given another token.
    async fn run_now(&self, org: OrgId, lease: &Lease, watch: &Watch) -> Result<Summary, Problem> {
        let org = self.store.org(org).await?;
        not_paused(&org)?;
        self.run(&org, &self.client_of(&org).await?, lease, watch).await
    }

    async fn run(
        &self,
        org: &Org,
        client: &Client,
        lease: &Lease,
        watch: &Watch,
    ) -> Result<Summary, Problem> {
        let started = self.store.clock().now();
        let me = client.get_one(okta_client::api::user::me()).await;
        let me = match me {
            Ok(me) => me.into_raw(),
            Err(Error::MissingPermission(_) | Error::NotFound(_)) => Value::Null,
            Err(error) => return Err(error.into()),
        };
        let owner = me.pointer("/id").and_then(Value::as_str).unwrap_or_default();
        let roles = crate::connection::read_roles(client, owner).await?;
        let (run, resumed) = match self.store.open_run(org.id).await? {
            Some(run) => (run, true),
            None => (self.store.start_run(lease, "full", json!({})).await?, false),
        };
        watch(Event::Started { resumed });
        let (writer, writing) = Writer::start(self.store.recorder(lease, run.id));
        let running = Running {
            store: self.store.clone(),
            lease: lease.clone(),
            org: org.id,
            org_okta_id: org.okta_id.as_deref().unwrap_or_default().into(),
            run: run.id,
            lister: Lister { client: client.clone(), writer, watch: Arc::clone(watch) },
            roles: Arc::new(roles),
            before: Arc::new(by_name(self.store.coverage(org.id).await?)),
        };
        let finished = running.datasets(&run).await?;
        let stubs = stubs::fill(&running).await?;
        drop(running);
        let written = writing.await.unwrap_or_default();
        let summary = summarise(self, org.id, &run, client, written, finished, stubs, started).await?;
        let json = serde_json::to_value(&summary).unwrap_or_default();
        self.store.finish_run(lease, run.id, "finished", json).await?;
        Ok(summary)
    }
}

fn not_paused(org: &Org) -> Result<(), Problem> {
    if org.state != ConnectionState::Paused {
        return Ok(());
    }
    Err(Problem::new(
        Class::State,
        format!("{} is paused.", org.label),
        "A paused connection does not call Okta.",
        format!("Resume it: transom org resume '{}'", org.label),
    ))
}

/// Problems that make the connection *Failed*: trying again changes nothing until a person acts.
fn stays(problem: &Problem) -> bool {
    matches!(problem.class, Class::TokenRejected | Class::NoRoles | Class::NotOkta | Class::AddressRefused)
}

fn by_name(rows: Vec<Coverage>) -> Finished {
    rows.into_iter().map(|c| (c.dataset.clone(), c)).collect()
}

impl Running {
    /// Runs every data set that is not finished yet; the first of our own problems stops them all.
    async fn datasets(&self, run: &Run) -> Result<Vec<Coverage>, Problem> {
        let already: HashSet<String> = self.store.finished_datasets(run.id).await?.into_iter().collect();
        let known: Finished = self
            .before
            .iter()
            .filter(|(name, _)| already.contains(*name))
            .map(|(n, c)| (n.clone(), c.clone()))
            .collect();
        let (sender, receiver) = watch::channel(known);
        let mut tasks = JoinSet::new();
        for dataset in datasets().filter(|d| !already.contains(d.name)) {
            tasks.spawn(self.clone().when_ready(dataset, receiver.clone()));
        }
        while let Some(task) = tasks.join_next().await {
            let coverage = task.map_err(fell)??;
            if let Some(coverage) = coverage {
                sender.send_modify(|f| {
                    f.insert(coverage.dataset.clone(), coverage);
                });
            }
        }
        let done = sender.borrow();
        Ok(datasets().filter_map(|d| done.get(d.name).cloned()).collect())
    }

    /// Runs a data set as soon as those it is listed over are finished; `None` where the run ends before that.
    async fn when_ready(
        self,
        dataset: &'static Dataset,
        mut finished: watch::Receiver<Finished>,
    ) -> Result<Option<Coverage>, Problem> {
        loop {
            let bases: Option<Vec<Coverage>> = {
                let known = finished.borrow_and_update();
                dataset.after.iter().map(|name| known.get(*name).cloned()).collect()
            };
            if let Some(bases) = bases {
                return self.dataset(dataset, &bases).await.map(Some);
            }
            if finished.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    /// One data set from its first call to its coverage.
    async fn dataset(&self, dataset: &'static Dataset, bases: &[Coverage]) -> Result<Coverage, Problem> {
        let reached = match unreadable_base(dataset, bases) {
            Some(reached) => reached,
            None => match dataset.over {
                Over::Org => self.over_org(dataset).await?,
                Over::Each(selector) => self.over_each(dataset, selector, bases).await?,
            },
        };
        let mut coverage = Coverage {
            dataset: dataset.name.to_string(),
            state: reached.state,
            reason: reached.reason,
            assumed: reached.assumed,
            objects: 0,
            at: Some(self.store.clock().now()),
            sweep_refused: false,
        };
        if reached.listed {
            sweep::after_listing(self, dataset, &mut coverage).await?;
        } else if let Some(before) = self.before.get(dataset.name) {
            // Nothing was read this time: what is held is as old as the last reading.
            coverage.at = before.at;
        }
        let parents = match dataset.over {
            Over::Each(Selector::Kind { kind, .. } | Selector::SourceOf { kind, .. }) => Some(kind),
            Over::Org => None,
        };
        coverage.objects = self.store.held(self.org, dataset.target, parents).await?;
        self.store.finish_dataset(&self.lease, self.run, &coverage).await?;
        (self.lister.watch)(Event::Finished { name: dataset.name, coverage: coverage.clone() });
        Ok(coverage)
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
        let mut parents = Parents { after: EntityId::ROOT, batch: VecDeque::new() };
        let mut listing = JoinSet::new();
        let (mut read, mut refused, mut failed) = (counts.1, 0_u64, Vec::<String>::new());
        loop {
            while listing.len() < SIDE_BY_SIDE
                && let Some(parent) = parents.next(self, dataset, &selector).await?
            {
                let running = self.clone();
                listing.spawn(async move {
                    let outcome = running.one_parent(dataset, &parent).await;
                    (parent, outcome)
                });
            }
            let Some(ended) = listing.join_next().await else { break };
            let (parent, outcome) = ended.map_err(fell)?;
            match outcome? {
                Ok(()) => read += 1,
                Err(error) => {
                    let fatal = matches!(error, Error::MissingPermission(_) | Error::NotLicensed(_));
                    refused += u64::from(fatal);
                    if fatal && read == 0 && refused >= REFUSALS.min(counts.0) {
                        return self.ended(dataset, &error);
                    }
                    self.store
                        .skip_parent(&self.lease, self.run, dataset.name, parent.id, &error.to_string())
                        .await?;
                    failed.push(format!("{}: {error}", parent.okta_id));
                }
            }
        }
        let mut reached = self.seen_whole(dataset);
        if let Some(first) = failed.first() {
            reached.state = CoverageState::Partial;
            let (n, all) = (failed.len(), counts.0);
            reached.reason =
                format!("{n} of {all} could not be read and keep what was known. The first: {first}.");
        } else if let Some(base) = bases.iter().find(|b| b.state != CoverageState::Complete) {
            // What is listed over a partial set is partial too, for the same reason.
            (reached.state, reached.reason) = (base.state, inherited(base));
        }
        Ok(reached)
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
            above: parent.parent.as_ref().map(|(_, okta_id)| okta_id.as_str()),
            ..Scope::of_org(&self.org_okta_id)
        };
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
        Reached { state, reason, assumed, listed: true }
    }

    /// A listing that Okta ended: a state of the data set, or the end of the run.
    fn ended(&self, dataset: &Dataset, error: &Error) -> Result<Reached, Problem> {
        if stops_all(error) {
            return Err(crate::from_okta(error));
        }
        let (state, reason) = state_of_error(dataset, error);
        Ok(Reached { state, reason, assumed: Vec::new(), listed: false })
    }
}

/// A task that panicked or was cancelled from outside.
fn fell(error: JoinError) -> Problem {
    Problem::new(
        Class::Internal,
        "A task of the sync failed.",
        error.to_string(),
        "Report this; run it again.",
    )
}

/// The parents still to be listed, read from the database a batch at a time: memory does not grow with the org.
struct Parents {
    after: EntityId,
    batch: VecDeque<Parent>,
}

impl Parents {
    async fn next(
        &mut self,
        running: &Running,
        dataset: &Dataset,
        selector: &Selector,
    ) -> Result<Option<Parent>, Problem> {
        if self.batch.is_empty() {
            let (run, org, store) = (running.run, running.org, &running.store);
            self.batch = store.parents(run, org, dataset.name, selector, self.after, PARENTS).await?.into();
            self.after = self.batch.back().map_or(self.after, |last| last.id);
        }
        Ok(self.batch.pop_front())
    }
}

/// What a data set's listing came to.
struct Reached {
    state: CoverageState,
    reason: String,
    assumed: Vec<String>,
    /// Whether listings ran to their end, so that sweeping can be thought of.
    listed: bool,
}

/// A data set listed over one that can't be read is as unreadable as that one.
fn unreadable_base(dataset: &Dataset, bases: &[Coverage]) -> Option<Reached> {
    use CoverageState::{NeverCollected, NotLicensed, NotPermitted};
    if matches!(dataset.over, Over::Org) {
        return None;
    }
    let base = bases.iter().find(|b| matches!(b.state, NotPermitted | NotLicensed | NeverCollected))?;
    Some(Reached { state: base.state, reason: inherited(base), assumed: Vec::new(), listed: false })
}

fn inherited(base: &Coverage) -> String {
    let title = crate::entity::dataset(&base.dataset).map_or(base.dataset.as_str(), |d| d.title);
    crate::connection::inherited(title, base.state, &base.reason)
}

/// Errors after which no call of this run can succeed.
fn stops_all(error: &Error) -> bool {
    use TransportKind::{Connect, Proxy, Tls};
    match error {
        Error::TokenRejected(_) | Error::AddressRefused { .. } | Error::NotOkta { .. } => true,
        // Okta is out of reach altogether: better to stop here and go on later than to finish with holes.
        Error::Transport { kind, .. } => matches!(kind, Connect | Tls | Proxy),
        _ => false,
    }
}
