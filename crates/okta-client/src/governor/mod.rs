//! When each call may leave.
//!
//! Okta's limits belong to the customer. The governor spends a token's share of each bucket early and whole, less a
//! reserve, and never causes a 429 for anyone else if the headers allow it to know. All callers of one
//! [`Client`](crate::Client) share one governor; the order within a bucket is first come, first served.

pub mod bucket;
mod slots;
mod window;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::Clock;
use slots::{Slot, Slots};
pub use window::RateLimit;
use window::{Decision, Outcome, Ticket, Window};

/// How much of Okta's limits to use.
#[derive(Clone, Debug, PartialEq)]
pub struct GovernorSettings {
    /// Part of what the reserve leaves of a window's limit to spend on own calls, 0–1. The limit shown is already the
    /// token's own share [docs], so the default is 1.
    pub share: f64,
    /// Part of a window's limit that is left for others whoever spent the rest, 0–1. Default 0.15.
    pub reserve: f64,
    /// Most calls in flight over all buckets. Default 32, below half of the usual 75 and just below the 35 of free
    /// orgs [docs].
    pub max_in_flight: u32,
    /// Calls let through at once when a bucket's window has ended and nothing is known of the next. Default 3. While
    /// nothing at all is known of a bucket it is one.
    pub probes: u32,
    /// Seed of the jitter; `None` takes a random one.
    pub seed: Option<u64>,
}

impl Default for GovernorSettings {
    fn default() -> Self {
        Self { share: 1.0, reserve: 0.15, max_in_flight: 32, probes: 3, seed: None }
    }
}

impl GovernorSettings {
    /// Calls of a window that are not spent; always leaves one to spend.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ x ≤ limit, a u32")]
    fn kept_back(&self, limit: u32) -> u32 {
        let kept = (f64::from(limit) * self.reserve.clamp(0.0, 1.0)).ceil() as u32;
        kept.min(limit.saturating_sub(1))
    }

    /// Own calls allowed in a window, the reserve taken off; at least one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ x ≤ limit, a u32")]
    fn own_share(&self, limit: u32) -> u32 {
        ((f64::from(limit - self.kept_back(limit)) * self.share.clamp(0.0, 1.0)).floor() as u32).max(1)
    }
}

/// Decides when each call may leave.
#[derive(Debug)]
pub struct Governor {
    settings: GovernorSettings,
    clock: Arc<dyn Clock>,
    buckets: Mutex<BTreeMap<&'static str, Arc<Bucket>>>,
    slots: Slots,
    random: AtomicU64,
}

#[derive(Debug)]
struct Bucket {
    name: &'static str,
    /// The queue: tokio's mutex is fair, and only its holder watches the window.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    window: Window,
    calls: u64,
    r429: u64,
    peak: u32,
    waited: Duration,
}

/// Numbers of one bucket since the client was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketSnapshot {
    /// Its name; see [`bucket::of`].
    pub bucket: &'static str,
    /// Requests sent, refused ones included.
    pub calls: u64,
    /// Requests refused for the rate limit. Concurrency refusals are the org's; see [`OrgSnapshot`].
    pub r429: u64,
    /// Calls in a window, as last shown.
    pub limit: Option<u32>,
    /// Fewest remaining seen in the last window.
    pub remaining: Option<u32>,
    /// Windows of the limit (a minute each, as far as seen [rec]) that calls were made in.
    pub windows: u32,
    /// Calls of a window left for others.
    pub reserve: Option<u32>,
    /// Time all callers together waited for their turn in this bucket, and for a place in flight.
    pub waited: Duration,
    /// Calls in flight.
    pub in_flight: u32,
    /// Most calls in flight at once.
    pub peak_in_flight: u32,
}

/// Numbers over all buckets since the client was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrgSnapshot {
    /// Calls in flight.
    pub in_flight: u32,
    /// Most calls in flight at once.
    pub peak_in_flight: u32,
    /// Most calls allowed in flight now.
    pub cap: u32,
    /// Most calls ever allowed in flight: the setting.
    pub max_in_flight: u32,
    /// Requests refused for the org's concurrency limit.
    pub concurrency_429: u64,
}

/// What an answer said, for [`Permit::answered`].
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its rate-limit headers.
    pub rate: Option<RateLimit>,
    /// Its `Date`.
    pub date: Option<Timestamp>,
}

impl Answer {
    /// A 429 that means too many at once, not too many in a window [docs].
    #[must_use]
    pub fn is_concurrency_refusal(&self) -> bool {
        self.status == 429 && self.rate.is_some_and(|r| r.limit == 0)
    }
}

impl Governor {
    /// A governor that knows nothing yet.
    #[must_use]
    pub fn new(settings: GovernorSettings, clock: Arc<dyn Clock>) -> Self {
        let seed = settings.seed.unwrap_or_else(|| RandomState::new().hash_one(0_u8));
        let slots = Slots::new(settings.max_in_flight);
        Self { settings, clock, buckets: Mutex::default(), slots, random: AtomicU64::new(seed) }
    }

    /// A call of this bucket was answered by Okta without rate-limit headers: its body was what Okta sends. A page of
    /// something in between has none either, and says nothing of Okta's habits.
    pub fn bare(&self, bucket: &'static str) {
        let bucket = self.bucket(bucket);
        bucket.lock().window.bare();
        bucket.changed.notify_one();
    }

    /// Waits until a call in this bucket may leave. Dropping the future or the permit gives everything back.
    pub async fn acquire(&self, bucket: &'static str) -> Permit<'_> {
        let asked = self.clock.monotonic();
        let bucket = self.bucket(bucket);
        let turn = bucket.turn.lock().await;
        loop {
            self.until_window_allows(&bucket).await;
            // Waiting for a place while holding the turn keeps the order; waiting for the window while holding a
            // place would starve the other buckets.
            let slot = self.slots.take().await;
            let now = self.clock.monotonic();
            let mut state = bucket.lock();
            if state.window.decide(now, &self.settings) != Decision::Go {
                continue;
            }
            let ticket = state.window.take(now);
            state.peak = state.peak.max(state.window.in_flight());
            let waited = now.saturating_sub(asked);
            state.waited += waited;
            drop(state);
            drop(turn);
            return Permit {
                governor: self,
                bucket,
                ticket: Some(ticket),
                left: now,
                sent: false,
                waited,
                _slot: slot,
            };
        }
    }

    async fn until_window_allows(&self, bucket: &Bucket) {
        loop {
            let changed = bucket.changed.notified();
            let now = self.clock.monotonic();
            let decision = bucket.lock().window.decide(now, &self.settings);
            match decision {
                Decision::Go => return,
                Decision::Answer => changed.await,
                Decision::Until(end) => {
                    // Many clients of one org wait for the same second; a little jitter spreads them.
                    let wait = end.saturating_sub(now) + Duration::from_secs_f64(0.25 * self.random());
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// Numbers of every bucket used so far, by name.
    #[must_use]
    pub fn snapshot(&self) -> Vec<BucketSnapshot> {
        let buckets: Vec<Arc<Bucket>> = lock(&self.buckets).values().cloned().collect();
        buckets.iter().map(|bucket| bucket.snapshot(&self.settings)).collect()
    }

    /// Numbers over all buckets.
    #[must_use]
    pub fn org(&self) -> OrgSnapshot {
        let (in_flight, peak_in_flight, cap, max_in_flight, concurrency_429) = self.slots.numbers();
        OrgSnapshot { in_flight, peak_in_flight, cap, max_in_flight, concurrency_429 }
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &GovernorSettings {
        &self.settings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A number in 0..1 for jitter (splitmix64; nothing secret hangs on it).
    pub(crate) fn random(&self) -> f64 {
        let mut x = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        f64::from(u32::try_from(x >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
    }

    fn bucket(&self, name: &'static str) -> Arc<Bucket> {
        let fresh = || {
            let (turn, state, changed) = (tokio::sync::Mutex::new(()), Mutex::default(), Notify::new());
            Arc::new(Bucket { name, turn, state, changed })
        };
        lock(&self.buckets).entry(name).or_insert_with(fresh).clone()
    }
}

impl Bucket {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn snapshot(&self, settings: &GovernorSettings) -> BucketSnapshot {
        let state = self.lock();
        let last = state.window.last();
        BucketSnapshot {
            bucket: self.name,
            calls: state.calls,
            r429: state.r429,
            limit: last.map(|(limit, _)| limit),
            remaining: last.map(|(_, remaining)| remaining),
            windows: state.window.windows(),
            reserve: last.map(|(limit, _)| settings.kept_back(limit)),
            waited: state.waited,
            in_flight: state.window.in_flight(),
            peak_in_flight: state.peak,
        }
    }
}

/// Leave to send one request. Dropped before [`sent`](Self::sent) it costs nothing; dropped after, without an
/// answer, the call counts as made.
#[derive(Debug)]
pub struct Permit<'a> {
    governor: &'a Governor,
    bucket: Arc<Bucket>,
    ticket: Option<Ticket>,
    left: Duration,
    sent: bool,
    waited: Duration,
    _slot: Slot<'a>,
}

impl Permit<'_> {
    /// How long this permit was waited for.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The request is on its way.
    pub fn sent(&mut self) {
        self.sent = true;
        self.bucket.lock().calls += 1;
    }

    /// The request did not reach Okta after all: no connection could be made.
    pub fn not_sent(&mut self) {
        if std::mem::take(&mut self.sent) {
            self.bucket.lock().calls -= 1;
        }
    }

    /// The headers of the answer are here. The place in flight is held until the permit is dropped, since Okta is
    /// busy with the call until its body is out.
    pub fn answered(&mut self, answer: Answer) {
        let now = self.governor.clock.monotonic();
        let outcome = if answer.is_concurrency_refusal() {
            self.governor.slots.refused(self.left, now);
            // Its other two headers are zero as well and say nothing of the bucket.
            Outcome::Lost
        } else {
            if answer.status < 400 {
                self.governor.slots.succeeded();
            }
            match answer.rate {
                // Whether it is Okta's at all, its body will tell: see `Governor::bare`.
                None => Outcome::Lost,
                Some(rate) => {
                    let left = |time: Timestamp| rate.reset.saturating_sub(time.as_second());
                    let until_reset =
                        window::until_reset(answer.date.map(left), left(self.governor.clock.now()));
                    Outcome::Told { rate, until_reset, refused: answer.status == 429 }
                }
            }
        };
        if answer.status == 429 && !answer.is_concurrency_refusal() {
            self.bucket.lock().r429 += 1;
        }
        self.settle(outcome, now);
    }

    fn settle(&mut self, outcome: Outcome, now: Duration) {
        if let Some(ticket) = self.ticket.take() {
            self.bucket.lock().window.settle(ticket, outcome, now);
            self.bucket.changed.notify_one();
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let outcome = if self.sent { Outcome::Lost } else { Outcome::Unsent };
        let now = self.governor.clock.monotonic();
        self.settle(outcome, now);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
