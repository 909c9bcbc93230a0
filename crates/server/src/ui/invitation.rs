//! The link of an invitation: whoever has it chooses a name and a password, once, and is a member.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Answer, Form, Page, render, sign_in};
use crate::auth::password;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/invitation.html")]
struct Accept {
    page: Page,
    login: String,
    role: &'static str,
    what: &'static str,
    name: String,
    name_fault: Option<String>,
    password_fault: Option<String>,
}

impl Accept {
    fn hint(&self) -> String {
        password::hint()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    name: String,
    password: SecretString,
    again: SecretString,
}

async fn page(visit: &Visit, token: &str) -> Result<Accept, Error> {
    // It makes an account with a password, which would open nothing.
    sign_in::passwords_are_on(visit).await?;
    let invitation = visit.app.store().invitation(token).await?.ok_or(Error::NotFound)?;
    Ok(Accept {
        page: Page::outside(visit, "Join Transom"),
        login: invitation.login,
        role: invitation.role.label(),
        what: invitation.role.what(),
        name: String::new(),
        name_fault: None,
        password_fault: None,
    })
}

pub(crate) async fn form(visit: Visit, Path(token): Path<String>) -> Answer {
    render(&page(&visit, &token).await?)
}

/// Uses the link up. Asking for it does not: a preview of a link in a chat must not take it away.
pub(crate) async fn accept(visit: Visit, Path(token): Path<String>, Form(given): Form<Chosen>) -> Answer {
    let mut shown = page(&visit, &token).await?;
    shown.name = given.name.trim().to_string();
    if shown.name.is_empty() {
        shown.name_fault = Some("Say what to call you.".to_string());
    }
    shown.password_fault = password::fault_of_new(&given.password, &given.again, &shown.login, &shown.name);
    if shown.name_fault.is_some() || shown.password_fault.is_some() {
        let mut response = render(&shown)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let hash = password::hash(given.password).await?;
    let account = visit.app.store().accept_invitation(&token, &shown.name, &hash).await?;
    sign_in::begin(&visit, &account, "/").await
}
