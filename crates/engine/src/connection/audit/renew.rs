//! The audit at the end of a sync: the same rules, over what the sync came to.

use okta_client::Client;
use serde_json::Value;
use transom_core::CoverageState;
use transom_store::Org;

use super::{Asked, Facts, Lack, Synced, audit};
use crate::connection::{OwnerRoles, Subject, Verification};
use crate::{Engine, Problem};

impl Engine {
    /// Audits the credential of a connection anew after a sync, with whose it is and what they may as the sync found it, and
    /// keeps what that finds with the last verification. Takes a call or two, and more for what the sync did not read.
    ///
    /// # Errors
    /// What a call can fail with, and problems of the database.
    pub(crate) async fn audit_after_sync(
        &self,
        org: &Org,
        client: &Client,
        subject: &Subject,
        roles: OwnerRoles,
    ) -> Result<(), Problem> {
        let kept = org.settings.get("verification").cloned().unwrap_or(Value::Null);
        // Never verified, or written by another version: then the next verification audits.
        let Ok(mut found) = serde_json::from_value::<Verification>(kept) else { return Ok(()) };
        let coverage = self.store.coverage(org.id).await?;
        let synced = Synced::of(&self.store, org.id, &coverage).await?;
        let asked = Asked::of(client, subject, &roles, Some(&synced)).await;
        let (known, who) = (self.known(&found.org_id).await?, subject.named());
        let facts = Facts {
            who: who.as_ref(),
            app: subject.app(),
            roles: &roles,
            lacks: &Lack::synced(&coverage, &roles),
            reads: coverage.iter().any(|c| c.state == CoverageState::Complete),
            asked: &asked,
            known: &known,
        };
        found.findings = audit(&facts);
        found.at = Some(known.now);
        found.token = asked.token();
        (found.owner, found.app, found.roles) = (who, subject.app().cloned(), roles);
        // As it is now: somebody may have changed its settings meanwhile.
        let mut org = self.store.org(org.id).await?;
        if !org.settings.is_object() {
            return Ok(());
        }
        org.settings["verification"] = serde_json::to_value(&found).unwrap_or_default();
        Ok(self.store.update_org(&org).await?)
    }
}
