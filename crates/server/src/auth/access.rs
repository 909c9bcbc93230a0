//! Leave to connect Okta orgs: who has it, who asks for it, and what owners decide. The pages and the API do it here.

use transom_core::{Reach, Role};
use transom_engine::{Class, Problem};
use transom_store::{AccessRequest, RequestState};

use super::Visit;
use crate::Error;

/// The integration that there is.
pub(crate) const OKTA: &str = "okta";
/// The most characters of the reason that comes with a request.
pub(crate) const NOTE: usize = 500;
/// The setting that lists the integrations which only those may connect whom an owner allowed it.
const BY_INVITATION: &str = "integrations.by_invitation";

impl Visit {
    /// Whether the visitor may connect Okta orgs: an owner may, an admin where it is not by invitation, and whoever asked
    /// and was granted it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn may_connect(&self) -> Result<bool, Error> {
        let who = self.who()?;
        if may_by_role(self, who.role, &who.reach).await? {
            return Ok(true);
        }
        // What was granted to a person, no token of theirs can do.
        if who.token_expires.is_some() {
            return Ok(false);
        }
        let request = self.app.store().access_request(OKTA, who.account).await?;
        Ok(request.is_some_and(|r| r.state == RequestState::Granted))
    }
}

async fn may_by_role(visit: &Visit, role: Role, reach: &Reach) -> Result<bool, Error> {
    let everywhere = |least| role >= least && *reach == Reach::All;
    Ok(everywhere(Role::Owner) || (everywhere(Role::Admin) && !by_invitation(visit).await?))
}

/// Whether admins may not connect by themselves.
pub(crate) async fn by_invitation(visit: &Visit) -> Result<bool, Error> {
    let invited = visit.app.store().setting::<Vec<String>>(BY_INVITATION).await?;
    Ok(invited.iter().any(|name| name == OKTA))
}

/// An owner decides whether admins may connect by themselves.
pub(crate) async fn set_by_invitation(visit: &Visit, only: bool) -> Result<(), Error> {
    let list: Vec<&str> = only.then_some(OKTA).into_iter().collect();
    Ok(visit.app.store().set_setting(BY_INVITATION, &list, &visit.who()?.actor).await?)
}

/// Asks for leave, for the account of whoever visits. A request that is open or granted already is returned as it is.
pub(crate) async fn ask(visit: &Visit, note: &str) -> Result<AccessRequest, Error> {
    let (who, store) = (visit.who()?, visit.app.store());
    // The account's role decides, also where its token may do less.
    let account = store.account(who.account).await?;
    if may_by_role(visit, account.role, &account.reach).await? {
        return Err(Problem::new(
            Class::State,
            "You may connect Okta already.",
            "Your role allows it.",
            "Connect an org, without asking.",
        )
        .into());
    }
    Ok(store.request_access(OKTA, who.account, note.trim(), &who.actor).await?)
}

/// Grants an open request; `grant` is the role that the member then has and for which orgs, `None` for the one they have.
pub(crate) async fn grant(
    visit: &Visit,
    id: i64,
    grant: Option<(Role, Reach)>,
) -> Result<AccessRequest, Error> {
    let Some((role, reach)) = grant else { return decide(visit, id, RequestState::Granted).await };
    let who = visit.who()?;
    there(visit.app.store().grant_access(id, (role, &reach), who.account, &who.actor).await)
}

/// Grants or declines an open request, or takes back what was granted.
pub(crate) async fn decide(visit: &Visit, id: i64, state: RequestState) -> Result<AccessRequest, Error> {
    let who = visit.who()?;
    there(visit.app.store().decide_access(id, state, who.account, &who.actor).await)
}

fn there(decided: transom_store::Result<AccessRequest>) -> Result<AccessRequest, Error> {
    match decided {
        Err(transom_store::Error::NotFound { .. }) => Err(Error::NotFound),
        other => Ok(other?),
    }
}
