//! Features that the org can switch on by itself, at the beginning.

use serde_json::json;

use super::document::Document;
use super::ids::IdKind;

/// Name, description, whether it is on, whether it is a beta.
const FEATURES: &[(&str, &str, bool, bool)] = &[
    (
        "Protected actions",
        "Administrators prove who they are once more before they change what matters.",
        true,
        false,
    ),
    (
        "Custom admin roles for hooks",
        "Permissions to see and manage event hooks and inline hooks.",
        true,
        false,
    ),
    ("Native to web single sign-on", "A sign-in to a native app carries over to the browser.", false, false),
    ("Passkey autofill", "Browsers offer passkeys in the user name's field.", false, false),
    ("Same-device enrolment", "Okta FastPass is enrolled where it is used.", false, false),
    ("New log search", "The System Log is searched in other words.", false, true),
];

/// The features at the beginning.
pub fn features() -> Vec<Document> {
    let feature = |(n, (name, description, on, beta)): (u64, &(&str, &str, bool, bool))| {
        let stage = if *beta { json!({"value": "BETA", "state": "OPEN"}) } else { json!({"value": "EA"}) };
        let fields = json!({
            "type": "self-service", "status": if *on { "ENABLED" } else { "DISABLED" }, "name": name,
            "description": description, "stage": stage,
        });
        Document::new(IdKind::Feature, n, fields)
    };
    (0..).zip(FEATURES).map(feature).collect()
}
