//! Rate limits: Okta's published Workforce table, half of each bucket to a token, a fixed window of a minute per token
//! and bucket, and 75 calls in flight for the whole org. An implementation of its own, from the published table, so
//! that it can hold a client's idea of the buckets honest.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Limits;

macro_rules! buckets {
    ($($(#[$doc:meta])* $name:ident = $per_minute:literal, $text:literal;)*) => {
        /// The buckets, with the org's calls per minute in the Workforce column
        /// [docs rl-global-mgmt 2025-12; `/api/v1/iam` from one org's dashboard as OpenHound records it].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Bucket { $($(#[$doc])* $name,)* }

        impl Bucket {
            /// Every bucket.
            pub const ALL: &[Bucket] = &[$(Bucket::$name),*];

            /// The org's calls per minute.
            pub fn org_per_minute(self) -> u64 {
                match self { $(Bucket::$name => $per_minute,)* }
            }

            /// What it covers.
            pub fn name(self) -> &'static str {
                match self { $(Bucket::$name => $text,)* }
            }
        }
    };
}

buckets! {
    /// The list of apps and everything below one app.
    Apps = 100, "/api/v1/apps*";
    /// One app.
    App = 500, "/api/v1/apps/{id}";
    /// The list of groups and everything below one group.
    Groups = 500, "/api/v1/groups*";
    /// One group.
    Group = 1_000, "/api/v1/groups/{id}";
    /// Listing and creating users.
    Users = 600, "/api/v1/users";
    /// Reading one user and what is below.
    User = 2_000, "GET /api/v1/users/{id}*";
    /// Writing to one user.
    UserWrites = 600, "POST|PUT|DELETE /api/v1/users/{id}*";
    /// The System Log.
    Logs = 120, "/api/v1/logs";
    /// Roles, resource sets, assignees.
    Iam = 1_600, "/api/v1/iam*";
    /// OAuth clients.
    Clients = 100, "/oauth2/v1/clients";
    /// Asking for access tokens; half of it is recorded.
    Token = 300, "/oauth2/v1/token";
    /// Devices.
    Devices = 100, "/api/v1/devices*";
    /// The rest of `/api/v1`.
    Other = 1_200, "/api/v1*";
    /// `/.well-known` and what else needs no credential: never refused.
    Public = 1_000_000, "/.well-known*";
}

/// Calls in flight at one time for the whole org [docs rl2-concurrency].
pub const CONCURRENCY: u64 = 75;

/// The bucket of a call.
pub fn bucket(method: &str, path: &str) -> Bucket {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        ["api", "v1", "apps", _] => Bucket::App,
        ["api", "v1", "apps", ..] => Bucket::Apps,
        ["api", "v1", "groups", _] => Bucket::Group,
        ["api", "v1", "groups", ..] => Bucket::Groups,
        ["api", "v1", "users"] => Bucket::Users,
        ["api", "v1", "users", ..] if method == "GET" => Bucket::User,
        ["api", "v1", "users", ..] => Bucket::UserWrites,
        ["api", "v1", "logs"] => Bucket::Logs,
        ["api", "v1", "iam", ..] => Bucket::Iam,
        ["api", "v1", "devices", ..] => Bucket::Devices,
        ["oauth2", "v1", "clients", ..] => Bucket::Clients,
        ["oauth2", "v1", "token"] => Bucket::Token,
        [".well-known", ..] | ["oauth2", "v1", "keys"] => Bucket::Public,
        _ => Bucket::Other,
    }
}

/// What the rate-limit headers of an answer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// `x-rate-limit-limit`
    pub limit: u64,
    /// `x-rate-limit-remaining`
    pub remaining: u64,
    /// `x-rate-limit-reset`: seconds since the epoch.
    pub reset: i64,
    /// Whether this call is refused.
    pub refused: bool,
    /// What the token itself spent in this window.
    pub own: u64,
    /// What others spent of the token's share in this window; see [`Limiter::crowd`].
    pub others: u64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends: i64,
    used: u64,
    /// Spent by others.
    others: u64,
}

/// Keeps count.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    window: i64,
    windows: Mutex<HashMap<(u64, Bucket), Window>>,
    in_flight: AtomicU64,
}

impl Limiter {
    /// A limiter whose minutes last a minute divided by `time_scale`.
    pub fn new(limits: Limits, time_scale: f64) -> Self {
        let window = ((60_000.0 / time_scale) as i64).max(1);
        Self { limits, window, windows: Mutex::default(), in_flight: AtomicU64::new(0) }
    }

    /// Counts a call as in flight. `Err` when there are more than the org allows; the call must end all the same.
    pub fn enter(&self) -> Result<u64, u64> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        if self.limits == Limits::Real && now > CONCURRENCY { Err(now) } else { Ok(now) }
    }

    /// Counts a call as done.
    pub fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts a call of `token` to `bucket` at `now` and says how things stand.
    pub fn spend(&self, token: u64, bucket: Bucket, now: i64) -> Standing {
        if self.limits == Limits::Off || bucket == Bucket::Public {
            return Standing {
                limit: 1_000_000,
                remaining: 999_999,
                reset: (now + 60_000) / 1000,
                refused: false,
                own: 0,
                others: 0,
            };
        }
        let limit = bucket.org_per_minute() / 2;
        let mut windows = self.windows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let fresh = Window { ends: now + self.window, used: 0, others: 0 };
        let window = windows.entry((token, bucket)).or_insert(fresh);
        if now >= window.ends {
            *window = fresh;
        }
        let refused = window.used + window.others >= limit;
        window.used += u64::from(!refused);
        // Rounded up, so that who waits until the reset finds the window open.
        Standing {
            limit,
            remaining: limit - window.used - window.others,
            reset: (window.ends + 999).div_euclid(1000),
            refused,
            own: window.used,
            others: window.others,
        }
    }

    /// Lets others spend so many calls of what remains in the windows of a bucket that are open at `now`. True when
    /// that left nothing of one.
    pub fn crowd(&self, bucket: Bucket, calls: u64, now: i64) -> bool {
        let limit = bucket.org_per_minute() / 2;
        let mut windows = self.windows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut emptied = false;
        let open = windows.iter_mut().filter(|((_, of), window)| *of == bucket && now < window.ends);
        for (_, window) in open {
            let left = limit - window.used - window.others;
            window.others += calls.min(left);
            emptied |= left > 0 && calls >= left;
        }
        emptied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_exactly_half_the_org_s_calls() {
        let limiter = Limiter::new(Limits::Real, 60.0);
        for round in 0..3 {
            let now = 1_000_000 + round * 1_000;
            for n in 0..50 {
                let standing = limiter.spend(1, Bucket::Apps, now + n);
                assert_eq!(
                    (standing.limit, standing.remaining, standing.refused),
                    (50, 49 - n as u64, false)
                );
            }
            for _ in 0..5 {
                let standing = limiter.spend(1, Bucket::Apps, now + 999);
                assert_eq!((standing.remaining, standing.refused), (0, true));
                assert_eq!(standing.reset, (now + 1_000) / 1_000);
            }
        }
        assert!(!limiter.spend(2, Bucket::Apps, 1_000_000).refused, "another token has its own share");
        assert!(!limiter.spend(1, Bucket::App, 1_000_000).refused, "another bucket is another bucket");
    }

    #[test]
    fn others_spend_what_remains_until_the_window_ends() {
        let limiter = Limiter::new(Limits::Real, 60.0);
        assert!(!limiter.crowd(Bucket::Apps, 10, 1_000_000), "no window is open");
        assert_eq!(limiter.spend(1, Bucket::Apps, 1_000_000).remaining, 49);
        assert!(!limiter.crowd(Bucket::Apps, 10, 1_000_001));
        let standing = limiter.spend(1, Bucket::Apps, 1_000_002);
        assert_eq!((standing.remaining, standing.own, standing.others), (38, 2, 10));
        assert!(limiter.crowd(Bucket::Apps, u64::MAX, 1_000_003));
        assert!(!limiter.crowd(Bucket::Apps, 1, 1_000_003), "there was nothing left");
        assert!(limiter.spend(1, Bucket::Apps, 1_000_004).refused);
        assert_eq!(limiter.spend(1, Bucket::Apps, 1_001_000).remaining, 49);
    }

    #[test]
    fn calls_find_their_bucket() {
        for (method, path, expected) in [
            ("GET", "/api/v1/apps", Bucket::Apps),
            ("GET", "/api/v1/apps/0oa1", Bucket::App),
            ("GET", "/api/v1/apps/0oa1/users", Bucket::Apps),
            ("GET", "/api/v1/groups/rules", Bucket::Group),
            ("GET", "/api/v1/groups/00g1/users", Bucket::Groups),
            ("POST", "/api/v1/users", Bucket::Users),
            ("GET", "/api/v1/users/00u1/factors", Bucket::User),
            ("POST", "/api/v1/users/00u1/lifecycle/suspend", Bucket::UserWrites),
            ("GET", "/api/v1/policies", Bucket::Other),
            ("GET", "/.well-known/okta-organization", Bucket::Public),
        ] {
            assert_eq!(bucket(method, path), expected, "{method} {path}");
        }
    }
}
