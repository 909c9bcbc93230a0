//! Another master key for the database: every data key is wrapped anew, in one transaction, so that a kill leaves the old
//! key or the new one in force and never a mixture. The secrets themselves are not touched.
//!
//! The audit's chains go on under the new key. Their records so far stay as they are: the keys they were written with are
//! kept, sealed with the new one, and the record of the rotation is the first under it. Who holds an old key can't write
//! what comes later, nor change what came before without the later records telling.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use transom_core::OrgId;
use zeroize::Zeroizing;

use crate::{
    Error, Result, Store, credential,
    db::{Db, Tx},
    key::{MasterKey, read_or_make},
    people,
    query::sql,
};

/// The audit's word for it. [`Store::verify_audit`] takes the next key from such a record on.
pub(crate) const ROTATED: &str = "master_key.rotate";

/// Where earlier keys are kept.
const EARLIER: &str = "earlier_keys";

/// A key that was in force, sealed with the one that is.
#[derive(Debug, Serialize, Deserialize)]
struct Earlier {
    id: String,
    wrapped: String,
    sealed: String,
}

/// What [`Store::rotate_master_key`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The id of the key that was in force.
    pub from: String,
    /// The id of the key that is.
    pub to: String,
    /// How many secrets were wrapped anew.
    pub secrets: u64,
}

/// Where a key waits that is to take the place of the one at `path`.
pub fn next_key(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

fn identity(id: &str) -> String {
    format!("transom/earlier-key/v1\n{id}")
}

async fn set_meta(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    sql("INSERT INTO meta(key, value) VALUES ($1, $2) ON CONFLICT(key) DO UPDATE SET value = excluded.value")
        .text(name)
        .text(value)
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// Puts the key in the file `new` in force, which is made (0600) where it is not there. Where it is in force already, an
    /// earlier call came as far as that, and nothing is changed. Other processes that hold the old key are refused from
    /// then on wherever they would seal, open or write the audit: start them again with the new one.
    ///
    /// # Errors
    /// [`Error::MasterKeyMissing`] before [`Store::unlock`], [`Error::BadMasterKey`], [`Error::WrongMasterKey`] where another
    /// process was faster, [`Error::Other`] for a secret that doesn't open: nothing is changed then.
    pub async fn rotate_master_key(&mut self, new: &Path, actor: &str) -> Result<Rotated> {
        let old = self.master_key().await?;
        let mut new = read_or_make(new)?;
        if new.id == old.id {
            return Ok(Rotated { from: old.id.clone(), to: new.id, secrets: 0 });
        }
        let mut tx = self.begin_installation().await?;
        self.in_force(&mut tx, &old).await?;
        let rewrap = |identity: &str, wrapped: &[u8], what: &str| {
            let data_key = old.unwrap_key(identity, wrapped).ok_or_else(|| {
                Error::Other(format!(
                    "{what} doesn't open, so the master key stays as it is. Enter it again first."
                ))
            })?;
            new.wrap_key(identity, &data_key)
        };
        // First, as others ask for it before they write.
        set_meta(&mut tx, "key_id", &new.id).await?;
        set_meta(&mut tx, "key_check", &new.check_value()).await?;
        let secrets = credential::rewrap(&mut tx, &new.id, &rewrap).await?
            + people::rewrap_provider(&mut tx, &new.id, &rewrap).await?;
        new.earlier = old.earlier.clone();
        new.earlier.push(Arc::clone(&old));
        let mut kept = Vec::new();
        for key in &new.earlier {
            let (wrapped, sealed) = new.seal(&identity(&key.id), key.secret())?;
            kept.push(Earlier {
                id: key.id.clone(),
                wrapped: STANDARD.encode(wrapped),
                sealed: STANDARD.encode(sealed),
            });
        }
        let kept = serde_json::to_string(&kept).map_err(|e| Error::Other(e.to_string()))?;
        set_meta(&mut tx, EARLIER, &kept).await?;
        let detail = json!({ "from": old.id, "to": new.id, "secrets": secrets });
        // The installation's chain tells of it, and each chain that there is goes on under the new key.
        let chains: Vec<(i64,)> =
            sql("SELECT DISTINCT org FROM audit WHERE org <> 0 ORDER BY org").all(&mut tx).await?;
        for org in std::iter::once(None).chain(chains.into_iter().map(|(org,)| Some(OrgId(org)))) {
            self.append_under(&mut tx, &new, org, actor, ROTATED, detail.clone()).await?;
        }
        tx.commit().await?;
        let rotated = Rotated { from: old.id.clone(), to: new.id.clone(), secrets };
        self.key = Some(Arc::new(new));
        Ok(rotated)
    }

    /// Refuses a key that is no longer the database's.
    pub(crate) async fn in_force(&self, tx: &mut Tx, key: &MasterKey) -> Result<()> {
        // On PostgreSQL a rotation waits for who asked before it, and lets nobody ask until it is done.
        let held = if matches!(tx.db, Db::Postgres(_)) { " FOR SHARE" } else { "" };
        let wants: Option<(String,)> =
            sql(format!("SELECT value FROM meta WHERE key = 'key_id'{held}")).optional(tx).await?;
        match wants {
            Some((wants,)) if wants != key.id => Err(Error::WrongMasterKey { wants, got: key.id.clone() }),
            _ => Ok(()),
        }
    }

    /// Why a secret doesn't open: the key is no longer the database's, or else `altered`.
    pub(crate) async fn not_opened(&self, key: &MasterKey, altered: &str) -> Error {
        match self.meta("key_id").await {
            Ok(Some(wants)) if wants != key.id => Error::WrongMasterKey { wants, got: key.id.clone() },
            Ok(_) => Error::Other(altered.to_string()),
            Err(error) => error,
        }
    }

    /// The keys that were in force before `key`, the first one first.
    pub(crate) async fn earlier_keys(&self, key: &MasterKey) -> Result<Vec<Arc<MasterKey>>> {
        let damaged =
            || Error::Other("The earlier master keys don't open: their record was altered.".to_string());
        let Some(kept) = self.meta(EARLIER).await? else { return Ok(Vec::new()) };
        let kept: Vec<Earlier> = serde_json::from_str(&kept).map_err(|_| damaged())?;
        let open = |e: Earlier| {
            let (wrapped, sealed) = (STANDARD.decode(e.wrapped).ok()?, STANDARD.decode(e.sealed).ok()?);
            let secret = key.open(&identity(&e.id), &wrapped, &sealed)?;
            let secret: [u8; 32] = secret.as_slice().try_into().ok()?;
            Some(Arc::new(MasterKey::new(Zeroizing::new(secret))))
        };
        kept.into_iter().map(open).collect::<Option<_>>().ok_or_else(damaged)
    }
}
