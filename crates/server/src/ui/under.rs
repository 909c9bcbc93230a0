//! `/orgs/{org}/inventory/{kind}/{id}/read`: what is read only when asked for, read of one object.

use axum::extract::Path;
use transom_core::{ConnectionState, CoverageState, EntityId, Role};
use transom_engine::entity::dataset;
use transom_engine::sync::DatasetSummary;
use transom_store::{EntityRow, Org};

use super::page::object_path;
use super::{Answer, Count, Moment, State, go};
use crate::{Connection, Error, Visit};

/// What the page of an object says of it.
pub(super) struct Under {
    pub rows: Vec<Row>,
    /// Where it is asked for.
    pub action: String,
    /// Whether the visitor may.
    pub may: bool,
    /// Why it can't be asked for now, in a word: a sync goes on, which is not disturbed, or nothing calls Okta.
    pub held_up: Option<&'static str>,
}

/// A data set, as far as it is known of the object.
pub(super) struct Row {
    pub title: String,
    /// How many are held, where that says anything.
    pub held: Option<Count>,
    /// Where they are listed.
    pub href: Option<String>,
    pub state: State,
    pub read: Option<Moment>,
    pub reason: String,
}

/// What there is of it; `None` for objects of which a sync reads all.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn under(
    visit: &Visit,
    org: &Org,
    row: &EntityRow,
    here: &str,
) -> Result<Option<Under>, Error> {
    let known = visit.app.engine().known_under(org.id, row).await?;
    if known.is_empty() {
        return Ok(None);
    }
    Ok(Some(Under {
        rows: known.into_iter().map(|d| told(visit, d, here)).collect(),
        action: format!("{here}/read"),
        may: visit.who()?.may(Role::Admin, org.id),
        held_up: match org.state {
            state @ (ConnectionState::Paused | ConnectionState::NotConnected) => Some(state.label()),
            _ if visit.app.jobs.syncing(org.id).is_some_and(|sync| sync.goes_on()) => Some("Syncing"),
            _ => None,
        },
    }))
}

fn told(visit: &Visit, d: DatasetSummary, here: &str) -> Row {
    let c = d.coverage;
    let listed = dataset(&c.dataset).and_then(|d| d.lists());
    let kind = listed.and_then(|kind| visit.app.store().catalogue().kind(kind));
    let unread = c.state == CoverageState::NeverCollected;
    Row {
        title: d.title,
        held: Some(Count(c.objects)).filter(|n| n.0 > 0 || c.state == CoverageState::Complete),
        href: kind.filter(|_| c.objects > 0).map(|kind| format!("{here}?tab=child.{}", kind.name)),
        state: if unread { State { tone: "unknown", label: "Not read yet" } } else { c.state.into() },
        read: c.at.map(|at| Moment::new(at, visit.app.now())),
        reason: if unread { String::new() } else { c.reason },
    }
}

/// Reads it now, and leads back to the page with what came.
pub(crate) async fn read(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind, id)): Path<(String, String, String)>,
) -> Answer {
    let kind = visit.kind(&kind)?;
    let id = id.parse().map(EntityId).map_err(|_| Error::NotFound)?;
    let found = visit.app.store().entity_by_id(org.id, id).await?.filter(|e| e.row.kind == kind.code);
    let row = found.ok_or(Error::NotFound)?.row;
    let (engine, org_id) = (visit.app.engine_as(&visit.who()?.actor), org.id);
    visit.app.jobs.whole(async move { engine.read_under(&org, &row, &[]).await }).await??;
    Ok(go(&format!("{}#asked-for", object_path(org_id, kind, id))))
}
