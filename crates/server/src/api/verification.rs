//! What a verification found, and verifying again.

use axum::Json;
use serde::{Deserialize, Serialize};
use transom_core::{ConnectionState, CoverageState};
use transom_engine::connection;
use utoipa::ToSchema;

use super::finding::Finding;
use super::words::{connection_state, coverage_state};
use super::{Answer, Body};
use crate::{Connection, Visit};

/// What a verification found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// What the connection comes to.
    #[schema(schema_with = connection_state)]
    pub state: ConnectionState,
    /// Okta's id of the org.
    pub okta_id: String,
    /// The org's name, where it can be read.
    pub name: Option<String>,
    /// The address that is called.
    pub origin: String,
    /// Okta's engine: `idx` or `v1`.
    pub engine: String,
    /// The proxy that calls go through.
    pub proxy: Option<String>,
    /// Whose token it is; null where that can't be read.
    pub owner: Option<Owner>,
    /// The token itself; null where it can't be read.
    pub token: Option<OktaToken>,
    /// The owner's administrator roles; empty where they can't be read.
    pub roles: Vec<String>,
    /// Every data set, as far as one call each can tell.
    pub datasets: Vec<Probe>,
    /// What should be changed about the credential, what matters most first.
    pub findings: Vec<Finding>,
}

/// The owner of a credential.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Owner {
    /// Okta's id.
    pub id: String,
    /// The login.
    pub login: String,
    /// Okta's status.
    pub status: String,
}

/// An API token of Okta, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OktaToken {
    /// The name it was given.
    pub name: String,
    /// From where it may be used: `ANYWHERE`, or what Okta says of its network.
    pub network: String,
    /// When it lapses if it is not used before.
    pub expires_at: Option<String>,
}

/// What a verification found of a data set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Probe {
    /// Its name.
    pub dataset: String,
    /// What people read.
    pub title: String,
    /// What it is used for.
    pub used_for: String,
    /// What is lost without it.
    pub without: String,
    /// Its state.
    #[schema(schema_with = coverage_state)]
    pub state: CoverageState,
    /// Why, where it is not complete.
    pub reason: String,
    /// What the state rests on that is assumed.
    pub assumed: Vec<String>,
}

impl From<connection::Verification> for Verification {
    fn from(v: connection::Verification) -> Self {
        let probe = |p: connection::Probe| Probe {
            dataset: p.dataset,
            title: p.title,
            used_for: p.used_for,
            without: p.without,
            state: p.state,
            reason: p.reason,
            assumed: p.assumed,
        };
        Self {
            state: v.state,
            okta_id: v.org_id,
            name: v.org_name,
            origin: v.origin,
            engine: v.pipeline,
            proxy: v.proxy,
            owner: v.owner.map(|o| Owner { id: o.id, login: o.login, status: o.status }),
            token: v.token.map(|t| OktaToken { name: t.name, network: t.network, expires_at: t.expires_at }),
            roles: v.roles.labels,
            datasets: v.probes.into_iter().map(probe).collect(),
            findings: v.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

/// Last verification
///
/// What the last verification of a connection found, with the audit of its credential as it stands now; null where it was
/// never verified.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/verification", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Option<Verification>)))]
pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer<Option<Verification>> {
    let found = visit.app.engine_as(&visit.who()?.actor).verification(&org).await?;
    Ok(Json(found.map(Verification::from)))
}

/// Verify Connection
///
/// Verifies a connection again: token, roles, every data set. It takes some seconds and about a hundred calls to Okta.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/verification", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Verification)))]
pub(crate) async fn verify(visit: Visit, Connection(org): Connection) -> Answer<Verification> {
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let found = visit.app.jobs.whole(async move { engine.verify(&org).await }).await?;
    Ok(Json(found?.into()))
}

/// Another token for a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredential {
    /// The new API token.
    #[schema(value_type = String, format = Password, min_length = 1)]
    token: secrecy::SecretString,
    /// Whether Okta is asked to revoke the old one afterwards.
    #[serde(default)]
    revoke_old: bool,
}

/// Rotate the token
///
/// Verifies another token; where it works, it takes the old one's place.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/credential", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    request_body = NewCredential, responses((status = OK, body = Verification)))]
pub(crate) async fn rotate(
    visit: Visit,
    Connection(org): Connection,
    Body(given): Body<NewCredential>,
) -> Answer<Verification> {
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let rotated = async move { engine.rotate(&org, given.token.into(), given.revoke_old).await };
    Ok(Json(visit.app.jobs.whole(rotated).await??.into()))
}
