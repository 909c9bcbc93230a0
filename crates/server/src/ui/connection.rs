//! `/orgs/{org}/connection`: how the connection is, what it covers, and what it does.

use askama::Template;
use serde::Deserialize;
use transom_core::{ConnectionState, CoverageState, Role};
use transom_engine::connection::{LEAST_SHARE, by_app, share};
use transom_engine::sync::{DatasetSummary, dataset_summaries};
use transom_store::{Org, Run};

use super::covered::{Covered, by_area};
use super::page::org_path;
use super::tier::Tier;
use super::trouble::Told;
use super::verification::{Lost, View};
use super::{Answer, Count, Form, Moment, Page, Query, Section, State, finding, go, render};
use crate::api::Params;
use crate::api::sync::Wanted;
use crate::auth::Connection;
use crate::job::{Reading, Syncing};
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/connection.html")]
struct ConnectionPage {
    page: Page,
    label: String,
    origin: String,
    okta_id: Option<String>,
    says: String,
    here: String,
    owner: Option<String>,
    counts: Vec<(State, usize)>,
    /// Data sets whose state rests on something assumed.
    rests: usize,
    tiers: Vec<Tier>,
    areas: Vec<Covered>,
    runs: Vec<RunRow>,
    sync: Option<SyncView>,
    view: Option<View>,
    /// What the audit of the credential says; nothing while a verification is shown, which says it.
    findings: Vec<finding::Told>,
    job: Option<String>,
    rotated: bool,
    /// Why the old token works on, where it was to be revoked.
    unrevoked: Option<Told>,
    /// The verification whose credential was refused as it reads less, and may still be taken.
    refused: Option<String>,
    /// Whether the connection is known to Okta as a service app.
    by_app: bool,
    share: String,
    buckets: Vec<Bucket>,
    paused: bool,
    connected: bool,
    may: bool,
}

impl ConnectionPage {
    /// Whether anything goes on that the page follows.
    fn is_live(&self) -> bool {
        self.is_syncing() || self.view.as_ref().is_some_and(|v| v.running)
    }

    /// Whether it is a sync that goes on: while a verification does, no sync can begin.
    fn is_syncing(&self) -> bool {
        self.sync.as_ref().is_some_and(|s| s.running)
    }

    /// Whether Okta refused a call of the last run: then where stands open.
    fn was_refused(&self) -> bool {
        self.buckets.iter().any(|b| b.refused.0 > 0)
    }

    /// Its own address, with what it follows.
    fn follow(&self) -> String {
        match &self.job {
            Some(job) => format!("{}?job={job}", self.here),
            None => self.here.clone(),
        }
    }
}

/// A run that is over, or was left.
struct RunRow {
    started: Moment,
    outcome: State,
    took: String,
    calls: String,
    changes: String,
}

/// What the last run asked of one rate bucket.
struct Bucket {
    name: String,
    calls: Count,
    /// Calls a minute that Okta allows the credential.
    limit: Option<Count>,
    /// What was used of that at most, in percent.
    used: Option<String>,
    refused: Count,
}

/// The sync that this server runs.
struct SyncView {
    running: bool,
    since: Moment,
    note: Option<String>,
    resumed: bool,
    ended: usize,
    begun: usize,
    items: Count,
    readings: Vec<Reading>,
    trouble: Option<Told>,
}

/// Runs shown.
const RUNS: u32 = 10;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    job: Option<String>,
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection, Query(which): Query<Which>) -> Answer {
    let who = visit.who()?;
    let (store, now) = (visit.app.store(), visit.app.now());
    let job = which.job.and_then(|id| visit.app.jobs.verifying(&id, who.account));
    let seen = job.as_ref().map(|job| job.seen());
    // What a job says of the org's state comes after it: as it was before would be at odds with what is told here.
    let org = match seen {
        Some(_) => store.org(org.id).await?,
        None => org,
    };
    let mut page = Page::of_org(&visit, &org, "Connection", Section::Settings).await?;
    let datasets = dataset_summaries(&visit.app.engine().coverage(org.id).await?);
    let by_app = by_app(&org);
    let sync = visit.app.jobs.syncing(org.id).map(|job| followed(&job, by_app, now));
    let audited = match seen {
        Some(_) => None,
        None => visit.app.engine_as(&who.actor).verification(&org).await?,
    };
    let unrevoked = job.as_ref().and_then(|job| job.unrevoked());
    let refused = job.as_ref().and_then(|job| job.refused(org.id));
    let runs = store.runs(org.id, RUNS).await?;
    let fresh = page.org.as_ref().and_then(|o| o.fresh.as_ref()).map(|m| m.relative.clone());
    let begun = fresh.is_some();
    let mut shown = ConnectionPage {
        label: org.label.clone(),
        origin: org.origin.clone(),
        okta_id: org.okta_id.clone(),
        says: says(&org, fresh, &datasets),
        here: org_path(org.id, "/connection"),
        owner: org.settings.pointer("/verification/owner/login").and_then(|v| v.as_str()).map(str::to_string),
        counts: counts(&datasets),
        rests: datasets.iter().filter(|d| !d.coverage.assumed.is_empty()).count(),
        tiers: Tier::all(&datasets, now),
        buckets: runs.iter().find(|r| r.finished.is_some()).map(buckets).unwrap_or_default(),
        share: percent(share(&org).unwrap_or(1.0)),
        rotated: job.as_ref().is_some_and(|job| job.rotated()),
        // What is to be done is done in Okta, whatever the class of the problem.
        unrevoked: unrevoked.map(|p| Told { todo: p.todo.clone(), ..Told::from(&p) }),
        refused: job.as_ref().filter(|_| refused.is_some()).map(|job| job.id.clone()),
        runs: runs.iter().filter(|r| r.finished.is_some()).map(|r| run(r, now)).collect(),
        areas: by_area(datasets, begun, now),
        sync,
        view: job.as_ref().zip(seen.as_ref()).map(|(job, (found, phase))| View {
            losses: refused.iter().flatten().map(Lost::from).collect(),
            ..View::of(found, phase, job.client_id.is_some())
        }),
        by_app,
        findings: audited.iter().flat_map(|v| &v.findings).map(finding::Told::from).collect(),
        job: job.map(|job| job.id.clone()),
        paused: org.state == ConnectionState::Paused,
        connected: org.state != ConnectionState::NotConnected,
        may: who.may(Role::Admin, org.id),
        page: Page::outside(&visit, ""),
    };
    page.refresh = shown.is_live().then_some(2);
    shown.page = page;
    render(&shown)
}

fn says(org: &Org, fresh: Option<String>, datasets: &[DatasetSummary]) -> String {
    let whole = datasets.iter().filter(|d| d.coverage.state == CoverageState::Complete).count();
    match fresh {
        Some(fresh) => {
            format!(
                "{}. Read {fresh}. {whole} of {} data sets are complete.",
                org.state.label(),
                datasets.len()
            )
        }
        None if some_read(datasets) => format!("{}. {UNENDED}", org.state.label()),
        None => format!("{}. Nothing has been read yet.", org.state.label()),
    }
}

/// Said of an org while something of it has been read, and no sync has ended.
pub(super) const UNENDED: &str = "The first sync has not ended.";

/// Whether a data set has been read.
pub(super) fn some_read(datasets: &[DatasetSummary]) -> bool {
    datasets.iter().any(|d| d.coverage.at.is_some())
}

fn counts(datasets: &[DatasetSummary]) -> Vec<(State, usize)> {
    let all = [
        CoverageState::Complete,
        CoverageState::Partial,
        CoverageState::PartialByRight,
        CoverageState::NotPermitted,
        CoverageState::NotLicensed,
        CoverageState::NeverCollected,
    ];
    let of = |state| datasets.iter().filter(|d| d.coverage.state == state).count();
    all.into_iter().map(|state| (state.into(), of(state))).filter(|(_, n)| *n > 0).collect()
}

fn run(r: &Run, now: i64) -> RunRow {
    let number = |path: &str| r.summary.pointer(path).and_then(serde_json::Value::as_u64);
    let buckets = r.summary.get("buckets").and_then(|b| b.as_array());
    let calls = buckets.map(|all| all.iter().filter_map(|b| b.get("calls")?.as_u64()).sum::<u64>());
    let outcome = match r.outcome.as_deref() {
        Some("finished") => State { tone: "ok", label: "Finished" },
        _ => State { tone: "off", label: "Given up" },
    };
    let changes = number("/written/new").map(|new| {
        let changed = number("/written/changed").unwrap_or_default();
        format!("{} new, {} changed", Count(new), Count(changed))
    });
    RunRow {
        started: Moment::new(r.started, now),
        outcome,
        took: r.finished.map(|at| lasted(at - r.started)).unwrap_or_default(),
        calls: calls.map(|n| Count(n).to_string()).unwrap_or_default(),
        changes: changes.unwrap_or_default(),
    }
}

fn buckets(r: &Run) -> Vec<Bucket> {
    let all = r.summary.get("buckets").and_then(|b| b.as_array()).map(Vec::as_slice).unwrap_or_default();
    let number = |b: &serde_json::Value, name: &str| b.get(name).and_then(|n| n.as_u64());
    let mut buckets: Vec<Bucket> = all
        .iter()
        .map(|b| Bucket {
            name: b.get("bucket").and_then(|n| n.as_str()).unwrap_or_default().to_string(),
            calls: Count(number(b, "calls").unwrap_or_default()),
            limit: number(b, "limit").map(Count),
            used: b.get("share").and_then(|n| n.as_f64()).map(percent),
            refused: Count(number(b, "r429").unwrap_or_default()),
        })
        .collect();
    buckets.sort_by_key(|b| std::cmp::Reverse(b.calls.0));
    buckets
}

/// A part of 1 in percent, to one place at most.
fn percent(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    text.strip_suffix(".0").unwrap_or(&text).to_string()
}

fn lasted(millis: i64) -> String {
    match millis / 1_000 {
        0..60 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        s @ 60..3_600 => format!("{} min {} s", s / 60, s % 60),
        s => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
    }
}

fn followed(job: &Syncing, by_app: bool, now: i64) -> SyncView {
    let seen = job.seen();
    SyncView {
        running: seen.outcome.is_none(),
        since: Moment::new(job.started, now),
        note: seen.note,
        resumed: seen.resumed,
        ended: seen.readings.iter().filter(|r| r.ended).count(),
        begun: seen.readings.len(),
        items: Count(seen.readings.iter().map(|r| r.items).sum()),
        readings: seen.readings.into_iter().filter(|r| !r.ended).collect(),
        trouble: seen.outcome.and_then(Result::err).map(|p| Told::of(&p, by_app)),
    }
}

/// Reads the org, in the background; more than usual where the address says so.
pub(crate) async fn sync(
    visit: Visit,
    Connection(org): Connection,
    Params(wanted): Params<Wanted>,
) -> Answer {
    let (path, options) = (org_path(org.id, "/connection"), wanted.options().map_err(Error::Unreadable)?);
    visit.app.jobs.sync(&visit.app, visit.app.engine_as(&visit.who()?.actor), org, options);
    Ok(go(&path))
}

/// Verifies the connection again, in the background.
pub(crate) async fn verify(visit: Visit, Connection(org): Connection) -> Answer {
    let who = visit.who()?;
    let path = org_path(org.id, "/connection");
    let job = visit.app.jobs.verify_again(visit.app.engine_as(&who.actor), org, who.account)?;
    Ok(go(&format!("{path}?job={}", job.id)))
}

/// Pauses the connection.
pub(crate) async fn pause(visit: Visit, Connection(org): Connection) -> Answer {
    visit.app.engine_as(&visit.who()?.actor).pause(&org).await?;
    Ok(go(&org_path(org.id, "/connection")))
}

/// Resumes it, which verifies it.
pub(crate) async fn resume(visit: Visit, Connection(org): Connection) -> Answer {
    let (engine, path) = (visit.app.engine_as(&visit.who()?.actor), org_path(org.id, "/connection"));
    visit.app.jobs.whole(async move { engine.resume(&org).await }).await??;
    Ok(go(&path))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Label {
    label: String,
}

/// Gives it another label.
pub(crate) async fn rename(
    visit: Visit,
    Connection(org): Connection,
    Form(Label { label }): Form<Label>,
) -> Answer {
    visit.app.engine_as(&visit.who()?.actor).rename(&org, &label).await?;
    Ok(go(&org_path(org.id, "/connection")))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Share {
    share: String,
}

/// Sets how much of Okta's limits its calls may use.
pub(crate) async fn limit(
    visit: Visit,
    Connection(org): Connection,
    Form(Share { share }): Form<Share>,
) -> Answer {
    let typed = share.trim().trim_end_matches('%').trim_end().parse::<f64>().ok();
    let percent = typed.filter(|n| (LEAST_SHARE * 100.0..=100.0).contains(n)).ok_or_else(|| {
        Error::Unreadable("Expected at least 1 and at most 100 percent, such as 50.".to_string())
    })?;
    let share = Some(percent / 100.0).filter(|share| *share < 1.0);
    visit.app.engine_as(&visit.who()?.actor).set_share(&org, share).await?;
    Ok(go(&org_path(org.id, "/connection")))
}
