//! Places where copies of an org can be made, copied and forgotten, on both databases.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::copy::Place;

/// Where copies of an org can be made and copied.
pub trait Places {
    fn make(&self, name: &str) -> Place;
    fn copy(&self, from: &Place, name: &str) -> Place;
    fn forget(&self, place: &Place);
}

/// SQLite in directories of this one.
pub struct Files(pub PathBuf);

impl Places for Files {
    fn make(&self, name: &str) -> Place {
        Place::sqlite(&self.0.join(name))
    }

    fn copy(&self, from: &Place, name: &str) -> Place {
        let to = self.make(name);
        std::fs::create_dir(&to.data).expect("a directory");
        for file in std::fs::read_dir(&from.data).expect("a template") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), to.data.join(file.file_name())).expect("a copy");
        }
        to
    }

    fn forget(&self, place: &Place) {
        std::fs::remove_dir_all(&place.data).expect("gone");
    }
}

/// Databases on a server, dropped at the end.
pub struct Server {
    psql: PathBuf,
    url: url::Url,
    data: PathBuf,
    /// The how manieth of this process: tests run side by side.
    number: u32,
    made: RefCell<Vec<String>>,
}

impl Server {
    /// The server that `TRANSOM_TEST_POSTGRES` leads to as a user who may create databases; else why there is none.
    pub fn find(data: &Path) -> Result<Self, &'static str> {
        let url = std::env::var("TRANSOM_TEST_POSTGRES").map_err(|_| "TRANSOM_TEST_POSTGRES is not set")?;
        let psql = psql().ok_or("psql is neither in PATH nor in /usr/lib/postgresql/*/bin")?;
        let url = url::Url::parse(&url).expect("TRANSOM_TEST_POSTGRES is a URL");
        static SERVERS: AtomicU32 = AtomicU32::new(0);
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { psql, url, data: data.to_owned(), number, made: RefCell::default() })
    }

    fn database(&self, name: &str) -> String {
        format!("transom_kill_{}_{}_{name}", std::process::id(), self.number)
    }

    fn create(&self, name: &str, template: &str) -> Place {
        let database = self.database(name);
        // The last command's connections may take a moment to be gone.
        let made = (0..50).any(|attempt| {
            std::thread::sleep(Duration::from_millis(attempt * 10));
            self.psql(&format!("CREATE DATABASE {database} TEMPLATE {template}"))
        });
        assert!(made, "{database} could not be made from {template}");
        self.made.borrow_mut().push(database.clone());
        let mut url = self.url.clone();
        url.set_path(&database);
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        Place { data: self.data.join(name), postgres: Some((url.to_string(), key.to_owned())) }
    }

    /// Has the server look at what a place holds, as it does by itself within minutes of a first sync.
    pub fn analyze(&self, place: &Place) {
        let (url, _) = place.postgres.as_ref().expect("a place on this server");
        assert!(self.psql_on(url, "ANALYZE"), "{} could not be analyzed", place.name());
    }

    fn psql(&self, statement: &str) -> bool {
        self.psql_on(self.url.as_str(), statement)
    }

    fn psql_on(&self, url: &str, statement: &str) -> bool {
        let ran = Command::new(&self.psql).args(["-X", "-q", "-d", url, "-c", statement]).output();
        ran.is_ok_and(|o| o.status.success())
    }

    fn drop_database(&self, database: &str) {
        self.psql(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
    }
}

impl Places for Server {
    fn make(&self, name: &str) -> Place {
        self.create(name, "template0")
    }

    fn copy(&self, from: &Place, name: &str) -> Place {
        self.create(name, &self.database(&from.name()))
    }

    fn forget(&self, place: &Place) {
        self.drop_database(&self.database(&place.name()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for database in self.made.take() {
            self.drop_database(&database);
        }
    }
}

/// The client program: in PATH, else Debian's newest.
fn psql() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let folders = std::env::split_paths(&path).chain(debian.into_iter().rev());
    folders.map(|folder| folder.join("psql")).find(|program| program.is_file())
}
