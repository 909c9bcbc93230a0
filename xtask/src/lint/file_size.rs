//! A file one can read at a sitting. Tables of data are exempt, and say so.

use super::Finding;
use crate::repo::Repo;

const AIM: usize = 300;
const WALL: usize = 800;

/// A file that is a table, not logic, carries this line.
const EXEMPT: &str = "// data table: exempt from the file-size wall";

pub fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.rust() {
        let lines = file.text.lines().count();
        if lines <= AIM || file.text.lines().any(|l| l.trim() == EXEMPT) {
            continue;
        }
        found.push(if lines > WALL {
            Finding::error(
                &file.path,
                format!("{lines} lines; the wall is {WALL}: split it by what its parts do"),
            )
        } else {
            Finding::advice(&file.path, format!("{lines} lines; the aim is {AIM}"))
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aim_wall_and_tables() {
        let (short, long, huge) = ("\n".repeat(AIM), "\n".repeat(AIM + 1), "\n".repeat(WALL + 1));
        let table = format!("{EXEMPT}\n{huge}");
        let repo = Repo::of_files(&[("a.rs", &short), ("b.rs", &long), ("c.rs", &huge), ("d.rs", &table)]);
        let found: Vec<(String, bool)> = look(&repo).into_iter().map(|f| (f.place, f.advice)).collect();
        assert_eq!(found, [("b.rs".to_string(), true), ("c.rs".to_string(), false)]);
    }
}
