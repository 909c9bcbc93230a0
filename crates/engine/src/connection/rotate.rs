//! Rotating a connection's credential: another takes its place once it was verified, and reads as much.

use serde_json::json;
use transom_store::Org;

use super::loss::{self, Loss};
use super::{Credential, Step, Verification};
use crate::{Engine, Problem};

/// What goes with replacing a credential.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rotation {
    /// Whether Okta is asked to revoke the old token afterwards.
    pub revoke_old: bool,
    /// Whether a credential that reads less than the old one, or may do so, is taken on purpose.
    pub accept_less: bool,
}

impl Engine {
    /// Replaces the connection's credential: the new one is verified first, and only one that works, and reads what the
    /// last verification of the old one found readable, takes its place.
    ///
    /// # Errors
    /// The problem of the new credential, [`Class::ReadsLess`](crate::Class::ReadsLess) where it reads less and that was not
    /// accepted. Nothing is changed then. Where Okta did not revoke the old token, the problem of that: the new credential is
    /// in force all the same.
    pub async fn rotate(&self, org: &Org, new: Credential, how: Rotation) -> Result<Verification, Problem> {
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
    ) -> Result<Verification, Problem> {
        new.check()?;
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        let outcome = self.replace(org, &new, how, step).await;
        drop(alive);
        self.store.release(lease).await?;
        outcome
    }

    async fn replace(
        &self,
        org: &Org,
        new: &Credential,
        how: Rotation,
        step: &(dyn Fn(Step) + Sync),
    ) -> Result<Verification, Problem> {
        let (verification, found) = self.look(org, Some(new), step).await?;
        let before = self.store.org(org.id).await?;
        let losses = loss::between(&before.settings, &verification);
        if !losses.is_empty() && !how.accept_less {
            return Err(loss::problem(losses));
        }
        let old = self.client_of(org).await.ok();
        // In this order: where it ends in between, the next credential is compared with what the old one read, and not the
        // old one with what the new one reads.
        self.seal(org.id, new, &verification).await?;
        self.note(org.id, &verification, &found).await?;
        self.conclude(org.id, verification.state, "").await?;
        // The key of a service app is taken from it in the Admin Console: no client may change its own keys.
        let revoked = match old.filter(|old| how.revoke_old && old.client_id().is_none()) {
            Some(old) => match okta_client::api::api_token::revoke_current(&old).await {
                // The old token may be dead already: that is what it should be.
                Ok(_) | Err(okta_client::Error::TokenRejected(_)) => Ok(true),
                Err(error) => Err(error),
            },
            None => Ok(false),
        };
        // Before the answer about the old token: the new one is in force whatever became of that.
        let mut detail = json!({ "revoked_old": matches!(revoked, Ok(true)) });
        if !losses.is_empty() {
            detail["accepted_less"] = losses.iter().map(Loss::in_short).collect();
        }
        self.audit(Some(org.id), "org.rotate", detail).await?;
        revoked?;
        Ok(verification)
    }
}
