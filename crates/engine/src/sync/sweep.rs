//! Removal of what a complete listing did not see. The most dangerous moment of a sync, so it is suspicious:
//! top-level candidates are read again by id, when too much is missing nothing goes that the complete listing before did
//! not miss, too, and nothing goes at all where the owner's rights are no longer those that the listing was read with.

use std::sync::PoisonError;

use okta_client::Error;
use transom_core::{Coverage, CoverageState, EntityId, PageRecord};
use transom_store::{Take, Target};

use super::reading::stops_all;
use super::run::{Running, stays};
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
    if sweep(running, dataset, odd, coverage).await? {
        running.store.forget_missing(&running.lease, running.run, dataset.name).await?;
    }
    Ok(())
}

/// Returns whether something was concluded of what is missing.
async fn sweep(
    running: &Running,
    dataset: &Dataset,
    odd: u64,
    coverage: &mut Coverage,
) -> Result<bool, Problem> {
    let (store, lease, run, org) = (&running.store, &running.lease, running.run, running.org);
    let missing = store.missing(run, org, dataset.name, dataset.target, AGAIN).await?;
    // Also those that an earlier process of this run found there: they are missing no more.
    let mut alive = match dataset.again {
        Some(_) => store.marked_seen(run, org, dataset.name, EntityId::ROOT).await?,
        None => 0,
    };
    if missing.missing == 0 && alive == 0 {
        return Ok(true);
    }
    if let Some(again) = dataset.again {
        for (id, okta_id) in &missing.sample {
            alive += u64::from(still_there(running, dataset, again(okta_id), *id, okta_id).await?);
        }
    }
    let checked_all = dataset.again.is_some() && missing.missing <= u64::from(AGAIN);
    // An odd record may be one of the missing: then only what was asked for by id is known to be gone.
    if odd > 0 && !checked_all {
        coverage.reason.push_str(&format!(
            " {} held were not listed and are kept, because one of those records may be among them.",
            missing.missing
        ));
        return Ok(false);
    }
    if let Err(why) = same_rights(running).await? {
        coverage.state = CoverageState::Partial;
        coverage.reason =
            format!("{why}: {} of {} held that were not listed are kept.", missing.missing, missing.live);
        return Ok(false);
    }
    let news = missing.missing - missing.again;
    let too_many = news > FEW && news * 100 > missing.live * SHARE;
    let take = match () {
        () if checked_all => Some(Take::All),
        () if alive > 0 => None,
        () if too_many => Some(Take::Again),
        () => Some(Take::All),
    };
    if let Some(take) = take {
        let removed = store.sweep(lease, run, dataset.name, dataset.target, take).await?;
        tracing::info!(dataset = dataset.name, removed, kept = alive, "swept");
    }
    if take != Some(Take::All) {
        store.keep_missing(lease, run, dataset.name, dataset.target).await?;
        coverage.sweep_refused = true;
        coverage.state = CoverageState::Partial;
        coverage.reason = format!(
            "{} of {} held were not listed; that is too many to believe at once, so all are kept. {}",
            if alive > 0 { missing.missing } else { news },
            missing.live,
            if alive > 0 {
                format!("{alive} of those that were asked for by id were there, or gave no clear answer.")
            } else {
                "If the next full sync misses them too, they go.".to_string()
            }
        );
    } else if alive > 0 {
        // What the listing hides of what is held it may hide of what is new, too.
        coverage.state = CoverageState::Partial;
        coverage.reason = format!(
            "{alive} of {} held were not listed, and were there, or gave no clear answer, when asked for by id. There may \
             be others that the listing left out.",
            missing.live
        );
    }
    Ok(true)
}

/// Whether the owner of the credential still has the roles that the run was begun with, or why not: what lesser ones do not
/// show is not gone.
async fn same_rights(running: &Running) -> Result<Result<(), &'static str>, Problem> {
    match crate::connection::read_roles(&running.lister.client, &running.subject).await {
        Ok(now) if now.rights() == running.roles.rights() => Ok(Ok(())),
        Ok(_) => Ok(Err("The roles of the credential's owner changed while it was read")),
        Err(problem) if stays(&problem) => Err(problem),
        Err(_) => Ok(Err("Whether the credential's owner still has the same roles could not be seen")),
    }
}

/// Reads a candidate again by id. What is there, or gives no clear answer, is noted as seen; what is not found is a
/// candidate still.
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
            if record.objects.iter().any(|o| o.key.okta_id == okta_id) {
                running.store.recorder(&running.lease, running.run).record_alone(record).await?;
            }
        }
        Err(Error::NotFound(_)) => {
            running.absent.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            return Ok(false);
        }
        Err(error) if stops_all(&error) => return Err(error.into()),
        Err(_) => {}
    }
    // Any answer but that it is not found is no proof of absence, an odd record neither: it is kept this time.
    running.store.mark_seen(&running.lease, running.run, dataset.name, EntityId::ROOT, &[id]).await?;
    Ok(true)
}
