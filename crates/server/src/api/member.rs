//! Members: who may sign in, as what.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use transom_core::{Reach, Role};
use transom_store::Account;
use utoipa::ToSchema;

use super::{Answer, At, Body, Items, Orgs, Page, Params, RoleName, Time};
use crate::auth::may_give;
use crate::{Error, Visit};

/// Somebody with an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Its number.
    pub id: i64,
    /// The e-mail address.
    pub login: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: RoleName,
    /// For which orgs.
    pub orgs: Orgs,
    /// Since when.
    pub created: Time,
    /// Since when the account can't be used; null where it can.
    pub disabled: Option<Time>,
}

impl From<&Account> for Member {
    fn from(a: &Account) -> Self {
        Self {
            id: a.id,
            login: a.login.clone(),
            name: a.name.clone(),
            role: a.role.into(),
            orgs: (&a.reach).into(),
            created: a.created.into(),
            disabled: a.disabled.map(Time::from),
        }
    }
}

async fn account(visit: &Visit, id: i64) -> Result<Account, Error> {
    match visit.app.store().account(id).await {
        Err(transom_store::Error::NotFound { .. }) => Err(Error::NotFound),
        other => Ok(other?),
    }
}

/// List members
///
/// Everybody with an account, by e-mail address.
#[utoipa::path(get, path = "/api/v1/members", tag = "Members", params(Page), responses((status = OK, body = Items<Member>)))]
pub(crate) async fn list(visit: Visit, Params(page): Params<Page>) -> Answer<Items<Member>> {
    let (after, limit) = page.read()?;
    let found = visit.app.store().accounts_page(after, limit).await?;
    Ok(Items::page(found, |account| Member::from(&account)))
}

/// Show a member
#[utoipa::path(get, path = "/api/v1/members/{member}", tag = "Members", params(("member" = i64, Path, description = "The member's number")),
    responses((status = OK, body = Member)))]
pub(crate) async fn show(visit: Visit, At(id): At<i64>) -> Answer<Member> {
    Ok(Json(Member::from(&account(&visit, id).await?)))
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChanges {
    /// Another role and its orgs.
    grant: Option<Grant>,
    /// Whether the account can't be used.
    disabled: Option<bool>,
}

/// A role and for which orgs it holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    /// The role.
    pub role: RoleName,
    /// For which orgs. An owner owns all of them.
    pub orgs: Orgs,
}

impl Grant {
    /// The role and its orgs, which are there, no more than `most` for `limit`.
    pub(super) async fn read(self, visit: &Visit, most: Role, limit: &Reach) -> Result<(Role, Reach), Error> {
        let (role, reach) = (self.role.into(), self.orgs.into());
        if let Reach::Orgs(orgs) = &reach {
            let there = visit.app.store().orgs().await?;
            if let Some(none) = orgs.iter().find(|id| !there.iter().any(|org| org.id == **id)) {
                return Err(Error::Unreadable(format!("orgs: there is no org with the number {}.", none.0)));
            }
        }
        may_give(most, limit, role, &reach).map_err(|why| Error::Unreadable(format!("role, orgs: {why}")))?;
        Ok((role, reach))
    }
}

/// Change a member
///
/// Gives another role or other orgs, or disables or enables: one at a time. There is always an owner left who can sign in.
#[utoipa::path(patch, path = "/api/v1/members/{member}", tag = "Members", params(("member" = i64, Path, description = "The member's number")),
    request_body = MemberChanges, responses((status = OK, body = Member)))]
pub(crate) async fn change(visit: Visit, At(id): At<i64>, Body(to): Body<MemberChanges>) -> Answer<Member> {
    let (store, actor) = (visit.app.store(), &visit.who()?.actor);
    let before = account(&visit, id).await?;
    if to.grant.is_some() && to.disabled.is_some() {
        let why = "grant, disabled: ask for one at a time, so that neither is done without the other.";
        return Err(Error::Unreadable(why.to_string()));
    }
    if let Some(grant) = to.grant {
        let (role, reach) = grant.read(&visit, Role::Owner, &Reach::All).await?;
        store.set_role(id, role, &reach, actor).await?;
    }
    if let Some(disabled) = to.disabled.filter(|d| *d != before.disabled.is_some()) {
        store.set_disabled(id, disabled, actor).await?;
    }
    Ok(Json(Member::from(&account(&visit, id).await?)))
}

/// Remove a member
///
/// Removes an account; its sessions and API tokens end.
#[utoipa::path(delete, path = "/api/v1/members/{member}", tag = "Members", params(("member" = i64, Path, description = "The member's number")),
    responses((status = NO_CONTENT)))]
pub(crate) async fn remove(visit: Visit, At(id): At<i64>) -> Result<StatusCode, Error> {
    account(&visit, id).await?;
    visit.app.store().remove_account(id, &visit.who()?.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
