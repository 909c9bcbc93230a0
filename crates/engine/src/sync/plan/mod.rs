//! The planner: from what is declared, how much there is and what the rate buckets allow, to what a run does. A pure
//! function; the plan is stored with its run, and a run that is resumed goes on with its own.
//!
//! Why routes are chosen as they are: docs/adr/0006-routes-and-tiers.md.

mod ask;
mod buckets;
mod narrow;
mod reckon;
mod told;
mod wanted;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use ask::{Asking, counts, known};
pub use buckets::{Buckets, LimitFrom};
pub use reckon::{Counts, Estimate, Known, Source, key};
pub use told::{NOTHING_KNOWN, Sure, about};
pub use wanted::{DAY, LeftOut, Options, Strategy, Wanted};

use crate::dataset::{Dataset, Tier, Yields};
use crate::entity::dataset;

/// What a call takes, in milliseconds, for the part of a forecast that no limit decides [inf].
const LATENCY: u64 = 250;

/// Said of a way that makes no call.
const CLOSED: &str = "what it is listed over may not be read";
/// Why another way is not taken for a second look.
const AGAIN: &str =
    "more was missing the last time than is believed at once, and is looked for again in the same way";

/// What a run does, and what it is expected to cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// How routes were chosen.
    pub strategy: Strategy,
    /// Where the numbers come from.
    pub counts: Source,
    /// What is read, in reading order.
    pub steps: Vec<Step>,
    /// What is not.
    pub left_out: Vec<LeftOut>,
    /// The rate buckets, the one that takes longest first.
    pub buckets: Vec<BucketForecast>,
    /// Calls.
    pub calls: u64,
    /// Seconds until all is read.
    pub seconds: u64,
    /// Seconds until the core is read.
    pub core_seconds: u64,
}

/// One reading of one data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The data set.
    pub dataset: String,
    /// The declaration it is read by: the data set's, or that of a [`Route`](crate::dataset::Route).
    pub reading: String,
    /// The way in words: `by group`.
    pub route: String,
    /// Why this way, where there is another; where there is none, which parents alone are asked for. Empty otherwise.
    pub why: String,
    /// When its turn comes.
    pub tier: Tier,
    /// What comes of it.
    pub yields: Yields,
    /// Calls.
    pub calls: u64,
    /// The rate bucket of most of them.
    pub bucket: String,
    /// Whether the number rests on a guess.
    pub guessed: bool,
    /// Whether it is the least that it takes, as nobody knows yet how many pages there are.
    #[serde(default)]
    pub at_least: bool,
}

/// What a run takes of a rate bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketForecast {
    /// The bucket.
    pub bucket: String,
    /// Calls.
    pub calls: u64,
    /// Calls a minute that Okta allows our token.
    pub limit: u32,
    /// Where the limit is known from.
    pub limit_from: LimitFrom,
    /// Calls a minute that we make at most.
    pub spend: u32,
    /// Seconds that the limit makes it take.
    pub seconds: u64,
    /// Whether this bucket decides how long the whole run takes.
    pub decides: bool,
}

/// A step as a run works on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// The data set that is answered for.
    pub dataset: &'static Dataset,
    /// The declaration that is read by.
    pub by: &'static Dataset,
    /// When its turn comes.
    pub tier: Tier,
    /// What comes of it.
    pub yields: Yields,
}

/// A way to read a data set, with what it costs.
struct Candidate {
    by: &'static Dataset,
    yields: Yields,
    estimate: Estimate,
    /// Why it can't be chosen; `None` where it can.
    not: Option<&'static str>,
    /// Whether what it is listed over can't be read.
    closed: bool,
}

/// Plans a run.
///
/// Every combination of routes is tried: few data sets have more than one. Equal ones are decided for the usual way.
pub fn plan(wanted: &Wanted, counts: &Counts, buckets: &Buckets, strategy: Strategy) -> Plan {
    let candidates: Vec<Vec<Candidate>> =
        wanted.datasets.iter().map(|d| candidates(d, counts, strategy)).collect();
    let mut best: Option<(Cost, Vec<usize>)> = None;
    let mut chosen = vec![0; candidates.len()];
    loop {
        if chosen.iter().zip(&candidates).all(|(n, c)| c[*n].not.is_none()) {
            let cost = Cost::of(&steps(wanted, &candidates, &chosen), buckets, strategy);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, chosen.clone()));
            }
        }
        // The next combination, counted like an odometer.
        let Some(turn) = chosen.iter().zip(&candidates).position(|(n, c)| n + 1 < c.len()) else { break };
        chosen[turn] += 1;
        chosen[..turn].fill(0);
    }
    let chosen = best.map_or_else(|| vec![0; candidates.len()], |(_, chosen)| chosen);
    let taken = steps(wanted, &candidates, &chosen);
    let load = Load::of(taken.iter().map(|(_, _, c)| c));
    let core = Load::of(taken.iter().filter(|(_, tier, _)| *tier == Tier::Core).map(|(_, _, c)| c));
    Plan {
        strategy,
        counts: counts.source,
        steps: taken
            .iter()
            .map(|(n, tier, c)| step(wanted.datasets[*n], *tier, c, &candidates[*n]))
            .collect(),
        left_out: wanted.left_out.clone(),
        buckets: load.forecast(buckets),
        calls: load.calls(),
        seconds: load.seconds(buckets),
        core_seconds: core.seconds(buckets),
    }
}

/// The ways to read `dataset`, the usual one first.
fn candidates(dataset: &'static Dataset, counts: &Counts, strategy: Strategy) -> Vec<Candidate> {
    let elsewhere = |way: &Dataset| counts.again.get(dataset.name).is_some_and(|again| *again != key(way));
    let others: Vec<Candidate> = dataset
        .routes
        .iter()
        .map(|route| {
            let estimate = counts.estimate(route.reading);
            let closed = counts.closed(route.reading);
            let not = match route.yields {
                _ if estimate.guessed => Some("how many calls it takes is not known"),
                _ if closed => Some(CLOSED),
                Yields::Documents if elsewhere(route.reading) => Some(AGAIN),
                _ if counts.avoided.contains(&key(route.reading)) => {
                    Some("it fell short within the last week")
                }
                Yields::Edges if strategy == Strategy::Fewest => Some("it yields edges without documents"),
                _ => None,
            };
            Candidate { by: route.reading, yields: route.yields, estimate, not, closed }
        })
        .collect();
    let closed = counts.closed(dataset);
    let usual = Candidate {
        by: dataset,
        yields: Yields::Documents,
        estimate: counts.estimate(dataset),
        // It costs nothing and yields nothing: no way to take where another one yields something.
        not: match others.iter().any(|c| c.not.is_none()) {
            true if closed => Some(CLOSED),
            true if elsewhere(dataset) => Some(AGAIN),
            _ => None,
        },
        closed,
    };
    std::iter::once(usual).chain(others).collect()
}

/// The readings of a choice: data set, tier, way. A first answer is followed by the whole reading where that is due.
fn steps<'c>(
    wanted: &Wanted,
    candidates: &'c [Vec<Candidate>],
    chosen: &[usize],
) -> Vec<(usize, Tier, &'c Candidate)> {
    let mut steps = Vec::new();
    for (n, dataset) in wanted.datasets.iter().enumerate() {
        let taken = &candidates[n][chosen[n]];
        steps.push((n, dataset.tier, taken));
        if taken.yields == Yields::Edges && wanted.whole.contains(&dataset.name) {
            steps.push((n, Tier::Deep, &candidates[n][0]));
        }
    }
    steps
}

fn step(dataset: &Dataset, tier: Tier, taken: &Candidate, all: &[Candidate]) -> Step {
    let first = all.iter().find(|c| c.yields == Yields::Edges);
    let others = all.iter().filter(|c| !std::ptr::eq(*c, taken)).map(|c| match c.not {
        Some(why) => format!("not {}: {why}", c.by.route()),
        None => format!("{} would take {} in {}", c.by.route(), c.estimate.calls(), c.estimate.bucket()),
    });
    let why = match (taken.yields, first) {
        (Yields::Documents, Some(first)) if tier > dataset.tier => {
            format!("whole, after the first answer {}", first.by.route())
        }
        _ if taken.closed => CLOSED.to_string(),
        _ if all.len() == 1 => narrow::why(taken.by).unwrap_or_default(),
        _ => others.collect::<Vec<_>>().join("; "),
    };
    Step {
        dataset: dataset.name.to_string(),
        reading: taken.by.name.to_string(),
        route: taken.by.route(),
        why,
        tier,
        yields: taken.yields,
        calls: taken.estimate.calls(),
        bucket: taken.estimate.bucket().to_string(),
        guessed: taken.estimate.guessed || taken.estimate.least,
        at_least: taken.estimate.least && !taken.estimate.guessed,
    }
}

/// What a choice costs; less is better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(u64, u64, u64);

impl Cost {
    fn of(steps: &[(usize, Tier, &Candidate)], buckets: &Buckets, strategy: Strategy) -> Self {
        let all = Load::of(steps.iter().map(|(_, _, c)| c));
        let core = Load::of(steps.iter().filter(|(_, tier, _)| *tier == Tier::Core).map(|(_, _, c)| c));
        let (calls, seconds) = (all.calls(), all.seconds(buckets));
        match strategy {
            Strategy::Fewest => Self(calls, core.seconds(buckets), seconds),
            Strategy::Shortest => Self(core.seconds(buckets), seconds, calls),
        }
    }
}

/// Calls by rate bucket.
#[derive(Debug, Default)]
struct Load(BTreeMap<&'static str, u64>);

impl Load {
    fn of<'c>(readings: impl Iterator<Item = &'c &'c Candidate>) -> Self {
        let mut load = Self::default();
        for (bucket, calls) in readings.flat_map(|c| &c.estimate.buckets) {
            *load.0.entry(bucket).or_default() += calls;
        }
        load
    }

    fn calls(&self) -> u64 {
        self.0.values().sum()
    }

    /// Buckets run side by side, so the slowest decides; on top comes what the calls themselves take.
    fn seconds(&self, buckets: &Buckets) -> u64 {
        let slowest = self.0.iter().map(|(bucket, calls)| buckets.wait(bucket, *calls)).max();
        slowest.unwrap_or_default()
            + (self.calls() * LATENCY).div_ceil(1_000 * u64::from(buckets.in_flight()))
    }

    fn forecast(&self, buckets: &Buckets) -> Vec<BucketForecast> {
        let one = |(bucket, calls): (&&'static str, &u64)| {
            let (limit, limit_from) = buckets.limit(bucket);
            BucketForecast {
                bucket: (*bucket).to_string(),
                calls: *calls,
                limit,
                limit_from,
                spend: buckets.spend(bucket),
                seconds: buckets.wait(bucket, *calls),
                decides: false,
            }
        };
        let mut all: Vec<BucketForecast> = self.0.iter().filter(|(_, calls)| **calls > 0).map(one).collect();
        all.sort_by_key(|b| (std::cmp::Reverse(b.seconds), std::cmp::Reverse(b.calls)));
        if let Some(slowest) = all.first_mut() {
            slowest.decides = slowest.seconds > 0;
        }
        all
    }
}

impl Plan {
    /// The steps as a run works on them; `None` where this build does not know one of them any more.
    pub(super) fn readings(&self) -> Option<Vec<Reading>> {
        let resolve = |step: &Step| {
            let dataset = dataset(&step.dataset)?;
            let ways = dataset.routes.iter().map(|route| route.reading);
            let by = std::iter::once(dataset)
                .chain(ways)
                .find(|by| by.name == step.reading && by.route() == step.route)?;
            Some(Reading { dataset, by, tier: step.tier, yields: step.yields })
        };
        self.steps.iter().map(resolve).collect()
    }
}

impl Reading {
    /// The rate buckets that it calls.
    pub(super) fn buckets(&self) -> Vec<&'static str> {
        (self.by.parts)(&crate::dataset::Scope::any()).iter().map(okta_client::Listing::bucket).collect()
    }

    /// Whether this waits until `other` has ended: what is read more seldom does not take calls from what is read with
    /// every sync.
    pub(super) fn yields_to(&self, other: &Self) -> bool {
        self.tier >= Tier::Deep
            && other.tier < self.tier
            && (other.dataset.name == self.dataset.name || {
                let ours = self.buckets();
                other.buckets().iter().any(|bucket| ours.contains(bucket))
            })
    }
}

#[cfg(test)]
mod tests;
