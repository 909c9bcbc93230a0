//! Every package we build must come under a licence on the list: permissive, and compatible with Apache-2.0.

use super::Finding;
use crate::repo::Repo;

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // The data of webpki-roots: Mozilla's list of certificate authorities.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &repo.packages {
        let place = format!("{} {}", package.name, package.version);
        match package.license.as_deref() {
            None => found.push(Finding::error(place, "names no licence in its Cargo.toml")),
            Some(expression) => match permitted(expression) {
                Some(true) => {}
                Some(false) => {
                    found.push(Finding::error(place, format!("licence `{expression}` is not on the list")))
                }
                None => found.push(Finding::error(place, format!("`{expression}` is no SPDX expression"))),
            },
        }
    }
    found
}

/// Whether one may use it under the allowed licences alone; None when the expression cannot be read.
fn permitted(expression: &str) -> Option<bool> {
    // Before SPDX expressions, crates wrote `MIT/Apache-2.0`.
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any(&mut rest)?;
    rest.is_empty().then_some(verdict)
}

/// `all OR all OR …`: OR binds loosest.
fn any(words: &mut &[&str]) -> Option<bool> {
    let mut verdict = all(words)?;
    while take(words, "OR") {
        verdict |= all(words)?;
    }
    Some(verdict)
}

/// `one AND one AND …`
fn all(words: &mut &[&str]) -> Option<bool> {
    let mut verdict = one(words)?;
    while take(words, "AND") {
        verdict &= one(words)?;
    }
    Some(verdict)
}

/// `( any )`, `ID`, or `ID WITH EXCEPTION`
fn one(words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let verdict = any(words)?;
        return take(words, ")").then_some(verdict);
    }
    let id = next(words)?;
    if matches!(id, "AND" | "OR" | "WITH" | ")") {
        return None;
    }
    if take(words, "WITH") {
        let exception = next(words)?;
        // An exception only ever adds permissions, so the plain licence is enough.
        return Some(ALLOWED.contains(&format!("{id} WITH {exception}").as_str()) || ALLOWED.contains(&id));
    }
    Some(ALLOWED.contains(&id))
}

fn next<'a>(words: &mut &[&'a str]) -> Option<&'a str> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    Some(first)
}

fn take(words: &mut &[&str], word: &str) -> bool {
    let there = words.first() == Some(&word);
    if there {
        *words = &words[1..];
    }
    there
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_evaluated() {
        for (expression, expected) in [
            ("MIT", Some(true)),
            ("GPL-3.0-only", Some(false)),
            ("MIT OR GPL-3.0-only", Some(true)),
            ("MIT AND GPL-3.0-only", Some(false)),
            ("GPL-3.0-only/MIT", Some(true)),
            ("Apache-2.0 WITH LLVM-exception OR MIT", Some(true)),
            ("GPL-2.0-only WITH Classpath-exception-2.0", Some(false)),
            ("(GPL-3.0-only OR MIT) AND ISC", Some(true)),
            // AND binds tighter than OR.
            ("MIT OR GPL-3.0-only AND GPL-2.0-only", Some(true)),
            ("(MIT OR ISC", None),
            ("MIT ISC", None),
            ("OR MIT", None),
            ("", None),
        ] {
            assert_eq!(permitted(expression), expected, "{expression}");
        }
    }
}
