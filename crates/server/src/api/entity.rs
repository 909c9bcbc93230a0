//! Objects by kind.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use transom_core::{Kind, OrgId};
use transom_store::{EntityRow, ListFilter, Paging, Sort};
use utoipa::{IntoParams, ToSchema};

use super::coverage::Dataset;
use super::{Answer, At, Params, Time, given, size};
use crate::knowledge::{Knowledge, facets};
use crate::{Connection, Error, Visit};

/// An object of Okta, without its document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Entity {
    /// Its kind.
    pub kind: String,
    /// Okta's id; for kinds that live under others `parent/id`.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its login.
    pub login: Option<String>,
    /// Its status, as Okta has it.
    pub status: Option<String>,
    /// When Okta says it was created.
    pub created: Option<Time>,
    /// When Okta says it was last changed.
    pub updated: Option<Time>,
}

impl Entity {
    pub(super) fn new(kind: &Kind, row: &EntityRow) -> Self {
        Self {
            kind: kind.name.to_string(),
            id: row.address(),
            name: row.name.clone(),
            login: row.login.clone(),
            status: row.status.clone(),
            created: row.created.map(Time::from),
            updated: row.updated.map(Time::from),
        }
    }
}

/// An object with what is read out of its document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Listed {
    /// The object.
    #[serde(flatten)]
    pub entity: Entity,
    /// Its columns, by name.
    #[schema(value_type = Object)]
    pub columns: Map<String, Value>,
}

/// A page of a list, with what is not known of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct List {
    /// The objects. A page may hold fewer than asked for, or none, and yet not be the last.
    pub items: Vec<Listed>,
    /// What asks for the next page, as `cursor`; null on the last.
    pub next: Option<String>,
    /// The data sets that list this kind and are not complete: what is not in the list may exist all the same.
    pub gaps: Vec<Dataset>,
}

/// An object with its document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Detail {
    /// The object.
    #[serde(flatten)]
    pub entity: Entity,
    /// Okta's document; secrets are dropped on arrival, and say so in place.
    #[schema(value_type = Object)]
    pub doc: Value,
    /// When it was first read.
    pub first_seen: Time,
    /// Since when the document is as it is, as far as Transom saw.
    pub changed_at: Time,
    /// What is read only when asked for, as far as it is known of this object: its `at` says when it was read of it.
    pub under: Vec<Dataset>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only objects with a name, login or searched column that begins so, upper and lower case alike.
    q: Option<String>,
    /// Only objects whose facet has this value: `FACET=VALUE`, such as `department=IT`. Several of one facet: any of them;
    /// of several facets: all of them.
    #[serde(rename = "where", default)]
    #[param(rename = "where")]
    facets: Vec<String>,
    /// What to sort by: `name`, `login`, `status`, `created` or `updated`, as far as the kind has it; with a `-` before it
    /// the greatest first.
    sort: Option<String>,
    /// How many on a page; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

impl Asked {
    fn filter(&self, kind: &Kind) -> Result<ListFilter, Error> {
        Ok(ListFilter {
            facets: conditions(kind, &self.facets).map_err(Error::Asked)?,
            prefix: self.q.clone(),
            ..ListFilter::default()
        })
    }

    fn sort(&self) -> Result<(Sort, bool), Error> {
        order(self.sort.as_deref()).map_err(Error::Asked)
    }
}

/// The facets and values of conditions on a kind, each `FACET=VALUE`; a sentence where one is none.
pub(super) fn conditions(kind: &Kind, all: &[String]) -> Result<Vec<(String, String)>, String> {
    let have = facets(kind);
    let read = |text: &String| match text.split_once('=') {
        Some((name, value)) if have.contains(&name) => Ok((name.to_string(), value.to_string())),
        Some((name, _)) => Err(format!(
            "where: a {} has no facet {name}. There are {}.",
            kind.title.to_lowercase(),
            if have.is_empty() { "none".to_string() } else { have.join(", ") }
        )),
        None => Err(format!("where: {text} is no condition. Expected FACET=VALUE.")),
    };
    all.iter().map(read).collect()
}

/// What a list is sorted by, by name where nobody says, and whether the greatest comes first; a sentence where that can't be.
pub(super) fn order(text: Option<&str>) -> Result<(Sort, bool), String> {
    let text = text.unwrap_or("name");
    let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
    let sort = Sort::parse(word).ok_or_else(|| {
        let have = Sort::ALL.map(Sort::as_str).join(", ");
        format!("sort: there is no {word}. Expected one of {have}.")
    })?;
    Ok((sort, descending))
}

/// The live object of a kind that a path names by Okta's id, or by `parent/id`.
pub(super) async fn found(visit: &Visit, org: OrgId, kind: &Kind, id: &str) -> Result<EntityRow, Error> {
    let mut found = visit.app.store().find(org, kind.code, id).await?;
    found.retain(|row| row.okta_id == id || row.address() == id);
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::NotFound),
        _ => {
            let have: Vec<String> = found.iter().map(EntityRow::address).collect();
            Err(Error::Asked(format!(
                "Several objects have the id {id}: {}. Name one of them.",
                have.join(", ")
            )))
        }
    }
}

/// List objects
///
/// The objects of a kind, narrowed and sorted, with their columns.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/entities/{kind}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind: `user`, `group`, `app`, …"), Asked),
    responses((status = OK, body = List)))]
pub(crate) async fn list(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind)): At<(i64, String)>,
    Params(asked): Params<Asked>,
) -> Answer<List> {
    let kind = visit.kind(&kind)?;
    let (filter, (sort, descending)) = (asked.filter(kind)?, asked.sort()?);
    let paging = Paging { sort, descending, at: asked.cursor.as_deref(), limit: size(asked.limit)? };
    let store = visit.app.store();
    let page = store.list(org.id, kind.code, &filter, &paging).await?;
    let names: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
    let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    let values = store.values(org.id, kind.code, &ids, &names).await?;
    let listed = |(row, values): (&EntityRow, Vec<Value>)| Listed {
        entity: Entity::new(kind, row),
        columns: names.iter().map(ToString::to_string).zip(values).collect(),
    };
    let known = Knowledge::of(&visit, org.id).await?;
    Ok(Json(List {
        items: page.rows.iter().zip(values).map(listed).collect(),
        next: page.next,
        gaps: known.open(kind.code).cloned().map(Dataset::from).collect(),
    }))
}

/// Show an object
///
/// An object with its document.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/entities/{kind}/{id}", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind"),
        ("id" = String, Path, description = "Okta's id, or `parent/id` with the slash written as %2F")),
    responses((status = OK, body = Detail)))]
pub(crate) async fn show(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind, id)): At<(i64, String, String)>,
) -> Answer<Detail> {
    let kind = visit.kind(&kind)?;
    let row = found(&visit, org.id, kind, &id).await?;
    let entity = visit.app.store().entity_by_id(org.id, row.id).await?.ok_or(Error::NotFound)?;
    let under = visit.app.engine().known_under(org.id, &row).await?;
    Ok(Json(Detail {
        entity: Entity::new(kind, &entity.row),
        doc: entity.doc,
        first_seen: entity.first_seen.into(),
        changed_at: entity.changed_at.into(),
        under: under.into_iter().map(Dataset::from).collect(),
    }))
}
