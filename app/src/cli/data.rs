//! `transom list | show | sql | export`: reading the copy.

use clap::{Args, Subcommand};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::{Value, json};
use transom_core::{CoverageState, Kind};
use transom_engine::sync::DatasetSummary;
use transom_engine::{Class, Engine, Problem};
use transom_store::{Direction, EntityRow, ListFilter, Paging};

use super::coverage::mark;
use super::queries::{self, OF_ONE_ORG, QUERIES, Query};
use super::sync::chosen;
use super::{gaps, under};
use crate::out::{DONE, Failure, Out, number, time};

/// Which connection a reading command works on.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The connection's label; may be left out while there is only one.
    #[arg(long, value_name = "LABEL")]
    pub(super) org: Option<String>,
}

#[derive(Debug, Args)]
pub struct List {
    /// The kind: user, group, app, policy, … Without it, the kinds and how many of each.
    pub(super) kind: Option<String>,
    /// Only objects in this status.
    #[arg(long)]
    pub(super) status: Option<String>,
    /// Only objects whose facet has this value: --where department=IT
    #[arg(long = "where", value_name = "FACET=VALUE", value_parser = facet)]
    pub(super) facets: Vec<(String, String)>,
    /// Only objects whose name begins so.
    #[arg(long, value_name = "TEXT")]
    pub(super) prefix: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub(super) limit: u32,
    /// Go on after the page that ended with this mark.
    #[arg(long, value_name = "MARK")]
    pub(super) after: Option<String>,
    #[command(flatten)]
    pub(super) which: Which,
}

fn facet(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected FACET=VALUE, such as department=IT")?;
    Ok((name.to_string(), value.to_string()))
}

impl List {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let org = chosen(engine, self.which.org.as_deref()).await?;
        let Some(kind) = &self.kind else { return kinds(engine, org.id, out).await };
        let kind = kind_named(engine, kind)?;
        self.known(engine, org.id, kind).await?;
        let mut gaps = gaps::of_org(engine, org.id).await?;
        gaps.retain(|d| gaps::lists(&d.coverage.dataset, kind));
        let code = gaps::code(&gaps);
        let filter = ListFilter {
            status: self.status,
            facets: self.facets,
            prefix: self.prefix,
            ..ListFilter::default()
        };
        let paging = Paging::by_name(self.after.as_deref(), self.limit);
        let page = engine.store.list(org.id, kind.code, &filter, &paging).await?;
        if out.is_json() {
            let rows: Vec<_> = page.rows.iter().map(row).collect();
            out.json(&json!({ "rows": rows, "next": page.next, "coverage": gaps }));
            return Ok(code);
        }
        let rows = page.rows.iter().map(|r| {
            let text = |t: &Option<String>| t.clone().unwrap_or_default();
            vec![text(&r.name), text(&r.login), text(&r.status), time(r.updated), address(r)]
        });
        out.table(&["Name", "Login", "Status", "Updated", "Id"], rows);
        if let Some(next) = page.next {
            out.line(format!("\nThere are more: --after {next}"));
        }
        told(out, &gaps);
        Ok(code)
    }

    /// Refuses facets and values that no object of the kind has: an empty answer would look like a fact.
    async fn known(&self, engine: &Engine, org: transom_core::OrgId, kind: &Kind) -> Result<(), Failure> {
        let status = self.status.as_ref().map(|value| ("status", value));
        let asked: Vec<_> =
            self.facets.iter().map(|(name, value)| (name.as_str(), value)).chain(status).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let facets = engine.store.facets(org, kind.code).await?;
        if facets.is_empty() {
            // Nothing of the kind is held; the coverage below the answer says why.
            return Ok(());
        }
        for (name, value) in asked {
            let values: Vec<_> =
                facets.iter().filter(|(n, ..)| n == name).map(|(_, v, _)| v.as_str()).collect();
            if values.is_empty() {
                let mut names: Vec<_> = facets.iter().map(|(n, ..)| n.as_str()).collect();
                names.dedup();
                return Err(Failure::Usage(format!(
                    "No {} has {name}. What can be asked for: {}.",
                    kind.title.to_lowercase(),
                    names.join(", ")
                )));
            }
            if !values.contains(&value.as_str()) {
                return Err(Failure::Usage(format!(
                    "No {} has {name}={value}. There are {}{}.",
                    kind.title.to_lowercase(),
                    values.iter().take(VALUES).copied().collect::<Vec<_>>().join(", "),
                    if values.len() > VALUES {
                        format!(" and {} more", values.len() - VALUES)
                    } else {
                        String::new()
                    },
                )));
            }
        }
        Ok(())
    }
}

/// How many values of a facet an error names.
const VALUES: usize = 12;

/// What is not known of an answer, below it.
pub(super) fn told(out: Out, gaps: &[DatasetSummary]) {
    if !gaps.is_empty() {
        out.line("");
    }
    for line in gaps::lines(gaps) {
        out.prose(line, 2);
    }
}

/// `id`, or `parent/id` for objects below others.
fn address(row: &EntityRow) -> String {
    match &row.parent_okta_id {
        Some(parent) => format!("{parent}/{}", row.okta_id),
        None => row.okta_id.clone(),
    }
}

pub(super) fn row(row: &EntityRow) -> Value {
    json!({ "id": row.okta_id, "parent": row.parent_okta_id, "name": row.name, "login": row.login,
        "status": row.status, "created": row.created, "updated": row.updated })
}

async fn kinds(engine: &Engine, org: transom_core::OrgId, out: Out) -> Result<u8, Failure> {
    let counts = engine.store.counts(org).await?;
    let of = |kind: &Kind| counts.entities.iter().find(|(code, _)| *code == kind.code).map_or(0, |(_, n)| *n);
    let kinds = &engine.store.catalogue().kinds;
    let gaps = gaps::of_org(engine, org).await?;
    let behind = |kind: &'static Kind| gaps.iter().filter(move |d| gaps::lists(&d.coverage.dataset, kind));
    let code = gaps::code(kinds.iter().flat_map(|k| behind(k)));
    if out.is_json() {
        let kinds = kinds.iter().map(|k| {
            let held = gaps::held(of(k), behind(k)).ok();
            json!({ "kind": k.name, "held": held, "what": k.what, "coverage": behind(k).collect::<Vec<_>>() })
        });
        out.json(&kinds.collect::<Vec<_>>());
        return Ok(code);
    }
    let rows = kinds.iter().map(|k| {
        let held = gaps::held(of(k), behind(k)).map_or_else(mark, number);
        vec![k.name.to_string(), held, k.what.to_string()]
    });
    out.table(&["Kind", "Held", "What it is"], rows);
    told(out, &gaps);
    Ok(code)
}

fn kind_named(engine: &Engine, name: &str) -> Result<&'static Kind, Failure> {
    let catalogue = engine.store.catalogue();
    catalogue.kind_named(name).ok_or_else(|| {
        let names: Vec<_> = catalogue.kinds.iter().map(|k| k.name).collect();
        Problem::new(
            Class::Name,
            format!("There is no kind {name}."),
            format!("The kinds are {}.", names.join(", ")),
            "Name one of them; transom list shows what each is.",
        )
        .into()
    })
}

/// The one object of a kind that a person names by its id, login or whole name.
pub(super) async fn called(
    engine: &Engine,
    org: transom_core::OrgId,
    kind: &Kind,
    name: &str,
) -> Result<EntityRow, Failure> {
    let mut found = engine.store.find(org, kind.code, name).await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Problem::new(
            Class::Name,
            format!("No {} is called {name}.", kind.title.to_lowercase()),
            "It is not among the objects that the last sync read.",
            format!("Look for it: transom list {} --prefix …", kind.name),
        )
        .into()),
        _ => {
            let ids: Vec<_> = found.iter().map(address).collect();
            Err(Failure::Usage(format!("Several are called {name}: {}. Give the id.", ids.join(", "))))
        }
    }
}

#[derive(Debug, Args)]
pub struct Show {
    /// The kind: user, group, app, policy, …
    pub(super) kind: String,
    /// Okta's id, parent/id, the login, or the exact name.
    pub(super) id: String,
    /// At most so many connected objects.
    #[arg(long, default_value_t = 50)]
    pub(super) limit: u32,
    #[command(flatten)]
    pub(super) which: Which,
}

impl Show {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let org = chosen(engine, self.which.org.as_deref()).await?;
        let kind = kind_named(engine, &self.kind)?;
        let one = &called(engine, org.id, kind, &self.id).await?;
        let Some(entity) = engine.store.entity_by_id(org.id, one.id).await? else {
            return Err(Failure::Usage(format!("{} went away while it was read.", self.id)));
        };
        let mut edges = Vec::new();
        for direction in [Direction::Out, Direction::In] {
            for n in engine.store.neighbours(org.id, one.id, direction, None, self.limit).await? {
                edges.push((direction, n));
            }
        }
        let catalogue = engine.store.catalogue();
        let mut gaps = gaps::of_org(engine, org.id).await?;
        gaps.retain(|d| gaps::concerns(catalogue, &d.coverage.dataset, kind));
        // Of this object more may be known than of all.
        let under = engine.known_under(org.id, one).await?;
        gaps.retain(|d| under.iter().all(|u| u.coverage.dataset != d.coverage.dataset));
        gaps.extend(under.iter().filter(|d| d.coverage.state != CoverageState::Complete).cloned());
        let code = gaps::code(&gaps);
        let relation = |code| catalogue.relation(code).map_or("?", |r| r.name);
        let kind_of = |code| catalogue.kind(code).map_or("?", |k| k.name);
        if out.is_json() {
            let edges: Vec<_> = edges
                .iter()
                .map(|(d, n)| {
                    json!({ "relation": relation(n.rel), "direction": if *d == Direction::Out { "out" } else { "in" },
                        "attr": n.attr, "kind": kind_of(n.row.kind), "object": row(&n.row) })
                })
                .collect();
            out.json(&json!({ "kind": kind.name, "object": row(one), "doc": entity.doc, "edges": edges,
                "coverage": gaps, "under": under }));
            return Ok(code);
        }
        out.line(format!("{}  {}", kind.title, one.name.as_deref().unwrap_or(&one.okta_id)));
        if !edges.is_empty() {
            out.line("");
            let rows = edges.iter().map(|(d, n)| {
                let arrow = if *d == Direction::Out { "→" } else { "←" };
                let name = n.row.name.clone().unwrap_or_default();
                vec![
                    format!("{arrow} {}", relation(n.rel)),
                    kind_of(n.row.kind).to_string(),
                    name,
                    address(&n.row),
                ]
            });
            out.table(&["Relation", "Kind", "Name", "Id"], rows);
            if edges.len() as u64 >= u64::from(self.limit) {
                out.line(format!(
                    "\nAt most {} in each direction are shown; --limit shows more.",
                    self.limit
                ));
            }
        }
        under::told(out, &under);
        told(out, &gaps);
        under::hint(out, one, &under);
        out.line("");
        out.line(serde_json::to_string_pretty(&entity.doc).unwrap_or_default());
        Ok(code)
    }
}

#[derive(Debug, Args)]
pub struct Sql {
    /// One SELECT. Every kind has a view: okta_user, okta_group, okta_app, …
    #[arg(required_unless_present_any = ["examples", "example"])]
    query: Option<String>,
    /// List questions that can be asked by name.
    #[arg(long, conflicts_with_all = ["query", "example"])]
    examples: bool,
    /// Ask one of them, of every org that is connected.
    #[arg(long, value_name = "NAME", conflicts_with = "query")]
    example: Option<String>,
    /// At most so many rows.
    #[arg(long, default_value_t = 1000)]
    limit: u32,
}

/// Lists the questions that can be asked by name.
pub fn examples(out: Out) -> u8 {
    if out.is_json() {
        let one = |q: &Query| json!({ "name": q.name, "who": q.who, "question": q.question, "sql": q.sql });
        out.json(&QUERIES.iter().map(one).collect::<Vec<_>>());
    } else {
        let row = |q: &Query| vec![q.name.to_string(), q.question.to_string()];
        out.table(&["Example", "Question"], QUERIES.iter().map(row));
        out.line("\nAsk one: transom sql --example NAME");
        out.line(format!(
            "It answers for every connected org. For one alone, put around its SQL: {OF_ONE_ORG}"
        ));
    }
    DONE
}

impl Sql {
    /// Whether it only wants the list of examples, for which no database is needed.
    pub fn lists_examples(&self) -> bool {
        self.examples
    }

    fn text(&self) -> Result<&str, Failure> {
        match &self.example {
            None => Ok(self.query.as_deref().unwrap_or_default()),
            Some(name) => queries::named(name).map(|q| q.sql).ok_or_else(|| {
                Failure::Usage(format!("There is no example {name}. List them: transom sql --examples"))
            }),
        }
    }

    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let result = engine.store.sql(self.text()?, self.limit).await?;
        let mut incomplete = Vec::new();
        for org in engine.store.orgs().await? {
            let gaps = gaps::of_org(engine, org.id).await?;
            if !gaps.is_empty() {
                incomplete.push((org.label, gaps));
            }
        }
        if out.is_json() {
            let coverage: Vec<_> =
                incomplete.iter().map(|(org, d)| json!({ "org": org, "coverage": d })).collect();
            out.json(&json!({ "columns": result.columns, "rows": result.rows, "truncated": result.truncated,
                "coverage": coverage }));
            return Ok(DONE);
        }
        let head: Vec<&str> = result.columns.iter().map(String::as_str).collect();
        let rows = result.rows.iter().map(|row| row.iter().map(cell).collect());
        out.table(&head, rows);
        if result.truncated {
            out.note(format!(
                "Only the first {} rows are shown; --limit shows more.",
                number(u64::from(self.limit))
            ));
        }
        if !incomplete.is_empty() {
            let of = |gaps: &[DatasetSummary]| {
                let rows = gaps.iter().map(|d| (d.title.as_str(), d.coverage.state, ""));
                let groups = gaps::grouped(rows).into_iter();
                groups
                    .map(|(titles, state, _)| format!("{titles} ({})", state.label()))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let orgs: Vec<_> = incomplete.iter().map(|(org, gaps)| format!("{org}: {}", of(gaps))).collect();
            out.note(format!("Not complete in {}. See: transom status", orgs.join("; in ")));
        }
        Ok(DONE)
    }
}

pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

#[derive(Debug, Args)]
pub struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// Every object, and every app assignment, one a line: {"kind","id","parent","doc"}, whole documents.
    Jsonl {
        /// The connection's label; may be left out while there is only one.
        label: Option<String>,
        /// Only this kind.
        #[arg(long)]
        kind: Option<String>,
    },
}

/// A line of the export; its keys come in this order.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'a str,
    id: &'a str,
    parent: Option<&'a str>,
    doc: &'a Value,
}

impl Export {
    pub async fn run(self, engine: &Engine, out: Out) -> Result<u8, Failure> {
        let Format::Jsonl { label, kind } = self.format;
        let org = chosen(engine, label.as_deref()).await?;
        let kinds = match kind.as_deref() {
            Some(name) => vec![name.to_string()],
            None => Vec::new(),
        };
        let mut rows = std::pin::pin!(engine.store.export(org.id, kinds)?);
        while let Some(row) = rows.next().await {
            let row = row?;
            let line = Line { kind: row.kind, id: &row.id, parent: row.parent.as_deref(), doc: &row.doc };
            out.document(serde_json::to_string(&line).map_err(anyhow::Error::from)?);
        }
        let only = kind.as_deref().map(|name| kind_named(engine, name)).transpose()?;
        let mut gaps = gaps::of_org(engine, org.id).await?;
        gaps.retain(|d| only.is_none_or(|kind| gaps::lists(&d.coverage.dataset, kind)));
        gaps::note(out, &gaps);
        Ok(gaps::code(&gaps))
    }
}
