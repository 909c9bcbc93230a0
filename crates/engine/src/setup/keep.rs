//! What is kept of set-ups, and whether a connection has what its set-up made.

use okta_client::discover_at;
use serde::Serialize;
use serde_json::{Value, json};
use transom_store::Org;

use super::names::Names;
use super::plan::{Plan, Wanted};
use super::record::{Record, Thing};
use super::session::{Event, Session};
use crate::connection::Verification;
use crate::{Engine, Problem};

/// What verifying a set-up by its connection found.
#[derive(Debug, Serialize)]
pub struct Proved {
    /// The difference between the org and what is wanted.
    pub plan: Plan,
    /// Whether the connection's token belongs to the user of the set-up, or its key to the service app.
    pub owner: bool,
    /// What the credential can read.
    pub verification: Verification,
}

impl Engine {
    /// What is kept of the set-up of an org, by Okta's id of it; an empty record where there was none.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn setup_record(&self, org_id: &str) -> Result<Record, Problem> {
        Ok(self.store.setting(&Record::key(org_id)).await?)
    }

    /// Keeps the record, with a line of the audit log: `action` is `apply` or `teardown`.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn keep_setup(
        &self,
        org_id: &str,
        record: &Record,
        action: &str,
        mut detail: Value,
    ) -> Result<(), Problem> {
        detail["org"] = json!(org_id);
        detail["set_up"] = json!(record.mark);
        let action = format!("setup.{action}");
        Ok(self.store.keep(&Record::key(org_id), record, &self.actor, (&action, detail)).await?)
    }

    /// Keeps what a session told, where it changed anything. Returns whether it did.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn keep_setup_event(
        &self,
        org_id: &str,
        record: &mut Record,
        event: &Event,
    ) -> Result<bool, Problem> {
        record.note(event);
        let (action, detail) = match event {
            Event::Made { thing, made } => {
                ("made", json!({ "thing": thing, "id": made.id, "holds": made.holds }))
            }
            Event::Removed { thing, id } => ("removed", json!({ "thing": thing, "id": id })),
            Event::Revoked => ("token_revoked", json!({})),
            Event::Planned { .. } | Event::Writing { .. } | Event::Waiting { .. } => return Ok(false),
        };
        self.keep_setup(org_id, record, action, detail).await?;
        Ok(true)
    }

    /// The connection to an org that was set up, by Okta's id of it and the address it is called at.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn connection_of(&self, org_id: &str, origin: &str) -> Result<Option<Org>, Problem> {
        let orgs = self.store.orgs().await?;
        Ok(orgs.into_iter().find(|o| o.okta_id.as_deref() == Some(org_id) && o.origin == origin))
    }

    /// Verifies a set-up by its connection: what the org has against what is wanted, whose token it is, and what that can
    /// read.
    ///
    /// # Errors
    /// What a call can fail with, and what [`Engine::verify`] finds.
    pub async fn verify_setup(&self, org: &Org, wanted: &Wanted, record: &Record) -> Result<Proved, Problem> {
        // First, so that a credential that is dead by now is told, and kept, as the connection's: the plan knows one-time tokens.
        let verification = self.verify(org).await?;
        let found = discover_at(self.origin_of(org)?, &self.http).await?;
        let plan = Session::with(self.client_of(org).await?, found).plan(wanted, record).await?;
        let id = |thing| plan.item(thing).and_then(|item| item.id.as_deref());
        let (user, app) = (id(Thing::User), id(Thing::App));
        let owner = match (user, app) {
            (Some(user), _) => verification.owner.as_ref().is_some_and(|o| o.id == user),
            (None, Some(app)) => verification.app.as_ref().is_some_and(|a| a.client_id == app),
            (None, None) => false,
        };
        Ok(Proved { plan, owner, verification })
    }
}

impl Record {
    /// What things are called: as recorded, else as usual in an org.
    pub fn names_or(&self, usual: Names) -> Names {
        self.names.clone().unwrap_or(usual)
    }
}
