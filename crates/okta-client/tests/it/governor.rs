//! The governor against a model of Okta's limits, in paused time: every run is decided by its seed.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use okta_client::governor::{Answer, Governor, GovernorSettings};
use okta_client::{Clock, RateLimit};
use proptest::prelude::*;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

/// 2026-01-01T00:00:00Z, in seconds.
const START: i64 = 1_767_225_600;

/// Tokio's time, which tests can pause.
#[derive(Debug)]
pub struct TokioClock(Instant);

impl TokioClock {
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.0.elapsed().as_secs()).expect("a short test");
        Timestamp::from_second(START + elapsed).expect("in range")
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A little generator, so that a run is decided by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most.max(1)
    }
}

/// Okta's side of one bucket: fixed windows by its own clock, which is `skew` ahead of ours.
struct Okta {
    limit: u32,
    window: u64,
    concurrency: u32,
    skew: Duration,
    /// Seconds by which the `Date` of its answers is wrong.
    date_off: i64,
    start: Instant,
    current: u64,
    used: u32,
    busy: u32,
    peak: u32,
    rate_refusals: u32,
    concurrency_refusals: u32,
    lowest: u32,
    served: u32,
    /// Calls of ours let through, by window.
    ours: std::collections::BTreeMap<u64, u32>,
}

impl Okta {
    fn new(limit: u32, window: u64, skew: Duration) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            limit,
            window,
            concurrency: u32::MAX,
            skew,
            date_off: 0,
            start: Instant::now(),
            current: 0,
            used: 0,
            busy: 0,
            peak: 0,
            rate_refusals: 0,
            concurrency_refusals: 0,
            lowest: u32::MAX,
            served: 0,
            ours: std::collections::BTreeMap::new(),
        }))
    }

    fn now(&self) -> Duration {
        self.start.elapsed() + self.skew
    }

    /// Counts a call and says what its headers will say.
    fn call(&mut self, own: bool) -> Answer {
        let window = self.now().as_secs() / self.window;
        if window != self.current {
            self.current = window;
            self.used = 0;
        }
        let seconds = |n: u64| START + i64::try_from(n).expect("a short test");
        let reset = seconds((window + 1) * self.window);
        // `Date` is cut to the second.
        let date = Timestamp::from_second(seconds(self.now().as_secs()) + self.date_off).ok();
        if self.busy > self.concurrency {
            self.concurrency_refusals += 1;
            let rate = Some(RateLimit { limit: 0, remaining: 0, reset });
            return Answer { status: 429, rate, date };
        }
        let refused = self.used >= self.limit;
        if refused {
            self.rate_refusals += u32::from(own);
        } else {
            self.used += 1;
            self.served += u32::from(own);
            *self.ours.entry(window).or_default() += u32::from(own);
        }
        let remaining = self.limit - self.used;
        self.lowest = self.lowest.min(remaining);
        let rate = Some(RateLimit { limit: self.limit, remaining, reset });
        Answer { status: if refused { 429 } else { 200 }, rate, date }
    }
}

/// One call over a network whose every way takes a different time, so that answers overtake each other.
async fn exchange(governor: &Governor, okta: &RefCell<Okta>, there: Duration, back: Duration) -> u16 {
    let mut permit = governor.acquire("users").await;
    permit.sent();
    {
        let mut okta = okta.borrow_mut();
        okta.busy += 1;
        okta.peak = okta.peak.max(okta.busy);
    }
    let busy = Busy(okta);
    sleep(there).await;
    let answer = okta.borrow_mut().call(true);
    sleep(back).await;
    drop(busy);
    permit.answered(answer);
    answer.status
}

struct Busy<'a>(&'a RefCell<Okta>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().busy -= 1;
    }
}

fn in_paused_time<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    LocalSet::new().block_on(&runtime.expect("runtime"), test)
}

fn governor(settings: GovernorSettings) -> Rc<Governor> {
    Rc::new(Governor::new(settings, Arc::new(TokioClock::new())))
}

fn settings(seed: u64) -> GovernorSettings {
    GovernorSettings { seed: Some(seed), ..GovernorSettings::default() }
}

/// `callers` tasks make `calls` calls in all; returns how long it took.
async fn run(
    governor: &Rc<Governor>,
    okta: &Rc<RefCell<Okta>>,
    callers: u32,
    calls: u32,
    slowest: u64,
    seed: u64,
) -> Duration {
    let start = Instant::now();
    let left = Rc::new(RefCell::new(calls));
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let (governor, okta, left) = (governor.clone(), okta.clone(), left.clone());
            tokio::task::spawn_local(async move {
                let mut random = Random(seed ^ u64::from(caller) << 32);
                loop {
                    {
                        let mut left = left.borrow_mut();
                        if *left == 0 {
                            return;
                        }
                        *left -= 1;
                    }
                    let there = Duration::from_millis(random.below(slowest));
                    let back = Duration::from_millis(random.below(slowest));
                    if exchange(&governor, &okta, there, back).await == 429 {
                        *left.borrow_mut() += 1;
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    start.elapsed()
}

#[test]
fn sixty_four_callers_spend_the_window_at_once_and_never_overspend() {
    in_paused_time(async {
        let okta = Okta::new(600, 60, Duration::from_millis(12_345));
        let governor = governor(settings(7));
        let took = run(&governor, &okta, 64, 1500, 200, 7).await;
        let okta = okta.borrow();
        assert_eq!(okta.rate_refusals, 0);
        assert_eq!(okta.served, 1500);
        assert!(okta.lowest >= 90, "the reserve of 15 % was touched: {}", okta.lowest);
        // 510 a window: 510 before 12:345+47.6 s, 510 in the second minute, 480 in the third.
        let bound = Duration::from_millis(60_000 - 12_345 + 60_000);
        assert!(took >= bound && took < bound + Duration::from_secs(12), "{took:?}");
        let bucket = &governor.snapshot()[0];
        assert_eq!((bucket.calls, bucket.r429, bucket.limit, bucket.reserve), (1500, 0, Some(600), Some(90)));
        assert_eq!(bucket.in_flight, 0);
        assert!(bucket.peak_in_flight <= 32 && okta.peak <= 32);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_network_does_the_reserve_holds(
        seed in any::<u64>(), limit in 5_u32..800, window in 5_u64..61, skew in 0_u64..60_000, callers in 1_u32..65,
        slowest in 1_u64..3000, share in 0.1_f64..1.0, calls in 1_u32..1000,
    ) {
        in_paused_time(async {
            let okta = Okta::new(limit, window, Duration::from_millis(skew));
            let settings = GovernorSettings { share, ..settings(seed) };
            let governor = governor(settings.clone());
            run(&governor, &okta, callers, calls.min(limit * 4), slowest, seed).await;
            let okta = okta.borrow();
            prop_assert_eq!(okta.rate_refusals, 0);
            // The first calls go out before anything is known; they alone may take a tiny window's reserve.
            let reserve = (f64::from(limit) * settings.reserve).ceil() as u32;
            prop_assert!(okta.lowest >= reserve.min(limit.saturating_sub(settings.probes)), "{}", okta.lowest);
            prop_assert_eq!(governor.org().in_flight, 0);
            prop_assert_eq!(governor.snapshot()[0].in_flight, 0);
            Ok(())
        })?;
    }

    #[test]
    fn whatever_the_date_says_the_reserve_holds(
        seed in any::<u64>(), limit in 5_u32..800, window in 5_u64..61, off in 120_i64..900, ahead in any::<bool>(),
        callers in 1_u32..65, slowest in 1_u64..3000, calls in 1_u32..1000,
    ) {
        in_paused_time(async {
            let okta = Okta::new(limit, window, Duration::ZERO);
            okta.borrow_mut().date_off = if ahead { off } else { -off };
            let settings = settings(seed);
            let governor = governor(settings.clone());
            run(&governor, &okta, callers, calls.min(limit * 4), slowest, seed).await;
            let okta = okta.borrow();
            prop_assert_eq!(okta.rate_refusals, 0);
            let reserve = (f64::from(limit) * settings.reserve).ceil() as u32;
            prop_assert!(okta.lowest >= reserve.min(limit.saturating_sub(settings.probes)), "{}", okta.lowest);
            Ok(())
        })?;
    }

    #[test]
    fn dropped_calls_give_everything_back(seed in any::<u64>(), patience in 1_u64..20_000) {
        in_paused_time(async {
            let okta = Okta::new(50, 60, Duration::ZERO);
            let governor = governor(settings(seed));
            let mut random = Random(seed);
            let tasks: Vec<_> = (0..200).map(|_| {
                let (governor, okta) = (governor.clone(), okta.clone());
                let patience = Duration::from_millis(random.below(patience));
                let (there, back) = (Duration::from_millis(random.below(500)), Duration::from_millis(random.below(500)));
                tokio::task::spawn_local(async move {
                    let _ = tokio::time::timeout(patience, exchange(&governor, &okta, there, back)).await;
                })
            }).collect();
            for task in tasks {
                task.await.expect("no panic");
            }
            prop_assert_eq!(okta.borrow().rate_refusals, 0);
            prop_assert_eq!(governor.org().in_flight, 0);
            // And the queue still moves.
            let waited = tokio::time::timeout(Duration::from_secs(130), governor.acquire("users")).await;
            prop_assert!(waited.is_ok());
            Ok(())
        })?;
    }
}

#[test]
fn others_who_spend_the_window_are_made_way_for() {
    in_paused_time(async {
        let okta = Okta::new(100, 60, Duration::ZERO);
        let others = okta.clone();
        tokio::task::spawn_local(async move {
            loop {
                others.borrow_mut().call(false);
                sleep(Duration::from_millis(900)).await;
            }
        });
        let governor = governor(settings(3));
        run(&governor, &okta, 16, 150, 100, 3).await;
        assert_eq!(okta.borrow().rate_refusals, 0);
    });
}

#[test]
fn the_share_holds_in_every_window() {
    in_paused_time(async {
        let okta = Okta::new(100, 60, Duration::from_secs(30));
        let governor = governor(GovernorSettings { share: 0.25, ..settings(5) });
        run(&governor, &okta, 32, 70, 300, 5).await;
        let okta = okta.borrow();
        assert_eq!(okta.ours.values().copied().max(), Some(21), "a quarter of 85: {:?}", okta.ours);
    });
}

#[test]
fn who_comes_when_another_has_just_died_leaves_the_reserve_alone() {
    in_paused_time(async {
        let okta = Okta::new(50, 60, Duration::ZERO);
        let mut calls = 0;
        // Each knows nothing of those before it, and comes in the same window.
        for seed in 0..8 {
            let governor = governor(settings(seed));
            let spent =
                tokio::time::timeout(Duration::from_secs(5), run(&governor, &okta, 16, 100, 100, seed));
            assert!(spent.await.is_err(), "it waits for the next window");
            calls += governor.snapshot()[0].calls;
        }
        let okta = okta.borrow();
        assert_eq!(
            (okta.rate_refusals, okta.served, calls),
            (0, 42 + 7, 42 + 7),
            "one call each of the reserve of 8"
        );
    });
}

#[test]
fn first_come_is_first_served() {
    in_paused_time(async {
        let okta = Okta::new(20, 60, Duration::ZERO);
        let governor = governor(settings(1));
        let order: Rc<RefCell<Vec<u32>>> = Rc::default();
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let (governor, okta, order) = (governor.clone(), okta.clone(), order.clone());
                tokio::task::spawn_local(async move {
                    let mut permit = governor.acquire("users").await;
                    order.borrow_mut().push(n);
                    permit.sent();
                    sleep(Duration::from_millis(50)).await;
                    let answer = okta.borrow_mut().call(true);
                    permit.answered(answer);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert_eq!(*order.borrow(), (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn at_the_concurrency_limit_fewer_fly() {
    in_paused_time(async {
        let okta = Okta::new(100_000, 60, Duration::ZERO);
        okta.borrow_mut().concurrency = 10;
        let governor = governor(settings(9));
        run(&governor, &okta, 64, 2000, 400, 9).await;
        let (okta, org) = (okta.borrow(), governor.org());
        assert_eq!(okta.served, 2000);
        assert_eq!(u64::from(okta.concurrency_refusals), org.concurrency_429);
        assert_eq!(governor.snapshot()[0].r429, 0, "they are not the bucket's");
        assert!(org.cap <= 16, "{org:?}");
        assert!(okta.concurrency_refusals < 150, "{}", okta.concurrency_refusals);
    });
}

#[test]
fn buckets_do_not_wait_for_each_other() {
    in_paused_time(async {
        let governor = governor(settings(2));
        let start = Instant::now();
        let rate = RateLimit { limit: 10, remaining: 0, reset: START + 60 };
        let answer = Answer { status: 200, rate: Some(rate), date: Timestamp::from_second(START).ok() };
        let mut spent = governor.acquire("apps").await;
        spent.sent();
        spent.answered(answer);
        drop(spent);
        let waiting = governor.acquire("apps");
        let other = governor.acquire("users");
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(other.await);
        assert!(start.elapsed() < Duration::from_millis(1));
        drop(waiting.await);
        assert!(start.elapsed() >= Duration::from_secs(60));
        assert!(start.elapsed() < Duration::from_secs(61));
    });
}
