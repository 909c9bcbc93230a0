//! `/orgs/{org}/search`: over all kinds, by name, login, address or Okta id.

use std::time::Duration;

use askama::Template;
use serde::Deserialize;
use transom_store::{EntityRow, FoundBy, Hit};

use super::asked::Asked as List;
use super::cell::called;
use super::page::{kind_path, object_path};
use super::words::plural;
use super::{Answer, Page, Query, Section, Status, go, render};
use crate::{Connection, Error, Visit};

#[derive(Template)]
#[template(path = "pages/search.html")]
struct Search {
    page: Page,
    here: String,
    text: String,
    says: String,
    groups: Vec<Group>,
}

/// Hits of a kind.
struct Group {
    title: String,
    /// The kind's list, narrowed to the same text.
    all: String,
    hits: Vec<Found>,
}

struct Found {
    name: String,
    href: String,
    login: String,
    id: String,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// Hits shown.
const HITS: u32 = 100;
/// Longer than anybody waits; the search itself takes a tenth of it at a million users.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn show(visit: Visit, Connection(org): Connection, Query(asked): Query<Asked>) -> Answer {
    let text = asked.q.trim().to_string();
    let found = tokio::time::timeout(PATIENCE, visit.app.store().search(org.id, &text, HITS)).await;
    let hits = found.map_err(|_| Error::Internal("a search took too long".to_string()))??;
    let catalogue = visit.app.store().catalogue();
    // Whoever has the id of one thing wants that thing.
    if let [Hit { row, by: FoundBy::Id }] = hits.as_slice()
        && let Some(kind) = catalogue.kind(row.kind)
    {
        return Ok(go(&object_path(org.id, kind, row.id)));
    }
    let many = hits.len();
    let mut groups: Vec<(transom_core::KindCode, Vec<EntityRow>)> = Vec::new();
    for Hit { row, .. } in hits {
        match groups.iter_mut().find(|(kind, _)| *kind == row.kind) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((row.kind, vec![row])),
        }
    }
    let group = |(code, rows): (_, Vec<EntityRow>)| {
        let kind = catalogue.kind(code)?;
        let found = |row: EntityRow| Found {
            name: called(&row),
            href: object_path(org.id, kind, row.id),
            id: row.address(),
            login: row.login.filter(|login| row.name.as_ref() != Some(login)).unwrap_or_default(),
            status: row.status.as_deref().map(Status::new),
        };
        let all = List { text: text.clone(), ..List::all(kind) };
        Some(Group {
            title: plural(kind.title),
            all: all.link(&kind_path(org.id, kind), |_| ()),
            hits: rows.into_iter().map(found).collect(),
        })
    };
    let says = match (many, text.is_empty()) {
        (_, true) => {
            "By the beginning of a name, a login or an e-mail address, or by a whole Okta id.".to_string()
        }
        (0, _) => String::new(),
        (1, _) => "1 object found.".to_string(),
        (n, _) if n >= HITS as usize => format!("The first {n} found. Type more to find fewer."),
        (n, _) => format!("{n} objects found."),
    };
    render(&Search {
        page: Page::of_org(&visit, &org, "Search", Section::Elsewhere).await?,
        here: super::page::org_path(org.id, "/search"),
        groups: groups.into_iter().filter_map(group).collect(),
        text,
        says,
    })
}
