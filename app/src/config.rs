//! Where things are: data directory, database, master key.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use secrecy::SecretString;
use transom_core::SystemClock;
use transom_engine::{Engine, HttpOptions, entity};
use transom_store::{DatabaseUrl, MasterKeySource, Store};

use crate::out::{Failure, Out, quoted};

/// Options every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Print one JSON document instead of tables and sentences.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Where Transom keeps its files.
    #[arg(long, global = true, env = "TRANSOM_DATA_DIR", value_name = "DIR", help_heading = "Everywhere")]
    pub data_dir: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://… [default: transom.db in the data directory]
    #[arg(
        long,
        global = true,
        env = "TRANSOM_DATABASE",
        value_name = "URL",
        hide_env_values = true,
        help_heading = "Everywhere"
    )]
    pub database: Option<String>,
    /// A file that holds the master key [default: master.key in the data directory, for SQLite]
    #[arg(
        long,
        global = true,
        env = "TRANSOM_MASTER_KEY_FILE",
        value_name = "FILE",
        help_heading = "Everywhere"
    )]
    pub master_key_file: Option<PathBuf>,
    /// Reach Okta through this proxy [default: HTTPS_PROXY]
    #[arg(long, global = true, value_name = "URL", value_parser = proxy, help_heading = "Everywhere")]
    pub proxy: Option<url::Url>,
    /// Trust the certificates in this PEM file too.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub ca_file: Option<PathBuf>,
    /// Have a running server do it, instead of working on the database here: https://transom.example.com
    #[arg(long, global = true, env = "TRANSOM_SERVER", value_name = "URL", help_heading = "Everywhere")]
    pub server: Option<String>,
    /// A file that holds an API token of that server [default: the variable TRANSOM_API_TOKEN]
    #[arg(
        long,
        global = true,
        env = "TRANSOM_API_TOKEN_FILE",
        value_name = "FILE",
        help_heading = "Everywhere"
    )]
    pub api_token_file: Option<PathBuf>,
    /// What to log to standard error, as JSON lines: off, info, transom_engine=debug, …
    #[arg(
        long,
        global = true,
        env = "TRANSOM_LOG",
        default_value = "off",
        value_name = "FILTER",
        help_heading = "Everywhere"
    )]
    pub log: String,
}

/// The database's file name in the data directory.
pub const DATABASE: &str = "transom.db";
/// The master key's file name in the data directory.
pub const KEY: &str = "master.key";

impl Global {
    /// The data directory: as given, or `transom` where the XDG Base Directory Specification keeps user data.
    pub fn data_dir(&self) -> Result<PathBuf, Failure> {
        if let Some(dir) = &self.data_dir {
            return Ok(dir.clone());
        }
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let base =
            absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
        base.map(|b| b.join("transom")).ok_or_else(|| {
            Failure::Usage("There is no home directory. Say where to keep files: --data-dir DIR.".to_string())
        })
    }

    /// The database's address.
    pub fn database(&self) -> Result<DatabaseUrl, Failure> {
        match &self.database {
            Some(url) => DatabaseUrl::parse(url).map_err(|e| Failure::Usage(e.to_string())),
            None => Ok(DatabaseUrl::Sqlite(self.data_dir()?.join(DATABASE))),
        }
    }

    /// Where the master key comes from. Beside SQLite it may be made; PostgreSQL is shared, so there it is given.
    pub fn master_key(
        &self,
        given: Option<SecretString>,
        database: &DatabaseUrl,
    ) -> Result<Option<MasterKeySource>, Failure> {
        if let Some(secret) = given {
            return Ok(Some(MasterKeySource::Given(secret)));
        }
        let create_if_new = matches!(database, DatabaseUrl::Sqlite(_));
        Ok(self.key_file()?.map(|path| MasterKeySource::File { path, create_if_new }))
    }

    /// The master key's file, where it is kept in one: as named, or in the data directory beside SQLite.
    pub fn key_file(&self) -> Result<Option<PathBuf>, Failure> {
        match (&self.master_key_file, self.database()?) {
            (Some(path), _) => Ok(Some(path.clone())),
            (None, DatabaseUrl::Sqlite(_)) => Ok(Some(self.data_dir()?.join(KEY))),
            (None, DatabaseUrl::Postgres(_)) => Ok(None),
        }
    }

    /// How Okta is reached.
    pub fn http(&self) -> HttpOptions {
        HttpOptions { proxy: self.proxy.clone(), ca_file: self.ca_file.clone(), ..HttpOptions::default() }
    }

    /// The warning that others than its owner may read or write the master key in the data directory, where they may and
    /// it is in use: `given` says that another key is.
    pub fn exposed_key(&self, given: bool) -> Result<Option<String>, Failure> {
        use std::os::unix::fs::PermissionsExt;
        if given || self.master_key_file.is_some() || !matches!(self.database()?, DatabaseUrl::Sqlite(_)) {
            return Ok(None);
        }
        let path = self.data_dir()?.join(KEY);
        let Ok(file) = std::fs::metadata(&path) else { return Ok(None) };
        let mode = file.permissions().mode() & 0o7777;
        Ok((mode & 0o077 != 0).then(|| {
            format!(
                "The master key {} is open to other users of this machine (mode {mode:04o}). With it and the database, \
                 the tokens can be read. Close it: chmod 600 {}",
                path.display(),
                quoted(&path.display().to_string())
            )
        }))
    }

    /// Opens the database, unlocked; warns where the master key is open to others.
    pub async fn engine(&self, master_key: Option<SecretString>, out: Out) -> Result<Engine, Failure> {
        if let Some(warning) = self.exposed_key(master_key.is_some())? {
            out.note(format!("Warning: {warning}\n"));
        }
        let url = self.database()?;
        let mut store = Store::open(&url, entity::catalogue(), Arc::new(SystemClock)).await?;
        match self.master_key(master_key, &url)? {
            Some(source) => {
                if let Err(error) = store.unlock(source).await {
                    store.close().await;
                    return Err(error.into());
                }
            }
            None => {
                return Err(Failure::Usage(
                    "PostgreSQL needs the master key given: --master-key-file FILE, TRANSOM_MASTER_KEY_FILE or \
                     TRANSOM_MASTER_KEY. Make one with: head -c 32 /dev/urandom | base64 > FILE"
                        .to_string(),
                ));
            }
        }
        Ok(Engine { store, http: self.http(), allow_loopback: allow_loopback(), actor: actor() })
    }
}

/// A proxy's address.
fn proxy(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).ok().filter(url::Url::has_host);
    url.ok_or_else(|| "expected an address such as http://proxy.example:3128".to_string())
}

/// Whether connections to a simulator are allowed.
pub fn allow_loopback() -> bool {
    std::env::var("TRANSOM_ALLOW_LOOPBACK").is_ok_and(|v| v == "1")
}

/// Who acts, for the audit log.
fn actor() -> String {
    format!("cli:{}", account().unwrap_or_else(|| "unknown".to_string()))
}

/// The system's account: what the kernel says of this process, by the name that the system has for it. The environment
/// says what somebody put there.
fn account() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let Ok(process) = std::fs::metadata("/proc/self") else {
        return std::env::var("USER").ok();
    };
    let uid = process.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let fields = |line: &str| line.split(':').map(str::to_string).collect::<Vec<_>>();
    let mut rows = accounts.lines().map(fields);
    let named = rows.find(|row| row.get(2) == Some(&uid)).and_then(|row| row.first().cloned());
    Some(named.unwrap_or(format!("uid {uid}")))
}
