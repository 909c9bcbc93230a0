//! `/orgs/{org}/inventory`: what is in the org, by kind.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use transom_engine::area::Area;

use super::connection::UNENDED;
use super::gap::Gap;
use super::page::{kind_path, org_path};
use super::words::plural;
use super::{Answer, Count, Page, Section, State, render};
use crate::knowledge::{Knowledge, area};
use crate::{Connection, Visit};

#[derive(Template)]
#[template(path = "pages/inventory.html")]
struct Inventory {
    page: Page,
    says: String,
    connection: String,
    groups: Vec<Group>,
}

/// Kinds of one part of the org.
struct Group {
    title: &'static str,
    kinds: Vec<Row>,
}

/// A kind.
struct Row {
    name: &'static str,
    href: String,
    title: String,
    what: &'static str,
    /// How many are held; `None` where nobody knows.
    objects: Option<Count>,
    state: Option<State>,
    /// Why it is not known whole.
    reason: String,
    /// What the state rests on that is assumed.
    assumed: Vec<String>,
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let page = Page::of_org(&visit, &org, "Inventory", Section::Inventory).await?;
    let store = visit.app.store();
    let known = Knowledge::of(&visit, org.id).await?;
    let held: HashMap<_, _> = store.kind_counts(org.id).await?.into_iter().collect();
    let mut groups: BTreeMap<Area, Vec<Row>> = BTreeMap::new();
    for kind in &store.catalogue().kinds {
        let objects = known.held(kind.code, held.get(&kind.code).copied().unwrap_or_default());
        let reason = Gap::all(&known, kind.code).into_iter().map(|g| g.reason).next().unwrap_or_default();
        groups.entry(area(kind)).or_default().push(Row {
            name: kind.name,
            href: kind_path(org.id, kind),
            title: plural(kind.title),
            what: kind.what,
            objects: objects.map(Count),
            state: known.state(kind.code).map(State::from),
            reason,
            assumed: known.assumed(kind.code),
        });
    }
    let all: u64 = held.values().sum();
    let says = match page.org.as_ref().and_then(|o| o.fresh.as_ref()) {
        Some(fresh) => {
            let (objects, kinds) = (Count(all).of("object"), Count(held.len() as u64).of("kind"));
            format!("{objects} of {kinds}, read {}.", fresh.relative)
        }
        None if all > 0 => format!("{UNENDED} {} so far.", Count(all).of("object")),
        None => "Nothing has been read yet.".to_string(),
    };
    let groups = groups.into_iter().map(|(area, kinds)| Group { title: area.title(), kinds }).collect();
    render(&Inventory { page, says, connection: org_path(org.id, "/connection"), groups })
}
