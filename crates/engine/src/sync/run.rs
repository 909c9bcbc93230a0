//! A run: all readings of its plan side by side, each waiting only for those it is listed over.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use okta_client::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use transom_core::{ConnectionState, Coverage, CoverageState, EntityId, Millis, OrgId};
use transom_store::{Lease, Org, Run, RunId, Store, Target};

use super::event::{Event, Watch};
use super::listing::Lister;
use super::plan::{self, Asking, Buckets, Known, Options, Plan, Reading};
use super::stubs;
use super::summary::{Ended, Summary, summarise};
use super::writer::Writer;
use crate::connection::{OwnerRoles, Rights, Subject};
use crate::dataset::{Dataset, Over, Tier};
use crate::entity::datasets;
use crate::{Class, Engine, Problem};

/// An unfinished run that is older is begun anew, in milliseconds: a day.
const RESUMABLE: Millis = 24 * 60 * 60 * 1000;

/// How often a running sync looks whether the connection was paused.
const LOOK: Duration = Duration::from_secs(1);

/// Coverage by data set, or by what a run has read.
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
    /// Whom the calls are made as.
    pub(super) subject: Arc<Subject>,
    pub(super) roles: Arc<OwnerRoles>,
    /// The connection's settings, with what was opted in to.
    pub(super) settings: Arc<Value>,
    /// Coverage as the previous run left it: whether a sweep was refused then, and what this run does not read.
    pub(super) before: Arc<Finished>,
    /// What this run reads, in reading order.
    pub(super) readings: Arc<[Reading]>,
    pub(super) tally: Arc<Tally>,
    /// What this process asked for by id and did not find.
    pub(super) absent: Arc<Mutex<HashSet<EntityId>>>,
    /// Readings that have ended, by the name of the declaration they are read by.
    ended: watch::Receiver<Finished>,
}

/// Calls by reading, as far as their pages show them: for the next plan.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<HashMap<&'static str, i64>>);

impl Tally {
    fn page(&self, reading: &'static str) {
        self.add(reading, 1);
    }

    /// A parent that is done without a call will be told as a page all the same.
    pub(super) fn idle(&self, reading: &'static str) {
        self.add(reading, -1);
    }

    fn add(&self, reading: &'static str, n: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(reading).or_default() += n;
    }

    fn of(&self, reading: &str) -> Option<u64> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(reading).copied();
        calls.and_then(|n| u64::try_from(n).ok())
    }
}

impl Engine {
    /// Reads the org into the store: what is read with every sync, and the deep tier where it is due. Goes on with an
    /// unfinished run where there is one.
    ///
    /// # Errors
    /// What stopped the run; what was stored stays, and the next call goes on from there.
    pub async fn sync(&self, org: &Org, watch: Watch) -> Result<Summary, Problem> {
        self.sync_with(org, &Options::default(), watch).await
    }

    /// The same, reading what `options` say. An unfinished run goes on with its own plan, whatever they say.
    ///
    /// # Errors
    /// As [`Self::sync`]; and [`Class::Name`] where the options name what is not there.
    pub async fn sync_with(&self, org: &Org, options: &Options, watch: Watch) -> Result<Summary, Problem> {
        options.wanted(&[], 0)?;
        not_paused(org)?;
        let note = Arc::clone(&watch);
        let lease = self.lease(org.id, &move |text| note(Event::Note(text))).await?;
        let alive = self.heartbeat(&lease);
        let mut outcome = tokio::select! {
            outcome = self.run_now(org.id, options, &lease, &watch) => outcome,
            paused = self.paused(org.id) => Err(paused),
        };
        let concluded = match &outcome {
            Err(problem) if stays(problem) => self.conclude_failed(org.id, problem).await,
            _ => Ok(()),
        };
        if let Err(error) = concluded
            && outcome.is_ok()
        {
            outcome = Err(error);
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

    /// Returns when somebody pauses the connection: the run stops there, and goes on when it is resumed.
    async fn paused(&self, org: OrgId) -> Problem {
        loop {
            tokio::time::sleep(LOOK).await;
            // A database that can't be read shows at the run's own next step.
            if let Ok(org) = self.store.org(org).await
                && let Err(problem) = not_paused(&org)
            {
                return problem;
            }
        }
    }

    /// Looks at the connection as it is now, with the lease in hand: while this waited for it, the connection may have
    /// been paused, disconnected, or given another token.
    async fn run_now(
        &self,
        org: OrgId,
        options: &Options,
        lease: &Lease,
        watch: &Watch,
    ) -> Result<Summary, Problem> {
        let org = self.store.org(org).await?;
        not_paused(&org)?;
        let client = self.client_of(&org).await?;
        let subject = Arc::new(Subject::of(&client).await?);
        let roles = crate::connection::read_roles(&client, &subject).await?;
        crate::connection::check_sight(&client, &roles, &subject).await?;
        let summary = self.run(&org, &client, (&subject, &roles), options, lease, watch).await?;
        // What was read is read, whatever becomes of the audit; it is made again with the next sync.
        if let Err(problem) = self.audit_after_sync(&org, &client, &subject, roles).await {
            watch(Event::Note(format!("The credential was not audited: {problem}")));
        }
        Ok(summary)
    }

    /// What a sync with these options would do, and what it is expected to cost. Calls Okta only where nothing has been
    /// read yet, a few times, for the number of groups and apps.
    ///
    /// # Errors
    /// [`Class::Name`] where the options name what is not there, and the database's problems.
    pub async fn forecast(&self, org: &Org, options: &Options) -> Result<Plan, Problem> {
        options.wanted(&[], 0)?;
        let known = self.store.coverage(org.id).await?;
        if known.iter().any(|c| c.objects > 0) || !options.ask {
            return Ok(self.plan(org, &known, options, Asking::Nobody).await?.0);
        }
        not_paused(org)?;
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        let planned = match self.client_of(org).await {
            Ok(client) => self.plan(org, &known, options, Asking::Okta(&client)).await,
            Err(problem) => Err(problem),
        };
        drop(alive);
        self.store.release(lease).await?;
        Ok(planned?.0)
    }

    /// Whether the next sync goes on with an unfinished run, as far as its age tells.
    ///
    /// # Errors
    /// The database's.
    pub async fn unfinished(&self, org: &Org) -> Result<bool, Problem> {
        let now = self.store.clock().now();
        Ok(self.store.open_run(org.id).await?.is_some_and(|run| now - run.started < RESUMABLE))
    }

    async fn plan(
        &self,
        org: &Org,
        coverage: &[Coverage],
        options: &Options,
        asking: Asking<'_>,
    ) -> Result<(Plan, Known), Problem> {
        let wanted = options.wanted(coverage, self.store.clock().now())?;
        let (counts, known) = plan::counts(&self.store, org, coverage, asking).await?;
        let buckets = Buckets::new(known.limits.clone(), &crate::connection::governor(org));
        Ok((plan::plan(&wanted, &counts, &buckets, options.strategy), known))
    }

    async fn run(
        &self,
        org: &Org,
        client: &Client,
        (subject, roles): (&Arc<Subject>, &OwnerRoles),
        options: &Options,
        lease: &Lease,
        watch: &Watch,
    ) -> Result<Summary, Problem> {
        let started = self.store.clock().now();
        let whose = Whose { owner: subject.id().to_string(), rights: roles.rights() };
        // What a run that was cut off had stored and not placed yet.
        self.store.place(lease).await?;
        let before = self.store.coverage(org.id).await?;
        let open = self.store.open_run(org.id).await?.filter(|run| can_go_on(run, &whose, started));
        let stored = open.as_ref().and_then(|run| Plan::deserialize(run.plan.get("plan")?).ok());
        let (run, plan, readings, resumed) =
            match (open, stored.and_then(|plan| Some((plan.readings()?, plan)))) {
                (Some(run), Some((readings, plan))) => (run, plan, readings, true),
                _ => {
                    let asking = if options.ask { Asking::Okta(client) } else { Asking::Nobody };
                    let (plan, _) = self.plan(org, &before, options, asking).await?;
                    let stored = json!({ "whose": whose, "plan": plan });
                    let readings = plan.readings().unwrap_or_default();
                    (self.store.start_run(lease, "full", stored).await?, plan, readings, false)
                }
            };
        watch(Event::Started { resumed });
        let (writer, writing) = Writer::start(&self.store, lease, run.id);
        let (ended, receiver) = watch::channel(Finished::new());
        let tally = Arc::new(Tally::default());
        let running = Running {
            store: self.store.clone(),
            lease: lease.clone(),
            org: org.id,
            org_okta_id: org.okta_id.as_deref().unwrap_or_default().into(),
            run: run.id,
            lister: Lister { client: client.clone(), writer, watch: counting(&tally, watch) },
            subject: Arc::clone(subject),
            roles: Arc::new(roles.clone()),
            settings: Arc::new(org.settings.clone()),
            before: Arc::new(by_name(before)),
            readings: readings.into(),
            tally: Arc::clone(&tally),
            absent: Arc::default(),
            ended: receiver,
        };
        let coverage = running.all(&run, ended).await?;
        let stubs = stubs::fill(&running, &coverage).await?;
        let mut known = plan::known(&self.store, org).await?;
        if !resumed {
            known.calls.extend(running.calls(&coverage));
        }
        known.short.extend(running.short(&coverage).await?);
        drop(running);
        let written = writing.await.unwrap_or_default();
        let ended = Ended { plan: &plan, resumed, known, written, coverage, stubs, started };
        let summary = summarise(self, org.id, &run, client, ended).await?;
        let json = serde_json::to_value(&summary).unwrap_or_default();
        // While the run is open: who is killed after its end must not leave a state that the coverage belies.
        self.conclude(org.id, summary.state, &summary.state_reason).await?;
        self.store.finish_run(lease, run.id, "finished", json).await?;
        Ok(summary)
    }
}

/// A watch that counts pages, too.
fn counting(tally: &Arc<Tally>, watch: &Watch) -> Watch {
    let (tally, watch) = (Arc::clone(tally), Arc::clone(watch));
    Arc::new(move |event| {
        if let Event::Page { name, .. } = &event {
            tally.page(name);
        }
        watch(event);
    })
}

/// Whose eyes a run reads with.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Whose {
    /// The Okta id of the credential's owner; empty where Okta does not tell.
    owner: String,
    rights: Rights,
}

/// Whether an unfinished run is worth going on with. What it has read already is not read again, so it must not be old,
/// and it must be of the same owner with the same rights: another one sees other things, and what it does not see would
/// pass for removed, or what the first one did not see for not being there.
fn can_go_on(run: &Run, whose: &Whose, now: Millis) -> bool {
    let began = run.plan.get("whose").and_then(|began| Whose::deserialize(began).ok());
    now - run.started < RESUMABLE && began.as_ref() == Some(whose)
}

pub(super) fn not_paused(org: &Org) -> Result<(), Problem> {
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
pub(super) fn stays(problem: &Problem) -> bool {
    matches!(problem.class, Class::TokenRejected | Class::NoRoles | Class::NotOkta | Class::AddressRefused)
}

fn by_name(rows: Vec<Coverage>) -> Finished {
    rows.into_iter().map(|c| (c.dataset.clone(), c)).collect()
}

impl Running {
    /// Makes every reading that is not finished yet; the first of our own problems stops them all. Returns what is known
    /// of every data set afterwards, of those that this run does not read too.
    async fn all(&self, run: &Run, ended: watch::Sender<Finished>) -> Result<Vec<Coverage>, Problem> {
        let already: HashSet<String> = self.store.finished_datasets(run.id).await?.into_iter().collect();
        let mut known = (*self.before).clone();
        let mut tasks = JoinSet::new();
        for reading in self.readings.iter().copied() {
            let coverage =
                self.before.get(reading.dataset.name).filter(|_| already.contains(reading.by.name));
            match coverage.cloned() {
                Some(coverage) => {
                    ended.send_modify(|f| drop(f.insert(reading.by.name.to_string(), coverage)))
                }
                None => drop(tasks.spawn(self.clone().when_ready(reading))),
            }
        }
        while let Some(task) = tasks.join_next().await {
            let (reading, coverage) = task.map_err(fell)??;
            known.insert(coverage.dataset.clone(), coverage.clone());
            ended.send_modify(|f| drop(f.insert(reading.by.name.to_string(), coverage)));
        }
        Ok(datasets().filter_map(|d| known.remove(d.name)).collect())
    }

    /// Makes a reading as soon as what it is listed over is read, and what goes before it has ended. The listing of
    /// its own parents it does not wait for, but follows.
    async fn when_ready(self, reading: Reading) -> Result<(Reading, Coverage), Problem> {
        let earlier: Vec<&str> =
            self.readings.iter().filter(|r| reading.yields_to(r)).map(|r| r.by.name).collect();
        self.ended_all(&earlier, Tier::OnDemand).await;
        let parents = self.lists_parents_of(reading.by);
        let others: Vec<&str> =
            reading.by.after.iter().copied().filter(|name| Some(*name) != parents).collect();
        self.ended_all(&others, reading.tier).await;
        self.ended_all(reading.by.awaits, reading.tier).await;
        let coming = parents.filter(|name| !self.ended.borrow().contains_key(*name));
        let coverage = self.read(reading, coming).await?;
        Ok((reading, coverage))
    }

    /// The data set of this run that lists the parents of `by` for the whole org.
    pub(super) fn lists_parents_of(&self, by: &Dataset) -> Option<&'static str> {
        let Over::Each(selector) = by.over else { return None };
        let lists = |r: &&Reading| {
            by.after.contains(&r.by.name)
                && matches!(r.by.over, Over::Org)
                && matches!(r.by.target, Target::Children(kind) if kind == selector.kind())
        };
        self.readings.iter().find(lists).map(|r| r.by.name)
    }

    /// What is known of the data sets that `by` is listed over, of all but the one that is still `coming`.
    pub(super) fn bases(&self, by: &Dataset, coming: Option<&str>) -> Vec<Coverage> {
        let ended = self.ended.borrow();
        let base = |name: &&str| {
            let read = ended.values().find(|c| c.dataset == **name).or_else(|| self.before.get(*name));
            read.cloned().unwrap_or_else(|| never(name))
        };
        by.after.iter().filter(|name| Some(**name) != coming).map(base).collect()
    }

    /// Waits until this run's readings of these data sets have ended, those of a tier up to `tier`, whatever came of
    /// them. A data set that the run does not read is not waited for.
    pub(super) async fn ended_all(&self, names: &[&str], tier: Tier) {
        let named =
            |r: &&Reading| r.tier <= tier && (names.contains(&r.dataset.name) || names.contains(&r.by.name));
        let awaited: Vec<&str> = self.readings.iter().filter(named).map(|r| r.by.name).collect();
        let all = |ended: &Finished| awaited.iter().all(|name| ended.contains_key(*name));
        // The sender lives as long as the run.
        drop(self.ended.clone().wait_for(all).await);
    }

    /// The ways, other than the usual one, by which this run could not read everything; and when that was.
    async fn short(&self, coverage: &[Coverage]) -> Result<Vec<(String, Millis)>, Problem> {
        let mut short = Vec::new();
        let other = |r: &&Reading| !std::ptr::eq(r.by, r.dataset);
        for reading in self.readings.iter().filter(other) {
            let partial = CoverageState::Partial;
            let of = coverage.iter().find(|c| c.dataset == reading.dataset.name && c.state == partial);
            let failed = self.store.failed_parents(self.run, reading.by.name, partial.as_str()).await?;
            short.extend(of.and(failed).map(|_| (plan::key(reading.by), self.store.clock().now())));
        }
        Ok(short)
    }

    /// The calls that each whole reading of this run took.
    fn calls(&self, coverage: &[Coverage]) -> BTreeMap<String, u64> {
        let listed = |r: &&Reading| {
            let state = coverage.iter().find(|c| c.dataset == r.dataset.name).map(|c| c.state);
            !matches!(state, None | Some(CoverageState::NotPermitted | CoverageState::NotLicensed))
        };
        let calls = |r: &Reading| Some((plan::key(r.by), self.tally.of(r.by.name)?));
        self.readings.iter().filter(listed).filter_map(calls).collect()
    }
}

/// What is known of a data set that no run has read.
pub(super) fn never(name: &str) -> Coverage {
    Coverage {
        dataset: name.to_string(),
        state: CoverageState::NeverCollected,
        reason: "No sync has read it yet.".to_string(),
        assumed: Vec::new(),
        objects: 0,
        at: None,
        sweep_refused: false,
    }
}

/// A task that panicked or was cancelled from outside.
pub(super) fn fell(error: JoinError) -> Problem {
    Problem::new(
        Class::Internal,
        "A task of the sync failed.",
        error.to_string(),
        "Report this; run it again.",
    )
}
