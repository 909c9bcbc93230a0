//! The life of a connection after it was made: verify again, pause, resume, disconnect.

use okta_client::{Discovered, discover_at};
use serde::Serialize;
use serde_json::{Value, json};
use transom_core::{ConnectionState, OrgId};
use transom_store::Org;

use super::connect::{LEAST_SHARE, SHARE, check_label, settings};
use super::verify::{Verification, verify};
use super::{Credential, PROBLEM, SYNC, Step, by_app, loss};
use crate::dataset::{Dataset, OPT_IN};
use crate::{Class, Engine, Problem};

/// What becomes of the copy of the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    /// It stays readable.
    Keep,
    /// It is deleted, with the connection.
    Delete,
}

/// What disconnecting did.
#[derive(Debug, Serialize)]
pub struct Disconnected {
    /// Whether a credential was held until now: not by a connection that was disconnected before.
    pub held: bool,
    /// Whether Okta revoked the token; `None` where it was not asked to, or there is none: a service app has a key.
    pub revoked: Option<bool>,
    /// Why it was not revoked, where it should have been.
    pub revoke_problem: Option<Problem>,
    /// What became of the data.
    pub data: Data,
}

impl Engine {
    /// Verifies a stored connection again and stores the outcome as its state.
    ///
    /// # Errors
    /// The problem found; the connection is then *Failed*, with the reason kept.
    pub async fn verify(&self, org: &Org) -> Result<Verification, Problem> {
        self.verify_watched(org, &|_| {}).await
    }

    /// The same; `step` is told how far it is.
    ///
    /// # Errors
    /// As [`Engine::verify`].
    pub async fn verify_watched(
        &self,
        org: &Org,
        step: &(dyn Fn(Step) + Sync),
    ) -> Result<Verification, Problem> {
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        // A paused connection stays paused: verifying is looking, not resuming.
        if org.state != ConnectionState::Paused {
            self.store.set_state(org.id, ConnectionState::Verifying, "").await?;
        }
        let outcome = self.verify_kept(org, step).await;
        let concluded = match &outcome {
            Ok(v) => self.conclude(org.id, v.state, "").await,
            Err(problem) => self.conclude_failed(org.id, problem).await,
        };
        drop(alive);
        self.store.release(lease).await?;
        concluded.and(outcome)
    }

    /// Stores what a sync or a verification came to, unless somebody has paused the connection: then it stays paused.
    pub(crate) async fn conclude(
        &self,
        org: OrgId,
        state: ConnectionState,
        reason: &str,
    ) -> Result<(), Problem> {
        if self.store.org(org).await?.state != ConnectionState::Paused {
            self.store.set_state(org, state, reason).await?;
        }
        Ok(())
    }

    /// The same where it came to nothing: the connection is *Failed*, and the problem is kept for the audit.
    pub(crate) async fn conclude_failed(&self, org: OrgId, problem: &Problem) -> Result<(), Problem> {
        let mut kept = self.store.org(org).await?;
        if kept.settings.is_object() {
            kept.settings[PROBLEM] = json!(problem);
            self.store.update_org(&kept).await?;
        }
        self.conclude(org, ConnectionState::Failed, &problem.to_string()).await
    }

    /// Verifies with the stored credential, and keeps the result beside the connection.
    async fn verify_kept(&self, org: &Org, step: &(dyn Fn(Step) + Sync)) -> Result<Verification, Problem> {
        let (mut verification, found) = self.look(org, None, step).await?;
        loss::remember(&self.store.org(org.id).await?.settings, &mut verification);
        self.note(org.id, &verification, &found).await?;
        Ok(verification)
    }

    /// Verifies with the stored credential or with another. Nothing is kept.
    pub(super) async fn look(
        &self,
        org: &Org,
        other: Option<&Credential>,
        step: &(dyn Fn(Step) + Sync),
    ) -> Result<(Verification, Discovered), Problem> {
        let origin = self.origin_of(org)?;
        let found = discover_at(origin.clone(), &self.http).await?;
        if org.okta_id.as_deref().is_some_and(|id| id != found.org_id) {
            return Err(Problem::new(
                Class::NotOkta,
                format!("{} is now another org.", org.origin),
                format!(
                    "It shows the org id {}; the connection was made to {}.",
                    found.org_id,
                    org.okta_id.as_deref().unwrap_or_default()
                ),
                "Nothing secret was sent. If the org was replaced, disconnect this connection and connect anew.",
            ));
        }
        let found_at = Step::Found {
            org_id: found.org_id.clone(),
            origin: found.origin.to_string(),
            pipeline: found.pipeline.to_string(),
        };
        step(found_at);
        let client = match other {
            Some(other) => self.client(origin, other)?,
            None => self.client_unshared(org).await?,
        };
        let known = self.known(&found.org_id).await?;
        let verification = verify(&client, &found, &org.settings, &known, step).await?;
        Ok((verification, found))
    }

    /// Keeps what a verification found beside the connection.
    async fn note(&self, org: OrgId, verification: &Verification, found: &Discovered) -> Result<(), Problem> {
        let mut org = self.store.org(org).await?;
        org.settings = settings_after(&org.settings, verification, found);
        Ok(self.store.update_org(&org).await?)
    }

    /// Opts in to a data set that is not read as a matter of course, or out of it again. What was read stays until the
    /// data is deleted.
    ///
    /// # Errors
    /// A data set that needs no consent; problems of the database.
    pub async fn opt_in(&self, org: &Org, dataset: &Dataset, yes: bool) -> Result<Org, Problem> {
        let Some(opt_in) = dataset.opt_in else {
            return Err(Problem::new(
                Class::Name,
                format!("{} needs no consent.", dataset.title),
                "It is read with every sync.",
                "Nothing is to be done.",
            ));
        };
        let action = if yes { "org.opt_in" } else { "org.opt_out" };
        let consent = |org: &mut Org| {
            if !org.settings.is_object() {
                org.settings = json!({});
            }
            org.settings[OPT_IN][opt_in.setting] = yes.into();
            json!({ "dataset": dataset.name })
        };
        Ok(self.store.change_org(org.id, &self.actor, action, consent).await?)
    }

    /// Sets how much of each of Okta's rate limits the calls for a connection may use: [`LEAST_SHARE`] to 1, or `None` for
    /// all that the headers allow less the reserve. It holds from the next command on.
    ///
    /// # Errors
    /// [`Class::State`] for a share out of bounds, and the database's problems.
    pub async fn set_share(&self, org: &Org, share: Option<f64>) -> Result<(), Problem> {
        if share.is_some_and(|share| !(LEAST_SHARE..=1.0).contains(&share)) {
            return Err(Problem::new(
                Class::State,
                "The share is not a part of a limit.",
                "It is to be at least 1 % and at most 100 % of what Okta allows the credential.",
                "Give a number such as 50%.",
            ));
        }
        let set = |org: &mut Org| {
            match (share, org.settings.as_object_mut()) {
                (Some(share), _) => org.settings[SHARE] = json!(share),
                (None, Some(settings)) => drop(settings.remove(SHARE)),
                (None, None) => {}
            }
            json!({ "share": share })
        };
        self.store.change_org(org.id, &self.actor, "org.share", set).await?;
        Ok(())
    }

    /// Gives a connection another label.
    ///
    /// # Errors
    /// [`Class::Name`] for a label that is empty or taken, and the database's problems.
    pub async fn rename(&self, org: &Org, label: &str) -> Result<(), Problem> {
        let label = label.trim();
        check_label(label)?;
        let name = |org: &mut Org| {
            let was = std::mem::replace(&mut org.label, label.to_string());
            json!({ "label": label, "was": was })
        };
        self.store.change_org(org.id, &self.actor, "org.rename", name).await?;
        Ok(())
    }

    /// Pauses a connection: nothing calls Okta for it until it is resumed.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn pause(&self, org: &Org) -> Result<(), Problem> {
        let lapses = if by_app(org) { "" } else { " The token lapses after 30 days unused." };
        let why = format!("Paused by a person.{lapses}");
        self.set_by_person(org.id, "org.pause", ConnectionState::Paused, why).await
    }

    /// Resumes a paused connection by verifying it.
    ///
    /// # Errors
    /// The problem that verification finds.
    pub async fn resume(&self, org: &Org) -> Result<Verification, Problem> {
        let lease = self.lease_now(org.id).await?;
        let alive = self.heartbeat(&lease);
        let outcome = self.verify_kept(org, &|_| {}).await;
        let resumed = match &outcome {
            Ok(v) => self.set_by_person(org.id, "org.resume", v.state, String::new()).await,
            // What can't be verified stays paused.
            Err(_) => Ok(()),
        };
        drop(alive);
        self.store.release(lease).await?;
        resumed.and(outcome)
    }

    /// Sets the state of a connection because somebody said so.
    async fn set_by_person(
        &self,
        org: OrgId,
        action: &str,
        state: ConnectionState,
        why: String,
    ) -> Result<(), Problem> {
        let set = |org: &mut Org| {
            (org.state, org.state_reason) = (state, why);
            json!({})
        };
        self.store.change_org(org, &self.actor, action, set).await?;
        Ok(())
    }

    /// Disconnects: revokes the token in Okta if asked, forgets it, keeps or deletes the data.
    /// A token that can't be revoked does not keep the connection alive: the answer says so and what to do.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn disconnect(&self, org: &Org, revoke: bool, data: Data) -> Result<Disconnected, Problem> {
        let lease = self.lease_now(org.id).await?;
        let _alive = self.heartbeat(&lease);
        let held = self.store.credential(org.id, SYNC).await?.is_some();
        let mut done = Disconnected { held, revoked: None, revoke_problem: None, data };
        if revoke && held {
            let client = self.client_of(org).await;
            // No client may change its own keys: a service app's is taken from it in the Admin Console.
            if !client.as_ref().is_ok_and(|client| client.client_id().is_some()) {
                let outcome = match client {
                    Ok(client) => {
                        let answer = okta_client::api::api_token::revoke_current(&client).await;
                        answer.map(|_| ()).map_err(Problem::from)
                    }
                    Err(problem) => Err(problem),
                };
                done.revoked = Some(outcome.is_ok());
                done.revoke_problem = outcome.err();
            }
        }
        let reason = match data {
            Data::Keep => "Disconnected; its data is kept.",
            Data::Delete => {
                "Disconnected; its data is being deleted. If that was cut off, disconnect it again, and delete its data."
            }
        };
        let detail = json!({ "label": org.label, "revoked": done.revoked, "data": data });
        self.store.disconnect_org(&lease, reason, &self.actor, ("org.disconnect", detail)).await?;
        match data {
            Data::Delete => {
                self.store.delete_org(&lease, &self.actor, json!({ "label": org.label })).await?;
            }
            Data::Keep => {
                // What a sync that was cut off had read, and no other will place.
                self.store.place(&lease).await?;
                self.store.release(lease).await?;
            }
        }
        Ok(done)
    }
}

/// What a connection's settings are after a verification.
pub(super) fn settings_after(before: &Value, verification: &Verification, found: &Discovered) -> Value {
    let mut after = settings(verification, found);
    // What somebody has set is not verification's to forget.
    for set in [OPT_IN, SHARE] {
        if let Some(value) = before.get(set) {
            after[set] = value.clone();
        }
    }
    after
}
