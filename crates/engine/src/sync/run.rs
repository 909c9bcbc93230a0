//! A run: all data sets side by side, each waiting only for those it is listed over.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use okta_client::{Client, Error, View};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use transom_core::{ConnectionState, Coverage, Millis, OrgId};
use transom_store::{Lease, Org, Run, RunId, Store};

use super::event::{Event, Watch};
use super::listing::Lister;
use super::stubs;
use super::summary::{Summary, summarise};
use super::writer::Writer;
use crate::connection::OwnerRoles;
use crate::dataset::Dataset;
use crate::entity::datasets;
use crate::{Class, Engine, Problem};

/// An unfinished run that is older is begun anew, in milliseconds: a day.
const RESUMABLE: Millis = 24 * 60 * 60 * 1000;

/// How often a running sync looks whether the connection was paused.
const LOOK: Duration = Duration::from_secs(1);

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
    /// The connection's settings, with what was opted in to.
    pub(super) settings: Arc<Value>,
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
        let mut outcome = tokio::select! {
            outcome = self.run_now(org.id, &lease, &watch) => outcome,
            paused = self.paused(org.id) => Err(paused),
        };
        let state = match &outcome {
            Ok(summary) => Some((summary.state, summary.state_reason.clone())),
            Err(problem) if stays(problem) => Some((ConnectionState::Failed, problem.to_string())),
            Err(_) => None,
        };
        if let Some((state, reason)) = state
            && let Err(error) = self.conclude(org.id, state, &reason).await
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
        crate::connection::check_sight(client, &roles, &me).await?;
        let (run, resumed) = match self.store.open_run(org.id).await? {
            Some(run) if can_go_on(&run, owner, started) => (run, true),
            _ => (self.store.start_run(lease, "full", json!({ "owner": owner })).await?, false),
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
            settings: Arc::new(org.settings.clone()),
            before: Arc::new(by_name(self.store.coverage(org.id).await?)),
        };
        let finished = running.datasets(&run).await?;
        let stubs = stubs::fill(&running, &finished).await?;
        drop(running);
        let written = writing.await.unwrap_or_default();
        let summary = summarise(self, org.id, &run, client, written, finished, stubs, started).await?;
        let json = serde_json::to_value(&summary).unwrap_or_default();
        self.store.finish_run(lease, run.id, "finished", json).await?;
        Ok(summary)
    }
}

/// Whether an unfinished run is worth going on with. What it has read already is not read again, so it must not be old,
/// and it must be of the same owner: another one sees other things, and what it does not see would pass for removed.
fn can_go_on(run: &Run, owner: &str, now: Millis) -> bool {
    now - run.started < RESUMABLE && run.plan.get("owner").and_then(Value::as_str) == Some(owner)
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
