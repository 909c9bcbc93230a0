//! What the simulated org is to look like.

use std::time::Duration;

use crate::story;

/// How the org answers when a client calls too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limits {
    /// Never refuses. The rate-limit headers are there, with large numbers.
    #[default]
    Off,
    /// Refuses as Okta does: half of the Workforce table to each token, 75 calls in flight for the org.
    Real,
}

/// Whether groups and assignments come in one size (for benches that count calls) or in life's sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Every group has exactly `members_per_group` members and every app `users_per_app` users.
    Uniform,
    /// A few large, many small, some empty; some apps are for everyone.
    Natural,
}

/// The proportions of the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Members of a group: of every one ([`Spread::Uniform`]) or on average.
    pub members_per_group: u64,
    /// Users of an app: of every one or on average.
    pub users_per_app: u64,
    /// Factors of an active user: exactly ([`Spread::Uniform`]) or on average.
    pub factors_per_user: u64,
    /// Users with an admin role of their own.
    pub admins: u64,
    /// Groups that carry an admin role.
    pub admin_groups: u64,
    /// One size or life's sizes.
    pub spread: Spread,
}

/// Products the org has paid for. What is missing answers 401 E0000015, as recorded orgs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Licences {
    /// API Access Management: custom authorization servers.
    pub api_access_management: bool,
    /// Okta Identity Governance: owners of groups, realms, and the roles `ACCESS_REQUESTS_ADMIN` and
    /// `ACCESS_CERTIFICATIONS_ADMIN`.
    pub governance: bool,
    /// Identity Engine rather than Classic: authenticators, CAPTCHAs, Shared Signals.
    pub identity_engine: bool,
    /// Workflows: the role `WORKFLOWS_ADMIN`.
    pub workflows: bool,
}

impl Default for Licences {
    fn default() -> Self {
        Self { api_access_management: true, governance: true, identity_engine: true, workflows: true }
    }
}

/// The simulated org: the same config is the same org, byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Users, all statuses together. At least 40.
    pub users: u64,
    /// Groups, `Everyone` included. At least 12.
    pub groups: u64,
    /// Apps. At least 8.
    pub apps: u64,
    /// What chance there is comes from here.
    pub seed: u64,
    /// Whether the org refuses those who call too often.
    pub limits: Limits,
    /// How much faster than life limit windows pass: 60 makes a limit minute last one second.
    pub time_scale: f64,
    /// How long each answer takes at least.
    pub latency: Duration,
    /// How long `search` lags behind changes (Okta: "eventually consistent").
    pub search_lag: Duration,
    /// How long it takes until a user is deactivated or deleted (Okta: asynchronous).
    pub lifecycle_lag: Duration,
    /// No page of a list holds more, whatever is asked for: to see a client page through a small org.
    pub largest_page: Option<usize>,
    /// Only this situation is played; `None` plays all of them. See [`crate::story::STORIES`].
    pub story: Option<String>,
    /// The proportions.
    pub shape: Shape,
    /// The products the org has.
    pub licences: Licences,
    /// The moment (milliseconds since the epoch) up to which the org's past is made up. `None`: the last midnight
    /// UTC before the start, so that two starts on one day give the same org.
    pub as_of: Option<i64>,
}

impl Default for Config {
    /// A small company: 500 users, 40 groups, 40 apps, every situation, no limits.
    fn default() -> Self {
        Self {
            users: 500,
            groups: 40,
            apps: 40,
            seed: 1,
            limits: Limits::Off,
            time_scale: 1.0,
            latency: Duration::ZERO,
            search_lag: Duration::ZERO,
            lifecycle_lag: Duration::ZERO,
            largest_page: None,
            story: None,
            shape: Shape {
                members_per_group: 25,
                users_per_app: 60,
                factors_per_user: 2,
                admins: 10,
                admin_groups: 3,
                spread: Spread::Natural,
            },
            licences: Licences::default(),
            as_of: None,
        }
    }
}

impl Config {
    /// The reference org: 10,000 users, 500 groups of 300, 300 apps of 667 users, 2 factors a user, 20 admins.
    pub fn r10k() -> Self {
        Self::reference(10_000, 500, 300, 300, 667)
    }

    /// 100,000 users, 5,000 groups of 300, 3,000 apps of 667 users.
    pub fn r100k() -> Self {
        Self::reference(100_000, 5_000, 3_000, 300, 667)
    }

    /// 1,000,000 users, 10,000 groups, 3,000 apps; about 15 memberships and 20 assignments a user.
    pub fn r1m() -> Self {
        Self::reference(1_000_000, 10_000, 3_000, 1_500, 6_667)
    }

    fn reference(users: u64, groups: u64, apps: u64, members_per_group: u64, users_per_app: u64) -> Self {
        Self {
            users,
            groups,
            apps,
            shape: Shape {
                members_per_group,
                users_per_app,
                factors_per_user: 2,
                admins: 20,
                admin_groups: 3,
                spread: Spread::Uniform,
            },
            ..Self::default()
        }
    }

    /// Says what is wrong with the config: the field, what was given and what would do.
    pub fn check(&self) -> Result<(), String> {
        let limit = u64::from(u32::MAX / 4);
        for (field, value, least, most) in [
            ("users", self.users, 40, limit),
            ("groups", self.groups, 12, 1_000_000),
            ("apps", self.apps, 8, 1_000_000),
            ("shape.admins", self.shape.admins, 9, self.users / 4),
            ("shape.admin_groups", self.shape.admin_groups, 1, 6),
            ("shape.factors_per_user", self.shape.factors_per_user, 0, 6),
            ("largest_page", self.largest_page.map_or(1, |n| n as u64), 1, 10_000),
        ] {
            if value < least || value > most {
                return Err(format!("{field}: {value} given, expected {least} to {most}"));
            }
        }
        if !(self.time_scale.is_finite() && self.time_scale > 0.0 && self.time_scale <= 6_000.0) {
            return Err(format!(
                "time_scale: {} given, expected more than 0 and at most 6000",
                self.time_scale
            ));
        }
        match &self.story {
            Some(name) if story::find(name).is_none() => {
                let known: Vec<&str> = story::STORIES.iter().map(|s| s.name).collect();
                Err(format!("story: there is no situation called {name:?}; there are: {}", known.join(", ")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_configs_name_the_field() {
        for config in [Config::default(), Config::r10k(), Config::r100k(), Config::r1m()] {
            assert_eq!(config.check(), Ok(()));
        }
        let wrong = |config: Config| config.check().expect_err("refused");
        assert!(wrong(Config { users: 3, ..Config::default() }).starts_with("users: 3 given"));
        assert!(wrong(Config { time_scale: 0.0, ..Config::default() }).starts_with("time_scale"));
        let unknown = wrong(Config { story: Some("nope".into()), ..Config::default() });
        assert!(unknown.contains("admin_sprawl"), "{unknown}");
    }
}
