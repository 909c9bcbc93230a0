//! Pages: one file each, with a template of the same name in `templates/pages/`.

mod asked;
mod cell;
pub(crate) mod connect;
pub(crate) mod connection;
mod covered;
pub(crate) mod credential;
pub(crate) mod csv;
pub(crate) mod design;
pub(crate) mod disconnect;
pub(crate) mod domain;
pub(crate) mod error;
mod finding;
pub(crate) mod forecast;
mod form;
mod gap;
mod guide;
pub(crate) mod health;
pub(crate) mod help;
pub(crate) mod home;
pub(crate) mod integrations;
pub(crate) mod inventory;
pub(crate) mod invitation;
pub(crate) mod listing;
pub(crate) mod object;
pub(crate) mod overview;
pub(crate) mod owner;
mod page;
pub(crate) mod provider_sign_in;
mod query;
mod related;
pub(crate) mod rotate;
pub(crate) mod saved_view;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod theme;
mod tier;
mod trouble;
pub(crate) mod under;
mod verification;
mod words;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::Error;

pub(crate) use form::Form;
pub(crate) use page::{Page, Section};
pub(crate) use query::Query;
pub(crate) use words::{Count, Moment, State, Status};

/// A page's answer.
pub(crate) type Answer = Result<Response, Error>;

/// Renders a template.
pub(crate) fn render(template: &impl Template) -> Answer {
    Ok(Html(template.render()?).into_response())
}

/// When a sync of the org last came to its end: what a run that still goes on has read is not the org yet.
///
/// # Errors
/// When the database can't be read.
pub(crate) async fn fresh(visit: &crate::Visit, org: transom_core::OrgId) -> Result<Option<Moment>, Error> {
    let runs = visit.app.store().runs(org, RUNS).await?;
    let last = runs.iter().find(|run| run.outcome.as_deref() == Some("finished"));
    Ok(last.and_then(|run| run.finished).map(|at| Moment::new(at, visit.app.now())))
}

/// So many runs are looked at for one that came to its end.
const RUNS: u32 = 20;

/// Sends the browser on with a GET.
pub(crate) fn go(to: &str) -> Response {
    axum::response::Redirect::to(to).into_response()
}

/// Whether people look at this path, and not programs.
pub(crate) fn is_page(path: &str) -> bool {
    !path.starts_with("/api/")
}

/// A path as the log may hold it: the secret of a link stays out.
pub(crate) fn without_secrets(path: &str) -> &str {
    let secret = [("/owner/", "/owner/…"), ("/invitation/", "/invitation/…")];
    secret.into_iter().find(|(start, _)| path.starts_with(start)).map_or(path, |(_, told)| told)
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn the_log_has_no_secret_of_a_link() {
        assert_eq!(
            ["/owner/abc", "/invitation/abc", "/orgs/1"].map(without_secrets),
            ["/owner/…", "/invitation/…", "/orgs/1"]
        );
    }
}
