//! Rotating the credential: the new one is verified first, and only one that works and reads as much takes the old one's
//! place. One that reads less is taken where a person says so, who has seen what is lost.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use transom_core::ConnectionState;
use transom_engine::connection::{AcceptLess, Rotation, by_app, client_id};
use transom_store::Org;

use super::credential::{Choice, Typed};
use super::guide::Guide;
use super::page::org_path;
use super::{Answer, Form, Page, Section, go, render};
use crate::auth::Connection;
use crate::{Error, Visit};

#[derive(Template)]
#[template(path = "pages/rotate.html")]
struct Rotate {
    page: Page,
    label: String,
    here: String,
    owner: Option<String>,
    by_app: bool,
    /// There is one in force.
    connected: bool,
    credential: Choice,
    guide: Guide,
}

async fn page(visit: &Visit, org: &Org, credential: Choice) -> Answer {
    let by_app = by_app(org);
    let owner = org.settings.pointer("/verification/owner/login").and_then(|v| v.as_str());
    let connected = org.state != ConnectionState::NotConnected;
    let title = if connected { "Rotate the credential" } else { "Connect again" };
    render(&Rotate {
        page: Page::of_org(visit, org, title, Section::Settings).await?,
        label: org.label.clone(),
        here: org_path(org.id, "/connection"),
        owner: owner.filter(|_| !by_app).map(str::to_string),
        by_app,
        connected,
        credential,
        guide: Guide { rotates: connected, ..Guide::unseen() },
    })
}

/// The form: as what the connection is known by at present.
pub(crate) async fn form(visit: Visit, Connection(org): Connection) -> Answer {
    page(&visit, &org, Choice::of(client_id(&org))).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    #[serde(flatten)]
    credential: Typed,
    #[serde(default)]
    revoke: Option<String>,
}

/// Begins to verify the new credential; the connection's page follows it.
pub(crate) async fn submit(visit: Visit, Connection(org): Connection, Form(given): Form<Given>) -> Answer {
    let who = visit.who()?;
    let credential = match given.credential.read() {
        Ok(credential) => credential,
        Err(choice) => {
            let mut response = page(&visit, &org, choice).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let (engine, path) = (visit.app.engine_as(&who.actor), org_path(org.id, "/connection"));
    let how = Rotation { revoke_old: given.revoke.is_some(), accept_less: AcceptLess::Nothing };
    let job = visit.app.jobs.rotate(engine, org, credential, how, who.account)?;
    Ok(go(&format!("{path}?job={}", job.id)))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Consent {
    #[serde(default)]
    accept: Option<String>,
}

/// Takes a credential that was refused as it reads less: it was held since, and is verified once more. Consent is to what the
/// page showed: where it would lose anything else by now, it is refused again.
pub(crate) async fn accept(
    visit: Visit,
    Connection(org): Connection,
    Path((_, id)): Path<(i64, String)>,
    Form(consent): Form<Consent>,
) -> Answer {
    let who = visit.who()?;
    let path = org_path(org.id, "/connection");
    if consent.accept.is_none() {
        let expected = "accept: the box was not ticked, so nothing was done. Expected it ticked where less is to be read.";
        return Err(Error::Unreadable(expected.to_string()));
    }
    let job = visit.app.jobs.verifying(&id, who.account);
    let Some(refused) = job.and_then(|job| job.take_refused(org.id)) else {
        // Older than a quarter of an hour: the credential is forgotten, and has to be entered again.
        return Ok(go(&format!("{path}/rotate")));
    };
    visit.app.jobs.forget(&id);
    let how = Rotation { revoke_old: refused.revoke_old, accept_less: AcceptLess::Only(refused.losses) };
    let engine = visit.app.engine_as(&who.actor);
    let job = visit.app.jobs.rotate(engine, org, refused.credential, how, who.account)?;
    Ok(go(&format!("{path}?job={}", job.id)))
}
