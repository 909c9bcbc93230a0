//! How people sign in and whom the org trusts, at the beginning: authenticators, identity providers and their keys,
//! behaviors, trusted origins, security events providers, CAPTCHAs.

use serde_json::{Value, json};

use super::Base;
use super::api_access::status;
use super::document::Document;
use super::ids::{IdKind, opaque, uuid};
use super::people::{DAY, cast};
use crate::json::time;

/// An authenticator with its methods.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// The authenticator.
    pub doc: Document,
    /// Its methods: type and status, with settings where it has some.
    pub methods: Vec<Value>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Trust {
    /// Authenticators.
    pub authenticators: Vec<Authenticator>,
    /// Identity providers.
    pub idps: Vec<Document>,
    /// Public keys of identity providers, as Okta sends them.
    pub idp_keys: Vec<Value>,
    /// Behaviors.
    pub behaviors: Vec<Document>,
    /// Trusted origins.
    pub origins: Vec<Document>,
    /// Security events providers.
    pub security_events_providers: Vec<Document>,
    /// CAPTCHAs.
    pub captchas: Vec<Document>,
}

impl Trust {
    /// The beginning; `client` is the number of an app that is an OAuth client.
    pub fn new(base: &Base, client: u32) -> Self {
        Self {
            authenticators: authenticators(base, client),
            idps: idps(base),
            idp_keys: (0..2).map(|n| idp_key(base, n)).collect(),
            behaviors: behaviors(base.as_of),
            origins: origins(base),
            security_events_providers: providers(),
            captchas: vec![Document::new(
                IdKind::Captcha,
                0,
                json!({
                    "name": "Sign-up form", "type": "RECAPTCHA_V2",
                    "siteKey": uuid(base.config.seed, 9_100),
                }),
            )],
        }
    }
}

fn authenticators(base: &Base, client: u32) -> Vec<Authenticator> {
    let method = |kind: &str, active: bool| json!({"type": kind, "status": status(active)});
    let with = |kind: &str, active: bool, settings: Value| {
        let mut json = method(kind, active);
        json["settings"] = settings;
        json
    };
    let make =
        |n: u64, kind: &str, key: &str, name: &str, active: bool, settings: Value, methods: Vec<Value>| {
            let mut fields = json!({"type": kind, "key": key, "name": name, "status": status(active)});
            if !settings.is_null() {
                fields["settings"] = settings;
            }
            let created = base.as_of - (2_900 - n as i64 * 100) * DAY;
            let doc = Document::new(IdKind::Authenticator, n, fields).since(created);
            Authenticator { doc, methods }
        };
    let app = base.ids.encode(IdKind::App, u64::from(client));
    let mut custom = make(
        7,
        "app",
        "custom_app",
        "Acme Approve",
        false,
        json!({"appInstanceId": app, "oauthClientId": app, "userVerification": "PREFERRED"}),
        Vec::new(),
    );
    custom.doc.fields["provider"] = json!({
        "type": "PUSH", "configuration": {"fcm": {"id": base.ids.encode(IdKind::PushProvider, 0)}},
    });
    let push =
        json!({"algorithms": ["ES256", "RS256"], "keyProtection": "ANY", "transactionTypes": ["LOGIN"]});
    custom.methods = vec![with("push", false, push)];
    vec![
        make(0, "password", "okta_password", "Password", true, Value::Null, vec![method("password", true)]),
        make(
            1,
            "email",
            "okta_email",
            "Email",
            true,
            json!({"allowedFor": "any", "tokenLifetimeInMinutes": 10}),
            vec![method("email", true)],
        ),
        make(
            2,
            "app",
            "okta_verify",
            "Okta Verify",
            true,
            json!({
                "compliance": {"fips": "OPTIONAL"}, "channelBinding": {"style": "NUMBER_CHALLENGE", "required": "NEVER"},
                "userVerification": "PREFERRED", "userVerificationMethods": ["PIN", "BIOMETRICS"],
                "enrollmentSecurityLevel": "ANY", "appInstanceId": "",
            }),
            vec![
                with(
                    "push",
                    true,
                    json!({"algorithms": ["ES256", "RS256"], "keyProtection": "ANY", "transactionTypes": ["LOGIN"]}),
                ),
                with(
                    "signed_nonce",
                    false,
                    json!({"algorithms": ["ES256", "RS256"], "keyProtection": "ANY", "showSignInWithOV": "NEVER"}),
                ),
                with(
                    "totp",
                    true,
                    json!({"timeIntervalInSeconds": 30, "encoding": "Base32", "algorithm": "HMACSHA1", "passCodeLength": 6}),
                ),
            ],
        ),
        make(
            3,
            "phone",
            "phone_number",
            "Phone",
            true,
            json!({"allowedFor": "any"}),
            vec![method("sms", true), method("voice", false)],
        ),
        make(
            4,
            "security_question",
            "security_question",
            "Security Question",
            true,
            json!({"allowedFor": "recovery"}),
            vec![method("security_question", true)],
        ),
        make(
            5,
            "security_key",
            "webauthn",
            "Security Key or Biometric",
            true,
            Value::Null,
            vec![with("webauthn", true, json!({"userVerification": "DISCOURAGED", "attachment": "ANY"}))],
        ),
        make(6, "app", "google_otp", "Google Authenticator", false, json!({}), vec![method("otp", false)]),
        custom,
    ]
}

/// The key id of the `n`th identity provider key.
fn kid(base: &Base, n: u64) -> String {
    uuid(base.config.seed, 9_000 + n)
}

/// A key as Okta sends it [rec]; the second one's certificate has ended.
fn idp_key(base: &Base, n: u64) -> Value {
    let seed = base.config.seed;
    let base64 = |length| opaque(seed, 9_200 + n, length).replace(['-', '_'], "A");
    let created = base.as_of - (900 + n as i64 * 1_500) * DAY;
    json!({
        "kty": "RSA", "created": time(created), "lastUpdated": time(created),
        "expiresAt": time(created + 1_825 * DAY), "alg": "RSA", "kid": kid(base, n), "use": "sig",
        "x5c": [base64(1_200)], "x5t#S256": opaque(seed, 9_300 + n, 43), "e": "AQAB", "n": opaque(seed, 9_400 + n, 342),
    })
}

fn idps(base: &Base) -> Vec<Document> {
    let group = |n: u32| base.ids.encode(IdKind::Group, u64::from(n));
    let first = base.layout.first_department();
    let spared = base.ids.encode(IdKind::User, u64::from(base.people.place(cast::BREAK_GLASS)));
    let policy = |groups: Value, filter: Value, template: &str, master: bool| {
        json!({
            "provisioning": {
                "action": "AUTO", "profileMaster": master, "groups": groups,
                "conditions": {"deprovisioned": {"action": "NONE"}, "suspended": {"action": "NONE"}},
            },
            "accountLink": {"filter": filter, "action": "AUTO"},
            "subject": {
                "userNameTemplate": {"template": template}, "filter": null, "matchType": "USERNAME", "matchAttribute": null,
            },
            "maxClockSkew": 0, "transformedUsernameMatchingEnabled": false,
        })
    };
    let endpoint = |url: &str, binding: &str| json!({"url": url, "binding": binding});
    let oidc = |authorization: &str, token: &str, scopes: &[&str], n: u64| {
        json!({
            "type": "OIDC",
            "endpoints": {
                "authorization": endpoint(authorization, "HTTP-REDIRECT"), "token": endpoint(token, "HTTP-POST"),
            },
            "scopes": scopes,
            "credentials": {"client": {
                "client_id": opaque(base.config.seed, 9_500 + n, 20),
                "client_secret": opaque(base.config.seed, 9_600 + n, 40),
            }},
        })
    };
    let saml = json!({
        "type": "SAML2",
        "endpoints": {
            "sso": {
                "url": "https://sso.parent.example/saml", "binding": "HTTP-POST",
                "destination": "https://sso.parent.example/saml",
            },
            "acs": {"binding": "HTTP-POST", "type": "INSTANCE"},
        },
        "algorithms": {
            "request": {"signature": {"algorithm": "SHA-256", "scope": "REQUEST"}},
            "response": {"signature": {"algorithm": "SHA-256", "scope": "ANY"}},
        },
        "settings": {
            "nameFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "honorPersistentNameId": false,
        },
        "credentials": {
            "trust": {
                "issuer": "https://sso.parent.example", "audience": "https://www.okta.com/saml2/service-provider/acme",
                "kid": kid(base, 0), "revocation": null, "revocationCacheLifetime": 0,
            },
            "signing": {"kid": opaque(base.config.seed, 9_700, 43)},
        },
    });
    let mut parent = policy(
        json!({"action": "SYNC", "sourceAttributeName": "groups", "filter": [group(first + 1)]}),
        json!({"groups": {"include": [group(first)]}, "users": {"exclude": [spared], "excludeAdmins": true}}),
        "idpuser.email",
        false,
    );
    parent["trustClaims"] = true.into();
    let make = |n,
                kind: &str,
                name: &str,
                active,
                issuer_mode: bool,
                days: i64,
                protocol: Value,
                policy: Value| {
        let mut fields = json!({"type": kind, "name": name, "status": status(active), "protocol": protocol, "policy": policy});
        if issuer_mode {
            fields["issuerMode"] = "ORG_URL".into();
        }
        Document::new(IdKind::IdentityProvider, n, fields).since(base.as_of - days * DAY)
    };
    vec![
        make(0, "SAML2", "Parent company", true, false, 900, saml, parent),
        make(
            1,
            "MICROSOFT",
            "Partners (Microsoft)",
            true,
            true,
            400,
            oidc(
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
                "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                &["https://graph.microsoft.com/User.Read", "openid", "profile", "email"],
                1,
            ),
            policy(
                json!({"action": "ASSIGN", "assignments": [group(first + 1)]}),
                Value::Null,
                "idpuser.userPrincipalName",
                false,
            ),
        ),
        make(
            2,
            "GOOGLE",
            "Google (old)",
            false,
            true,
            2_400,
            oidc(
                "https://accounts.google.com/o/oauth2/auth",
                "https://www.googleapis.com/oauth2/v3/token",
                &["openid", "profile", "email"],
                2,
            ),
            policy(json!({"action": "NONE"}), Value::Null, "idpuser.email", true),
        ),
    ]
}

fn behaviors(as_of: i64) -> Vec<Document> {
    let make = |n: u64, kind: &str, name: &str, active, settings: Value| {
        // [rec] these dates are not like all others: `2025-08-25 08:25:43.0`.
        let text = time(as_of - (2_000 - n as i64 * 30) * DAY);
        let date = format!("{} {}.0", &text[..10], &text[11..19]);
        let fields = json!({
            "type": kind, "name": name, "status": status(active), "settings": settings, "created": date, "lastUpdated": date,
        });
        Document::new(IdKind::Behavior, n, fields)
    };
    vec![
        make(
            0,
            "ANOMALOUS_LOCATION",
            "New Geo-Location",
            true,
            json!({"maxEventsUsedForEvaluation": 20, "minEventsNeededForEvaluation": 0, "granularity": "LAT_LONG", "radiusKilometers": 20}),
        ),
        make(
            1,
            "ANOMALOUS_DEVICE",
            "New Device",
            true,
            json!({"maxEventsUsedForEvaluation": 20, "minEventsNeededForEvaluation": 0}),
        ),
        make(
            2,
            "ANOMALOUS_IP",
            "New IP",
            true,
            json!({"maxEventsUsedForEvaluation": 50, "minEventsNeededForEvaluation": 0}),
        ),
        make(3, "VELOCITY", "Velocity", false, json!({"velocityKph": 805})),
    ]
}

fn origins(base: &Base) -> Vec<Document> {
    let by = base.ids.encode(IdKind::User, u64::from(base.people.place(cast::SUPER_ADMIN)));
    let make = |n: u64, name: &str, origin: &str, scopes: &[&str], active, days: i64| {
        let scopes: Vec<Value> = scopes.iter().map(|s| json!({"type": s})).collect();
        let fields = json!({
            "name": name, "origin": origin, "scopes": scopes, "status": status(active), "createdBy": by, "lastUpdatedBy": by,
        });
        Document::new(IdKind::TrustedOrigin, n, fields).since(base.as_of - days * DAY)
    };
    vec![
        make(0, "Intranet", "https://intranet.acme.example", &["CORS", "REDIRECT"], true, 1_800),
        // Any program on somebody's computer can serve this one.
        make(1, "Local development", "http://localhost:8080", &["CORS"], true, 1_100),
        make(2, "Old portal", "http://portal.acme.example", &["REDIRECT"], false, 2_700),
    ]
}

fn providers() -> Vec<Document> {
    let make = |n, name: &str, issuer: &str, active| {
        let fields = json!({
            "name": name, "type": "okta", "status": status(active),
            "settings": {"issuer": issuer, "jwks_url": format!("{issuer}/keys")},
        });
        Document::new(IdKind::SecurityEventsProvider, n, fields)
    };
    vec![
        make(0, "Endpoint protection", "https://events.endpoint.example", true),
        make(1, "Trial", "https://trial.risk.example", false),
    ]
}
