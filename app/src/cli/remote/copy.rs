//! `transom status | list | show --server`: reading a server's copy.

use serde_json::{Value, json};
use transom_core::{ConnectionState, CoverageState};
use transom_engine::Class;
use transom_server::api::coverage::{Coverage, Dataset};
use transom_server::api::edge::{Edge, Edges, Way};
use transom_server::api::entity::{Detail, Entity, List as Page};
use transom_server::api::kind::Held;
use transom_server::api::org::Org;
use transom_server::api::{Items, Time};
use url::form_urlencoded::Serializer;

use super::org::at;
use super::server::{Server, segment};
use crate::cli::coverage::{coverage_table, explain, mark, resting, without};
use crate::cli::data::{List, Show};
use crate::cli::status::Status;
use crate::out::{DONE, Failure, Out, PARTIAL, number, time};

impl Status {
    /// Tells it of a server's orgs.
    pub(super) async fn remote(self, server: &Server, out: Out) -> Result<u8, Failure> {
        let orgs = match &self.label {
            Some(label) => vec![server.org(Some(label)).await?],
            None => server.orgs().await?,
        };
        let mut all = Vec::new();
        for org in &orgs {
            let coverage = server.get(&at(org, "/coverage")).await?;
            let runs = server.get(&at(org, "/runs?limit=5")).await?;
            if out.is_json() {
                all.push(json!({ "org": org, "coverage": coverage, "runs": runs["items"] }));
            } else {
                one(out, org, &server.read(&coverage)?);
            }
        }
        if out.is_json() {
            out.json(&all);
        } else if orgs.is_empty() {
            out.line("No org is connected. Connect one: transom org connect --domain acme.okta.com");
        }
        let well = orgs.iter().all(|o| o.state == ConnectionState::Connected);
        Ok(if well { DONE } else { PARTIAL })
    }
}

fn millis(at: Option<Time>) -> String {
    time(at.map(Time::millis))
}

fn one(out: Out, org: &Org, coverage: &Coverage) {
    out.line(format!("{}  {}  {}", org.label, org.origin, org.state.label()));
    if !org.state_reason.is_empty() {
        out.prose(format!("  {}", org.state_reason), 2);
    }
    out.line("");
    let tier = |t: &transom_server::api::coverage::Tier| {
        vec![t.tier.clone(), t.when.clone(), millis(t.oldest), millis(t.newest), number(t.datasets as u64)]
    };
    out.table(&["Tier", "Read", "Oldest", "Newest", "Data sets"], coverage.tiers.iter().map(tier));
    out.line("");
    let row = |d: &Dataset| {
        let held = d.held.map_or("–".to_string(), number);
        let state = resting(mark(d.state), &d.assumed);
        vec![d.title.clone(), d.tier.clone(), held, state, millis(d.at), without(d.state, &d.without)]
    };
    let head = ["Data set", "Tier", "Held", "Coverage", "Read", "Without it"];
    coverage_table(out, &head, coverage.datasets.iter().map(row));
    reasons(out, &coverage.datasets);
}

fn reasons(out: Out, datasets: &[Dataset]) {
    explain(
        out,
        datasets.iter().map(|d| (d.title.as_str(), d.state, d.reason.as_str(), d.assumed.as_slice())),
    );
}

/// The exit code of an answer that these data sets are not complete for.
fn code(gaps: &[Dataset]) -> u8 {
    let limits = gaps.iter().any(|d| d.state != CoverageState::PartialByRight || d.dataset != "api_token");
    if limits { PARTIAL } else { DONE }
}

/// The most items of a page of the API.
const A_PAGE: usize = 200;

impl List {
    /// Lists what a server holds.
    pub(super) async fn remote(self, server: &Server, out: Out) -> Result<u8, Failure> {
        let org = server.org(self.which.org.as_deref()).await?;
        let Some(kind) = &self.kind else { return kinds(server, out, &org).await };
        let mut query = Serializer::new(String::new());
        for (name, value) in
            self.facets.iter().map(|(n, v)| (n.as_str(), v)).chain(self.status.iter().map(|s| ("status", s)))
        {
            query.append_pair("where", &format!("{name}={value}"));
        }
        if let Some(prefix) = &self.prefix {
            query.append_pair("q", prefix);
        }
        let path = at(&org, &format!("/entities/{}?{}", segment(kind), query.finish()));
        let mut page = Page { items: Vec::new(), next: self.after, gaps: Vec::new() };
        loop {
            let room = (self.limit as usize).saturating_sub(page.items.len()).min(A_PAGE);
            let cursor = page.next.as_deref().map(|c| format!("&cursor={}", segment(c))).unwrap_or_default();
            let more: Page = server.read(&server.get(&format!("{path}&limit={room}{cursor}")).await?)?;
            page.items.extend(more.items);
            (page.next, page.gaps) = (more.next, more.gaps);
            if page.next.is_none() || page.items.len() >= self.limit as usize {
                break;
            }
        }
        if out.is_json() {
            out.json(&page);
            return Ok(code(&page.gaps));
        }
        out.table(&["Name", "Login", "Status", "Updated", "Id"], page.items.iter().map(|l| line(&l.entity)));
        if let Some(next) = &page.next {
            out.line(format!("\nThere are more: --after {next}"));
        }
        reasons(out, &page.gaps);
        Ok(code(&page.gaps))
    }
}

fn line(e: &Entity) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![text(&e.name), text(&e.login), text(&e.status), millis(e.updated), e.id.clone()]
}

async fn kinds(server: &Server, out: Out, org: &Org) -> Result<u8, Failure> {
    let answer = server.get(&at(org, "/entities")).await?;
    let all: Items<Held> = server.read(&answer)?;
    let gaps: Vec<Dataset> = all.items.iter().flat_map(|k| k.gaps.clone()).collect();
    if out.is_json() {
        out.json(&answer["items"]);
        return Ok(code(&gaps));
    }
    let rows = all.items.iter().map(|k| {
        let held = k.held.map_or_else(|| k.gaps.first().map_or("–".to_string(), |g| mark(g.state)), number);
        vec![k.kind.clone(), held]
    });
    out.table(&["Kind", "Held"], rows);
    reasons(out, &gaps);
    Ok(code(&gaps))
}

/// The id of the only object of a kind that has this login or name.
async fn called(server: &Server, org: &Org, kind: &str, name: &str) -> Result<Option<String>, Failure> {
    let path = at(org, &format!("/search?limit=200&q={}", segment(name)));
    let hits: Items<Entity> = server.read(&server.get(&path).await?)?;
    let is = |text: &Option<String>| text.as_ref().is_some_and(|t| t.to_lowercase() == name.to_lowercase());
    let fits = |e: &Entity| e.kind == kind && (is(&e.login) || is(&e.name));
    let found: Vec<String> = hits.items.into_iter().filter(fits).map(|e| e.id).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        many => Err(Failure::Usage(format!("Several are called {name}: {}. Give the id.", many.join(", ")))),
    }
}

/// Where the API has the object of a kind that a person names by its id, login or whole name, and what it says of it.
pub(super) async fn found(
    server: &Server,
    org: &Org,
    kind: &str,
    name: &str,
) -> Result<(String, Value), Failure> {
    let path = |id: &str| at(org, &format!("/entities/{}/{}", segment(kind), segment(id)));
    match server.get(&path(name)).await {
        Ok(answer) => Ok((path(name), answer)),
        // It may be a login or a name.
        Err(Failure::Problem(none)) if none.class == Class::Name => {
            let path = path(&called(server, org, kind, name).await?.ok_or(Failure::Problem(none))?);
            let answer = server.get(&path).await?;
            Ok((path, answer))
        }
        Err(other) => Err(other),
    }
}

/// What is read only when asked for, as far as it is known of one object.
pub(super) fn read_of_one(out: Out, known: &[Dataset]) {
    for d in known.iter().filter(|d| d.at.is_some()) {
        let held = d.held.map_or("–".to_string(), number);
        out.line(format!("{}: {held}, read {}.", d.title, millis(d.at)));
    }
    let open: Vec<Dataset> = known.iter().filter(|d| d.state != CoverageState::Complete).cloned().collect();
    reasons(out, &open);
}

impl Show {
    /// Shows an object that a server holds.
    pub(super) async fn remote(self, server: &Server, out: Out) -> Result<u8, Failure> {
        let org = server.org(self.which.org.as_deref()).await?;
        let (path, answer) = found(server, &org, &self.kind, &self.id).await?;
        let object: Detail = server.read(&answer)?;
        let counted = server.get(&format!("{path}/edges")).await?;
        let relations: Items<Edges> = server.read(&counted)?;
        let mut edges = Vec::new();
        for relation in relations.items.iter().filter(|r| r.count > 0) {
            let way = if relation.direction == Way::Out { "out" } else { "in" };
            let left = (self.limit as usize).saturating_sub(edges.len()).min(A_PAGE);
            if left == 0 {
                break;
            }
            let more = format!("{path}/edges/{}?direction={way}&limit={left}", relation.relation);
            let page: Items<Edge> = server.read(&server.get(&more).await?)?;
            edges.extend(page.items.into_iter().map(|e| (relation.relation.clone(), way, e)));
        }
        if out.is_json() {
            let edges: Vec<Value> = edges
                .iter()
                .map(|(relation, way, e)| json!({ "relation": relation, "direction": way, "attr": e.attr, "object": e.object }))
                .collect();
            out.json(&json!({ "object": answer, "edges": edges }));
            return Ok(DONE);
        }
        out.line(format!(
            "{}  {}",
            object.entity.kind,
            object.entity.name.as_deref().unwrap_or(&object.entity.id)
        ));
        if !edges.is_empty() {
            out.line("");
            let rows = edges.iter().map(|(relation, way, e)| {
                let arrow = if *way == "out" { "→" } else { "←" };
                let name = e.object.name.clone().unwrap_or_default();
                vec![format!("{arrow} {relation}"), e.object.kind.clone(), name, e.object.id.clone()]
            });
            out.table(&["Relation", "Kind", "Name", "Id"], rows);
        }
        if !object.under.is_empty() {
            out.line("");
            read_of_one(out, &object.under);
        }
        out.line("");
        out.document(serde_json::to_string_pretty(&object.doc).unwrap_or_default());
        Ok(DONE)
    }
}
