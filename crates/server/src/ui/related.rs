//! What an object is related to: the objects at the ends of its edges and under it, and of a user why, through what and
//! how far.

use serde_json::Value;
use transom_core::{EntityId, Kind, OrgId, RelCode};
use transom_engine::detail::{Reach, ReachedResource, Scope, Through, Why};
use transom_engine::entity::{
    app_user::APP_USER,
    group_member::GROUP_MEMBER,
    org::ORG,
    role_assignment::{ASSIGNMENT_CLIENT, ASSIGNMENT_GROUP, ASSIGNMENT_USER, ROLE_ASSIGNMENT},
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
    /// How many kinds may be there.
    kinds: usize,
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
    /// Whether any row has a login, or a status, and whether they are of several kinds.
    pub logins: bool,
    pub statuses: bool,
    pub kinds: bool,
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

/// What people ask for first.
const FIRST: [&str; 8] = [
    "in.group_member",
    "out.group_member",
    "out.app_user",
    "out.app_group",
    "in.app_user",
    "in.app_group",
    "child.role_assignment",
    "child.factor",
];
/// Edges that say what stands under the object anyway.
const AS_CHILDREN: [RelCode; 3] = [ASSIGNMENT_USER.code, ASSIGNMENT_GROUP.code, ASSIGNMENT_CLIENT.code];
/// Rows of a page.
const ROWS: u32 = 50;
/// Members of a resource set that a row names.
const SHOWN: usize = 5;

/// Everything that can be asked of an object, with the number there is; but for the org itself, to which all belongs.
///
/// # Errors
/// When the database can't be read.
pub(super) async fn sides(visit: &Visit, org: OrgId, row: &EntityRow) -> Result<Vec<Side>, Error> {
    let (store, mut all) = (visit.app.store(), Vec::new());
    for (code, count) in store.child_counts(org, row.id, row.kind).await? {
        let Some(kind) = store.catalogue().kind(code) else { continue };
        let (key, of) = (format!("child.{}", kind.name), Of::Children(kind, row.id));
        all.push(Side { key, title: plural(kind.title), what: kind.what, count, kinds: 1, of });
    }
    for edges in store.edge_counts(org, row.id, row.kind).await? {
        let Some(relation) = store.catalogue().relation(edges.rel) else { continue };
        let (word, far) = match edges.direction {
            Direction::Out => ("out", relation.to),
            Direction::In => ("in", relation.from),
        };
        if (edges.direction == Direction::Out && far == [ORG.name]) || AS_CHILDREN.contains(&edges.rel) {
            continue;
        }
        let kinds = far.iter().filter_map(|name| store.catalogue().kind_named(name));
        let title = kinds.map(|k| plural(k.title)).collect::<Vec<_>>().join(", ");
        let of = Of::Edges(EdgeFilter { rel: edges.rel, direction: edges.direction, of: row.id });
        let key = format!("{word}.{}", relation.name);
        all.push(Side { key, title, what: relation.what, count: edges.count, kinds: far.len(), of });
    }
    let place = |side: &Side| FIRST.iter().position(|key| *key == side.key).unwrap_or(FIRST.len());
    all.sort_by_key(place);
    // Where several lead to the same kinds, the relation's own name tells the later ones apart.
    let mut titles: Vec<String> = Vec::new();
    for side in all.iter_mut().filter(|side| side.count.least() > 0) {
        if titles.contains(&side.title) {
            let name = side.key.split_once('.').map_or("", |(_, name)| name);
            side.title = format!("{} ({})", side.title, spoken(name).to_lowercase());
        }
        titles.push(side.title.clone());
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
    let mut docs = Vec::new();
    let (found, next, prev) = match side.of {
        Of::Edges(edges) => {
            let page = store.neighbours_page(org, edges, after, ROWS).await?;
            let (found, its): (Vec<_>, Vec<_>) = page.rows.into_iter().map(|n| (n.row, n.doc)).unzip();
            docs = its;
            (found, page.next, page.prev)
        }
        Of::Children(kind, parent) => {
            let filter = ListFilter { parent: Some(parent), ..ListFilter::default() };
            let page = store.list(org, kind.code, &filter, &Paging::by_name(after, ROWS)).await?;
            (page.rows, page.next, page.prev)
        }
    };
    let (extra, pieces) = explained(visit, org, side, &found, &docs).await?;
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
    let rows: Vec<Row> =
        found.into_iter().zip(pieces.map(Option::unwrap_or_default)).filter_map(row).collect();
    Ok(Related {
        extra,
        logins: rows.iter().any(|r| !r.login.is_empty()),
        statuses: rows.iter().any(|r| r.status.is_some()),
        kinds: side.kinds > 1,
        rows,
        next,
        prev,
    })
}

type Explained = (Option<&'static str>, Vec<Vec<Piece>>);

/// What the copy says beyond the fact, for the sides of which it does.
async fn explained(
    visit: &Visit,
    org: OrgId,
    side: &Side,
    rows: &[EntityRow],
    docs: &[Option<Value>],
) -> Result<Explained, Error> {
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
            let one = |(found, doc): (Option<Through>, &Option<Value>)| {
                found.map(|t| through(t, doc.as_ref(), &link)).unwrap_or_default()
            };
            (Some("Through"), all.into_iter().zip(docs).map(one).collect())
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

fn through(through: Through, doc: Option<&Value>, link: &impl Fn(EntityRow) -> Piece) -> Vec<Piece> {
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
        // Many apps have users that are PROVISIONED, which is no less.
        let status = doc.and_then(|doc| doc.pointer("/status")).and_then(Value::as_str);
        pieces.push(says(&format!("({})", status.unwrap_or("not ACTIVE"))));
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
            let many = match resources.len() {
                n if more => format!("{n}+ resources:"),
                n => format!("{}:", Count(n as u64).of("resource")),
            };
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
