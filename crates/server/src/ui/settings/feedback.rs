//! Settings › Help feedback: what members answered under the pages of the help. For owners, and nobody beyond here.

use askama::Template;
use axum::extract::Path;
use serde::Deserialize;

use super::super::help::asked_about;
use super::super::page::Link;
use super::super::{Answer, Count, Moment, Page, Query, Section, go, render};
use crate::Visit;

const HERE: &str = "/settings/feedback";
/// Answers of a page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "pages/feedback.html")]
struct Feedback {
    page: Page,
    tabs: Vec<Link>,
    says: String,
    counts: Vec<Counted>,
    rows: Vec<Row>,
    older: Option<String>,
    newest: bool,
}

/// A page that was answered about.
struct Counted {
    title: String,
    href: Option<String>,
    yes: Count,
    no: Count,
}

struct Row {
    id: i64,
    title: String,
    href: Option<String>,
    helpful: bool,
    comment: String,
    name: String,
    login: String,
    at: Moment,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    before: Option<i64>,
}

/// The answers, the newest first, and how many there are of each page.
pub(crate) async fn show(visit: Visit, Query(Which { before }): Query<Which>) -> Answer {
    let (store, now) = (visit.app.store(), visit.app.now());
    let accounts = store.accounts().await?;
    let found = store.feedback(before, ROWS).await?;
    let counts: Vec<Counted> = store
        .feedback_counts()
        .await?
        .into_iter()
        .map(|c| {
            let (title, href) = asked_about(&c.page);
            Counted { title, href, yes: Count(c.yes), no: Count(c.no) }
        })
        .collect();
    let (yes, no) = counts.iter().fold((0, 0), |(yes, no), c| (yes + c.yes.0, no + c.no.0));
    let more = found.len() == ROWS as usize;
    let older = found.last().filter(|_| more).map(|last| format!("{HERE}?before={}", last.id));
    let rows = found
        .into_iter()
        .map(|f| {
            let (title, href) = asked_about(&f.page);
            let whose = accounts.iter().find(|a| a.id == f.account);
            Row {
                id: f.id,
                title,
                href,
                helpful: f.helpful,
                comment: f.comment,
                name: whose.map(|a| a.name.clone()).unwrap_or_default(),
                login: whose.map(|a| a.login.clone()).unwrap_or_default(),
                at: Moment::new(f.at, now),
            }
        })
        .collect();
    render(&Feedback {
        page: Page::new(&visit, "Help feedback", Section::Settings).await?,
        tabs: super::tabs(&visit)?,
        says: match yes + no {
            0 => "Nobody has answered yet.".to_string(),
            all => format!("{} of {} say that the help answered their question.", Count(yes), Count(all)),
        },
        counts,
        rows,
        older,
        newest: before.is_some(),
    })
}

/// Deletes an answer.
pub(crate) async fn delete(visit: Visit, Path(id): Path<i64>) -> Answer {
    visit.app.store().delete_feedback(id, &visit.who()?.actor).await?;
    Ok(go(HERE))
}
