//! Event hooks, inline hooks and log streams at the beginning: who outside hears of, or has a say in, what happens.

use serde_json::{Value, json};

use super::document::Document;
use super::ids::{IdKind, Ids};
use super::people::{DAY, People, cast};

fn config(uri: &str, headers: Value, auth: Value) -> Value {
    json!({"uri": uri, "headers": headers, "method": "POST", "authScheme": auth})
}

/// How Okta authenticates itself by a header; the value is never shown [rec].
fn by_header() -> Value {
    json!({"type": "HEADER", "key": "Authorization"})
}

/// The event hooks at the beginning: one that works, one of a vendor who was never verified, one that is off.
pub fn event_hooks(as_of: i64, ids: &Ids, people: &People) -> Vec<Document> {
    let hook = |n,
                days: i64,
                name: &str,
                status: &str,
                verified: bool,
                by: u32,
                events: &[&str],
                uri: &str| {
        let verified = if verified { "VERIFIED" } else { "UNVERIFIED" };
        let by = ids.encode(IdKind::User, u64::from(people.place(by)));
        let fields = json!({
            "status": status, "verificationStatus": verified, "name": name, "description": null, "createdBy": by,
            "events": {"type": "EVENT_TYPE", "items": events, "filter": null},
            "channel": {"type": "HTTP", "version": "1.0.0", "config": config(uri, json!([]), by_header())},
        });
        Document::new(IdKind::EventHook, n, fields).since(as_of - days * DAY)
    };
    vec![
        hook(
            0,
            700,
            "Joiners and leavers",
            "ACTIVE",
            true,
            cast::SUPER_ADMIN,
            &["user.lifecycle.create", "user.lifecycle.deactivate"],
            "https://hooks.acme.example/okta/lifecycle",
        ),
        hook(
            1,
            420,
            "Vendor trial",
            "ACTIVE",
            false,
            cast::ORG_ADMIN,
            &["user.session.start", "user.account.privilege.grant", "user.mfa.factor.deactivate"],
            "https://collect.vendor.example/in/acme",
        ),
        hook(
            2,
            1_500,
            "Old ticket system",
            "INACTIVE",
            true,
            cast::SUPER_ADMIN,
            &["user.lifecycle.create"],
            "http://tickets.acme.example/okta",
        ),
    ]
}

/// The inline hooks at the beginning: one adds claims, one takes over passwords in the clear, one is off.
pub fn inline_hooks(as_of: i64) -> Vec<Document> {
    let hook = |n, days: i64, name: &str, status: &str, kind: &str, version: &str, channel: Value| {
        let fields =
            json!({"status": status, "name": name, "type": kind, "version": version, "channel": channel});
        Document::new(IdKind::InlineHook, n, fields).since(as_of - days * DAY)
    };
    let http = |config: Value| json!({"type": "HTTP", "version": "1.0.0", "config": config});
    let named = json!([{"key": "X-Source", "value": "okta"}]);
    let mut oauth = config("https://import.acme.example/users", named.clone(), Value::Null);
    for (key, value) in [
        ("clientId", "transform"),
        ("tokenUrl", "https://import.acme.example/token"),
        ("authType", "client_secret_post"),
        ("scope", "import"),
    ] {
        oauth[key] = value.into();
    }
    vec![
        hook(
            0,
            610,
            "Entitlements into tokens",
            "ACTIVE",
            "com.okta.oauth2.tokens.transform",
            "1.0.0",
            http(config("https://claims.acme.example/okta", named, by_header())),
        ),
        // Nothing authenticates Okta there, and it gets passwords in the clear.
        hook(
            1,
            330,
            "Password migration",
            "ACTIVE",
            "com.okta.user.credential.password.import",
            "1.0.0",
            http(config("https://legacy-login.vendor.example/verify", json!([]), Value::Null)),
        ),
        hook(
            2,
            900,
            "Import clean-up",
            "INACTIVE",
            "com.okta.import.transform",
            "1.0.0",
            json!({"type": "OAUTH", "version": "1.0.0", "config": oauth}),
        ),
    ]
}

/// The log streams at the beginning: one to AWS, and one to Splunk that was switched off.
pub fn log_streams(as_of: i64) -> Vec<Document> {
    let stream = |n, days: i64, fields| Document::new(IdKind::LogStream, n, fields).since(as_of - days * DAY);
    vec![
        stream(
            0,
            800,
            json!({
                "type": "aws_eventbridge", "name": "Security lake", "status": "ACTIVE",
                "settings": {"accountId": "123456789012", "eventSourceName": "acme_okta", "region": "eu-central-1"},
            }),
        ),
        stream(
            1,
            1_300,
            json!({
                "type": "splunk_cloud_logstreaming", "name": "Splunk", "status": "INACTIVE",
                "settings": {"host": "acme.splunkcloud.com", "edition": "aws"},
            }),
        ),
    ]
}
