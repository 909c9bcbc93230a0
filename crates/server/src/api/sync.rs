//! Syncs that this server runs.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use transom_core::ConnectionState;
use transom_engine::dataset::Tier;
use transom_engine::entity::dataset;
use transom_engine::sync::plan::Options;
use utoipa::ToSchema;

use super::words::connection_state;
use super::{Answer, Body, Time};
use crate::error::Told;
use crate::job::Syncing;
use crate::{Connection, Error, Visit};

/// The sync of an org that this server runs, or ran last.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sync {
    /// When it began.
    pub started: Time,
    /// Whether it goes on.
    pub running: bool,
    /// Whether it goes on where an earlier run stopped.
    pub resumed: bool,
    /// Something to know while it goes on.
    pub note: Option<String>,
    /// The data sets that have begun, in the order in which they did.
    pub datasets: Vec<Progress>,
    /// What it came to; null while it goes on, and where it failed.
    pub outcome: Option<Outcome>,
    /// Why it failed; null while it goes on, and where it came to its end.
    pub problem: Option<Told>,
}

/// A data set on its way.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// What people call it.
    pub title: String,
    /// Objects or edges read.
    pub read: u64,
    /// Steps done.
    pub done: u64,
    /// Of so many, where something is known of it. More may be done than were expected.
    pub of: Option<u64>,
    /// Whether it has ended.
    pub ended: bool,
}

/// What a sync came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// The state of the connection after it.
    #[schema(schema_with = connection_state)]
    pub state: ConnectionState,
    /// Why it is limited.
    pub state_reason: String,
    /// Milliseconds that it took.
    pub millis: i64,
    /// Objects held.
    pub objects: u64,
    /// Edges held.
    pub edges: u64,
    /// Calls made to Okta.
    pub calls: u64,
    /// Answers of 429.
    pub answers_429: u64,
}

/// What is to be read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    /// The deep tier too, whatever its age.
    full: bool,
    /// Only these tiers; the usual ones where empty.
    #[schema(schema_with = tiers)]
    tiers: Vec<String>,
    /// Data sets too that are read only when asked for.
    with: Vec<String>,
}

fn tiers() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Type};
    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(TIERS.map(Tier::as_str)));
    ArrayBuilder::new().items(words).into()
}

/// The tiers that can be asked for alone.
const TIERS: [Tier; 3] = [Tier::Core, Tier::Factors, Tier::Deep];

impl Wanted {
    /// The engine's options.
    ///
    /// # Errors
    /// A tier or a data set that does not exist, by name.
    pub(crate) fn options(self) -> Result<Options, String> {
        let tier = |word: &String| {
            TIERS.into_iter().find(|t| t.as_str() == word).ok_or_else(|| {
                let have = TIERS.map(Tier::as_str).join(", ");
                format!("tiers: there is no tier {word}. Expected {have}.")
            })
        };
        if let Some(unknown) = self.with.iter().find(|name| dataset(name).is_none()) {
            return Err(format!("with: there is no data set {unknown}."));
        }
        let tiers = self.tiers.iter().map(tier).collect::<Result<_, _>>()?;
        Ok(Options { full: self.full, tiers, with: self.with, ..Options::default() })
    }
}

fn told(job: &Syncing) -> Sync {
    let seen = job.seen();
    let progress = |r: &crate::job::Reading| Progress {
        title: r.title.to_string(),
        read: r.items,
        done: r.done,
        of: r.all,
        ended: r.ended,
    };
    let (outcome, problem) = match seen.outcome {
        None => (None, None),
        Some(Err(problem)) => (None, Some(Told::from(problem))),
        Some(Ok(s)) => {
            let outcome = Outcome {
                state: s.state,
                state_reason: s.state_reason.clone(),
                millis: s.millis,
                objects: s.objects.iter().map(|(_, n)| n).sum(),
                edges: s.edges.iter().map(|(_, n)| n).sum(),
                calls: s.buckets.iter().map(|b| b.calls).sum(),
                answers_429: s.buckets.iter().map(|b| b.r429).sum::<u64>() + s.concurrency_429,
            };
            (Some(outcome), None)
        }
    };
    Sync {
        started: job.started.into(),
        running: outcome.is_none() && problem.is_none(),
        resumed: seen.resumed,
        note: seen.note,
        datasets: seen.readings.iter().map(progress).collect(),
        outcome,
        problem,
    }
}

/// Show the sync
///
/// The sync of an org that this server runs, or ran last; null where it ran none since it was started.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sync", tag = "Sync", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Option<Sync>)))]
pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer<Option<Sync>> {
    Ok(Json(visit.app.jobs.syncing(org.id).map(|job| told(&job))))
}

/// Sync now
///
/// Starts a sync; where one goes on already, it is answered with that one. Follow it here by GET.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/sync", tag = "Sync", params(("org" = i64, Path, description = "The org's number")),
    request_body = Wanted, responses((status = ACCEPTED, body = Sync)))]
pub(crate) async fn start(
    visit: Visit,
    Connection(org): Connection,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Sync>), Error> {
    let (options, engine) =
        (wanted.options().map_err(Error::Unreadable)?, visit.app.engine_as(&visit.who()?.actor));
    let job = visit.app.jobs.sync(&visit.app, engine, org, options);
    Ok((StatusCode::ACCEPTED, Json(told(&job))))
}
