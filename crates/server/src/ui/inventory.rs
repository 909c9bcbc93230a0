//! `/orgs/{org}/inventory`: what is in the org, by kind.

use askama::Template;
use transom_core::OrgId;

use super::{Answer, Count, Page, Section, render};
use crate::{Connection, Error, Visit};

#[derive(Template)]
#[template(path = "pages/inventory.html")]
struct Inventory {
    page: Page,
    says: String,
    kinds: Vec<Kind>,
}

/// How many objects of a kind are held.
struct Kind {
    name: &'static str,
    title: &'static str,
    objects: Count,
}

/// Objects held, by kind: its name, its title, how many.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn held(visit: &Visit, org: OrgId) -> Result<Vec<(&'static str, &'static str, u64)>, Error> {
    let counts = visit.app.store().counts(org).await?;
    let catalogue = visit.app.store().catalogue();
    let kind = |code, n| catalogue.kind(code).map(|k| (k.name, k.title, n));
    Ok(counts.entities.iter().filter_map(|(code, n)| kind(*code, *n)).collect())
}

pub(crate) async fn show(visit: Visit, Connection(org): Connection) -> Answer {
    let page = Page::of_org(&visit, &org, "Inventory", Section::Inventory).await?;
    let held = held(&visit, org.id).await?;
    let all: u64 = held.iter().map(|(_, _, n)| n).sum();
    let says = format!("{} objects of {} kinds.", Count(all), held.len());
    let kinds = held.into_iter().map(|(name, title, n)| Kind { name, title, objects: Count(n) }).collect();
    render(&Inventory { page, says, kinds })
}
