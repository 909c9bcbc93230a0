//! Set-up from the web: what is to be made, and what can be had without a token.

pub(crate) mod made;
mod plan;
pub(crate) mod watch;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transom_engine::connection::address;
use transom_engine::setup::{Model, Names, Reader, configuration, markdown, script};

use super::credential::By;
use super::{Answer, Form, Page, Query, Section, go, render};
use crate::job::Chosen;
use crate::{Error, Visit};

pub(super) const HERE: &str = "/settings/integrations/okta/setup";

#[derive(Template)]
#[template(path = "pages/setup.html")]
struct Setup {
    page: Page,
    chosen: Chosen,
    by_mail: bool,
    email: String,
    faults: Faults,
}

/// What is wrong with what was typed.
#[derive(Debug, Default)]
struct Faults {
    email: Option<String>,
    token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    by: Option<By>,
}

/// The form.
pub(crate) async fn show(visit: Visit, Query(which): Query<Which>) -> Answer {
    let page = Page::new(&visit, "Let Transom set it up", Section::Settings).await?;
    let chosen = Chosen { domain: which.domain, by_app: which.by == Some(By::App), ..Chosen::default() };
    render(&Setup { page, chosen, by_mail: false, email: String::new(), faults: Faults::default() })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    domain: String,
    #[serde(default)]
    by: Option<By>,
    #[serde(default)]
    app: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    set: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    adopt: Option<String>,
    #[serde(default)]
    quiet: Option<String>,
    #[serde(default)]
    keep: Option<String>,
    token: SecretString,
}

/// Begins: the org is compared, and what would be done is shown.
pub(crate) async fn begin(visit: Visit, Form(given): Form<Given>) -> Answer {
    let who = visit.who()?;
    let by_app = given.by == Some(By::App);
    let (by_mail, email) = (!by_app && given.first == "mail", given.email.trim().to_string());
    let chosen = Chosen {
        domain: given.domain.trim().to_string(),
        by_app,
        app: some(&given.app),
        label: some(&given.label),
        role: some(&given.role),
        set: some(&given.set),
        login: some(&given.login),
        email: by_mail.then(|| email.clone()),
        adopt_user: !by_app && given.adopt.is_some(),
        quiet: !by_app && given.quiet.is_some(),
        keep_token: given.keep.is_some(),
        ..Chosen::default()
    };
    let token = one_time(&given.token);
    let faults = Faults {
        email: (by_mail && !super::owner::is_address(&email))
            .then(|| "Enter the address of a mailbox that somebody reads.".to_string()),
        token: token.as_ref().err().map(|fault| (*fault).to_string()),
    };
    let token = match token {
        Ok(token) if faults.email.is_none() => token,
        _ => {
            let page = Page::new(&visit, "Let Transom set it up", Section::Settings).await?;
            let mut response = render(&Setup { page, chosen, by_mail, email, faults })?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.set_up(&visit.app, engine, chosen, token, who.clone())?;
    Ok(go(&watch::path(&job.id)))
}

fn some(typed: &str) -> Option<String> {
    Some(typed.trim().to_string()).filter(|text| !text.is_empty())
}

/// The one-time token as typed. It goes to the worker as a line, so it has to be one.
fn one_time(typed: &SecretString) -> Result<SecretString, &'static str> {
    let text = typed.expose_secret().trim();
    match text {
        "" => Err("Enter the one-time token."),
        _ if text.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Err("Enter the token's value alone, without a space in it.")
        }
        _ => Ok(SecretString::from(text.to_string())),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    app: Option<String>,
    #[serde(default)]
    kind: String,
}

/// The guide, Terraform or the script for a domain, as a file. The org is not asked.
pub(crate) async fn paper(visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let Some(domain) = some(&wish.domain) else { return Ok(go(HERE)) };
    let origin = address(&domain, None, visit.app.engine.allow_loopback)?;
    let (model, mut names) = (Model::read(), Names::usual(&origin));
    let reader = if wish.app.is_some() { Reader::App } else { Reader::User };
    if let Some(email) = some(&wish.email) {
        names.email = email;
    }
    let (name, kind, text) = match wish.kind.as_str() {
        "guide" => ("okta-setup.md", "text/markdown", markdown(&model, &names, reader, Some(&origin))),
        "terraform" => ("transom.tf", "text/plain", configuration(&model, &names, reader, &origin)),
        "script" => ("okta-setup.sh", "text/x-shellscript", script(&model, &names, reader, &origin)),
        _ => return Err(Error::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, text).into_response())
}
