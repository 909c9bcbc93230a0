//! The private key of a service app that set-up makes without a file: sealed in the database before the app is made, and until
//! a connection has it. A run that is cut off finds it again, and nobody is shown it.

use okta_client::{Discovered, KeyError, PrivateKey};
use serde_json::{Value, json};
use transom_core::OrgId;

use super::names::Reader;
use super::record::{Record, Thing};
use crate::connection::{APP_KEY, AppKey, Credential};
use crate::{Class, Engine, Problem};

/// Of no connection: a set-up comes before one. The audit log of the installation has this number, too.
const NONE: OrgId = OrgId(0);

/// The key pair of a service app to be. Its `Debug` shows only what is public.
#[derive(Debug)]
pub struct KeyPair(PrivateKey);

impl KeyPair {
    /// Makes one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn fresh() -> Result<Self, Problem> {
        PrivateKey::generate().map(Self).map_err(|e| unfit(&e))
    }

    /// Its public half, as the app is registered with it.
    ///
    /// # Errors
    /// As [`KeyPair::fresh`].
    pub fn public(&self) -> Result<Value, Problem> {
        self.0.public_jwk().map_err(|e| unfit(&e))
    }
}

fn unfit(error: &KeyError) -> Problem {
    let (what, todo) = ("A key pair could not be made.", "Try again; if it stays, report it.");
    Problem::new(Class::Internal, what, error.to_string(), todo)
}

impl Engine {
    /// The key of the service app that is to be made, or was made, in the org of `record`: its public half, and the pair where
    /// it is here. Where there is none yet, a pair is made, which is sealed by [`Engine::agree_to_setup`].
    ///
    /// # Errors
    /// [`Class::State`] where the org was set up with a user; problems of the database.
    pub async fn setup_key(
        &self,
        org_id: &str,
        record: &Record,
    ) -> Result<(Value, Option<KeyPair>), Problem> {
        record.check(Reader::App)?;
        let pair = match (self.sealed_key(org_id).await?, &record.app_key) {
            // Set up anew by a file meanwhile, or connected: the pair is elsewhere.
            (Some(pair), Some(known)) if pair.public()?["kid"] != known["kid"] => {
                return Ok((known.clone(), None));
            }
            (None, Some(known)) => return Ok((known.clone(), None)),
            (Some(pair), _) => pair,
            (None, None) => KeyPair::fresh()?,
        };
        Ok((pair.public()?, Some(pair)))
    }

    async fn sealed_key(&self, org_id: &str) -> Result<Option<KeyPair>, Problem> {
        let Some(sealed) = self.store.credential(NONE, &Record::key(org_id)).await? else { return Ok(None) };
        let key = PrivateKey::parse(&sealed.secret).map_err(|e| unfit(&e))?;
        let kid = sealed.meta.get("kid").and_then(Value::as_str).unwrap_or_default();
        Ok(Some(KeyPair(key.with_kid(kid))))
    }

    /// The key that is sealed for the app of `record`: none where that was registered with another.
    async fn key_of(&self, org_id: &str, record: &Record) -> Result<Option<KeyPair>, Problem> {
        let (Some(pair), Some(known)) = (self.sealed_key(org_id).await?, &record.app_key) else {
            return Ok(None);
        };
        Ok((pair.public()?["kid"] == known["kid"]).then_some(pair))
    }

    /// Seals the key pair of an org's set-up, before anything is made with it; returns whether it is this pair that is
    /// sealed. Another that is there stays: an app may be made with it.
    ///
    /// # Errors
    /// Problems of the database, and of its master key.
    pub(super) async fn seal_setup_key(&self, org_id: &str, pair: &KeyPair) -> Result<bool, Problem> {
        let pem = pair.0.to_pem().map_err(|e| unfit(&e))?;
        let meta = json!({ "kid": pair.0.kid() });
        if self.store.put_first_credential(NONE, &Record::key(org_id), APP_KEY, &pem, meta).await? {
            return Ok(true);
        }
        let sealed = self.sealed_key(org_id).await?;
        Ok(sealed.map(|sealed| sealed.public()).transpose()? == Some(pair.public()?))
    }

    /// Whether the key of an org's service app is sealed here, with no connection that has it.
    ///
    /// # Errors
    /// Problems of the database.
    pub async fn has_setup_key(&self, org_id: &str, record: &Record) -> Result<bool, Problem> {
        Ok(record.made(Thing::App).is_some() && self.key_of(org_id, record).await?.is_some())
    }

    /// The credential that a set-up made: its service app and the key that is sealed here.
    ///
    /// # Errors
    /// [`Class::State`] where there is none; problems of the database.
    pub async fn setup_credential(&self, found: &Discovered) -> Result<Credential, Problem> {
        let record = self.setup_record(&found.org_id).await?;
        let (Some(app), Some(pair)) = (record.made(Thing::App), self.key_of(&found.org_id, &record).await?)
        else {
            return Err(Problem::new(
                Class::State,
                "There is no service app to connect by.",
                "Set-up made none in this org, or its key is not here: a connection has it, or a file.",
                "Connect with the app's client ID and its private key.",
            ));
        };
        Ok(Credential::ServiceApp(AppKey {
            client_id: app.id.clone(),
            kid: pair.0.kid().map(str::to_string),
            key: pair.0.to_pem().map_err(|e| unfit(&e))?,
        }))
    }

    /// Where the key of an org's set-up is sealed, if `credential` is the service app that was made: once a connection has that,
    /// nothing needs the other.
    ///
    /// # Errors
    /// Problems of the database.
    pub(crate) async fn setup_key_of(
        &self,
        org_id: &str,
        credential: &Credential,
    ) -> Result<Option<(OrgId, String)>, Problem> {
        let Credential::ServiceApp(given) = credential else { return Ok(None) };
        let record = self.setup_record(org_id).await?;
        let ours = record.made(Thing::App).is_some_and(|app| app.id == given.client_id);
        Ok(ours.then(|| (NONE, Record::key(org_id))))
    }

    /// Forgets the key of an org's set-up: the app is gone.
    ///
    /// # Errors
    /// Problems of the database.
    pub(super) async fn forget_setup_key(&self, org_id: &str) -> Result<(), Problem> {
        self.store.delete_credential(NONE, &Record::key(org_id)).await?;
        Ok(())
    }
}
