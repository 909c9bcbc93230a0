//! Settings › Your account: the name, the password, the sessions.

use askama::Template;
use axum::http::{StatusCode, header};
use secrecy::SecretString;
use serde::Deserialize;
use transom_store::{Account, Attempt, Provider, Purpose};

use super::super::page::Link;
use super::super::{Answer, Form, Page, Query, Section, go, provider_sign_in, render, sign_in};
use crate::auth::{cookie, password};
use crate::{Error, Visit};

const HERE: &str = "/settings/account";
/// The most characters of a name.
const LONGEST: usize = 120;

#[derive(Template)]
#[template(path = "pages/account.html")]
struct Own {
    page: Page,
    tabs: Vec<Link>,
    login: String,
    role: &'static str,
    what: &'static str,
    has_password: bool,
    provider: Option<Provider>,
    /// Who they are at that provider.
    subject: Option<String>,
    /// Whether their role comes of a group there.
    mapped: bool,
    saved: Option<&'static str>,
    faults: Faults,
}

impl Own {
    fn hint(&self) -> String {
        password::hint()
    }
}

/// What is wrong with a field, in a sentence.
#[derive(Debug, Default)]
struct Faults {
    name: Option<String>,
    current: Option<String>,
    password: Option<String>,
    link: Option<String>,
}

const NOT_YOURS: &str = "This is not your password.";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Saved {
    saved: String,
}

pub(crate) async fn show(visit: Visit, Query(Saved { saved }): Query<Saved>) -> Answer {
    let saved = match saved.as_str() {
        "name" => Some("Your name is saved."),
        "linked" => Some("Your account is linked. From now on you can sign in that way."),
        "unlinked" => Some("The link is gone. You sign in with your password."),
        "password" => Some("Your password is changed. You are signed out everywhere else."),
        _ => None,
    };
    page(&visit, saved, Faults::default()).await
}

async fn own(visit: &Visit) -> Result<Account, Error> {
    Ok(visit.app.store().account(visit.who()?.account).await?)
}

/// Whether the account is signed in to by a password: it has one, and they are on.
fn has_password(account: &Account, provider: Option<&Provider>) -> bool {
    account.password.is_some() && provider.is_none_or(|p| !p.required)
}

/// Whether this is the password of the visitor's account.
///
/// # Errors
/// [`Error::TooMany`]: a session left open is no way to guess a password.
async fn knows(visit: &Visit, account: &Account, current: SecretString) -> Result<bool, Error> {
    let store = visit.app.store();
    if let Attempt::Refused { until } =
        store.count_sign_in(&account.login, &visit.address.to_string()).await?
    {
        return Err(Error::TooMany((until - visit.app.now()).max(0).unsigned_abs() / 1_000));
    }
    let right = password::matches(current, account.password.clone()).await?;
    if right {
        store.forget_sign_ins(&account.login).await?;
    }
    Ok(right)
}

async fn page(visit: &Visit, saved: Option<&'static str>, faults: Faults) -> Answer {
    let account = own(visit).await?;
    let provider = visit.app.store().provider().await?;
    let wrong = [&faults.name, &faults.current, &faults.password, &faults.link].iter().any(|f| f.is_some());
    let has_password = has_password(&account, provider.as_ref());
    let mut response = render(&Own {
        page: Page::new(visit, "Your account", Section::Settings).await?,
        tabs: super::tabs(visit)?,
        login: account.login,
        role: account.role.label(),
        what: account.role.what(),
        has_password,
        subject: account
            .subject
            .filter(|(i, _)| provider.as_ref().is_some_and(|p| p.issuer == *i))
            .map(|(_, s)| s),
        mapped: account.mapped,
        provider,
        saved,
        faults,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// Gives another name.
pub(crate) async fn name(visit: Visit, Form(Named { name }): Form<Named>) -> Answer {
    let who = visit.who()?;
    let fault = match name.trim().chars().count() {
        0 => Some("Say what to call you.".to_string()),
        n if n > LONGEST => Some(format!("Use at most {LONGEST} characters.")),
        _ => None,
    };
    if fault.is_some() {
        return page(&visit, None, Faults { name: fault, ..Faults::default() }).await;
    }
    visit.app.store().set_name(who.account, name.trim(), &who.actor).await?;
    Ok(go(&format!("{HERE}?saved=name")))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Passwords {
    current: SecretString,
    password: SecretString,
    again: SecretString,
}

/// Changes the password, for whoever knows the one there is. All sessions end; this browser gets a new one.
pub(crate) async fn change(visit: Visit, Form(given): Form<Passwords>) -> Answer {
    sign_in::passwords_are_on(&visit).await?;
    let (who, store) = (visit.who()?, visit.app.store());
    let account = own(&visit).await?;
    let mut faults = Faults::default();
    if !knows(&visit, &account, given.current).await? {
        faults.current = Some(NOT_YOURS.to_string());
    }
    faults.password = password::fault_of_new(&given.password, &given.again, &account.login, &account.name);
    if faults.current.is_some() || faults.password.is_some() {
        return page(&visit, None, faults).await;
    }
    let hash = password::hash(given.password).await?;
    store.set_password(account.id, &hash, &who.actor).await?;
    sign_in::begin(&visit, &account, &format!("{HERE}?saved=password")).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Proof {
    #[serde(default)]
    link_password: SecretString,
}

/// Leaves to link the account, for whoever knows its password where it has one: a link is a way in that stays, and a
/// session left open is not enough for that.
pub(crate) async fn link(visit: Visit, Form(given): Form<Proof>) -> Answer {
    let (account, provider) = (own(&visit).await?, visit.app.store().provider().await?);
    if has_password(&account, provider.as_ref()) && !knows(&visit, &account, given.link_password).await? {
        return page(&visit, None, Faults { link: Some(NOT_YOURS.to_string()), ..Faults::default() }).await;
    }
    provider_sign_in::on_the_way(&visit, Purpose::Link, &format!("{HERE}?saved=linked")).await
}

/// Takes the link to the provider away.
pub(crate) async fn unlink(visit: Visit) -> Answer {
    let who = visit.who()?;
    visit.app.store().unlink_identity(who.account, &who.actor).await?;
    Ok(go(&format!("{HERE}?saved=unlinked")))
}

/// Ends all sessions, this one too.
pub(crate) async fn sign_out_everywhere(visit: Visit) -> Answer {
    let who = visit.who()?;
    visit.app.store().end_all_sessions(who.account, &who.actor).await?;
    let mut response = go("/sign-in");
    response.headers_mut().append(header::SET_COOKIE, cookie::set(visit.site(), cookie::SESSION, "", None));
    Ok(response)
}
