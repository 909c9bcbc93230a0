//! How many calls may be in flight at once, over all buckets.
//!
//! Okta has an org-wide concurrency limit (75, or 35 for free orgs [docs]) that is the customer's, not ours. A 429
//! with limit 0 says it was met; the answer is fewer in flight, not a long sleep: halve, then grow slowly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Full rounds of successes it takes to grow by one.
const GROWTH_ROUNDS: f64 = 4.0;

#[derive(Debug)]
pub(super) struct Slots {
    /// Tokio's mutex is fair: whoever waits longest comes next.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    max: u32,
    cap: f64,
    in_flight: u32,
    peak: u32,
    refused: u64,
    halved_at: Option<Duration>,
}

/// One call in flight; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Slot<'a>(&'a Slots);

impl Slots {
    pub fn new(max: u32) -> Self {
        let max = max.max(1);
        let state = State { max, cap: f64::from(max), in_flight: 0, peak: 0, refused: 0, halved_at: None };
        Self { turn: tokio::sync::Mutex::new(()), state: Mutex::new(state), freed: Notify::new() }
    }

    pub async fn take(&self) -> Slot<'_> {
        let _turn = self.turn.lock().await;
        loop {
            if self.try_take() {
                return Slot(self);
            }
            self.freed.notified().await;
        }
    }

    fn try_take(&self) -> bool {
        let mut state = self.lock();
        if f64::from(state.in_flight) + 1.0 > state.cap {
            return false;
        }
        state.in_flight += 1;
        state.peak = state.peak.max(state.in_flight);
        true
    }

    /// Okta refused a call that left at `left` because too many were in flight.
    pub fn refused(&self, left: Duration, now: Duration) {
        let mut state = self.lock();
        state.refused += 1;
        // The others of the same burst are refused for the same reason; halving for each would end at one.
        if state.halved_at.is_none_or(|at| left >= at) {
            state.cap = (state.cap / 2.0).floor().max(1.0);
            state.halved_at = Some(now);
        }
    }

    pub fn succeeded(&self) {
        let mut state = self.lock();
        state.cap = (state.cap + 1.0 / (GROWTH_ROUNDS * state.cap)).min(f64::from(state.max));
        drop(state);
        self.freed.notify_one();
    }

    /// In flight, peak, cap, most allowed, refusals.
    pub fn numbers(&self) -> (u32, u32, u32, u32, u64) {
        let state = self.lock();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 ≤ cap ≤ max, a u32")]
        let cap = state.cap as u32;
        (state.in_flight, state.peak, cap, state.max, state.refused)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_burst_of_refusals_halves_once_and_growth_is_slow() {
        let slots = Slots::new(32);
        for _ in 0..10 {
            slots.refused(SECOND, 2 * SECOND);
        }
        assert_eq!(slots.numbers().2, 16);
        slots.refused(3 * SECOND, 4 * SECOND);
        assert_eq!(slots.numbers().2, 8);
        for _ in 0..31 {
            slots.succeeded();
        }
        assert_eq!(slots.numbers().2, 8, "not within four rounds of eight");
        for _ in 0..3 {
            slots.succeeded();
        }
        assert_eq!(slots.numbers().2, 9);
        for _ in 0..100_000 {
            slots.succeeded();
        }
        assert_eq!(slots.numbers().2, 32);
    }

    #[tokio::test]
    async fn a_dropped_wait_takes_nothing() {
        let slots = Slots::new(1);
        let held = slots.take().await;
        assert!(futures_util::poll!(std::pin::pin!(slots.take())).is_pending());
        drop(held);
        let _again = slots.take().await;
        assert_eq!(slots.numbers().0, 1);
    }
}
