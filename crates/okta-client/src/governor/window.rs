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

/// No window is longer than this; a reset further away is a wrong clock, and is probed instead of waited for.
const LONGEST: Duration = Duration::from_secs(600);

/// A refused call waits at least this long, whatever the reset says.
const AFTER_429: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Window {
    known: Option<Known>,
    /// An answer came without headers before any came with them: nothing to go by, so only the org-wide cap counts.
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
    /// It may have reached Okta, and no answer came.
    Lost,
    /// An answer without rate-limit headers.
    Bare,
    /// An answer. `until_reset` is by Okta's clock: reset − `Date`.
    Told { rate: RateLimit, until_reset: Duration, refused: bool },
}

impl Window {
    pub fn decide(&self, now: Duration, settings: &GovernorSettings) -> Decision {
        match &self.known {
            None if self.headerless => Decision::Go,
            Some(known) if now < known.ends => self.within(known, settings),
            // Nothing known, or a window that has ended: a few calls find out what the new one holds.
            _ if self.probing < settings.probes.max(1) => Decision::Go,
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
            Outcome::Bare => {
                self.headerless |= self.known.is_none();
                self.count_unseen(ticket);
            }
            Outcome::Told { rate, until_reset, refused } => {
                self.learn(ticket, rate, until_reset, refused, now)
            }
        }
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
        until_reset: Duration,
        refused: bool,
        now: Duration,
    ) {
        let remaining = if refused { 0 } else { rate.remaining };
        let pause = if refused { AFTER_429 } else { Duration::ZERO };
        // `Date` has whole seconds, cut off: the true end is at most a second before this, never after.
        let ends = now + until_reset.clamp(pause, LONGEST);
        match &mut self.known {
            Some(known) if rate.reset < known.reset => {}
            Some(known) if rate.reset == known.reset => {
                known.limit = rate.limit;
                known.remaining = known.remaining.min(remaining);
                // Each answer bounds the end from above, so the earliest bound is the best one; but a call that left
                // after what was taken for the end shows that it was not.
                known.ends = if ticket.left >= known.ends || refused { ends } else { known.ends.min(ends) };
            }
            _ => {
                self.known = Some(Known { limit: rate.limit, remaining, reset: rate.reset, ends });
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn told(limit: u32, remaining: u32, reset: i64, until: u64) -> Outcome {
        let rate = RateLimit { limit, remaining, reset };
        Outcome::Told { rate, until_reset: Duration::from_secs(until), refused: false }
    }

    fn settings() -> GovernorSettings {
        GovernorSettings { reserve: 0.15, probes: 3, ..GovernorSettings::default() }
    }

    #[test]
    fn a_few_probes_and_then_a_burst_down_to_the_reserve() {
        let (mut window, settings) = (Window::default(), settings());
        let tickets: Vec<Ticket> = (0..3)
            .map(|_| {
                assert_eq!(window.decide(SECOND, &settings), Decision::Go);
                window.take(SECOND)
            })
            .collect();
        assert_eq!(window.decide(SECOND, &settings), Decision::Answer);
        for (n, ticket) in (1..).zip(tickets) {
            window.settle(ticket, told(100, 100 - n, 60, 30), SECOND);
        }
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
        assert_eq!(sent, 10);
        assert_eq!((settings.kept_back(1), settings.own_share(1)), (0, 1));
    }

    #[test]
    fn a_bucket_without_headers_is_not_held_back() {
        let (mut window, settings) = (Window::default(), settings());
        let first = window.take(SECOND);
        window.settle(first, Outcome::Bare, SECOND);
        for _ in 0..50 {
            assert_eq!(window.decide(SECOND, &settings), Decision::Go);
            window.take(SECOND);
        }
    }
}
