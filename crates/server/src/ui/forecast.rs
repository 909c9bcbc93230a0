//! What the next sync would do and cost, reckoned from the copy. Okta is not asked.

use askama::Template;
use transom_engine::dataset::Yields;
use transom_engine::entity::dataset;
use transom_engine::sync::plan::{LimitFrom, NOTHING_KNOWN, Options, Source, about};

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
    /// What is said where there is none.
    nothing: &'static str,
    unfinished: bool,
    buckets: Vec<Bucket>,
    steps: Vec<Step>,
    /// What the signs before the numbers mean.
    signs: Vec<&'static str>,
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
    /// `≥` or `~` before the number.
    sign: &'static str,
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
        says: format!("The next sync: {}", plan.cost()),
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
