//! What a verification found, and verifying again.

use axum::Json;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use transom_core::{ConnectionState, CoverageState};
use transom_engine::connection::{self, Rotation};
use utoipa::ToSchema;

use super::credential::Fields;
use super::finding::Finding;
use super::words::{becomes, connection_state, coverage_state};
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
    /// Whose token it is, or the service app; null where that can't be read.
    pub owner: Option<Owner>,
    /// The token itself; null where it can't be read, and for a service app.
    pub token: Option<OktaToken>,
    /// What the service app may do, where the credential is one; null for a token.
    #[serde(default)]
    pub app: Option<ServiceApp>,
    /// The administrator roles of the token's owner or of the service app; empty where they can't be read.
    pub roles: Vec<String>,
    /// Every data set, as far as one call each can tell.
    pub datasets: Vec<Probe>,
    /// What should be changed about the credential, what matters most first.
    pub findings: Vec<Finding>,
}

/// Whom a credential stands for: the owner of a token, or a service app.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Owner {
    /// Okta's id; of a service app its client id.
    pub id: String,
    /// The login; of a service app its name, or its client id where the name can't be read.
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

/// A service app of Okta, without its key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServiceApp {
    /// Its client id.
    pub client_id: String,
    /// The scopes that were granted to it, of those that reading takes.
    pub scopes: Vec<String>,
    /// The scopes that reading takes and it does not have.
    pub missing: Vec<String>,
    /// Whether its access tokens are bound to a key of Transom's (DPoP).
    pub bound: bool,
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
            app: v.app.map(|a| ServiceApp {
                client_id: a.client_id,
                scopes: a.scopes,
                missing: a.missing,
                bound: a.bound,
            }),
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
/// Verifies a connection again: credential, roles, every data set. It takes some seconds and about a hundred calls to Okta.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/verification", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Verification)))]
pub(crate) async fn verify(visit: Visit, Connection(org): Connection) -> Answer<Verification> {
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let found = visit.app.jobs.whole(async move { engine.verify(&org).await }).await?;
    Ok(Json(found?.into()))
}

/// A data set that a new credential reads less of, or may read less of, than the one that it is to replace.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Loss {
    /// Its name.
    pub dataset: String,
    /// What people read.
    pub title: String,
    /// Its state by the last verification of the old credential.
    #[schema(schema_with = coverage_state)]
    pub was: CoverageState,
    /// Its state by the verification of the new one; null where that is not known, and `reason` says why.
    #[schema(schema_with = becomes)]
    pub becomes: Option<CoverageState>,
    /// Why, with the right that it takes.
    pub reason: String,
    /// What is lost without it.
    pub without: String,
}

impl From<connection::Loss> for Loss {
    fn from(l: connection::Loss) -> Self {
        let connection::Loss { dataset, title, was, becomes, reason, without } = l;
        Self { dataset, title, was, becomes, reason, without }
    }
}

/// Another credential for a connection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredential {
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
    /// Whether Okta is asked to revoke the old token afterwards.
    #[serde(default)]
    revoke_old: bool,
    /// Whether a credential that reads less than the old one, or may do so, is taken on purpose.
    #[serde(default)]
    accept_less: bool,
}

/// What rotating did: what the verification of the new credential found, and what became of the old one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Rotated {
    /// What the verification found of the new credential, which is in force.
    #[serde(flatten)]
    pub verification: Verification,
    /// Whether Okta revoked the old token.
    pub revoked_old: bool,
    /// Why it did not, where it was asked to, and what to do; the new credential is in force all the same.
    pub revoke_problem: Option<String>,
}

/// Rotate the credential
///
/// Verifies another credential, a token or a service app; where it works and reads as much as the old one, it takes its place.
/// One that reads less than the last verification of the old one found readable is refused with 409: `losses` names each data
/// set and the right that it takes, and nothing is changed. With `accept_less` it is taken all the same.
/// Where the old token could not be revoked, `revoke_problem` says why.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/credential", tag = "Connections", params(("org" = i64, Path, description = "The org's number")),
    request_body = NewCredential, responses((status = OK, body = Rotated)))]
pub(crate) async fn rotate(
    visit: Visit,
    Connection(org): Connection,
    Body(given): Body<NewCredential>,
) -> Answer<Rotated> {
    let NewCredential { token, client_id, private_key, key_id, revoke_old, accept_less } = given;
    let new = Fields { token, client_id, private_key, key_id }.credential()?;
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let how = Rotation { revoke_old, accept_less: accept_less.into() };
    let rotated = async move { engine.rotate(&org, new, how).await };
    let done = visit.app.jobs.whole(rotated).await??;
    Ok(Json(Rotated {
        verification: done.verification.into(),
        revoked_old: done.revoked_old,
        revoke_problem: done.revoke_problem.map(|p| format!("{p} {}", p.todo)),
    }))
}
