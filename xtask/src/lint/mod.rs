//! Our own rules, one file each. A lint looks at the [`Repo`] and returns what it found.
//!
//! `cargo xtask lint` and the plain tests of this crate call the same functions. None of them needs the network.

mod bans;
mod duplicates;
mod file_size;
mod layering;
mod licences;
mod manifests;
mod module_names;
mod words;

use anyhow::Result;

use crate::repo::Repo;

/// One thing a lint has to say.
#[derive(Debug)]
pub struct Finding {
    /// A file, `file:line`, or a crate.
    pub place: String,
    pub message: String,
    /// Printed, but not a failure.
    pub advice: bool,
}

impl Finding {
    fn error(place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding { place: place.into(), message: message.into(), advice: false }
    }

    fn advice(place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding { advice: true, ..Finding::error(place, message) }
    }
}

struct Lint {
    name: &'static str,
    what: &'static str,
    look: fn(&Repo) -> Vec<Finding>,
}

const LINTS: &[Lint] = &[
    Lint { name: "layering", what: "which crate may use which", look: layering::look },
    Lint { name: "manifests", what: "every crate takes the workspace's lints", look: manifests::look },
    Lint { name: "file-size", what: "300 lines are the aim, 800 the wall", look: file_size::look },
    Lint { name: "module-names", what: "a name says what is inside", look: module_names::look },
    Lint { name: "bans", what: "crates we decided against", look: bans::look },
    Lint { name: "licences", what: "every package's licence is on the list", look: licences::look },
    Lint { name: "duplicates", what: "heavy crates come in one version", look: duplicates::look },
    Lint { name: "words", what: "nothing of one machine in the files", look: words::look },
];

/// `cargo xtask lint`: true when nothing but advice was found.
pub fn command(args: &[&str]) -> Result<bool> {
    crate::no_arguments("lint", args)?;
    run()
}

/// Prints every finding; true when none is an error.
pub fn run() -> Result<bool> {
    let repo = Repo::load()?;
    let mut clean = true;
    for lint in LINTS {
        let found = (lint.look)(&repo);
        let errors = found.iter().filter(|f| !f.advice).count();
        clean &= errors == 0;
        let verdict = if errors == 0 { "ok".to_string() } else { format!("{errors} found") };
        println!("{:<14}{:<44}{verdict}", lint.name, lint.what);
        for finding in found {
            let mark = if finding.advice { "advice" } else { "error" };
            println!("  {mark}: {}: {}", finding.place, finding.message);
        }
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lints themselves, so that plain `cargo test` finds what `cargo xtask lint` would.
    #[test]
    fn the_repository_is_clean() {
        let repo = Repo::load().expect("git and cargo metadata");
        let errors: Vec<String> = LINTS
            .iter()
            .flat_map(|lint| (lint.look)(&repo).into_iter().map(move |f| (lint.name, f)))
            .filter(|(_, f)| !f.advice)
            .map(|(name, f)| format!("{name}: {}: {}", f.place, f.message))
            .collect();
        assert!(errors.is_empty(), "\n{}\n", errors.join("\n"));
    }
}
