//! Listening to the worker: what it made is kept as soon as it says so.

use okta_client::Discovered;
use secrecy::SecretString;
use transom_engine::Engine;
use transom_engine::Problem;
use transom_engine::connection::find;
use transom_engine::setup::{Event, Job, Outcome, Plan, Program, Record, Said, Thing, Wanted};

use super::told;
use crate::config::{Global, allow_loopback};
use crate::out::{Failure, Out};

/// The org, and what is kept of its set-up.
pub struct Kept<'a> {
    pub engine: &'a Engine,
    pub global: &'a Global,
    pub found: Discovered,
    pub record: Record,
}

impl<'a> Kept<'a> {
    /// Asks the org who it is, and looks up what is kept.
    pub async fn of(
        engine: &'a Engine,
        global: &'a Global,
        domain: &str,
        okta_host: Option<&str>,
        out: Out,
    ) -> Result<Self, Failure> {
        let tell = move |step| crate::cli::org::told_step(out, step);
        let found = find(domain, okta_host, &engine.http, allow_loopback(), &tell).await?;
        let record = engine.setup_record(&found.org_id).await?;
        Ok(Self { engine, global, found, record })
    }
}

/// What becomes of what the worker says.
pub struct Listening<'a, 'k> {
    pub kept: &'a mut Kept<'k>,
    pub wanted: &'a Wanted,
    /// Whether the call that makes the user was about to leave.
    pub sent_user: &'a mut bool,
}

/// Has a worker do the job. `go` is asked with the plan before anything is written; nothing means to leave it.
pub async fn watched(
    global: &Global,
    job: &Job,
    token: &SecretString,
    password: Option<&SecretString>,
    out: Out,
    mut listening: Option<Listening<'_, '_>>,
    go: impl AsyncFn(&Plan) -> Result<Option<Plan>, Failure>,
) -> Result<Outcome, Failure> {
    let mut worker = Program::itself(&global.log)?.work(job, token, password).await?;
    let mut waits = None;
    loop {
        let event = match worker.next().await? {
            Said::Done(outcome) => return Ok(outcome),
            Said::Problem(problem) => return Err(problem.into()),
            Said::Event(event) => event,
        };
        let Some(to) = &mut listening else { continue };
        if let Event::Planned { plan } = &event {
            let Some(plan) = go(plan).await? else { return Err(stopped().into()) };
            let kept = &mut *to.kept;
            kept.engine.agree_to_setup(&mut worker, &mut kept.record, to.wanted, &plan, None).await?;
            continue;
        }
        *to.sent_user |= matches!(event, Event::Writing { thing: Thing::User });
        let kept = &mut *to.kept;
        kept.engine.keep_setup_event(&kept.found.org_id, &mut kept.record, &event).await?;
        // Okta is asked again every few moments; it is said once that this is waited for.
        let waiting = if let Event::Waiting { thing } = &event { Some(*thing) } else { None };
        if waiting.is_none() || waiting != waits {
            told::event(out, &event);
        }
        waits = waiting;
    }
}

fn stopped() -> Problem {
    Problem::new(
        transom_engine::Class::State,
        "Nothing was changed.",
        "You did not agree to the plan.",
        "Run it again when you do.",
    )
}
