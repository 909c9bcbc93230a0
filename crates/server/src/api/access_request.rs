//! Requests for access: who asks for leave to connect, and what owners decide.

use axum::Json;
use serde::{Deserialize, Serialize};
use transom_core::{Reach, Role};
use transom_store::RequestState;
use utoipa::{IntoParams, ToSchema};

use super::integration::IntegrationName;
use super::member::Grant;
use super::{Answer, At, Body, Items, Params, Time, given, size};
use crate::auth::access;
use crate::{Error, Visit};

/// What became of a request: nobody has decided yet, an owner granted or declined it, or took back what was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said above, as the document shows it")]
pub enum AccessState {
    Open,
    Granted,
    Declined,
    Revoked,
}

impl From<RequestState> for AccessState {
    fn from(state: RequestState) -> Self {
        match state {
            RequestState::Open => Self::Open,
            RequestState::Granted => Self::Granted,
            RequestState::Declined => Self::Declined,
            RequestState::Revoked => Self::Revoked,
        }
    }
}

impl From<AccessState> for RequestState {
    fn from(state: AccessState) -> Self {
        match state {
            AccessState::Open => Self::Open,
            AccessState::Granted => Self::Granted,
            AccessState::Declined => Self::Declined,
            AccessState::Revoked => Self::Revoked,
        }
    }
}

/// A member's request for leave to connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccessRequest {
    /// Its number.
    pub id: i64,
    /// What is to be connected.
    pub integration: String,
    /// The number of the member who asks.
    pub member: i64,
    /// Why, in the member's words.
    pub note: String,
    /// What became of it.
    pub state: AccessState,
    /// When it was made.
    pub created: Time,
    /// The number of the owner who decided last; null where nobody has.
    pub decided_by: Option<i64>,
    /// When.
    pub decided: Option<Time>,
}

impl From<transom_store::AccessRequest> for AccessRequest {
    fn from(request: transom_store::AccessRequest) -> Self {
        Self {
            id: request.id,
            integration: request.integration,
            member: request.account,
            note: request.note,
            state: request.state.into(),
            created: request.created.into(),
            decided_by: request.decided_by,
            decided: request.decided_at.map(Time::from),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only requests in this state.
    #[serde(default, deserialize_with = "given")]
    #[param(inline)]
    state: Option<AccessState>,
    /// How many on a page; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// List access requests
///
/// Who asked for leave to connect, the latest first: the requests of the account that made this token; an owner's sees all.
#[utoipa::path(get, path = "/api/v1/access-requests", tag = "Members", params(Which),
    responses((status = OK, body = Items<AccessRequest>)))]
pub(crate) async fn list(visit: Visit, Params(which): Params<Which>) -> Answer<Items<AccessRequest>> {
    let (who, limit) = (visit.who()?, size(which.limit)?);
    let of = Some(who.account).filter(|_| !who.may_everywhere(Role::Owner));
    let (state, after) = (which.state.map(RequestState::from), which.cursor.as_deref());
    let found = visit.app.store().access_requests_page(of, state, after, limit).await?;
    Ok(Items::page(found, AccessRequest::from))
}

/// A request to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccessRequest {
    /// What is to be connected.
    integration: IntegrationName,
    /// Why, for the owner who decides.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: String,
}

/// Ask for access
///
/// Asks an owner for leave to connect, for the account that made this token and may not connect yet. What is granted then, the
/// member does on the web: it is for a person, and none of their tokens. A request that is open or granted already is answered
/// as it is.
#[utoipa::path(post, path = "/api/v1/access-requests", tag = "Members", request_body = NewAccessRequest,
    responses((status = OK, body = AccessRequest)))]
pub(crate) async fn ask(visit: Visit, Body(new): Body<NewAccessRequest>) -> Answer<AccessRequest> {
    if new.note.chars().count() > access::NOTE {
        return Err(Error::Unreadable(format!("note: expected at most {} characters.", access::NOTE)));
    }
    let asked = match new.integration {
        IntegrationName::Okta => access::ask(&visit, &new.note).await?,
    };
    Ok(Json(asked.into()))
}

/// What the member may do when the request is granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Granting {
    /// Another role and its orgs; where absent the member keeps what they have.
    grant: Option<Grant>,
}

/// Grant access
///
/// Grants an open request: the member may connect, whatever their role, and sees the orgs that they connect.
#[utoipa::path(post, path = "/api/v1/access-requests/{request}/grant", tag = "Members",
    params(("request" = i64, Path, description = "The request's number")), request_body = Granting,
    responses((status = OK, body = AccessRequest)))]
pub(crate) async fn grant(
    visit: Visit,
    At(id): At<i64>,
    Body(granting): Body<Granting>,
) -> Answer<AccessRequest> {
    let given = match granting.grant {
        Some(grant) => Some(grant.read(&visit, Role::Owner, &Reach::All).await?),
        None => None,
    };
    Ok(Json(access::grant(&visit, id, given).await?.into()))
}

/// Decline access
///
/// Declines an open request. The member may ask again.
#[utoipa::path(post, path = "/api/v1/access-requests/{request}/decline", tag = "Members",
    params(("request" = i64, Path, description = "The request's number")), responses((status = OK, body = AccessRequest)))]
pub(crate) async fn decline(visit: Visit, At(id): At<i64>) -> Answer<AccessRequest> {
    Ok(Json(access::decide(&visit, id, RequestState::Declined).await?.into()))
}

/// Revoke access
///
/// Takes back what was granted. The member's role stays.
#[utoipa::path(post, path = "/api/v1/access-requests/{request}/revoke", tag = "Members",
    params(("request" = i64, Path, description = "The request's number")), responses((status = OK, body = AccessRequest)))]
pub(crate) async fn revoke(visit: Visit, At(id): At<i64>) -> Answer<AccessRequest> {
    Ok(Json(access::decide(&visit, id, RequestState::Revoked).await?.into()))
}
