//! What is known of a data set that is not whole, or of which that is assumed, in words.

use transom_core::KindCode;
use transom_engine::connection::Probe;
use transom_engine::sync::DatasetSummary;

use super::State;
use crate::knowledge::Knowledge;

/// A data set that is not whole, or of which that is assumed, in words.
#[derive(Debug)]
pub(crate) struct Gap {
    /// Its name among the data sets.
    pub dataset: String,
    pub title: String,
    pub state: State,
    pub reason: String,
    pub without: String,
    /// What the state rests on that is assumed.
    pub assumed: Vec<String>,
}

impl From<&DatasetSummary> for Gap {
    fn from(d: &DatasetSummary) -> Self {
        Self {
            dataset: d.coverage.dataset.clone(),
            title: d.title.clone(),
            state: d.coverage.state.into(),
            reason: d.coverage.reason.clone(),
            without: d.without.clone(),
            assumed: d.coverage.assumed.clone(),
        }
    }
}

impl From<&Probe> for Gap {
    fn from(p: &Probe) -> Self {
        Self {
            dataset: p.dataset.clone(),
            title: p.title.clone(),
            state: p.state.into(),
            reason: p.reason.clone(),
            without: p.without.clone(),
            assumed: p.assumed.clone(),
        }
    }
}

impl Gap {
    /// What of a kind is not whole.
    pub fn all(known: &Knowledge, kind: KindCode) -> Vec<Self> {
        known.open(kind).map(Self::from).collect()
    }

    /// What of a kind rests on something assumed, whole or not.
    pub fn resting(known: &Knowledge, kind: KindCode) -> Vec<Self> {
        known.lists(kind).filter(|d| !d.coverage.assumed.is_empty()).map(Self::from).collect()
    }

    /// What a banner begins with.
    pub fn label(&self) -> String {
        format!("{}: {}.", self.title, self.state.label.to_lowercase())
    }

    /// Why, and what is lost.
    pub fn why(&self) -> String {
        match self.without.as_str() {
            "" => self.reason.clone(),
            without => format!("{} Without it {without}.", self.reason),
        }
    }
}
