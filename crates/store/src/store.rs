//! The store itself: opening, describing.

use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use transom_core::{Catalogue, Clock, Millis, OrgId};

use crate::{
    DatabaseUrl, Error, Result,
    checkpoint::Checkpointer,
    db::{Db, Pool, Tx},
    key::MasterKey,
    migrate::{MIGRATIONS, migrate},
    pack::Dictionaries,
    people::Used,
    query::sql,
    resolve::Cache,
    views,
};

/// The database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) writer: Pool,
    pub(crate) reader: Pool,
    /// On SQLite alone.
    checkpointer: Option<Checkpointer>,
    pub(crate) url: DatabaseUrl,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key: Option<Arc<MasterKey>>,
    pub(crate) schema_version: i64,
    caches: Caches,
    /// How many large orgs are being read.
    large: Arc<tokio::sync::Mutex<u32>>,
    pub(crate) dictionaries: Arc<Mutex<Dictionaries>>,
    pub(crate) used: Used,
}

/// What the recorders remember of each org's keys.
type Caches = Arc<Mutex<HashMap<OrgId, Arc<tokio::sync::Mutex<Cache>>>>>;

/// What a store is, for status and diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// `SQLite 3.51.3` or `PostgreSQL 15.18`.
    pub engine: String,
    /// Where it is, without password.
    pub location: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// The schema's version.
    pub schema: i64,
    /// The id of the master key the credentials are sealed with; `None` before the first.
    pub key_id: Option<String>,
}

impl Store {
    /// Opens the database, creating it (file 0600, folder 0700) or bringing it to this binary's schema where
    /// needed. A SQLite file is copied beside itself before its schema changes. Registers the catalogue's names
    /// and makes its SQL views anew when they changed.
    ///
    /// # Errors
    /// [`Error::Newer`] for a database used by a newer Transom; [`Error::ReadOnly`], [`Error::Unreachable`], …
    pub async fn open(url: &DatabaseUrl, catalogue: Arc<Catalogue>, clock: Arc<dyn Clock>) -> Result<Self> {
        let file = match url {
            DatabaseUrl::Sqlite(path) => {
                create_file(path)?;
                Some(path.as_path())
            }
            DatabaseUrl::Postgres(_) => None,
        };
        let (writer, reader) = Pool::open(url).await?;
        let checkpointer = file.map(Checkpointer::of);
        let schema_version = migrate(&writer, file, MIGRATIONS, clock.now()).await?;
        let store = Self {
            writer,
            reader,
            checkpointer,
            url: url.clone(),
            catalogue,
            clock,
            key: None,
            schema_version,
            caches: Caches::default(),
            large: Arc::default(),
            dictionaries: Arc::default(),
            used: Used::default(),
        };
        views::register(&store).await?;
        Ok(store)
    }

    /// The kinds and relations this store records.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The clock that stamps everything.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What this store is.
    ///
    /// # Errors
    /// When the database can't be asked.
    pub async fn describe(&self) -> Result<StoreInfo> {
        let (engine, size) = match &self.reader.db {
            Db::Sqlite(_) => {
                let (version,): (String,) = sql("SELECT sqlite_version()").one(&self.reader).await?;
                let (size,): (i64,) =
                    sql("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                        .one(&self.reader)
                        .await?;
                (format!("SQLite {version}"), size)
            }
            Db::Postgres(_) => {
                let (version, size): (String, i64) =
                    sql("SELECT current_setting('server_version'), pg_database_size(current_database())")
                        .one(&self.reader)
                        .await?;
                let version = version.split(' ').next().unwrap_or_default();
                (format!("PostgreSQL {version}"), size)
            }
        };
        Ok(StoreInfo {
            engine,
            location: self.url.to_string(),
            bytes: size.unsigned_abs(),
            schema: self.schema_version,
            key_id: self.meta("key_id").await?,
        })
    }

    /// Closes all connections. On SQLite this also empties the write-ahead log.
    pub async fn close(&self) {
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.close().await;
        }
        for pool in [&self.reader, &self.writer] {
            crate::db::on!(&pool.db, |p, _D| p.close().await);
        }
    }

    /// Keeps the database in order, as [`Pool::tidy`], and empties SQLite's log.
    pub(crate) async fn tidy(&self, sqlite: &[&'static str], postgres: &[&'static str]) {
        self.writer.tidy(sqlite, postgres).await;
        let _aside = match &self.checkpointer {
            Some(checkpointer) => Some(checkpointer.aside().await),
            None => None,
        };
        self.writer.empty_log().await;
    }

    /// Looks at SQLite's log after a commit of much.
    pub(crate) fn committed(&self) {
        self.checkpointer.iter().for_each(Checkpointer::committed);
    }

    /// See [`Recorder::widen`](crate::Recorder::widen).
    pub(crate) async fn widen(&self, large: bool) {
        let mut many = self.large.lock().await;
        *many = if large { *many + 1 } else { many.saturating_sub(1) };
        self.writer.widen(*many > 0).await;
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.writer.begin().await
    }

    /// A value of the installation.
    pub(crate) async fn meta(&self, key: &str) -> Result<Option<String>> {
        let row: Option<(String,)> =
            sql("SELECT value FROM meta WHERE key = $1").text(key).optional(&self.reader).await?;
        Ok(row.map(|(value,)| value))
    }

    /// The recorders' memory of an org. Whoever changes entities holds its lock.
    pub(crate) fn cache(&self, org: OrgId) -> Arc<tokio::sync::Mutex<Cache>> {
        let mut caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        caches.entry(org).or_default().clone()
    }
}

/// The next number of a counter; it is never given out again.
pub(crate) async fn next_number(tx: &mut Tx, name: &str) -> Result<i64> {
    let (value,): (i64,) = sql("UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value")
        .text(name)
        .one(tx)
        .await?;
    Ok(value)
}

/// A JSON column.
pub(crate) type Doc = sqlx::types::Json<Value>;

/// A count from the database; they are never negative.
pub(crate) fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// Creates an empty file that only its owner can read or write.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn create_file(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let fail = |e: io::Error| match e.kind() {
        io::ErrorKind::StorageFull => Error::DiskFull { path: path.display().to_string() },
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            Error::ReadOnly { path: path.display().to_string() }
        }
        _ => Error::Other(format!(
            "{}: the database can't be created: {e}. Check the path given with --database or --data-dir.",
            path.display()
        )),
    };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(fail)?;
    }
    match create_private(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(fail(e)),
        _ => Ok(()),
    }
}
