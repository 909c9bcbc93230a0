//! Other people's software against ours: a folder in `tests/peers` is a ring, nothing else to register.
//!
//! - `requirements.txt` + `run.py`: the requirements go into a virtual environment, then `run.py` runs in it;
//! - `package.json` + `package-lock.json` + `run.mjs`: `npm ci` in a copy of the folder, then `node run.mjs`.
//!
//! A script gets the built program in `TRANSOM_BIN`, a running simulator's first line (JSON: origin and tokens) in
//! `TRANSOM_SIM`, and an empty directory of its own as the working directory. It ends with 0 when all is well.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::ring::{self, Outcome};
use crate::cargo;
use crate::guard::Scratch;
use crate::simulator::Simulator;

pub struct Peer {
    pub name: String,
    folder: PathBuf,
}

/// The folders of `tests/peers`, by name.
pub fn all() -> Result<Vec<Peer>> {
    let Ok(entries) = std::fs::read_dir(cargo::root().join("tests/peers")) else { return Ok(Vec::new()) };
    let mut peers = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            peers.push(Peer { name: entry.file_name().to_string_lossy().into_owned(), folder: entry.path() });
        }
    }
    peers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(peers)
}

impl Peer {
    pub fn run(&self) -> Result<Outcome> {
        // Kept between runs, so that only the first one downloads.
        let kept = cargo::Metadata::load()?.target.join("peers").join(&self.name);
        std::fs::create_dir_all(&kept)?;
        let mut script = if self.folder.join("run.py").is_file() {
            self.python(&kept)?
        } else if self.folder.join("run.mjs").is_file() {
            self.node(&kept)?
        } else {
            bail!("tests/peers/{} holds neither run.py nor run.mjs", self.name);
        };
        let binary = cargo::binary("debug")?;
        let simulator = Simulator::start(&binary, ["--users", "250", "--limits", "off"])?;
        let scratch = Scratch::new(&format!("peer-{}", self.name))?;
        script.current_dir(scratch.path()).stdin(Stdio::null());
        ring::run(script.env("TRANSOM_BIN", &binary).env("TRANSOM_SIM", simulator.hello.to_string()))
    }

    fn python(&self, kept: &Path) -> Result<Command> {
        let venv = kept.join("venv");
        let python = venv.join("bin/python");
        if !python.is_file() {
            let mut make = Command::new("python3");
            cargo::run(make.args(["-m", "venv"]).arg(&venv))
                .context("this ring needs python3 with its venv module")?;
        }
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        cargo::run(install.arg(self.folder.join("requirements.txt")).stdin(Stdio::null()))?;
        let mut script = Command::new(python);
        script.arg(self.folder.join("run.py"));
        Ok(script)
    }

    fn node(&self, kept: &Path) -> Result<Command> {
        // A copy, so that node finds its modules beside the script and none of them lands in the checkout.
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                std::fs::copy(entry.path(), kept.join(entry.file_name()))?;
            }
        }
        let mut install = Command::new("npm");
        install
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(kept)
            .stdin(Stdio::null());
        cargo::run(&mut install).context("this ring needs node and npm")?;
        let mut script = Command::new("node");
        script.arg(kept.join("run.mjs"));
        Ok(script)
    }
}
