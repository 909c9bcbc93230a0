//! Runs: what each sync set out to do, and did.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_store::RunId;
use utoipa::ToSchema;

use super::{Answer, At, Items, Page, Params, Time};
use crate::{Connection, Error, Visit};

/// A sync, past or present.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// What kind of run: `sync`.
    pub kind: String,
    /// When it began.
    pub started: Time,
    /// When it ended; null while it goes on, or waits to be gone on with.
    pub finished: Option<Time>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// A run with what it did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// What it set out to do: steps, and what each rate bucket was expected to bear.
    #[schema(value_type = Object)]
    pub plan: Value,
    /// What it did: objects, edges, calls by rate bucket, the state of each data set; null until it ends.
    #[schema(value_type = Option<Object>)]
    pub summary: Value,
}

impl From<&transom_store::Run> for Run {
    fn from(run: &transom_store::Run) -> Self {
        Self {
            id: run.id.0,
            kind: run.kind.clone(),
            started: run.started.into(),
            finished: run.finished.map(Time::from),
            outcome: run.outcome.clone(),
        }
    }
}

/// List runs
///
/// The syncs of an org, the latest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/runs", tag = "Sync", params(("org" = i64, Path, description = "The org's number"), Page),
    responses((status = OK, body = Items<Run>)))]
pub(crate) async fn list(
    visit: Visit,
    Connection(org): Connection,
    Params(page): Params<Page>,
) -> Answer<Items<Run>> {
    let (cursor, limit) = page.read()?;
    let before = cursor.map(|c| c.parse().map(RunId)).transpose();
    let before =
        before.map_err(|_| Error::Asked("cursor: this is none that a page of runs gave.".to_string()))?;
    let mut runs = visit.app.store().runs_before(org.id, before, limit + 1).await?;
    let more = runs.len() > limit as usize;
    runs.truncate(limit as usize);
    let next = runs.last().filter(|_| more).map(|run| run.id.0.to_string());
    Ok(Json(Items { items: runs.iter().map(Run::from).collect(), next }))
}

/// Show a run
///
/// A sync with its plan and what it did.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/runs/{run}", tag = "Sync",
    params(("org" = i64, Path, description = "The org's number"), ("run" = i64, Path, description = "The run's number")),
    responses((status = OK, body = RunDetail)))]
pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    At((_, run)): At<(i64, i64)>,
) -> Answer<RunDetail> {
    let run = visit.app.store().run(org.id, RunId(run)).await?.ok_or(Error::NotFound)?;
    Ok(Json(RunDetail { run: Run::from(&run), plan: run.plan, summary: run.summary }))
}
