//! What a copy takes on disk: SQLite's file, table by table where the machine has an `sqlite3` that can say so.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

pub struct Disk {
    /// The database file and its log.
    pub bytes: u64,
    pub objects: u64,
    pub edges: u64,
    /// Tables with their indexes, largest first; empty where nothing could be asked.
    pub tables: Vec<(String, u64)>,
}

/// Objects' own tables; the others that grow with an org are edges'.
const OF_OBJECTS: &[&str] = &["entity", "facet", "facet_id", "term", "term_id", "entity_version"];
const OF_EDGES: &[&str] = &["edge", "edge_late", "edge_doc", "edge_change"];

impl Disk {
    /// Measures the copy in a data directory; `said` is what the sync printed.
    pub fn of(data: &Path, said: &Value) -> Result<Disk> {
        let file = data.join("transom.db");
        let size = |path: &Path| std::fs::metadata(path).map(|m| m.len()).unwrap_or(0);
        let bytes = std::fs::metadata(&file).with_context(|| format!("reading {}", file.display()))?.len();
        let sum = |what: &str| {
            let rows = said["summary"][what].as_array().into_iter().flatten();
            rows.filter_map(|row| row[1].as_u64()).sum()
        };
        Ok(Disk {
            bytes: bytes + size(&data.join("transom.db-wal")),
            objects: sum("objects"),
            edges: sum("edges"),
            tables: tables(&file).unwrap_or_default(),
        })
    }

    fn sum(&self, names: &[&str]) -> u64 {
        self.tables.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, bytes)| bytes).sum()
    }

    /// Bytes for each object and for each edge, where the tables are known.
    pub fn each(&self) -> Option<(f64, f64)> {
        let ratio = |bytes: u64, count: u64| bytes as f64 / count.max(1) as f64;
        let known = !self.tables.is_empty();
        known.then(|| (ratio(self.sum(OF_OBJECTS), self.objects), ratio(self.sum(OF_EDGES), self.edges)))
    }

    pub fn json(&self) -> Value {
        json!({
            "bytes": self.bytes, "objects": self.objects, "edges": self.edges, "tables": self.tables,
            "bytes_per_object": self.each().map(|e| e.0), "bytes_per_edge": self.each().map(|e| e.1),
        })
    }
}

/// Asks `sqlite3` for the pages of each table; none without it, or when it was built without `dbstat`.
fn tables(file: &Path) -> Option<Vec<(String, u64)>> {
    let query = "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name \
                 GROUP BY 1 ORDER BY 2 DESC";
    let output =
        Command::new("sqlite3").args(["-readonly", "-separator", " "]).arg(file).arg(query).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    let row = |line: &str| {
        let (name, bytes) = line.rsplit_once(' ')?;
        Some((name.to_string(), bytes.parse().ok()?))
    };
    text.lines().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shared_out() {
        let tables = vec![("entity".to_string(), 800), ("facet".to_string(), 200), ("edge".to_string(), 90)];
        let disk = Disk { bytes: 1_200, objects: 10, edges: 3, tables };
        assert_eq!(disk.each(), Some((100.0, 30.0)));
        assert_eq!(Disk { tables: Vec::new(), ..disk }.each(), None);
    }
}
