//! Other people's software against ours: a folder in `tests/peers` is a ring, nothing else to register.
//!
//! - `requirements.txt` + `run.py`: the requirements go into a virtual environment, then `run.py` runs in it;
//! - `package.json` + `package-lock.json` + `run.mjs`: `npm ci` in a copy of the folder, then `node run.mjs`.
//!
//! A script gets the built program in `TRANSOM_BIN`, a running simulator's first line (JSON: origin and tokens) in
//! `TRANSOM_SIM`, and an empty directory of its own as the working directory. It ends with 0 when all is well, and with
//! 77 when something that it needs is not there; its last line then begins with `SKIPPED` and says what.
//!
//! A registry that can't be reached skips the ring, too: that says nothing about us.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::ring::Outcome;
use crate::cargo;
use crate::guard::Scratch;
use crate::running::Running;

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
    /// A script of ours that is made and started like those of `tests/peers`.
    pub fn at(name: &str, folder: PathBuf) -> Peer {
        Peer { name: name.into(), folder }
    }

    pub fn run(&self) -> Result<Outcome> {
        self.run_with("debug", &["--limits", "off"], |_| ())
    }

    /// Runs it with the program of `profile`, beside a simulator of these arguments; `more` gives the script what else it
    /// takes.
    pub fn run_with(
        &self,
        profile: &str,
        simulator: &[&str],
        more: impl FnOnce(&mut Command),
    ) -> Result<Outcome> {
        // Kept between runs, so that only the first one downloads.
        let kept = cargo::Metadata::load()?.target.join("peers").join(&self.name);
        std::fs::create_dir_all(&kept)?;
        let prepared = if self.folder.join("run.py").is_file() {
            self.python(&kept)?
        } else if self.folder.join("run.mjs").is_file() {
            self.node(&kept)?
        } else {
            bail!("{} holds neither run.py nor run.mjs", self.folder.display());
        };
        let Some(mut script) = prepared else {
            return Ok(Outcome::Skipped("the package registry can't be reached".into()));
        };
        let binary = cargo::binary(profile)?;
        let simulator = Running::simulator(&binary, simulator)?;
        let scratch = Scratch::new(&format!("peer-{}", self.name))?;
        script.current_dir(scratch.path()).stdin(Stdio::null());
        more(&mut script);
        outcome(script.env("TRANSOM_BIN", &binary).env("TRANSOM_SIM", simulator.hello.to_string()))
    }

    /// The script's command, or nothing when the packages could not be asked for.
    fn python(&self, kept: &Path) -> Result<Option<Command>> {
        let venv = kept.join("venv");
        let python = venv.join("bin/python");
        if !python.is_file() {
            let mut make = Command::new("python3");
            cargo::run(make.args(["-m", "venv"]).arg(&venv))
                .context("this ring needs python3 with its venv module")?;
        }
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        // A package may ask for a newer Python than Debian's without using it: the run shows whether it does.
        install.args(["--ignore-requires-python", "--requirement"]).arg(self.folder.join("requirements.txt"));
        if !installed(&mut install)? {
            return Ok(None);
        }
        let mut script = Command::new(python);
        script.arg(self.folder.join("run.py"));
        Ok(Some(script))
    }

    fn node(&self, kept: &Path) -> Result<Option<Command>> {
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
        if !installed(&mut install).context("this ring needs node and npm")? {
            return Ok(None);
        }
        let mut script = Command::new("node");
        script.arg(kept.join("run.mjs"));
        Ok(Some(script))
    }
}

/// Runs an installation. False when the registry can't be reached; any other failure is an error.
fn installed(install: &mut Command) -> Result<bool> {
    let ended = install.stdin(Stdio::null()).output()?;
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    if ended.status.success() {
        return Ok(true);
    }
    print!("{said}");
    if unreachable(&said) {
        return Ok(false);
    }
    bail!("the packages can't be installed ({}); what was said stands above", ended.status)
}

/// Whether a package client's words mean that there was no way to its registry.
fn unreachable(said: &str) -> bool {
    // pip (urllib3's words), then npm (node's error codes).
    [
        "connection broken by",
        "Max retries exceeded",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "ETIMEDOUT",
        "ENETUNREACH",
    ]
    .iter()
    .any(|word| said.contains(word))
}

/// The exit code of a script that could not do its work for want of something (automake's number for it).
const SKIPPED: i32 = 77;

/// Runs a script, passing on what it prints, and reads its exit code.
fn outcome(script: &mut Command) -> Result<Outcome> {
    let mut child = script.stdout(Stdio::piped()).spawn().context("starting the ring's script")?;
    let lines = BufReader::new(child.stdout.take().context("the script's output is a pipe")?).lines();
    let mut last = String::new();
    for line in lines {
        let line = line?;
        println!("{line}");
        std::io::stdout().flush()?;
        last = line;
    }
    let ended = child.wait()?;
    match (ended.code(), last.strip_prefix("SKIPPED")) {
        (Some(0), _) => Ok(Outcome::Passed),
        (Some(SKIPPED), Some(why)) => Ok(Outcome::Skipped(why.trim_start_matches([':', ' ']).to_string())),
        (Some(SKIPPED), None) => bail!("the script ended with 77 and its last line is not `SKIPPED: why`"),
        _ => bail!("the script failed ({ended})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(script: &str) -> Result<Outcome> {
        outcome(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn a_skipped_script_is_neither_passed_nor_failed() {
        assert!(matches!(ending("echo fine"), Ok(Outcome::Passed)));
        let skipped = ending("echo looking; echo 'SKIPPED: there is no moon'; exit 77");
        assert!(matches!(skipped, Ok(Outcome::Skipped(why)) if why == "there is no moon"));
        assert!(ending("exit 77").is_err(), "77 without a reason");
        assert!(ending("echo 'SKIPPED: no'; exit 1").is_err());
    }

    #[test]
    fn only_a_missing_way_to_the_registry_is_forgiven() {
        assert!(unreachable(
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(…"
        ));
        assert!(unreachable("npm error code EAI_AGAIN"));
        assert!(!unreachable("ERROR: No matching distribution found for openhound-okta==99.0.0"));
    }
}
