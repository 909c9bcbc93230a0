//! Signing in and out.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transom_store::{Account, Attempt};

use super::{Answer, Form, Page, Query, go, render};
use crate::auth::{cookie, password};
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    page: Page,
    login: String,
    next: String,
    wrong: bool,
    /// What the provider is called, where there is one.
    provider: Option<String>,
    /// Whether passwords are taken.
    passwords: bool,
}

async fn page(visit: &Visit, login: String, next: String, wrong: bool) -> Answer {
    let provider = visit.app.store().provider().await?;
    let passwords = provider.as_ref().is_none_or(|p| !p.required);
    let page = Page::outside(visit, "Sign in");
    render(&SignIn { page, login, next, wrong, provider: provider.map(|p| p.label), passwords })
}

/// Nothing, where people sign in by password.
///
/// # Errors
/// [`Error::PasswordsOff`].
pub(crate) async fn passwords_are_on(visit: &Visit) -> Result<(), Error> {
    match visit.app.store().provider().await? {
        Some(provider) if provider.required => Err(Error::PasswordsOff(provider.label)),
        _ => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Credentials {
    login: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(crate) async fn form(visit: Visit, Query(Next { next }): Query<Next>) -> Answer {
    if visit.who.is_some() {
        return Ok(go(local(&next)));
    }
    page(&visit, String::new(), next, false).await
}

pub(crate) async fn submit(visit: Visit, Form(given): Form<Credentials>) -> Answer {
    passwords_are_on(&visit).await?;
    let store = visit.app.store();
    if let Attempt::Refused { until } = store.count_sign_in(&given.login, &visit.address.to_string()).await? {
        let left = (until - visit.app.now()).max(0).unsigned_abs() / 1_000;
        return Err(Error::TooMany(left));
    }
    let account = store.account_named(&given.login).await?.filter(|a| a.disabled.is_none());
    let hash = account.as_ref().and_then(|a| a.password.clone());
    if !password::matches(given.password, hash).await? {
        tracing::warn!(address = %visit.address, "a sign-in failed");
        let mut response = page(&visit, given.login, given.next, true).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let account = account.ok_or(Error::SignedOut)?;
    store.forget_sign_ins(&account.login).await?;
    begin(&visit, &account, local(&given.next)).await
}

/// Begins a session and sends the browser to `next`. An earlier session of this browser ends: its cookie is never kept.
pub(super) async fn begin(visit: &Visit, account: &Account, next: &str) -> Answer {
    begin_as(visit, account, &format!("web:{}", account.login), next).await
}

/// The same for somebody who comes another way than by password; `actor` says which to the audit.
pub(super) async fn begin_as(visit: &Visit, account: &Account, actor: &str, next: &str) -> Answer {
    let token = visit.app.store().begin_session(account, actor).await?;
    let mut response = go(next);
    let site = visit.site();
    for set in [
        cookie::set(site, cookie::SESSION, token.expose_secret(), None),
        cookie::set(site, cookie::VISIT, "", None),
    ] {
        response.headers_mut().append(header::SET_COOKIE, set);
    }
    Ok(response)
}

pub(crate) async fn out(visit: Visit, headers: axum::http::HeaderMap) -> Answer {
    if let Some(token) = cookie::get(visit.site(), &headers, cookie::SESSION) {
        visit.app.store().end_session(&token, &visit.who()?.actor).await?;
    }
    let mut response = go("/sign-in");
    response.headers_mut().append(header::SET_COOKIE, cookie::set(visit.site(), cookie::SESSION, "", None));
    Ok(response)
}

/// Where somebody goes who is not signed in: to sign in, and then to where they wanted.
pub(crate) fn instead(path: &str) -> Response {
    let next = utf8_percent_encode(path, NON_ALPHANUMERIC);
    go(&if path == "/" { "/sign-in".to_string() } else { format!("/sign-in?next={next}") })
}

/// An address of ours to go to next; anything else is `/`, so that no link leads a visitor on to a stranger.
pub(super) fn local(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if ours { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn next_is_ours_or_the_beginning() {
        assert_eq!(local("/orgs/1?a=b"), "/orgs/1?a=b");
        for wrong in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"] {
            assert_eq!(local(wrong), "/", "{wrong}");
        }
    }
}
