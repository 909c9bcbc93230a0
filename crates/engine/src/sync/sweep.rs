//! Removal of what a complete listing did not see. The most dangerous moment of a sync, so it is suspicious:
//! top-level candidates are read again by id, and when too much is missing nothing goes without a second look.

use okta_client::Error;
use transom_core::{Coverage, CoverageState, EntityId, PageRecord};
use transom_store::Target;

use super::reading::stops_all;
use super::run::Running;
use crate::Problem;
use crate::dataset::{Dataset, Scope};

/// Candidates read again by id before they are removed.
const AGAIN: u32 = 200;
/// Share of what is held, in percent, that may go in one sweep without a second complete listing.
const SHARE: u64 = 20;
/// So few may always go.
const FEW: u64 = 20;

/// Sweeps `dataset` after its listings ended; notes in `coverage` what was refused and why.
///
/// # Errors
/// Ours, or a rejected token.
pub(super) async fn after_listing(
    running: &Running,
    dataset: &Dataset,
    odd: u64,
    coverage: &mut Coverage,
) -> Result<(), Problem> {
    if matches!(dataset.target, Target::None) {
        return Ok(());
    }
    let (store, run, org) = (&running.store, running.run, running.org);
    let missing = store.missing(run, org, dataset.name, dataset.target, AGAIN).await?;
    if missing.missing == 0 {
        return Ok(());
    }
    let mut alive = 0;
    if let Some(again) = dataset.again {
        for (id, okta_id) in &missing.sample {
            alive += u64::from(still_there(running, dataset, again(okta_id), *id, okta_id).await?);
        }
    }
    let checked_all = dataset.again.is_some() && missing.missing <= u64::from(AGAIN);
    let too_many = missing.missing > FEW && missing.missing * 100 > missing.live * SHARE;
    let second_look = running.before.get(dataset.name).is_some_and(|c| c.sweep_refused);
    // An odd record may be one of the missing: then only what was asked for by id is known to be gone.
    if odd > 0 && !checked_all {
        coverage.reason.push_str(&format!(
            " {} held were not listed and are kept, because one of those records may be among them.",
            missing.missing
        ));
        return Ok(());
    }
    let refuse = if checked_all { false } else { alive > 0 || (too_many && !second_look) };
    if refuse {
        coverage.sweep_refused = true;
        coverage.state = CoverageState::Partial;
        coverage.reason = format!(
            "{} of {} held were not listed; that is too many to believe at once, so all are kept. {}",
            missing.missing,
            missing.live,
            if alive > 0 {
                format!("{alive} of those that were asked for by id were there, or gave no clear answer.")
            } else {
                "If the next full sync misses them too, they go.".to_string()
            }
        );
        return Ok(());
    }
    let removed = store.sweep(&running.lease, run, dataset.name, dataset.target).await?;
    if alive > 0 {
        // What the listing hides of what is held it may hide of what is new, too.
        coverage.state = CoverageState::Partial;
        coverage.reason = format!(
            "{alive} of {} held were not listed, and were there, or gave no clear answer, when asked for by id. There may \
             be others that the listing left out.",
            missing.live
        );
    }
    tracing::info!(dataset = dataset.name, removed, kept = alive, "swept");
    Ok(())
}

/// Reads a candidate again by id. What is there is recorded as seen; what is not, or hidden, is a candidate still.
async fn still_there(
    running: &Running,
    dataset: &Dataset,
    listing: okta_client::Listing,
    id: EntityId,
    okta_id: &str,
) -> Result<bool, Problem> {
    match running.lister.client.page(&listing, None).await {
        Ok(page) => {
            let mut record = PageRecord::default();
            // Part -1: an object read alone, which no listing's part has.
            let scope = Scope { part: -1, ..Scope::of_org(&running.org_okta_id) };
            for item in &page.items {
                (dataset.read)(item, &scope, &mut record);
            }
            // An id that answers with another object proves nothing about this one.
            if !record.objects.iter().any(|o| o.key.okta_id == okta_id) {
                return Ok(false);
            }
            running.store.recorder(&running.lease, running.run).record_alone(record).await?;
            running.store.mark_seen(&running.lease, running.run, dataset.name, EntityId::ROOT, &[id]).await?;
            Ok(true)
        }
        Err(Error::NotFound(_)) => Ok(false),
        Err(error) if stops_all(&error) => Err(error.into()),
        // Any other answer is no proof of absence: keep it this time.
        Err(_) => {
            running.store.mark_seen(&running.lease, running.run, dataset.name, EntityId::ROOT, &[id]).await?;
            Ok(true)
        }
    }
}
