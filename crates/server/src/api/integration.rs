//! Integrations: who may connect them.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, At, Body, Nothing, Params};
use crate::auth::access;
use crate::{Error, Visit};

/// What can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationName {
    /// Okta orgs.
    Okta,
}

/// An integration, and who may connect it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Integration {
    /// Its name.
    pub name: IntegrationName,
    /// Whether connecting is by invitation: for owners, and members whom an owner granted it. Where it is not, admins may, too.
    pub by_invitation: bool,
}

impl Integration {
    async fn read(visit: &Visit, name: IntegrationName) -> Result<Self, Error> {
        Ok(Self { name, by_invitation: access::by_invitation(visit).await? })
    }
}

/// Show an integration
///
/// Whether it is connected by invitation.
#[utoipa::path(get, path = "/api/v1/integrations/{integration}", tag = "Connections",
    params(("integration" = inline(IntegrationName), Path, description = "The integration")), responses((status = OK, body = Integration)))]
pub(crate) async fn show(
    visit: Visit,
    At(name): At<IntegrationName>,
    Params(_): Params<Nothing>,
) -> Answer<Integration> {
    Ok(Json(Integration::read(&visit, name).await?))
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationChanges {
    /// Whether connecting is by invitation.
    by_invitation: Option<bool>,
}

/// Change an integration
///
/// Makes connecting by invitation, or lets every admin for all orgs connect.
#[utoipa::path(patch, path = "/api/v1/integrations/{integration}", tag = "Connections",
    params(("integration" = inline(IntegrationName), Path, description = "The integration")), request_body = IntegrationChanges,
    responses((status = OK, body = Integration)))]
pub(crate) async fn change(
    visit: Visit,
    At(name): At<IntegrationName>,
    Body(to): Body<IntegrationChanges>,
) -> Answer<Integration> {
    if let Some(only) = to.by_invitation {
        access::set_by_invitation(&visit, only).await?;
    }
    Ok(Json(Integration::read(&visit, name).await?))
}
