//! Names that say nothing about what is inside gather everything.

use super::Finding;
use crate::repo::Repo;

const BANNED: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services", "misc"];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.rust() {
        for part in file.path.trim_end_matches(".rs").split('/').filter(|p| BANNED.contains(p)) {
            found.push(Finding::error(
                &file.path,
                format!("`{part}` says nothing: name it after what it holds"),
            ));
        }
        for (number, line) in file.text.lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
            let declared = words.find(|w| !matches!(*w, "pub" | "crate" | "super")) == Some("mod");
            if let Some(name) = words.next().filter(|n| declared && BANNED.contains(n)) {
                let place = format!("{}:{}", file.path, number + 1);
                found.push(Finding::error(
                    place,
                    format!("module `{name}` says nothing: name it after what it holds"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_declarations_are_found() {
        let inline = "use x;\npub(crate) mod helpers {\n}\n";
        let innocent = "// a mod common to all\nlet service = mod_common();\nmod commons;\n";
        let repo =
            Repo::of_files(&[("a/src/utils.rs", ""), ("a/src/lib.rs", inline), ("b/src/lib.rs", innocent)]);
        let places: Vec<String> = look(&repo).into_iter().map(|f| f.place).collect();
        assert_eq!(places, ["a/src/utils.rs", "a/src/lib.rs:2"]);
    }
}
