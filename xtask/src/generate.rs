//! Reference pages made from the code's own declarations, so that they cannot fall behind it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::cargo;

/// One generated file and what prints it.
struct Page {
    /// From the root.
    file: &'static str,
    /// Arguments of the `transom` binary; its standard output is the file.
    command: &'static [&'static str],
}

/// To generate another file, add a row.
const PAGES: &[Page] = &[
    Page { file: "docs/reference/kinds.md", command: &["docs", "kinds"] },
    Page { file: "docs/reference/coverage.md", command: &["docs", "coverage"] },
    Page { file: "docs/reference/coverage.json", command: &["docs", "manifest"] },
    Page { file: "docs/reference/sql.md", command: &["docs", "sql"] },
    Page { file: "docs/reference/openapi.json", command: &["docs", "openapi"] },
    Page { file: "docs/reference/cli.md", command: &["docs", "cli"] },
];

/// `cargo xtask gen [--check]`: true when every file is (now) as the code says.
pub fn command(args: &[&str]) -> Result<bool> {
    let check = match args {
        [] => false,
        ["--check"] => true,
        [other, ..] => return Err(crate::usage(format!("`gen` takes no argument `{other}`"))),
    };
    if PAGES.is_empty() {
        println!("no page is generated yet: the table in xtask/src/generate.rs is empty");
        return Ok(true);
    }
    cargo::run(&mut cargo::command(["build", "--locked", "--package", "transom"]))?;
    let binary = cargo::binary("debug")?;
    let mut current = true;
    for page in PAGES {
        current &= one(page, &binary, check)?;
    }
    Ok(current)
}

/// Whether there is anything to check: a ring over an empty table would pass for nothing.
pub fn is_empty() -> bool {
    PAGES.is_empty()
}

fn one(page: &Page, binary: &Path, check: bool) -> Result<bool> {
    let path = cargo::root().join(page.file);
    let mut command = Command::new(binary);
    // The pages must not depend on who makes them.
    command.args(page.command).stdin(Stdio::null()).env_clear().env("TZ", "UTC").env("COLUMNS", "100");
    let fresh = cargo::output(&mut command).with_context(|| format!("generating {}", page.file))?;
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    if old == fresh {
        return Ok(true);
    }
    if check {
        println!("{} is not what the code says: {}", page.file, first_difference(&old, &fresh));
        println!("run `cargo xtask gen` and commit it");
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, fresh).with_context(|| format!("writing {}", page.file))?;
    println!("wrote {}", page.file);
    Ok(true)
}

fn first_difference(old: &str, fresh: &str) -> String {
    let pairs = old.lines().zip(fresh.lines()).enumerate();
    match pairs.into_iter().find(|(_, (a, b))| a != b) {
        Some((n, (a, b))) => format!("line {}: there `{a}`, generated `{b}`", n + 1),
        None => format!("there {} lines, generated {}", old.lines().count(), fresh.lines().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), "line 2: there `b`, generated `c`");
        assert_eq!(first_difference("a\n", "a\nb\n"), "there 1 lines, generated 2");
    }
}
