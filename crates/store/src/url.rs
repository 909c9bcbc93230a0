//! Where the data is kept.

use std::{fmt, path::PathBuf, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use crate::Error;

/// The address of a database. Display shows it without its password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database; the address may hold a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// [`Error::Other`] naming what was expected; the text itself is not repeated, it may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
                return Err(Error::Other(format!(
                    "database: sqlite:{path} names no file. Expected sqlite:PATH, for example sqlite:/var/lib/transom/transom.db."
                )));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match PgConnectOptions::from_str(text) {
                Ok(_) => Ok(Self::Postgres(text.into())),
                Err(_) => Err(Error::Other(
                    "database: the postgres address can't be read. Expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters in the password percent-encoded.".into(),
                )),
            };
        }
        Err(Error::Other(
            "database: expected sqlite:PATH or postgres://USER@HOST/DATABASE, got something else. Set --database or TRANSOM_DATABASE.".into(),
        ))
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(secret) => match PgConnectOptions::from_str(secret.expose_secret()) {
                Ok(o) => {
                    let database = o.get_database().unwrap_or_else(|| o.get_username());
                    write!(f, "postgres://{}@{}:{}/{database}", o.get_username(), o.get_host(), o.get_port())
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_password_and_says_what_it_expects() {
        let url = DatabaseUrl::parse("postgres://ada:s3cret@db.example/transom").expect("parses");
        assert_eq!(url.to_string(), "postgres://ada@db.example:5432/transom");
        assert!(!format!("{url:?}").contains("s3cret"));
        let url = DatabaseUrl::parse("sqlite:/tmp/a b.db").expect("parses");
        assert_eq!(url.to_string(), "sqlite:/tmp/a b.db");
        for bad in ["", "mysql://root:s3cret@h/d", "sqlite:", "sqlite::memory:", "postgres://h:notaport/d"] {
            let message = DatabaseUrl::parse(bad).expect_err(bad).to_string();
            assert!(message.contains("xpected") && !message.contains("s3cret"), "{message}");
        }
    }
}
