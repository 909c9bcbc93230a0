//! `/orgs/{org}`: what the org looks like.

use askama::Template;
use transom_core::{Coverage, CoverageState};
use transom_engine::sync::{DatasetSummary, dataset_summaries};

use super::page::org_path;
use super::{Answer, Count, Page, Section, State, render};
use crate::{Connection, Visit};

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Page,
    connection: String,
    says: String,
    kinds: Vec<Kind>,
    gaps: Vec<Gap>,
}

/// How many objects of a kind are held.
struct Kind {
    title: &'static str,
    objects: Count,
}

/// A data set that is not known whole.
struct Gap {
    title: String,
    state: State,
    reason: String,
    without: String,
}

async fn held(visit: &Visit, org: transom_core::OrgId) -> Result<Vec<(&'static str, u64)>, crate::Error> {
    let counts = visit.app.store().counts(org).await?;
    let catalogue = visit.app.store().catalogue();
    Ok(counts.entities.iter().filter_map(|(code, n)| Some((catalogue.kind(*code)?.title, *n))).collect())
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let page = Page::of_org(&visit, &org, "Overview", Section::Overview).await?;
    let coverage: Vec<Coverage> = visit.app.store().coverage(org.id).await?;
    let datasets = dataset_summaries(&coverage);
    let kinds = held(&visit, org.id).await?;
    let kinds = kinds.into_iter().map(|(title, n)| Kind { title, objects: Count(n) }).collect();
    let whole = datasets.iter().filter(|d| d.coverage.state == CoverageState::Complete).count();
    let says = match page.org.as_ref().and_then(|o| o.fresh.as_ref()) {
        Some(fresh) => {
            format!(
                "{}. Read {}. {whole} of {} data sets are complete.",
                org.state.label(),
                fresh.relative,
                datasets.len()
            )
        }
        None => format!("{}. Nothing has been read yet.", org.state.label()),
    };
    let gaps =
        datasets.into_iter().filter(|d| d.coverage.state != CoverageState::Complete).map(gap).collect();
    render(&Overview { page, connection: org_path(org.id, "/connection"), says, kinds, gaps })
}

fn gap(d: DatasetSummary) -> Gap {
    Gap { title: d.title, state: d.coverage.state.into(), reason: d.coverage.reason, without: d.without }
}
