//! Invitations: who may become a member.

use axum::Json;
use axum::http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use transom_core::{Reach, Role};
use utoipa::ToSchema;

use super::member::Grant;
use super::{Answer, At, Body, Items, Orgs, Page, Params, RoleName, Time};
use crate::ui::{owner::is_address, sign_in};
use crate::{Error, Visit};

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its number.
    pub id: i64,
    /// The e-mail address.
    pub login: String,
    /// The role that they get.
    pub role: RoleName,
    /// For which orgs.
    pub orgs: Orgs,
    /// Until when the link works.
    pub expires: Time,
}

/// List invitations
///
/// Who was invited and has not come yet, the latest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "Members", params(Page), responses((status = OK, body = Items<Invitation>)))]
pub(crate) async fn list(visit: Visit, Params(page): Params<Page>) -> Answer<Items<Invitation>> {
    let (after, limit) = page.read()?;
    let invitation = |i: transom_store::Invitation| Invitation {
        id: i.id,
        login: i.login,
        role: i.role.into(),
        orgs: (&i.reach).into(),
        expires: i.expires.into(),
    };
    Ok(Items::page(visit.app.store().invitations_page(after, limit).await?, invitation))
}

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    /// The e-mail address, by which they will sign in.
    #[schema(format = Email)]
    login: String,
    /// What they may do.
    grant: Grant,
}

/// A link to hand on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    /// The link. It is never shown again, works once, and makes whoever opens it a member.
    pub link: String,
}

/// Invite a member
///
/// Makes a link by which somebody becomes a member.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "Members", request_body = NewInvitation,
    responses((status = CREATED, body = Invited)))]
pub(crate) async fn invite(
    visit: Visit,
    Body(new): Body<NewInvitation>,
) -> Result<(StatusCode, Json<Invited>), Error> {
    let (role, reach) = new.grant.read(&visit, Role::Owner, &Reach::All).await?;
    if !is_address(&new.login) {
        return Err(Error::Unreadable(
            "login: expected an e-mail address, such as ada@acme.com.".to_string(),
        ));
    }
    // It would make an account with a password, which opens nothing.
    sign_in::passwords_are_on(&visit).await?;
    let token = visit.app.store().invite(&new.login, role, &reach, &visit.who()?.actor).await?;
    let link = format!("{}/invitation/{}", visit.site().origin, token.expose_secret());
    Ok((StatusCode::CREATED, Json(Invited { link })))
}

/// Withdraw an invitation
///
/// Its link works no more.
#[utoipa::path(delete, path = "/api/v1/invitations/{invitation}", tag = "Members",
    params(("invitation" = i64, Path, description = "The invitation's number")), responses((status = NO_CONTENT)))]
pub(crate) async fn withdraw(visit: Visit, At(id): At<i64>) -> Result<StatusCode, Error> {
    let store = visit.app.store();
    if !store.invitations().await?.iter().any(|i| i.id == id) {
        return Err(Error::NotFound);
    }
    store.withdraw_invitation(id, &visit.who()?.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
