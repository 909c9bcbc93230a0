//! Heavy crates in two versions are compiled twice. Advice: mostly it is for others to catch up.

use super::Finding;
use crate::repo::Repo;

const HEAVY: &[&str] = &[
    "aws-lc-sys",
    "axum",
    "clap_builder",
    "h2",
    "hyper",
    "jiff",
    "libsqlite3-sys",
    "regex-automata",
    "reqwest",
    "rustls",
    "serde",
    "serde_json",
    "sqlx-core",
    "syn",
    "tokio",
    "zstd-sys",
];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in HEAVY {
        let versions: Vec<&str> =
            repo.built.iter().filter(|(n, _)| n == name).map(|(_, version)| version.as_str()).collect();
        if versions.len() > 1 {
            found.push(Finding::advice(
                *name,
                format!("compiled in {} versions: {}", versions.len(), versions.join(", ")),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_are_told() {
        let mut repo = Repo::of_files(&[]);
        repo.built =
            [("syn", "2.0.1"), ("syn", "3.0.0"), ("h2", "0.4.0")].map(|(n, v)| (n.into(), v.into())).to_vec();
        let found = look(&repo);
        assert_eq!(found.len(), 1);
        assert!(found[0].advice && found[0].message.contains("2.0.1, 3.0.0"), "{found:?}");
    }
}
