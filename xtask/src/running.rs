//! `transom sim` and `transom serve` as processes of their own: for the rings with other people's clients, and for the benches.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::guard::Guard;

/// A program that serves; stopped when dropped, or when we die.
pub struct Running {
    /// The JSON line it printed first: its origin, and of a simulator a token per kind of owner.
    pub hello: Value,
    child: Child,
    /// Kept open: a process that prints into a closed pipe dies of it.
    _output: BufReader<std::process::ChildStdout>,
    _guard: Guard,
}

impl Running {
    /// Starts `BINARY sim ARGS…` and waits for its first line.
    pub fn simulator<S: AsRef<std::ffi::OsStr>>(
        binary: &Path,
        args: impl IntoIterator<Item = S>,
    ) -> Result<Running> {
        let mut command = Command::new(binary);
        command.arg("sim").args(args);
        Running::start(&mut command)
    }

    /// Starts a command that serves and waits for its first line.
    pub fn start(command: &mut Command) -> Result<Running> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let guard = Guard::new(r#"kill "$1""#, [child.id().to_string()])?;
        let mut output = BufReader::new(child.stdout.take().context("its output is a pipe")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let hello = serde_json::from_str(&line)
            .with_context(|| format!("{command:?} prints one JSON line first; it printed {line:?}"))?;
        Ok(Running { hello, child, _output: output, _guard: guard })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> Result<&str> {
        self.hello["origin"].as_str().context("the first line has no `origin`")
    }

    /// The token of one kind of owner: `super_admin`, `read_only_custom`, `read_only`, `no_role`.
    pub fn token(&self, owner: &str) -> Result<&str> {
        let token = self.hello["tokens"][owner].as_str();
        token.with_context(|| format!("the simulator's first line has no token of `{owner}`"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
