//! `/orgs/{org}/inventory/{kind}/{id}`: all that is known of one object. Links carry the number that stays while the org's
//! data is kept; Okta's id, or `parent/id`, leads there, too.

use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::Value;
use transom_core::{EntityId, Kind, KindCode, OrgId};
use transom_engine::entity::{app::APP, group::GROUP, user::USER};
use transom_store::{Entity, EntityRow, Org, Sort};
use url::form_urlencoded::Serializer;

use super::asked::{Field, unknown};
use super::cell::{Cell, called, own};
use super::page::{kind_path, object_path, org_path};
use super::related::{Related, Side, related, sides};
use super::under::{Under, under};
use super::words::{plural, spoken};
use super::{Answer, Count, Moment, Page, Query, Section, Status, go, render};
use crate::{Connection, Error, Visit};

#[derive(Template)]
#[template(path = "pages/object.html")]
struct Object {
    page: Page,
    inventory: String,
    list: String,
    kind: String,
    title: String,
    says: String,
    id: String,
    status: Option<Status>,
    parent: Option<(String, String)>,
    console: Option<String>,
    tabs: Vec<Tab>,
    facts: Vec<Fact>,
    sides: Vec<Link>,
    related: Option<Related>,
    /// What is read of it only when asked for.
    under: Option<Under>,
    what: &'static str,
    raw: Option<String>,
    next: Option<String>,
    prev: Option<String>,
}

struct Tab {
    title: String,
    count: Option<String>,
    href: String,
    current: bool,
}

/// A declared column with its value.
struct Fact {
    title: String,
    doc: &'static str,
    cell: Cell,
    /// Where an id leads.
    href: Option<String>,
}

/// A side as the first tab lists it.
struct Link {
    title: String,
    href: String,
    what: &'static str,
    count: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    tab: String,
    after: Option<String>,
}

/// What is related and has a tab of its own.
const TABS: usize = 6;

pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    Path((_, kind, id)): Path<(String, String, String)>,
    Query(which): Query<Which>,
) -> Answer {
    let kind = visit.kind(&kind)?;
    let Ok(id) = id.parse().map(EntityId) else { return named(&visit, org.id, kind, &id).await };
    let store = visit.app.store();
    let found = store.entity_by_id(org.id, id).await?.filter(|e| e.row.kind == kind.code);
    let found = found.ok_or(Error::NotFound)?;
    let (now, here) = (visit.app.now(), object_path(org.id, kind, id));
    let all = sides(&visit, org.id, &found.row).await?;
    let side = match which.tab.as_str() {
        "" | "raw" => None,
        key => {
            let have: Vec<&str> = ["raw"].into_iter().chain(all.iter().map(|s| s.key.as_str())).collect();
            Some(all.iter().find(|s| s.key == key).ok_or_else(|| unknown("tab", key, &have))?)
        }
    };
    let related = match side {
        Some(side) => Some(related(&visit, org.id, side, which.after.as_deref()).await?),
        None => None,
    };
    let turn = |mark: &Option<String>| mark.as_ref().map(|mark| tab(&here, &which.tab, Some(mark)));
    let title = called(&found.row);
    let versions = store.version_count(org.id, id).await?;
    let facts = if which.tab.is_empty() { facts(&visit, &org, kind, &found, versions) } else { Vec::new() };
    let under = match which.tab.as_str() {
        "" => under(&visit, &org, &found.row, &here).await?,
        _ => None,
    };
    let changed = Moment::new(found.changed_at, now).relative;
    let says = match versions {
        0..=1 => format!("{}, first read {changed}, unchanged since.", kind.title),
        _ => format!("{}, last changed {changed} as far as Transom saw.", kind.title),
    };
    let object = Object {
        page: Page::of_org(&visit, &org, &title, Section::Inventory).await?,
        inventory: org_path(org.id, "/inventory"),
        list: kind_path(org.id, kind),
        kind: plural(kind.title),
        says,
        id: found.row.okta_id.clone(),
        status: found.row.status.as_deref().map(Status::new),
        parent: parent(&visit, org.id, &found.row).await?,
        console: console(&org, &found),
        tabs: tabs(&here, &all, &which.tab),
        facts,
        sides: all.iter().filter(|s| s.count.least() > 0).map(|side| link(&here, side)).collect(),
        next: related.as_ref().and_then(|r| turn(&r.next)),
        prev: related.as_ref().and_then(|r| turn(&r.prev)),
        related,
        under,
        what: side.map_or("", |s| s.what),
        raw: (which.tab == "raw").then(|| format!("{:#}", found.doc)),
        title,
    };
    render(&object)
}

/// Leads from Okta's id to the object's own page.
async fn named(visit: &Visit, org: OrgId, kind: &'static Kind, id: &str) -> Answer {
    let mut found = visit.app.store().find(org, kind.code, id).await?;
    found.retain(|row| row.okta_id == id || row.address() == id);
    match found.as_slice() {
        [one] => Ok(go(&object_path(org, kind, one.id))),
        _ => Err(Error::NotFound),
    }
}

fn tab(here: &str, tab: &str, after: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("tab", tab);
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    format!("{here}?{}", query.finish())
}

fn tabs(here: &str, sides: &[Side], current: &str) -> Vec<Tab> {
    let plain = |title: &str, key: &str, href| Tab {
        title: title.to_string(),
        count: None,
        href,
        current: current == key,
    };
    let side = |side: &Side| Tab {
        title: side.title.clone(),
        count: Some(side.many()),
        href: tab(here, &side.key, None),
        current: current == side.key,
    };
    // The others are on the first tab, each with what it means.
    let held = sides.iter().filter(|s| s.count.least() > 0);
    let there = held.clone().take(TABS);
    let other = sides.iter().filter(|s| s.key == current && !there.clone().any(|t| t.key == s.key));
    let shown: Vec<Tab> = there.clone().chain(other).map(side).collect();
    let left = held.filter(|s| !shown.iter().any(|t| t.title == s.title)).count();
    let more = (left > 0).then(|| plain(&format!("{left} more"), "more", format!("{here}#related")));
    let raw = plain("Raw", "raw", tab(here, "raw", None));
    std::iter::once(plain("Overview", "", here.to_string())).chain(shown).chain(more).chain([raw]).collect()
}

fn link(here: &str, side: &Side) -> Link {
    let (title, count) = (side.title.clone(), side.many());
    Link { title, href: tab(here, &side.key, None), what: side.what, count }
}

fn facts(visit: &Visit, org: &Org, kind: &'static Kind, found: &Entity, versions: u64) -> Vec<Fact> {
    let now = visit.app.now();
    let search = org_path(org.id, "/search");
    let fact = |field: Field| {
        let cell = match field {
            Field::Own(sort) => own(&found.row, sort, now),
            Field::Declared(c) => Cell::value(found.doc.pointer(c.path).unwrap_or_default(), c.ty, now),
        };
        let doc = match field {
            Field::Own(_) => "",
            Field::Declared(column) => column.doc,
        };
        let is_id = field.name().ends_with("_id") && !cell.text.is_empty();
        let href = is_id.then(|| {
            format!("{search}?{}", Serializer::new(String::new()).append_pair("q", &cell.text).finish())
        });
        Fact { title: field.title(), doc, cell, href }
    };
    let mut facts: Vec<Fact> =
        Field::all(kind).into_iter().filter(|f| !matches!(f, Field::Own(Sort::Status))).map(fact).collect();
    let seen = |title: &str, doc, cell| Fact { title: spoken(title), doc, cell, href: None };
    facts.push(seen("first_seen", "When Transom first read of it.", Cell::time(Some(found.first_seen), now)));
    let versions = Cell::text(Count(versions).to_string());
    facts.push(seen("versions", "Documents it has had since then, this one included.", versions));
    facts
}

async fn parent(visit: &Visit, org: OrgId, row: &EntityRow) -> Result<Option<(String, String)>, Error> {
    if row.parent == EntityId::ROOT {
        return Ok(None);
    }
    let store = visit.app.store();
    let found = store.entities(org, &[row.parent]).await?.pop();
    Ok(found.and_then(|row| {
        let kind = store.catalogue().kind(row.kind)?;
        Some((format!("{} {}", kind.title, called(&row)), object_path(org, kind, row.id)))
    }))
}

/// The object's page in Okta's Admin Console, where its address is known in practice: users, groups and apps. The console
/// stands under the org's name with `-admin`.
fn console(org: &Org, found: &Entity) -> Option<String> {
    if org.simulator { None } else { admin_page(&org.origin, found.row.kind, &found.row.okta_id, &found.doc) }
}

fn admin_page(origin: &str, kind: KindCode, id: &str, doc: &Value) -> Option<String> {
    let (name, suffix) = origin.strip_prefix("https://")?.split_once('.')?;
    if !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let path = match kind {
        code if code == USER.code => format!("user/profile/view/{id}"),
        code if code == GROUP.code => format!("group/{id}"),
        code if code == APP.code => {
            let app = doc.pointer("/name")?.as_str()?;
            let plain = app.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            plain.then(|| format!("app/{app}/instance/{id}"))?
        }
        _ => return None,
    };
    Some(format!("https://{name}-admin.{suffix}/admin/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use transom_engine::entity::factor::FACTOR;

    #[test]
    fn the_admin_page_is_known_for_users_groups_and_apps() {
        let page = |kind: &Kind, id, doc: Value| admin_page("https://acme.okta.com", kind.code, id, &doc);
        let admin = |path: &str| Some(format!("https://acme-admin.okta.com/admin/{path}"));
        assert_eq!(page(&USER, "00u1", json!({})), admin("user/profile/view/00u1"));
        assert_eq!(page(&GROUP, "00g1", json!({})), admin("group/00g1"));
        assert_eq!(
            page(&APP, "0oa1", json!({"name": "oidc_client"})),
            admin("app/oidc_client/instance/0oa1")
        );
        assert_eq!(page(&APP, "0oa1", json!({"name": "../x"})), None);
        assert_eq!(page(&USER, "00u/../1", json!({})), None);
        assert_eq!(page(&FACTOR, "opf1", json!({})), None);
        assert_eq!(admin_page("http://127.0.0.1:9", USER.code, "00u1", &json!({})), None);
    }
}
