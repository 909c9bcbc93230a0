//! API access, ways of signing in, and trust: what the copy says that the org says, edge for edge and field for field.

use std::collections::BTreeSet;

use okta_sim::{Kind, Licences, Record, Tokens};
use serde_json::Value;
use transom_core::CoverageState;

use super::world::{Ids, World, small};

/// The data sets of this family.
const DATASETS: &[&str] = &[
    "auth_scope",
    "auth_claim",
    "auth_policy",
    "auth_policy_rule",
    "auth_server_client",
    "auth_server_trust",
    "auth_key",
    "policy_mapping",
    "authenticator",
    "authenticator_method",
    "idp",
    "idp_key",
    "threat_insight",
    "lockout_settings",
    "authenticator_settings",
    "behavior",
    "trusted_origin",
    "security_events_provider",
    "captcha",
];

/// The pairs that `ends` finds in the org's documents of a kind.
fn stated(world: &World, kind: Kind, ends: fn(&Record) -> Vec<String>) -> Ids {
    let records = world.sim.org.truth(&world.sim.origin).list(kind);
    records.iter().flat_map(|r| ends(r).into_iter().map(|end| (r.id.clone(), end))).collect()
}

fn texts(doc: &Value, path: &str) -> Vec<String> {
    let list = doc.pointer(path).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_and_edges_are_the_orgs() {
    let world = World::new().await;
    world.sync().await;
    world.equals_truth().await;
    for (relation, there) in [
        (
            "auth_policy_client",
            stated(&world, Kind::AuthPolicy, |r| {
                let all = texts(&r.doc, "/conditions/clients/include");
                all.into_iter().filter(|id| id != "ALL_CLIENTS").collect()
            }),
        ),
        (
            "auth_rule_group",
            stated(&world, Kind::AuthPolicyRule, |r| {
                let all = texts(&r.doc, "/conditions/people/groups/include");
                all.into_iter().filter(|id| id != "EVERYONE").collect()
            }),
        ),
        (
            "auth_rule_user",
            stated(&world, Kind::AuthPolicyRule, |r| texts(&r.doc, "/conditions/people/users/exclude")),
        ),
        (
            "mapping_app",
            stated(&world, Kind::PolicyMapping, |r| {
                let href = r.doc["_links"]["application"]["href"].as_str();
                href.and_then(|h| h.rsplit('/').next()).map(str::to_owned).into_iter().collect()
            }),
        ),
        (
            "authenticator_app",
            stated(&world, Kind::Authenticator, |r| {
                let app = r.doc.pointer("/settings/appInstanceId").and_then(Value::as_str);
                app.filter(|id| !id.is_empty()).map(str::to_owned).into_iter().collect()
            }),
        ),
        (
            "idp_group",
            stated(&world, Kind::IdentityProvider, |r| {
                let of = |path: &str| texts(&r.doc, path);
                let mut all = of("/policy/provisioning/groups/assignments");
                all.extend(of("/policy/provisioning/groups/filter"));
                all.extend(of("/policy/accountLink/filter/groups/include"));
                all
            }),
        ),
        (
            "idp_excluded_user",
            stated(&world, Kind::IdentityProvider, |r| {
                texts(&r.doc, "/policy/accountLink/filter/users/exclude")
            }),
        ),
        (
            "idp_trust_key",
            stated(&world, Kind::IdentityProvider, |r| {
                let kid = r.doc.pointer("/protocol/credentials/trust/kid").and_then(Value::as_str);
                kid.map(str::to_owned).into_iter().collect()
            }),
        ),
    ] {
        assert!(!there.is_empty(), "the org has no {relation}, so nothing is compared");
        assert_eq!(world.edges(relation).await, there, "{relation}");
    }
    let zones: BTreeSet<String> =
        world.edges("threat_exempt_zone").await.into_iter().map(|(_, zone)| zone).collect();
    let setting = world.sim.org.truth(&world.sim.origin).list(Kind::ThreatInsight);
    assert_eq!(zones.into_iter().collect::<Vec<_>>(), texts(&setting[0].doc, "/excludeZones"));

    // What an administrator asks for.
    let scopes = world.rows(
        "SELECT f.value, count(*) FROM facet f JOIN kind k ON k.code = f.kind \
         WHERE k.name = 'trusted_origin' AND f.name = 'scopes' GROUP BY f.value ORDER BY f.value",
    );
    assert_eq!(scopes.await, [["CORS", "2"], ["REDIRECT", "2"]]);
    let for_ever = "SELECT name FROM okta_auth_policy_rule WHERE refresh_token_minutes = 0 AND status = 'ACTIVE' \
                    AND grant_types LIKE '%refresh_token%'";
    assert_eq!(world.rows(for_ever).await, [["For ever"]]);
    let secrets = world.rows("SELECT doc FROM okta_idp WHERE doc LIKE '%client_secret%'").await;
    assert!(
        !secrets.is_empty()
            && secrets.iter().all(|r| r[0].contains(r#""client_secret":{"$dropped":"secret"}"#))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guides_token_reads_all_of_it_and_one_without_roles_none() {
    let world = World::of(small(), |tokens: &Tokens| &tokens.read_only_custom).await;
    world.sync().await;
    for dataset in DATASETS {
        let coverage = world.coverage(dataset).await;
        assert_eq!(coverage.state, CoverageState::Complete, "{dataset}: {}", coverage.reason);
    }
    let before = world.held("authenticator_method").await;
    assert!(!before.is_empty());
    // A group administrator may read none of it; what was known stays.
    world.rotate(&world.sim.tokens.group_admin).await;
    world.sync().await;
    for dataset in DATASETS {
        let coverage = world.coverage(dataset).await;
        assert_eq!(coverage.state, CoverageState::NotPermitted, "{dataset}: {}", coverage.reason);
    }
    assert_eq!(world.held("authenticator_method").await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_classic_org_without_api_access_says_not_licensed() {
    let mut config = small();
    config.licences =
        Licences { identity_engine: false, api_access_management: false, ..Licences::default() };
    let world = World::of(config, |tokens: &Tokens| &tokens.super_admin).await;
    world.sync().await;
    for dataset in DATASETS {
        let expected = match *dataset {
            name if name.starts_with("auth_") => CoverageState::NotLicensed,
            "authenticator"
            | "authenticator_method"
            | "authenticator_settings"
            | "security_events_provider"
            | "captcha" => CoverageState::NotLicensed,
            _ => CoverageState::Complete,
        };
        let coverage = world.coverage(dataset).await;
        assert_eq!(coverage.state, expected, "{dataset}: {}", coverage.reason);
    }
}
