//! Network zones.

use crate::listing::{Items, List, Listing};
use crate::view::{open_enum, view};

view! {
    /// A network zone.
    Zone {
        /// `nzo…`.
        id: id "/id",
        /// Name.
        name: text "/name",
        /// How it is described.
        kind: [ZoneType] "/type",
        /// `ACTIVE` or `INACTIVE`.
        status: text "/status",
        /// `POLICY`, or `BLOCKLIST` to refuse everyone from there.
        usage: text "/usage",
        /// Came with the org.
        system: flag "/system",
        /// Address ranges, `{"type": "CIDR" | "RANGE", "value"}`; null for none.
        gateways: list "/gateways",
        /// Trusted proxies, in the same form.
        proxies: list "/proxies",
        /// When it was made.
        created: time "/created",
        /// Last change.
        last_updated: time "/lastUpdated",
    }
}

open_enum! {
    /// How a zone is described [spec].
    ZoneType {
        /// By location, network number and kind of proxy.
        Dynamic = "DYNAMIC",
        /// By addresses.
        Ip = "IP",
        /// By location, network number and service (enhanced dynamic zone).
        DynamicV2 = "DYNAMIC_V2",
    }
}

/// Every network zone.
///
/// Page −1 (all) / 200 → 200 [spec]. Bucket `zones`. Permission: whether read-only administrators see it is not known;
/// scope `okta.networkZones.read` [spec].
#[must_use]
pub fn list() -> List<Zone> {
    Listing::new("/api/v1/zones", &[], Items::Array).limit(200, 25).of()
}

/// One network zone.
///
/// Permission and scope as [`list`] [spec].
#[must_use]
pub fn get(zone_id: &str) -> List<Zone> {
    Listing::new("/api/v1/zones/{zoneId}", &[zone_id], Items::One).of()
}
