//! The service app's private key: made on this machine, in a file that only its owner may read; only the public half leaves.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use okta_client::{KeyError, PrivateKey};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::out::Failure;
use crate::secret;

/// The public half of the key in a file. Where there is no file, a key is made; `keep` writes it there.
pub fn public(path: &Path, keep: bool) -> Result<Value, Failure> {
    let unfit = |e: KeyError| Failure::Usage(format!("{}: {e}.", path.display()));
    let key = if path.exists() {
        PrivateKey::parse(&secret::file(path, "private key")?).map_err(unfit)?
    } else {
        let key = PrivateKey::generate().map_err(unfit)?;
        if keep {
            let unwritten = |e: std::io::Error| {
                Failure::Usage(format!(
                    "The private key could not be written to {}: {e}. Give --key-file a file in a folder that is there and that \
                     you may write to.",
                    path.display()
                ))
            };
            let open = || std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            let mut file = open().map_err(unwritten)?;
            file.write_all(key.to_pem().map_err(unfit)?.expose_secret().as_bytes()).map_err(unwritten)?;
            file.sync_all().map_err(unwritten)?;
        }
        key
    };
    // A PEM has no id; the thumbprint is what a key that was made here is known by.
    let kid = match key.kid() {
        Some(kid) => kid.to_string(),
        None => key.thumbprint().map_err(unfit)?,
    };
    key.with_kid(kid).public_jwk().map_err(unfit)
}
