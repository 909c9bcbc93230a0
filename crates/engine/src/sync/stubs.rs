//! Ends of edges that no listing showed: fetched by id, or reported as referenced and not readable.

use std::sync::PoisonError;

use okta_client::Error;
use serde::Serialize;
use transom_core::{Coverage, CoverageState, EntityId, KindCode, PageRecord};
use transom_store::{Stub, Target};

use super::reading::stops_all;
use super::run::Running;
use crate::Problem;
use crate::dataset::{Dataset, Scope};
use crate::entity::{catalogue, datasets};

/// Stubs read from the database at a time.
const BATCH: u32 = 200;
/// Calls side by side.
const SIDE_BY_SIDE: usize = 16;
/// Calls in a run at most: when a listing hides thousands, asking for each is no way to read them.
const MOST: usize = 5_000;

/// What became of the stubs of one kind.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Stubs {
    /// The kind.
    pub kind: String,
    /// Fetched by id.
    pub filled: u64,
    /// Referenced by something, not readable: deleted, hidden, or of a kind that nothing reads.
    pub unreadable: u64,
    /// Referenced by something, and not asked for, as there are too many, or without a clear answer this time.
    pub unasked: u64,
}

/// Fills every stub that a call by id can fill. Stubs of a kind whose data set is not of this run are left to the run
/// that reads it.
///
/// # Errors
/// Ours, or a rejected token.
pub(super) async fn fill(running: &Running, coverage: &[Coverage]) -> Result<Vec<Stubs>, Problem> {
    let mut told: Vec<Stubs> = Vec::new();
    let mut asked = 0;
    let mut after = EntityId::ROOT;
    loop {
        let batch = running.store.stubs(running.org, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        let batch: Vec<_> = batch.into_iter().filter(|stub| !of_another_run(running, stub.kind)).collect();
        for side_by_side in batch.chunks(SIDE_BY_SIDE) {
            let readable = |stub: &Stub| {
                // What the sweep has asked for is not there, whoever still refers to it.
                let absent = running.absent.lock().unwrap_or_else(PoisonError::into_inner).contains(&stub.id);
                by_id(stub.kind).filter(|d| !absent && stub.parent == EntityId::ROOT && readable(d, coverage))
            };
            let room = MOST.saturating_sub(asked);
            let fetched =
                side_by_side.iter().map(|stub| (stub, readable(stub))).map(async |(stub, dataset)| {
                    match dataset {
                        Some(dataset) if room > 0 => one(running, dataset, &stub.okta_id).await,
                        Some(_) => Ok(Came::Unasked),
                        None => Ok(Came::Unreadable),
                    }
                });
            let came = futures_util::future::try_join_all(fetched).await?;
            asked += side_by_side.iter().filter(|stub| readable(stub).is_some()).count();
            for (stub, came) in side_by_side.iter().zip(came) {
                count(&mut told, stub.kind, came);
            }
        }
    }
    Ok(told)
}

/// Whether some data set lists objects of `kind`, and this run reads none that does.
fn of_another_run(running: &Running, kind: KindCode) -> bool {
    let lists = |d: &Dataset| matches!(d.target, Target::Children(k) if k == kind);
    datasets().any(lists) && !running.readings.iter().any(|r| lists(r.dataset))
}

/// What became of one.
#[derive(Clone, Copy)]
enum Came {
    Filled,
    Unreadable,
    Unasked,
}

fn count(told: &mut Vec<Stubs>, kind: KindCode, came: Came) {
    let kind = catalogue().kind(kind).map_or("unknown", |k| k.name);
    let at = told.iter().position(|s| s.kind == kind).unwrap_or_else(|| {
        told.push(Stubs { kind: kind.to_string(), ..Stubs::default() });
        told.len() - 1
    });
    let n = match came {
        Came::Filled => &mut told[at].filled,
        Came::Unreadable => &mut told[at].unreadable,
        Came::Unasked => &mut told[at].unasked,
    };
    *n += 1;
}

/// Whether asking for one object of the data set can succeed.
fn readable(dataset: &Dataset, coverage: &[Coverage]) -> bool {
    use CoverageState::{NotLicensed, NotPermitted};
    coverage
        .iter()
        .find(|c| c.dataset == dataset.name)
        .is_none_or(|c| !matches!(c.state, NotPermitted | NotLicensed))
}

/// The data set whose objects of `kind` can be read by id.
pub(super) fn by_id(kind: KindCode) -> Option<&'static Dataset> {
    datasets().find(|d| d.again.is_some() && matches!(d.target, Target::Children(k) if k == kind))
}

async fn one(running: &Running, dataset: &Dataset, okta_id: &str) -> Result<Came, Problem> {
    let Some(again) = dataset.again else { return Ok(Came::Unreadable) };
    match running.lister.client.page(&again(okta_id), None).await {
        Ok(page) => {
            let mut record = PageRecord::default();
            let scope = Scope { part: -1, ..Scope::of_org(&running.org_okta_id) };
            for item in &page.items {
                (dataset.read)(item, &scope, &mut record);
            }
            if !record.objects.iter().any(|o| o.key.okta_id == okta_id) {
                return Ok(Came::Unreadable);
            }
            running.store.recorder(&running.lease, running.run).record_alone(record).await?;
            Ok(Came::Filled)
        }
        Err(error) if stops_all(&error) => Err(error.into()),
        // Gone or hidden: the summary says so, and the next run asks again.
        Err(Error::NotFound(_) | Error::MissingPermission(_) | Error::NotLicensed(_)) => Ok(Came::Unreadable),
        Err(_) => Ok(Came::Unasked),
    }
}
