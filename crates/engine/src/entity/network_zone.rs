//! Network zones.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode};
use transom_store::Target;

use super::{Declares, object};
use crate::dataset::{Dataset, Right};

/// A network zone.
pub const NETWORK_ZONE: Kind = Kind {
    code: KindCode(17),
    name: "network_zone",
    title: "Network zone",
    what: "A set of addresses or places that policies and tokens refer to.",
    columns: &[
        Column::text("type", "/type", "IP, DYNAMIC or DYNAMIC_V2.").faceted(),
        Column::text("usage", "/usage", "POLICY or BLOCKLIST.").faceted(),
        Column::text("system", "/system", "Made by Okta.").typed(ColumnType::Boolean),
        Column::text("gateways", "/gateways", "Its gateway addresses.").typed(ColumnType::Json),
        Column::text("proxies", "/proxies", "Its trusted proxies.").typed(ColumnType::Json),
    ],
    ..Kind::USUAL
};

static DATASET: Dataset = Dataset {
    name: "network_zone",
    title: "Network zones",
    used_for: "know from where policies let people in",
    without: "network conditions of policies can't be judged",
    right: Right {
        permission: Some("okta.networkZones.read"),
        console: "View network zones",
        scope: "okta.networkZones.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(NETWORK_ZONE.code),
    parts: |_| vec![api::zone::list().into_listing()],
    read: |item, scope, page| {
        object(&NETWORK_ZONE, &[], item, scope, page);
    },
    again: Some(|id| api::zone::get(id).into_listing()),
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&NETWORK_ZONE], relations: &[], datasets: &[&DATASET] };
