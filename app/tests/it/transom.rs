//! Running the binary: what it is given, and what came out of it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::plain::plain;

/// No command of these tests takes a minute; one that hangs must not hold the CI.
const PATIENCE: Duration = Duration::from_secs(120);

/// A command line being put together. It inherits nothing of our environment but PATH.
pub struct Transom {
    command: Command,
    input: String,
    /// Texts that differ from run to run, and what stands for them in a snapshot.
    known: Vec<(String, &'static str)>,
}

impl Transom {
    /// `transom --data-dir DIR ARGS…`
    pub fn new<S: AsRef<OsStr>>(data_dir: &Path, args: impl IntoIterator<Item = S>) -> Self {
        Self::launched_by(&[], data_dir, args)
    }

    /// The same, started by another program such as `setpriv …`.
    pub fn launched_by<S: AsRef<OsStr>>(
        launcher: &[&str],
        data_dir: &Path,
        args: impl IntoIterator<Item = S>,
    ) -> Self {
        let binary = env!("CARGO_BIN_EXE_transom");
        let mut words = launcher.iter().copied().chain([binary]);
        let mut command = Command::new(words.next().unwrap_or(binary));
        command.args(words).args(args).env_clear();
        command.env("TRANSOM_DATA_DIR", data_dir).env("HOME", data_dir).env("USER", "tester");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self { command, input: String::new(), known: vec![(data_dir.display().to_string(), "DATA")] }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads on standard input.
    pub fn input(mut self, text: &str) -> Self {
        self.input = text.to_owned();
        self
    }

    /// Names a text that differs from run to run.
    pub fn known(mut self, text: impl Into<String>, name: &'static str) -> Self {
        self.known.push((text.into(), name));
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Ran {
        self.start().wait()
    }

    /// Starts it.
    pub fn start(mut self) -> Started {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary starts");
        // A program that fails before it reads closes the pipe: no fault of the test.
        let _ = child.stdin.take().expect("a pipe").write_all(self.input.as_bytes());
        let out = drain(child.stdout.take().expect("a pipe"));
        let err = drain(child.stderr.take().expect("a pipe"));
        Started { child, out, err, known: self.known }
    }
}

fn drain(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A running command.
pub struct Started {
    child: Child,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
    known: Vec<(String, &'static str)>,
}

impl Started {
    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let pid = self.child.id().to_string();
        let (done, ended) = mpsc::channel::<()>();
        let watchdog = std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE).is_err() {
                let _ = Command::new("kill").args(["-9", &pid]).status();
            }
        });
        let status = self.child.wait().expect("its end");
        let _ = done.send(());
        watchdog.join().expect("the watchdog");
        self.ran(status)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends what Ctrl-C sends.
    pub fn interrupt(&self) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|s| s.success()), "the signal was sent");
    }

    /// `kill -9` after `wait`; says whether it was still running then.
    pub fn kill_after(mut self, wait: Duration) -> (bool, Ran) {
        std::thread::sleep(wait);
        let killed = matches!(self.child.try_wait(), Ok(None));
        let _ = self.child.kill();
        let status = self.child.wait().expect("its end");
        (killed, self.ran(status))
    }

    fn ran(self, status: ExitStatus) -> Ran {
        let out = self.out.join().expect("standard output");
        let err = self.err.join().expect("standard error");
        // A signal has no code; no command ends in one by itself.
        Ran { code: status.code().unwrap_or(-1), out, err, known: self.known }
    }
}

/// What came out.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    known: Vec<(String, &'static str)>,
}

impl Ran {
    /// Itself, where it exited with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON: exactly one document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("not one JSON document ({e}): {}", self.out))
    }

    /// What a person sees, for a snapshot: exit code, then both outputs.
    pub fn told(&self) -> String {
        let mut told = format!("exit code {}\n", self.code);
        for (name, text) in [("standard output", &self.out), ("standard error", &self.err)] {
            if !text.trim().is_empty() {
                told.push_str(&format!("--- {name}\n{}\n", self.readable(text)));
            }
        }
        told
    }

    /// A text of it with everything taken out that differs from run to run.
    pub fn readable(&self, text: &str) -> String {
        let mut text = text.trim_matches('\n').to_owned();
        for (known, name) in &self.known {
            text = text.replace(known.as_str(), name);
        }
        plain(&text)
    }

    /// Whether any output holds `text`.
    pub fn holds(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }
}
