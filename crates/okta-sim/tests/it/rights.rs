//! Who gets which answer: the rights table seen from outside.

use okta_sim::permissions::{Data, TABLE};
use okta_sim::{Config, Licences, Tokens};
use serde_json::json;

use crate::client::{Http, start, text};

/// `A` everything a super admin gets, `F` fewer, `E` an empty list, `D` 403 E0000006.
/// Columns: read_only_custom, read_only, no_role, group_admin, org_admin, custom_small, help_desk, app_admin.
const EXPECTED: &[(Data, &str, &str)] = &[
    (Data::Org, "/api/v1/org", "AADDADDD"),
    (Data::Users, "/api/v1/users", "AAEFAFAA"),
    (Data::UserGroups, "/api/v1/users/{user}/groups", "AADDADAA"),
    (Data::UserApps, "/api/v1/users/{user}/appLinks", "AADDADAA"),
    (Data::Factors, "/api/v1/users/{user}/factors", "AADDADAD"),
    (Data::UserRoles, "/api/v1/users/{user}/roles", "ADDDDDDD"),
    (Data::Groups, "/api/v1/groups", "AAEFAFAA"),
    (Data::GroupMembers, "/api/v1/groups/{group}/users", "AADAAAAA"),
    (Data::GroupApps, "/api/v1/groups/{group}/apps", "AADDAADA"),
    (Data::GroupRoles, "/api/v1/groups/{group}/roles", "ADDDDDDD"),
    (Data::GroupRules, "/api/v1/groups/rules", "AADDAADD"),
    (Data::Apps, "/api/v1/apps", "AAEDADDA"),
    (Data::AppUsers, "/api/v1/apps/{app}/users", "AADDADDA"),
    (Data::AppGroups, "/api/v1/apps/{app}/groups", "AADDADDA"),
    (Data::AppFeatures, "/api/v1/apps/{app}/features", "AADDADDA"),
    (Data::AppKeys, "/api/v1/apps/{app}/credentials/keys", "AADDADDA"),
    (Data::AppSecrets, "/api/v1/apps/{client}/credentials/secrets", "AADDADDA"),
    (Data::AppGrants, "/api/v1/apps/{client}/grants", "DDDDDDDD"),
    (Data::AppTokens, "/api/v1/apps/{client}/tokens", "AADDADDA"),
    (Data::GroupPush, "/api/v1/apps/{app}/group-push/mappings", "AADDADDA"),
    (Data::ClientRoles, "/oauth2/v1/clients/{service}/roles", "ADDDDDDD"),
    (Data::Mappings, "/api/v1/mappings", "AADDADDA"),
    (Data::ApiServices, "/integrations/api/v1/api-services", "DDDDADDD"),
    (
        Data::PrincipalRateLimits,
        "/api/v1/principal-rate-limits?filter=principalType+eq+%22SSWS_TOKEN%22",
        "DDDDADDD",
    ),
    (Data::AdminRoles, "/api/v1/iam/roles", "ADDDDDDD"),
    (Data::StandardRoles, "/api/v1/iam/roles/READ_ONLY_ADMIN", "ADDDDDDD"),
    (Data::ResourceSets, "/api/v1/iam/resource-sets", "ADDDDDDD"),
    (Data::Assignees, "/api/v1/iam/assignees/users", "ADDDDDDD"),
    (Data::AuthServers, "/api/v1/authorizationServers", "AADDADDD"),
    (Data::Policies, "/api/v1/policies?type=PASSWORD", "AADDADDA"),
    (Data::ApiTokens, "/api/v1/api-tokens", "FFFFAFFF"),
    (Data::Zones, "/api/v1/zones", "AADDADDD"),
    (Data::EventHooks, "/api/v1/eventHooks", "AADDADDD"),
    (Data::InlineHooks, "/api/v1/inlineHooks", "AADDADDD"),
    (Data::LogStreams, "/api/v1/logStreams", "DDDDDDDD"),
    (Data::AgentPools, "/api/v1/agentPools", "AADDADDD"),
    (Data::Brands, "/api/v1/brands", "AADDADDD"),
    (Data::Domains, "/api/v1/domains", "AADDADDD"),
    (Data::Features, "/api/v1/features", "DDDDADDD"),
    (Data::OrgSettings, "/api/v1/org/settings/clientPrivilegesSetting", "AADDADDD"),
    (Data::SupportAccess, "/api/v1/org/privacy/oktaSupport", "DDDDDDDD"),
    (Data::RateLimits, "/api/v1/rate-limit-settings/per-client", "DDDDADDD"),
    (Data::Authenticators, "/api/v1/authenticators", "AADDADDD"),
    (Data::Idps, "/api/v1/idps", "AADDADDD"),
    (Data::Behaviors, "/api/v1/behaviors", "AADDADDD"),
    (Data::ThreatInsight, "/api/v1/threats/configuration", "AADDADDD"),
    (Data::Lockout, "/attack-protection/api/v1/user-lockout-settings", "AADDADDD"),
    (Data::AuthenticatorSettings, "/attack-protection/api/v1/authenticator-settings", "AADDADDD"),
    (Data::TrustedOrigins, "/api/v1/trustedOrigins", "AADDADDD"),
    (Data::SecurityEvents, "/api/v1/security-events-providers", "AADDADDD"),
    (Data::Captchas, "/api/v1/captchas", "AADDADDD"),
    (Data::UserTypes, "/api/v1/meta/types/user", "AADDADDD"),
    (Data::Schemas, "/api/v1/meta/schemas/group/default", "DDDDADDA"),
    (Data::LinkedObjects, "/api/v1/meta/schemas/user/linkedObjects", "DDDDADDA"),
    (Data::LinkedUsers, "/api/v1/users/{user}/linkedObjects/manager", "AADDADDD"),
    (Data::Realms, "/api/v1/realms", "AADDADDD"),
    (Data::RealmAssignments, "/api/v1/realm-assignments", "AADDADDD"),
    (Data::Devices, "/api/v1/devices", "AADDADDD"),
    (Data::DeviceAssurances, "/api/v1/device-assurances", "AADDADDD"),
    (Data::GroupOwners, "/api/v1/groups/{group}/owners", "AADDAADD"),
    (Data::UserGrants, "/api/v1/users/{user}/grants", "AADDADDD"),
    (Data::Logs, "/api/v1/logs?since=2026-06-20T00:00:00Z&until=2026-06-25T00:00:00Z&limit=3", "AADAADAA"),
];

fn columns(tokens: &Tokens) -> [&String; 8] {
    let t = tokens;
    [
        &t.read_only_custom,
        &t.read_only,
        &t.no_role,
        &t.group_admin,
        &t.org_admin,
        &t.custom_small,
        &t.help_desk,
        &t.app_admin,
    ]
}

/// 2026-06-30, so that dates in queries are known.
const AS_OF: i64 = 1_782_777_600_000;

fn config() -> Config {
    Config { as_of: Some(AS_OF), story: Some("dormant_accounts".into()), ..Config::default() }
}

fn hooks() -> okta_sim::Hooks {
    okta_sim::Hooks {
        clock: std::sync::Arc::new(okta_sim::clock::ManualClock::at(AS_OF + 1_000)),
        ..Default::default()
    }
}

#[tokio::test]
async fn every_data_set_answers_every_kind_of_owner_as_the_table_says() {
    let sim = crate::client::start_with(config(), hooks()).await;
    let mut admin = Http::new(&sim, &sim.tokens.super_admin).await;
    let group =
        admin.get("/api/v1/groups?q=Engineering").await.body[0]["id"].as_str().expect("id").to_owned();
    let app = admin.get("/api/v1/apps?q=Slack").await.body[0]["id"].as_str().expect("id").to_owned();
    let labelled = async |admin: &mut Http, label: &str| {
        let found = admin.get(&format!("/api/v1/apps?q={label}")).await;
        found.body[0]["id"].as_str().expect("id").to_owned()
    };
    let client = labelled(&mut admin, "Customer+Portal").await;
    let service = labelled(&mut admin, "Billing+Export+Job").await;
    let somebody = admin.get("/api/v1/users?search=profile.department+eq+%22Data%22").await;
    let user = text(&somebody.body[0], "id").to_owned();
    for (data, path, expected) in EXPECTED {
        let path = path.replace("{group}", &group).replace("{app}", &app).replace("{user}", &user);
        let path = path.replace("{client}", &client).replace("{service}", &service);
        let all = admin.get(&path).await;
        assert_eq!(all.status, 200, "{path}: {}", all.text);
        let size = |v: &serde_json::Value| v.as_array().map(Vec::len);
        let mut got = String::new();
        for token in columns(&sim.tokens) {
            let answer = Http::new(&sim, token).await.get(&path).await;
            got.push(match answer.status {
                200 if size(&answer.body) == Some(0) && size(&all.body) != Some(0) => 'E',
                200 if size(&answer.body) < size(&all.body) => 'F',
                200 => 'A',
                403 => {
                    assert_eq!(answer.code(), "E0000006");
                    'D'
                }
                other => panic!("{path}: {other}"),
            });
        }
        assert_eq!(&got, expected, "{data:?} {path}");
    }
    // Every row of the table is exercised: reads above, writes below.
    let covered: Vec<Data> =
        EXPECTED.iter().map(|(d, ..)| *d).chain(WRITES.iter().map(|(d, ..)| *d)).collect();
    for row in TABLE {
        assert!(covered.contains(&row.data), "{:?} is not exercised", row.data);
    }
}

/// `Y` done (2xx), `N` 403. Columns as above, super_admin first. `{…}` are fresh victims.
const WRITES: &[(Data, &str, &str, &str)] = &[
    (Data::WriteUsers, "POST", "/api/v1/users/{user}", "YNNNNYNNN"),
    (Data::WriteLifecycle, "POST", "/api/v1/users/{user}/lifecycle/suspend", "YNNNNYNYN"),
    (Data::WriteFactors, "POST", "/api/v1/users/{user}/lifecycle/reset_factors", "YNNNNYNYN"),
    (Data::WriteSessions, "DELETE", "/api/v1/users/{user}/sessions", "YNNNNYNYN"),
    (Data::WriteGroups, "PUT", "/api/v1/groups/{group}", "YNNNNYNNN"),
    (Data::WriteMembership, "PUT", "/api/v1/groups/{group}/users/{user}", "YNNNNYNNN"),
    (Data::WriteAssignment, "DELETE", "/api/v1/apps/{app}/groups/{group}", "YNNNNYNNY"),
    (Data::WriteApps, "POST", "/api/v1/apps/{app}/lifecycle/deactivate", "YNNNNYNNY"),
    (Data::WriteApps, "POST", "/api/v1/apps", "YNNNNYNNY"),
    (Data::WriteAppGrants, "POST", "/api/v1/apps/{service}/grants", "YNNNNNNNN"),
    (Data::WriteRoles, "POST", "/api/v1/users/{user}/roles", "YNNNNNNNN"),
    (Data::WriteRoles, "POST", "/api/v1/iam/roles", "YNNNNNNNN"),
    (Data::WriteOrgSettings, "PUT", "/api/v1/org/settings/clientPrivilegesSetting", "YNNNNNNNN"),
    (Data::WriteTokens, "DELETE", "/api/v1/api-tokens/{token}", "YNNNNYNNN"),
    (Data::OwnToken, "DELETE", "/api/v1/api-tokens/current", "YYYYYYYYY"),
];

#[tokio::test]
async fn who_may_write_what() {
    for (data, method, path, expected) in WRITES {
        let sim = start(config()).await;
        let mut got = String::new();
        let mut admin = Http::new(&sim, &sim.tokens.super_admin).await;
        let app = admin.get("/api/v1/apps?q=Slack").await.body[0]["id"].as_str().expect("id").to_owned();
        let service =
            admin.get("/api/v1/apps?q=Billing+Export").await.body[0]["id"].as_str().expect("id").to_owned();
        let tokens: Vec<String> =
            std::iter::once(&sim.tokens.super_admin).chain(columns(&sim.tokens)).cloned().collect();
        for (n, token) in tokens.iter().enumerate() {
            let user =
                sim.org.create_user("Fresh", "Victim", &format!("victim{n}@acme.example")).expect("created");
            let group = sim.org.create_group(&format!("Victims {n}")).expect("created");
            sim.org.assign_app_group(&app, &group).expect("assigned");
            let name = format!("Victim {n}");
            sim.org.create_token("maya.whitfield@acme.example", &name).expect("created");
            let listed = match data {
                Data::WriteTokens => admin.get("/api/v1/api-tokens").await.body,
                _ => json!([]),
            };
            let other = listed.as_array().into_iter().flatten().find(|t| t["name"] == name.as_str());
            let token_id = other.map_or("", |t| text(t, "id")).to_owned();
            let body = match *data {
                Data::WriteApps if *path == "/api/v1/apps" => json!({
                    "name": "oidc_client", "label": "New", "signOnMode": "OPENID_CONNECT",
                    "settings": {"oauthClient": {"application_type": "service", "grant_types": ["client_credentials"]}},
                })
                .to_string(),
                Data::WriteAppGrants => json!({"scopeId": "okta.orgs.read", "issuer": sim.origin}).to_string(),
                Data::WriteOrgSettings => json!({"clientPrivilegesSetting": false}).to_string(),
                Data::WriteRoles if path.ends_with("/iam/roles") => {
                    let label = format!("New {n}");
                    json!({"label": label, "description": "d", "permissions": ["okta.iam.read"]}).to_string()
                }
                Data::WriteRoles => json!({"type": "HELP_DESK_ADMIN"}).to_string(),
                Data::WriteGroups => json!({"profile": {"name": format!("Renamed {n}")}}).to_string(),
                Data::WriteUsers => json!({"profile": {"title": "New"}}).to_string(),
                _ => String::new(),
            };
            let path = path
                .replace("{user}", &user)
                .replace("{group}", &group)
                .replace("{app}", &app)
                .replace("{service}", &service)
                .replace("{token}", &token_id);
            let answer = Http::new(&sim, token).await.call(method, &path, &body).await;
            got.push(match (answer.status, answer.code()) {
                (200..300, _) => 'Y',
                (403, "E0000006") => 'N',
                // Those who see only their own tokens do not find this one.
                (404, "E0000007") if *data == Data::WriteTokens => 'N',
                other => panic!("{method} {path}: {other:?} {}", answer.text),
            });
        }
        assert_eq!(&got, expected, "{data:?}");
    }
}

#[tokio::test]
async fn credentials_that_do_not_work() {
    let sim = start(Config::default()).await;
    for (token, status, code) in [
        ("", 403, "E0000005"),
        ("00nonsense", 401, "E0000011"),
        (&sim.tokens.expired, 401, "E0000011"),
        (&sim.tokens.revoked, 401, "E0000011"),
    ] {
        let answer = Http::new(&sim, token).await.get("/api/v1/users/me").await;
        assert_eq!((answer.status, answer.code()), (status, code));
    }
    for (authorization, code) in [("Bearer x", "E0000011"), ("DPoP x", "E0000011"), ("Basic x", "E0000005")] {
        let headers = format!("authorization: {authorization}\r\n");
        let answer = Http::new(&sim, "").await.with("GET", "/api/v1/users", &headers, "").await;
        assert_eq!(answer.code(), code, "{authorization}");
    }
    let open = Http::new(&sim, "").await.get("/.well-known/okta-organization").await;
    assert_eq!((open.status, text(&open.body, "pipeline")), (200, "idx"));

    let mut http = Http::new(&sim, &sim.tokens.read_only_custom).await;
    assert_eq!(http.get("/api/v1/users/me").await.body["profile"]["login"], "svc-transom@acme.example");
    sim.org.take_roles("svc-transom@acme.example").expect("taken");
    assert_eq!(http.get("/api/v1/iam/roles").await.code(), "E0000006");
    assert_eq!(http.get("/api/v1/users").await.body, json!([]), "no role: an empty list, not an error");
    assert_eq!(http.get("/api/v1/users/me").await.status, 200, "everybody may read themselves");
    sim.org.expire_token(&sim.tokens.read_only_custom).expect("expired");
    assert_eq!(http.get("/api/v1/users/me").await.code(), "E0000011");

    let owner = sim.org.owner_of(&sim.tokens.read_only).expect("an owner");
    sim.org.deactivate_user(&owner).expect("deactivated");
    assert_eq!(Http::new(&sim, &sim.tokens.read_only).await.get("/api/v1/users").await.code(), "E0000011");
}

#[tokio::test]
async fn using_a_token_moves_its_dates() {
    let clock = std::sync::Arc::new(okta_sim::clock::ManualClock::at(AS_OF + 1_000));
    let hooks = okta_sim::Hooks { clock: clock.clone(), ..Default::default() };
    let sim = crate::client::start_with(config(), hooks).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only).await;
    let before = http.get("/api/v1/api-tokens").await;
    assert_eq!(before.body.as_array().map(Vec::len), Some(1), "its own only");
    clock.advance(3_600_000);
    let after = http.get("/api/v1/api-tokens").await;
    assert_eq!(text(&before.body[0], "lastUpdated"), "2026-06-30T00:00:01.000Z");
    assert_eq!(text(&after.body[0], "lastUpdated"), "2026-06-30T01:00:01.000Z");
    assert_eq!(text(&after.body[0], "expiresAt"), "2026-07-30T01:00:01.000Z");
    clock.advance(31 * 86_400_000);
    assert_eq!(http.get("/api/v1/api-tokens").await.code(), "E0000011", "unused for 30 days");
}

#[tokio::test]
async fn an_org_without_the_product_says_401_that_is_no_bad_token() {
    let licences = Licences { api_access_management: false, governance: false, ..Licences::default() };
    let sim = start(Config { licences, ..Config::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let group = http.get("/api/v1/groups?q=Engineering").await.body[0]["id"].as_str().expect("id").to_owned();
    let owners = format!("/api/v1/groups/{group}/owners");
    for path in ["/api/v1/authorizationServers", "/api/v1/realms", "/api/v1/realm-assignments", &owners] {
        let answer = http.get(path).await;
        assert_eq!((answer.status, answer.code()), (401, "E0000015"), "{path}");
    }
    assert_eq!(http.get("/api/v1/iam/roles/ACCESS_REQUESTS_ADMIN").await.status, 404);
    assert_eq!(http.get("/api/v1/iam/roles/SUPER_ADMIN").await.status, 200);
    assert_eq!(http.get("/api/v1/users/me").await.status, 200);
}

#[tokio::test]
async fn a_classic_org_has_no_authenticators_and_all_the_rest() {
    let licences = Licences { identity_engine: false, ..Licences::default() };
    let sim = start(Config { licences, ..Config::default() }).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    assert_eq!(http.get("/.well-known/okta-organization").await.body["pipeline"], "v1");
    for path in [
        "/api/v1/authenticators",
        "/api/v1/captchas",
        "/api/v1/security-events-providers",
        "/attack-protection/api/v1/authenticator-settings",
    ] {
        let answer = http.get(path).await;
        assert_eq!((answer.status, answer.code()), (401, "E0000015"), "{path}");
    }
    for path in ["/api/v1/idps", "/api/v1/behaviors", "/attack-protection/api/v1/user-lockout-settings"] {
        assert_eq!(http.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_below_an_authorization_server() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.read_only_custom).await;
    let servers = http.all("/api/v1/authorizationServers").await;
    let mut counts = [0; 6];
    for server in &servers {
        let url = format!("/api/v1/authorizationServers/{}", text(server, "id"));
        let below = [
            "scopes?limit=3",
            "claims",
            "policies",
            "clients",
            "associatedServers?trusted=true",
            "credentials/keys",
        ];
        for (n, list) in below.iter().enumerate() {
            counts[n] += http.all(&format!("{url}/{list}")).await.len();
        }
        for policy in http.all(&format!("{url}/policies")).await {
            let rules = http.get(&format!("{url}/policies/{}/rules", text(&policy, "id"))).await;
            assert!(!rules.body.as_array().expect("a list").is_empty(), "{policy}");
        }
    }
    assert_eq!(counts, [7 * 4 + 4, 5 * 4 + 2, 5, 3, 1, 3 * 4]);
    let id = text(&servers[1], "id");
    let wrong = http.get(&format!("/api/v1/authorizationServers/{id}/policies/00pnone/rules")).await;
    assert_eq!(wrong.body["errorSummary"], "Not found: Resource not found: 00pnone (Policy)");
}

#[tokio::test]
async fn an_app_is_mapped_to_the_access_policy_it_links_to() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let mut linked = std::collections::BTreeSet::new();
    for app in http.all("/api/v1/apps?limit=200").await {
        let href = app["_links"]["accessPolicy"]["href"].as_str().expect("a link");
        linked.insert((href.rsplit('/').next().expect("an id").to_owned(), text(&app, "id").to_owned()));
    }
    let mut mapped = std::collections::BTreeSet::new();
    for policy in http.all("/api/v1/policies?type=ACCESS_POLICY").await {
        let id = text(&policy, "id").to_owned();
        for mapping in http.all(&format!("/api/v1/policies/{id}/mappings")).await {
            let href = mapping["_links"]["application"]["href"].as_str().expect("a link");
            mapped.insert((id.clone(), href.rsplit('/').next().expect("an id").to_owned()));
        }
    }
    assert_eq!(mapped, linked);
    assert!(mapped.iter().map(|(policy, _)| policy).collect::<std::collections::BTreeSet<_>>().len() > 2);
}

#[tokio::test]
async fn roles_come_in_person_and_through_groups() {
    let sim = start(Config::default()).await;
    let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
    let own = http
        .get(&format!(
            "/api/v1/users/{}/roles",
            sim.org.owner_of(&sim.tokens.read_only_custom).expect("owner")
        ))
        .await;
    assert_eq!(own.body[0]["id"], "KJCUCRC7J5HEYWK7IFCE2SKO");
    assert_eq!(own.body[0]["type"], "READ_ONLY_ADMIN");
    assert_eq!((text(&own.body[1], "type"), &text(&own.body[1], "id")[..3]), ("CUSTOM", "irb"));
    let permissions =
        http.get(&format!("/api/v1/iam/roles/{}/permissions", text(&own.body[1], "role"))).await;
    assert_eq!(permissions.body["permissions"][0]["label"], "okta.iam.read");
    let resources = http
        .get(&format!("/api/v1/iam/resource-sets/{}/resources", text(&own.body[1], "resource-set")))
        .await;
    let iam = &resources.body["resources"][0];
    assert!(text(iam, "orn").starts_with("orn:okta:iam:00o") && iam["_links"].get("self").is_none());
    let group = http.get("/api/v1/groups?q=IT+Help+Desk&expand=stats").await.body[0].clone();
    let member = http.get(&format!("/api/v1/groups/{}/users", text(&group, "id"))).await.body[0].clone();
    let inherited = http.get(&format!("/api/v1/users/{}/roles", text(&member, "id"))).await;
    let through: Vec<_> =
        inherited.body.as_array().expect("list").iter().filter(|r| r["assignmentType"] == "GROUP").collect();
    assert!(through.iter().any(|r| r["type"] == "HELP_DESK_ADMIN"));
    let set = text(&own.body[1], "resource-set");
    let members = http
        .all(&format!("/api/v1/iam/resource-sets/{set}/bindings/{}/members", text(&own.body[1], "role")))
        .await;
    assert_eq!(members[0]["id"], own.body[1]["id"]);
    let assignees = http.all("/api/v1/iam/assignees/users?limit=2").await;
    assert!(assignees.len() >= 10);
    for assignee in &assignees {
        let roles = http.get(&format!("/api/v1/users/{}/roles", text(assignee, "id"))).await;
        assert!(roles.body.as_array().expect("list").iter().any(|r| r["assignmentType"] == "USER"));
    }
}
