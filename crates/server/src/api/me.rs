//! Who a request is made as.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Nothing, Orgs, Params, RoleName};
use crate::Visit;

/// Who a request is made as, and what it may do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The token's name.
    pub name: String,
    /// How the audit log names what is done with it.
    pub actor: String,
    /// The role: the token's, and never more than that of the account which made it.
    pub role: RoleName,
    /// For which orgs.
    pub orgs: Orgs,
}

/// Who am I
///
/// Whose token this is, and what it may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "Token", responses((status = OK, body = Me)))]
pub(crate) async fn show(visit: Visit, Params(_): Params<Nothing>) -> Answer<Me> {
    let who = visit.who()?;
    Ok(Json(Me {
        name: who.name.clone(),
        actor: who.actor.clone(),
        role: who.role.into(),
        orgs: (&who.reach).into(),
    }))
}
