//! What objects are connected to.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_store::{Direction, EdgeFilter, Neighbour};
use utoipa::{IntoParams, ToSchema};

use super::entity::{Entity, found};
use super::{Answer, At, Items, Params, given, size};
use crate::{Connection, Error, Visit};

/// Which way edges are followed, seen from the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From the object to others.
    Out,
    /// From others to the object.
    In,
}

impl From<Direction> for Way {
    fn from(direction: Direction) -> Self {
        if direction == Direction::Out { Self::Out } else { Self::In }
    }
}

/// The edges of one relation and direction of an object.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Edges {
    /// The relation.
    pub relation: String,
    /// What it says, from source to destination.
    pub what: String,
    /// Which way.
    pub direction: Way,
    /// How many live objects are at the far ends, at least.
    pub count: u64,
    /// Whether they are that many and no more.
    pub exact: bool,
}

/// An object at the far end of an edge.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Edge {
    /// The object.
    pub object: Entity,
    /// The small number on the edge; what it says, the reference of the relation tells.
    pub attr: i32,
    /// The edge's own document, where the relation has one.
    #[schema(value_type = Option<Object>)]
    pub doc: Option<Value>,
}

/// List relations of an object
///
/// What an object is connected to: each relation and direction that its kind can have, with how many there are.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/entities/{kind}/{id}/edges", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind"),
        ("id" = String, Path, description = "Okta's id, or `parent/id` with the slash written as %2F")),
    responses((status = OK, body = Items<Edges>)))]
pub(crate) async fn counts(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind, id)): At<(i64, String, String)>,
) -> Answer<Items<Edges>> {
    let kind = visit.kind(&kind)?;
    let row = found(&visit, org.id, kind, &id).await?;
    let store = visit.app.store();
    let counts = store.edge_counts(org.id, row.id, kind.code).await?;
    let edges = counts.into_iter().filter_map(|c| {
        let relation = store.catalogue().relation(c.rel)?;
        Some(Edges {
            relation: relation.name.to_string(),
            what: relation.what.to_string(),
            direction: c.direction.into(),
            count: c.count.least(),
            exact: matches!(c.count, transom_store::Count::Exactly(_)),
        })
    });
    let edges: Vec<Edges> = edges.collect();
    Ok(Items::all(edges))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Which way: `out` from the object to others, `in` from others to it.
    #[param(inline)]
    direction: Way,
    /// How many on a page; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// List edges of an object
///
/// The objects at the far end of an object's edges, by kind and name.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/entities/{kind}/{id}/edges/{relation}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind"),
        ("id" = String, Path, description = "Okta's id, or `parent/id` with the slash written as %2F"),
        ("relation" = String, Path, description = "The relation: `group_member`, …"), Which),
    responses((status = OK, body = Items<Edge>)))]
pub(crate) async fn list(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind, id, relation)): At<(i64, String, String, String)>,
    Params(which): Params<Which>,
) -> Answer<Items<Edge>> {
    let kind = visit.kind(&kind)?;
    let (store, limit) = (visit.app.store(), size(which.limit)?);
    let relation = store.catalogue().relation_named(&relation).ok_or(Error::NotFound)?;
    let row = found(&visit, org.id, kind, &id).await?;
    let direction = if which.direction == Way::Out { Direction::Out } else { Direction::In };
    let edges = EdgeFilter { rel: relation.code, direction, of: row.id };
    let page = store.neighbours_page(org.id, edges, which.cursor.as_deref(), limit).await?;
    let edge = |n: Neighbour| {
        let kind = store.catalogue().kind(n.row.kind)?;
        Some(Edge { object: Entity::new(kind, &n.row), attr: n.attr, doc: n.doc })
    };
    Ok(Json(Items { items: page.rows.into_iter().filter_map(edge).collect(), next: page.next }))
}
