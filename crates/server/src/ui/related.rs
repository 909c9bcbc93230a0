//! What an object is related to: the objects at the ends of its edges and under it, and of a user why, through what and
//! how far.

use transom_core::{EntityId, Kind, OrgId};
use transom_engine::detail::{Reach, ReachedResource, Scope, Through, Why};
use transom_engine::entity::{
    app_user::APP_USER, group_member::GROUP_MEMBER, role_assignment::ROLE_ASSIGNMENT,
};
use transom_store::{Count as Counted, Direction, EdgeFilter, EntityRow, ListFilter, Paging};

use super::cell::called;
use super::page::object_path;
use super::words::{plural, spoken};
use super::{Count, Status};
use crate::{Error, Visit};

/// What can be asked of an object: one relation in one direction, or the objects of one kind under it.
#[derive(Debug)]
pub(super) struct Side {
    /// Its word in addresses: `out.group_member`, `child.factor`.
    pub key: String,
    pub title: String,
    pub what: &'static str,
    pub count: Counted,
    of: Of,
}

#[derive(Debug, Clone, Copy)]
enum Of {
    Edges(EdgeFilter),
    Children(&'static Kind, EntityId),
}

impl Side {
    /// How many, in words.
    pub fn many(&self) -> String {
        Count::counted(self.count)
    }
}

/// A page of what is related.
pub(super) struct Related {
    /// What the last column says: `Why`, `Through`, `Reach`.
    pub extra: Option<&'static str>,
    pub rows: Vec<Row>,
    pub next: Option<String>,
    pub prev: Option<String>,
}

pub(super) struct Row {
    pub name: String,
    pub href: String,
    pub kind: &'static str,
    pub login: String,
    pub id: String,
    pub status: Option<Status>,
    pub extra: Vec<Piece>,
}

/// A word or a link in what explains a row.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub text: String,
    pub href: Option<String>,
    /// Whether it says that something is not known.
    pub unknown: bool,
}

/// Rows of a page.
const ROWS: u32 = 50;

/// Everything that can be asked of an object, with the number there is.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn sides(visit: &Visit, org: OrgId, row: &EntityRow) -> Result<Vec<Side>, Error> {
    let (store, mut all) = (visit.app.store(), Vec::new());
    for (code, count) in store.child_counts(org, row.id, row.kind).await? {
        let Some(kind) = store.catalogue().kind(code) else { continue };
        let (key, of) = (format!("child.{}", kind.name), Of::Children(kind, row.id));
        all.push(Side { key, title: plural(kind.title), what: kind.what, count, of });
    }
    for edges in store.edge_counts(org, row.id, row.kind).await? {
        let Some(relation) = store.catalogue().relation(edges.rel) else { continue };
        let (word, far) = match edges.direction {
            Direction::Out => ("out", relation.to),
            Direction::In => ("in", relation.from),
        };
        let kinds = far.iter().filter_map(|name| store.catalogue().kind_named(name));
        let title = kinds.map(|k| plural(k.title)).collect::<Vec<_>>().join(", ");
        let of = Of::Edges(EdgeFilter { rel: edges.rel, direction: edges.direction, of: row.id });
        let key = format!("{word}.{}", relation.name);
        all.push(Side { key, title, what: relation.what, count: edges.count, of });
    }
    // Where two lead to the same kinds, the relation's own name tells them apart.
    let titles: Vec<String> = all.iter().filter(|s| s.count.least() > 0).map(|s| s.title.clone()).collect();
    for side in &mut all {
        if titles.iter().filter(|t| **t == side.title).count() > 1
            && let Some((_, name)) = side.key.split_once('.')
            && side.key != "out.group_member"
        {
            side.title = format!("{} ({})", side.title, spoken(name).to_lowercase());
        }
    }
    Ok(all)
}

/// A page of one side.
///
/// # Errors
/// [`Error::Asked`] for a mark that is none of these.
pub(super) async fn related(
    visit: &Visit,
    org: OrgId,
    side: &Side,
    after: Option<&str>,
) -> Result<Related, Error> {
    let store = visit.app.store();
    let (found, next, prev) = match side.of {
        Of::Edges(edges) => {
            let page = store.neighbours_page(org, edges, after, ROWS).await?;
            (page.rows.into_iter().map(|n| n.row).collect::<Vec<_>>(), page.next, page.prev)
        }
        Of::Children(kind, parent) => {
            let filter = ListFilter { parent: Some(parent), ..ListFilter::default() };
            let page = store.list(org, kind.code, &filter, &Paging::by_name(after, ROWS)).await?;
            (page.rows, page.next, page.prev)
        }
    };
    let (extra, pieces) = explained(visit, org, side, &found).await?;
    let row = |(row, extra): (EntityRow, Vec<Piece>)| {
        let kind = store.catalogue().kind(row.kind)?;
        Some(Row {
            name: called(&row),
            href: object_path(org, kind, row.id),
            kind: kind.title,
            login: row.login.filter(|login| row.name.as_ref() != Some(login)).unwrap_or_default(),
            id: row.okta_id,
            status: row.status.as_deref().map(Status::new),
            extra,
        })
    };
    let pieces = pieces.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let rows = found.into_iter().zip(pieces.map(Option::unwrap_or_default)).filter_map(row).collect();
    Ok(Related { extra, rows, next, prev })
}

type Explained = (Option<&'static str>, Vec<Vec<Piece>>);

/// What the copy says beyond the fact, for the sides of which it does.
async fn explained(visit: &Visit, org: OrgId, side: &Side, rows: &[EntityRow]) -> Result<Explained, Error> {
    let ids: Vec<EntityId> = rows.iter().map(|row| row.id).collect();
    let engine = &visit.app.engine;
    let link = |row: EntityRow| link(visit, org, &row);
    Ok(match side.of {
        Of::Edges(EdgeFilter { rel, direction: Direction::Out, of }) if rel == GROUP_MEMBER.code => {
            let all = engine.why_in_groups(org, of, &ids).await?;
            (Some("Why"), all.into_iter().map(|why| because(why, &link)).collect())
        }
        Of::Edges(EdgeFilter { rel, direction: Direction::Out, of }) if rel == APP_USER.code => {
            let all = engine.through_what(org, of, &ids).await?;
            (
                Some("Through"),
                all.into_iter().map(|t| t.map(|t| through(t, &link)).unwrap_or_default()).collect(),
            )
        }
        Of::Children(kind, _) if kind.code == ROLE_ASSIGNMENT.code => {
            let mut all = Vec::with_capacity(ids.len());
            for id in ids {
                let found = engine.reach(org, id).await?;
                all.push(found.map(|(role, reach)| reaches(role, reach, &link)).unwrap_or_default());
            }
            (Some("Role and reach"), all)
        }
        Of::Edges(_) | Of::Children(..) => (None, Vec::new()),
    })
}

fn link(visit: &Visit, org: OrgId, row: &EntityRow) -> Piece {
    let kind = visit.app.store().catalogue().kind(row.kind);
    Piece { text: called(row), href: kind.map(|kind| object_path(org, kind, row.id)), unknown: false }
}

fn says(text: &str) -> Piece {
    Piece { text: text.to_string(), ..Piece::default() }
}

fn unknown(text: &str) -> Piece {
    Piece { unknown: true, ..says(text) }
}

fn because(why: Why, link: &impl Fn(EntityRow) -> Piece) -> Vec<Piece> {
    match why {
        Why::ImportedFrom(Some(app)) => vec![says("Imported from"), link(app)],
        Why::ImportedFrom(None) => vec![says("Imported, from an app that is not held")],
        Why::BuiltIn => vec![says("Okta itself decides")],
        Why::PossiblyByRule(rules) => {
            std::iter::once(unknown("Possibly by rule")).chain(rules.into_iter().map(link)).collect()
        }
        Why::NotKnown => vec![unknown("Not known")],
    }
}

fn through(through: Through, link: &impl Fn(EntityRow) -> Piece) -> Vec<Piece> {
    let named = through.named;
    let groups: Vec<Piece> = through.groups.into_iter().map(|g| link(g.group)).collect();
    let mut pieces = match through.scope {
        Scope::User if groups.is_empty() => vec![says("Directly")],
        Scope::User => vec![says("Directly; also assigned to")],
        Scope::Group if groups.is_empty() => {
            let named = named.map(|id| format!("Through the group {id}, which is not known"));
            vec![unknown(named.as_deref().unwrap_or("Through a group that is not known"))]
        }
        Scope::Group => vec![says("Through")],
        Scope::NotStated => vec![unknown("Okta does not say")],
    };
    pieces.extend(groups);
    if !through.active {
        pieces.push(says("(not active)"));
    }
    pieces
}

fn reaches(role: Option<EntityRow>, reach: Reach, link: &impl Fn(EntityRow) -> Piece) -> Vec<Piece> {
    let mut pieces = vec![role.map_or_else(|| unknown("A role that is not held"), link)];
    match reach {
        Reach::Org => pieces.push(says("in the whole org")),
        Reach::Targets { groups, apps, catalogue } => {
            pieces.push(says("limited to"));
            if groups.is_empty() && apps.is_empty() && catalogue.is_empty() {
                pieces.push(unknown("targets that are not known"));
            }
            pieces.extend(groups.into_iter().chain(apps).map(link));
            pieces.extend(catalogue.iter().map(|name| says(&format!("every {name}"))));
        }
        Reach::ResourceSet { set, resources, more } => {
            pieces.extend([says("on"), link(set)]);
            let many = format!("{}{} resources:", resources.len(), if more { "+" } else { "" });
            pieces.push(says(&many));
            let one = |r: ReachedResource| match r.target {
                Some((row, false)) => vec![link(row)],
                Some((row, true)) => vec![says("what is in"), link(row)],
                None => vec![link(r.resource)],
            };
            pieces.extend(resources.into_iter().take(SHOWN).flat_map(one));
        }
        Reach::NotKnown => pieces.push(unknown("on a resource set that is not held")),
    }
    pieces
}

/// Members of a resource set that a row names.
const SHOWN: usize = 5;
