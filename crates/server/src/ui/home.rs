//! `/`: the first org that the visitor may see, or where to connect one.

use super::page::org_path;
use super::{Answer, go};
use crate::Visit;

pub(crate) async fn show(visit: Visit) -> Answer {
    let orgs = visit.orgs().await?;
    Ok(match orgs.first() {
        Some(org) => go(&org_path(org.id, "")),
        None => go("/settings/integrations"),
    })
}
