//! The recorded corpus: real answers of Okta. Every one goes through the client over a socket, so that what is tested
//! is what a caller gets. Skips where the corpus is not beside the checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use okta_client::api::{
    agent_pool, api_service, api_token, app, app_feature, app_grant, app_group, app_key, app_secret,
    app_token, app_user, authorization_server, brand, device, device_assurance, domain, email_domain,
    event_hook, factor, feature, group, group_owner, group_push, group_rule, inline_hook, linked_object,
    log_stream, org, org_setting, policy, principal_rate_limit, profile_mapping, rate_limit_setting, realm,
    resource_set, role, role_assignment, user, user_grant, user_type, zone,
};
use okta_client::api::{
    attack_protection, auth_claim, auth_policy, auth_scope, authenticator, behavior, captcha, idp,
    security_events_provider, threat_insight, trusted_origin,
};
use okta_client::{Client, Error, Items, List, Listing, Method, RetrySettings, View, secrets};
use serde_json::Value;

use crate::server::{Reply, Server};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta/corpus");

pub struct Exchange {
    pub endpoint: String,
    pub method: String,
    pub url: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

/// Every recorded exchange, or nothing (said on stderr) where there is no corpus.
pub fn exchanges() -> Vec<Exchange> {
    let mut all = Vec::new();
    let Ok(folder) = Path::new(FOLDER).read_dir() else {
        eprintln!("skipped: no recorded corpus at {FOLDER}");
        return all;
    };
    let mut files: Vec<_> = folder.filter_map(|f| Some(f.ok()?.path())).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "jsonl")) {
        for line in std::fs::read_to_string(file).expect("readable").lines() {
            all.push(exchange(serde_json::from_str(line).expect("JSON")));
        }
    }
    assert!(all.len() > 5000, "the corpus has been cut: {}", all.len());
    all
}

fn exchange(mut line: Value) -> Exchange {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    for (name, value) in line["response_headers"].as_object().expect("headers") {
        match value {
            Value::String(value) => headers.push((name.clone(), value.clone())),
            Value::Array(values) => {
                headers.extend(values.iter().filter_map(|v| Some((name.clone(), v.as_str()?.to_owned()))));
            }
            _ => {}
        }
    }
    Exchange {
        endpoint: text(&line, "endpoint"),
        method: text(&line, "method"),
        url: text(&line, "url"),
        status: u16::try_from(line["status"].as_u64().expect("status")).expect("status"),
        headers,
        body: line["response_body"].take(),
    }
}

impl Exchange {
    /// Path and query.
    fn target(&self) -> &str {
        let after_scheme = self.url.find("://").map_or(0, |at| at + 3);
        self.url[after_scheme..].find('/').map_or("/", |at| &self.url[after_scheme + at..])
    }

    fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// The answer as it went over the wire, less what belongs to one connection.
    fn reply(&self) -> Reply {
        const OF_CONNECTION: &[&str] =
            &["connection", "transfer-encoding", "content-encoding", "content-length"];
        let body = match &self.body {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        let mut reply = Reply::text(self.status, "", body);
        // Of windows that ended long ago: waiting for them is for the governor's own tests.
        let kept =
            |n: &str| !OF_CONNECTION.contains(&n) && (self.status == 429 || !n.starts_with("x-rate-limit"));
        reply.headers = self.headers.iter().filter(|(n, _)| kept(n)).cloned().collect();
        reply
    }
}

/// A server that answers with whatever was put into it, and a client for it.
async fn replay() -> (Arc<Mutex<Option<Reply>>>, Client) {
    let next: Arc<Mutex<Option<Reply>>> = Arc::default();
    let handed = next.clone();
    let server =
        Server::start(move |_| handed.lock().expect("reply").clone().expect("a reply was set")).await;
    let retry = RetrySettings { max_attempts: 1, ..RetrySettings::default() };
    let client = Client::builder(server.origin()).retry(retry).build().expect("client");
    (next, client)
}

fn variant(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_refusal_is_classified() {
    let (mut reply, mut client) = replay().await;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for recorded in exchanges().iter().filter(|e| e.status >= 300) {
        *reply.lock().expect("reply") = Some(recorded.reply());
        let method: Method = recorded.method.parse().expect("method");
        // Some were asked for with two slashes, which this client would not send.
        let path = recorded.path().replace("//", "/");
        let error = client.request(method, &path, &[], None).await.expect_err("a refusal");
        let api = error.api().unwrap_or_else(|| panic!("{}: {error}", recorded.url));
        assert_eq!(api.status, recorded.status);
        assert_eq!(
            api.code.as_deref(),
            recorded.body["errorCode"].as_str().or(recorded.body["error"].as_str())
        );
        let causes = recorded.body["errorCauses"].as_array().map_or(0, Vec::len);
        assert_eq!(api.causes.len(), causes, "{}", recorded.body);
        let code = api.code.as_deref().unwrap_or("no code");
        if api.status == 429 {
            // Its governor would now wait for the end of the recorded window.
            (reply, client) = replay().await;
        }
        *counts.entry(format!("{} {code} -> {}", api.status, variant(&error))).or_default() += 1;
    }
    if counts.is_empty() {
        return;
    }
    insta::assert_json_snapshot!("refusals", counts);
}

/// Routes this crate has calls for, with how each is listed and what it is viewed as.
type Viewer = (fn(Value) -> (String, Value), &'static str, &'static [&'static str]);

fn viewer<T: View + Named>(_: &List<T>) -> Viewer {
    let read = |raw| {
        let view = T::from(raw);
        (view.name(), view.into_raw())
    };
    (read, std::any::type_name::<T>(), T::POINTERS)
}

/// What identifies a document; to see that no view looks for it in the wrong place.
trait Named {
    fn name(&self) -> String;
}

macro_rules! named {
    ($($t:ty: $f:ident),* $(,)?) => { $(impl Named for $t { fn name(&self) -> String { self.$f().to_owned() } })* };
}
named!(
    api_token::ApiToken: id, app::App: id, app_group::AppGroup: id, app_user::AppUser: id,
    authorization_server::AuthorizationServer: id, factor::Factor: id, group::Group: id, group_rule::GroupRule: id,
    org::Metadata: id, org::Org: id, policy::Policy: id, policy::PolicyRule: id, resource_set::ResourceSet: id,
    resource_set::Resource: id, resource_set::Binding: id, role::Role: id, role::Permission: label,
    app_feature::AppFeature: name, app_key::AppKey: kid, app_key::AppJwk: id, app_secret::AppSecret: id,
    app_grant::AppGrant: id, app_token::AppToken: id, group_push::GroupPush: id, profile_mapping::ProfileMapping: id,
    api_service::ApiService: id, principal_rate_limit::PrincipalRateLimit: id,
    role_assignment::RoleAssignment: id, role_assignment::RoleAssignee: id, user::User: id, zone::Zone: id,
    authorization_server::ServerClient: id, authorization_server::ServerKey: kid, auth_scope::AuthScope: id,
    auth_claim::AuthClaim: id, auth_policy::AuthPolicy: id, auth_policy::AuthPolicyRule: id, policy::PolicyMapping: id,
    authenticator::Authenticator: id, authenticator::AuthenticatorMethod: kind, idp::IdentityProvider: id,
    idp::IdpKey: kid, behavior::Behavior: id, threat_insight::ThreatInsight: action, trusted_origin::TrustedOrigin: id,
    security_events_provider::SecurityEventsProvider: id, captcha::Captcha: id,
    user_type::UserType: id,
    user_type::Schema: id, realm::Realm: id, realm::RealmAssignment: id, device::Device: id,
    device_assurance::DeviceAssurance: id, group_owner::GroupOwner: id, linked_object::LinkedObject: primary,
    linked_object::LinkedUser: href,    user_grant::UserGrant: id,
    event_hook::EventHook: id, inline_hook::InlineHook: id, log_stream::LogStream: id, agent_pool::AgentPool: id, agent_pool::Agent: id,
    domain::Domain: id, email_domain::EmailDomain: id, brand::Brand: id, feature::Feature: id,
);

/// Settings have no id: what they say stands for it.
macro_rules! said {
    ($($t:ty: $f:ident),* $(,)?) => {
        $(impl Named for $t { fn name(&self) -> String { self.$f().map(|said| said.to_string()).unwrap_or_default() } })*
    };
}
said!(
    org_setting::OktaSupport: support, org_setting::ClientPrivileges: enabled, org_setting::ThirdPartyAdmin: enabled,
    org_setting::AutoAssignAdminApp: enabled, org_setting::Preferences: show_end_user_footer,
    org_setting::Contact: user_id, rate_limit_setting::AdminNotifications: enabled,
    rate_limit_setting::PerClient: default_mode, rate_limit_setting::WarningThreshold: percent,
);
/// Settings of which there is one, without a name of their own.
macro_rules! nameless {
    ($($t:ty),* $(,)?) => { $(impl Named for $t { fn name(&self) -> String { self.raw().to_string() } })* };
}
nameless!(attack_protection::LockoutSettings, attack_protection::AuthenticatorSettings);

pub fn calls() -> Vec<(Listing, Viewer)> {
    macro_rules! all {
        ($($call:expr),* $(,)?) => { vec![$({ let call = $call; let view = viewer(&call); (call.into_listing(), view) }),*] };
    }
    all![
        org::metadata(),
        org::get(),
        user::list(),
        user::get("x"),
        group::list(),
        group::get("x"),
        group::members("x"),
        group_rule::list(),
        app::list(),
        app::get("x"),
        app_user::list("x"),
        app_user::get("x", "x"),
        app_group::list("x"),
        app_group::get("x", "x"),
        factor::list("x"),
        role::list(),
        role::get("x"),
        role::permissions("x"),
        role_assignment::assignees(),
        role_assignment::of_user("x"),
        role_assignment::of_group("x"),
        resource_set::list(),
        resource_set::resources("x"),
        resource_set::bindings("x"),
        authorization_server::list(),
        policy::list(&policy::PolicyType::AccessPolicy),
        policy::get("x"),
        policy::rules("x"),
        api_token::list(),
        api_token::get("x"),
        zone::list(),
        user_type::list(),
        user_type::get("x"),
        user_type::schema("x"),
        user_type::group_schema(),
        realm::list(),
        realm::get("x"),
        realm::assignments(),
        device::list(),
        device::get("x"),
        device_assurance::list(),
        device_assurance::get("x"),
        group_owner::list("x"),
        linked_object::list(),
        linked_object::get("x"),
        linked_object::of_user("x", "y"),
        user_grant::list("x"),
        app_feature::list("x"),
        app_feature::get("x", "x"),
        app_key::list("x"),
        app_key::jwks("x"),
        app_secret::list("x"),
        app_grant::list("x"),
        app_token::list("x"),
        app_token::get("x", "x"),
        group_push::list("x"),
        role_assignment::of_client("x"),
        profile_mapping::list(),
        profile_mapping::get("x"),
        api_service::list(),
        api_service::get("x"),
        principal_rate_limit::list(&principal_rate_limit::PrincipalType::SswsToken),
        principal_rate_limit::get("x"),
        event_hook::list(),
        event_hook::get("x"),
        inline_hook::list(),
        inline_hook::get("x"),
        log_stream::list(),
        log_stream::get("x"),
        agent_pool::list(),
        agent_pool::agents(),
        domain::list(),
        domain::get("x"),
        email_domain::list(),
        email_domain::get("x"),
        brand::list(),
        brand::get("x"),
        feature::list(),
        feature::get("x"),
        org_setting::okta_support(),
        org_setting::client_privileges(),
        org_setting::third_party_admin(),
        org_setting::auto_assign_admin_app(),
        org_setting::preferences(),
        org_setting::contact("x"),
        rate_limit_setting::admin_notifications(),
        rate_limit_setting::per_client(),
        rate_limit_setting::warning_threshold(),
        authorization_server::clients("x"),
        authorization_server::trusted("x"),
        authorization_server::keys("x"),
        auth_scope::list("x"),
        auth_claim::list("x"),
        auth_policy::list("x"),
        auth_policy::rules("x", "y"),
        policy::mappings("x"),
        authenticator::list(),
        authenticator::get("x"),
        authenticator::methods("x"),
        idp::list(),
        idp::get("x"),
        idp::keys(),
        idp::key("x"),
        behavior::list(),
        behavior::get("x"),
        threat_insight::get(),
        attack_protection::lockout(),
        attack_protection::authenticators(),
        trusted_origin::list(),
        trusted_origin::get("x"),
        security_events_provider::list(),
        security_events_provider::get("x"),
        captcha::list(),
        captcha::get("x"),
    ]
}

#[tokio::test]
async fn every_answer_of_a_known_route_is_read_and_nothing_is_lost() {
    let (reply, client) = replay().await;
    let all = exchanges();
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    // Pointers of each view that no recorded document has: a slip of the pen, or something rare.
    let mut unseen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, (_, name, pointers)) in calls() {
        unseen.entry(name).or_default().extend(pointers);
    }
    for (listing, (view, name, _)) in calls() {
        let endpoint = format!("GET {}", listing.route);
        for recorded in all.iter().filter(|e| e.endpoint == endpoint && e.status == 200) {
            *reply.lock().expect("reply") = Some(recorded.reply());
            let listing = Listing { path: recorded.path().to_owned(), ..listing.clone() };
            let page = client.page(&listing, None).await.unwrap_or_else(|e| panic!("{}: {e}", recorded.url));
            let mut body = recorded.body.clone();
            let dropped = secrets::scrub(listing.route, &mut body);
            assert_eq!(page.dropped, dropped);
            let expected = match (listing.items, body) {
                (Items::Array, Value::Array(items)) => items,
                (Items::Within(field), Value::Array(holders)) => {
                    holders.iter().flat_map(|h| h[field].as_array().cloned().unwrap_or_default()).collect()
                }
                (Items::Field(field), body) => body[field].as_array().cloned().unwrap_or_default(),
                (_, one) => vec![one],
            };
            assert_eq!(page.items, expected, "{}", recorded.url);
            let has_next = recorded.headers.iter().any(|(n, v)| n == "link" && v.contains("rel=\"next\""));
            assert_eq!(page.next.is_some(), has_next, "{}", recorded.url);
            for item in page.items {
                let (id, raw) = view(item.clone());
                assert!(!id.is_empty(), "{}: no id in {item}", recorded.url);
                assert_eq!(raw, item);
                unseen.entry(name).or_default().retain(|pointer| item.pointer(pointer).is_none());
                *read.entry(listing.route).or_default() += 1;
            }
        }
    }
    if all.is_empty() {
        return;
    }
    insta::assert_json_snapshot!("documents", read);
    unseen.retain(|_, pointers| !pointers.is_empty());
    insta::assert_json_snapshot!("never_recorded", unseen);
}

#[test]
fn every_recorded_time_is_read() {
    fn walk(value: &Value, times: &mut usize) {
        match value {
            Value::Object(object) => object.values().for_each(|v| walk(v, times)),
            Value::Array(items) => items.iter().for_each(|v| walk(v, times)),
            Value::String(text)
                if text.len() > 18 && text.as_bytes()[10] == b'T' && text.starts_with("20") =>
            {
                assert!(text.parse::<jiff::Timestamp>().is_ok(), "{text}");
                *times += 1;
            }
            _ => {}
        }
    }
    let (all, mut times) = (exchanges(), 0);
    all.iter().for_each(|e| walk(&e.body, &mut times));
    assert!(all.is_empty() || times > 10_000, "{times}");
}

/// Lists what differs, and how.
fn differences(before: &Value, after: &Value, path: &mut String, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                let length = path.len();
                path.push('.');
                path.push_str(key);
                differences(value, &b[key], path, found);
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                differences(a, b, path, found);
                path.truncate(length);
            }
        }
        (a, b) if a == b => {}
        (Value::String(_), b) if *b == secrets::marker() => found.push(path.clone()),
        (a, b) => panic!("{path} went from {a} to {b}"),
    }
}

#[test]
fn secrets_go_and_nothing_else_does() {
    let mut dropped: BTreeMap<String, u32> = BTreeMap::new();
    for recorded in exchanges() {
        let mut body = recorded.body.clone();
        let report = secrets::scrub(recorded.path(), &mut body);
        let (mut changed, mut path) = (Vec::new(), "$".to_owned());
        differences(&recorded.body, &body, &mut path, &mut changed);
        let reported: BTreeSet<&str> = report.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(reported, changed.iter().map(String::as_str).collect(), "{}", recorded.url);
        // Whoever recorded the corpus took its secrets out and marked where they were.
        assert!(!body.to_string().contains("REDACTED:"), "a secret stays in {}: {body}", recorded.url);
        for secret in report {
            let pattern: String = secret.path.chars().filter(|c| !c.is_ascii_digit()).collect();
            *dropped.entry(format!("{} {pattern} ({})", recorded.endpoint, secret.rule)).or_default() += 1;
        }
    }
    if dropped.is_empty() {
        return;
    }
    insta::assert_json_snapshot!("dropped", dropped);
}
