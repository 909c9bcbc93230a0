//! The recorded exchanges with real orgs, and which data set each of them is a page of.

use std::path::Path;

use okta_client::{Items, Listing};
use serde_json::Value;
use transom_engine::dataset::{Dataset, Scope};
use transom_engine::entity;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta/corpus");

/// Stands for the org's Okta id, which most recordings don't show.
pub const ORG_ID: &str = "00orecordedreality01";

/// One recorded call and its answer.
#[derive(Clone)]
pub struct Exchange {
    /// File and line.
    pub at: String,
    /// Method and path template, its parameters without names: `GET /api/v1/users/{}/roles`.
    pub endpoint: String,
    /// The org's host name.
    pub host: String,
    /// What stood in the path for each parameter.
    pub ids: Vec<String>,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

/// Every recorded exchange but those that are marked as doubtful; nothing, and it is said, where there are none.
pub fn exchanges() -> Vec<Exchange> {
    let mut all = Vec::new();
    let Ok(folder) = Path::new(FOLDER).read_dir() else {
        println!("skipped: no recorded corpus at {FOLDER}");
        return all;
    };
    let mut files: Vec<_> = folder.map(|f| f.expect("a folder's entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        for (n, line) in std::fs::read_to_string(&file).expect("readable").lines().enumerate() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            if line.get("suspect").is_none() {
                all.extend(one_by_one(exchange(format!("{name}:{}", n + 1), line)));
            }
        }
    }
    assert!(all.len() > 5000, "the corpus has been cut: {}", all.len());
    all
}

/// Whom users are linked to was recorded by the name of the many alone, and a sync asks by the name of the one: each item
/// of such an answer stands for an answer of its own.
fn one_by_one(recorded: Exchange) -> Vec<Exchange> {
    match &recorded.body {
        Value::Array(items) if recorded.endpoint == "GET /api/v1/users/{}/linkedObjects/{}" => {
            let alone =
                |item: &Value| Exchange { body: Value::Array(vec![item.clone()]), ..recorded.clone() };
            items.iter().map(alone).collect()
        }
        _ => vec![recorded],
    }
}

fn exchange(at: String, mut line: Value) -> Exchange {
    let text = |name: &str| line[name].as_str().expect(name).to_string();
    let (url, endpoint) = (text("url"), without_names(&text("endpoint")));
    let (host, path) = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a URL");
    let path = path.split('?').next().unwrap_or_default();
    // Some were asked for with two slashes, or one at the end.
    let segments = path.split('/').filter(|s| !s.is_empty());
    let template = endpoint.split('/').skip(1);
    let ids = template.zip(segments).filter(|(t, _)| *t == "{}").map(|(_, id)| id.to_string()).collect();
    let mut headers = Vec::new();
    for (name, value) in line["response_headers"].as_object().expect("headers") {
        headers.extend(value.as_str().map(|v| (name.clone(), v.to_string())));
    }
    let status = line["status"].as_u64().and_then(|s| u16::try_from(s).ok()).expect("status");
    Exchange {
        at,
        host: host.to_string(),
        endpoint,
        ids,
        status,
        headers,
        body: line["response_body"].take(),
    }
}

/// `GET /api/v1/users/{userId}` as `GET /api/v1/users/{}`: the corpus and the client name parameters differently.
pub fn without_names(endpoint: &str) -> String {
    let plain = |segment| if str::starts_with(segment, '{') { "{}" } else { segment };
    endpoint.split('/').map(plain).collect::<Vec<_>>().join("/")
}

/// How a data set's objects come to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the data set's own listing.
    Listed,
    /// By its call for one object.
    ById,
    /// By another call that answers with such objects, and that Transom does not make.
    Elsewhere,
}

/// A call whose answers are pages of a data set.
pub struct Source {
    pub dataset: &'static Dataset,
    pub endpoint: String,
    /// As the client hands it to its scrubber.
    pub route: String,
    /// Where the items are; found by looking at the body where it is `None`.
    pub items: Option<Items>,
    pub part: i16,
    pub way: Way,
}

/// Every call whose answers are pages of some data set, in the order of the data sets.
pub fn sources() -> Vec<Source> {
    let mut all: Vec<Source> = Vec::new();
    for dataset in entity::datasets() {
        let scope = Scope { org: ORG_ID, ..Scope::any() };
        let mut add = |listing: Listing, part: i16, way: Way| {
            let endpoint = without_names(&format!("GET {}", listing.route));
            if !all.iter().any(|s| s.dataset.name == dataset.name && s.endpoint == endpoint) {
                let (route, items) = (listing.route.to_string(), Some(listing.items));
                all.push(Source { dataset, endpoint, route, items, part, way });
            }
        };
        // First by id: of admin roles that call is a part of the listing too, but only for the standard roles.
        if let Some(again) = dataset.again {
            add(again("x"), -1, Way::ById);
        }
        for (part, listing) in (0..).zip((dataset.parts)(&scope)) {
            add(listing, part, Way::Listed);
        }
        for (_, endpoint) in ELSEWHERE.iter().filter(|(name, _)| *name == dataset.name) {
            let (_, route) = endpoint.split_once(' ').expect("method and path");
            let (endpoint, route) = ((*endpoint).to_string(), route.to_string());
            all.push(Source { dataset, endpoint, route, items: None, part: 0, way: Way::Elsewhere });
        }
    }
    for (name, _) in ELSEWHERE {
        assert!(entity::dataset(name).is_some(), "{name} is not a data set");
    }
    all
}

impl Source {
    /// The items of an answer, as the client would take them out.
    pub fn items_of(&self, body: &Value) -> Vec<Value> {
        let wrong = || panic!("{}: the items are not where they should be: {body}", self.endpoint);
        match (self.items, body) {
            (Some(Items::Array) | None, Value::Array(items)) => items.clone(),
            (Some(Items::Within(field)), Value::Array(holders)) => {
                holders.iter().flat_map(|h| h[field].as_array().cloned().unwrap_or_default()).collect()
            }
            (Some(Items::Field(field)), Value::Object(object)) => match object.get(field) {
                Some(Value::Array(items)) => items.clone(),
                Some(Value::Null) => Vec::new(),
                _ => wrong(),
            },
            (Some(Items::One) | None, Value::Object(_)) => vec![body.clone()],
            _ => wrong(),
        }
    }
}

/// Other calls that answer with objects of a data set.
const ELSEWHERE: &[(&str, &str)] = &[
    ("org", "POST /api/v1/org"),
    ("role", "POST /api/v1/iam/roles"),
    ("role", "PUT /api/v1/iam/roles/{}"),
    ("role_permission", "GET /api/v1/iam/roles/{}/permissions/{}"),
    ("user_role", "GET /api/v1/users/{}/roles/{}"),
    ("user_role", "POST /api/v1/users/{}/roles"),
    ("group_role", "GET /api/v1/groups/{}/roles/{}"),
    ("group_role", "POST /api/v1/groups/{}/roles"),
    ("user", "POST /api/v1/users"),
    ("user", "POST /api/v1/users/{}"),
    ("user", "PUT /api/v1/users/{}"),
    ("user", "GET /api/v1/groups/{}/users"),
    ("group", "POST /api/v1/groups"),
    ("group", "PUT /api/v1/groups/{}"),
    ("group", "GET /api/v1/users/{}/groups"),
    ("group", "GET /api/v1/users/{}/roles/{}/targets/groups"),
    ("group", "GET /api/v1/groups/{}/roles/{}/targets/groups"),
    ("policy", "POST /api/v1/policies"),
    ("policy", "PUT /api/v1/policies/{}"),
    ("policy_rule", "GET /api/v1/policies/{}/rules/{}"),
    ("policy_rule", "POST /api/v1/policies/{}/rules"),
    ("policy_rule", "PUT /api/v1/policies/{}/rules/{}"),
    ("app", "POST /api/v1/apps"),
    ("app", "PUT /api/v1/apps/{}"),
    ("app", "GET /api/v1/groups/{}/apps"),
    ("group_rule", "POST /api/v1/groups/rules"),
    ("resource_set", "POST /api/v1/iam/resource-sets"),
    ("resource_set", "PUT /api/v1/iam/resource-sets/{}"),
    ("resource_set", "PATCH /api/v1/iam/resource-sets/{}/resources"),
    ("authorization_server", "POST /api/v1/authorizationServers"),
    ("authorization_server", "PUT /api/v1/authorizationServers/{}"),
    ("network_zone", "POST /api/v1/zones"),
    ("network_zone", "PUT /api/v1/zones/{}"),
    ("network_zone", "POST /api/v1/zones/{}/lifecycle/activate"),
    ("network_zone", "POST /api/v1/zones/{}/lifecycle/deactivate"),
    ("event_hook", "POST /api/v1/eventHooks"),
    ("event_hook", "PUT /api/v1/eventHooks/{}"),
    ("event_hook", "POST /api/v1/eventHooks/{}/lifecycle/activate"),
    ("event_hook", "POST /api/v1/eventHooks/{}/lifecycle/deactivate"),
    ("event_hook", "POST /api/v1/eventHooks/{}/lifecycle/verify"),
    ("inline_hook", "POST /api/v1/inlineHooks"),
    ("inline_hook", "PUT /api/v1/inlineHooks/{}"),
    ("inline_hook", "POST /api/v1/inlineHooks/{}/lifecycle/activate"),
    ("inline_hook", "POST /api/v1/inlineHooks/{}/lifecycle/deactivate"),
    ("log_stream", "POST /api/v1/logStreams"),
    ("log_stream", "PUT /api/v1/logStreams/{}"),
    ("domain", "POST /api/v1/domains"),
    ("email_domain", "POST /api/v1/email-domains"),
    ("brand", "POST /api/v1/brands"),
    ("brand", "PUT /api/v1/brands/{}"),
    ("support_access", "POST /api/v1/org/privacy/oktaSupport/grant"),
    ("support_access", "POST /api/v1/org/privacy/oktaSupport/revoke"),
    ("rate_limit_setting", "PUT /api/v1/rate-limit-settings/admin-notifications"),
    ("app_group", "GET /api/v1/apps/{}/groups/{}"),
    ("app_group", "PUT /api/v1/apps/{}/groups/{}"),
    ("app_user", "GET /api/v1/apps/{}/users/{}"),
    ("app_user", "POST /api/v1/apps/{}/users"),
    ("app_feature", "GET /api/v1/apps/{}/features/{}"),
    ("app_key", "GET /api/v1/apps/{}/credentials/keys/{}"),
    ("app_key", "POST /api/v1/apps/{}/credentials/keys/generate"),
    ("app_secret", "GET /api/v1/apps/{}/credentials/secrets/{}"),
    ("app_secret", "POST /api/v1/apps/{}/credentials/secrets"),
    ("app_grant", "GET /api/v1/apps/{}/grants/{}"),
    ("app_grant", "POST /api/v1/apps/{}/grants"),
    ("app_token", "GET /api/v1/apps/{}/tokens/{}"),
    ("group_push", "GET /api/v1/apps/{}/group-push/mappings/{}"),
    ("group_push", "POST /api/v1/apps/{}/group-push/mappings"),
    ("group_push", "PATCH /api/v1/apps/{}/group-push/mappings/{}"),
    ("mapping_properties", "POST /api/v1/mappings/{}"),
    ("api_service", "POST /integrations/api/v1/api-services"),
    ("principal_rate_limit", "PUT /api/v1/principal-rate-limits/{}"),
    ("user_schema", "POST /api/v1/meta/schemas/user/{}"),
    ("group_schema", "POST /api/v1/meta/schemas/group/default"),
    ("user_type", "POST /api/v1/meta/types/user"),
    ("user_type", "POST /api/v1/meta/types/user/{}"),
    ("linked_object", "POST /api/v1/meta/schemas/user/linkedObjects"),
    ("realm", "POST /api/v1/realms"),
    ("device_assurance", "POST /api/v1/device-assurances"),
    ("group_owner", "POST /api/v1/groups/{}/owners"),
    ("factor", "GET /api/v1/users/{}/factors/{}"),
    ("factor", "POST /api/v1/users/{}/factors"),
    ("factor", "PUT /api/v1/users/{}/factors/{}"),
    ("auth_scope", "GET /api/v1/authorizationServers/{}/scopes/{}"),
    ("auth_scope", "POST /api/v1/authorizationServers/{}/scopes"),
    ("auth_scope", "PUT /api/v1/authorizationServers/{}/scopes/{}"),
    ("auth_claim", "GET /api/v1/authorizationServers/{}/claims/{}"),
    ("auth_claim", "POST /api/v1/authorizationServers/{}/claims"),
    ("auth_policy", "GET /api/v1/authorizationServers/{}/policies/{}"),
    ("auth_policy", "POST /api/v1/authorizationServers/{}/policies"),
    ("auth_policy", "PUT /api/v1/authorizationServers/{}/policies/{}"),
    ("auth_policy_rule", "GET /api/v1/authorizationServers/{}/policies/{}/rules/{}"),
    ("auth_policy_rule", "POST /api/v1/authorizationServers/{}/policies/{}/rules"),
    ("auth_policy_rule", "PUT /api/v1/authorizationServers/{}/policies/{}/rules/{}"),
    ("auth_key", "GET /api/v1/authorizationServers/{}/credentials/keys/{}"),
    ("authenticator", "PUT /api/v1/authenticators/{}"),
    ("idp", "POST /api/v1/idps"),
    ("idp_key", "POST /api/v1/idps/credentials/keys"),
    ("behavior", "POST /api/v1/behaviors"),
    ("behavior", "PUT /api/v1/behaviors/{}"),
    ("threat_insight", "POST /api/v1/threats/configuration"),
    ("trusted_origin", "POST /api/v1/trustedOrigins"),
    ("trusted_origin", "PUT /api/v1/trustedOrigins/{}"),
    ("security_events_provider", "POST /api/v1/security-events-providers"),
    ("captcha", "POST /api/v1/captchas"),
    ("captcha", "PUT /api/v1/captchas/{}"),
];
