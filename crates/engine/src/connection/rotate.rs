//! Rotating a connection's credential: another takes its place once it was verified, and reads as much.

use okta_client::{Client, Error, api::api_token};
use serde_json::json;
use transom_core::OrgId;
use transom_store::{Lease, NewCredential, Org};

use super::lifecycle::settings_after;
use super::loss::{self, Loss};
use super::{Credential, SYNC, Step, Verification};
use crate::{Class, Engine, Problem};

/// Whether a credential is taken on purpose that reads less than the old one, or may do so.
#[derive(Debug, Clone, Default)]
pub enum AcceptLess {
    /// It is refused.
    #[default]
    Nothing,
    /// It is taken where it loses no more than these, which somebody was shown and agreed to: of the same data sets, from as
    /// much to as much. Otherwise it is refused again.
    Only(Box<[Loss]>),
    /// It is taken, whatever it loses.
    Anything,
}

impl From<bool> for AcceptLess {
    /// What a switch says: anything, or nothing.
    fn from(any: bool) -> Self {
        if any { Self::Anything } else { Self::Nothing }
    }
}

impl AcceptLess {
    fn covers(&self, losses: &[Loss]) -> bool {
        match self {
            Self::Nothing => losses.is_empty(),
            Self::Only(agreed) => losses.iter().all(|loss| agreed.iter().any(|one| one.is(loss))),
            Self::Anything => true,
        }
    }
}

/// What goes with replacing a credential.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// Whether Okta is asked to revoke the old token afterwards.
    pub revoke_old: bool,
    /// Whether a credential that reads less than the old one, or may do so, is taken on purpose.
    pub accept_less: AcceptLess,
}

/// What rotating did.
#[derive(Debug)]
pub struct Rotated {
    /// What the verification of the new credential found, which is in force.
    pub verification: Verification,
    /// Whether Okta revoked the old token; not where it was not asked to, or there was none: a service app has a key.
    pub revoked_old: bool,
    /// Why it was not revoked, where it should have been, and what to do.
    pub revoke_problem: Option<Problem>,
}

impl Engine {
    /// Replaces the connection's credential: the new one is verified first, and only one that works, and reads what the
    /// last verification of the old one found readable, takes its place. Where it is the service app that a set-up made in the
    /// org, the key that is sealed of the set-up is forgotten: the connection has one.
    ///
    /// # Errors
    /// The problem of the new credential, [`Class::ReadsLess`](crate::Class::ReadsLess) where it reads less and that was not
    /// accepted. Nothing is changed then. That the old token was not revoked is no error: the new credential is in force all
    /// the same, and the outcome says why.
    pub async fn rotate(&self, org: &Org, new: Credential, how: Rotation) -> Result<Rotated, Problem> {
        self.rotate_watched(org, new, how, &|_| {}).await
    }

    /// The same; `step` is told how far it is.
    ///
    /// # Errors
    /// As [`Engine::rotate`].
    pub async fn rotate_watched(
        &self,
        org: &Org,
        new: Credential,
        how: Rotation,
        step: &(dyn Fn(Step) + Sync),
    ) -> Result<Rotated, Problem> {
        new.check()?;
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        let outcome = self.replace(&lease, org, &new, &how, step).await;
        drop(alive);
        if let Err(error) = self.store.release(lease).await {
            // It runs out by itself. What was rotated is rotated all the same.
            tracing::warn!(%error, "the lease could not be given back");
        }
        outcome
    }

    async fn replace(
        &self,
        lease: &Lease,
        org: &Org,
        new: &Credential,
        how: &Rotation,
        step: &(dyn Fn(Step) + Sync),
    ) -> Result<Rotated, Problem> {
        let (verification, found) = self.look(org, Some(new), step).await?;
        let before = self.store.org(org.id).await?;
        let losses = loss::between(&before.settings, &verification);
        if !how.accept_less.covers(&losses) {
            let agreed = matches!(&how.accept_less, AcceptLess::Only(agreed) if !agreed.is_empty());
            return Err(loss::problem(losses, agreed));
        }
        let old = if how.revoke_old { self.to_revoke(org, new).await } else { Ok(None) };
        // What is revoked is told when it is: by then the new one has to be in force.
        let mut detail = json!({ "revokes_old": matches!(old, Ok(Some(_))) });
        if !losses.is_empty() {
            detail["accepted_less"] = losses.iter().map(Loss::in_short).collect();
        }
        let (kind, secret, meta) = new.sealed(&verification)?;
        let spends = self.setup_key_of(&found.org_id, new).await?;
        let sealed = NewCredential { purpose: SYNC, kind, secret: &secret, meta, spends };
        let settings = settings_after(&before.settings, &verification, &found);
        let did = ("org.rotate", detail);
        self.store.switch_credential(lease, sealed, &settings, verification.state, &self.actor, did).await?;
        let (revoked_old, revoke_problem) = match old {
            Ok(Some(old)) => self.revoke(org.id, &old).await,
            Ok(None) => (false, None),
            Err(problem) => (false, Some(problem)),
        };
        Ok(Rotated { verification, revoked_old, revoke_problem })
    }

    /// Revokes the token that `old` calls with, and writes down what came of it: whether it is revoked, and what to tell.
    async fn revoke(&self, org: OrgId, old: &Client) -> (bool, Option<Problem>) {
        let problem = match api_token::revoke_current(old).await {
            // It may be dead already: that is what it should be.
            Ok(_) | Err(Error::TokenRejected(_)) => None,
            Err(error) => Some(unrevoked(error.into())),
        };
        let revoked = problem.is_none();
        let told = self.audit(Some(org), "org.revoke_old", json!({ "revoked": revoked })).await;
        (revoked, problem.or(told.err().map(untold)))
    }

    /// The client of the old token, which is revoked once the new credential is in force; `None` where there is none. The
    /// key of a service app is taken from it in the Admin Console: no client may change its own keys.
    async fn to_revoke(&self, org: &Org, new: &Credential) -> Result<Option<Client>, Problem> {
        let sealed = self.store.credential(org.id, SYNC).await.map_err(|error| unrevoked(error.into()))?;
        let Some(old) = sealed.map(Credential::unsealed) else { return Ok(None) };
        if old.is(new) {
            return Err(Problem::new(
                Class::State,
                "Nothing was revoked: the new credential is the one that was in force before.",
                "To revoke it would end the connection.",
                "To replace it, create another in Okta, and rotate to that one.",
            ));
        }
        match old {
            Credential::Token(_) => {
                let client = self.origin_of(org).and_then(|origin| self.client(origin, &old));
                client.map(Some).map_err(unrevoked)
            }
            Credential::ServiceApp(_) => Ok(None),
        }
    }
}

/// What is said of an old token that could not be revoked.
fn unrevoked(problem: Problem) -> Problem {
    Problem {
        why: problem.to_string(),
        what: "The new credential is in force, and the old token could not be revoked.".to_string(),
        todo: "The old token works on: revoke it in Okta under Security > API > Tokens.".to_string(),
        ..problem
    }
}

/// What is said where the old token is revoked, and the audit log does not tell of it.
fn untold(problem: Problem) -> Problem {
    Problem {
        why: problem.to_string(),
        what: "The new credential is in force and the old token revoked, but the audit log lacks a line that says so."
            .to_string(),
        ..problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transom_core::CoverageState::{self, Complete, NotPermitted, PartialByRight};

    #[test]
    fn consent_is_to_what_was_shown() {
        let loss = |dataset: &str, was, becomes: Option<CoverageState>| Loss {
            dataset: dataset.to_string(),
            title: String::new(),
            was,
            becomes,
            reason: "Okta answered 403.".to_string(),
            without: String::new(),
        };
        let shown = [loss("user", Complete, Some(PartialByRight)), loss("role", Complete, None)];
        let agreed = AcceptLess::Only(shown.clone().into());
        let mut reworded = shown.clone();
        reworded[0].reason = "Okta answered 404.".to_string();
        // The same, in other words too; less of it; nothing.
        for same in [&shown[..], &reworded, &shown[..1], &[]] {
            assert!(agreed.covers(same), "{same:?}");
        }
        for other in [
            loss("group", Complete, None),
            loss("user", Complete, Some(NotPermitted)),
            loss("user", PartialByRight, Some(PartialByRight)),
            loss("role", Complete, Some(NotPermitted)),
        ] {
            assert!(!agreed.covers(&[shown[1].clone(), other.clone()]), "{other:?}");
        }
        assert!(AcceptLess::from(true).covers(&shown) && !AcceptLess::from(false).covers(&shown));
        assert!(AcceptLess::from(false).covers(&[]));
    }
}
