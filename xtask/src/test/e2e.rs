//! The web app as a person meets it: `tests/e2e` drives Chromium through it, and takes its pictures.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::peers::Peer;
use super::ring::Outcome;
use crate::{apt, cargo};

/// Names under which Chromium is installed.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The caller's own browser.
const CHROMIUM: &str = "TRANSOM_CHROMIUM";

/// The story, with everything that is looked at on the way.
pub fn run() -> Result<Outcome> {
    drive("debug", &["--users", "120", "--limits", "off"], &[])
}

/// Pictures of every page, of the optimised program with an org of 10,000 users, in `folder`.
pub fn shots(folder: &Path) -> Result<Outcome> {
    drive("release", &["--size", "r10k", "--limits", "off"], &[Path::new("--shots"), folder])
}

fn drive(profile: &str, simulator: &[&str], args: &[&Path]) -> Result<Outcome> {
    let Some(chromium) = chromium()? else {
        return Ok(Outcome::Skipped(format!(
            "there is no Chromium; install one, or name it in {CHROMIUM} (Debian: apt-get install chromium)"
        )));
    };
    let script = Peer::at("e2e", cargo::root().join("tests/e2e"));
    script.run_with(profile, simulator, |command| {
        command.args(args).env(CHROMIUM, chromium);
    })
}

/// The browser: the caller's, the one installed, or, as root on Debian, one that is installed now.
fn chromium() -> Result<Option<PathBuf>> {
    if let Some(given) = std::env::var_os(CHROMIUM) {
        return Ok(Some(given.into()));
    }
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if !apt::is_ours()? {
        return Ok(None);
    }
    apt::install("chromium")?;
    Ok(Some(find().context("apt-get installed chromium, but it is not in PATH")?))
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}
