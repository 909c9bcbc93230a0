//! The master key: where it comes from, how the database knows it again, and what is sealed with it.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce, aead::Aead, aead::Payload};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    Error, Result, Store,
    query::{push_hex, sql},
    rotate::next_key,
    store::create_private,
};

/// Where the master key is.
#[derive(Clone)]
pub enum MasterKeySource {
    /// A file with 32 bytes in base64.
    File {
        /// Its path.
        path: PathBuf,
        /// Make it (0600) when it doesn't exist and the database has no key yet.
        create_if_new: bool,
    },
    /// The key itself in base64, from the environment.
    Given(SecretString),
}

impl fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, create_if_new } => {
                f.debug_struct("File").field("path", path).field("create_if_new", create_if_new).finish()
            }
            Self::Given(_) => f.write_str("Given(…)"),
        }
    }
}

/// A master key in memory, zeroed when dropped.
pub(crate) struct MasterKey {
    secret: Zeroizing<[u8; 32]>,
    pub id: String,
    /// The keys in force before it, the first one first: what the audit was written with then.
    pub earlier: Vec<Arc<MasterKey>>,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// What the check value is made of: its MAC shows that a key is the right one without telling anything of it.
const CHECK: &str = "transom/check/v1";

impl MasterKey {
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        let mut key = Self { secret, id: String::new(), earlier: Vec::new() };
        let mut id = String::new();
        push_hex(&mut id, &key.derive("transom/key-id/v1")[..6]);
        key.id = id;
        key
    }

    fn random() -> Result<Self> {
        Ok(Self::new(random()?))
    }

    /// Reads 32 bytes in base64; `place` is named when it is something else.
    fn parse(text: &str, place: &str) -> Result<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
        let secret: [u8; 32] =
            bytes.as_slice().try_into().map_err(|_| Error::BadMasterKey { place: place.to_string() })?;
        Ok(Self::new(Zeroizing::new(secret)))
    }

    /// A key of its own for each purpose.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        mac(self.secret.as_slice(), &[purpose.as_bytes()])
    }

    /// What proves that a key is this one.
    pub fn check_value(&self) -> String {
        let mut hex = String::new();
        push_hex(&mut hex, self.derive(CHECK).as_slice());
        hex
    }

    /// The key itself, for sealing it under the one that follows it.
    pub fn secret(&self) -> &[u8] {
        self.secret.as_slice()
    }

    /// Wraps a data key.
    pub fn wrap_key(&self, identity: &str, data_key: &[u8]) -> Result<Vec<u8>> {
        encrypt(&self.derive(WRAP), identity, data_key)
    }

    /// Unwraps a data key; `None` when key or identity don't fit.
    pub fn unwrap_key(&self, identity: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        decrypt(&self.derive(WRAP), identity, wrapped)
    }

    /// Seals `secret` under a data key of its own: returns (data key wrapped by the master key, sealed secret).
    /// Both open only with the same `identity`.
    pub fn seal(&self, identity: &str, secret: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
        let data_key = random()?;
        let wrapped = self.wrap_key(identity, data_key.as_slice())?;
        Ok((wrapped, encrypt(&data_key, identity, secret)?))
    }

    /// Opens what [`Self::seal`] sealed; `None` when key, identity or content don't fit.
    pub fn open(&self, identity: &str, wrapped: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let data_key = self.unwrap_key(identity, wrapped)?;
        let data_key: [u8; 32] = data_key.as_slice().try_into().ok()?;
        decrypt(&Zeroizing::new(data_key), identity, sealed)
    }
}

const WRAP: &str = "transom/wrap/v1";
const NONCE: usize = 24;

/// HMAC-SHA-256 over the parts as they follow each other.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::fill(bytes.as_mut_slice())
        .map_err(|_| Error::Other("the system's random generator failed".into()))?;
    Ok(bytes)
}

fn encrypt(key: &[u8; 32], identity: &str, secret: &[u8]) -> Result<Vec<u8>> {
    let nonce = random::<NONCE>()?;
    let payload = Payload { msg: secret, aad: identity.as_bytes() };
    let sealed = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| Error::Other("sealing failed: the secret is too long".into()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; 32], identity: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let payload = Payload { msg: sealed, aad: identity.as_bytes() };
    XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new)
}

impl Store {
    /// Takes the master key, so that credentials can be sealed and opened and the audit chain be continued. The
    /// first key a database sees becomes its key; from then on only that one is taken.
    ///
    /// # Errors
    /// [`Error::WrongMasterKey`], [`Error::MasterKeyMissing`] naming the id it wants, [`Error::BadMasterKey`] for a key
    /// that is no key.
    pub async fn unlock(&mut self, source: MasterKeySource) -> Result<()> {
        let wants = self.meta("key_id").await?;
        if let MasterKeySource::File { path, .. } = &source {
            self.finish_rotation(path).await?;
        }
        let mut key = match source {
            MasterKeySource::Given(text) => MasterKey::parse(text.expose_secret(), "TRANSOM_MASTER_KEY")?,
            MasterKeySource::File { path, create_if_new } => match fs::read_to_string(&path) {
                Ok(text) => MasterKey::parse(&Zeroizing::new(text), &path.display().to_string())?,
                Err(e) if e.kind() == io::ErrorKind::NotFound => match wants {
                    None if create_if_new => {
                        let key = MasterKey::random()?;
                        write_key(&path, &key).map_err(|e| {
                            Error::Other(format!("{}: the key file can't be written: {e}", path.display()))
                        })?;
                        key
                    }
                    wants => return Err(Error::MasterKeyMissing { wants }),
                },
                Err(e) => {
                    return Err(Error::Other(format!("{}: the key file can't be read: {e}", path.display())));
                }
            },
        };
        let mut tx = self.begin().await?;
        for (name, value) in [("key_id", key.id.clone()), ("key_check", key.check_value())] {
            sql("INSERT INTO meta(key, value) VALUES ($1, $2) ON CONFLICT(key) DO NOTHING")
                .text(name)
                .text(&value)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        // Read back: another process may have brought the first key in the meantime.
        let wants = self.meta("key_id").await?.unwrap_or_default();
        if self.meta("key_check").await? != Some(key.check_value()) {
            return Err(Error::WrongMasterKey { wants, got: key.id });
        }
        key.earlier = self.earlier_keys(&key).await?;
        self.key = Some(Arc::new(key));
        Ok(())
    }

    /// Puts the key that waits beside `path` in its place where it is in force already: a rotation was cut off between the
    /// two. The key that was there stays beside it, named by its id, for backups made before.
    ///
    /// # Errors
    /// [`Error::Other`] where the files can't be changed.
    pub async fn finish_rotation(&self, path: &Path) -> Result<()> {
        let next = next_key(path);
        let Ok(text) = fs::read_to_string(&next) else { return Ok(()) };
        let key = MasterKey::parse(&Zeroizing::new(text), &next.display().to_string())?;
        if self.meta("key_check").await? != Some(key.check_value()) {
            return Ok(());
        }
        let fail = |e: io::Error| {
            let (next, path) = (next.display(), path.display());
            Error::Other(format!(
                "{next} is the master key in force, and can't be put in the place of {path}: {e}"
            ))
        };
        if let Ok(text) = fs::read_to_string(path) {
            let old = MasterKey::parse(&Zeroizing::new(text), &path.display().to_string())?;
            let mut kept = path.as_os_str().to_owned();
            kept.push(format!(".{}", old.id));
            match fs::hard_link(path, &kept) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(fail(e)),
                _ => {}
            }
        }
        fs::rename(&next, path).map_err(fail)
    }

    /// The master key, or the error that says it is missing.
    pub(crate) async fn master_key(&self) -> Result<Arc<MasterKey>> {
        match &self.key {
            Some(key) => Ok(key.clone()),
            None => Err(Error::MasterKeyMissing { wants: self.meta("key_id").await? }),
        }
    }
}

/// The key in a file, which is made where it is not there.
pub(crate) fn read_or_make(path: &Path) -> Result<MasterKey> {
    let fail = |e: io::Error| Error::Other(format!("{}: the key file can't be used: {e}", path.display()));
    match fs::read_to_string(path) {
        Ok(text) => MasterKey::parse(&Zeroizing::new(text), &path.display().to_string()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let key = MasterKey::random()?;
            write_key(path, &key).map_err(fail)?;
            Ok(key)
        }
        Err(e) => Err(fail(e)),
    }
}

fn write_key(path: &Path, key: &MasterKey) -> io::Result<()> {
    // Beside its place first: a process that is killed here must not leave half a key, which would lock the database.
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    create_private(&beside)?;
    let mut file = fs::OpenOptions::new().write(true).open(&beside)?;
    let text = Zeroizing::new(STANDARD.encode(key.secret.as_slice()));
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_key_identity_and_content() {
        let key = MasterKey::random().expect("key");
        let (wrapped, sealed) = key.seal("org 1/sync", b"00abc").expect("seals");
        assert_eq!(key.open("org 1/sync", &wrapped, &sealed).expect("opens").as_slice(), b"00abc");
        assert!(!sealed.windows(5).any(|w| w == b"00abc"));
        assert!(key.open("org 2/sync", &wrapped, &sealed).is_none(), "another record's identity");
        assert!(MasterKey::random().expect("key").open("org 1/sync", &wrapped, &sealed).is_none());
        for i in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[i] ^= 1;
            assert!(key.open("org 1/sync", &wrapped, &bent).is_none(), "byte {i}");
        }
        assert!(key.open("org 1/sync", &[], &[]).is_none());
    }
}
