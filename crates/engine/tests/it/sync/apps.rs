//! What apps have below them: where it is asked for, what is read of it, and what is never kept.

use okta_sim::{Config, Kind};
use serde_json::Value;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::entity::app_secret;

use super::world::{World, small};

/// What the org has of secrets: each secret and its hash.
fn clear(world: &World) -> Vec<String> {
    let held = world.sim.org.truth(&world.sim.origin).list(Kind::AppSecret);
    let both = held.iter().flat_map(|s| [&s.doc["client_secret"], &s.doc["secret_hash"]]);
    both.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[track_caller]
fn holds_none(text: &[u8], secrets: &[String]) {
    for secret in secrets {
        assert!(secret.len() > 20, "a secret worth looking for");
        assert!(!text.windows(secret.len()).any(|w| w == secret.as_bytes()), "a secret is kept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_asked_for_only_with_consent_and_never_kept() {
    let world = World::new().await;
    let (secrets, dataset) = (clear(&world), &app_secret::DATASET);
    assert!(secrets.len() >= 6, "{}", secrets.len());
    let summary = world.sync().await;
    assert_eq!(summary.state, ConnectionState::Connected, "nobody asked for them: {}", summary.state_reason);
    world.engine.verify(&world.org).await.expect("verified");
    assert_eq!(world.fault.calls_below_apps("/credentials/secrets"), 0);
    let coverage = world.coverage("app_secret").await;
    assert_eq!((coverage.state, coverage.objects), (CoverageState::NeverCollected, 0));
    assert!(coverage.reason.contains("--client-secret-ages on"), "{}", coverage.reason);

    let org = world.engine.opt_in(&world.org, dataset, true).await.expect("opted in");
    let verified = world.engine.verify(&org).await.expect("verified");
    let probe = verified.probes.iter().find(|p| p.dataset == "app_secret").expect("a row");
    assert_eq!(probe.state, CoverageState::Complete, "{}", probe.reason);
    // An answer that breaks off in the middle of a secret: what is said of it says nothing of the secret.
    world.fault.after(|asked, reply| {
        if asked.path.ends_with("/credentials/secrets") {
            reply.body.truncate(reply.body.len() - 40);
        }
    });
    let broken = world.sync().await;
    let coverage = world.coverage("app_secret").await;
    assert_eq!(coverage.state, CoverageState::Partial, "{}", coverage.reason);
    holds_none(format!("{broken:?} {coverage:?} {:?}", world.events()).as_bytes(), &secrets);

    world.fault.clear();
    let whole = world.sync().await;
    assert!(world.fault.calls_below_apps("/credentials/secrets") > 0);
    assert_eq!(world.held("app_secret").await, world.there(Kind::AppSecret));
    assert_eq!(world.coverage("app_secret").await.state, CoverageState::Complete);
    holds_none(format!("{whole:?} {:?}", world.events()).as_bytes(), &secrets);
    let mut exported = Vec::new();
    for kind in ["app", "app_secret"] {
        exported.extend(
            world
                .rows(&format!(
                    "SELECT doc FROM entity e JOIN kind k ON k.code = e.kind WHERE k.name = '{kind}'"
                ))
                .await,
        );
    }
    let exported = format!("{exported:?}");
    assert!(exported.contains("$dropped"), "the places are still there");
    holds_none(exported.as_bytes(), &secrets);
    holds_none(&world.bytes(), &secrets);

    world.engine.opt_in(&world.org, dataset, false).await.expect("opted out");
    world.fault.clear();
    world.sync().await;
    assert_eq!(world.fault.calls_below_apps("/credentials/secrets"), 0);
    assert_eq!(world.held("app_secret").await, world.there(Kind::AppSecret), "what was read is kept");
    let coverage = world.coverage("app_secret").await;
    assert_eq!(coverage.state, CoverageState::NeverCollected);
    assert!(coverage.reason.ends_with("withdrawn is kept, and no longer read."), "{}", coverage.reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_app_is_asked_only_for_what_its_listing_shows() {
    let world = World::of(Config { apps: 40, ..small() }, |tokens| &tokens.super_admin).await;
    world.sync().await;
    world.equals_truth().await;
    for kind in [Kind::AppJwk, Kind::AppGrant, Kind::AppToken] {
        assert!(!world.there(kind).is_empty(), "{kind:?}");
    }
    let apps = world.sim.org.truth(&world.sim.origin).list(Kind::App);
    let with = |test: &dyn Fn(&Value) -> bool| apps.iter().filter(|a| test(&a.doc)).count() as u64;
    let clients = with(&|doc| doc["settings"]["oauthClient"].is_object());
    let services = with(&|doc| doc["settings"]["oauthClient"]["application_type"] == "service");
    let pushing = with(&|doc| doc["features"].to_string().contains("GROUP_PUSH"));
    let signing = with(&|doc| doc["credentials"]["signing"]["kid"].is_string());
    assert!(services >= 2 && clients > services && pushing > 0, "{services} {clients} {pushing}");
    for (part, expected) in [
        ("/features?", with(&|doc| doc["features"][0].is_string())),
        ("/group-push/mappings?", pushing),
        ("/credentials/keys?", signing),
        ("/credentials/jwks?", clients),
        ("/grants?", clients),
        ("/tokens?", clients - services),
    ] {
        // Connecting has probed each once.
        let calls = world.fault.calls_below_apps(part);
        assert!((expected..=expected + 1).contains(&calls), "{part}: {calls} calls, {expected} expected");
    }
    let calls = world.fault.calls("/oauth2/v1/clients/");
    assert!((services..=services + 1).contains(&calls), "{calls} calls for {services} service apps");
    let held = world.rows("SELECT e.okta_id FROM entity e JOIN entity p ON p.org = e.org AND p.id = e.parent JOIN kind k ON k.code = e.kind JOIN kind q ON q.code = p.kind WHERE k.name = 'role_assignment' AND q.name = 'app'").await;
    assert_eq!(held.len(), 3, "roles of two service apps");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_set_up_that_is_asked_for_is_enough() {
    let world = World::of(small(), |tokens| &tokens.read_only_custom).await;
    let summary = world.sync().await;
    assert_eq!(summary.state, ConnectionState::Connected, "{}", summary.state_reason);
    for dataset in ["app_grant", "api_service", "principal_rate_limit"] {
        let coverage = world.coverage(dataset).await;
        assert_eq!(coverage.state, CoverageState::NotPermitted, "{dataset}");
        assert!(coverage.reason.contains("Administrator"), "{}", coverage.reason);
    }
    // Its own right is in the set-up, that of the definitions it is listed for is not.
    let coverage = world.coverage("linked_user").await;
    assert_eq!(coverage.state, CoverageState::NotPermitted);
    assert!(coverage.reason.contains("Linked object definitions"), "{}", coverage.reason);
    for dataset in
        ["app_feature", "app_key", "app_jwk", "app_token", "group_push", "client_role", "profile_mapping"]
    {
        assert_eq!(world.coverage(dataset).await.state, CoverageState::Complete, "{dataset}");
    }
}
