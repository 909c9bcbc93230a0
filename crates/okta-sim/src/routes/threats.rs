//! `/api/v1/threats/configuration` and `/attack-protection`: settings of which the org has one.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::generate::ids::IdKind;
use crate::generate::people::DAY;
use crate::generate::zones;
use crate::json::time;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/threats/configuration", ThreatInsight, threat_insight),
    route!(GET "/attack-protection/api/v1/user-lockout-settings", Lockout, lockout),
    route!(GET "/attack-protection/api/v1/authenticator-settings", AuthenticatorSettings, authenticators),
];

/// ThreatInsight's setting as Okta sends it: attacks are logged and let through, the offices are spared.
pub(crate) fn threat_insight_json(view: View<'_>, origin: &str) -> Value {
    let href = format!("{origin}/api/v1/threats/configuration");
    json!({
        "action": "audit", "excludeZones": [view.base.ids.encode(IdKind::Zone, zones::OFFICES)],
        "created": time(view.base.as_of - 1_500 * DAY), "lastUpdated": time(view.base.as_of - 1_200 * DAY),
        "_links": {"self": {"href": href, "hints": {"allow": ["GET", "POST"]}}},
    })
}

/// The lockout settings as Okta sends them.
pub(crate) fn lockout_json() -> Value {
    json!({"preventBruteForceLockoutFromUnknownDevices": false})
}

/// The authenticator settings as Okta sends them.
pub(crate) fn authenticator_settings_json() -> Value {
    json!({"verifyKnowledgeSecondWhen2faRequired": false})
}

fn threat_insight(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&threat_insight_json(view, call.origin))))
}

fn lockout(_: &Call<'_>) -> Answer {
    Ok(Reply::value(&lockout_json()))
}

fn authenticators(_: &Call<'_>) -> Answer {
    Ok(Reply::value(&authenticator_settings_json()))
}
