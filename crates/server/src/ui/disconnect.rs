//! Disconnecting, which takes a typed confirmation.

use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;
use transom_engine::connection::{Data, by_app};
use transom_store::Org;

use super::page::org_path;
use super::trouble::Told;
use super::{Answer, Form, Page, Section, render};
use crate::Visit;
use crate::auth::Connection;

#[derive(Template)]
#[template(path = "pages/disconnect.html")]
struct Disconnect {
    page: Page,
    label: String,
    here: String,
    delete: bool,
    revoke: bool,
    by_app: bool,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/disconnected.html")]
struct Disconnected {
    page: Page,
    label: String,
    deleted: bool,
    held: bool,
    by_app: bool,
    revoked: Option<bool>,
    trouble: Option<Told>,
}

pub(crate) async fn form(visit: Visit, Connection(org): Connection) -> Answer {
    page(&visit, &org, false, true, None).await
}

async fn page(visit: &Visit, org: &Org, delete: bool, revoke: bool, fault: Option<String>) -> Answer {
    let page = Page::of_org(visit, org, "Disconnect", Section::Settings).await?;
    let here = org_path(org.id, "/connection");
    let by_app = by_app(org);
    render(&Disconnect { page, label: org.label.clone(), here, delete, revoke, by_app, fault })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    data: Fate,
    #[serde(default)]
    revoke: Option<String>,
    confirm: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Keep,
    Delete,
}

pub(crate) async fn submit(visit: Visit, Connection(org): Connection, Form(given): Form<Decision>) -> Answer {
    let deleted = given.data == Fate::Delete;
    if given.confirm.trim() != org.label {
        let fault = Some("This is not the label of the connection. Nothing was done.".to_string());
        let mut response = page(&visit, &org, deleted, given.revoke.is_some(), fault).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let data = if deleted { Data::Delete } else { Data::Keep };
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let (label, by_app, revoke) = (org.label.clone(), by_app(&org), given.revoke.is_some());
    let done = visit.app.jobs.whole(async move { engine.disconnect(&org, revoke, data).await }).await??;
    let page = Page::new(&visit, "Disconnected", Section::Settings).await?;
    let trouble = done.revoke_problem.as_ref().map(Told::from);
    render(&Disconnected { page, label, deleted, held: done.held, by_app, revoked: done.revoked, trouble })
}
