//! Secrets come by standard input, a file or the environment, never as an argument: arguments are shown by `ps`
//! and kept by shells.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use transom_engine::connection::{AppKey, Credential};

use crate::out::Failure;

/// Secrets that were found in the environment, which no longer holds them.
#[derive(Debug, Default)]
pub struct Environment {
    /// `TRANSOM_MASTER_KEY`.
    pub master_key: Option<SecretString>,
    /// `TRANSOM_TOKEN`.
    pub token: Option<SecretString>,
    /// `TRANSOM_API_TOKEN`.
    pub api_token: Option<SecretString>,
}

impl Environment {
    /// Takes the secrets out of the environment. Call before any thread exists.
    pub fn take() -> Self {
        Self {
            master_key: take("TRANSOM_MASTER_KEY"),
            token: take("TRANSOM_TOKEN"),
            api_token: take("TRANSOM_API_TOKEN"),
        }
    }
}

#[expect(
    unsafe_code,
    reason = "changing the environment is safe only before threads start, which is where this is called"
)]
fn take(name: &str) -> Option<SecretString> {
    let value = std::env::var(name).ok()?;
    // SAFETY: called at the very start of main, before any other thread exists.
    unsafe {
        wipe(name);
        std::env::remove_var(name);
    }
    Some(SecretString::from(value))
}

/// Writes zeros over the value of a variable: removing it only takes it off the list, and `/proc/PID/environ` goes on
/// showing what the process was started with.
///
/// # Safety
/// No other thread may exist.
#[expect(unsafe_code, reason = "the standard library does not give the memory that holds the environment")]
unsafe fn wipe(name: &str) {
    use std::ffi::{CStr, CString, c_char};
    unsafe extern "C" {
        fn getenv(name: *const c_char) -> *mut c_char;
    }
    let Ok(name) = CString::new(name) else { return };
    // SAFETY: getenv (C standard, in every libc) gives null or a text that ends with NUL, in memory that belongs to
    // this process and may be written; nobody else reads or changes it meanwhile.
    unsafe {
        let value = getenv(name.as_ptr());
        if !value.is_null() {
            for at in 0..CStr::from_ptr(value).to_bytes().len() {
                value.add(at).write_volatile(0);
            }
        }
    }
}

/// Where the API token comes from.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Read the API token from standard input (one line); on a terminal it is asked for and not shown.
    #[arg(long, conflicts_with = "token_file")]
    pub token_stdin: bool,
    /// Read the API token from a file.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

impl TokenArgs {
    /// Reads the token: from where the flags say, else from `TRANSOM_TOKEN`, else by asking on a terminal.
    pub fn read(&self, environment: Option<SecretString>) -> Result<SecretString, Failure> {
        // On a terminal standard input is somebody typing: asked for, and not shown.
        if self.token_stdin && !io::stdin().is_terminal() {
            return line(io::stdin().lock());
        }
        if let Some(path) = &self.token_file {
            return file(path, "API token");
        }
        if let Some(token) = environment.filter(|_| !self.token_stdin) {
            return Ok(trimmed(&token));
        }
        if io::stdin().is_terminal() {
            return Ok(trimmed(&rpassword::prompt_password("API token (not shown): ")?.into()));
        }
        Err(Failure::Usage(
            "No API token. Give it by --token-stdin, --token-file FILE or the variable TRANSOM_TOKEN; it is never \
             taken as an argument, which other users of this machine could read."
                .to_string(),
        ))
    }
}

/// Where a one-time token of a Super Administrator comes from: standard input or the terminal, and nowhere that keeps it.
#[derive(Debug, Args)]
pub struct OneTime {
    /// Read the Super Administrator's one-time token from standard input (one line); on a terminal it is asked for and not
    /// shown.
    #[arg(long)]
    pub token_stdin: bool,
}

impl OneTime {
    /// Reads it.
    pub fn read(&self) -> Result<SecretString, Failure> {
        let token = if io::stdin().is_terminal() {
            trimmed(
                &rpassword::prompt_password("One-time API token of a Super Administrator (not shown): ")?
                    .into(),
            )
        } else if self.token_stdin {
            line(io::stdin().lock())?
        } else {
            return Err(Failure::Usage(
                "No one-time token. Give a Super Administrator's on standard input, with --token-stdin; it is not taken from \
                 an argument, a file or a variable, which would keep it."
                    .to_string(),
            ));
        };
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '`');
        if token.expose_secret().is_empty() || !token.expose_secret().chars().all(plain) {
            return Err(Failure::Usage(
                "That is no API token. Copy the value alone: 42 letters, digits, - and _.".to_string(),
            ));
        }
        Ok(token)
    }
}

/// What a connection is to be known to Okta by: a token, or a service app and its key.
#[derive(Debug, Args)]
pub struct CredentialArgs {
    #[command(flatten)]
    token: TokenArgs,
    /// Connect as a service app with this client id, in place of a token.
    #[arg(long, value_name = "ID", requires = "key_file", conflicts_with_all = ["token_stdin", "token_file"])]
    client_id: Option<String>,
    /// The service app's private key: a file with PEM or a JWK.
    #[arg(long, value_name = "FILE", requires = "client_id")]
    key_file: Option<PathBuf>,
    /// The id under which Okta knows the key; a JWK brings its own, and without one Okta tries the app's keys.
    #[arg(long, value_name = "KID", requires = "client_id")]
    key_id: Option<String>,
}

impl CredentialArgs {
    /// Reads the credential; `environment` is the token from there.
    pub fn read(&self, environment: Option<SecretString>) -> Result<Credential, Failure> {
        match (&self.client_id, &self.key_file) {
            (Some(client_id), Some(path)) => Ok(Credential::ServiceApp(AppKey {
                client_id: client_id.trim().to_string(),
                key: file(path, "private key")?,
                kid: self.key_id.clone(),
            })),
            _ => Ok(self.token.read(environment)?.into()),
        }
    }
}

/// The first line of a reader. A token that copying broke over two lines would be sent cut off: what came with the line has to
/// be empty. What comes later is not waited for, as a pipe may stay open.
fn line(reader: impl Read) -> Result<SecretString, Failure> {
    let mut reader = BufReader::new(reader);
    let mut text = String::new();
    reader.read_line(&mut text)?;
    if !reader.buffer().trim_ascii().is_empty() {
        return Err(Failure::Usage(
            "Standard input holds more than one line. Give the token alone, on one line, as Okta shows it."
                .to_string(),
        ));
    }
    Ok(trimmed(&text.into()))
}

/// A secret without the white space around it, which copying brings along.
fn trimmed(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim().to_string())
}

/// The text of a file, as a secret.
pub fn file(path: &Path, what: &str) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::Usage(format!("The {what} could not be read from {}: {e}.", path.display())))?;
    Ok(trimmed(&text.into()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::line;

    #[test]
    fn a_token_is_one_line() {
        for whole in ["00abc", "00abc\n", " 00abc \r\n", "00abc\n\n \n"] {
            let token = line(whole.as_bytes()).expect("one line");
            assert_eq!(token.expose_secret(), "00abc");
        }
        for broken in ["00a\nbc", "00a\r\nbc\n", "00abc\nyes\n"] {
            let error = line(broken.as_bytes()).err().map(|e| format!("{e:?}")).unwrap_or_default();
            assert!(error.contains("more than one line"), "{broken:?}: {error}");
            assert!(!error.contains("00a"), "the token is in the error: {error}");
        }
    }
}
