//! How much a program may ask: bursts of [`BURST`], and [`A_SECOND`] a second for long.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use transom_core::Clock;

/// Requests a second that are answered for long.
pub(crate) const A_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not 0");
/// Requests that are answered at once where nothing was asked for a while.
pub(crate) const BURST: NonZeroU32 = NonZeroU32::new(200).expect("not 0");
/// After how many requests those askers are forgotten that have their whole burst again.
const FORGETS: u64 = 10_000;

/// The house's clock, as the governor reads one.
#[derive(Debug, Clone)]
struct Watch(Arc<dyn Clock>);

impl governor::clock::Clock for Watch {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Duration::from_millis(u64::try_from(self.0.now()).unwrap_or_default()).into()
    }
}

/// What each asker has used.
#[derive(Debug)]
pub(crate) struct Limits {
    askers: RateLimiter<String, HashMapStateStore<String>, Watch, NoOpMiddleware<Nanos>>,
    watch: Watch,
    asked: AtomicU64,
}

impl Limits {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let watch = Watch(clock);
        let quota = Quota::per_second(A_SECOND).allow_burst(BURST);
        Self {
            askers: RateLimiter::new(quota, HashMapStateStore::default(), watch.clone()),
            watch,
            asked: AtomicU64::new(0),
        }
    }

    /// Counts a request of `asker`; the error is how many seconds to wait, rounded up.
    pub fn ask(&self, asker: String) -> Result<(), u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGETS == FORGETS - 1 {
            self.askers.retain_recent();
        }
        self.askers.check_key(&asker).map_err(|not: NotUntil<Nanos>| {
            let wait: Duration = not.earliest_possible().duration_since(self.watch.now()).into();
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_core::ManualClock;

    #[test]
    fn a_burst_is_answered_and_then_so_many_a_second() {
        let clock = Arc::new(ManualClock::new(1_800_000_000_000));
        let limits = Limits::new(clock.clone());
        let asked = |name: &str| (0..1_000).take_while(|_| limits.ask(name.into()).is_ok()).count();
        assert_eq!(asked("a"), 200);
        assert_eq!(limits.ask("a".into()), Err(1));
        clock.advance(1_000);
        assert_eq!((asked("a"), asked("b")), (50, 200));
    }
}
