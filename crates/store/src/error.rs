//! What can go wrong with the store, in words for people: what happened, why, what to do.

use jiff::Timestamp;
use thiserror::Error as ThisError;
use transom_core::Millis;

/// An error of the store.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The database was written by a newer Transom.
    #[error(
        "The database has schema version {database}, this binary knows versions up to {binary}. It was used by a newer Transom: install that version again, or restore the copy made before the upgrade."
    )]
    Newer {
        /// The version in the database.
        database: i64,
        /// The newest version this binary knows.
        binary: i64,
    },
    /// The database can be read but not written.
    #[error(
        "{path} can't be written. Check the owner and the rights of the file and its folder (SQLite also writes -wal and -shm files beside it), or the file system's mount options."
    )]
    ReadOnly {
        /// The database's location.
        path: String,
    },
    /// No space is left where the database is.
    #[error(
        "No space is left for {path}. Nothing was half-written. Free some space and start again: the work goes on where it stopped."
    )]
    DiskFull {
        /// The database's location.
        path: String,
    },
    /// Another process works on the org.
    #[error("{holder} is working on this org (its lease runs until {}). Wait for it to end, or stop it.", show(.until))]
    LeaseHeld {
        /// Who holds the lease.
        holder: String,
        /// When it ends unless renewed, in milliseconds since the Unix epoch.
        until: Millis,
    },
    /// This process's lease was taken over, or the org is gone; nothing was written.
    #[error(
        "Another process took over the work on this org, so this one stops. Nothing was lost: what was recorded stays, the rest is for the other process."
    )]
    LeaseLost,
    /// The master key given is not the one the database was sealed with.
    #[error(
        "The database is sealed with master key {wants}, the key given is {got}. Give the right key (TRANSOM_MASTER_KEY_FILE or the key file in the data directory)."
    )]
    WrongMasterKey {
        /// The id of the key the database wants.
        wants: String,
        /// The id of the key given.
        got: String,
    },
    /// What was given as a master key is none.
    #[error(
        "The master key can't be read. {place} holds something else than 32 bytes in base64 (44 characters, as openssl rand -base64 32 writes them). Restore the key from its backup; it is never made anew for a database that has one."
    )]
    BadMasterKey {
        /// The file or variable.
        place: String,
    },
    /// No master key was given.
    #[error("{}", match .wants {
        Some(id) => format!("The database is sealed with master key {id}, and no key was given. Restore the key file, or set TRANSOM_MASTER_KEY_FILE. Without it the stored credentials can't be read: connect the orgs again with a new database."),
        None => "No master key was given. Set TRANSOM_MASTER_KEY_FILE to a file with 32 random bytes in base64 (openssl rand -base64 32).".to_string(),
    })]
    MasterKeyMissing {
        /// The id of the key the database wants; `None` where it has none yet.
        wants: Option<String>,
    },
    /// Another org has the label.
    #[error("There is already an org labelled {label}. Choose another label, or disconnect that org first.")]
    LabelTaken {
        /// The label.
        label: String,
    },
    /// What was asked for isn't there.
    #[error("There is no {what} {wanted}.{}", have_list(.have))]
    NotFound {
        /// `org`, `kind`, `credential`, …
        what: &'static str,
        /// What was asked for.
        wanted: String,
        /// What there is.
        have: Vec<String>,
    },
    /// Another account has the e-mail address.
    #[error("There is already an account for {login}. Change that one, or use another address.")]
    LoginTaken {
        /// The address.
        login: String,
    },
    /// The change would leave nobody who may decide about members.
    #[error("{login} is the last owner. Make somebody else an owner first.")]
    LastOwner {
        /// The account's address.
        login: String,
    },
    /// An owner whose role would hold for some orgs only.
    #[error("An owner owns the whole installation. Choose all orgs, or another role.")]
    OwnerOfSome,
    /// A request for access with which this can't be done: somebody has decided about it, or nobody has granted it yet.
    #[error(
        "This request is {is}, so it can't be {wanted}. Look at it again: somebody may have decided about it meanwhile."
    )]
    Decided {
        /// What it is.
        is: &'static str,
        /// What it was to be.
        wanted: &'static str,
    },
    /// A link that was used, is too old, or never was.
    #[error(
        "This link has been used or is older than 15 minutes. Make a new one on the server: transom owner-link"
    )]
    LinkSpent,
    /// A client of an OpenID provider without its secret.
    #[error(
        "The client secret is missing. One that was entered for another issuer or client is not used here: enter it again."
    )]
    SecretMissing,
    /// Who the person is at the provider is another member already.
    #[error("Another account is linked to this identity. Sign in with that one, or unlink it there first.")]
    IdentityTaken,
    /// The link to the provider is the only way in.
    #[error(
        "This link is the only way in: the account has no password, or passwords are off. Ask an owner to remove the account instead."
    )]
    OnlyWayIn,
    /// The database server doesn't answer, or refuses us.
    #[error("{location} can't be reached: {why}. Check the address, the password, and that the server runs.")]
    Unreachable {
        /// The database's location, without password.
        location: String,
        /// What the driver says.
        why: String,
    },
    /// Another process kept the database locked for too long.
    #[error(
        "{location} is busy: another process kept it locked. Try again; if it stays so, look for a second Transom or a tool that holds the database open."
    )]
    Busy {
        /// The database's location.
        location: String,
    },
    /// What was given to go on in a list is no mark of it.
    #[error("after: {0} Start from the first page and use the marks that come with it.")]
    Mark(&'static str),
    /// A list can't be sorted as asked.
    #[error("sort: {kind} can't be sorted by {sort}{why}. Choose one of {can}.")]
    Sort {
        /// The kind's name.
        kind: &'static str,
        /// What was asked for.
        sort: &'static str,
        /// Why not; begins with a comma.
        why: &'static str,
        /// What can be chosen.
        can: String,
    },
    /// A query of [`crate::Store::sql`] was refused or failed.
    #[error("{0}")]
    Sql(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

fn show(at: &Millis) -> String {
    Timestamp::from_millisecond(*at).map_or_else(|_| at.to_string(), |t| t.to_string())
}

fn have_list(have: &[String]) -> String {
    if have.is_empty() { String::new() } else { format!(" There is: {}.", have.join(", ")) }
}

impl Error {
    /// Puts a driver's error into words, by SQLite result code or SQLSTATE.
    pub(crate) fn from_sqlx(error: sqlx::Error, location: &str) -> Self {
        let location = location.to_string();
        match &error {
            sqlx::Error::Database(e) => {
                let code = e.code().unwrap_or_default().into_owned();
                // SQLite reports extended result codes; the primary one is the low byte.
                let kind = match code.parse::<i32>() {
                    Ok(extended) if code.len() < 5 => by_sqlite(extended & 0xff),
                    _ => by_sqlstate(&code),
                };
                let path = location.strip_prefix("sqlite:").unwrap_or(&location).to_string();
                match kind {
                    Cause::ReadOnly => Self::ReadOnly { path },
                    Cause::Full => Self::DiskFull { path },
                    Cause::Busy => Self::Busy { location },
                    Cause::Unreachable => Self::Unreachable { location, why: e.message().to_string() },
                    Cause::Damaged => Self::Other(format!(
                        "{location} is damaged or no SQLite database ({}). Restore a backup; synced data can also be fetched again into a new database.",
                        e.message()
                    )),
                    Cause::Other => Self::Other(format!("{location}: {} (code {code})", e.message())),
                }
            }
            sqlx::Error::Io(e) => Self::Unreachable { location, why: e.to_string() },
            sqlx::Error::Tls(e) => Self::Unreachable { location, why: format!("TLS: {e}") },
            sqlx::Error::PoolTimedOut if location.starts_with("postgres") => {
                Self::Unreachable { location, why: "no connection became free in time".to_string() }
            }
            sqlx::Error::PoolTimedOut => Self::Busy { location },
            _ => Self::Other(format!("{location}: {error}")),
        }
    }
}

enum Cause {
    ReadOnly,
    Full,
    Busy,
    Unreachable,
    Damaged,
    Other,
}

/// Primary result codes: sqlite.org/rescode.html.
fn by_sqlite(code: i32) -> Cause {
    match code {
        5 | 6 => Cause::Busy,
        8 => Cause::ReadOnly,
        10 | 14 => Cause::Unreachable,
        11 | 26 => Cause::Damaged,
        13 => Cause::Full,
        _ => Cause::Other,
    }
}

/// SQLSTATE codes: postgresql.org/docs/15/errcodes-appendix.html.
fn by_sqlstate(code: &str) -> Cause {
    match code {
        "25006" => Cause::ReadOnly,
        "53100" => Cause::Full,
        "40001" | "40P01" | "55P03" => Cause::Busy,
        "57P01" | "57P02" | "57P03" | "53300" | "28000" | "28P01" | "3D000" => Cause::Unreachable,
        c if c.starts_with("08") => Cause::Unreachable,
        _ => Cause::Other,
    }
}
