//! What could not be done, as a page.

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::{Page, Section, render};
use crate::app::App;
use crate::auth::Visit;
use crate::error::Told;

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage<'a> {
    page: Page,
    told: &'a Told,
    request: &'a str,
}

/// The page of an error; where nothing is known of the visitor, the text alone.
pub(crate) fn page(_: &App, visit: Option<&Visit>, told: &Told, request: &str) -> Response {
    let page = visit.map(|visit| Page::bare(visit, told.title.trim_end_matches('.'), Section::Elsewhere));
    let shown = page.and_then(|page| render(&ErrorPage { page, told, request }).ok());
    shown.unwrap_or_else(|| format!("{} {} {}\n", told.title, told.detail, told.todo).into_response())
}
