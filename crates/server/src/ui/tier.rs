//! How fresh a tier of the data sets is, in words.

use transom_engine::sync::{DatasetSummary, TierSummary, tier_summaries};

use super::Moment;
use super::words::spoken;

/// A tier: what is read together.
#[derive(Debug)]
pub(super) struct Tier {
    /// As people type it: `on demand`.
    pub word: &'static str,
    /// `On demand`.
    pub title: String,
    /// When it is read: `with every sync`.
    pub when: &'static str,
    /// When that was which was read longest ago, where it reads differently from the newest.
    pub oldest: Option<Moment>,
    /// When the last of it was read; `None` where none was.
    pub newest: Option<Moment>,
    /// How many data sets it has.
    pub datasets: usize,
    /// `57 complete, 3 not permitted`.
    pub states: String,
}

impl Tier {
    /// Every tier, in the order in which they are read, seen at `now`.
    pub fn all(datasets: &[DatasetSummary], now: i64) -> Vec<Self> {
        tier_summaries(datasets).into_iter().map(|t| Self::of(&t, now)).collect()
    }

    fn of(t: &TierSummary, now: i64) -> Self {
        let newest = t.newest.map(|at| Moment::new(at, now));
        let oldest = t.oldest.map(|at| Moment::new(at, now));
        let states = t.states.iter().map(|(state, n)| format!("{n} {}", state.label().to_lowercase()));
        Self {
            word: t.tier.as_str(),
            title: spoken(t.tier.as_str()),
            when: t.when,
            oldest: oldest.filter(|o| newest.as_ref().is_some_and(|n| n.relative != o.relative)),
            newest,
            datasets: t.datasets,
            states: states.collect::<Vec<_>>().join(", "),
        }
    }
}
