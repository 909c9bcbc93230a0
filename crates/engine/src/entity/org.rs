//! The org itself: one object, the anchor of everything that has no other owner.

use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// The org.
pub const ORG: Kind = Kind {
    code: KindCode(1),
    name: "org",
    title: "Org",
    what: "The Okta org: its name, subdomain, status and contacts' addresses.",
    name_at: &["/companyName", "/subdomain"],
    columns: &[
        Column::text("subdomain", "/subdomain", "The org's name in its Okta address."),
        Column::text("website", "/website", "The company's website."),
        Column::text("expires_at", "/expiresAt", "When the org's subscription ends, if it does.").typed(ColumnType::Time),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "org",
    title: "Org",
    used_for: "name the org and anchor what belongs to it",
    without: "the org's name and status stay unknown",
    right: Right {
        permission: Some("okta.orgs.read"),
        console: "View org settings",
        scope: "okta.orgs.read",
        read_only_admin: true,
        evidence: Evidence::Documented,
    },
    target: Target::Children(ORG.code),
    parts: |_| vec![okta_client::api::org::get().into_listing()],
    read: |item, scope, page| {
        object(&ORG, &[], item, scope, page);
    },
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares = Declares { kinds: &[&ORG], relations: &[], datasets: &[&DATASET] };
