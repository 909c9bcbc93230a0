//! What the sync that has just ended read: the audit at its end need not ask Okta for it again.

use serde_json::Value;
use transom_core::{Coverage, CoverageState, EntityId, Kind, Millis, OrgId};
use transom_store::{ListFilter, Paging, Store};

/// More children than any role or app has; what goes on is asked of Okta.
const MOST: u32 = 200;

/// The store's copy, as far as the last run read it.
#[derive(Debug)]
pub(in crate::connection) struct Synced<'a> {
    store: &'a Store,
    org: OrgId,
    coverage: &'a [Coverage],
    /// When the run began.
    since: Millis,
}

/// Children of an object, as a data set lists them.
pub(in crate::connection) struct Children<'a> {
    pub dataset: &'static str,
    pub kind: &'static Kind,
    pub parent: (&'static Kind, &'a str),
}

/// What the copy has of them.
pub(in crate::connection) enum Held {
    /// All of them, at least one.
    Whole(Vec<Value>),
    /// Okta refused them to the run.
    Refused,
    /// The run did not read them, or not whole.
    Unread,
}

impl<'a> Synced<'a> {
    /// The copy of `org`, whose last run has just ended.
    pub async fn of(store: &'a Store, org: OrgId, coverage: &'a [Coverage]) -> transom_store::Result<Self> {
        let run = store.runs(org, 1).await?;
        Ok(Self { store, org, coverage, since: run.first().map_or(Millis::MAX, |run| run.started) })
    }

    /// How far the run came with a data set; `None` where it did not read it.
    fn state(&self, dataset: &str) -> Option<CoverageState> {
        let known = self.coverage.iter().find(|c| c.dataset == dataset)?;
        let read = known.at.is_some_and(|at| at >= self.since) && !known.sweep_refused;
        read.then_some(known.state)
    }

    /// Whether Okta refused a data set to the run.
    pub fn refused(&self, dataset: &str) -> bool {
        matches!(self.state(dataset), Some(CoverageState::NotPermitted | CoverageState::NotLicensed))
    }

    /// The children of an object. Where there are none Okta may answer 404 as well as with an empty list, so that is
    /// asked of Okta; and so is what can't be read here.
    pub async fn children(&self, of: &Children<'_>) -> Held {
        match self.state(of.dataset) {
            Some(CoverageState::Complete) => match self.whole(of).await {
                Ok(Some(items)) if !items.is_empty() => Held::Whole(items),
                _ => Held::Unread,
            },
            _ if self.refused(of.dataset) => Held::Refused,
            _ => Held::Unread,
        }
    }

    async fn whole(&self, of: &Children<'_>) -> transom_store::Result<Option<Vec<Value>>> {
        let (kind, okta_id) = of.parent;
        let Some(parent) = self.store.entity(self.org, kind.code, EntityId::ROOT, okta_id).await? else {
            return Ok(None);
        };
        let filter = ListFilter { parent: Some(parent.row.id), ..ListFilter::default() };
        let page = self.store.list(self.org, of.kind.code, &filter, &Paging::by_name(None, MOST)).await?;
        if page.next.is_some() {
            return Ok(None);
        }
        // As they came: Okta's own order, in which a verification tells of them.
        let mut rows = page.rows;
        rows.sort_by_key(|row| row.id);
        let mut items = Vec::new();
        for row in rows {
            items.extend(self.store.entity_by_id(self.org, row.id).await?.map(|entity| entity.doc));
        }
        Ok(Some(items))
    }
}
