//! A data set that is not whole, in words.

use transom_core::KindCode;
use transom_engine::sync::DatasetSummary;

use super::State;
use crate::knowledge::Knowledge;

/// A data set that is not whole, in words.
pub(super) struct Gap {
    pub title: String,
    pub state: State,
    pub reason: String,
    pub without: String,
}

impl From<&DatasetSummary> for Gap {
    fn from(d: &DatasetSummary) -> Self {
        Self {
            title: d.title.clone(),
            state: d.coverage.state.into(),
            reason: d.coverage.reason.clone(),
            without: d.without.clone(),
        }
    }
}

impl Gap {
    /// What of a kind is not whole.
    pub fn all(known: &Knowledge, kind: KindCode) -> Vec<Self> {
        known.open(kind).map(Self::from).collect()
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
