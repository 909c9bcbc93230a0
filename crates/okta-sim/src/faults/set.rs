//! The faults that were asked for by name, and what they are told of a call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::dice::{Dice, number};
use super::{FAULTS, Fault, GROUPS, Named, RequestInfo, Verdict};
use crate::config::Config;
use crate::generate::permutation::hash;
use crate::org::Org;
use crate::reply::Reply;

/// Faults by name. Of several, one at a time meets a call.
#[derive(Debug)]
pub struct Faults {
    chosen: Vec<&'static Named>,
    seed: AtomicU64,
    quiet: AtomicBool,
    org: OnceLock<Arc<Org>>,
    /// How often each page was asked for, and what faults count besides.
    times: Mutex<HashMap<u64, u32>>,
    struck: AtomicU64,
}

/// A call that meets a fault.
pub(super) struct Met<'a> {
    pub org: &'a Org,
    pub request: &'a RequestInfo,
    /// The how manieth time that this page is asked for, whatever its size, from 1.
    pub time: u32,
    /// The seed of this fault: the same for every call.
    pub seed: u64,
    /// The number that stands for this page, asked for this time.
    lot: u64,
    /// How much more often it strikes than it would alone: of several, each has its turn less often.
    often: u64,
    faults: &'a Faults,
}

impl Met<'_> {
    /// True for one call in `n`, but only the first `times` times that a page is asked for: patience is rewarded.
    pub fn strikes(&self, n: u64, times: u32) -> bool {
        let strikes = self.time <= times && Dice::new(self.lot).one_in((n / self.often).max(2));
        if strikes {
            self.struck();
        }
        strikes
    }

    /// Takes note that a call was spoiled, where no chance decided it.
    pub fn struck(&self) {
        self.faults.struck.fetch_add(1, Ordering::Relaxed);
    }

    /// Chance beside that of [`strikes`](Self::strikes).
    pub fn dice(&self) -> Dice {
        Dice::new(!self.lot)
    }

    /// Chance that holds for a listing, whatever the page and the time.
    pub fn of_listing(&self) -> Dice {
        Dice::new(number(self.seed, &self.request.path))
    }

    pub fn reads(&self) -> bool {
        self.request.method == "GET"
    }

    /// Value of a query parameter, as sent.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.request.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Counts something, and says how often it was counted, this time included.
    pub fn count(&self, what: &str) -> u32 {
        self.faults.count(number(self.seed, what))
    }
}

impl Faults {
    /// The faults with these names: one of [`FAULTS`] or [`GROUPS`], or several with commas between.
    ///
    /// # Errors
    /// Says which name is none, and which there are.
    pub fn named(names: &str, seed: u64) -> Result<Self, String> {
        let mut chosen: Vec<&'static Named> = Vec::new();
        for name in names.split(',').map(str::trim) {
            let group: fn(&Named) -> bool = match name {
                "chaos" => |_| true,
                "trouble" => |fault| !fault.changes,
                _ => |_| false,
            };
            let mut meant = FAULTS.iter().filter(|f| f.name == name || group(f)).peekable();
            if meant.peek().is_none() {
                let known = FAULTS.iter().map(|f| f.name).chain(GROUPS.iter().map(|g| g.0));
                let known: Vec<&str> = known.collect();
                return Err(format!(
                    "faults: there is none called {name:?}; there are: {}",
                    known.join(", ")
                ));
            }
            for fault in meant {
                if !chosen.iter().any(|c| c.name == fault.name) {
                    chosen.push(fault);
                }
            }
        }
        let (seed, quiet) = (AtomicU64::new(seed), AtomicBool::new(false));
        let (org, times, struck) = (OnceLock::new(), Mutex::default(), AtomicU64::default());
        Ok(Self { chosen, seed, quiet, org, times, struck })
    }

    /// How often they struck so far.
    pub fn struck(&self) -> u64 {
        self.struck.load(Ordering::Relaxed)
    }

    /// Whether a copy made meanwhile may rightly differ from the org; see [`Named::changes`].
    pub fn changes(&self) -> bool {
        self.chosen.iter().any(|fault| fault.changes)
    }

    /// Begins anew with another seed, as if nothing had been asked for yet.
    pub fn restart(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
        self.times().clear();
        self.quiet.store(false, Ordering::Relaxed);
    }

    /// No faults from now on, until [`restart`](Self::restart).
    pub fn stop(&self) {
        self.quiet.store(true, Ordering::Relaxed);
    }

    fn times(&self) -> std::sync::MutexGuard<'_, HashMap<u64, u32>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, what: u64) -> u32 {
        let mut times = self.times();
        let time = times.entry(what).or_default();
        *time = time.saturating_add(1);
        *time
    }

    /// The fault whose turn it is, with what it is told.
    fn turn<'a>(
        &'a self,
        org: &'a Org,
        request: &'a RequestInfo,
        time: u32,
    ) -> Option<(&'static Named, Met<'a>)> {
        let seed = self.seed.load(Ordering::Relaxed);
        let lot = hash(number(seed, &page(request)), u64::from(time), 0x107);
        let count = self.chosen.len() as u64;
        let fault = *self.chosen.get(lot.checked_rem(count)? as usize)?;
        let own = number(seed, fault.name);
        // A third of what each would do alone: together they do more than any of them.
        let often = count.div_ceil(3);
        Some((fault, Met { org, request, time, seed: own, lot: hash(lot, own, 1), often, faults: self }))
    }

    fn org(&self) -> Option<&Arc<Org>> {
        self.org.get().filter(|_| !self.quiet.load(Ordering::Relaxed))
    }
}

/// What is asked for, whatever the page's size and what is shown beside.
fn page(request: &RequestInfo) -> String {
    let sized = |pair: &&str| !pair.starts_with("limit=") && !pair.starts_with("expand=");
    let query: Vec<&str> = request.query.split('&').filter(sized).collect();
    format!("{} {}?{}", request.method, request.path, query.join("&"))
}

impl Fault for Faults {
    fn configure(&self, config: &mut Config) {
        self.chosen.iter().for_each(|fault| (fault.configure)(config));
    }

    fn attach(&self, org: &Arc<Org>) {
        // Faults belong to the first org that they are given to.
        let _ = self.org.set(org.clone());
    }

    fn before(&self, request: &RequestInfo) -> Verdict {
        let Some(org) = self.org() else { return Verdict::Pass };
        let time = self.count(number(0, &page(request)));
        self.turn(org, request, time).map_or(Verdict::Pass, |(fault, met)| (fault.before)(&met))
    }

    fn after(&self, request: &RequestInfo, reply: &mut Reply) {
        let Some(org) = self.org() else { return };
        let time = self.times().get(&number(0, &page(request))).copied().unwrap_or(1);
        if let Some((fault, met)) = self.turn(org, request, time) {
            (fault.after)(&met, reply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn request(path: &str, query: &str) -> RequestInfo {
        let route = "GET /api/v1/groups/{id}/users";
        RequestInfo { method: "GET".into(), path: path.into(), query: query.into(), route, number: 1 }
    }

    /// What a set of calls meets, in the order of their names.
    fn met(seed: u64, backwards: bool) -> Vec<String> {
        let faults = Faults::named("trouble", seed).expect("a group");
        faults.attach(&Arc::new(Org::new(Config::default(), Arc::new(SystemClock)).expect("an org")));
        let mut calls: Vec<u32> = (0..200).collect();
        if backwards {
            calls.reverse();
        }
        let meet = |n: &u32| {
            format!("{n:03} {:?}", faults.before(&request(&format!("/api/v1/groups/{n}/users"), "limit=9")))
        };
        let mut all: Vec<String> = calls.iter().map(meet).collect();
        all.sort();
        all
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_in_any_order() {
        let steady = |all: Vec<String>| -> Vec<String> {
            // The moment at which a limit's window ends is the clock's.
            all.into_iter()
                .map(|line| line.split("x-rate-limit-reset").next().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(steady(met(7, false)), steady(met(7, true)));
        assert_ne!(steady(met(7, false)), steady(met(8, false)));
        assert!(met(7, false).iter().filter(|line| !line.ends_with("Pass")).count() > 5);
    }

    #[test]
    fn names_are_one_each_and_a_wrong_one_is_told() {
        let all = Faults::named("chaos", 1).expect("a group");
        assert_eq!(all.chosen.len(), FAULTS.len());
        let mut names: Vec<&str> = FAULTS.iter().map(|f| f.name).chain(GROUPS.iter().map(|g| g.0)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FAULTS.len() + GROUPS.len());
        let two = Faults::named("5xx, odd-records,5xx", 1).expect("two names");
        assert_eq!((two.chosen.len(), two.changes()), (2, true));
        assert!(!Faults::named("trouble", 1).expect("a group").changes());
        let wrong = Faults::named("nope", 1).expect_err("no such fault");
        assert!(wrong.contains("\"nope\"") && wrong.contains("429-storm"), "{wrong}");
    }

    #[test]
    fn what_is_stopped_is_still_until_it_is_restarted() {
        let faults = Faults::named("connection-reset", 1).expect("a name");
        faults.attach(&Arc::new(Org::new(Config::default(), Arc::new(SystemClock)).expect("an org")));
        let struck = || {
            let verdicts =
                (0..100).map(|n| faults.before(&request(&format!("/api/v1/groups/{n}/users"), "")));
            verdicts.filter(|v| matches!(v, Verdict::Disconnect)).count()
        };
        assert!(struck() > 2);
        faults.stop();
        assert_eq!(struck(), 0);
        faults.restart(2);
        assert!(struck() > 2);
    }
}
