//! The owner link: the first account, or a way back in for whoever can run a command on the server.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Answer, Form, Page, render, sign_in};
use crate::auth::password;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/owner.html")]
struct Owner {
    page: Page,
    first: bool,
    name: String,
    login: String,
    faults: Faults,
}

impl Owner {
    fn hint(&self) -> String {
        password::hint()
    }
}

/// What is wrong with a field, in a sentence.
#[derive(Debug, Default)]
struct Faults {
    name: Option<String>,
    login: Option<String>,
    password: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewOwner {
    name: String,
    login: String,
    password: SecretString,
    again: SecretString,
}

pub(crate) async fn form(visit: Visit, Path(token): Path<String>) -> Answer {
    if !visit.app.store().owner_link_holds(&token).await? {
        return Err(Error::NotFound);
    }
    page(&visit, String::new(), String::new(), Faults::default()).await
}

async fn page(visit: &Visit, name: String, login: String, faults: Faults) -> Answer {
    let first = !visit.app.is_owned().await?;
    let title = if first { "Create the owner account" } else { "Become an owner" };
    let page = Page::outside(visit, title);
    render(&Owner { page, first, name, login, faults })
}

/// Uses the link up. Asking for it does not: a preview of a link in a chat must not take it away.
pub(crate) async fn claim(visit: Visit, Path(token): Path<String>, Form(given): Form<NewOwner>) -> Answer {
    let store = visit.app.store();
    if !store.owner_link_holds(&token).await? {
        return Err(Error::NotFound);
    }
    let (name, login) = (given.name.trim().to_string(), given.login.trim().to_string());
    let mut faults = Faults::default();
    if name.is_empty() {
        faults.name = Some("Say what to call you.".to_string());
    }
    if !is_address(&login) {
        faults.login = Some("Expected an e-mail address, such as ada@acme.com.".to_string());
    }
    faults.password = password::fault_of_new(&given.password, &given.again, &login, &name);
    if faults.name.is_some() || faults.login.is_some() || faults.password.is_some() {
        let mut response = page(&visit, name, login, faults).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let hash = password::hash(given.password).await?;
    let account = store.claim_owner(&token, &login, &name, &hash).await?;
    sign_in::begin(&visit, &account, "/").await
}

/// Looks like an e-mail address. Whether it is one, only a message would tell.
pub(crate) fn is_address(text: &str) -> bool {
    let fine = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    text.len() <= 254 && text.split_once('@').is_some_and(|(who, at)| fine(who) && fine(at))
}
