//! What the next sync would do and cost, or one that reads more, reckoned from the copy. Okta is not asked.

use askama::Template;
use transom_core::{ConnectionState, Role};
use transom_engine::dataset::{Dataset, Tier, Yields};
use transom_engine::entity::{dataset, datasets};
use transom_engine::sync::plan::{LimitFrom, NOTHING_KNOWN, Options, Source, about};

use super::page::org_path;
use super::{Answer, Count, Moment, Page, Section, render};
use crate::api::Params;
use crate::api::sync::Wanted;
use crate::auth::Connection;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/forecast.html")]
struct Forecast {
    page: Page,
    label: String,
    here: String,
    says: String,
    /// When the copy was last read that the numbers come from.
    copy: Option<Moment>,
    /// What is said where there is none.
    nothing: &'static str,
    unfinished: bool,
    /// The address that begins this very sync.
    sync: String,
    /// Whether whoever looks may begin it.
    may: bool,
    /// Whether a sync goes on already.
    running: bool,
    /// Whether the details of single objects are read whatever their age.
    full: bool,
    asked: Vec<Asked>,
    buckets: Vec<Bucket>,
    steps: Vec<Step>,
    /// What the signs before the numbers mean.
    signs: Vec<&'static str>,
    left_out: String,
}

/// What is read only when asked for.
struct Asked {
    name: &'static str,
    title: &'static str,
    used_for: &'static str,
    on: bool,
}

struct Bucket {
    name: String,
    calls: Count,
    limit: Count,
    published: bool,
    spend: Count,
    takes: String,
    decides: bool,
}

struct Step {
    title: String,
    route: String,
    edges: bool,
    calls: Count,
    /// `≥` or `~` before the number.
    sign: &'static str,
    bucket: String,
    why: String,
}

pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    Params(wanted): Params<Wanted>,
) -> Answer {
    let engine = &visit.app.engine;
    let options = Options { ask: false, ..wanted.options().map_err(Error::Asked)? };
    let plan = engine.forecast(&org, &options).await?;
    let here = org_path(org.id, "/connection");
    let can_sync = !matches!(org.state, ConnectionState::NotConnected | ConnectionState::Paused);
    let title = |name: &str| dataset(name).map_or(name.to_string(), |d| d.title.to_string());
    render(&Forecast {
        page: Page::of_org(&visit, &org, "Forecast", Section::Settings).await?,
        sync: format!("{here}/sync{}", query(&options)),
        here,
        may: visit.who()?.may(Role::Admin, org.id) && can_sync,
        running: visit.app.jobs.syncing(org.id).is_some_and(|job| job.seen().outcome.is_none()),
        full: options.full,
        asked: datasets().filter(|d| d.tier == Tier::OnDemand).map(|d| asked(d, &options)).collect(),
        says: format!("{}: {}", if usual(&options) { "The next sync" } else { "Such a sync" }, plan.cost()),
        copy: match plan.counts {
            Source::Copy { at } => Some(Moment::new(at, visit.app.now())),
            Source::Asked { .. } | Source::Nothing => None,
        },
        unfinished: engine.unfinished(&org).await?,
        nothing: NOTHING_KNOWN,
        signs: plan.signs().collect(),
        left_out: plan.left_out.iter().map(|l| title(&l.dataset)).collect::<Vec<_>>().join(", "),
        buckets: plan
            .buckets
            .iter()
            .map(|b| Bucket {
                name: b.bucket.clone(),
                calls: Count(b.calls),
                limit: Count(b.limit.into()),
                published: b.limit_from == LimitFrom::Published,
                spend: Count(b.spend.into()),
                takes: about(b.seconds),
                decides: b.decides,
            })
            .collect(),
        steps: plan
            .steps
            .into_iter()
            .map(|s| Step {
                sign: s.sure().sign(),
                title: title(&s.dataset),
                route: s.route,
                edges: s.yields == Yields::Edges,
                calls: Count(s.calls),
                bucket: s.bucket,
                why: s.why,
            })
            .collect(),
        label: org.label,
    })
}

fn asked(d: &'static Dataset, options: &Options) -> Asked {
    let on = options.with.iter().any(|name| name == d.name);
    Asked { name: d.name, title: d.title, used_for: d.used_for, on }
}

fn usual(options: &Options) -> bool {
    !options.full && options.with.is_empty() && options.tiers.is_empty()
}

/// The query that asks for the same; empty for the usual sync.
fn query(options: &Options) -> String {
    let full = options.full.then(|| ("full", "true".to_string()));
    let tiers = options.tiers.iter().map(|tier| ("tiers", tier.as_str().to_string()));
    let with = options.with.iter().map(|name| ("with", name.clone()));
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(full.into_iter().chain(tiers).chain(with));
    let text = text.finish();
    if text.is_empty() { text } else { format!("?{text}") }
}
