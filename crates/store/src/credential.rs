//! Okta's tokens and keys, sealed.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use transom_core::{Millis, OrgId};

use crate::{Result, Store, db::Tx, query::sql, store::Doc};

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

/// What becomes of a credential that is there when another comes for the same purpose.
pub(crate) const REPLACE: &str = "DO UPDATE SET kind = excluded.kind, key_id = excluded.key_id, \
                                  wrapped = excluded.wrapped, sealed = excluded.sealed, meta = excluded.meta, \
                                  created = excluded.created";

/// A record's identity, sealed in with it: a row moved to another org or purpose doesn't open.
fn identity(org: OrgId, purpose: &str, kind: &str) -> String {
    format!("transom/credential/v1\n{}\n{purpose}\n{kind}", org.0)
}

impl Store {
    /// Seals and stores the credential of an org for a purpose (`sync`, `action`), unless there is one; returns whether there
    /// was none. Another takes its place by [`Store::switch_credential`].
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`](crate::Error::MasterKeyMissing) before [`Store::unlock`],
    /// [`Error::WrongMasterKey`](crate::Error::WrongMasterKey) where it was rotated meanwhile.
    pub async fn put_first_credential(
        &self,
        org: OrgId,
        purpose: &str,
        kind: &str,
        secret: &SecretString,
        meta: Value,
    ) -> Result<bool> {
        let mut tx = self.begin_installation().await?;
        let written =
            self.insert_credential(&mut tx, (org, purpose), kind, secret, &meta, "DO NOTHING").await?;
        tx.commit().await?;
        Ok(written > 0)
    }

    /// Seals and inserts a credential; `on_conflict` says what becomes of one that is there. How many were written.
    pub(crate) async fn insert_credential(
        &self,
        tx: &mut Tx,
        (org, purpose): (OrgId, &str),
        kind: &str,
        secret: &SecretString,
        meta: &Value,
        on_conflict: &str,
    ) -> Result<u64> {
        let key = self.master_key().await?;
        let (wrapped, sealed) = key.seal(&identity(org, purpose, kind), secret.expose_secret().as_bytes())?;
        self.in_force(tx, &key).await?;
        sql(format!(
            "INSERT INTO credential(org, purpose, kind, key_id, wrapped, sealed, meta, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(org, purpose) {on_conflict}"
        ))
        .int(org.0)
        .text(purpose)
        .text(kind)
        .text(&key.id)
        .blob(&wrapped)
        .blob(&sealed)
        .json(meta)
        .int(self.now())
        .execute(tx)
        .await
    }

    /// The credential of an org for a purpose, or `None`.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`](crate::Error::MasterKeyMissing); [`Error::Other`](crate::Error::Other) when the record doesn't open (it was moved or altered).
    pub async fn credential(&self, org: OrgId, purpose: &str) -> Result<Option<Credential>> {
        let row: Option<CredentialTuple> = sql(
            "SELECT kind, wrapped, sealed, meta, created FROM credential WHERE org = $1 AND purpose = $2",
        )
        .int(org.0)
        .text(purpose)
        .optional(&self.reader)
        .await?;
        let Some((kind, wrapped, sealed, meta, created)) = row else { return Ok(None) };
        let key = self.master_key().await?;
        let opened = key.open(&identity(org, purpose, &kind), &wrapped, &sealed);
        let Some(secret) = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()) else {
            let altered = format!(
                "The {purpose} credential doesn't open: its record was altered or moved. Enter the credential again (transom org rotate)."
            );
            return Err(self.not_opened(&key, &altered).await);
        };
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

/// Wraps the data key of every credential anew, by `rewrap(identity, wrapped, what it is)`; returns how many there are.
pub(crate) async fn rewrap(
    tx: &mut Tx,
    key_id: &str,
    rewrap: &impl Fn(&str, &[u8], &str) -> Result<Vec<u8>>,
) -> Result<u64> {
    let rows: Vec<(i64, String, String, Vec<u8>)> =
        sql("SELECT org, purpose, kind, wrapped FROM credential ORDER BY org, purpose").all(&mut *tx).await?;
    for (org, purpose, kind, wrapped) in &rows {
        let what = format!("The {purpose} credential of connection {org}");
        let wrapped = rewrap(&identity(OrgId(*org), purpose, kind), wrapped, &what)?;
        sql("UPDATE credential SET key_id = $3, wrapped = $4 WHERE org = $1 AND purpose = $2")
            .int(*org)
            .text(purpose)
            .text(key_id)
            .blob(&wrapped)
            .execute(&mut *tx)
            .await?;
    }
    Ok(rows.len() as u64)
}
