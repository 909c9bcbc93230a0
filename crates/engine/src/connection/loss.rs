//! What a new credential reads less of than the one before it: what the last verification of the old found, beside what the
//! verification of the new one does.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use transom_core::CoverageState;

use super::{Probe, Verification};
use crate::dataset::Sight;
use crate::entity::dataset;
use crate::{Class, Problem};

/// A data set that a new credential reads less of, or may read less of, than the old one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// The data set's name.
    pub dataset: String,
    /// What people call it.
    pub title: String,
    /// How far the old credential read it when it was last verified.
    pub was: CoverageState,
    /// How far the new one does; `None` where that is not known: Okta did not answer, or both credentials see only what their
    /// owners administer, and how much that is Okta does not tell.
    pub becomes: Option<CoverageState>,
    /// Why, with the right that it takes.
    pub reason: String,
    /// What is lost without it.
    pub without: String,
}

impl Loss {
    /// How far the new credential reads it, for people.
    pub fn becomes_label(&self) -> &'static str {
        self.becomes.map_or("Not known", CoverageState::label)
    }

    /// Whether it is the same loss, in whatever words.
    pub(super) fn is(&self, other: &Self) -> bool {
        (&self.dataset, self.was, self.becomes) == (&other.dataset, other.was, other.becomes)
    }

    /// For the audit log.
    pub(super) fn in_short(&self) -> Value {
        json!({ "dataset": self.dataset, "was": self.was, "becomes": self.becomes })
    }
}

/// What the new credential reads less of than the old one did, by the verification that the connection's settings keep. A
/// data set that the old one was not seen to read is not lost.
pub(super) fn between(settings: &Value, new: &Verification) -> Vec<Loss> {
    let owner = settings.pointer("/verification/owner/id").and_then(Value::as_str);
    let same = owner.is_some() && owner == new.owner.as_ref().map(|o| o.id.as_str());
    let of = |old: &Probe| {
        let probe = new.probes.iter().find(|p| p.dataset == old.dataset)?;
        let was = answered(old)?;
        let becomes = less(was, probe, same)?;
        let reason = match becomes {
            None if probe.state == CoverageState::PartialByRight => NOT_COMPARED.to_string(),
            _ => probe.reason.clone(),
        };
        Some(Loss {
            dataset: probe.dataset.clone(),
            title: probe.title.clone(),
            was,
            becomes,
            reason,
            without: probe.without.clone(),
        })
    };
    kept(settings).iter().filter_map(of).collect()
}

/// Gives each data set that Okta did not answer about the state that the same credential's last answer came to, by the
/// verification that the connection's settings keep. Without it a moment in which Okta was busy would hide what a later
/// credential reads less.
pub(super) fn remember(settings: &Value, again: &mut Verification) {
    let before = kept(settings);
    for probe in again.probes.iter_mut().filter(|p| p.state == CoverageState::Partial) {
        probe.answered = before.iter().find(|p| p.dataset == probe.dataset).and_then(answered);
    }
}

/// The probes of the last verification, as the connection's settings keep them.
pub(crate) fn kept(settings: &Value) -> Vec<Probe> {
    let kept = settings.pointer("/verification/probes").and_then(Value::as_array);
    kept.into_iter().flatten().filter_map(|p| serde_json::from_value(p.clone()).ok()).collect()
}

/// How far Okta's last answer let a data set be read: a probe that it did not answer is partial.
fn answered(probe: &Probe) -> Option<CoverageState> {
    if probe.state == CoverageState::Partial { probe.answered } else { Some(probe.state) }
}

const NOT_COMPARED: &str = "Both owners see only what they administer, and Okta does not tell how much that is. Read Only \
                            Administrator shows all of it.";

/// What a data set becomes where that is less, or not known (`Some(None)`); `None` where it is as much.
fn less(was: CoverageState, new: &Probe, same_owner: bool) -> Option<Option<CoverageState>> {
    use CoverageState::{Complete, NeverCollected, NotLicensed, NotPermitted, Partial, PartialByRight};
    match (was, new.state) {
        // Nothing was read, or nobody knows.
        (NotPermitted | NotLicensed | NeverCollected | Partial, _) | (_, Complete) => None,
        // That nobody opted in is the connection's doing, whatever the credential.
        (_, NeverCollected) => None,
        (_, Partial) => Some(None),
        (PartialByRight, PartialByRight) => {
            let own = dataset(&new.dataset).is_some_and(|d| d.sight == Sight::Own);
            (!own && !same_owner).then_some(None)
        }
        (_, state) => Some(Some(state)),
    }
}

/// The refusal of a credential that reads less; the faces name the losses one by one, and say how it is taken all the same.
/// `agreed` where somebody has agreed to others than these.
pub(super) fn problem(losses: Vec<Loss>, agreed: bool) -> Problem {
    let open = losses.iter().filter(|loss| loss.becomes.is_none()).count();
    let lost = losses.len() - open;
    let what = if lost == 0 {
        "Whether the new credential reads as much as the old one is not known."
    } else {
        "The new credential reads less than the old one."
    };
    let sets = |n: usize| if n == 1 { "1 data set".to_string() } else { format!("{n} data sets") };
    let mut why = String::new();
    if lost > 0 {
        why.push_str(&format!("It reads less of {}. ", sets(lost)));
    }
    if open > 0 {
        why.push_str(&format!("How much it reads of {} is not known. ", sets(open)));
    }
    if agreed {
        why.push_str("That is not what was agreed to. ");
    }
    why.push_str("Nothing was changed: the old one stays in force.");
    let todo = "Do what is said of each, then try again; or take less on purpose.";
    Problem { losses: losses.into(), ..Problem::new(Class::ReadsLess, what, why, todo) }
}
