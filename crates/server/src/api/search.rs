//! Search over all kinds.

use serde::Deserialize;
use utoipa::IntoParams;

use super::entity::Entity;
use super::{Answer, Items, Params, given, size};
use crate::{Connection, Visit};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The beginning of a name, a login or another searched column, or a whole Okta id.
    q: String,
    /// How many at most; 50 where absent.
    #[serde(default, deserialize_with = "given")]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Search
///
/// Objects of any kind by name, login, address or Okta id: the best, and no further page.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/search", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), Asked),
    responses((status = OK, body = Items<Entity>)))]
pub(crate) async fn find(
    visit: Visit,
    Connection(org): Connection,
    Params(asked): Params<Asked>,
) -> Answer<Items<Entity>> {
    let store = visit.app.store();
    let hits = store.search(org.id, &asked.q, size(asked.limit)?).await?;
    let entity = |hit: transom_store::Hit| {
        let kind = store.catalogue().kind(hit.row.kind)?;
        Some(Entity::new(kind, &hit.row))
    };
    let found: Vec<Entity> = hits.into_iter().filter_map(entity).collect();
    Ok(Items::all(found))
}
