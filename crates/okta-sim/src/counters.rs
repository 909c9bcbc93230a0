//! What the simulated org has seen: the other side of a client's story.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits::{Bucket, Standing};

/// The part of a window that a considerate client leaves to others.
const RESERVE: f64 = 0.15;

/// Counters that only grow.
#[derive(Debug, Default)]
pub struct Counters {
    calls: AtomicU64,
    by_route: Mutex<BTreeMap<&'static str, u64>>,
    by_bucket: [AtomicU64; Bucket::ALL.len()],
    overspent: [AtomicU64; Bucket::ALL.len()],
    crowded_out: [AtomicU64; Bucket::ALL.len()],
    most_spent: [AtomicU64; Bucket::ALL.len()],
    emptied: AtomicU64,
    too_many_in_flight: AtomicU64,
    peak_in_flight: AtomicU64,
    connections: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Calls, refused ones included.
    pub calls: u64,
    /// Calls by route, e.g. `GET /api/v1/users/{id}`.
    pub by_route: BTreeMap<&'static str, u64>,
    /// Calls by rate-limit bucket.
    pub by_bucket: BTreeMap<&'static str, u64>,
    /// 429s by rate-limit bucket: how often a client spent more than its share. Exact: others had
    /// not spent half of what a considerate client leaves them.
    pub overspent: BTreeMap<&'static str, u64>,
    /// 429s by rate-limit bucket in windows from which others had spent: not the client's doing.
    pub crowded_out: BTreeMap<&'static str, u64>,
    /// The most calls that one token spent in one window, by rate-limit bucket.
    pub most_spent: BTreeMap<&'static str, u64>,
    /// How often others spent the last call of a window.
    pub emptied: u64,
    /// 429s because too many calls were in flight.
    pub too_many_in_flight: u64,
    /// The most calls in flight at one time.
    pub peak_in_flight: u64,
    /// Connections accepted.
    pub connections: u64,
}

impl Counts {
    /// All 429s together.
    pub fn refused(&self) -> u64 {
        let limits = self.overspent.values().chain(self.crowded_out.values());
        limits.sum::<u64>() + self.too_many_in_flight
    }
}

impl Counters {
    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn call(&self, route: &'static str, bucket: Bucket, in_flight: u64) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.by_bucket[bucket as usize].fetch_add(1, Ordering::Relaxed);
        self.peak_in_flight.fetch_max(in_flight, Ordering::Relaxed);
        *self.by_route.lock().unwrap_or_else(std::sync::PoisonError::into_inner).entry(route).or_default() +=
            1;
    }

    /// Counts how a call stands.
    pub(crate) fn spent(&self, bucket: Bucket, standing: &Standing) {
        self.most_spent[bucket as usize].fetch_max(standing.own, Ordering::Relaxed);
        if standing.refused {
            let ours = standing.others as f64 * 2.0 < standing.limit as f64 * RESERVE;
            let counters = if ours { &self.overspent } else { &self.crowded_out };
            counters[bucket as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn emptied(&self) {
        self.emptied.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn too_many_in_flight(&self) {
        self.too_many_in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn read(&self) -> Counts {
        let by = |counters: &[AtomicU64]| {
            let named = Bucket::ALL.iter().map(|b| (b.name(), counters[*b as usize].load(Ordering::Relaxed)));
            named.filter(|(_, n)| *n > 0).collect()
        };
        Counts {
            calls: self.calls.load(Ordering::Relaxed),
            by_route: self.by_route.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
            by_bucket: by(&self.by_bucket),
            overspent: by(&self.overspent),
            crowded_out: by(&self.crowded_out),
            most_spent: by(&self.most_spent),
            emptied: self.emptied.load(Ordering::Relaxed),
            too_many_in_flight: self.too_many_in_flight.load(Ordering::Relaxed),
            peak_in_flight: self.peak_in_flight.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
        }
    }
}
