//! `/.well-known/okta-organization` and `/api/v1/org`.

use serde_json::json;

use super::{Call, Route, route};
use crate::generate::people::DAY;
use crate::json::time;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    Route { data: None, ..route!(GET "/.well-known/okta-organization", Org, well_known) },
    route!(GET "/api/v1/org", Org, org),
];

/// [rec] needs no credential; `cell` and `settings` are not in the spec.
fn well_known(call: &Call<'_>) -> Answer {
    Ok(Reply::value(&json!({
        "id": call.org.base().org_id,
        "cell": "sim1",
        "_links": {"organization": {"href": call.origin}},
        "pipeline": if call.org.config().licences.identity_engine { "idx" } else { "v1" },
        "settings": {
            "analyticsCollectionEnabled": false, "bugReportingEnabled": true, "omEnabled": false,
            "pssoEnabled": false, "desktopMFAEnabled": false, "itpEnabled": false,
        },
    })))
}

fn org(call: &Call<'_>) -> Answer {
    let base = call.org.base();
    let href = |path: &str| json!({"href": format!("{}{path}", call.origin)});
    Ok(Reply::value(&json!({
        "id": base.org_id, "subdomain": "acme", "companyName": "Acme Corp", "status": "ACTIVE", "expiresAt": null,
        "created": time(base.as_of - 8 * 365 * DAY), "lastUpdated": time(base.as_of - 90 * DAY),
        "website": "https://www.acme.example", "phoneNumber": "", "endUserSupportHelpURL": "",
        "supportPhoneNumber": "", "address1": "1 Example Street", "address2": null, "city": "San Francisco",
        "state": null, "country": null, "postalCode": null,
        "_links": {
            "preferences": href("/api/v1/org/preferences"),
            "uploadLogo": {"href": format!("{}/api/v1/org/logo", call.origin), "hints": {"allow": ["POST"]}},
            "oktaCommunication": href("/api/v1/org/privacy/oktaCommunication"),
            "logo": href("/assets/img/logos/default.png"),
            "oktaSupport": href("/api/v1/org/privacy/oktaSupport"),
            "contacts": href("/api/v1/org/contacts"),
        },
    })))
}
