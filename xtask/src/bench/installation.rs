//! The program with a data directory of its own, as the benches run it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// What the benches call their connection.
pub const LABEL: &str = "bench";

/// The program to measure: the one given, or a release build.
pub fn binary(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(binary) = given {
        return Ok(binary.to_path_buf());
    }
    cargo::run(&mut cargo::command(["build", "--release", "--locked", "--package", "transom"]))?;
    cargo::binary("release")
}

/// The program with this data directory and nothing of the caller's settings.
pub fn transom(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TRANSOM_") {
            command.env_remove(&name);
        }
    }
    command.env("TRANSOM_DATA_DIR", data).env("TRANSOM_ALLOW_LOOPBACK", "1");
    command
}

/// Connects the simulator at `origin`, in a data directory where nothing is connected.
pub fn connect(binary: &Path, data: &Path, origin: &str, token: &str) -> Result<()> {
    std::fs::create_dir_all(data)?;
    let mut connect = transom(binary, data);
    connect.args(["org", "connect", "--domain", origin, "--label", LABEL, "--token-stdin", "--json"]);
    let mut child = connect.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let mut stdin = child.stdin.take().context("a pipe for the token")?;
    writeln!(stdin, "{token}")?;
    drop(stdin);
    let connected = child.wait()?;
    // 1 is "done, but partial": the least-privilege token is not shown everything.
    if !matches!(connected.code(), Some(0 | 1)) {
        bail!("`transom org connect` ended with {connected}");
    }
    Ok(())
}
