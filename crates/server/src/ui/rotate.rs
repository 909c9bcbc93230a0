//! Rotating the token: the new one is verified first, and only one that works takes the old one's place.

use askama::Template;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::page::org_path;
use super::{Answer, Form, Page, Section, go, render};
use crate::Visit;
use crate::auth::Connection;

#[derive(Template)]
#[template(path = "pages/rotate.html")]
struct Rotate {
    page: Page,
    label: String,
    here: String,
    owner: Option<String>,
    fault: Option<String>,
}

async fn page(visit: &Visit, org: &transom_store::Org, fault: Option<String>) -> Answer {
    let owner = org.settings.pointer("/verification/owner/login").and_then(|v| v.as_str());
    render(&Rotate {
        page: Page::of_org(visit, org, "Rotate the token", Section::Settings).await?,
        label: org.label.clone(),
        here: org_path(org.id, "/connection"),
        owner: owner.map(str::to_string),
        fault,
    })
}

pub(crate) async fn form(visit: Visit, Connection(org): Connection) -> Answer {
    page(&visit, &org, None).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    key: SecretString,
    #[serde(default)]
    revoke: Option<String>,
}

/// Begins to verify the new token; the connection's page follows it.
pub(crate) async fn submit(visit: Visit, Connection(org): Connection, Form(given): Form<Given>) -> Answer {
    let who = visit.who()?;
    let key = given.key.expose_secret().trim();
    if key.is_empty() {
        let mut response =
            page(&visit, &org, Some("Enter the API key of the new token.".to_string())).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let (token, path) = (SecretString::from(key.to_string()), org_path(org.id, "/connection"));
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.rotate(&visit.app, engine, org, token, given.revoke.is_some(), who.account)?;
    Ok(go(&format!("{path}?job={}", job.id)))
}
