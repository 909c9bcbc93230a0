//! A copy of the org: where it is, and what it holds in a form that can be compared.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::transom::Transom;
use crate::world::World;

/// An entity by its name in Okta, and where it is found.
const ENTITY: &str = "e.kind, e.okta_id, p.okta_id, q.okta_id";
const PARENTS: &str = "LEFT JOIN entity p ON p.org = e.org AND p.id = e.parent \
                       LEFT JOIN entity q ON q.org = p.org AND q.id = p.parent";
/// The ends of an edge likewise.
const ENDS: &str = "s.kind, s.okta_id, sp.okta_id, d.kind, d.okta_id, dp.okta_id";
const BOTH: &str = "JOIN entity s ON s.org = x.org AND s.id = x.src \
                    JOIN entity d ON d.org = x.org AND d.id = x.dst \
                    LEFT JOIN entity sp ON sp.org = x.org AND sp.id = s.parent \
                    LEFT JOIN entity dp ON dp.org = x.org AND dp.id = d.parent";

/// Where a copy is kept.
#[derive(Clone, Debug)]
pub struct Place {
    pub data: PathBuf,
    /// URL and master key, where the database is not the one in the data directory.
    pub postgres: Option<(String, String)>,
}

impl Place {
    /// SQLite in a directory.
    pub fn sqlite(data: &Path) -> Self {
        Self { data: data.to_owned(), postgres: None }
    }

    /// What the place is called.
    pub fn name(&self) -> String {
        self.data.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// A command on this copy.
    pub fn transom<'a>(&self, world: &World, args: impl IntoIterator<Item = &'a str>) -> Transom {
        let transom = world.transom_in(&self.data, args);
        match &self.postgres {
            Some((url, key)) => transom.env("TRANSOM_DATABASE", url).env("TRANSOM_MASTER_KEY", key),
            None => transom,
        }
    }

    /// `org connect` of the world's org, as Acme.
    pub fn connect(&self, world: &World, token: &str) {
        let args = ["org", "connect", "--domain", &world.origin, "--label", "Acme", "--token-stdin"];
        self.transom(world, args).input(token).run().exits(0);
    }

    fn rows(&self, world: &World, what: &str, query: &str) -> Vec<String> {
        let answer =
            self.transom(world, ["sql", query, "--limit", "1000000", "--json"]).run().exits(0).json();
        assert_eq!(answer["truncated"], false, "{what}");
        let rows = answer["rows"].as_array().expect("rows");
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{what} {row}")).collect();
        rows.sort();
        rows
    }

    /// Every object as `export` writes it, sorted.
    pub fn objects(&self, world: &World) -> Vec<String> {
        let ran = self.transom(world, ["export", "jsonl"]).run().exits(0);
        let counted = world.faults.is_none();
        let mut lines: Vec<String> = ran.out.lines().map(|line| steady(line, counted).to_string()).collect();
        lines.sort();
        lines
    }

    /// Everything the copy holds but its own numbers and times: what is [`present`](Self::present), and how it came to
    /// be, stubs among it. Nothing may be left over of a run.
    pub fn contents(&self, world: &World) -> Vec<String> {
        let mut all = self.present(world);
        // Of the document without what Okta recounts at every read.
        let hash = self.hex("substr(e.doc_hash, 1, 8)");
        for (what, query) in [
            (
                "stored",
                format!(
                    "SELECT {ENTITY}, e.version, {hash}, CASE WHEN e.removed_at IS NULL THEN 1 ELSE 0 END \
                     FROM entity e {PARENTS}"
                ),
            ),
            (
                "history",
                format!(
                    "SELECT {ENTITY}, v.version FROM entity_version v \
                     JOIN entity e ON e.org = v.org AND e.id = v.id {PARENTS}"
                ),
            ),
            (
                "edge history",
                format!("SELECT x.rel, {ENDS}, x.attr, x.what FROM edge_change x {BOTH} {}", guesses(world)),
            ),
        ] {
            all.extend(self.rows(world, what, &query));
        }
        for left in ["checkpoint", "seen"] {
            assert_eq!(
                self.rows(world, left, &format!("SELECT * FROM {left}")),
                [""; 0],
                "left over of the run"
            );
        }
        assert_eq!(self.rows(world, "run", "SELECT id FROM run WHERE finished IS NULL"), [""; 0]);
        all
    }

    /// What the copy says there is now, however it came to be: objects, edges with their documents, facets, terms,
    /// coverage, records set aside.
    pub fn present(&self, world: &World) -> Vec<String> {
        let mut all = self.objects(world);
        for (what, query) in [
            (
                "entity",
                format!(
                    "SELECT {ENTITY}, e.name, e.login, e.status FROM entity e {PARENTS} \
                     WHERE e.removed_at IS NULL AND e.doc_hash IS NOT NULL"
                ),
            ),
            (
                "edge",
                format!(
                    "SELECT x.rel, {ENDS}, x.attr, {} FROM edge x {BOTH} LEFT JOIN edge_doc y \
                     ON y.org = x.org AND y.rel = x.rel AND y.src = x.src AND y.dst = x.dst {}",
                    self.hex("y.hash"),
                    guesses(world)
                ),
            ),
            (
                "facet",
                format!(
                    "SELECT {ENTITY}, f.name, f.value FROM facet f \
                     JOIN entity e ON e.org = f.org AND e.id = f.id {PARENTS}"
                ),
            ),
            (
                "term",
                format!(
                    "SELECT {ENTITY}, t.text FROM term t JOIN entity e ON e.org = t.org AND e.id = t.id {PARENTS}"
                ),
            ),
            ("coverage", "SELECT dataset, state, reason, objects, sweep_refused FROM coverage".to_owned()),
            ("quarantine", "SELECT dataset, why FROM quarantine".to_owned()),
        ] {
            all.extend(self.rows(world, what, &query));
        }
        all
    }

    /// A column of bytes as text.
    fn hex(&self, column: &str) -> String {
        match self.postgres {
            Some(_) => format!("encode({column}, 'hex')"),
            None => format!("hex({column})"),
        }
    }
}

/// What is below a group and whether it may hold roles is a guess where Okta leaves out its statistics: more is asked
/// for then.
fn guesses(world: &World) -> &'static str {
    match world.faults {
        Some(_) => {
            "WHERE x.rel NOT IN (SELECT code FROM relation WHERE name IN ('group_below', 'admin_group'))"
        }
        None => "",
    }
}

/// A line of the export without what Okta moves whenever a token is used, by us too; and unless `counted`, without the
/// statistics of groups, which Okta leaves out where they take too long.
fn steady(line: &str, counted: bool) -> Value {
    let mut object: Value = serde_json::from_str(line).expect("a JSON object a line");
    if object["kind"] == "api_token" {
        for moving in ["lastUpdated", "expiresAt"] {
            object["doc"][moving].take();
        }
    }
    if object["kind"] == "group" && !counted {
        object["doc"]["_embedded"].take();
    }
    object
}

/// Compares two copies line by line, and shows the first lines that differ.
#[track_caller]
pub fn same(what: &str, one: &[String], other: &[String]) {
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        let known: std::collections::HashSet<&String> = b.iter().collect();
        a.iter().filter(|line| !known.contains(line)).take(5).cloned().collect()
    };
    let (left, right) = (only(one, other), only(other, one));
    assert!(left.is_empty() && right.is_empty(), "{what}\nonly here: {left:#?}\nonly there: {right:#?}");
    assert_eq!(one.len(), other.len(), "{what}: lines that occur twice");
    assert!(one.len() > 500, "{what}: too little to mean something: {} lines", one.len());
}
