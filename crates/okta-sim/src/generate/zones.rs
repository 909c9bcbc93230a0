//! Network zones at the beginning: Okta's own and the org's.

use serde_json::{Value, json};

use super::people::DAY;

/// A network zone: its own fields besides id, dates and links.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Number, for the id.
    pub n: u64,
    /// The fields of its type, without id, dates and links.
    pub fields: Value,
    /// When created.
    pub created: i64,
}

/// The number of the zone of the offices, which policies name.
pub const OFFICES: u64 = 4;
/// The number of the zone of blocked countries.
pub const BLOCKED_COUNTRIES: u64 = 5;

/// The zones at the beginning.
pub fn zones(as_of: i64) -> Vec<Zone> {
    let zone = |n, created: i64, fields: Value| Zone { n, fields, created: as_of - created * DAY };
    let ip = |name: &str, usage: &str, system: bool, gateways: Value, proxies: Value| {
        json!({
            "type": "IP", "name": name, "status": "ACTIVE", "usage": usage, "system": system,
            "gateways": gateways, "proxies": proxies,
        })
    };
    let cidr = |value: &str| json!({"type": "CIDR", "value": value});
    vec![
        zone(0, 2_900, ip("LegacyIpZone", "POLICY", true, Value::Null, Value::Null)),
        zone(1, 2_900, ip("BlockedIpZone", "BLOCKLIST", true, json!([cidr("198.51.100.0/24")]), Value::Null)),
        zone(2, 500, ip("DefaultExemptIpZone", "POLICY", true, Value::Null, Value::Null)),
        zone(
            3,
            600,
            json!({
                "type": "DYNAMIC_V2", "name": "DefaultEnhancedDynamicZone", "status": "ACTIVE", "usage": "BLOCKLIST",
                "system": true, "locations": {"include": [], "exclude": []},
                "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []},
                "asns": {"include": [], "exclude": []},
            }),
        ),
        zone(
            OFFICES,
            2_000,
            ip(
                "Offices and VPN",
                "POLICY",
                false,
                json!([cidr("203.0.113.0/24"), {"type": "RANGE", "value": "192.0.2.10-192.0.2.40"}]),
                json!([cidr("203.0.113.250/32")]),
            ),
        ),
        zone(
            BLOCKED_COUNTRIES,
            1_000,
            json!({
                "type": "DYNAMIC", "name": "Blocked countries", "status": "ACTIVE", "usage": "BLOCKLIST",
                "system": false, "proxyType": null, "asns": [],
                "locations": [{"country": "KP", "region": null}, {"country": "AQ", "region": null}],
            }),
        ),
        zone(
            6,
            900,
            json!({
                "type": "DYNAMIC", "name": "Tor exits", "status": "INACTIVE", "usage": "POLICY",
                "system": false, "proxyType": "Tor", "asns": ["64496"], "locations": [],
            }),
        ),
    ]
}
