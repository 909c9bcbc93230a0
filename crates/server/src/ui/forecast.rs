//! What the next sync would do and cost, reckoned from the copy. Okta is not asked.

use askama::Template;
use transom_engine::dataset::Yields;
use transom_engine::entity::dataset;
use transom_engine::sync::plan::{LimitFrom, Options, Plan, Source};

use super::page::org_path;
use super::{Answer, Count, Moment, Page, Section, render};
use crate::Visit;
use crate::auth::Connection;

#[derive(Template)]
#[template(path = "pages/forecast.html")]
struct Forecast {
    page: Page,
    label: String,
    here: String,
    says: String,
    /// When the copy was last read that the numbers come from.
    copy: Option<Moment>,
    unfinished: bool,
    buckets: Vec<Bucket>,
    steps: Vec<Step>,
    left_out: String,
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
    guessed: bool,
    bucket: String,
    why: String,
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let engine = &visit.app.engine;
    let plan = engine.forecast(&org, &Options { ask: false, ..Options::default() }).await?;
    let title = |name: &str| dataset(name).map_or(name.to_string(), |d| d.title.to_string());
    render(&Forecast {
        page: Page::of_org(&visit, &org, "Forecast", Section::Settings).await?,
        here: org_path(org.id, "/connection"),
        says: says(&plan),
        copy: match plan.counts {
            Source::Copy { at } => Some(Moment::new(at, visit.app.now())),
            Source::Asked { .. } | Source::Nothing => None,
        },
        unfinished: engine.unfinished(&org).await?,
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
                title: title(&s.dataset),
                route: s.route,
                edges: s.yields == Yields::Edges,
                calls: Count(s.calls),
                guessed: s.guessed,
                bucket: s.bucket,
                why: s.why,
            })
            .collect(),
        label: org.label,
    })
}

/// Calls, time, and what decides it.
fn says(plan: &Plan) -> String {
    let mut text = format!("The next sync makes {} in {}", Count(plan.calls).of("call"), about(plan.seconds));
    if plan.core_seconds > 0 && plan.core_seconds < plan.seconds {
        text.push_str(&format!("; the core is read after {}", about(plan.core_seconds)));
    }
    match plan.buckets.iter().find(|b| b.decides) {
        Some(b) => text.push_str(&format!(
            ". The rate bucket {} decides: {} at {} a minute.",
            b.bucket,
            Count(b.calls).of("call"),
            Count(b.spend.into())
        )),
        None => text.push_str(". No rate limit is reached."),
    }
    text
}

/// A length of time as one plans by it.
fn about(seconds: u64) -> String {
    match seconds {
        0..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {:.1} h", seconds as f64 / 3_600.0),
    }
}
