//! What makes a connection, changes it and ends it: each is one transaction with its record of the audit.

use secrecy::SecretString;
use serde_json::Value;
use transom_core::{ConnectionState, OrgId};

use crate::{Lease, NewOrg, Org, Result, Store, credential, db::Tx, org, query::sql};

/// A credential that is to be sealed for a connection.
#[derive(Debug)]
pub struct NewCredential<'a> {
    /// What it is for: `sync`, `action`.
    pub purpose: &'a str,
    /// `ssws`, `oauth_private_key`, …
    pub kind: &'a str,
    /// The secret.
    pub secret: &'a SecretString,
    /// What goes with it and is no secret.
    pub meta: Value,
    /// Of which org, and for what, a sealed one is forgotten that is needed no more once this one is there.
    pub spends: Option<(OrgId, String)>,
}

impl Store {
    /// Saves a new org with its credential, in `state`, and with an audit record: of what `actor` did, and with what.
    ///
    /// # Errors
    /// [`Error::LabelTaken`](crate::Error::LabelTaken), and as [`Store::put_first_credential`]. Nothing is saved then.
    pub async fn connect_org(
        &self,
        new: NewOrg,
        credential: NewCredential<'_>,
        state: ConnectionState,
        actor: &str,
        (action, detail): (&str, Value),
    ) -> Result<Org> {
        let mut tx = self.begin().await?;
        let id = self.insert_org(&mut tx, new, state).await?;
        self.seal(&mut tx, id, credential).await?;
        self.append(&mut tx, Some(id), actor, action, detail).await?;
        let org = org::in_tx(&mut tx, id).await?;
        tx.commit().await?;
        Ok(org)
    }

    /// Gives the org of `lease` another credential, with `settings` and `state` as what was found of it, and with an audit
    /// record. A connection that is paused stays so.
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost), and as [`Store::put_first_credential`]. Nothing is changed then.
    pub async fn switch_credential(
        &self,
        lease: &Lease,
        credential: NewCredential<'_>,
        settings: &Value,
        state: ConnectionState,
        actor: &str,
        (action, detail): (&str, Value),
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        self.seal(&mut tx, lease.org, credential).await?;
        sql("UPDATE org SET settings = $2 WHERE id = $1")
            .int(lease.org.0)
            .json(settings)
            .execute(&mut tx)
            .await?;
        sql("UPDATE org SET state = $2, state_reason = '', state_at = $3 WHERE id = $1 AND state <> $4")
            .int(lease.org.0)
            .text(state.as_str())
            .int(self.now())
            .text(ConnectionState::Paused.as_str())
            .execute(&mut tx)
            .await?;
        self.append(&mut tx, Some(lease.org), actor, action, detail).await?;
        tx.commit().await
    }

    /// Changes an org as `change` does, which is given it as it is and returns what the audit record holds: label, origin, Okta
    /// id, settings, and state with its reason are saved. Returns it as it is then.
    ///
    /// # Errors
    /// [`Error::LabelTaken`](crate::Error::LabelTaken), [`Error::NotFound`](crate::Error::NotFound), and as [`Store::audit`].
    /// Nothing is changed then.
    pub async fn change_org(
        &self,
        id: OrgId,
        actor: &str,
        action: &str,
        change: impl FnOnce(&mut Org) -> Value + Send,
    ) -> Result<Org> {
        let mut tx = self.begin().await?;
        let mut org = self.hold_org(&mut tx, id).await?;
        let before = (org.state, org.state_reason.clone());
        let detail = change(&mut org);
        org::save(&mut tx, &org).await?;
        if (org.state, &org.state_reason) != (before.0, &before.1) {
            org.state_at = self.now();
            org::put_state(&mut tx, id, (org.state, &org.state_reason), org.state_at).await?;
        }
        self.append(&mut tx, Some(id), actor, action, detail).await?;
        tx.commit().await?;
        Ok(org)
    }

    /// Ends the connection of the org of `lease`: its credentials are forgotten, and it is *Not connected* for `reason`. What was
    /// read stays, until [`Store::delete_org`].
    ///
    /// # Errors
    /// [`Error::LeaseLost`](crate::Error::LeaseLost), and as [`Store::audit`]. Nothing is changed then.
    pub async fn disconnect_org(
        &self,
        lease: &Lease,
        reason: &str,
        actor: &str,
        (action, detail): (&str, Value),
    ) -> Result<()> {
        let mut tx = self.begin_fenced(lease).await?;
        let state = (ConnectionState::NotConnected, reason);
        org::put_state(&mut tx, lease.org, state, self.now()).await?;
        self.append(&mut tx, Some(lease.org), actor, action, detail).await?;
        // Last, as a rotation of the master key waits for who has written to the audit, and then wants every credential.
        sql("DELETE FROM credential WHERE org = $1").int(lease.org.0).execute(&mut tx).await?;
        tx.commit().await
    }

    async fn seal(&self, tx: &mut Tx, org: OrgId, new: NewCredential<'_>) -> Result<()> {
        let NewCredential { purpose, kind, secret, meta, spends } = new;
        self.insert_credential(tx, (org, purpose), kind, secret, &meta, credential::REPLACE).await?;
        if let Some((org, purpose)) = spends {
            sql("DELETE FROM credential WHERE org = $1 AND purpose = $2")
                .int(org.0)
                .text(&purpose)
                .execute(tx)
                .await?;
        }
        Ok(())
    }
}
