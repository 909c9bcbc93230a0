//! What every crate's Cargo.toml must say, and one integration-test binary per crate (each costs a link).

use super::Finding;
use crate::repo::Repo;

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.files.iter().filter(|f| f.path.ends_with("/Cargo.toml")) {
        if !takes_workspace_lints(&file.text) {
            let message = "does not take the workspace's lints: add `[lints]` with `workspace = true`";
            found.push(Finding::error(&file.path, message));
        }
    }
    for package in repo.ours() {
        for name in package.tests.iter().filter(|t| *t != "it") {
            let message =
                format!("test binary `{name}`: make it a module of tests/it/main.rs, the crate's only one");
            found.push(Finding::error(&package.name, message));
        }
    }
    found
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|l| *l != "[lints]").skip(1);
    lines.find(|l| !l.is_empty() && !l.starts_with('#')) == Some("workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_lints_is_found() {
        let good = "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n";
        let bare = "[package]\nname = \"b\"\n";
        let own = "[lints]\nrust = {}\n";
        let repo = Repo::of_files(&[("a/Cargo.toml", good), ("b/Cargo.toml", bare), ("c/Cargo.toml", own)]);
        let places: Vec<String> = look(&repo).into_iter().map(|f| f.place).collect();
        assert_eq!(places, ["b/Cargo.toml", "c/Cargo.toml"]);
    }
}
