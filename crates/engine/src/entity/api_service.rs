//! API service integrations: apps of the integration network that call Okta's API on their own.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::user::USER;
use super::{Declares, object, out, text};
use crate::dataset::{Dataset, Right};

/// An API service integration.
pub const API_SERVICE: Kind = Kind {
    code: KindCode(29),
    name: "api_service",
    title: "API service integration",
    what: "Somebody else's service that calls the org's API with the scopes it was granted.",
    status_at: None,
    created_at: Some("/createdAt"),
    updated_at: None,
    columns: &[
        Column::text("type", "/type", "Its kind in the integration network.").faceted(),
        Column::text("scopes", "/grantedScopes", "What it may do.").typed(ColumnType::Json).faceted(),
        Column::text("created_by", "/createdBy", "The user who added it."),
    ],
    decides: &[("/createdBy", Shape::Text)],
    ..Kind::USUAL
};

/// Integration → the user who added it.
pub const API_SERVICE_CREATOR: Relation = Relation {
    code: RelCode(28),
    name: "api_service_creator",
    what: "The integration was added by the user.",
    from: &["api_service"],
    to: &["user"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "api_service",
    title: "API service integrations",
    used_for: "tell which services of others may call the org's API, and to do what",
    without: "standing API access of others stays out of sight",
    right: Right {
        // Okta names no permission for it [inf].
        permission: None,
        console: "Super or Organization Administrator",
        scope: "okta.oauthIntegrations.read",
        read_only_admin: false,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(API_SERVICE.code),
    parts: |_| vec![api::api_service::list().into_listing()],
    read: |item, scope, page| {
        let owns = &[API_SERVICE_CREATOR.code];
        let Some(service) = object(&API_SERVICE, owns, item, scope, page) else { return };
        if let Some(user) = text(item, "/createdBy") {
            service.out.push(out(&API_SERVICE_CREATOR, &USER, user));
        }
    },
    again: Some(|id| api::api_service::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&API_SERVICE], relations: &[&API_SERVICE_CREATOR], datasets: &[&DATASET] };
