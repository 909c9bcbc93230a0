//! `/orgs/{org}`: what the org looks like.

use askama::Template;
use transom_core::{Coverage, CoverageState};
use transom_engine::sync::{DatasetSummary, dataset_summaries};

use super::page::org_path;
use super::{Answer, Count, Page, Section, State, inventory, render};
use crate::{Connection, Visit};

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Page,
    connection: String,
    says: String,
    figures: Vec<Figure>,
    gaps: Vec<Gap>,
}

/// How many objects of a kind are held.
struct Figure {
    title: &'static str,
    objects: Count,
}

/// The kinds that an org is known by.
const FIGURES: &[(&str, &str)] = &[
    ("user", "Users"),
    ("group", "Groups"),
    ("app", "Apps"),
    ("role_assignment", "Role assignments"),
    ("factor", "Factors"),
    ("policy", "Policies"),
];

/// A data set that is not known whole.
struct Gap {
    title: String,
    state: State,
    reason: String,
    without: String,
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let page = Page::of_org(&visit, &org, "Overview", Section::Overview).await?;
    let coverage: Vec<Coverage> = visit.app.store().coverage(org.id).await?;
    let datasets = dataset_summaries(&coverage);
    let held = inventory::held(&visit, org.id).await?;
    let figures = FIGURES.iter().filter_map(|(kind, title)| {
        let (_, _, objects) = held.iter().find(|(name, _, _)| name == kind)?;
        Some(Figure { title, objects: Count(*objects) })
    });
    let figures: Vec<Figure> = figures.collect();
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
    render(&Overview { page, connection: org_path(org.id, "/connection"), says, figures, gaps })
}

fn gap(d: DatasetSummary) -> Gap {
    Gap { title: d.title, state: d.coverage.state.into(), reason: d.coverage.reason, without: d.without }
}
