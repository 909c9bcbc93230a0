//! The only place of the crate where the time of day is asked for.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where the simulated org gets its time from. Milliseconds since 1970-01-01T00:00:00Z.
pub trait Clock: Send + Sync + Debug {
    /// The time now, in milliseconds since the epoch.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// A clock that moves only when told to: for tests of rate-limit windows, token expiry and search lag.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now` (milliseconds since the epoch).
    pub fn at(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Moves the clock forward by `millis`.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
