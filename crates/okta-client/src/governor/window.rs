//! What is known of one bucket: Okta counts calls in windows (of a minute, as far as seen [rec]), and every answer
//! tells the limit, what remains, and when the window ends. Pure: no clock, no waiting.

use std::time::Duration;

use reqwest::header::HeaderMap;

use super::GovernorSettings;

/// The rate-limit headers of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// `x-rate-limit-limit`: calls in a window. It shows the tightest limit that applies, which for a token is its
    /// own share, half of the org's unless an admin changed it [docs]. 0 means the org's concurrency limit.
    pub limit: u32,
    /// `x-rate-limit-remaining`: calls left in this window.
    pub remaining: u32,
    /// `x-rate-limit-reset`: end of the window, seconds of Unix time by Okta's clock.
    pub reset: i64,
}

impl RateLimit {
    /// Reads the three headers; `None` unless all are there and are numbers.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let count = |name: &str| number(name).and_then(|n| u32::try_from(n).ok());
        Some(Self {
            limit: count("x-rate-limit-limit")?,
            remaining: count("x-rate-limit-remaining")?,
            reset: number("x-rate-limit-reset")?,
        })
    }
}

/// No window is longer than this, however sure a reset further away looks.
const LONGEST: Duration = Duration::from_secs(600);

/// Windows last a minute wherever they were seen [rec]; rounding up to whole seconds adds less than one.
const USUAL: i64 = 61;

/// What is waited for from the first sight of a window whose end nobody can tell.
const WHOLE: Duration = Duration::from_secs(60);

/// Two clocks that are so close say the same, in seconds.
const AGREE: i64 = 5;

/// How long a window still lasts, by Okta's clock where that can be believed: `by_date` is reset − `Date`, `by_own`
/// reset − our clock, both in seconds. An answer's `Date` may be minutes off, since it need not be written by the
/// machine that counts; then ours decides. `None` where neither clock fits.
pub(super) fn until_reset(by_date: Option<i64>, by_own: i64) -> Option<Duration> {
    let usual = |seconds: i64| (0..=USUAL).contains(&seconds);
    // An answer that took long may come after the window's end; then both clocks say so.
    let agreed = |seconds: i64| seconds.saturating_sub(by_own).abs() <= AGREE;
    let seconds =
        by_date.filter(|s| usual(*s) || agreed(*s)).or_else(|| Some(by_own).filter(|s| usual(*s)))?;
    Some(Duration::from_secs(seconds.max(0).unsigned_abs()))
}

/// A refused call waits at least this long, whatever the reset says.
const AFTER_429: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Window {
    known: Option<Known>,
    /// Okta answered without headers before it did with them: nothing to go by, so only the org-wide cap counts.
    headerless: bool,
    /// Calls that left and have not been settled.
    in_flight: u32,
    /// Those of them that left while nothing was known of the window.
    probing: u32,
    /// Own calls in this window, for the share.
    spent: u32,
    /// Windows seen so far.
    windows: u32,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    limit: u32,
    /// The lowest seen in this window: answers overtake each other, and an old one must not give calls back.
    remaining: u32,
    reset: i64,
    /// The window's end by the local monotonic clock.
    ends: Duration,
    /// How often it was not over when it should have been.
    overdue: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Go,
    /// Until a call in flight is answered.
    Answer,
    /// Until then, or until a call in flight is answered.
    Until(Duration),
}

/// What a call took with it, to be given to [`Window::settle`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    probe: bool,
    reset: Option<i64>,
    left: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// It never left.
    Unsent,
    /// It may have reached Okta, and no answer came, or none that says how the bucket stands.
    Lost,
    /// An answer, and what [`until_reset`] makes of it.
    Told { rate: RateLimit, until_reset: Option<Duration>, refused: bool },
}

impl Window {
    pub fn decide(&self, now: Duration, settings: &GovernorSettings) -> Decision {
        match &self.known {
            None if self.headerless => Decision::Go,
            Some(known) if now < known.ends => self.within(known, settings),
            known if self.probing < probes(known.as_ref(), settings) => Decision::Go,
            _ => Decision::Answer,
        }
    }

    fn within(&self, known: &Known, settings: &GovernorSettings) -> Decision {
        // Every call in flight is taken as not yet counted in `remaining`. Some are, so this errs low, and each
        // answer corrects it.
        let free =
            known.remaining.saturating_sub(settings.kept_back(known.limit)).saturating_sub(self.in_flight);
        let own = settings.own_share(known.limit).saturating_sub(self.spent);
        if free > 0 && own > 0 { Decision::Go } else { Decision::Until(known.ends) }
    }

    /// Counts a call that leaves now. To be called only after [`Decision::Go`].
    pub fn take(&mut self, now: Duration) -> Ticket {
        let current = self.known.filter(|k| now < k.ends);
        let ticket = Ticket { probe: current.is_none(), reset: current.map(|k| k.reset), left: now };
        self.in_flight += 1;
        self.spent += 1;
        self.probing += u32::from(ticket.probe);
        ticket
    }

    pub fn settle(&mut self, ticket: Ticket, outcome: Outcome, now: Duration) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if ticket.probe {
            self.probing = self.probing.saturating_sub(1);
        }
        match outcome {
            Outcome::Unsent => self.spent = self.spent.saturating_sub(1),
            Outcome::Lost => self.count_unseen(ticket),
            Outcome::Told { rate, until_reset, refused } => {
                self.learn(ticket, rate, until_reset, refused, now)
            }
        }
    }

    /// Okta answered without rate-limit headers.
    pub fn bare(&mut self) {
        self.headerless |= self.known.is_none();
    }

    /// A call Okta may have counted without telling.
    fn count_unseen(&mut self, ticket: Ticket) {
        if let Some(known) = &mut self.known
            && ticket.reset == Some(known.reset)
        {
            known.remaining = known.remaining.saturating_sub(1);
        }
    }

    fn learn(
        &mut self,
        ticket: Ticket,
        rate: RateLimit,
        until_reset: Option<Duration>,
        refused: bool,
        now: Duration,
    ) {
        let remaining = if refused { 0 } else { rate.remaining };
        let pause = if refused { AFTER_429 } else { Duration::ZERO };
        // `Date` has whole seconds, cut off: the true end is at most a second before this, never after.
        let ends = until_reset.map(|left| now + left.clamp(pause, LONGEST));
        match &mut self.known {
            // Of a window before this one; unless this one should be over, and then its reset was wrong.
            Some(known) if rate.reset < known.reset && ticket.left < known.ends => {}
            Some(known) if rate.reset == known.reset => {
                known.limit = rate.limit;
                known.remaining = known.remaining.min(remaining);
                if ticket.left >= known.ends {
                    // What was taken for the end was not. Asking again and again would eat up the reserve.
                    known.overdue += 1;
                    let soonest = now + Duration::from_secs(1 << known.overdue.min(6).saturating_sub(1));
                    known.ends = ends.map_or(soonest, |ends| ends.max(soonest));
                } else if refused {
                    known.ends = ends.unwrap_or(known.ends).max(now + pause);
                } else if let Some(ends) = ends {
                    // Each answer bounds the end from above, so the earliest bound is the best one.
                    known.ends = known.ends.min(ends);
                }
            }
            _ => {
                let ends = ends.unwrap_or(now + WHOLE);
                self.known =
                    Some(Known { limit: rate.limit, remaining, reset: rate.reset, ends, overdue: 0 });
                self.spent = self.in_flight + 1;
                self.windows += 1;
            }
        }
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// How many windows calls were made in.
    pub fn windows(&self) -> u32 {
        self.windows
    }

    /// Limit and lowest remaining of the last window seen.
    pub fn last(&self) -> Option<(u32, u32)> {
        self.known.map(|k| (k.limit, k.remaining))
    }
}

/// How many calls find out what a window holds: a few where one has ended, since the next is most likely full. A
/// single one where nothing is known: a process that has died may have left no more than the reserve.
fn probes(known: Option<&Known>, settings: &GovernorSettings) -> u32 {
    match known {
        Some(known) if known.overdue == 0 => settings.probes.max(1),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn told(limit: u32, remaining: u32, reset: i64, until: u64) -> Outcome {
        let rate = RateLimit { limit, remaining, reset };
        Outcome::Told { rate, until_reset: Some(Duration::from_secs(until)), refused: false }
    }

    fn settings() -> GovernorSettings {
        GovernorSettings { reserve: 0.15, probes: 3, ..GovernorSettings::default() }
    }

    #[test]
    fn one_probe_and_then_a_burst_down_to_the_reserve() {
        let (mut window, settings) = (Window::default(), settings());
        assert_eq!(window.decide(SECOND, &settings), Decision::Go);
        let probe = window.take(SECOND);
        assert_eq!(window.decide(SECOND, &settings), Decision::Answer);
        window.settle(probe, told(100, 97, 60, 30), SECOND);
        let mut sent = 0;
        while window.decide(SECOND, &settings) == Decision::Go {
            window.take(SECOND);
            sent += 1;
        }
        assert_eq!(sent, 97 - 15, "everything but the reserve, at once");
        assert_eq!(window.decide(SECOND, &settings), Decision::Until(31 * SECOND));
    }

    #[test]
    fn an_overtaken_answer_gives_nothing_back() {
        let mut window = Window::default();
        let (a, b) = (window.take(SECOND), window.take(SECOND));
        window.settle(b, told(100, 50, 60, 30), SECOND);
        window.settle(a, told(100, 51, 60, 30), SECOND);
        assert_eq!(window.last(), Some((100, 50)));
        let late = window.take(SECOND);
        window.settle(late, told(100, 99, 0, 0), SECOND);
        assert_eq!(window.last(), Some((100, 50)), "a window that ended before this one");
    }

    #[test]
    fn lost_calls_count_and_unsent_calls_do_not() {
        let mut window = Window::default();
        let first = window.take(SECOND);
        window.settle(first, told(100, 50, 60, 30), SECOND);
        let (lost, unsent) = (window.take(SECOND), window.take(SECOND));
        window.settle(lost, Outcome::Lost, SECOND);
        window.settle(unsent, Outcome::Unsent, SECOND);
        assert_eq!(window.last(), Some((100, 49)));
        assert_eq!(window.in_flight(), 0);
    }

    #[test]
    fn a_window_that_has_ended_is_probed() {
        let (mut window, settings) = (Window::default(), settings());
        let first = window.take(SECOND);
        window.settle(first, told(100, 15, 60, 30), SECOND);
        assert_eq!(window.decide(2 * SECOND, &settings), Decision::Until(31 * SECOND));
        for _ in 0..3 {
            assert_eq!(window.decide(31 * SECOND, &settings), Decision::Go);
            window.take(31 * SECOND);
        }
        assert_eq!(window.decide(31 * SECOND, &settings), Decision::Answer);
    }

    #[test]
    fn an_end_that_came_too_early_is_put_right_by_the_next_answer() {
        let (mut window, settings) = (Window::default(), settings());
        let first = window.take(SECOND);
        window.settle(first, told(100, 15, 60, 2), SECOND);
        let probe = window.take(4 * SECOND);
        window.settle(probe, told(100, 14, 60, 5), 4 * SECOND);
        assert_eq!(window.decide(4 * SECOND, &settings), Decision::Until(9 * SECOND));
    }

    #[test]
    fn the_share_caps_own_calls_and_small_limits_stay_usable() {
        let settings = GovernorSettings { share: 0.1, reserve: 0.15, ..GovernorSettings::default() };
        let mut window = Window::default();
        let first = window.take(SECOND);
        window.settle(first, told(100, 99, 60, 30), SECOND);
        let mut sent = 1;
        while window.decide(SECOND, &settings) == Decision::Go {
            window.take(SECOND);
            sent += 1;
        }
        assert_eq!(sent, 8, "a tenth of what the reserve leaves of 100");
        assert_eq!((settings.kept_back(1), settings.own_share(1)), (0, 1));
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_not_believed() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(until_reset(Some(8), -7_000), seconds(8), "ours is the one that is off");
        assert_eq!(until_reset(Some(-180), 20), seconds(20));
        assert_eq!(until_reset(Some(240), 20), seconds(20));
        assert_eq!(until_reset(Some(-2), -3), seconds(0), "a slow answer, after the window's end");
        assert_eq!(until_reset(Some(300), 301), seconds(300), "a longer window than any seen, but sure");
        assert_eq!(until_reset(Some(-180), 4_000), None);
        assert_eq!((until_reset(None, 5), until_reset(None, -5)), (seconds(5), None));
    }

    #[test]
    fn without_a_clock_a_window_is_waited_for_whole_and_asked_after_ever_more_rarely() {
        let (mut window, settings) = (Window::default(), settings());
        let lost = |remaining| {
            let rate = RateLimit { limit: 100, remaining, reset: 60 };
            Outcome::Told { rate, until_reset: None, refused: false }
        };
        let probe = window.take(SECOND);
        window.settle(probe, lost(15), SECOND);
        assert_eq!(window.decide(60 * SECOND, &settings), Decision::Until(61 * SECOND));
        let mut now = 61 * SECOND;
        for (n, pause) in (1..).zip([1, 2, 4, 8]) {
            assert_eq!(window.decide(now, &settings), Decision::Go);
            let probe = window.take(now);
            assert_eq!(window.decide(now, &settings), if n == 1 { Decision::Go } else { Decision::Answer });
            window.settle(probe, lost(15 - n), now);
            assert_eq!(window.decide(now, &settings), Decision::Until(now + pause * SECOND));
            now += pause * SECOND;
        }
    }

    #[test]
    fn a_reset_that_was_wrong_is_forgotten() {
        let (mut window, settings) = (Window::default(), settings());
        let probe = window.take(SECOND);
        window.settle(probe, told(100, 0, 9_000_000, 30), SECOND);
        let probe = window.take(31 * SECOND);
        window.settle(probe, told(100, 99, 60, 30), 31 * SECOND);
        assert_eq!(window.decide(31 * SECOND, &settings), Decision::Go);
        assert_eq!(window.last(), Some((100, 99)));
    }

    #[test]
    fn a_bucket_without_headers_is_not_held_back() {
        let (mut window, settings) = (Window::default(), settings());
        let first = window.take(SECOND);
        window.settle(first, Outcome::Lost, SECOND);
        window.bare();
        for _ in 0..50 {
            assert_eq!(window.decide(SECOND, &settings), Decision::Go);
            window.take(SECOND);
        }
    }
}
