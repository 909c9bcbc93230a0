//! Policies and their rules at the beginning: every type an Identity Engine org has.

use serde_json::{Value, json};

use super::catalogue::{Entry, Mode};
use super::ids::{IdKind, Ids};
use super::people::{DAY, People, cast};
use super::{device_assurances, zones};
use super::{groups, layout::Layout};

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Number, for the id.
    pub n: u64,
    /// Type, as Okta writes it.
    pub kind: &'static str,
    /// Name.
    pub name: &'static str,
    /// Description.
    pub description: &'static str,
    /// 1 is asked first.
    pub priority: i64,
    /// Made by Okta; can't be removed or switched off.
    pub system: bool,
    /// ACTIVE, else INACTIVE.
    pub active: bool,
    /// Conditions; null where the type has none.
    pub conditions: Value,
    /// Settings; null where the type has none.
    pub settings: Value,
    /// When created.
    pub created: i64,
    /// Its rules, first asked first.
    pub rules: Vec<Rule>,
}

/// A rule of a policy.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Number, for the id.
    pub n: u64,
    /// Name.
    pub name: &'static str,
    /// 1 is asked first.
    pub priority: i64,
    /// Made by Okta.
    pub system: bool,
    /// ACTIVE, else INACTIVE.
    pub active: bool,
    /// Conditions.
    pub conditions: Value,
    /// Actions.
    pub actions: Value,
}

/// The policy types the API knows [spec PolicyType].
pub const TYPES: &[&str] = &[
    "ACCESS_POLICY",
    "ENTITY_RISK",
    "IDP_DISCOVERY",
    "MFA_ENROLL",
    "OKTA_SIGN_ON",
    "PASSWORD",
    "POST_AUTH_SESSION",
    "PROFILE_ENROLLMENT",
    "DEVICE_SIGNAL_COLLECTION",
    "SESSION_VIOLATION_DETECTION",
    "CLIENT_UPDATE",
    "IDENTITY_CLAIM_SOURCING",
];

/// The number of the access policy that apps use.
pub const APP_ACCESS: u64 = 1;
/// The number of the access policy of the Admin Console.
pub const CONSOLE_ACCESS: u64 = 0;
/// The number of the access policy of apps that can do no better.
pub const LEGACY_ACCESS: u64 = 2;
/// The number of the profile enrolment policy that apps use.
pub const PROFILE_ENROLMENT: u64 = 10;

/// The number of an app's access policy.
pub fn access_policy(app: &Entry) -> u64 {
    match app.mode {
        _ if app.name == "saasure" => CONSOLE_ACCESS,
        Mode::PasswordStore | Mode::AutoLogin | Mode::BasicAuth => LEGACY_ACCESS,
        _ => APP_ACCESS,
    }
}

impl Policy {
    /// The kind of its id ([rec]: `00p` for the classic types, `rst` for the newer).
    pub fn id_kind(&self) -> IdKind {
        match self.kind {
            "OKTA_SIGN_ON" | "PASSWORD" | "MFA_ENROLL" | "IDP_DISCOVERY" => IdKind::Policy,
            _ => IdKind::RichPolicy,
        }
    }

    /// The kind of its rules' ids ([rec]: `0pr` and `rul`).
    pub fn rule_id_kind(&self) -> IdKind {
        if self.id_kind() == IdKind::Policy { IdKind::PolicyRule } else { IdKind::RichPolicyRule }
    }

    /// The type its rules say they have ([rec]: sign-on policies have rules of type `SIGN_ON`).
    pub fn rule_kind(&self) -> &'static str {
        match self.kind {
            "OKTA_SIGN_ON" => "SIGN_ON",
            kind => kind,
        }
    }
}

/// The policies at the beginning.
pub fn policies(as_of: i64, ids: &Ids, layout: &Layout, staff: &People) -> Vec<Policy> {
    let founded = as_of - 8 * 365 * DAY;
    let group = |n: u32| ids.encode(IdKind::Group, u64::from(n));
    let everyone = json!({"people": {"groups": {"include": [group(groups::EVERYONE)]}}});
    let departments = layout.first_department();
    let some = |n: u32| json!({"people": {"groups": {"include": [group(n)]}}});
    let anywhere = json!({"connection": "ANYWHERE"});
    let people = json!({"users": {"exclude": []}});
    let zone = |n: u64| json!({"connection": "ZONE", "include": [ids.encode(IdKind::Zone, n)]});
    let mut next_rule = 0;
    let mut rule = |name, priority, system, conditions: Value, actions: Value| {
        next_rule += 1;
        Rule { n: next_rule, name, priority, system, active: true, conditions, actions }
    };
    let policy = |n, kind, name, description, priority, system, conditions, settings, rules| Policy {
        n,
        kind,
        name,
        description,
        priority,
        system,
        active: true,
        conditions,
        settings,
        created: if system { founded } else { founded + (n as i64 * 37 + 20) * DAY },
        rules,
    };
    let assurance = |factors: &str, again: &str| {
        json!({"appSignOn": {
            "access": "ALLOW",
            "verificationMethod": {"factorMode": factors, "type": "ASSURANCE", "reauthenticateIn": again},
            "keepMeSignedIn": {"postAuth": "NOT_ALLOWED"},
        }})
    };
    let sign_on = |access: &str, factor: bool, idle: i64, lifetime: i64| {
        json!({"signon": {
            "access": access, "requireFactor": factor, "primaryFactor": "PASSWORD_IDP_ANY_FACTOR",
            "rememberDeviceByDefault": false,
            "session": {"usePersistentCookie": false, "maxSessionIdleMinutes": idle, "maxSessionLifetimeMinutes": lifetime},
        }})
    };
    let signing_on = |network: &Value| {
        json!({
            "people": people, "network": network, "authContext": {"authType": "ANY"},
            "identityProvider": {"provider": "ANY"},
        })
    };
    let access = |network: &Value| {
        json!({
            "people": people, "network": network, "platform": {"include": [], "exclude": []},
            "riskScore": {"level": "ANY"}, "userType": {"include": [], "exclude": []},
        })
    };
    let mut company_computers = access(&anywhere);
    let devices = [device_assurances::MACS, device_assurances::PCS];
    company_computers["device"] = json!({
        "registered": true, "managed": true,
        "assurance": {"include": devices.map(|n| ids.encode(IdKind::DeviceAssurance, n))},
    });
    // One instance, and every instance of a catalogue app.
    let two_apps = json!({
        "network": anywhere, "userIdentifier": {"patterns": []},
        "app": {"include": [{"type": "APP", "id": ids.encode(IdKind::App, 5)}, {"type": "APP_TYPE", "name": "slack"}], "exclude": []},
    });
    let password = json!({
        "passwordChange": {"access": "ALLOW"},
        "selfServicePasswordReset": {"access": "ALLOW", "requirement": {
            "primary": {"methods": ["email"]}, "stepUp": {"required": false}, "accessControl": "LEGACY",
        }},
        "selfServiceUnlock": {"access": "DENY"},
    });
    let resetting = json!({"people": people, "network": anywhere});
    let provider = |mut conditions: Value| {
        conditions["authProvider"] = json!({"provider": "OKTA"});
        conditions
    };
    let nothing = Value::Null;
    vec![
        policy(
            0,
            "ACCESS_POLICY",
            "Okta Admin Console",
            "",
            1,
            false,
            nothing.clone(),
            nothing.clone(),
            vec![
                rule("Company computers", 1, false, company_computers, assurance("2FA", "PT1H")),
                rule("Catch-all Rule", 99, true, nothing.clone(), assurance("2FA", "PT0S")),
            ],
        ),
        policy(
            APP_ACCESS,
            "ACCESS_POLICY",
            "Any two factors",
            "Require two factors to access.",
            1,
            true,
            nothing.clone(),
            nothing.clone(),
            vec![
                rule("Offices", 1, false, access(&zone(zones::OFFICES)), assurance("1FA", "PT12H")),
                rule("Catch-all Rule", 99, true, nothing.clone(), assurance("2FA", "PT12H")),
            ],
        ),
        policy(
            2,
            "ACCESS_POLICY",
            "Legacy apps",
            "One factor until they are replaced",
            1,
            false,
            nothing.clone(),
            nothing.clone(),
            vec![rule("Catch-all Rule", 99, true, nothing.clone(), assurance("1FA", "PT24H"))],
        ),
        policy(
            3,
            "OKTA_SIGN_ON",
            "Engineering",
            "Shorter sessions",
            1,
            false,
            some(departments),
            nothing.clone(),
            vec![
                rule(
                    "Blocked countries",
                    1,
                    false,
                    signing_on(&zone(zones::BLOCKED_COUNTRIES)),
                    sign_on("DENY", false, 120, 720),
                ),
                rule("Everywhere else", 2, false, signing_on(&anywhere), sign_on("ALLOW", true, 60, 720)),
            ],
        ),
        policy(
            4,
            "OKTA_SIGN_ON",
            "Default Policy",
            "The default policy applies in all situations if no other policy applies.",
            2,
            true,
            everyone.clone(),
            nothing.clone(),
            vec![rule("Default Rule", 1, true, signing_on(&anywhere), sign_on("ALLOW", false, 120, 0))],
        ),
        policy(
            5,
            "PASSWORD",
            "Contractors",
            "Stronger passwords",
            1,
            false,
            provider(some(departments + 1)),
            password_settings(14, 90),
            vec![rule("Reset by e-mail", 1, false, resetting.clone(), password.clone())],
        ),
        policy(
            6,
            "PASSWORD",
            "Default Policy",
            "The default policy applies in all situations if no other policy applies.",
            2,
            true,
            provider(everyone.clone()),
            password_settings(8, 0),
            vec![rule("Default Rule", 1, true, resetting, password)],
        ),
        policy(
            7,
            "MFA_ENROLL",
            "IT administrators",
            "Phishing-resistant only",
            1,
            false,
            some(2),
            enrolment("NOT_ALLOWED", "REQUIRED"),
            vec![rule(
                "Enrol at first sign-in",
                1,
                false,
                json!({"people": people, "network": anywhere}),
                json!({"enroll": {"self": "LOGIN"}}),
            )],
        ),
        policy(
            8,
            "MFA_ENROLL",
            "Default Policy",
            "The default policy applies in all situations if no other policy applies.",
            2,
            true,
            everyone,
            enrolment("OPTIONAL", "OPTIONAL"),
            vec![rule(
                "Default Rule",
                1,
                true,
                json!({"people": {"users": {"exclude": [ids.encode(IdKind::User, u64::from(staff.place(cast::BREAK_GLASS)))]}}, "network": anywhere}),
                json!({"enroll": {"self": "CHALLENGE"}}),
            )],
        ),
        policy(
            9,
            "IDP_DISCOVERY",
            "Idp Discovery Policy",
            "The default IdP Discovery Policy",
            1,
            true,
            nothing.clone(),
            nothing.clone(),
            vec![
                rule(
                    "Partner apps",
                    1,
                    false,
                    two_apps,
                    json!({"idp": {"providers": [{"type": "OKTA"}], "matchCriteria": [], "idpSelectionType": "SPECIFIC"}}),
                ),
                rule(
                    "Default Rule",
                    2,
                    true,
                    json!({"network": anywhere, "userIdentifier": {"patterns": []}, "app": {"include": [], "exclude": []}}),
                    json!({"idp": {"providers": [{"type": "OKTA"}], "matchCriteria": [], "idpSelectionType": "SPECIFIC"}}),
                ),
            ],
        ),
        policy(
            PROFILE_ENROLMENT,
            "PROFILE_ENROLLMENT",
            "Default Policy",
            "The default profile enrollment policy",
            1,
            true,
            nothing.clone(),
            nothing.clone(),
            vec![rule(
                "Catch-all Rule",
                99,
                true,
                nothing.clone(),
                json!({"profileEnrollment": {
                    "access": "DENY", "preRegistrationInlineHooks": null,
                    "profileAttributes": [{"name": "email", "label": "Primary email", "required": true}],
                    "targetGroupIds": null, "unknownUserAction": "DENY", "activationRequirements": {"emailVerification": true},
                    "progressiveProfilingAction": "DISABLED", "allowedIdentifiers": ["login"],
                }}),
            )],
        ),
        policy(
            11,
            "ENTITY_RISK",
            "Entity Risk Policy",
            "",
            1,
            true,
            nothing.clone(),
            nothing.clone(),
            vec![rule("Catch-all Rule", 99, true, nothing.clone(), json!({"entityRisk": {"actions": []}}))],
        ),
        policy(
            12,
            "POST_AUTH_SESSION",
            "Post Auth Policy",
            "Enables post auth policy evaluation for the org.",
            1,
            true,
            nothing.clone(),
            nothing.clone(),
            vec![rule(
                "Catch-all Rule",
                99,
                true,
                nothing.clone(),
                json!({"postAuthSession": {"failureActions": []}}),
            )],
        ),
        policy(
            13,
            "SESSION_VIOLATION_DETECTION",
            "Session Violation Detection Policy",
            "Enables session violation detection policy evaluation for the org.",
            1,
            true,
            nothing.clone(),
            nothing,
            vec![rule(
                "Catch-all Rule",
                99,
                true,
                Value::Null,
                json!({"sessionViolationDetection": {"policyEvaluation": {"enabled": false}}}),
            )],
        ),
    ]
}

fn password_settings(length: i64, age: i64) -> Value {
    json!({
        "password": {
            "complexity": {
                "minLength": length, "minLowerCase": 1, "minUpperCase": 1, "minNumber": 1, "minSymbol": 0,
                "excludeUsername": true, "dictionary": {"common": {"exclude": false}}, "excludeAttributes": [],
            },
            "age": {"maxAgeDays": age, "expireWarnDays": 0, "minAgeMinutes": 0, "historyCount": 4},
            "lockout": {
                "maxAttempts": 10, "autoUnlockMinutes": 0, "userLockoutNotificationChannels": [],
                "showLockoutFailures": false,
            },
            "breachedProtection": {"expireAfterDays": null, "logoutEnabled": false, "delegatedWorkflowId": null},
        },
        "recovery": {"factors": {
            "recovery_question": {"status": "ACTIVE", "properties": {"complexity": {"minLength": 4}}},
            "okta_email": {"status": "ACTIVE", "properties": {"recoveryToken": {"tokenLifetimeMinutes": 60}}},
            "okta_sms": {"status": "INACTIVE"},
            "okta_call": {"status": "INACTIVE"},
        }},
        "delegation": {"options": {"skipUnlock": false}},
    })
}

fn enrolment(phone: &str, webauthn: &str) -> Value {
    let entry = |key: &str, how: &str| json!({"key": key, "enroll": {"self": how}});
    json!({"type": "AUTHENTICATORS", "authenticators": [
        entry("okta_password", "REQUIRED"), entry("okta_verify", "OPTIONAL"), entry("webauthn", webauthn),
        entry("phone_number", phone), entry("okta_email", "OPTIONAL"), entry("security_question", phone),
    ]})
}
