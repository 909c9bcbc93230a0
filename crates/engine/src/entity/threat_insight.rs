//! ThreatInsight: what is done about addresses that attack Okta's customers.

use okta_client::api;
use transom_core::{Column, ColumnType, Evidence, Kind, KindCode, RelCode, Relation, Shape};
use transom_store::Target;

use super::network_zone::NETWORK_ZONE;
use super::{Declares, ids, only, out};
use crate::dataset::{Dataset, Right};

/// The org's one setting.
pub const THREAT_INSIGHT: Kind = Kind {
    code: KindCode(66),
    name: "threat_insight",
    title: "ThreatInsight",
    what: "What the org does about addresses that attack Okta's customers: nothing, log, or block.",
    name_at: &[],
    status_at: None,
    columns: &[
        Column::text("action", "/action", "none, audit or block.").faceted(),
        Column::text("exclude_zones", "/excludeZones", "Network zones it spares.").typed(ColumnType::Json),
    ],
    decides: &[("/excludeZones", Shape::Texts)],
    ..Kind::USUAL
};

/// ThreatInsight → network zone that it spares.
pub const THREAT_EXEMPT_ZONE: Relation = Relation {
    code: RelCode(65),
    name: "threat_exempt_zone",
    what: "ThreatInsight spares the network zone.",
    from: &["threat_insight"],
    to: &["network_zone"],
    ..Relation::USUAL
};

static DATASET: Dataset = Dataset {
    name: "threat_insight",
    title: "ThreatInsight",
    used_for: "see whether known attackers are let try",
    without: "whether known attackers are blocked stays unknown",
    right: Right {
        permission: None,
        console: "Read Only Administrator",
        scope: "okta.threatInsights.read",
        read_only_admin: true,
        evidence: Evidence::Assumed,
    },
    target: Target::Children(THREAT_INSIGHT.code),
    parts: |_| vec![api::threat_insight::get().into_listing()],
    read: |item, scope, page| {
        let owns = &[THREAT_EXEMPT_ZONE.code];
        let Some(setting) = only(&THREAT_INSIGHT, "configuration", owns, item, scope, page) else { return };
        let zones = ids(item.pointer("/excludeZones"));
        setting.out = zones.map(|zone| out(&THREAT_EXEMPT_ZONE, &NETWORK_ZONE, zone)).collect();
    },
    ..Dataset::USUAL
};

pub(super) const DECLARES: Declares =
    Declares { kinds: &[&THREAT_INSIGHT], relations: &[&THREAT_EXEMPT_ZONE], datasets: &[&DATASET] };
