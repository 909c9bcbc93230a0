//! `/orgs/{org}/inventory/{kind}`: the objects of a kind, a page at a time. The address says which.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, RawQuery};
use transom_core::{Kind, OrgId};
use transom_store::{EntityRow, ListPage, Sort};

use super::asked::{Asked, Field, IS};
use super::cell::{Cell, called, cells};
use super::csv;
use super::gap::Gap;
use super::page::{kind_path, object_path, org_path};
use super::saved_view::Views;
use super::words::{plural, spoken};
use super::{Answer, Count, Page, Section, render};
use crate::knowledge::Knowledge;
use crate::{Connection, Error, Visit};

#[derive(Template)]
#[template(path = "pages/listing.html")]
struct Listing {
    page: Page,
    inventory: String,
    connection: String,
    here: String,
    title: String,
    says: String,
    text: String,
    sort: String,
    facets: Vec<Facet>,
    chosen: Vec<Chosen>,
    columns: Vec<Offer>,
    heads: Vec<Head>,
    nested: bool,
    rows: Vec<Row>,
    gaps: Vec<Gap>,
    /// The data sets whose state rests on something assumed.
    resting: Vec<Gap>,
    empty: Option<Empty>,
    shown: String,
    everything: String,
    views: Views,
    /// Whether there is anything to be narrowed.
    any: bool,
    csv: String,
    csv_says: String,
    next: Option<String>,
    prev: Option<String>,
}

/// A facet with its values.
struct Facet {
    name: String,
    title: String,
    chosen: usize,
    values: Vec<Value>,
    /// How many values are not offered.
    more: usize,
}

struct Value {
    value: String,
    objects: Count,
    on: bool,
}

/// A value that narrows the list, and the address without it.
struct Chosen {
    says: String,
    without: String,
}

/// A column that can be shown.
struct Offer {
    name: &'static str,
    title: String,
    on: bool,
}

/// A column's heading.
struct Head {
    title: String,
    /// Where it sorts by this.
    href: Option<String>,
    /// `ascending` or `descending`.
    sorted: Option<&'static str>,
}

struct Row {
    name: String,
    href: String,
    parent: Option<(String, String)>,
    cells: Vec<Cell>,
}

/// Why there are no rows.
struct Empty {
    what: String,
    why: String,
    unknown: bool,
}

/// Rows of a page.
const ROWS: u32 = 50;
/// Values offered of a facet, the most frequent; those chosen always.
const VALUES: usize = 30;

pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    let kind = visit.kind(&kind)?;
    let asked = Asked::read(kind, query.as_deref().unwrap_or_default())?;
    let (store, here) = (visit.app.store(), kind_path(org.id, kind));
    let filter = asked.filter();
    let found = store.list(org.id, kind.code, &filter, &asked.paging(ROWS)).await?;
    let count = store.count(org.id, kind.code, &filter).await?;
    let held = store.kind_counts(org.id).await?.into_iter().find(|(code, _)| *code == kind.code);
    let held = held.map_or(0, |(_, n)| n);
    let known = Knowledge::of(&visit, org.id).await?;
    let title = plural(kind.title);
    let fields = asked.fields();
    let gaps = Gap::all(&known, kind.code);
    let whole = Count(held);
    let counted = count.map(Count::counted);
    let says = match (asked.narrows(), &counted) {
        _ if known.held(kind.code, held).is_none() => {
            format!("{} How many there are is not known.", kind.what)
        }
        (false, _) => format!("{whole} held. {}", kind.what),
        (true, Some(n)) => format!("{n} of {whole} fit."),
        (true, None) => {
            format!("Of {whole}, those that fit; there are too many to count them while you wait.")
        }
    };
    let csv_says = csv::label(count);
    let turn =
        |mark: &Option<String>| mark.as_ref().map(|mark| asked.link(&here, |a| a.after = Some(mark.clone())));
    let listing = Listing {
        page: Page::of_org(&visit, &org, &title, Section::Inventory).await?,
        inventory: org_path(org.id, "/inventory"),
        connection: org_path(org.id, "/connection"),
        says,
        text: asked.text.clone(),
        sort: asked.sort_word(),
        facets: facets(&asked, store.facets(org.id, kind.code).await?),
        chosen: chosen(&asked, &here),
        columns: offers(&asked),
        heads: heads(&asked, &here, &store.sorts(kind.code, false)),
        nested: !kind.parents.is_empty(),
        empty: empty(&asked, &found, &title, &gaps),
        shown: shown(&found, counted),
        rows: rows(&visit, org.id, kind, &fields, &found.rows).await?,
        everything: here.clone(),
        views: Views::of(&visit, &org, &asked).await?,
        any: held > 0 || asked.narrows(),
        csv: asked.link(&org_path(org.id, &format!("/csv/{}", kind.name)), |_| ()),
        csv_says,
        next: turn(&found.next),
        prev: turn(&found.prev),
        gaps,
        resting: Gap::resting(&known, kind.code),
        title,
        here,
    };
    render(&listing)
}

fn facets(asked: &Asked, found: Vec<(String, String, u64)>) -> Vec<Facet> {
    let mut all: Vec<Facet> = Vec::new();
    for (name, value, n) in found {
        let on = asked.has(&name, &value);
        let facet = match all.last_mut() {
            Some(last) if last.title == spoken(&name) => last,
            _ => {
                let title = spoken(&name);
                all.push(Facet {
                    name: format!("{IS}{name}"),
                    title,
                    chosen: 0,
                    values: Vec::new(),
                    more: 0,
                });
                let Some(last) = all.last_mut() else { continue };
                last
            }
        };
        facet.chosen += usize::from(on);
        if on || facet.values.len() < VALUES {
            facet.values.push(Value { value, objects: Count(n), on });
        } else {
            facet.more += 1;
        }
    }
    // What every kind may have comes first.
    all.sort_by_key(|facet| facet.title != "Status");
    all
}

fn chosen(asked: &Asked, here: &str) -> Vec<Chosen> {
    let text = (!asked.text.is_empty()).then(|| Chosen {
        says: format!("Begins with {}", asked.text),
        without: asked.link(here, |a| a.text.clear()),
    });
    let facets = asked.facets.iter().map(|(name, value)| Chosen {
        says: format!("{}: {value}", spoken(name)),
        without: asked.link(here, |a| a.facets.retain(|(n, v)| (n, v) != (name, value))),
    });
    text.into_iter().chain(facets).collect()
}

fn offers(asked: &Asked) -> Vec<Offer> {
    let on: Vec<&str> = asked.fields().iter().map(|f| f.name()).collect();
    let offer = |f: Field| Offer { name: f.name(), title: f.title(), on: on.contains(&f.name()) };
    Field::all(asked.kind).into_iter().map(offer).collect()
}

fn heads(asked: &Asked, here: &str, sorts: &[Sort]) -> Vec<Head> {
    let head = |title: String, sort: Option<Sort>| {
        let sort = sort.filter(|s| sorts.contains(s));
        let current = sort == Some(asked.sort);
        let falls = current && !asked.descending;
        Head {
            title,
            href: sort.map(|sort| asked.link(here, |a| (a.sort, a.descending) = (sort, falls))),
            sorted: current.then_some(if asked.descending { "descending" } else { "ascending" }),
        }
    };
    let fields = asked.fields().into_iter().map(|field| match field {
        Field::Own(sort) => head(field.title(), Some(sort)),
        Field::Declared(_) => head(field.title(), None),
    });
    std::iter::once(head("Name".to_string(), Some(Sort::Name))).chain(fields).collect()
}

async fn rows(
    visit: &Visit,
    org: OrgId,
    kind: &'static Kind,
    fields: &[Field],
    found: &[EntityRow],
) -> Result<Vec<Row>, Error> {
    let store = visit.app.store();
    let ids: Vec<_> = found.iter().map(|row| row.parent).collect();
    let parents = if kind.parents.is_empty() { Vec::new() } else { store.entities(org, &ids).await? };
    let link = |row: EntityRow| {
        let kind = store.catalogue().kind(row.kind)?;
        Some((row.id, (called(&row), object_path(org, kind, row.id))))
    };
    let parents: HashMap<_, _> = parents.into_iter().filter_map(link).collect();
    let cells = cells(visit, org, kind, fields, found).await?;
    let row = |(row, cells): (&EntityRow, Vec<Cell>)| Row {
        name: called(row),
        href: object_path(org, kind, row.id),
        parent: parents.get(&row.parent).cloned(),
        cells,
    };
    Ok(found.iter().zip(cells).map(row).collect())
}

fn shown(found: &ListPage, counted: Option<String>) -> String {
    match counted {
        Some(all) => format!("{} of {all} on this page", found.rows.len()),
        None => format!("{} on this page", found.rows.len()),
    }
}

fn empty(asked: &Asked, found: &ListPage, title: &str, gaps: &[Gap]) -> Option<Empty> {
    let told = |what: String, why: &str, unknown| Some(Empty { what, why: why.to_string(), unknown });
    if !found.rows.is_empty() {
        return None;
    }
    if found.next.is_some() {
        let why = "Thousands were looked through, and none of them fits. The next page goes on from there.";
        return told("None found so far.".to_string(), why, false);
    }
    match gaps.first() {
        Some(_) if !asked.narrows() => {
            let why =
                "What could not be read says nothing about how many there are; the reason stands above.";
            told("None is held.".to_string(), why, true)
        }
        Some(gap) => told(format!("None of the {} held fits.", title.to_lowercase()), &gap.reason, true),
        None if asked.narrows() => {
            let why = "The data set is complete, so none in the org does. Take a condition away.";
            told(format!("None of the {} fits.", title.to_lowercase()), why, false)
        }
        None => told(
            format!("This org has no {}.", title.to_lowercase()),
            "Everything Okta lists of them was read.",
            false,
        ),
    }
}
