//! What the next sync would do and cost.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_engine::sync::plan::Options;
use utoipa::ToSchema;

use super::sync::Wanted;
use super::{Answer, Params};
use crate::{Connection, Error, Visit};

/// A forecast.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Forecast {
    /// The org's label.
    pub org: String,
    /// A sync is unfinished: the next one goes on with it, by its own plan, and what is told here is the one after that.
    pub unfinished: bool,
    /// The plan: its steps, with the calls and the reason of each, and the calls and seconds by rate bucket.
    #[schema(value_type = Object)]
    pub forecast: Value,
}

/// Forecast a sync
///
/// What the next sync would read, by which route and why, and the calls and seconds that it takes by rate bucket,
/// reckoned from the copy. Okta is not asked. It takes what *Start a sync* takes, each item of a list as a parameter of its
/// own.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forecast", tag = "Sync",
    params(
        ("org" = i64, Path, description = "The org's number"),
        ("full" = Option<bool>, Query, description = "The deep tier too, whatever its age"),
        ("tiers" = Option<Vec<String>>, Query, description = "Only these of the tiers `core`, `factors`, `deep`; the usual ones where absent"),
        ("with" = Option<Vec<String>>, Query, description = "Data sets too that are read only when asked for"),
    ),
    responses((status = OK, body = Forecast)))]
pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    Params(wanted): Params<Wanted>,
) -> Answer<Forecast> {
    let options = Options { ask: false, ..wanted.options().map_err(Error::Asked)? };
    let engine = &visit.app.engine;
    let plan = engine.forecast(&org, &options).await?;
    let forecast =
        serde_json::to_value(plan).map_err(|e| Error::Internal(format!("a plan can't be told: {e}")))?;
    Ok(Json(Forecast { unfinished: engine.unfinished(&org).await?, org: org.label, forecast }))
}
