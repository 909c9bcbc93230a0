//! What a finished run tells: what was found, what it cost, what is not known.

use okta_client::Client;
use serde::Serialize;
use serde_json::Value;
use transom_core::{ConnectionState, Coverage, CoverageState, Millis, OrgId};
use transom_store::Run;

use super::plan::{Known, Plan};
use super::run::never;
use super::stubs::Stubs;
use super::writer::Written;
use crate::connection::kept;
use crate::dataset::{Dataset, Tier};
use crate::entity::{dataset, datasets};
use crate::{Engine, Problem};

/// A finished run.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The state of the connection after it.
    pub state: ConnectionState,
    /// Why it is limited, where it is.
    pub state_reason: String,
    /// Milliseconds this process worked on the run.
    pub millis: Millis,
    /// Objects held, by kind.
    pub objects: Vec<(String, u64)>,
    /// Edges held, by relation.
    pub edges: Vec<(String, u64)>,
    /// What this process wrote.
    pub written: Changes,
    /// Calls and limits, by rate bucket.
    pub buckets: Vec<BucketUse>,
    /// The most calls in flight at one moment.
    pub peak_in_flight: u64,
    /// Answers of 429 for too many calls at once.
    pub concurrency_429: u64,
    /// Records set aside because they could not be read as what they should be.
    pub quarantined: u64,
    /// Ends of edges that no listing showed.
    pub stubs: Vec<Stubs>,
    /// Every data set.
    pub datasets: Vec<DatasetSummary>,
    /// How fresh each tier is.
    pub tiers: Vec<TierSummary>,
    /// What the plan expected; `None` where an earlier process has made some of the calls.
    pub forecast: Option<Expected>,
    /// What the next plan reckons with.
    pub known: Known,
}

/// What a plan expected of its run.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Expected {
    /// Calls.
    pub calls: u64,
    /// Milliseconds.
    pub millis: Millis,
}

/// How fresh a tier is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierSummary {
    /// The tier.
    pub tier: Tier,
    /// When it is read, for people.
    pub when: &'static str,
    /// Its data sets.
    pub datasets: usize,
    /// Those of them in each state; states that none is in are left out.
    pub states: Vec<(CoverageState, usize)>,
    /// When the one that was read longest ago was read; `None` where none was.
    pub oldest: Option<Millis>,
    /// When the last one was read.
    pub newest: Option<Millis>,
}

/// What a run changed in the store.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Changes {
    /// Pages stored.
    pub pages: u64,
    /// Transactions they took.
    pub transactions: u64,
    /// Objects seen for the first time.
    pub new: u64,
    /// Objects whose document changed.
    pub changed: u64,
    /// Objects as they were: no write.
    pub unchanged: u64,
    /// Edges seen for the first time.
    pub edges_new: u64,
    /// Edges whose number or document changed.
    pub edges_changed: u64,
}

/// Use of one rate bucket.
#[derive(Debug, Clone, Serialize)]
pub struct BucketUse {
    /// The bucket.
    pub bucket: String,
    /// Calls made.
    pub calls: u64,
    /// Calls that the plan expected; `None` where an earlier process has made some of them.
    pub forecast: Option<u64>,
    /// Answers of 429.
    pub r429: u64,
    /// Calls a minute that Okta allows this token.
    pub limit: Option<u64>,
    /// Calls made as a share of what the limit allowed in the windows they were made in, 0–1.
    pub share: Option<f64>,
}

/// A data set's coverage with the words people need beside it.
#[derive(Debug, Clone, Serialize)]
pub struct DatasetSummary {
    /// What people read.
    pub title: String,
    /// When it is read.
    pub tier: Tier,
    /// What is lost where it is not complete; empty otherwise.
    pub without: String,
    /// The coverage.
    #[serde(flatten)]
    pub coverage: Coverage,
}

impl Engine {
    /// What is known of the data sets of a connection, for [`dataset_summaries`]: what syncs came to, and of those that they
    /// did not read, that Okta refused it when the credential was verified. Nothing before the first sync.
    ///
    /// # Errors
    /// The database's.
    pub async fn coverage(&self, org: OrgId) -> Result<Vec<Coverage>, Problem> {
        let coverage = self.store.coverage(org).await?;
        if coverage.is_empty() {
            return Ok(coverage);
        }
        Ok(with_refusals(coverage, &self.store.org(org).await?.settings))
    }
}

/// Adds what the last verification was refused, for data sets that no sync has read: the next one could not read them
/// either.
pub(super) fn with_refusals(mut coverage: Vec<Coverage>, settings: &Value) -> Vec<Coverage> {
    use CoverageState::{NotLicensed, NotPermitted};
    for probe in kept(settings).into_iter().filter(|p| matches!(p.state, NotPermitted | NotLicensed)) {
        if coverage.iter().all(|c| c.dataset != probe.dataset) {
            let reason = format!("{} So it was when the credential was last verified.", probe.reason);
            let (state, assumed) = (probe.state, probe.assumed);
            coverage.push(Coverage { state, reason, assumed, ..never(&probe.dataset) });
        }
    }
    coverage
}

/// Why a data set was never read that takes a call a user for what few need: nobody asked.
pub const UNASKED: &str = "It is read only when asked for.";

/// Puts the coverage rows into the order and words of the data sets.
pub fn dataset_summaries(coverage: &[Coverage]) -> Vec<DatasetSummary> {
    datasets()
        .map(|d| {
            let found = coverage.iter().find(|c| c.dataset == d.name).cloned();
            let coverage = found.unwrap_or_else(|| match d.tier {
                Tier::OnDemand => Coverage { reason: UNASKED.to_string(), ..never(d.name) },
                _ => never(d.name),
            });
            summary(d, coverage)
        })
        .collect()
}

/// A data set in words, with what is known of it.
pub(super) fn summary(d: &Dataset, coverage: Coverage) -> DatasetSummary {
    let without = if coverage.state == CoverageState::Complete { "" } else { d.without };
    let (title, without) = (d.title.to_string(), without.to_string());
    DatasetSummary { title, tier: d.tier, without, coverage }
}

/// How fresh each tier is; a tier without data sets is left out.
pub fn tier_summaries(datasets: &[DatasetSummary]) -> Vec<TierSummary> {
    let of = |tier: Tier| {
        let rows: Vec<&Coverage> = datasets.iter().filter(|d| d.tier == tier).map(|d| &d.coverage).collect();
        let read = || rows.iter().filter_map(|c| c.at);
        let mut states: Vec<(CoverageState, usize)> = Vec::new();
        for row in &rows {
            match states.iter_mut().find(|(state, _)| *state == row.state) {
                Some((_, n)) => *n += 1,
                None => states.push((row.state, 1)),
            }
        }
        let (oldest, newest) = (read().min(), read().max());
        TierSummary { tier, when: tier.when(), datasets: rows.len(), states, oldest, newest }
    };
    Tier::ALL.into_iter().map(of).filter(|tier| tier.datasets > 0).collect()
}

/// What a run left behind.
pub(super) struct Ended<'p> {
    pub plan: &'p Plan,
    pub resumed: bool,
    pub known: Known,
    pub written: Written,
    pub coverage: Vec<Coverage>,
    pub stubs: Vec<Stubs>,
    pub started: Millis,
}

pub(super) async fn summarise(
    engine: &Engine,
    org: OrgId,
    run: &Run,
    client: &Client,
    ended: Ended<'_>,
) -> Result<Summary, Problem> {
    let Ended { plan, resumed, mut known, written, coverage, stubs, started } = ended;
    let coverage = with_refusals(coverage, &engine.store.org(org).await?.settings);
    let counts = engine.store.counts(org).await?;
    let catalogue = engine.store.catalogue();
    let millis = engine.store.clock().now() - started;
    let all = client.governor().org();
    let buckets = client
        .governor()
        .snapshot()
        .into_iter()
        .filter(|b| b.calls > 0)
        .inspect(|b| {
            if let Some(limit) = b.limit {
                known.limits.insert(b.bucket.to_string(), limit);
            }
        })
        .map(|b| BucketUse {
            bucket: b.bucket.to_string(),
            calls: b.calls,
            forecast: (!resumed)
                .then(|| plan.buckets.iter().find(|f| f.bucket == b.bucket).map_or(0, |f| f.calls)),
            r429: b.r429,
            limit: b.limit.map(u64::from),
            share: b
                .limit
                .filter(|limit| *limit > 0 && b.windows > 0)
                .map(|limit| b.calls as f64 / (f64::from(limit) * f64::from(b.windows))),
        })
        .collect();
    let limited: Vec<&str> = coverage
        .iter()
        .filter(|c| crate::connection::is_limit(&c.dataset, c.state))
        .map(|c| dataset(&c.dataset).map_or(c.dataset.as_str(), |d| d.title))
        .collect();
    let (state, state_reason) = if limited.is_empty() {
        (ConnectionState::Connected, String::new())
    } else {
        (ConnectionState::ConnectedLimited, format!("Not complete: {}.", limited.join(", ")))
    };
    tracing::info!(run = run.id.0, millis, "run finished");
    let rows = dataset_summaries(&coverage);
    Ok(Summary {
        state,
        state_reason,
        millis,
        objects: named(&counts.entities, |code| catalogue.kind(code).map(|k| k.name)),
        edges: named(&counts.edges, |code| catalogue.relation(code).map(|r| r.name)),
        written: Changes {
            pages: written.pages,
            transactions: written.transactions,
            new: written.sum.new,
            changed: written.sum.changed,
            unchanged: written.sum.unchanged,
            edges_new: written.sum.edges_new,
            edges_changed: written.sum.edges_changed,
        },
        buckets,
        peak_in_flight: u64::from(all.peak_in_flight),
        concurrency_429: all.concurrency_429,
        quarantined: counts.quarantined,
        stubs,
        tiers: tier_summaries(&rows),
        datasets: rows,
        forecast: (!resumed).then(|| Expected {
            calls: plan.calls,
            millis: Millis::try_from(plan.seconds * 1_000).unwrap_or(Millis::MAX),
        }),
        known,
    })
}

fn named<C: Copy>(rows: &[(C, u64)], name: impl Fn(C) -> Option<&'static str>) -> Vec<(String, u64)> {
    rows.iter().filter_map(|(code, n)| name(*code).map(|name| (name.to_string(), *n))).collect()
}
