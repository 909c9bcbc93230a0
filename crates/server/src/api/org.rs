//! Connected orgs.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use transom_core::ConnectionState;
use transom_engine::connection::{self, Connect};
use utoipa::{IntoParams, ToSchema};

use super::credential::Fields;
use super::verification::Verification;
use super::words::connection_state;
use super::{Answer, Body, Items, Page, Params, Time};
use crate::{Connection, Error, Visit};

/// A connected org. Nothing of its credential.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Org {
    /// Its number here.
    pub id: i64,
    /// What people call it.
    pub label: String,
    /// The address that is called.
    pub origin: String,
    /// Okta's id of it.
    pub okta_id: Option<String>,
    /// Whether it is a simulated one.
    pub simulator: bool,
    /// The state of the connection.
    #[schema(schema_with = connection_state)]
    pub state: ConnectionState,
    /// Why it is in that state.
    pub state_reason: String,
    /// Since when.
    pub state_at: Time,
    /// When it was connected.
    pub created: Time,
    /// The part of each of Okta's rate limits that it may use, 0.01 to 1; null where that was not set.
    pub share: Option<f64>,
    /// The client id of the service app that Okta knows it as; null where it has a token, or was never verified.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl From<&transom_store::Org> for Org {
    fn from(org: &transom_store::Org) -> Self {
        Self {
            id: org.id.0,
            label: org.label.clone(),
            origin: org.origin.clone(),
            okta_id: org.okta_id.clone(),
            simulator: org.simulator,
            state: org.state,
            state_reason: org.state_reason.clone(),
            state_at: org.state_at.into(),
            created: org.created.into(),
            share: connection::share(org),
            client_id: connection::client_id(org).map(str::to_string),
        }
    }
}

/// List orgs
///
/// The connections that the token may see, by label.
#[utoipa::path(get, path = "/api/v1/orgs", tag = "Connections", params(Page), responses((status = OK, body = Items<Org>)))]
pub(crate) async fn list(visit: Visit, Params(page): Params<Page>) -> Answer<Items<Org>> {
    let (after, limit) = page.read()?;
    let found = visit.app.store().orgs_page(&visit.who()?.reach, after, limit).await?;
    Ok(Items::page(found, |org| Org::from(&org)))
}

/// Show an org
///
/// A connection and its state.
#[utoipa::path(get, path = "/api/v1/orgs/{org}", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Org)))]
pub(crate) async fn show(Connection(org): Connection) -> Answer<Org> {
    Ok(Json(Org::from(&org)))
}

/// An org to connect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrg {
    /// The Okta domain in any form: `acme`, `acme.okta.com`, `https://acme-admin.okta.com/admin/…`
    #[schema(min_length = 1)]
    domain: String,
    /// The API token. Either this, or `client_id` and `private_key`.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    token: Option<SecretString>,
    /// The client id of a service app, `0oa…`.
    #[schema(min_length = 1)]
    client_id: Option<String>,
    /// The private key of the service app: PEM or a JWK, as text. No answer holds it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    private_key: Option<SecretString>,
    /// The id under which Okta knows the key. A JWK brings its own; without one Okta tries the app's keys.
    key_id: Option<String>,
    /// What to call it; the org's name where absent.
    label: Option<String>,
    /// The org's own Okta address, where the domain is a custom one that does not tell it.
    okta_host: Option<String>,
}

/// A new connection and what its verification found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Connected {
    /// The connection.
    pub org: Org,
    /// What was found.
    pub verification: Verification,
}

/// Connect an org
///
/// Checks the domain, verifies the credential and keeps the connection: an API token, or a service app with its private key,
/// which is what Okta recommends. Nothing is kept where it does not work.
#[utoipa::path(post, path = "/api/v1/orgs", tag = "Connections", request_body = NewOrg,
    responses((status = CREATED, body = Connected, headers(("location" = String, description = "The org")))))]
pub(crate) async fn connect(visit: Visit, Body(given): Body<NewOrg>) -> Result<Response, Error> {
    let who = visit.who()?;
    let NewOrg { domain, token, client_id, private_key, key_id, label, okta_host } = given;
    let credential = Fields { token, client_id, private_key, key_id }.credential()?;
    let given = Connect { domain, okta_host, label, credential };
    let engine = visit.app.engine_as(&who.actor);
    let done = visit.app.jobs.whole(async move { engine.connect(given, &|_| ()).await }).await??;
    let at = format!("/api/v1/orgs/{}", done.org.id.0);
    let told = Connected { org: Org::from(&done.org), verification: done.verification.into() };
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Json(told)).into_response())
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrgChanges {
    /// Another label.
    #[schema(min_length = 1)]
    label: Option<String>,
    /// The part of each of Okta's rate limits that it may use; 1 for all that Okta allows.
    #[schema(minimum = 0.01, maximum = 1)]
    share: Option<f64>,
    /// Whether Okta is not called; resuming verifies the connection.
    paused: Option<bool>,
}

/// Change an org
///
/// Renames a connection, sets its share of Okta's limits, pauses or resumes it.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    request_body = OrgChanges, responses((status = OK, body = Org)))]
pub(crate) async fn change(
    visit: Visit,
    Connection(org): Connection,
    Body(to): Body<OrgChanges>,
) -> Answer<Org> {
    if let Some(share) = to.share.filter(|s| !(connection::LEAST_SHARE..=1.0).contains(s)) {
        return Err(Error::Unreadable(format!("share: {share} is no part. Expected 0.01 to 1.")));
    }
    if to.paused == Some(false) && (to.label.is_some() || to.share.is_some()) {
        let why = "paused: resuming verifies the connection, which may fail. Ask for it alone.";
        return Err(Error::Unreadable(why.to_string()));
    }
    let (id, engine) = (org.id, visit.app.engine_as(&visit.who()?.actor));
    if let Some(label) = &to.label {
        engine.rename(&org, label).await?;
    }
    if let Some(share) = to.share {
        engine.set_share(&org, Some(share).filter(|s| *s < 1.0)).await?;
    }
    let is_paused = org.state == ConnectionState::Paused;
    match to.paused {
        Some(true) if !is_paused => engine.pause(&org).await?,
        Some(false) if is_paused => {
            drop(visit.app.jobs.whole(async move { engine.resume(&org).await }).await??);
        }
        _ => {}
    }
    Ok(Json(Org::from(&visit.app.store().org(id).await?)))
}

/// What becomes of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Data {
    Keep,
    Delete,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fate {
    /// What becomes of the copy of the org.
    #[param(inline)]
    data: Data,
    /// Whether Okta is asked to revoke the token.
    #[serde(default)]
    revoke: bool,
}

/// What disconnecting did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Disconnected {
    /// Whether a credential was held until now: not by a connection that was disconnected before.
    pub held: bool,
    /// Whether Okta revoked the token; null where it was not asked to, or there is none: a service app has a key.
    pub revoked: Option<bool>,
    /// Why it did not.
    pub revoke_problem: Option<String>,
}

/// Disconnect an org
///
/// Forgets the credential, revokes a token in Okta where asked, and keeps or deletes the copy. The key of a service app is
/// taken from it in the Admin Console.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}", tag = "Connections", params(("org" = i64, Path, description = "The org's number"), Fate),
    responses((status = OK, body = Disconnected)))]
pub(crate) async fn disconnect(
    visit: Visit,
    Connection(org): Connection,
    Params(fate): Params<Fate>,
) -> Answer<Disconnected> {
    let data = if fate.data == Data::Delete { connection::Data::Delete } else { connection::Data::Keep };
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let work = async move { engine.disconnect(&org, fate.revoke, data).await };
    let done = visit.app.jobs.whole(work).await??;
    Ok(Json(Disconnected {
        held: done.held,
        revoked: done.revoked,
        revoke_problem: done.revoke_problem.map(|p| p.to_string()),
    }))
}
