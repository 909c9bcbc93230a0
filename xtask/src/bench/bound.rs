//! The least time that a sync can take under rate limits, worked out apart from the program that plans it: the pages it
//! needed, counted by bucket, over the calls a minute that each bucket gives.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use super::access_log::{Call, is_page};
use super::bare;

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

/// One bucket of a run.
#[derive(Debug)]
pub struct Bucket {
    pub name: &'static str,
    /// Calls a minute, as the answers' header says.
    pub limit: u64,
    /// Different pages that were got.
    pub needed: u64,
}

impl Bucket {
    /// Minutes of Okta's time that its pages take at least.
    pub fn minutes(&self) -> f64 {
        let kept = (self.limit as f64 * RESERVE).ceil();
        self.needed as f64 / (self.limit as f64 - kept).max(1.0)
    }
}

/// The buckets of a complete run, the longest first. The limits are asked for with a token of somebody else, so that the
/// one that syncs spends nothing on it.
pub fn of(origin: &str, token: &str, calls: &[Call]) -> Result<Vec<Bucket>> {
    let pages: HashSet<&str> = calls.iter().filter(|c| is_page(c)).map(|c| c.target.as_str()).collect();
    // One page for each form of path tells the limit of all of that form.
    let mut forms: BTreeMap<String, (&str, u64)> = BTreeMap::new();
    for target in pages {
        forms.entry(super::access_log::endpoint(target)).or_insert((target, 0)).1 += 1;
    }
    let mut buckets: BTreeMap<(&'static str, u64), u64> = BTreeMap::new();
    for (target, needed) in forms.into_values() {
        let path = target.split('?').next().unwrap_or(target);
        // What is not limited shows no limit and holds nothing up.
        if let Some(limit) = bare::limit(origin, token, target)? {
            *buckets.entry((bucket(path), limit)).or_default() += needed;
        }
    }
    let mut buckets: Vec<Bucket> =
        buckets.into_iter().map(|((name, limit), needed)| Bucket { name, limit, needed }).collect();
    buckets.sort_by(|a, b| b.minutes().total_cmp(&a.minutes()));
    Ok(buckets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_left_out_of_what_a_minute_gives() {
        let apps = Bucket { name: "apps", limit: 50, needed: 840 };
        assert!((apps.minutes() - 20.0).abs() < 1e-9, "840 at 50 − 8 a minute: {}", apps.minutes());
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
