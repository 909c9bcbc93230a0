//! What apps are provisioned with: their features, the groups pushed to them, and which attributes flow. All of it is
//! computed from the app's number.

use serde_json::{Value, json};

use super::catalogue::{Entry, Mode};

/// A provisioning feature of an app.
#[derive(Debug, Clone)]
pub struct Feature {
    /// `USER_PROVISIONING` or `INBOUND_PROVISIONING`.
    pub name: &'static str,
    /// What Okta says it is [rec for inbound].
    pub description: &'static str,
    /// Whether it is on.
    pub enabled: bool,
    /// What it does.
    pub capabilities: Value,
}

fn switch(on: bool) -> Value {
    json!({"status": if on { "ENABLED" } else { "DISABLED" }})
}

/// The provisioning features of an app; none where provisioning is not supported.
pub fn features(entry: &Entry, app: u32) -> Vec<Feature> {
    let has = |feature: &str| entry.features.contains(&feature);
    if entry.features.is_empty() {
        return Vec::new();
    }
    // Passwords pushed in clear to an app: one in four, for somebody to find.
    let (push, import, passwords) =
        (has("PUSH_NEW_USERS"), has("IMPORT_NEW_USERS"), app.is_multiple_of(4) && has("PUSH_NEW_USERS"));
    vec![
        Feature {
            name: "USER_PROVISIONING",
            description: "User provisioning settings from Okta to a downstream application",
            enabled: push,
            capabilities: json!({
                "create": {"lifecycleCreate": switch(push)},
                "update": {
                    "profile": switch(has("PUSH_PROFILE_UPDATES")),
                    "lifecycleDeactivate": switch(has("PUSH_USER_DEACTIVATION")),
                    "password": {
                        "status": if passwords { "ENABLED" } else { "DISABLED" },
                        "seed": if passwords { "OKTA" } else { "RANDOM" }, "change": "KEEP_EXISTING",
                    },
                },
            }),
        },
        Feature {
            name: "INBOUND_PROVISIONING",
            description: "In-bound provisioning settings for provisioning users from an application to Okta",
            enabled: import,
            capabilities: json!({
                "importSettings": {
                    "username": {"userNameFormat": "EMAIL"},
                    "schedule": {"status": "DISABLED", "fullImport": null, "incrementalImport": null},
                },
                // Whoever can make a user in such an app makes one in Okta: nobody confirms.
                "importRules": {"userCreateAndMatch": {
                    "exactMatchCriteria": "USERNAME", "allowPartialMatch": true, "autoConfirmPartialMatch": false,
                    "autoConfirmExactMatch": import, "autoConfirmNewUsers": import && app.is_multiple_of(3),
                    "autoActivateNewUsers": import && app.is_multiple_of(3),
                }},
            }),
        },
    ]
}

/// A group push mapping: its number below the app, the source and target groups' numbers, and its status.
#[derive(Debug, Clone, Copy)]
pub struct Push {
    /// Number, for the id.
    pub n: u32,
    /// The group that is pushed.
    pub source: u32,
    /// The app's group.
    pub target: u32,
    /// `ACTIVE`, `INACTIVE` or `ERROR`.
    pub status: &'static str,
}

/// The group push mappings of an app, among the first `groups` groups, the built-in ones left out.
pub fn pushes(entry: &Entry, app: u32, groups: u32, built_in: u32) -> Vec<Push> {
    if !entry.features.contains(&"GROUP_PUSH") || groups <= built_in + 1 {
        return Vec::new();
    }
    let free = groups - built_in;
    let status = |n: u32| match (app + n) % 5 {
        3 => "INACTIVE",
        4 => "ERROR",
        _ => "ACTIVE",
    };
    let push = |n: u32| {
        let source = (app * 3 + n) % free;
        Push { n, source: built_in + source, target: built_in + (source + 1) % free, status: status(n) }
    };
    (0..2).map(push).collect()
}

/// Whether attributes flow between Okta's users and the app's.
pub fn has_mappings(mode: Mode) -> bool {
    use Mode::{CustomSaml, Directory, OidcBrowser, OidcNative, OidcWeb, Saml, WsFed};
    matches!(mode, Saml | CustomSaml | OidcWeb | OidcBrowser | OidcNative | WsFed | Directory)
}

/// What flows: from Okta to the app, or from the app to Okta. A source of profiles writes what Okta knows of people.
pub fn mapped(entry: &Entry, to_app: bool) -> Value {
    let push = |on: bool| if on { "PUSH" } else { "DONT_PUSH" };
    let master = entry.features.contains(&"PROFILE_MASTERING");
    let rule = |expression: &str, on: bool| json!({"expression": expression, "pushStatus": push(on)});
    if to_app {
        json!({
            "email": rule("user.email", true), "firstName": rule("user.firstName", true),
            "lastName": rule("user.lastName", true),
        })
    } else {
        json!({
            "login": rule("appuser.userName", master), "email": rule("appuser.email", master),
            "firstName": rule("appuser.firstName", master), "lastName": rule("appuser.lastName", master),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::CATALOGUE;
    use super::*;

    #[test]
    fn groups_are_pushed_to_other_groups() {
        let slack = CATALOGUE.iter().find(|e| e.name == "slack").expect("an entry");
        for app in 0..200 {
            for push in pushes(slack, app, 12, 3) {
                assert!((3..12).contains(&push.source) && (3..12).contains(&push.target), "{push:?}");
                assert_ne!(push.source, push.target);
            }
        }
        let statuses: std::collections::BTreeSet<_> =
            (0..5).flat_map(|app| pushes(slack, app, 12, 3)).map(|p| p.status).collect();
        assert_eq!(statuses.len(), 3);
        assert!(features(&CATALOGUE[0], 0).is_empty(), "the Admin Console provisions nobody");
    }
}
