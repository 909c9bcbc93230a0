//! The least time that a sync can take under rate limits, worked out apart from the program that plans it: the requests
//! that the org's documents need (`census.rs`), by bucket, over the calls a minute that each bucket gives less the reserve;
//! the largest over all buckets. Of what can be read by several routes, those are taken that make it smallest, whatever the
//! sync took. Edges without documents count as read only where the sync was told to take them and reads no more after them:
//! the core alone, by the shortest route.
//!
//! Beside it stands the load of the pages that the sync got: how far the one is from the other is what its plan costs. An
//! answer that tells that the org has no such thing (400 for a type of policy) is needed, and is no page.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use super::access_log::{Call, endpoint, is_page};
use super::bare;
use super::census::{Requests, Way};
use super::options::Options;

/// The share of every limit that the program leaves to others: the default of okta-client's `GovernorSettings`.
pub const RESERVE: f64 = 0.15;

/// A bucket as Okta published it (rl-global-mgmt): what is counted together. Whether that is so shows in the answers: two
/// calls of one bucket that show different limits are taken for two.
fn bucket(path: &str) -> &'static str {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        ["api", "v1", "apps", _] => "apps/{id}",
        ["api", "v1", "apps", ..] => "apps",
        ["api", "v1", "groups", _] => "groups/{id}",
        ["api", "v1", "groups", ..] => "groups",
        ["api", "v1", "users"] => "users",
        ["api", "v1", "users", ..] => "users/{id}",
        ["api", "v1", "logs"] => "logs",
        ["api", "v1", "iam", ..] => "iam",
        ["api", "v1", "devices", ..] => "devices",
        ["api", "v1", ..] => "the rest of /api/v1",
        ["oauth2", "v1", "clients", ..] => "oauth2/clients",
        [".well-known", ..] => "well-known",
        _ => "elsewhere",
    }
}

/// A bucket by its name and the calls a minute that the answers' header says.
type Key = (&'static str, u64);

/// One bucket of a run.
#[derive(Debug)]
pub struct Bucket {
    pub name: &'static str,
    /// Calls a minute.
    pub limit: u64,
    /// Requests that the documents need.
    pub needed: u64,
    /// Different pages that the sync got.
    pub asked: u64,
}

impl Bucket {
    /// Minutes of Okta's time that what is needed takes at least.
    pub fn minutes(&self) -> f64 {
        minutes(self.limit, self.needed)
    }

    /// Minutes of Okta's time that what was asked for takes at least.
    pub fn minutes_asked(&self) -> f64 {
        minutes(self.limit, self.asked)
    }
}

fn minutes(limit: u64, requests: u64) -> f64 {
    let kept = (limit as f64 * RESERVE).ceil();
    requests as f64 / (limit as f64 - kept).max(1.0)
}

/// The buckets of a complete run, the longest first. The limits are asked for with a token of somebody else, so that the
/// one that syncs spends nothing on it.
pub fn of(
    origin: &str,
    token: &str,
    options: &Options,
    census: &[Way],
    calls: &[Call],
) -> Result<Vec<Bucket>> {
    let mut limits = Limits { origin, token, known: BTreeMap::new() };
    let mut asked = Load::new();
    let pages: HashSet<&str> = calls.iter().filter(|c| is_page(c)).map(|c| c.target.as_str()).collect();
    for target in pages {
        limits.count(&mut asked, target, 1)?;
    }
    let needed = least(&ways(&mut limits, options, census)?);
    let all: HashSet<Key> = needed.keys().chain(asked.keys()).copied().collect();
    let of = |load: &Load, key: &Key| load.get(key).copied().unwrap_or(0);
    let bucket =
        |key: Key| Bucket { name: key.0, limit: key.1, needed: of(&needed, &key), asked: of(&asked, &key) };
    let mut buckets: Vec<Bucket> = all.into_iter().map(bucket).collect();
    buckets.sort_by(|a, b| b.minutes().total_cmp(&a.minutes()).then(a.name.cmp(b.name)));
    Ok(buckets)
}

/// Requests by bucket.
type Load = BTreeMap<Key, u64>;

/// What each data set takes, way by way.
fn ways(limits: &mut Limits<'_>, options: &Options, census: &[Way]) -> Result<Vec<Vec<Load>>> {
    let edges = options.tier.as_deref() == Some("core") && options.route.as_deref() == Some("shortest");
    let mut datasets: BTreeMap<&str, Vec<Load>> = BTreeMap::new();
    for way in census.iter().filter(|way| way.wanted && (edges || !way.edges)) {
        datasets.entry(&way.dataset).or_default().push(limits.load(&way.requests)?);
    }
    Ok(datasets.into_values().collect())
}

/// The load, with one way of each data set, whose longest bucket is the shortest.
fn least(datasets: &[Vec<Load>]) -> Load {
    let longest = |load: &Load| load.iter().map(|((_, limit), n)| minutes(*limit, *n)).fold(0.0, f64::max);
    let mut loads = vec![Load::new()];
    for ways in datasets {
        let with = |load: &Load, way: &Load| {
            let mut sum = load.clone();
            way.iter().for_each(|(key, n)| *sum.entry(*key).or_default() += n);
            sum
        };
        loads = loads.iter().flat_map(|load| ways.iter().map(|way| with(load, way))).collect();
    }
    loads.into_iter().min_by(|a, b| longest(a).total_cmp(&longest(b))).unwrap_or_default()
}

/// The limit of each form of path, asked for once.
struct Limits<'a> {
    origin: &'a str,
    token: &'a str,
    known: BTreeMap<String, Option<u64>>,
}

impl Limits<'_> {
    fn count(&mut self, load: &mut Load, target: &str, requests: u64) -> Result<()> {
        let form = endpoint(target);
        if !self.known.contains_key(&form) {
            self.known.insert(form.clone(), bare::limit(self.origin, self.token, target)?);
        }
        // What is not limited shows no limit and holds nothing up.
        if let Some(Some(limit)) = self.known.get(&form) {
            let path = target.split('?').next().unwrap_or(target);
            *load.entry((bucket(path), *limit)).or_default() += requests;
        }
        Ok(())
    }

    fn load(&mut self, requests: &Requests) -> Result<Load> {
        let mut load = Load::new();
        for (requests, target) in requests.values() {
            self.count(&mut load, target, *requests)?;
        }
        Ok(load)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_left_out_of_what_a_minute_gives() {
        let apps = Bucket { name: "apps", limit: 50, needed: 840, asked: 1_680 };
        assert!((apps.minutes() - 20.0).abs() < 1e-9, "840 at 50 − 8 a minute: {}", apps.minutes());
        assert!((apps.minutes_asked() - 40.0).abs() < 1e-9);
    }

    #[test]
    fn the_routes_whose_longest_bucket_is_the_shortest_are_taken() {
        let (apps, groups, users) = (("apps", 50), ("groups", 250), ("users/{id}", 1_000));
        let one = |key: Key, n: u64| Load::from([(key, n)]);
        let members = vec![one(groups, 500), one(users, 10_000)];
        let assignments = vec![one(apps, 900), one(users, 10_000)];
        // 900 in apps take 21.4 minutes, 10,000 in users/{id} 11.8; both together there 23.5.
        assert_eq!(least(&[members, assignments]), Load::from([(groups, 500), (users, 10_000)]));
        assert_eq!(least(&[]), Load::new());
    }

    #[test]
    fn paths_find_their_bucket() {
        assert_eq!(bucket("/api/v1/apps"), "apps");
        assert_eq!(bucket("/api/v1/apps/0oa1"), "apps/{id}");
        assert_eq!(bucket("/api/v1/apps/0oa1/users"), "apps");
        assert_eq!(bucket("/api/v1/users/00u1/factors"), "users/{id}");
        assert_eq!(bucket("/api/v1/policies"), "the rest of /api/v1");
    }
}
