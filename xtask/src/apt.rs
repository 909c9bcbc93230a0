//! Installing what a ring needs, where that takes no question: as root on Debian.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{output, run};

/// Whether [`install`] may be called here.
pub fn is_ours() -> Result<bool> {
    Ok(is_root()? && on_path("apt-get"))
}

/// Installs a package of Debian's, without those it merely recommends.
pub fn install(package: &str) -> Result<()> {
    println!("{package} is missing: installing it with apt-get");
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends", package];
    run(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Whether a program is found by its name.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// Whether we may do anything here.
pub fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}
