//! Crates we decided against, each with its reason (DESIGN §8). Taking one back takes an ADR.

use super::Finding;
use crate::repo::Repo;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Not even in tests.
    Anywhere,
    /// Not in our binaries; a test's dependency may bring it.
    Shipped,
}
use Where::{Anywhere, Shipped};

const TLS: &str = "TLS is rustls on aws-lc-rs: one crypto provider, and no system library to install";
const SQL: &str = "SQL is written out and run by sqlx (docs/adr/0002-two-databases.md)";
const WEIGHT: &str = "costs minutes of every build; SQLite answers these questions fast enough";
const JOBS: &str = "jobs are one lease table (docs/adr/0005-jobs-and-leases.md)";
const STALE: &str = "it lags behind the sqlx we use; the session store is a page of our own";

const BANNED: &[(&str, Where, &str)] = &[
    ("openssl", Anywhere, TLS),
    ("openssl-sys", Anywhere, TLS),
    ("native-tls", Anywhere, TLS),
    ("ring", Anywhere, TLS),
    ("josekit", Anywhere, TLS),
    ("chrono", Anywhere, "time is jiff: one library for it"),
    ("time", Shipped, "time is jiff: one library for it (rcgen brings this one, into tests only)"),
    ("datafusion", Anywhere, WEIGHT),
    ("duckdb", Anywhere, WEIGHT),
    ("libduckdb-sys", Anywhere, WEIGHT),
    ("polars", Anywhere, WEIGHT),
    ("diesel", Anywhere, SQL),
    ("sea-orm", Anywhere, SQL),
    ("rusqlite", Anywhere, SQL),
    ("sqlx-macros", Shipped, "compiles both database drivers a second time for the build host"),
    ("apalis", Anywhere, JOBS),
    ("tower-sessions-sqlx-store", Anywhere, STALE),
    ("axum-login", Anywhere, STALE),
    ("async-std", Anywhere, "the runtime is tokio"),
    ("actix-web", Anywhere, "HTTP is served by axum"),
    ("serde_yaml", Anywhere, "archived by its author"),
];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, place, why) in BANNED {
        let packages = if *place == Shipped { &repo.shipped } else { &repo.built };
        for (_, version) in packages.iter().filter(|(n, _)| n == name) {
            let message = format!("banned: {why}. `cargo tree -e all -i {name}` says who brings it");
            found.push(Finding::error(format!("{name} {version}"), message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_knows_where_it_holds() {
        let package = |name: &str| (name.to_string(), "1.0.0".to_string());
        let mut repo = Repo::of_files(&[]);
        repo.built = vec![package("time"), package("ring"), package("serde")];
        let names = |repo: &Repo| look(repo).into_iter().map(|f| f.place).collect::<Vec<_>>();
        assert_eq!(names(&repo), ["ring 1.0.0"]);
        repo.shipped = vec![package("time")];
        assert_eq!(names(&repo), ["ring 1.0.0", "time 1.0.0"]);
    }
}
