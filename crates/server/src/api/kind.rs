//! The kinds of object, and how many of each an org holds.

use serde::{Deserialize, Serialize};
use transom_core::ColumnType;
use utoipa::ToSchema;

use super::coverage::Dataset;
use super::{Answer, Items, Nothing, Params};
use crate::knowledge::Knowledge;
use crate::{Connection, Visit};

/// A kind of object.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Kind {
    /// Its name, as paths have it.
    pub kind: String,
    /// What people read.
    pub title: String,
    /// What it is, in a sentence.
    pub what: String,
    /// The kinds it lives under; empty where it stands for itself.
    pub parents: Vec<String>,
    /// What is read out of its documents.
    pub columns: Vec<Column>,
}

/// A column of a kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it says.
    pub what: String,
    /// `text`, `int`, `bool`, `time` or `json`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether lists can be narrowed by it: `where=NAME=VALUE`.
    pub facet: bool,
}

fn ty(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "text",
        ColumnType::Integer => "int",
        ColumnType::Boolean => "bool",
        ColumnType::Time => "time",
        ColumnType::Json => "json",
    }
}

/// List kinds
///
/// Every kind of object there is, with its columns.
#[utoipa::path(get, path = "/api/v1/kinds", tag = "Inventory", responses((status = OK, body = Items<Kind>)))]
pub(crate) async fn list(visit: Visit, Params(_): Params<Nothing>) -> Answer<Items<Kind>> {
    let kind = |kind: &&'static transom_core::Kind| Kind {
        kind: kind.name.to_string(),
        title: kind.title.to_string(),
        what: kind.what.to_string(),
        parents: kind.parents.iter().map(ToString::to_string).collect(),
        columns: kind
            .columns
            .iter()
            .map(|c| Column {
                name: c.name.to_string(),
                what: c.doc.to_string(),
                ty: ty(c.ty).to_string(),
                facet: c.facet,
            })
            .collect(),
    };
    Ok(Items::all(visit.app.store().catalogue().kinds.iter().map(kind)))
}

/// How many objects of a kind an org holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Held {
    /// The kind.
    pub kind: String,
    /// How many are held; null where none is held and it is not known how many there are.
    pub held: Option<u64>,
    /// The data sets that list it and are not complete.
    pub gaps: Vec<Dataset>,
}

/// Count objects
///
/// How many objects of each kind are held, and what is not known of them.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/entities", tag = "Inventory", params(("org" = i64, Path, description = "The org's number")),
    responses((status = OK, body = Items<Held>)))]
pub(crate) async fn held(visit: Visit, Connection(org): Connection) -> Answer<Items<Held>> {
    let store = visit.app.store();
    let counts = store.kind_counts(org.id).await?;
    let known = Knowledge::of(&visit, org.id).await?;
    let held = store.catalogue().kinds.iter().map(|kind| {
        let n = counts.iter().find(|(code, _)| *code == kind.code).map_or(0, |(_, n)| *n);
        Held {
            kind: kind.name.to_string(),
            held: known.held(kind.code, n),
            gaps: known.open(kind.code).cloned().map(Dataset::from).collect(),
        }
    });
    let held: Vec<Held> = held.collect();
    Ok(Items::all(held))
}
