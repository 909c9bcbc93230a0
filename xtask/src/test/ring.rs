//! The table of rings. Cheap ones first; a ring is one row.

use std::cell::OnceCell;
use std::process::Command;

use anyhow::{Result, anyhow, bail};

use super::{e2e, peers, smoke};
use crate::postgres::Postgres;
use crate::{cargo, generate, lint};

/// The ring whose failure keeps those that need it from running.
pub const BUILD: &str = "build";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In every `cargo xtask test`.
    Always,
    /// Only with `--all`: takes other people's packages, or long.
    All,
}

pub enum Outcome {
    Passed,
    /// Counts neither as passed nor as failed; says why.
    Skipped(String),
}

type Run = Box<dyn Fn(&Shared) -> Result<Outcome>>;

pub struct Ring {
    pub name: String,
    pub what: &'static str,
    pub when: When,
    pub needs_build: bool,
    pub run: Run,
}

impl Ring {
    fn new(name: &str, what: &'static str, run: impl Fn(&Shared) -> Result<Outcome> + 'static) -> Ring {
        Ring { name: name.into(), what, when: When::Always, needs_build: false, run: Box::new(run) }
    }

    /// Uses what [`BUILD`] made.
    fn built(self) -> Ring {
        Ring { needs_build: true, ..self }
    }

    fn all_only(self) -> Ring {
        Ring { when: When::All, ..self }
    }
}

/// Environment of the full counts, and what each counts. The tests have small defaults of their own.
const FULL_COUNTS: &[(&str, &str)] = &[("TRANSOM_KILLS", "300"), ("TRANSOM_SEEDS", "200")];

/// The seed with which tests that draw seeds begin.
const SEED: &str = "TRANSOM_SEED";

/// Every ring, in the order in which they run. To add one, add a row.
pub fn table() -> Result<Vec<Ring>> {
    let mut rings = vec![
        Ring::new("fmt", "rustfmt has nothing to change", |_| cargo(&["fmt", "--all", "--check"])),
        Ring::new("lint", "our own rules", |_| verdict(lint::run()?, "see the errors above")),
        Ring::new("clippy", "no warning in any target", |_| {
            cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
        }),
        Ring::new(BUILD, "libraries, program and tests compile", |_| {
            cargo(&["build", "--workspace", "--bins", "--tests", "--locked"])
        }),
        Ring::new("tests", "unit and integration tests, on SQLite and PostgreSQL", |shared| {
            tests(shared, &["--workspace", "--no-fail-fast"], &[])
        })
        .built(),
        Ring::new("gen", "the generated pages are current", |_| {
            if generate::is_empty() {
                return Ok(Outcome::Skipped("nothing is generated yet".into()));
            }
            verdict(generate::command(&["--check"])?, "a generated page is out of date")
        })
        .built(),
        Ring::new("e2e", "the web app in Chromium: with script and without, by keyboard, by axe", |_| {
            e2e::run()
        })
        .built(),
        Ring::new("smoke", "`transom demo --once` from nothing to a synced org", |_| smoke::run()).built(),
        Ring::new(
            "full-counts",
            "300 kills on each database, in fair weather, in trouble and in chaos; 200 seeds for each fault",
            |shared| {
                // Optimised: so many orgs take a tenth of the time.
                let args =
                    ["--release", "--package", "transom", "--package", "transom-engine", "--test", "it"];
                tests(shared, &args, FULL_COUNTS)
            },
        )
        .built()
        .all_only(),
    ];
    for peer in peers::all()? {
        let name = format!("peer-{}", peer.name);
        rings.push(Ring::new(&name, "other people's software", move |_| peer.run()).built().all_only());
    }
    Ok(rings)
}

/// `cargo test` with a PostgreSQL beside it.
fn tests(shared: &Shared, args: &[&str], env: &[(&str, &str)]) -> Result<Outcome> {
    let mut command = cargo::command(["test", "--locked"].into_iter().chain(args.iter().copied()));
    command.env(POSTGRES, shared.postgres()?).envs(env.iter().copied());
    if let Some((commit, seed)) = seed_of_commit() {
        println!("seeds begin at {seed}, from commit {commit}; {SEED}={seed} repeats them");
        command.env(SEED, seed.to_string());
    }
    cargo::run(&mut command)?;
    Ok(Outcome::Passed)
}

/// Every commit draws other seeds, and the same ones again when it is tested again. `None` where the caller has chosen
/// one, or without git.
fn seed_of_commit() -> Option<(String, u64)> {
    if std::env::var_os(SEED).is_some() {
        return None;
    }
    let mut git = Command::new("git");
    let told = git.args(["rev-parse", "--short=10", "HEAD"]).current_dir(cargo::root()).output().ok()?;
    let commit = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    Some((commit.clone(), seed_of(&commit)?))
}

/// A seed small enough to be typed.
fn seed_of(commit: &str) -> Option<u64> {
    u64::from_str_radix(commit.get(..10)?, 16).ok().map(|number| number % 1_000_000)
}

fn cargo(args: &[&str]) -> Result<Outcome> {
    cargo::run(&mut cargo::command(args.iter().copied()))?;
    Ok(Outcome::Passed)
}

pub fn run(command: &mut Command) -> Result<Outcome> {
    cargo::run(command)?;
    Ok(Outcome::Passed)
}

fn verdict(good: bool, otherwise: &str) -> Result<Outcome> {
    if !good {
        bail!("{otherwise}");
    }
    Ok(Outcome::Passed)
}

/// Where the tests find a PostgreSQL; set by the caller, it is used instead of one of our own.
const POSTGRES: &str = "TRANSOM_TEST_POSTGRES";

/// What rings have in common: made when the first one needs it, gone when the last one is through.
pub struct Shared {
    postgres: OnceCell<Result<Postgres, String>>,
}

impl Shared {
    pub fn new() -> Shared {
        Shared { postgres: OnceCell::new() }
    }

    /// The URL of a PostgreSQL on which tests may create databases.
    pub fn postgres(&self) -> Result<String> {
        if let Ok(url) = std::env::var(POSTGRES) {
            println!("using the PostgreSQL of {POSTGRES}");
            return Ok(url);
        }
        let started = self.postgres.get_or_init(|| {
            let postgres = Postgres::start().map_err(|e| format!("{e:#}"))?;
            println!("started a private PostgreSQL: {}", postgres.version);
            Ok(postgres)
        });
        started.as_ref().map(|p| p.url.clone()).map_err(|e| anyhow!("{e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_gives_one_seed() {
        assert_eq!(seed_of("00000f4241"), Some(1), "1,000,001 in all");
        assert_eq!(seed_of("797dab9"), None, "too short to be ours");
        assert_ne!(seed_of("797dab9fff"), seed_of("797dab9ffe"));
    }
}
