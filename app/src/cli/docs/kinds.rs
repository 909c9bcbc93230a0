//! The page of kinds: what each is, how it is read, its view's columns, its relations.

use std::fmt::Write;

use transom_core::{Kind, Relation};
use transom_engine::entity::catalogue;

use super::coverage::sure;
use super::manifest::{Entry, entries};
use super::{cell, quoted, right};

pub fn page() -> String {
    let (catalogue, entries) = (catalogue(), entries());
    let mut page = String::from(
        "# Kinds and relations\n\nMade from the declarations; do not edit. The columns that every view has are \
         described in [SQL](sql.md), what the rights cost and give in [Coverage](coverage.md).\n\n",
    );
    for kind in &catalogue.kinds {
        let anchor = format!("{} {}", kind.title, kind.name).to_lowercase();
        let anchor: String = anchor
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let _ = writeln!(page, "- [{}](#{anchor}): {}", kind.title, kind.what);
    }
    for kind in &catalogue.kinds {
        of_kind(kind, &catalogue.relations, &entries, &mut page);
    }
    relations(&catalogue.relations, &entries, &mut page);
    page
}

fn of_kind(kind: &Kind, relations: &[&Relation], entries: &[Entry], page: &mut String) {
    let _ =
        write!(page, "\n## {} (`{}`)\n\n{} SQL view: `{}`.", kind.title, kind.name, kind.what, kind.view());
    if !kind.parents.is_empty() {
        let _ = write!(page, " Lives under: {}.", kind.parents.join(", "));
    }
    page.push('\n');
    let readers: Vec<&Entry> = entries.iter().filter(|e| e.lists == Some(kind.name)).collect();
    if readers.is_empty() {
        page.push_str("\nRead as a part of what refers to it.\n");
    }
    for e in readers {
        reading(e, page);
    }
    if !kind.columns.is_empty() {
        page.push_str("\n| Column | From | What |\n|---|---|---|\n");
        for c in kind.columns {
            let _ = writeln!(page, "| `{}` | `{}` | {} |", c.name, c.path, cell(c.doc));
        }
    }
    let edges: Vec<_> =
        relations.iter().filter(|r| r.from.contains(&kind.name) || r.to.contains(&kind.name)).collect();
    if !edges.is_empty() {
        page.push_str("\n| Relation | With | What |\n|---|---|---|\n");
        for r in edges {
            let (arrow, other) = if r.from.contains(&kind.name) { ("→", r.to) } else { ("←", r.from) };
            let _ = writeln!(page, "| `{}` | {arrow} {} | {} |", r.name, other.join(", "), cell(r.what));
        }
    }
}

/// How a data set is read, as a list.
fn reading(e: &Entry, page: &mut String) {
    let _ = write!(
        page,
        "\nData set `{}` ({}):\n\n\
         - right: {}, scope `{}`{}; {}\n\
         - cost: {}; bucket {}\n\
         - calls:\n",
        e.name,
        e.tier.replace('_', " "),
        right(e),
        e.scope,
        if e.read_only_admin { ", part of Read Only Administrator" } else { "" },
        sure(e.evidence),
        e.cost(),
        quoted(&e.buckets()),
    );
    for call in &e.calls {
        let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
        let page_size = call.page.map_or_else(String::new, |n| format!(", {n} a page"));
        let times = if call.times > 1 { format!("{} × ", call.times) } else { String::new() };
        let _ = writeln!(page, "  - {times}`GET {}{query}`{page_size}", call.route);
    }
}

fn relations(relations: &[&Relation], entries: &[Entry], page: &mut String) {
    page.push_str(
        "\n## Relations\n\n| Relation | From | To | What | Number on the edge | Read by |\n|---|---|---|---|---|---|\n",
    );
    for r in relations {
        let by: Vec<_> = entries.iter().filter(|e| e.relates == Some(r.name)).map(|e| e.name).collect();
        let by = if by.is_empty() { "the documents of its ends".to_string() } else { quoted(&by) };
        let (from, to) = (r.from.join(", "), r.to.join(", "));
        let _ = writeln!(
            page,
            "| `{}` | {from} | {to} | {} | {} | {by} |",
            r.name,
            cell(r.what),
            cell(r.attr.unwrap_or("")),
        );
    }
    for e in entries.iter().filter(|e| e.relates.is_some()) {
        reading(e, page);
    }
}
