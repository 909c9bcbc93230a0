//! The one place that decides whether a request is done: it stands before every route, with what the route table says
//! the route needs.

use std::sync::Arc;

use axum::RequestExt;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use transom_core::{OrgId, Reach, Role};

use super::visit::{Connection, Peer, Visit, Who};
use super::{cookie, csrf};
use crate::app::App;
use crate::gate::RequestId;
use crate::{Error, oidc, ui};

/// What a route needs of whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing, and it is there before anybody owns the installation.
    Open,
    /// Nothing.
    Public,
    /// Somebody who is signed in. What the page shows is what the visitor may see.
    SignedIn,
    /// This role, for the whole installation.
    Whole(Role),
    /// Leave to connect an integration.
    Connect,
    /// This role for the org that `{org}` in the path names.
    Org(Role),
}

/// Stands in the extensions of an answer that a handler gave: the guard let the request through.
#[derive(Debug, Clone, Copy)]
pub struct Admitted;

/// A route's need, with the state that it takes to judge.
#[derive(Clone)]
pub(crate) struct Rule {
    pub app: App,
    pub need: Need,
}

/// The most bytes a form may have.
pub(crate) const LONGEST_FORM: usize = 64 << 10;

/// Lets a request through to its handler, or not.
pub(crate) async fn guard(State(rule): State<Rule>, request: Request, next: Next) -> Response {
    let mut fresh = None;
    let (parts, body) = request.into_parts();
    let visit = match Visit::begin(&rule.app, &parts, &mut fresh).await {
        Ok(visit) => visit,
        Err(error) => return error.into_response(),
    };
    if let Err(seconds) = asked_too_fast(&visit) {
        return Error::TooFast(seconds).into_response();
    }
    let request = Request::from_parts(parts, body);
    let mut response = match admit(&rule, &visit, request).await {
        Ok(request) => {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(Admitted);
            response
        }
        Err(Error::SignedOut) if ui::is_page(&visit.path) => ui::sign_in::instead(&visit.path),
        Err(Error::SignedOut) => Error::NoToken.into_response(),
        Err(error) => error.into_response(),
    };
    if let Some(secret) = fresh {
        let set = cookie::set(&visit.app.site, cookie::VISIT, &secret, None);
        response.headers_mut().append(header::SET_COOKIE, set);
    }
    response.extensions_mut().insert(visit);
    response
}

impl Visit {
    /// Who asks. `fresh` is set where a visit begins that its forms are to be known by.
    async fn begin(app: &App, request: &Parts, fresh: &mut Option<String>) -> Result<Self, Error> {
        let headers = &request.headers;
        let peer = request.extensions.get::<Peer>().copied().unwrap_or_default().0;
        // Proxies add a value or a line of their own; in order they say the same.
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
        let forwarded = lines.collect::<Vec<_>>().join(",");
        let path = match request.uri.path() {
            // What a provider sends along in the address is for the handler alone: pages and forms hold their address.
            oidc::CALLBACK => oidc::CALLBACK.to_string(),
            _ => request.uri.path_and_query().map_or("/", |p| p.as_str()).to_string(),
        };
        let (who, secret) = if path.starts_with("/api/") {
            (bearer(app, headers).await?, String::new())
        } else {
            match member(app, headers).await? {
                Some((who, secret)) => (Some(who), secret),
                None => (None, visitor(app, headers, fresh)?),
            }
        };
        let theme = cookie::get(&app.site, headers, cookie::THEME);
        Ok(Self {
            app: app.clone(),
            who,
            path,
            theme: ["light", "dark"].into_iter().find(|t| theme.as_deref() == Some(t)),
            address: app.site.visitor(peer, Some(forwarded.as_str()).filter(|f| !f.is_empty())),
            request: request.extensions.get::<RequestId>().map_or_else(|| Arc::from(""), |id| id.0.clone()),
            secret,
        })
    }
}

/// Counts a request of a program: by its account, and where it has no token that works by where it comes from. The error
/// is how many seconds to wait.
fn asked_too_fast(visit: &Visit) -> Result<(), u64> {
    if ui::is_page(&visit.path) {
        return Ok(());
    }
    let asker = match &visit.who {
        Some(who) => format!("account {}", who.account),
        None => visit.address.to_string(),
    };
    visit.app.limits.ask(asker)
}

/// Whose session the cookie names, and what its forms are known by.
async fn member(app: &App, headers: &HeaderMap) -> Result<Option<(Who, String)>, Error> {
    let Some(token) = cookie::get(&app.site, headers, cookie::SESSION) else { return Ok(None) };
    let Some(session) = app.store().session(&token).await? else { return Ok(None) };
    let account = session.account;
    let who = Who {
        account: account.id,
        actor: format!("web:{}", account.login),
        name: account.name,
        login: account.login,
        token_expires: None,
        role: account.role,
        reach: account.reach,
    };
    Ok(Some((who, session.csrf)))
}

/// The program whose token the request carries.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<Option<Who>, Error> {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let Some(secret) = given.and_then(|v| v.strip_prefix("Bearer ")) else { return Ok(None) };
    let token = app.store().api_token(secret.trim()).await?;
    Ok(token.map(|token| Who {
        account: token.account,
        actor: format!("token:{}:{}", token.id, token.name),
        login: token.name.clone(),
        name: token.name,
        token_expires: Some(token.expires),
        role: token.role,
        reach: token.reach,
    }))
}

/// What the forms of a visitor without session are known by: what the cookie holds, or something new.
fn visitor(app: &App, headers: &HeaderMap, fresh: &mut Option<String>) -> Result<String, Error> {
    let known = cookie::get(&app.site, headers, cookie::VISIT).filter(|v| v.len() >= 32);
    if let Some(known) = known {
        return Ok(known);
    }
    let secret = transom_store::fresh_secret()?.expose_secret().to_string();
    *fresh = Some(secret.clone());
    Ok(secret)
}

/// The request, ready for its handler.
async fn admit(rule: &Rule, visit: &Visit, mut request: Request) -> Result<Request, Error> {
    if rule.need != Need::Open && !rule.app.is_owned().await? {
        // To strangers it looks as if there were nothing at all.
        return Err(if visit.site().secure { Error::NotFound } else { Error::Unowned });
    }
    match rule.need {
        Need::Open | Need::Public => {}
        Need::SignedIn => drop(visit.who()?),
        Need::Whole(role) => {
            if !visit.who()?.may_everywhere(role) {
                return Err(Error::Forbidden(role));
            }
        }
        Need::Connect => {
            if !visit.may_connect().await? {
                return Err(Error::Forbidden(Role::Admin));
            }
        }
        Need::Org(role) => {
            let org = org(visit, &mut request).await?;
            if visit.who()?.role < role {
                return Err(Error::Forbidden(role));
            }
            request.extensions_mut().insert(org);
        }
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) && !visit.path.starts_with("/api/") {
        request = own_form(visit, request).await?;
    }
    request.extensions_mut().insert(visit.clone());
    Ok(request)
}

/// The org that the path names. One that is not there and one that the visitor may not see look alike.
async fn org(visit: &Visit, request: &mut Request) -> Result<Connection, Error> {
    let reach: &Reach = &visit.who()?.reach;
    let params = request.extract_parts::<RawPathParams>().await.map_err(|_| Error::NotFound)?;
    let named = params.iter().find(|(name, _)| *name == "org").and_then(|(_, value)| value.parse().ok());
    let id = named.map(OrgId).filter(|id| reach.covers(*id)).ok_or(Error::NotFound)?;
    match visit.app.store().org(id).await {
        Ok(org) => Ok(Connection(org)),
        Err(transom_store::Error::NotFound { .. }) => Err(Error::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// A form that carries the mark of this visit; its body is read here and given on.
async fn own_form(visit: &Visit, request: Request) -> Result<Request, Error> {
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Error::Unreadable("Expected a form.".to_string()));
    }
    let body: Bytes = to_bytes(body, LONGEST_FORM)
        .await
        .map_err(|_| Error::Unreadable(format!("A form may have {} kB.", LONGEST_FORM >> 10)))?;
    let mark = url::form_urlencoded::parse(&body).find(|(name, _)| name == "csrf").map(|(_, value)| value);
    if !mark.is_some_and(|mark| csrf::holds(&visit.secret, &mark)) {
        return Err(Error::Forged);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}
