//! A private PostgreSQL for the tests: made in a temporary directory, on a free port of 127.0.0.1, gone afterwards.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::{self, is_root, on_path};
use crate::cargo::{output, run};
use crate::guard::{Guard, Scratch};

/// A running server. Dropping it, or dying, stops it and removes its files.
pub struct Postgres {
    /// `postgres://…` of a superuser and the database `postgres`.
    pub url: String,
    /// What `initdb --version` says.
    pub version: String,
    // Dropped in this order: first the server stops, then its directory goes.
    _server: Guard,
    _scratch: Scratch,
}

/// Neither durable nor slow: what is tested is our code, not the disk.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
";

impl Postgres {
    /// Finds (or, as root on Debian, installs) PostgreSQL, makes a cluster and starts it.
    pub fn start() -> Result<Postgres> {
        let bin = find_or_install()?;
        let account = Account::pick()?;
        // Root's TMPDIR may lie where the server's own account cannot go.
        let parent = if account.is_other() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let scratch = Scratch::new_in(&parent, "postgres")?;
        let data = scratch.path().join("data");
        let password = random_hex()?;
        let password_file = scratch.path().join("password");
        std::fs::write(&password_file, &password)?;
        run(Command::new("chmod").arg("700").arg(scratch.path()))?;
        account.give(scratch.path())?;

        let mut initdb = account.command(&bin.join("initdb"));
        initdb.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password_file);
        initdb.args(["--username=transom", "--auth=password", "--encoding=UTF8", "--no-sync"]);
        initdb.args(locale(&bin)?);
        output(&mut initdb)?;

        // Before the start, so that there is no moment in which the server runs unguarded.
        let mut stop = account.command(&bin.join("pg_ctl"));
        stop.arg("--pgdata").arg(&data).args(["--mode=immediate", "stop"]);
        let words = std::iter::once(stop.get_program()).chain(stop.get_args());
        let server = Guard::new(r#""$@""#, words)?;

        let port = start_on_a_free_port(&account, &bin, &data)?;
        let url = format!("postgres://transom:{password}@127.0.0.1:{port}/postgres");
        let version = output(Command::new(bin.join("initdb")).arg("--version"))?.trim().to_string();
        Ok(Postgres { url, version, _server: server, _scratch: scratch })
    }
}

/// Somebody may take the port between our look and the start: then another one is tried.
fn start_on_a_free_port(account: &Account, bin: &Path, data: &Path) -> Result<u16> {
    let settings = data.join("postgresql.conf");
    let defaults = std::fs::read_to_string(&settings).context("initdb left no postgresql.conf")?;
    let log = data.join("server.log");
    let mut last = None;
    for _ in 0..5 {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        std::fs::write(&settings, format!("{defaults}{SETTINGS}port = {port}\n"))?;
        let mut start = account.command(&bin.join("pg_ctl"));
        // A slow machine may take its time: 600 s is when something is broken.
        start.arg("--pgdata").arg(data).arg("--log").arg(&log).args([
            "--wait",
            "--timeout=600",
            "--silent",
            "start",
        ]);
        match output(&mut start) {
            Ok(_) => return Ok(port),
            Err(error) => {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                last = Some(error.context(format!("PostgreSQL did not start; its log:\n{said}")));
            }
        }
    }
    Err(last.context("no attempt was made")?)
}

/// A collation that sorts like people, where the server has one: a query that forgot `COLLATE "C"` then shows.
fn locale(bin: &Path) -> Result<&'static [&'static str]> {
    let help = output(Command::new(bin.join("initdb")).arg("--help"))?;
    let icu = help.contains("--icu-locale");
    Ok(if icu { &["--locale=C", "--locale-provider=icu", "--icu-locale=en"] } else { &["--locale=C"] })
}

const PROGRAMS: &[&str] = &["initdb", "pg_ctl", "postgres"];

fn find_or_install() -> Result<PathBuf> {
    if let Some(bin) = find() {
        return Ok(bin);
    }
    if !apt::is_ours()? {
        bail!(
            "the store's tests need PostgreSQL's programs (initdb, pg_ctl, postgres), which are neither in PATH nor in \
             /usr/lib/postgresql. Install them (Debian: `apt-get install postgresql`; Fedora: `dnf install \
             postgresql-server`; macOS: `brew install postgresql`), or set TRANSOM_TEST_POSTGRES=postgres://… to a \
             server whose user may create databases"
        );
    }
    apt::install("postgresql")?;
    find().context("apt-get installed postgresql, but its programs are not in /usr/lib/postgresql/*/bin")
}

/// The folder of the programs: one of PATH, else the newest of Debian's, Fedora's or Homebrew's.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).find(|dir| complete(dir));
    in_path.or_else(|| {
        let mut candidates = Vec::new();
        for (parent, prefix) in
            [("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/opt/homebrew/opt", "postgresql")]
        {
            for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let digits: String = name.chars().filter(char::is_ascii_digit).collect();
                if name.starts_with(prefix) && complete(&entry.path().join("bin")) {
                    candidates.push((digits.parse::<u32>().unwrap_or(0), entry.path().join("bin")));
                }
            }
        }
        candidates.into_iter().max().map(|(_, bin)| bin)
    })
}

fn complete(dir: &Path) -> bool {
    PROGRAMS.iter().all(|p| dir.join(p).is_file())
}

/// PostgreSQL refuses to run as root, so root lends it another account.
enum Account {
    Ours,
    /// Name, and the words before a command that make it run as that one.
    Other(String, Vec<String>),
}

impl Account {
    fn pick() -> Result<Account> {
        if !is_root()? {
            return Ok(Account::Ours);
        }
        let exists = |name: &str| output(Command::new("id").args(["-u", name])).is_ok();
        let name = ["postgres", "nobody"].into_iter().find(|n| exists(n));
        let name =
            name.context("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")?;
        let prefix = if on_path("setpriv") {
            let group = output(Command::new("id").args(["-g", name]))?;
            let group = format!("--regid={}", group.trim());
            vec!["setpriv".to_string(), format!("--reuid={name}"), group, "--init-groups".to_string()]
        } else if on_path("runuser") {
            ["runuser", "-u", name, "--"].map(str::to_string).to_vec()
        } else {
            bail!(
                "PostgreSQL does not run as root, and neither setpriv nor runuser is here to change the user"
            );
        };
        Ok(Account::Other(name.to_string(), prefix))
    }

    fn is_other(&self) -> bool {
        matches!(self, Account::Other(..))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Account::Ours => Command::new(program),
            Account::Other(_, prefix) => {
                let mut command = Command::new(&prefix[0]);
                command.args(&prefix[1..]).arg(program);
                command
            }
        };
        // The server's account may not be allowed to look at our working directory.
        command.current_dir("/").stdin(std::process::Stdio::null()).env("LC_ALL", "C");
        command
    }

    fn give(&self, path: &Path) -> Result<()> {
        match self {
            Account::Ours => Ok(()),
            Account::Other(name, _) => run(Command::new("chown").arg("-R").arg(name).arg(path)),
        }
    }
}

fn random_hex() -> Result<String> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut f| f.read_exact(&mut bytes))
        .context("reading /dev/urandom")?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    #[test]
    fn starts_answers_and_leaves_nothing() {
        if find().is_none() {
            println!("skipped: PostgreSQL is not installed here");
            return;
        }
        let postgres = Postgres::start().expect("a private PostgreSQL");
        let folder = postgres._scratch.path().to_path_buf();
        let address = postgres.url.split(['@', '/']).nth(3).expect("an address in the URL").to_string();
        let mut stream = TcpStream::connect(&address).expect("it listens");
        // The protocol's SSLRequest; a PostgreSQL without certificates answers with one letter, N.
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).expect("asked");
        let mut answer = [0];
        stream.read_exact(&mut answer).expect("answered");
        assert_eq!(&answer, b"N");
        drop(postgres);
        assert!(TcpStream::connect(&address).is_err(), "still listening on {address}");
        assert!(!folder.exists(), "{} is still there", folder.display());
    }
}
