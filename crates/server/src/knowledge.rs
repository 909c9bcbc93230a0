//! What is known of a kind: the data sets that list it, and whether they are whole.

use transom_core::{CoverageState, Kind, KindCode, OrgId};
use transom_engine::area::Area;
use transom_engine::entity::datasets;
use transom_engine::sync::{DatasetSummary, dataset_summaries};

use crate::{Error, Visit};

/// What is known of every data set of an org.
pub(crate) struct Knowledge(pub Vec<DatasetSummary>);

impl Knowledge {
    /// Reads it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn of(visit: &Visit, org: OrgId) -> Result<Self, Error> {
        Ok(Self(dataset_summaries(&visit.app.engine().coverage(org).await?)))
    }

    /// The data sets that list a kind.
    pub fn lists(&self, kind: KindCode) -> impl Iterator<Item = &DatasetSummary> {
        let names: Vec<&str> = datasets().filter(|d| d.lists() == Some(kind)).map(|d| d.name).collect();
        self.0.iter().filter(move |d| names.contains(&d.coverage.dataset.as_str()))
    }

    /// The state of a kind: that of its data sets, partial where they differ. `None` where none lists it: what other data
    /// sets bring along.
    pub fn state(&self, kind: KindCode) -> Option<CoverageState> {
        let mut states = self.lists(kind).map(|d| d.coverage.state);
        let first = states.next()?;
        Some(if states.all(|s| s == first) { first } else { CoverageState::Partial })
    }

    /// The data sets that list a kind and are not whole.
    pub fn open(&self, kind: KindCode) -> impl Iterator<Item = &DatasetSummary> {
        self.lists(kind).filter(|d| d.coverage.state != CoverageState::Complete)
    }

    /// What the state of a kind rests on that is assumed, each fact once.
    pub fn assumed(&self, kind: KindCode) -> Vec<String> {
        let mut facts: Vec<String> = Vec::new();
        for fact in self.lists(kind).flat_map(|d| &d.coverage.assumed) {
            if !facts.contains(fact) {
                facts.push(fact.clone());
            }
        }
        facts
    }

    /// How many are held, as far as that says anything: 0 of what could not be read would be a claim.
    pub fn held(&self, kind: KindCode, objects: u64) -> Option<u64> {
        let whole = self.state(kind).is_none_or(|s| s == CoverageState::Complete);
        Some(objects).filter(|n| whole || *n > 0)
    }
}

/// The part of the org that a kind belongs to.
pub(crate) fn area(kind: &Kind) -> Area {
    let listed = datasets().find(|d| d.lists() == Some(kind.code));
    listed.map_or(Area::Settings, |d| d.right.area())
}

/// What lists of a kind can be narrowed by: its status, where it has one, and the columns kept as facets.
pub(crate) fn facets(kind: &Kind) -> Vec<&'static str> {
    let status = kind.status_at.map(|_| "status");
    status.into_iter().chain(kind.columns.iter().filter(|c| c.facet).map(|c| c.name)).collect()
}
