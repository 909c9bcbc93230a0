//! What a plan reckons with: how many there are of what a data set is listed over, and how many calls it took.

use std::collections::{BTreeMap, BTreeSet};

use okta_client::Listing;
use serde::{Deserialize, Serialize};
use transom_core::Millis;
use transom_store::Alike;

use super::super::fan_out::REFUSALS;
use crate::dataset::{Dataset, Over, Scope};

/// Parents that a data set is taken to have where nobody knows: a plan then says that it guesses.
const GUESS: u64 = 10;
/// Objects that each parent is listed once for, too, likewise.
const GUESS_PER: u64 = 1;

/// Where the numbers of a plan come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// From the copy that is held, and from the last run's calls.
    Copy {
        /// When that run ended.
        at: Millis,
    },
    /// From a few calls, made for it: the lists of groups and apps and of those who hold roles.
    Asked {
        /// How many.
        calls: u64,
        /// Whether there are more groups or apps than so few calls show, so that the numbers are the least there are.
        more: bool,
    },
    /// Nothing is known: all of it is guessed.
    #[default]
    Nothing,
}

/// The numbers.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Where they come from.
    pub source: Source,
    /// What a reading is listed over, by [`key`].
    pub parents: BTreeMap<String, Vec<Alike>>,
    /// Objects or edges of a data set, by its name.
    pub items: BTreeMap<String, u64>,
    /// Calls that a reading is known to take, by [`key`].
    pub calls: BTreeMap<String, u64>,
    /// Data sets that Okta refused the last time, by a sync or by the verification, by name.
    pub refused: BTreeSet<String>,
    /// Ways of reading that are not to be taken now, by [`key`]: they fell short not long ago.
    pub avoided: BTreeSet<String>,
    /// The way, by [`key`], in which data sets were read last of which more was missing than is believed at once, by name: what
    /// is missing again is told by what it was listed under.
    pub again: BTreeMap<String, String>,
    /// Data sets that it takes a consent to read, which was not given: no call is made for them.
    pub unasked: BTreeSet<&'static str>,
}

/// What runs leave behind for the next plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Calls that a whole reading took when it was last made, by [`key`].
    pub calls: BTreeMap<String, u64>,
    /// Calls a minute that Okta's headers last allowed, by rate bucket.
    pub limits: BTreeMap<String, u32>,
    /// Other ways than the usual one that could not read everything, by [`key`], and when. Where Okta does not bear the
    /// weight of one (an `expand` that times out for every parent), it would not the next time either.
    #[serde(default)]
    pub short: BTreeMap<String, Millis>,
}

/// What names a way of reading: `group_member by group`.
pub fn key(reading: &Dataset) -> String {
    format!("{} {}", reading.name, reading.route())
}

/// How many calls a reading takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Estimate {
    /// By rate bucket.
    pub buckets: BTreeMap<&'static str, u64>,
    /// Whether how often something is listed is guessed.
    pub guessed: bool,
    /// Whether a listing may have further pages, as nobody knows how much there is: then it is the least that it takes.
    pub least: bool,
}

impl Estimate {
    /// In all buckets.
    pub fn calls(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// The bucket of most of them.
    pub fn bucket(&self) -> &'static str {
        self.buckets.iter().max_by_key(|(_, n)| **n).map_or("", |(bucket, _)| bucket)
    }
}

impl Counts {
    /// The calls of a reading: those that it is known to take, else what its declaration makes of the counts.
    pub fn estimate(&self, reading: &Dataset) -> Estimate {
        if self.unasked.contains(reading.name) || self.closed(reading) {
            return Estimate::default();
        }
        let key = key(reading);
        let mut estimate = self.reckon(reading, self.parents.get(&key).map(Vec::as_slice));
        let reckoned = estimate.calls();
        // What it took for each of fewer or more of them says nothing.
        if let Some(known) = self.calls.get(&key).copied().filter(|_| reading.per.is_none()) {
            let mut left = known;
            for (_, n) in estimate.buckets.iter_mut().rev().skip(1) {
                *n = (*n * known).checked_div(reckoned).unwrap_or_default();
                left -= (*n).min(left);
            }
            if let Some((_, n)) = estimate.buckets.iter_mut().next_back() {
                *n = left;
            }
            (estimate.guessed, estimate.least) = (false, false);
        }
        if self.refused.contains(reading.name) {
            let most = if matches!(reading.over, Over::Org) { 1 } else { REFUSALS };
            estimate.buckets.values_mut().for_each(|n| *n = (*n).min(most));
            estimate.least = false;
        }
        estimate
    }

    /// Whether what a reading is listed over can't be read, so that it makes no call.
    pub fn closed(&self, reading: &Dataset) -> bool {
        let closed = |name: &&'static str| self.refused.contains(*name) || self.unasked.contains(name);
        matches!(reading.over, Over::Each(_)) && reading.after.iter().any(closed)
    }

    fn reckon(&self, reading: &Dataset, parents: Option<&[Alike]>) -> Estimate {
        let mut estimate = Estimate::default();
        let items = self.items.get(reading.name).copied();
        // Of a listing of who knows how much, the first page is reckoned.
        let least = |listing: &Listing| items.is_none() && listing.page_size.is_some();
        if matches!(reading.over, Over::Org) {
            let listings = (reading.parts)(&Scope::of_org("x"));
            estimate.least = listings.first().is_some_and(least);
            for (n, listing) in listings.iter().enumerate() {
                // The first listing has the bulk; the others are exceptions.
                let pages = if n == 0 { pages(listing, items.unwrap_or(0)) } else { 1 };
                *estimate.buckets.entry(listing.bucket()).or_default() += pages;
            }
            return estimate;
        }
        let guess = [Alike { status: None, mark: None, count: GUESS }];
        let per = reading.per.map(|name| self.items.get(name).copied());
        estimate.guessed = parents.is_none() || per == Some(None);
        let per = vec!["x"; per.map_or(0, |n| n.unwrap_or(GUESS_PER)) as usize];
        let asked: Vec<(u64, Vec<Listing>)> = parents
            .unwrap_or(&guess)
            .iter()
            .map(|alike| {
                let status = alike.status.as_deref();
                let scope = Scope { status, mark: alike.mark, per: &per, ..Scope::any() };
                (alike.count, (reading.parts)(&scope))
            })
            .collect();
        estimate.least = asked.iter().any(|(n, of_each)| *n > 0 && of_each.iter().any(least));
        let listings: u64 = asked.iter().map(|(n, listings)| n * listings.len() as u64).sum();
        let each = items.unwrap_or(0).checked_div(listings).unwrap_or_default();
        for (count, of_each) in &asked {
            for listing in of_each {
                *estimate.buckets.entry(listing.bucket()).or_default() += count * pages(listing, each);
            }
        }
        estimate
    }
}

/// Pages of so many items; an empty listing has one.
fn pages(listing: &Listing, items: u64) -> u64 {
    let size = listing.page_size.map_or(u64::MAX, |size| u64::from(size.ask));
    items.div_ceil(size).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::dataset;

    fn alike(status: Option<&str>, mark: Option<i32>, count: u64) -> Alike {
        Alike { status: status.map(str::to_string), mark, count }
    }

    fn of(name: &str) -> &'static Dataset {
        dataset(name).expect("declared")
    }

    #[test]
    fn calls_follow_parents_pages_and_what_needs_no_call() {
        let mut counts = Counts::default();
        counts.parents.insert(
            "factor by user".into(),
            vec![alike(Some("ACTIVE"), None, 90), alike(Some("DEPROVISIONED"), None, 10)],
        );
        let factors = counts.estimate(of("factor"));
        assert_eq!((factors.calls(), factors.bucket(), factors.guessed), (90, "users/{id}/*", false));
        // 500 groups, 40 of them empty, of 300 members each; then of 2,500 each.
        let groups = vec![alike(None, Some(0), 40), alike(None, Some(1), 460)];
        counts.parents.insert("group_member by group".into(), groups);
        counts.items.insert("group_member".into(), 460 * 300);
        assert_eq!(counts.estimate(of("group_member")).calls(), 460);
        counts.items.insert("group_member".into(), 460 * 2_500);
        assert_eq!(counts.estimate(of("group_member")).calls(), 460 * 3);
        counts.items.insert("user".into(), 10_000);
        assert_eq!(counts.estimate(of("user")).calls(), 50 + 1, "and the deactivated");
    }

    #[test]
    fn what_is_listed_for_each_definition_too_takes_as_many_calls() {
        let mut counts = Counts::default();
        let users = vec![alike(Some("ACTIVE"), None, 90), alike(Some("DEPROVISIONED"), None, 10)];
        counts.parents.insert("linked_user by user and linked object".into(), users);
        let told = |counts: &Counts| {
            let of = counts.estimate(of("linked_user"));
            (of.calls(), of.bucket(), of.guessed)
        };
        assert_eq!(told(&counts), (100, "users/{id}/*", true), "nobody knows how many there are");
        counts.items.insert("linked_object".into(), 3);
        counts.calls.insert("linked_user by user and linked object".into(), 100);
        assert_eq!(told(&counts), (300, "users/{id}/*", false), "it was one the last time");
        counts.items.insert("linked_object".into(), 0);
        assert_eq!(told(&counts), (0, "", false));
    }

    #[test]
    fn what_the_last_run_took_goes_before_what_is_reckoned() {
        let mut counts = Counts::default();
        assert!(counts.estimate(of("app_user")).guessed);
        counts.calls.insert("app_user by app".into(), 602);
        let known = counts.estimate(of("app_user"));
        assert_eq!((known.calls(), known.bucket(), known.guessed), (602, "apps", false));
        counts.refused.insert("app_user".into());
        assert_eq!(counts.estimate(of("app_user")).calls(), REFUSALS);
        counts.refused.insert("app".into());
        assert_eq!(counts.estimate(of("app_user")).calls(), 0, "what it is listed over may not be read");
    }

    #[test]
    fn pages_of_who_knows_how_much_are_the_least() {
        let mut counts = Counts::default();
        counts.parents.insert("app_user by app".into(), vec![alike(Some("ACTIVE"), None, 300)]);
        counts.parents.insert("factor by user".into(), vec![alike(Some("ACTIVE"), None, 90)]);
        let told = |counts: &Counts, name: &str| {
            let of = counts.estimate(of(name));
            (of.calls(), of.guessed, of.least)
        };
        assert_eq!(told(&counts, "app_user"), (300, false, true), "a page each at least");
        assert_eq!(told(&counts, "factor"), (90, false, false), "all on one page");
        assert!(told(&counts, "network_zone").2);
        counts.items.insert("app_user".into(), 300 * 667);
        assert_eq!(told(&counts, "app_user"), (600, false, false));
        counts.items.remove("app_user");
        counts.calls.insert("app_user by app".into(), 602);
        assert_eq!(told(&counts, "app_user"), (602, false, false));
    }
}
