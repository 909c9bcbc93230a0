//! How many calls a minute each rate bucket allows us: what its headers last said, else what Okta has published.

use std::collections::BTreeMap;

use okta_client::GovernorSettings;
use serde::{Deserialize, Serialize};

/// Calls a minute for a whole org, by the governor's bucket names. A token gets half of each unless an admin changed that
/// [docs rl2-token-oauth].
const PUBLISHED: &[(&str, u32)] = &[
    // [docs@2025-12 rl-global-mgmt, Workforce]
    ("apps", 100),
    ("apps/{id}", 500),
    ("groups", 500),
    ("groups/{id}", 1_000),
    ("users", 600),
    ("users/{id}", 2_000),
    ("logs", 120),
    ("devices", 100),
    ("oauth2/clients", 100),
    // [rec] factors and roles showed 600 in orgs where a user alone showed 2,000.
    ("users/{id}/*", 600),
    // [rec] lower than what the others of /api/v1 showed.
    ("iam", 100),
    ("org", 100),
    ("zones", 100),
    ("domains", 100),
    ("threats", 100),
    ("authenticators", 100),
    ("brands", 100),
    ("agentPools", 20),
    ("api-tokens", 300),
    ("logStreams", 300),
    ("mappings", 500),
    ("realms", 500),
    ("captchas", 500),
];
/// The rest of the API [docs].
const OTHERS: u32 = 1_000;

/// Where a limit is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitFrom {
    /// The headers of the last run's answers.
    Headers,
    /// Half of what Okta published for an org.
    Published,
}

/// The buckets as the planner sees them.
#[derive(Debug, Clone)]
pub struct Buckets {
    seen: BTreeMap<String, u32>,
    share: f64,
    reserve: f64,
    in_flight: u32,
}

impl Buckets {
    /// With the limits that answers have shown, by bucket, and the governor's settings.
    pub fn new(seen: BTreeMap<String, u32>, governor: &GovernorSettings) -> Self {
        let GovernorSettings { share, reserve, max_in_flight, .. } = *governor;
        Self { seen, share, reserve, in_flight: max_in_flight }
    }

    /// Calls a minute that Okta allows our token, and where that is known from.
    pub fn limit(&self, bucket: &str) -> (u32, LimitFrom) {
        if let Some(limit) = self.seen.get(bucket) {
            return (*limit, LimitFrom::Headers);
        }
        let published = PUBLISHED.iter().find(|(name, _)| *name == bucket).map_or(OTHERS, |(_, n)| *n);
        (published / 2, LimitFrom::Published)
    }

    /// Calls a minute that we make at most: our share of the limit, and less the reserve.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ x ≤ limit, a u32")]
    pub fn spend(&self, bucket: &str) -> u32 {
        let limit = self.limit(bucket).0;
        let part = |share: f64| (f64::from(limit) * share.clamp(0.0, 1.0)).floor() as u32;
        part(self.share).min(part(1.0 - self.reserve)).max(1)
    }

    /// Seconds until the last of `calls` leaves in its bucket: a window's calls leave at once, so the first costs none.
    pub fn wait(&self, bucket: &str, calls: u64) -> u64 {
        let windows = calls.div_ceil(u64::from(self.spend(bucket))).max(1);
        (windows - 1) * 60
    }

    /// Calls in flight at one time.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_headers_said_goes_before_what_is_published() {
        let seen = BTreeMap::from([("apps".to_string(), 100)]);
        let half = GovernorSettings { share: 0.5, reserve: 0.15, ..GovernorSettings::default() };
        let buckets = Buckets::new(seen, &half);
        assert_eq!(buckets.limit("apps"), (100, LimitFrom::Headers));
        assert_eq!(buckets.spend("apps"), 50, "half of it is ours");
        assert_eq!(buckets.limit("users/{id}/*"), (300, LimitFrom::Published));
        let whole = Buckets::new(BTreeMap::new(), &GovernorSettings { share: 1.0, ..half });
        assert_eq!(whole.spend("apps"), 42, "the reserve stays");
        assert_eq!(whole.wait("apps", 42), 0);
        assert_eq!(whole.wait("apps", 43), 60);
        assert_eq!(whole.wait("apps", 902), 21 * 60);
        assert_eq!(whole.limit("something-new").0, OTHERS / 2);
    }
}
