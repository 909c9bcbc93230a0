//! Which data sets a run reads: by tier, by age, and by what was asked for.

use serde::{Deserialize, Serialize};
use transom_core::{Coverage, CoverageState, Millis};

use crate::dataset::{Dataset, Tier};
use crate::entity::{dataset, datasets};
use crate::{Class, Problem};

/// A day, in milliseconds: how old what the deep tier holds may become.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// What the planner looks for where a data set can be read in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The fewest calls that yield everything.
    #[default]
    Fewest,
    /// The shortest time until the core is read. Takes edges without their documents for a first answer; the documents
    /// follow in the deep tier.
    Shortest,
}

/// What a sync is asked to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these tiers, whatever their age; the usual ones where empty.
    pub tiers: Vec<Tier>,
    /// Further data sets, by name.
    pub with: Vec<String>,
    /// The deep tier too, whatever its age.
    pub full: bool,
    /// How old what the deep tier holds may become, in milliseconds.
    pub deep_every: Millis,
    /// How routes are chosen.
    pub strategy: Strategy,
    /// Whether to ask Okta for counts by a few calls where nothing has been read yet.
    pub ask: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tiers: Vec::new(),
            with: Vec::new(),
            full: false,
            deep_every: DAY,
            strategy: Strategy::default(),
            ask: true,
        }
    }
}

/// What a run reads.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The data sets, in reading order.
    pub datasets: Vec<&'static Dataset>,
    /// Those of them that must be read whole: where they have a lighter first answer, the whole reading follows it.
    pub whole: Vec<&'static str>,
    /// The others, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A data set that a run does not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub dataset: String,
    /// Its tier.
    pub tier: Tier,
    /// Why not.
    pub why: String,
}

impl Options {
    /// What to read, given what is known and how late it is.
    ///
    /// # Errors
    /// [`Class::Name`] where `with` names what is not a data set.
    pub fn wanted(&self, coverage: &[Coverage], now: Millis) -> Result<Wanted, Problem> {
        for name in &self.with {
            if dataset(name).is_none() {
                return Err(no_such(name));
            }
        }
        let known = |d: &Dataset| coverage.iter().find(|c| c.dataset == d.name);
        let deep = self.tiers.is_empty() || self.tiers.contains(&Tier::Deep);
        let mut wanted = Wanted::default();
        for d in datasets() {
            let why = if self.with.iter().any(|name| name == d.name) {
                None
            } else if !self.tiers.is_empty() {
                (!self.tiers.contains(&d.tier)).then(|| "Its tier was not asked for.".to_string())
            } else {
                match d.tier {
                    Tier::Core | Tier::Factors => None,
                    Tier::Deep if self.full || self.due(known(d), now) => None,
                    Tier::Deep => Some("What is held is recent enough.".to_string()),
                    Tier::OnDemand => Some(format!("Read when asked for: --with {}.", d.name)),
                }
            };
            match why {
                None => wanted.datasets.push(d),
                Some(why) => {
                    wanted.left_out.push(LeftOut { dataset: d.name.to_string(), tier: d.tier, why });
                    continue;
                }
            }
            let old = known(d).is_none_or(|c| c.state == CoverageState::Partial) || self.due(known(d), now);
            if d.tier >= Tier::Deep || deep && (self.full || !self.tiers.is_empty() || old) {
                wanted.whole.push(d.name);
            }
        }
        Ok(wanted)
    }

    /// Whether something was never read, or so long ago that the deep tier reads it again. An eighth of the time is
    /// granted: what a daily sync has read at its end is a little less than a day old when the next one begins.
    fn due(&self, known: Option<&Coverage>, now: Millis) -> bool {
        let Some(at) = known.filter(|c| c.state != CoverageState::NeverCollected).and_then(|c| c.at) else {
            return true;
        };
        now - at >= self.deep_every - self.deep_every / 8
    }
}

fn no_such(name: &str) -> Problem {
    let mut names: Vec<&str> = datasets().filter(|d| d.tier >= Tier::Deep).map(|d| d.name).collect();
    if names.is_empty() {
        names = datasets().map(|d| d.name).collect();
    }
    Problem::new(
        Class::Name,
        format!("There is no data set called {name}."),
        format!("Those that are not read with every sync are: {}.", names.join(", ")),
        "Give one of these names to --with; transom status lists them all.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(name: &str, state: CoverageState, at: Option<Millis>) -> Coverage {
        Coverage {
            dataset: name.to_string(),
            state,
            reason: String::new(),
            assumed: Vec::new(),
            objects: 1,
            at,
            sweep_refused: false,
        }
    }

    #[test]
    fn the_deep_tier_is_due_when_old_or_never_read() {
        let options = Options::default();
        let at = |at| coverage("app_group", CoverageState::Complete, Some(at));
        assert!(options.due(None, 0));
        assert!(!options.due(Some(&at(DAY)), DAY));
        assert!(!options.due(Some(&at(DAY)), DAY + DAY / 2));
        assert!(options.due(Some(&at(DAY)), 2 * DAY - DAY / 24), "a daily sync reads it daily");
        assert!(options.due(Some(&coverage("app_group", CoverageState::NeverCollected, Some(DAY))), DAY));
        let hourly = Options { deep_every: DAY / 24, ..Options::default() };
        assert!(hourly.due(Some(&at(DAY)), DAY + DAY / 24));
    }

    #[test]
    fn tiers_choose_the_data_sets() {
        let names = |options: &Options, known: &[Coverage]| {
            let wanted = options.wanted(known, DAY).expect("known names");
            assert_eq!(wanted.datasets.len() + wanted.left_out.len(), datasets().count());
            wanted.datasets.iter().map(|d| d.tier).collect::<Vec<_>>()
        };
        let read: Vec<_> = datasets().map(|d| coverage(d.name, CoverageState::Complete, Some(DAY))).collect();
        let usual = names(&Options::default(), &read);
        assert!(usual.contains(&Tier::Core) && usual.contains(&Tier::Factors));
        assert!(!usual.contains(&Tier::Deep) && !usual.contains(&Tier::OnDemand), "all is recent");
        let core = Options { tiers: vec![Tier::Core], ..Options::default() };
        assert!(names(&core, &[]).iter().all(|t| *t == Tier::Core));
        let first = names(&Options::default(), &[]);
        assert_eq!(first.contains(&Tier::Deep), datasets().any(|d| d.tier == Tier::Deep));
        assert!(!first.contains(&Tier::OnDemand));
    }

    #[test]
    fn whole_readings_follow_first_answers_when_they_are_due() {
        let whole = |options: &Options, state, at| {
            let known = [coverage("app_group", state, at)];
            options.wanted(&known, DAY).expect("known names").whole.contains(&"app_group")
        };
        let usual = Options::default();
        assert!(!whole(&usual, CoverageState::Complete, Some(DAY)));
        assert!(whole(&usual, CoverageState::Partial, Some(DAY)), "edges only so far");
        assert!(whole(&usual, CoverageState::Complete, Some(0)));
        let core = Options { tiers: vec![Tier::Core], ..Options::default() };
        assert!(!whole(&core, CoverageState::Partial, None), "the deep tier was not asked for");
        let wrong = Options { with: vec!["nothing".to_string()], ..Options::default() };
        let problem = wrong.wanted(&[], 0).expect_err("no such data set");
        assert!(problem.to_string().contains("nothing"), "{problem}");
    }
}
