//! Nothing of one machine: no home folders, no private registries.

use super::Finding;
use crate::repo::Repo;

/// Written in two halves, so that this file does not hold them.
const HOMES: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Use", "rs/"), concat!("C:\\Use", "rs\\")];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &repo.files {
        for (number, line) in file.text.lines().enumerate() {
            let place = || format!("{}:{}", file.path, number + 1);
            let paths = HOMES.iter().copied().chain(repo.machine.iter().map(String::as_str));
            for path in paths.filter(|p| names_path(line, p)) {
                found.push(Finding::error(place(), format!("holds `{path}`, a path of one machine")));
            }
            if let Some(host) = foreign_registry(&file.path, line) {
                found.push(Finding::error(
                    place(),
                    format!("takes packages from {host}: only the public registries"),
                ));
            }
        }
    }
    found
}

/// A path at the start of a word: SCIM's `/scim/v2/Users/` is none.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '}' | '*'))
    })
}

/// The place a lock file or a package manager's settings take packages from, when it is not the public one.
fn foreign_registry<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let line = line.trim();
    match name {
        "Cargo.lock" => {
            let source = line.strip_prefix("source = ")?;
            (!source.contains("https://github.com/rust-lang/crates.io-index")).then_some(source)
        }
        "package-lock.json" => {
            let resolved = line.strip_prefix("\"resolved\": ")?;
            (!resolved.starts_with("\"https://registry.npmjs.org/")).then_some(resolved)
        }
        ".npmrc" => line.contains("registry=http").then_some(line),
        "config.toml" if path.contains(".cargo/") => {
            (line.starts_with("[source") || line.starts_with("[registr")).then_some(line)
        }
        _ if name.ends_with(".txt") || name.ends_with(".toml") || name.ends_with(".cfg") => {
            ["--index-url", "--extra-index-url", "index-url =", "--find-links"]
                .iter()
                .any(|w| line.starts_with(w))
                .then_some(line)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folders_are_found_and_routes_are_not() {
        let bad = format!("cd {}ann/src", HOMES[0]);
        let good = format!("GET /scim/v2{}0oa1\nfn home() {{}}", HOMES[2]);
        let repo = Repo::of_files(&[("bad.md", &bad), ("good.md", &good)]);
        let places: Vec<String> = look(&repo).into_iter().map(|f| f.place).collect();
        assert_eq!(places, ["bad.md:1"]);
    }

    #[test]
    fn this_machine_is_found() {
        let mut repo = Repo::of_files(&[("a.md", "see /srv/checkout/x")]);
        assert!(look(&repo).is_empty());
        repo.machine = vec!["/srv/checkout".into()];
        assert_eq!(look(&repo).len(), 1);
    }

    #[test]
    fn only_public_registries() {
        let lock = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nsource = \"git+https://x.test/y\"";
        let npm = "\"resolved\": \"https://registry.npmjs.org/a\",\n\"resolved\": \"https://mirror.test/a\",";
        let pip = "okta==1.0\n--index-url https://mirror.test/simple";
        let repo = Repo::of_files(&[
            ("Cargo.lock", lock),
            ("e/package-lock.json", npm),
            ("p/requirements.txt", pip),
        ]);
        let places: Vec<String> = look(&repo).into_iter().map(|f| f.place).collect();
        assert_eq!(places, ["Cargo.lock:2", "e/package-lock.json:2", "p/requirements.txt:2"]);
    }
}
