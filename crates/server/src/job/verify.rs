//! A verification on its way, of a connection that is to be made or of one that is there.

use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret;
use transom_core::OrgId;
use transom_engine::connection::{
    self, AcceptLess, Checked, Connect, Credential, Loss, Owner, OwnerRoles, Rotation, Step, Verification,
};
use transom_engine::{Class, Engine, Problem};
use transom_store::Org;

use super::{Jobs, held};
use crate::Error;

/// A verification.
#[derive(Debug)]
pub(crate) struct Verifying {
    /// What its page's address calls it.
    pub id: String,
    /// The account that began it: nobody else sees it.
    pub account: i64,
    /// What was typed, without the key.
    pub domain: String,
    /// The label that was typed.
    pub label: String,
    /// The client id, where it is of a service app.
    pub client_id: Option<String>,
    seen: Mutex<Seen>,
    checked: Mutex<Option<Checked>>,
    refused: Mutex<Option<Refused>>,
}

/// A credential that works and reads less than the one that it was to replace: it can still be taken, on purpose.
#[derive(Debug)]
pub(crate) struct Refused {
    org: OrgId,
    /// The credential.
    pub credential: Credential,
    /// Whether the old token is to be revoked.
    pub revoke_old: bool,
    /// What it reads less of, as it is shown.
    pub losses: Box<[Loss]>,
}

/// What was found, row by row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// The origin that the domain was read as, and notes on how.
    pub domain: Option<(String, Vec<String>)>,
    /// Okta's id of the org, its origin and engine.
    pub org: Option<(String, String, String)>,
    /// The credential was accepted, and whose it is.
    pub accepted: Option<Option<Owner>>,
    /// The owner's roles.
    pub roles: Option<OwnerRoles>,
    /// Data sets probed, of how many, and the last one's title.
    pub probed: (usize, usize, &'static str),
}

/// Where it is.
#[derive(Debug, Clone)]
pub(crate) enum Phase {
    /// It goes on.
    Running,
    /// It came to its end; whether the outcome can still be saved.
    Verified(Box<Verification>),
    /// There is nothing to connect.
    Failed(Problem),
}

#[derive(Debug, Clone)]
struct Seen {
    found: Found,
    phase: Phase,
    rotated: bool,
    unrevoked: Option<Problem>,
}

impl Jobs {
    /// Begins to verify what was typed.
    pub fn verify(&self, engine: Engine, given: Connect, account: i64) -> Result<Arc<Verifying>, Error> {
        let (domain, label) = (given.domain.clone(), given.label.clone().unwrap_or_default());
        let job = begin(account, domain, label, client_id(&given.credential))?;
        let watched = Ending(Arc::clone(&job));
        self.keep(&self.verifying, &job.id, Arc::clone(&job), async move {
            let checked = engine.check(given, &|step| watched.0.see(step)).await;
            let phase = match checked {
                Ok(checked) => {
                    let verification = Box::new(checked.verification.clone());
                    *held(&watched.0.checked) = Some(checked);
                    Phase::Verified(verification)
                }
                Err(problem) => Phase::Failed(problem),
            };
            held(&watched.0.seen).phase = phase;
        });
        Ok(job)
    }

    /// Begins to verify a connection again.
    pub fn verify_again(&self, engine: Engine, org: Org, account: i64) -> Result<Arc<Verifying>, Error> {
        let client_id = connection::client_id(&org).map(str::to_string);
        let job = begin(account, org.origin.clone(), org.label.clone(), client_id)?;
        let watched = Ending(Arc::clone(&job));
        self.keep(&self.verifying, &job.id, Arc::clone(&job), async move {
            let outcome = engine.verify_watched(&org, &|step| watched.0.see(step)).await;
            let phase = outcome.map_or_else(Phase::Failed, |v| Phase::Verified(Box::new(v)));
            held(&watched.0.seen).phase = phase;
        });
        Ok(job)
    }

    /// Begins to verify another credential for a connection; where it works and reads as much, it takes the old one's
    /// place. One that reads less is held until it is taken all the same, or forgotten: also where it was to be taken, and
    /// something else came between.
    pub fn rotate(
        &self,
        engine: Engine,
        org: Org,
        new: Credential,
        how: Rotation,
        account: i64,
    ) -> Result<Arc<Verifying>, Error> {
        let job = begin(account, org.origin.clone(), org.label.clone(), client_id(&new))?;
        let watched = Ending(Arc::clone(&job));
        self.keep(&self.verifying, &job.id, Arc::clone(&job), async move {
            let step = |step| watched.0.see(step);
            let outcome = engine.rotate_watched(&org, new.clone(), how.clone(), &step).await;
            let losses = match (&outcome, how.accept_less) {
                (Err(problem), _) if problem.class == Class::ReadsLess => problem.losses.clone(),
                (Err(_), AcceptLess::Only(agreed)) => agreed,
                _ => Box::default(),
            };
            if !losses.is_empty() {
                let refused = Refused { org: org.id, credential: new, revoke_old: how.revoke_old, losses };
                *held(&watched.0.refused) = Some(refused);
            }
            let seen = &mut held(&watched.0.seen);
            seen.rotated = outcome.is_ok();
            seen.phase = match outcome {
                Ok(rotated) => {
                    seen.unrevoked = rotated.revoke_problem;
                    Phase::Verified(Box::new(rotated.verification))
                }
                Err(problem) => Phase::Failed(problem),
            };
        });
        Ok(job)
    }

    /// The verification called `id`, of this account.
    pub fn verifying(&self, id: &str, account: i64) -> Option<Arc<Verifying>> {
        self.verifying.get(id).filter(|job| job.account == account)
    }

    /// Forgets a verification, and the key it holds.
    pub fn forget(&self, id: &str) {
        self.verifying.forget(id);
    }
}

fn begin(
    account: i64,
    domain: String,
    label: String,
    client_id: Option<String>,
) -> Result<Arc<Verifying>, Error> {
    let seen = Seen { found: Found::default(), phase: Phase::Running, rotated: false, unrevoked: None };
    Ok(Arc::new(Verifying {
        id: transom_store::fresh_secret()?.expose_secret().to_string(),
        account,
        domain,
        label,
        client_id,
        seen: Mutex::new(seen),
        checked: Mutex::default(),
        refused: Mutex::default(),
    }))
}

fn client_id(credential: &Credential) -> Option<String> {
    match credential {
        Credential::Token(_) => None,
        Credential::ServiceApp(app) => Some(app.client_id.clone()),
    }
}

/// However its task ends, the verification does: also where it panicked.
struct Ending(Arc<Verifying>);

impl Drop for Ending {
    fn drop(&mut self) {
        let phase = &mut held(&self.0.seen).phase;
        if matches!(phase, Phase::Running) {
            *phase = Phase::Failed(super::fell("verification"));
        }
    }
}

impl Verifying {
    /// What was found so far, and where it is.
    pub fn seen(&self) -> (Found, Phase) {
        let seen = held(&self.seen).clone();
        (seen.found, seen.phase)
    }

    /// Whether it was of another credential, which is in force now.
    pub fn rotated(&self) -> bool {
        held(&self.seen).rotated
    }

    /// Why the old token was not revoked, where it should have been.
    pub fn unrevoked(&self) -> Option<Problem> {
        held(&self.seen).unrevoked.clone()
    }

    /// What can be saved: once.
    pub fn take(&self) -> Option<Checked> {
        held(&self.checked).take()
    }

    /// Holds what could not be saved, so that it can be tried again.
    pub fn hold(&self, checked: Checked) {
        *held(&self.checked) = Some(checked);
    }

    /// What a credential for this org reads less of that was refused for that, and is held.
    pub fn refused(&self, org: OrgId) -> Option<Box<[Loss]>> {
        held(&self.refused).as_ref().filter(|refused| refused.org == org).map(|r| r.losses.clone())
    }

    /// The credential for this org that was refused as it reads less: once.
    pub fn take_refused(&self, org: OrgId) -> Option<Refused> {
        let mut refused = held(&self.refused);
        refused.take_if(|refused| refused.org == org)
    }

    fn see(&self, step: Step) {
        let found = &mut held(&self.seen).found;
        match step {
            Step::Domain { origin, notes } => found.domain = Some((origin, notes)),
            Step::Found { org_id, origin, pipeline } => found.org = Some((org_id, origin, pipeline)),
            Step::Verifying => {}
            Step::Accepted { owner } => found.accepted = Some(owner),
            Step::Roles(roles) => found.roles = Some(roles),
            // They end in any order.
            Step::Probed { title, done, all } if done > found.probed.0 => found.probed = (done, all, title),
            Step::Probed { .. } => {}
        }
    }
}
