//! The first thing a newcomer does, done by a machine: `transom demo`, from an empty directory to a synced org.

use std::process::{Command, Stdio};

use anyhow::Result;

use super::ring::{self, Outcome};
use crate::cargo;
use crate::guard::Scratch;

pub fn run() -> Result<Outcome> {
    let binary = cargo::binary("debug")?;
    let help = Command::new(&binary).args(["demo", "--help"]).stdin(Stdio::null()).output()?;
    if !String::from_utf8_lossy(&help.stdout).contains("--once") {
        return Ok(Outcome::Skipped("this `transom` has no `demo --once` yet".into()));
    }
    let scratch = Scratch::new("smoke")?;
    let mut demo = Command::new(&binary);
    demo.args(["demo", "--users", "60", "--once"]).stdin(Stdio::null());
    ring::run(demo.env("TRANSOM_DATA_DIR", scratch.path()).env_remove("TRANSOM_DATABASE"))
}
