//! Cleaning up however we go: at the end, on a panic, on Ctrl-C, on `kill -9`.
//!
//! Rust's standard library has no signal handlers, and no handler runs on SIGKILL anyway. So a small shell waits
//! beside us, reading a pipe whose other end only we hold. When we are gone, for whatever reason, the kernel closes
//! the pipe and the shell undoes what we did. The ordinary end takes the same road, so that it is always tested.

use std::ffi::OsStr;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

/// Runs its shell script when dropped, or when this process ends in any other way.
pub struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    /// `undo` is a POSIX shell script; `args` are its `$1`, `$2`, … (never pasted into the text).
    pub fn new<A: AsRef<OsStr>>(undo: &str, args: impl IntoIterator<Item = A>) -> Result<Guard> {
        let script = format!("trap '' HUP INT TERM; read -r _ || :\n{undo}");
        let mut shell = Command::new("sh")
            .args(["-c", &script, "guard"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the clean-up shell `sh`")?;
        let pipe = shell.stdin.take();
        Ok(Guard { shell, pipe })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // The script's own result does not matter: what it removes may be gone already.
        let _ = self.shell.wait();
    }
}

/// A new directory of our own, removed with everything in it when dropped or when the process dies.
pub struct Scratch {
    path: std::path::PathBuf,
    _guard: Guard,
}

impl Scratch {
    /// Makes `transom-NAME-PID-N` under `parent`.
    pub fn new_in(parent: &std::path::Path, name: &str) -> Result<Scratch> {
        let pid = std::process::id();
        for n in 0..1000 {
            let path = parent.join(format!("transom-{name}-{pid}-{n}"));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    let guard = Guard::new(r#"rm -rf -- "$1""#, [&path])?;
                    return Ok(Scratch { path, _guard: guard });
                }
                // Left by an earlier process with our id: take the next number.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("making {}", path.display())),
            }
        }
        anyhow::bail!("{} is full of directories transom-{name}-{pid}-*: remove them", parent.display())
    }

    /// The same in the system's temporary directory.
    pub fn new(name: &str) -> Result<Scratch> {
        Scratch::new_in(&std::env::temp_dir(), name)
    }

    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_is_removed_when_dropped() {
        let scratch = Scratch::new("guard-test").expect("a scratch directory");
        let path = scratch.path().to_path_buf();
        std::fs::write(path.join("file"), "x").expect("a file in it");
        drop(scratch);
        assert!(!path.exists(), "{} is still there", path.display());
    }

    #[test]
    fn two_scratches_do_not_meet() {
        let one = Scratch::new("guard-two").expect("first");
        let two = Scratch::new("guard-two").expect("second");
        assert_ne!(one.path(), two.path());
    }

    #[test]
    fn arguments_reach_the_script_unharmed() {
        let scratch = Scratch::new("guard-args").expect("a scratch directory");
        let odd = scratch.path().join("a name; with $(odd) 'signs'");
        drop(Guard::new(r#": > "$1""#, [&odd]).expect("a guard"));
        assert!(odd.exists());
    }
}
