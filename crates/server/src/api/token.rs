//! API tokens of Transom itself.

use axum::Json;
use axum::http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use transom_core::Role;
use transom_store::{ApiToken, NewApiToken};
use utoipa::ToSchema;

use super::member::Grant;
use super::{Answer, At, Body, Items, Orgs, Page, Params, RoleName, Time};
use crate::auth::may_give;
use crate::ui::settings::api_tokens::{DAY, LONGEST};
use crate::{Error, Visit, Who};

/// An API token of Transom, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role; never more than that of the account which made it.
    pub role: RoleName,
    /// For which orgs.
    pub orgs: Orgs,
    /// The number of the member who made it.
    pub member: i64,
    /// When it was made.
    pub created: Time,
    /// Until when it works.
    pub expires: Time,
    /// When it was last used.
    pub used: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
}

impl From<&ApiToken> for Token {
    fn from(t: &ApiToken) -> Self {
        Self {
            id: t.id,
            name: t.name.clone(),
            role: t.role.into(),
            orgs: (&t.reach).into(),
            member: t.account,
            created: t.created.into(),
            expires: t.expires.into(),
            used: t.used.map(Time::from),
            revoked: t.revoked.map(Time::from),
        }
    }
}

/// Whether the visitor may see a token: it is of the same account, or an owner asks.
fn sees(who: &Who, token: &ApiToken) -> bool {
    // A program does nothing about those that may do more than itself.
    let within = || may_give(who.role, &who.reach, token.role, &token.reach).is_ok();
    who.may_everywhere(Role::Owner)
        || (token.account == who.account && (who.token_expires.is_none() || within()))
}

/// List API tokens
///
/// Those of the account that made this one which may do no more than it, the latest first; an owner's sees all.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "Token", params(Page), responses((status = OK, body = Items<Token>)))]
pub(crate) async fn list(visit: Visit, Params(page): Params<Page>) -> Answer<Items<Token>> {
    let (who, (after, limit)) = (visit.who()?, page.read()?);
    let of = Some(who.account).filter(|_| !who.may_everywhere(Role::Owner));
    let found = visit.app.store().api_tokens_page(of, |t| sees(who, t), after, limit).await?;
    Ok(Items::page(found, |token| Token::from(&token)))
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// What it may do: no more than this one.
    grant: Grant,
    /// For how many days it works.
    #[schema(minimum = 1, maximum = 365)]
    days: u16,
}

/// A new token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Made {
    /// The token.
    pub token: Token,
    /// Its secret, which is never shown again.
    pub secret: String,
}

/// Make an API token
///
/// Makes a token that may do no more than this one, and works no longer.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "Token", request_body = NewToken,
    responses((status = CREATED, body = Made)))]
pub(crate) async fn create(
    visit: Visit,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let who = visit.who()?;
    let (role, reach) = new.grant.read(&visit, who.role, &who.reach).await?;
    let name = new.name.trim().to_string();
    if !(1..=LONGEST).contains(&name.chars().count()) {
        return Err(Error::Unreadable(format!("name: say what it is for, in at most {LONGEST} characters.")));
    }
    if !(1..=365).contains(&new.days) {
        return Err(Error::Unreadable(format!(
            "days: {} is too few or too many. Expected 1 to 365.",
            new.days
        )));
    }
    let expires = visit.app.now() + i64::from(new.days) * DAY;
    if who.token_expires.is_some_and(|own| expires > own) {
        let why = "days: what this token makes can't outlive it. Ask for fewer.";
        return Err(Error::Unreadable(why.to_string()));
    }
    let new = NewApiToken { name, role, reach, expires };
    let (token, secret) = visit.app.store().create_api_token(new, who.account, &who.actor).await?;
    let made = Made { token: Token::from(&token), secret: secret.expose_secret().to_string() };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke an API token
///
/// It works no more. A token can revoke itself.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", tag = "Token", params(("token" = i64, Path, description = "The token's number")),
    responses((status = NO_CONTENT)))]
pub(crate) async fn revoke(visit: Visit, At(id): At<i64>) -> Result<StatusCode, Error> {
    let (who, store) = (visit.who()?, visit.app.store());
    if !store.api_tokens().await?.iter().any(|t| t.id == id && t.revoked.is_none() && sees(who, t)) {
        return Err(Error::NotFound);
    }
    store.revoke_api_token(id, &who.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
