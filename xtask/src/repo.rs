//! What the lints look at, read once.

use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{self, Metadata, Package};

/// A file that git tracks, or would track (new and not ignored).
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

/// The repository as the lints see it. Tests build small ones by hand.
pub struct Repo {
    /// Text files; binary ones are left out.
    pub files: Vec<File>,
    pub packages: Vec<Package>,
    /// Name and version of what ends up in our binaries.
    pub shipped: Vec<(String, String)>,
    /// The same with what only tests use.
    pub built: Vec<(String, String)>,
    /// Paths and names of this machine, which no file may hold.
    pub machine: Vec<String>,
}

impl Repo {
    pub fn load() -> Result<Repo> {
        Ok(Repo {
            files: files()?,
            packages: Metadata::load()?.packages,
            shipped: cargo::tree("normal,build")?,
            built: cargo::tree("normal,build,dev")?,
            machine: machine(),
        })
    }

    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.ours)
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.path.ends_with(".rs"))
    }

    #[cfg(test)]
    pub fn of_files(files: &[(&str, &str)]) -> Repo {
        let file = |(path, text): &(&str, &str)| File { path: path.to_string(), text: text.to_string() };
        Repo {
            files: files.iter().map(file).collect(),
            packages: Vec::new(),
            shipped: Vec::new(),
            built: Vec::new(),
            machine: Vec::new(),
        }
    }
}

fn files() -> Result<Vec<File>> {
    let root = cargo::root();
    let mut git = Command::new("git");
    git.current_dir(&root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names =
        cargo::output(&mut git).context("the lints look at what git tracks, so they need git and a clone")?;
    let mut files = Vec::new();
    for path in names.split_terminator('\0') {
        match std::fs::read(root.join(path)) {
            Ok(bytes) => {
                if let Ok(text) = String::from_utf8(bytes) {
                    files.push(File { path: path.to_string(), text });
                }
            }
            // Deleted in the working copy and not yet in the index; or a link to a folder.
            Err(_) => continue,
        }
    }
    Ok(files)
}

/// Found at run time, so that the lint itself does not name them.
fn machine() -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let root = cargo::root().display().to_string();
    // With the slash at the end, so that `/srv` does not forbid `/srv_name`; very short ones match too much.
    [home, root].into_iter().filter(|p| p.len() >= 5).map(|p| p + "/").collect()
}
