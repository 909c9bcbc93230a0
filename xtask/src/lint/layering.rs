//! The walls of the house (DESIGN §3): `okta-client ← okta-sim`, `core ← store ← engine ← server ← app`,
//! `okta-client ← engine`. Moving one takes an ADR; this table is where it then shows.

use super::Finding;
use crate::cargo::Kind;
use crate::repo::Repo;

/// What one crate of ours may use of ours.
struct Floor {
    name: &'static str,
    uses: &'static [&'static str],
    /// Beyond that in its tests: the simulator is the only Okta double, so whoever talks to Okta may test with it.
    tests_use: &'static [&'static str],
}

const FLOORS: &[Floor] = &[
    Floor { name: "okta-client", uses: &[], tests_use: &["okta-sim"] },
    Floor { name: "okta-sim", uses: &["okta-client"], tests_use: &[] },
    Floor { name: "transom-core", uses: &[], tests_use: &[] },
    Floor { name: "transom-store", uses: &["transom-core"], tests_use: &[] },
    Floor {
        name: "transom-engine",
        uses: &["transom-core", "transom-store", "okta-client"],
        tests_use: &["okta-sim"],
    },
    Floor {
        name: "transom-server",
        uses: &["transom-core", "transom-store", "transom-engine"],
        tests_use: &["okta-sim"],
    },
    Floor {
        name: "transom",
        uses: &[
            "okta-client",
            "okta-sim",
            "transom-core",
            "transom-store",
            "transom-engine",
            "transom-server",
        ],
        tests_use: &[],
    },
    Floor { name: "xtask", uses: &[], tests_use: &[] },
];

/// Which of our crates may use a crate of others (`axum` stands for `axum-*` too).
struct Wall {
    name: &'static str,
    only: &'static [&'static str],
    /// Also these, in their tests.
    tests: &'static [&'static str],
    why: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        name: "sqlx",
        only: &["transom-store"],
        tests: &[],
        why: "the store is the only crate that sees SQL",
    },
    Wall {
        name: "axum",
        only: &["okta-sim", "transom-server"],
        tests: &["okta-client"],
        why: "HTTP is served by the server and the simulator alone",
    },
    Wall {
        name: "reqwest",
        only: &["okta-client", "transom"],
        tests: &["okta-sim", "transom-server"],
        why: "every call to Okta goes through the client, which guards address, secrets and budget; the app calls our own server",
    },
    Wall {
        name: "tokio",
        only: &["okta-client", "okta-sim", "transom-store", "transom-engine", "transom-server", "transom"],
        tests: &[],
        why: "the core is pure: no I/O and no runtime",
    },
    Wall { name: "clap", only: &["transom"], tests: &[], why: "the command line is the app's" },
];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    let ours: Vec<&str> = repo.ours().map(|p| p.name.as_str()).collect();
    for package in repo.ours() {
        let Some(floor) = FLOORS.iter().find(|f| f.name == package.name) else {
            let message = "a crate without a floor: say in xtask/src/lint/layering.rs what it may use, and why in an ADR";
            found.push(Finding::error(&package.name, message));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let tests = dependency.kind == Kind::Dev;
            if ours.contains(&name) {
                if !(floor.uses.contains(&name) || tests && floor.tests_use.contains(&name)) {
                    let message =
                        format!("must not use {name}{}", if tests { ", not even in tests" } else { "" });
                    found.push(Finding::error(&package.name, message));
                }
            } else if let Some(wall) = WALLS.iter().find(|w| is_or_extends(name, w.name)) {
                let me = package.name.as_str();
                if !(wall.only.contains(&me) || tests && wall.tests.contains(&me)) {
                    found.push(Finding::error(me, format!("must not use {name}: {}", wall.why)));
                }
            }
        }
    }
    found
}

fn is_or_extends(name: &str, base: &str) -> bool {
    name.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::{Dependency, Package};

    fn with(name: &str, dependencies: &[(&str, Kind)]) -> Repo {
        let package = |name: &str, dependencies: &[(&str, Kind)]| Package {
            name: name.to_string(),
            version: "0.1.0".into(),
            license: None,
            ours: true,
            dependencies: dependencies
                .iter()
                .map(|(n, k)| Dependency { name: n.to_string(), kind: *k })
                .collect(),
            tests: Vec::new(),
        };
        let mut repo = Repo::of_files(&[]);
        repo.packages = FLOORS.iter().filter(|f| f.name != name).map(|f| package(f.name, &[])).collect();
        repo.packages.push(package(name, dependencies));
        repo
    }

    #[test]
    fn the_drawn_edges_are_allowed() {
        let repo = with("transom-engine", &[("transom-store", Kind::Normal), ("okta-sim", Kind::Dev)]);
        assert!(look(&repo).is_empty(), "{:?}", look(&repo));
    }

    #[test]
    fn an_edge_upwards_is_found() {
        assert_eq!(look(&with("transom-store", &[("transom-engine", Kind::Normal)])).len(), 1);
        assert_eq!(look(&with("transom-server", &[("okta-client", Kind::Dev)])).len(), 1);
        assert_eq!(look(&with("transom-engine", &[("okta-sim", Kind::Normal)])).len(), 1);
    }

    #[test]
    fn other_peoples_crates_stay_behind_their_walls() {
        assert_eq!(look(&with("transom-engine", &[("sqlx", Kind::Dev)])).len(), 1);
        assert_eq!(look(&with("transom-engine", &[("axum-extra", Kind::Normal)])).len(), 1);
        assert_eq!(look(&with("transom-core", &[("tokio", Kind::Normal)])).len(), 1);
        assert!(look(&with("okta-sim", &[("reqwest", Kind::Dev)])).is_empty());
    }

    #[test]
    fn a_new_crate_needs_a_floor() {
        let found = look(&with("transom-attic", &[]));
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
