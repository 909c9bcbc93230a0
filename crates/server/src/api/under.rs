//! What is read only when asked for, read of one object.

use axum::Json;
use serde::Deserialize;
use transom_engine::sync::under;
use utoipa::ToSchema;

use super::coverage::Dataset;
use super::entity::found;
use super::{Answer, At, Body, Items};
use crate::{Connection, Error, Visit};

/// What is to be read of an object.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// The data sets: of a user `user_grant` and `linked_user`. All that can be where empty.
    with: Vec<String>,
}

/// Read of one object
///
/// Reads from Okta what syncs leave out and is read only when asked for, of one object: of a user the grants and whom they are
/// linked to. It takes a call or a few. Answers with what is known of the object then; a data set that Okta refuses says so in
/// its `state`. What is known of all objects together is no more than before.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/entities/{kind}/{id}/read", tag = "Inventory",
    params(("org" = i64, Path, description = "The org's number"), ("kind" = String, Path, description = "The kind: `user`"),
        ("id" = String, Path, description = "Okta's id")),
    request_body = Asked, responses((status = OK, body = Items<Dataset>)))]
pub(crate) async fn read(
    visit: Visit,
    Connection(org): Connection,
    At((_, kind, id)): At<(i64, String, String)>,
    Body(asked): Body<Asked>,
) -> Answer<Items<Dataset>> {
    let kind = visit.kind(&kind)?;
    let row = found(&visit, org.id, kind, &id).await?;
    let have: Vec<&str> = under(kind.code).map(|d| d.name).collect();
    if let Some(other) = asked.with.iter().find(|name| !have.contains(&name.as_str())) {
        let (kind, have) =
            (kind.title.to_lowercase(), if have.is_empty() { "none".into() } else { have.join(", ") });
        return Err(Error::Unreadable(format!(
            "with: {other} can't be read of one {kind}. Expected of: {have}."
        )));
    }
    let engine = visit.app.engine_as(&visit.who()?.actor);
    let read =
        visit.app.jobs.whole(async move { engine.read_under(&org, &row, &asked.with).await }).await??;
    let Json(items) = Items::all(read.into_iter().map(Dataset::from));
    Ok(Json(items))
}
