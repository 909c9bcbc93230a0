//! Okta's tokens and keys, sealed.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use transom_core::{Millis, OrgId};

use crate::{Error, Result, Store, query::sql, store::Doc};

/// A stored credential, opened.
#[derive(Debug, Clone)]
pub struct Credential {
    /// `ssws`, `oauth_private_key`, …
    pub kind: String,
    /// The secret; redacted in Debug.
    pub secret: SecretString,
    /// What goes with it and is no secret: client id, key id.
    pub meta: Value,
    /// When it was stored.
    pub created: Millis,
}

type CredentialTuple = (String, Vec<u8>, Vec<u8>, Doc, Millis);

/// A record's identity, sealed in with it: a row moved to another org or purpose doesn't open.
fn identity(org: OrgId, purpose: &str, kind: &str) -> String {
    format!("transom/credential/v1\n{}\n{purpose}\n{kind}", org.0)
}

impl Store {
    /// Seals and stores the credential of an org for a purpose (`sync`, `action`), replacing the earlier one.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`] before [`Store::unlock`].
    pub async fn put_credential(
        &self,
        org: OrgId,
        purpose: &str,
        kind: &str,
        secret: &SecretString,
        meta: Value,
    ) -> Result<()> {
        let key = self.master_key().await?;
        let (wrapped, sealed) = key.seal(&identity(org, purpose, kind), secret.expose_secret().as_bytes())?;
        sql("INSERT INTO credential(org, purpose, kind, key_id, wrapped, sealed, meta, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(org, purpose) DO UPDATE SET kind = excluded.kind, \
             key_id = excluded.key_id, wrapped = excluded.wrapped, sealed = excluded.sealed, meta = excluded.meta, \
             created = excluded.created")
        .int(org.0)
        .text(purpose)
        .text(kind)
        .text(&key.id)
        .blob(&wrapped)
        .blob(&sealed)
        .json(&meta)
        .int(self.now())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The credential of an org for a purpose, or `None`.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`]; [`Error::Other`] when the record doesn't open (it was moved or altered).
    pub async fn credential(&self, org: OrgId, purpose: &str) -> Result<Option<Credential>> {
        let row: Option<CredentialTuple> = sql(
            "SELECT kind, wrapped, sealed, meta, created FROM credential WHERE org = $1 AND purpose = $2",
        )
        .int(org.0)
        .text(purpose)
        .optional(&self.reader)
        .await?;
        let Some((kind, wrapped, sealed, meta, created)) = row else { return Ok(None) };
        let opened = self.master_key().await?.open(&identity(org, purpose, &kind), &wrapped, &sealed);
        let secret = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).ok_or_else(|| {
            Error::Other(format!(
                "The {purpose} credential doesn't open: its record was altered or moved. Enter the credential again (transom org rotate)."
            ))
        })?;
        Ok(Some(Credential { kind, secret: secret.into(), meta: meta.0, created }))
    }

    /// Removes the credential of an org for a purpose; returns whether there was one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_credential(&self, org: OrgId, purpose: &str) -> Result<bool> {
        let gone = sql("DELETE FROM credential WHERE org = $1 AND purpose = $2")
            .int(org.0)
            .text(purpose)
            .execute(&self.writer)
            .await?;
        Ok(gone > 0)
    }
}
