//! What is known of each data set, and what is not.

use axum::Json;
use serde::{Deserialize, Serialize};
use transom_core::CoverageState;
use transom_engine::sync::{DatasetSummary, dataset_summaries, tier_summaries};
use utoipa::ToSchema;

use super::words::coverage_state;
use super::{Answer, Time};
use crate::{Connection, Visit};

/// What is known of an org.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// How fresh each tier is.
    pub tiers: Vec<Tier>,
    /// Every data set, in reading order.
    pub datasets: Vec<Dataset>,
}

/// How fresh a tier is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Tier {
    /// `core`, `factors`, `deep` or `on_demand`.
    pub tier: String,
    /// When it is read, for people.
    pub when: String,
    /// How many data sets it has.
    pub datasets: usize,
    /// When the one that was read longest ago was read.
    pub oldest: Option<Time>,
    /// When the last one was read.
    pub newest: Option<Time>,
}

/// What is known of a data set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Dataset {
    /// Its name.
    pub dataset: String,
    /// What people read.
    pub title: String,
    /// Its tier.
    pub tier: String,
    /// Its state. Only of what is `complete` does what is missing here not exist in the org.
    #[schema(schema_with = coverage_state)]
    pub state: CoverageState,
    /// Why it is not complete.
    pub reason: String,
    /// What is lost where it is not.
    pub without: String,
    /// What the state rests on that is assumed.
    pub assumed: Vec<String>,
    /// Objects or edges held; null where none is held and it is not known how many there are.
    pub held: Option<u64>,
    /// When it was last read.
    pub at: Option<Time>,
}

impl From<DatasetSummary> for Dataset {
    fn from(d: DatasetSummary) -> Self {
        let c = d.coverage;
        Self {
            dataset: c.dataset,
            title: d.title,
            tier: d.tier.as_str().to_string(),
            state: c.state,
            reason: c.reason,
            without: d.without,
            assumed: c.assumed,
            held: Some(c.objects).filter(|n| *n > 0 || c.state == CoverageState::Complete),
            at: c.at.map(Time::from),
        }
    }
}

/// Show coverage
///
/// What is known of each data set: complete, in part, not permitted, not licensed, never read, and why.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/coverage", tag = "Coverage", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Coverage)))]
pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer<Coverage> {
    let datasets = dataset_summaries(&visit.app.engine().coverage(org.id).await?);
    let tiers = tier_summaries(&datasets).into_iter().map(|t| Tier {
        tier: t.tier.as_str().to_string(),
        when: t.when.to_string(),
        datasets: t.datasets,
        oldest: t.oldest.map(Time::from),
        newest: t.newest.map(Time::from),
    });
    Ok(Json(Coverage { tiers: tiers.collect(), datasets: datasets.into_iter().map(Dataset::from).collect() }))
}
