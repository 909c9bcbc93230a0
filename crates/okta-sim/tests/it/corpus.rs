//! The simulator against recorded answers of real orgs: where it has the route, same status and same shape.
//! Reads `../shared/okta/corpus` in place and skips, saying so, where that is absent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use okta_sim::Config;
use serde_json::Value;

use crate::client::{Http, path_of, start, text};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/okta/corpus");

/// Maps whose keys belong to the org, not to Okta.
const FREE: &[&str] = &[
    ".profile",
    ".settings.app",
    ".visibility.appLinks",
    ".settings.oauthClient.jwks",
    ".actions",
    ".conditions",
    ".settings.signOn",
    ".settings.authenticators",
    ".definitions.custom.properties",
    ".user",
];

/// What differs on purpose: family, beginning of the key's path, reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "apps",
        "credentials.oauthClient.client_secret",
        "redacted in the corpus; Okta sends it for clients with a secret",
    ),
    (
        "apps",
        "credentials.userName",
        "shared-account apps are not recorded; spec SchemeApplicationCredentials",
    ),
    (
        "apps",
        "credentials.password",
        "shared-account apps are not recorded; spec SchemeApplicationCredentials",
    ),
    ("apps", "_links.activate", "no INACTIVE app is recorded in a read; spec ApplicationLinks"),
    ("apps", "_links.deactivate", "INACTIVE apps have activate instead"),
    ("apps", "universalLogout", "recorded since 2025 for every mode that was recorded since"),
    ("apps", "settings.emOptInStatus", "recorded since 2025 for every mode that was recorded since"),
    ("app users", "lastSync", "no provisioned app user is recorded; spec AppUser"),
    (
        "app users",
        "credentials.password",
        "no app user of a password app is recorded; spec AppUserCredentials",
    ),
    ("app users", "_links.group", "no app user of scope GROUP is recorded; docs reference/api/apps"),
    ("users", "credentials.recovery_question", "only users made with one are recorded"),
    ("users", "credentials.password", "users from a directory have no password at Okta"),
    ("factors", "lastVerified", "no verified factor is recorded; spec examples"),
    ("groups", "source", "no APP_GROUP is recorded; spec Group"),
    ("groups", "_links.source", "no APP_GROUP is recorded; spec Group._links.source"),
    ("roles", "resource-set", "no custom role assignment is recorded; spec CustomRole"),
    ("roles", "role", "no custom role assignment is recorded; spec CustomRole"),
    ("roles", "_links.", "no custom role assignment is recorded; spec CustomRole"),
    (
        "apps/{}/credentials/secrets",
        "_links.",
        "only an ACTIVE secret is recorded in a read; spec OAuthClientSecretLinks",
    ),
    ("apps/{}/grants", "userId", "no grant of an end user is recorded; spec OAuth2ScopeConsentGrant"),
    ("apps/{}/group-push/mappings", "lastPush", "no failed mapping is recorded; spec GroupPushMapping"),
    ("apps/{}/group-push/mappings", "errorSummary", "no failed mapping is recorded; spec GroupPushMapping"),
    ("auth servers", "_links.deactivate", "INACTIVE servers have activate instead"),
    (
        "domains",
        "publicCertificate",
        "no domain with a certificate of its own is recorded; spec DomainResponse",
    ),
    ("inlineHooks", "_links.activate", "no INACTIVE hook with OAuth is recorded; spec InlineHookLinks"),
    ("inlineHooks", "_links.deactivate", "INACTIVE hooks have activate instead"),
    ("logStreams", "_links.deactivate", "INACTIVE streams have activate instead"),
    (
        "auth access",
        "_links.activate",
        "no INACTIVE policy or rule is recorded in a read; spec LifecycleLinks",
    ),
    ("auth access", "_links.deactivate", "INACTIVE ones have activate instead"),
    (
        "auth access",
        "group_filter_type",
        "a claim of groups is recorded alone, not in a list; spec OAuth2Claim",
    ),
    ("authenticators", "_links.activate", "what was recorded off is on, which takes it away"),
    ("authenticators", "_links.deactivate", "what was recorded on is off, which takes it away"),
    (
        "idps",
        "policy.accountLink.filter.",
        "no account link with a filter is recorded; spec PolicyAccountLinkFilter",
    ),
    (
        "idps",
        "policy.provisioning.groups.",
        "no provider that syncs groups is recorded; spec ProvisioningGroups",
    ),
    (
        "security-events-providers",
        "_links.activate",
        "no INACTIVE provider is recorded in a read; spec LifecycleLinks",
    ),
    ("security-events-providers", "_links.deactivate", "INACTIVE ones have activate instead"),
    ("trustedOrigins", "_links.deactivate", "INACTIVE ones have activate instead"),
    (
        "device-assurances",
        "diskEncryptionType",
        "recorded for every platform but an Android that asks for little",
    ),
    (
        "device-assurances",
        "secureHardwarePresent",
        "recorded for every platform but an Android that asks for little",
    ),
    ("devices", "_links.", "depend on the status; lists were recorded with one device"),
    ("devices", "_embedded", "the authenticator that registered it; recorded with devices read alone"),
    (
        "devices/{}/users",
        "screenLockType",
        "no user of a device with Okta Verify's lock is recorded; spec DeviceUser",
    ),
    ("policies", "description", "one kept by Okta without one is recorded in lists"),
];

/// What an endpoint shows: lists and single reads show the same objects.
fn family(endpoint: &str) -> &str {
    let path = endpoint.trim_start_matches("GET /api/v1/");
    let last = path.trim_end_matches("/{}");
    match last {
        _ if last.ends_with("/roles") && !last.starts_with("iam") => "roles",
        "apps/{}/users" => "app users",
        "apps" | "groups/{}/apps" => "apps",
        "groups" | "users/{}/groups" => "groups",
        "users" | "groups/{}/users" => "users",
        "users/{}/factors" => "factors",
        "authorizationServers" => "auth servers",
        _ if last.starts_with("authorizationServers/") => "auth access",
        _ if last.starts_with("authenticators") => "authenticators",
        "policies" => "policies",
        "policies/{}/rules" => "policy rules",
        _ if last.starts_with("iam/resource-sets") => "resource-sets",
        _ => last,
    }
}

#[derive(Default, Clone)]
struct Shape {
    objects: usize,
    /// Path → types seen, and in how many objects it was there.
    keys: BTreeMap<String, (BTreeSet<&'static str>, usize)>,
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

impl Shape {
    fn add(&mut self, object: &Value) {
        self.objects += 1;
        let mut seen = BTreeMap::new();
        walk(object, String::new(), &mut seen);
        for (path, types) in seen {
            let entry = self.keys.entry(path).or_default();
            entry.0.extend(types);
            entry.1 += 1;
        }
    }
}

fn walk(value: &Value, path: String, seen: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    if !path.is_empty() {
        seen.entry(path.clone()).or_default().insert(kind(value));
    }
    if FREE.iter().any(|free| path == *free) {
        return;
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| walk(value, format!("{path}.{name}"), seen))
        }
        Value::Array(items) => items.iter().for_each(|item| {
            if item.is_object() {
                walk(item, format!("{path}[]"), seen);
            }
        }),
        _ => {}
    }
}

/// The objects of an answer, each with what decides its shape (type, sign-on mode, …).
fn objects(endpoint: &str, body: &Value) -> Vec<(String, Value)> {
    let list = match body {
        Value::Array(list) => list.clone(),
        other => vec![other.clone()],
    };
    let sort = |o: &Value| {
        let field = |name: &str| o[name].as_str().unwrap_or_default().to_owned();
        if family(endpoint) == "apps" {
            // Apps from the catalogue without an integration have another shape than those made by hand.
            let hand = o["settings"]["signOn"]["ssoAcsUrl"].is_string();
            format!("{}{}{}", field("signOnMode"), o["settings"]["oauthClient"].is_object(), hand)
        } else if endpoint.contains("/policies") {
            format!("{}{}", field("type"), o["system"])
        } else if endpoint.contains("/authenticators") {
            format!("{}{}", field("key"), field("type"))
        } else if endpoint.contains("/idps") || endpoint.contains("/behaviors") {
            field("type")
        } else if endpoint.contains("/factors") {
            field("factorType")
        } else if endpoint.contains("/{}/features") {
            field("name")
        } else if endpoint.contains("/zones") || endpoint.contains("/logStreams") {
            field("type")
        } else if endpoint.contains("/inlineHooks") {
            o["channel"]["type"].as_str().unwrap_or_default().to_owned()
        } else if endpoint == "GET /api/v1/users/{}" {
            field("status")
        } else {
            String::new()
        }
    };
    list.into_iter().map(|o| (sort(&o), o)).collect()
}

fn normal(endpoint: &str) -> String {
    let parts = endpoint.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn recordings() -> Vec<Value> {
    let mut all = Vec::new();
    let Ok(files) = std::fs::read_dir(CORPUS) else { return all };
    for file in files.flatten().filter(|f| f.file_name().to_string_lossy().starts_with("GET_")) {
        let text = std::fs::read_to_string(file.path()).expect("readable");
        let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        all.extend(records.filter(|r| r.get("suspect").is_none()));
    }
    all
}

/// Paths of the simulator for an endpoint, `{}` filled with every object it has (a few of the big kinds).
async fn paths(http: &mut Http, endpoint: &str) -> Vec<String> {
    let pattern = endpoint.trim_start_matches("GET ");
    if !pattern.contains("{}") {
        return match pattern {
            "/api/v1/policies" => [
                "ACCESS_POLICY",
                "OKTA_SIGN_ON",
                "PASSWORD",
                "MFA_ENROLL",
                "IDP_DISCOVERY",
                "POST_AUTH_SESSION",
                "SESSION_VIOLATION_DETECTION",
                "PROFILE_ENROLLMENT",
            ]
            .map(|t| format!("{pattern}?type={t}"))
            .to_vec(),
            "/api/v1/apps" | "/api/v1/users" | "/api/v1/mappings" => vec![format!("{pattern}?limit=200")],
            "/api/v1/principal-rate-limits" => ["SSWS_TOKEN", "OAUTH_CLIENT"]
                .map(|t| format!("{pattern}?filter=principalType+eq+%22{t}%22&limit=50"))
                .to_vec(),
            _ => vec![pattern.to_owned()],
        };
    }
    // Whom a user is linked to is asked for by the names of the org's relations.
    if let Some(of_one) =
        pattern.strip_suffix("/linkedObjects/{}").filter(|p| p.starts_with("/api/v1/users/"))
    {
        let names = http.all("/api/v1/meta/schemas/user/linkedObjects").await;
        let sides = ["/primary/name", "/associated/name"];
        let names =
            names.iter().flat_map(|n| sides.map(|at| n.pointer(at).and_then(Value::as_str).expect("a name")));
        let names: Vec<&str> = names.collect();
        let users = Box::pin(paths(http, &format!("GET {of_one}"))).await;
        let of =
            |user: &String| names.iter().map(|n| format!("{user}/linkedObjects/{n}")).collect::<Vec<_>>();
        return users.iter().flat_map(of).collect();
    }
    let (parent, rest) = pattern.split_once("/{}").expect("a parameter");
    let (limit, list) = match parent {
        "/api/v1/users" => (150, "/api/v1/users?search=id+pr&limit=200".to_owned()),
        "/api/v1/policies" | "/api/v1/principal-rate-limits" => {
            let mut found = Vec::new();
            for list in Box::pin(paths(http, &format!("GET {parent}"))).await {
                found.extend(http.all(&list).await);
            }
            return fill(http, &found, parent, rest).await;
        }
        // Schemas are not listed: the types they are of are.
        "/api/v1/meta/schemas/user" => {
            let types = http.all("/api/v1/meta/types/user").await;
            let href = |of: &Value| of["_links"]["schema"]["href"].as_str().map(path_of);
            return types.iter().filter_map(href).chain([format!("{parent}/default")]).collect();
        }
        _ => (80, format!("{parent}?limit=200")),
    };
    let mut found: Vec<Value> = http.all(&list).await.into_iter().take(limit).collect();
    // Below other apps there is nothing of the kind, and Okta says so with 400 or 404.
    let clients_only = ["/grants", "/tokens", "/credentials/secrets"].iter().any(|p| rest.starts_with(p));
    found.retain(|app| !clients_only || app["settings"]["oauthClient"].is_object());
    found.retain(|app| !rest.starts_with("/features") || app["features"][0].is_string());
    for contact in found.iter_mut().filter(|_| parent == "/api/v1/org/contacts") {
        contact["id"] = contact["contactType"].clone();
    }
    fill(http, &found, parent, rest).await
}

async fn fill(http: &mut Http, found: &[Value], parent: &str, rest: &str) -> Vec<String> {
    let mut filled = Vec::new();
    for object in found {
        let id = ["/id", "/kid", "/primary/name"]
            .iter()
            .find_map(|at| object.pointer(at)?.as_str())
            .expect("an id");
        let here = format!("{parent}/{id}");
        match rest.split_once("/{}") {
            None => filled.push(format!("{here}{rest}")),
            Some((list, after)) => {
                for child in http.all(&format!("{here}{list}")).await.iter().take(3) {
                    let names = |name: &&&str| child[**name].is_string();
                    let id = ["id", "name", "label"].iter().find(names).expect("what it is called by");
                    filled.push(format!("{here}{list}/{}{after}", text(child, id)));
                }
            }
        }
    }
    filled
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the table of what was compared")]
async fn answers_have_the_recorded_shape() {
    if !Path::new(CORPUS).exists() {
        println!("skipped: no recorded exchanges at {CORPUS}");
        return;
    }
    let own: BTreeSet<String> = okta_sim::routes().into_iter().map(|(name, _)| normal(name)).collect();
    let mut recorded: BTreeMap<String, BTreeMap<String, Shape>> = BTreeMap::new();
    for record in recordings() {
        let endpoint = normal(text(&record, "endpoint"));
        if record["status"] == 200 && own.contains(&endpoint) {
            // What older API versions lacked or had more of is not held against the simulator.
            let recent = record["recorded"].as_str().is_some_and(|d| d >= "2024");
            for (sort, object) in objects(&endpoint, &record["response_body"]) {
                let shape = recorded.entry(endpoint.clone()).or_default().entry(sort).or_default();
                shape.add(&object);
                if !recent {
                    // Counts as seen, but an absence in it proves nothing.
                    shape.objects -= 1;
                    let mut seen = BTreeMap::new();
                    walk(&object, String::new(), &mut seen);
                    for path in seen.keys() {
                        if let Some(entry) = shape.keys.get_mut(path) {
                            entry.1 -= 1;
                        }
                    }
                }
            }
        }
    }
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut excused = |endpoint: &str, path: &str| {
        let path = path.trim_start_matches('.');
        let found = EXCEPTIONS.iter().position(|(e, p, _)| family(endpoint) == *e && path.starts_with(p));
        used.extend(found);
        found.is_some()
    };
    let mut known: BTreeMap<(&str, &str), BTreeMap<&str, BTreeSet<&'static str>>> = BTreeMap::new();
    for (endpoint, sorts) in &recorded {
        for (sort, shape) in sorts {
            // Lists show users of every status alike.
            let keys = known.entry((family(endpoint), sort)).or_default();
            shape.keys.iter().for_each(|(path, (types, _))| keys.entry(path).or_default().extend(types));
        }
    }
    for (endpoint, sorts) in &recorded {
        let mut ours: BTreeMap<String, Shape> = BTreeMap::new();
        for path in paths(&mut http, endpoint).await {
            let answer = http.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            for (sort, object) in objects(endpoint, &answer.body) {
                ours.entry(sort).or_default().add(&object);
            }
        }
        for (sort, theirs) in sorts {
            let Some(mine) = ours.get(sort) else {
                println!("{endpoint:55} {sort:35} recorded {:4}, simulated none", theirs.objects);
                continue;
            };
            println!("{endpoint:55} {sort:35} recorded {:4}, simulated {:4}", theirs.objects, mine.objects);
            for (path, (types, _)) in &mine.keys {
                // Of a list that was only ever recorded empty nothing is known.
                let all = &known[&(family(endpoint), sort.as_str())];
                let unknown_list = path
                    .split_once("[]")
                    .is_some_and(|(list, _)| !all.contains_key(format!("{list}[]").as_str()));
                if unknown_list {
                    continue;
                }
                match all.get(path.as_str()) {
                    None if !excused(endpoint, path) => {
                        wrong.insert(format!("{endpoint} {sort} {path}: never recorded"));
                    }
                    Some(recorded) => {
                        let odd = types.iter().any(|t| {
                            *t != "null" && !recorded.contains(t) && !recorded.iter().all(|r| *r == "null")
                        });
                        if odd && !excused(endpoint, path) {
                            wrong.insert(format!(
                                "{endpoint} {sort} {path}: {types:?}, recorded {recorded:?}"
                            ));
                        }
                    }
                    None => {}
                }
            }
            for (path, (_, count)) in &theirs.keys {
                // Keys of optional objects are only due where the object is.
                let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent).trim_end_matches("[]");
                let due = if parent.is_empty() {
                    mine.objects
                } else {
                    mine.keys.get(parent).map_or(0, |(_, n)| *n)
                };
                let always = *count > 0
                    && *count
                        == if parent.is_empty() {
                            theirs.objects
                        } else {
                            theirs.keys.get(parent).map_or(0, |(_, n)| *n)
                        };
                let have = mine.keys.get(path).map_or(0, |(_, n)| *n);
                let empty_list = path.contains("[]");
                if always && have < due && !empty_list && !excused(endpoint, path) {
                    wrong.insert(format!(
                        "{endpoint} {sort} {path}: in every recording, missing in {} of {due}",
                        due - have
                    ));
                }
            }
        }
    }
    for (n, (family, path, reason)) in EXCEPTIONS.iter().enumerate() {
        println!("exception: {family} {path}: {reason}");
        assert!(used.contains(&n), "no longer needed: {family} {path}");
    }
    assert!(recorded.len() > 20, "only {} endpoints compared", recorded.len());
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "says that it skips")]
async fn refusals_are_as_recorded() {
    if !Path::new(CORPUS).exists() {
        println!("skipped: no recorded exchanges at {CORPUS}");
        return;
    }
    let own: BTreeSet<String> = okta_sim::routes().into_iter().map(|(name, _)| normal(name)).collect();
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let mut compared = BTreeSet::new();
    for record in recordings() {
        let endpoint = normal(text(&record, "endpoint"));
        let status = record["status"].as_u64().expect("a status") as u16;
        // 429 and 401 depend on the caller and the org, not on what was asked.
        if !(status == 400 || status == 404) || !own.contains(&endpoint) {
            continue;
        }
        let path = path_of(text(&record, "url"));
        // The recorded org had the parent of what was missing; the simulator has other ones.
        let first =
            endpoint.split('/').zip(path.split('/')).find(|(pattern, _)| *pattern == "{}").map(|(_, id)| id);
        let summary = text(&record["response_body"], "errorSummary");
        // Where the message names parent and child, the parent was there.
        if first.is_some_and(|id| !summary.contains(id) || summary.contains(&format!("{id}."))) {
            continue;
        }
        let answer = http.get(&path).await;
        let body = &record["response_body"];
        assert_eq!(answer.status, status, "{path}");
        for field in ["errorCode", "errorSummary", "errorLink", "errorCauses"] {
            assert_eq!(answer.body[field], body[field], "{path}");
        }
        assert_eq!(answer.body.as_object().map(|o| o.len()), body.as_object().map(|o| o.len()));
        compared.insert((endpoint, text(body, "errorCode").to_owned()));
    }
    println!("{compared:?}");
    assert!(compared.len() >= 7, "{compared:?}");
}
