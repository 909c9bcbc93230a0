//! Ends of edges that no listing showed: fetched by id, or reported as referenced and not readable.

use serde::Serialize;
use transom_core::{EntityId, KindCode, PageRecord};
use transom_store::Target;

use super::reading::stops_all;
use super::run::Running;
use crate::Problem;
use crate::dataset::{Dataset, Scope};
use crate::entity::{catalogue, datasets};

/// Stubs read from the database at a time.
const BATCH: u32 = 200;

/// What became of the stubs of one kind.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub struct Stubs {
    /// The kind.
    pub kind: String,
    /// Fetched by id.
    pub filled: u64,
    /// Referenced by something, not readable: deleted, hidden, or of a kind that is not read.
    pub unreadable: u64,
}

/// Fills every stub that a call by id can fill.
///
/// # Errors
/// Ours, or a rejected token.
pub(super) async fn fill(running: &Running) -> Result<Vec<Stubs>, Problem> {
    let mut told: Vec<Stubs> = Vec::new();
    let mut after = EntityId::ROOT;
    loop {
        let batch = running.store.stubs(running.org, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for stub in &batch {
            let filled = match (stub.parent, by_id(stub.kind)) {
                (EntityId::ROOT, Some(dataset)) => one(running, dataset, &stub.okta_id).await?,
                _ => false,
            };
            let kind = catalogue().kind(stub.kind).map_or("unknown", |k| k.name);
            let row = match told.iter().position(|s| s.kind == kind) {
                Some(at) => &mut told[at],
                None => {
                    told.push(Stubs { kind: kind.to_string(), ..Stubs::default() });
                    told.last_mut().expect("pushed just now")
                }
            };
            if filled {
                row.filled += 1;
            } else {
                row.unreadable += 1;
            }
        }
    }
    Ok(told)
}

/// The data set whose objects of `kind` can be read by id.
fn by_id(kind: KindCode) -> Option<&'static Dataset> {
    datasets().find(|d| d.again.is_some() && matches!(d.target, Target::Children(k) if k == kind))
}

async fn one(running: &Running, dataset: &Dataset, okta_id: &str) -> Result<bool, Problem> {
    let Some(again) = dataset.again else { return Ok(false) };
    match running.lister.client.page(&again(okta_id), None).await {
        Ok(page) => {
            let mut record = PageRecord::default();
            let scope = Scope { part: -1, ..Scope::of_org(&running.org_okta_id) };
            for item in &page.items {
                (dataset.read)(item, &scope, &mut record);
            }
            let found = record.objects.iter().any(|o| o.key.okta_id == okta_id);
            if found {
                running.lister.alone(record).await?;
            }
            Ok(found)
        }
        Err(error) if stops_all(&error) => Err(error.into()),
        // Gone, hidden or failing: the summary says so, and the next run asks again.
        Err(_) => Ok(false),
    }
}
