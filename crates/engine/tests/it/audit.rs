//! What the audit says of credentials that are not as they should be, and of those that are.

use std::fmt::Write as _;
use std::sync::Arc;

use okta_client::{Method, PrivateKey};
use okta_sim::OneRight;
use serde_json::json;
use transom_core::{Clock, ManualClock, SystemClock};
use transom_engine::connection::{AcceptLess, AppKey, Connect, Credential, Finding, Rotation, read_scopes};
use transom_engine::entity::catalogue;
use transom_engine::setup::{Record, Wanted};
use transom_engine::{Engine, HttpOptions};
use transom_store::{DatabaseUrl, MasterKeySource, Org, Store};

use crate::setup::world::{World, apply, names, wanted};

const DAY: i64 = 86_400_000;
/// What these are about is the credential that is in force.
const LESS: Rotation = Rotation { revoke_old: false, accept_less: AcceptLess::Anything };

/// An org, and an engine whose clock is in the test's hands.
struct Bench {
    world: World,
    engine: Engine,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let world = World::new().await;
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let url = DatabaseUrl::Sqlite(folder.path().join("transom.db"));
        let mut store = Store::open(&url, catalogue(), clock.clone()).await.expect("a store");
        let key = MasterKeySource::File { path: folder.path().join("key"), create_if_new: true };
        store.unlock(key).await.expect("a key");
        let http = HttpOptions::default();
        let engine = Engine { store, http, allow_loopback: true, actor: "test".to_owned() };
        Self { world, engine, clock, _folder: folder }
    }

    async fn connect(&self, credential: impl Into<Credential>) -> Org {
        let given = Connect {
            domain: self.world.sim.origin.clone(),
            okta_host: None,
            label: Some("Acme".to_owned()),
            credential: credential.into(),
        };
        self.engine.connect(given, &|_| ()).await.expect("connected").org
    }

    async fn by_token(&self, token: &str) -> Org {
        self.connect(secrecy::SecretString::from(token)).await
    }

    /// What the faces show of a connection.
    async fn audit(&self, org: &Org) -> Vec<Finding> {
        let org = self.engine.store.org(org.id).await.expect("the connection");
        self.engine.verification(&org).await.expect("readable").expect("verified").findings
    }

    async fn told(&self, org: &Org) -> String {
        told(&self.audit(org).await)
    }

    /// The routes asked from the last call of this one on.
    fn calls_since(&self, route: &str) -> Vec<String> {
        let calls = self.world.calls();
        let at = calls.iter().rposition(|call| call == route).expect("asked");
        calls[at..].to_vec()
    }

    /// A service app with these rights.
    fn app(&self, dpop: bool, without: &[&str], roles: bool) -> (String, Credential) {
        let (key, org) = (PrivateKey::generate().expect("a key"), &self.world.sim.org);
        org.set_client_privileges(false).expect("set");
        let jwk = key.public_jwk().expect("a JWK");
        let id = org.create_service_app("Connected App", &jwk, dpop).expect("an app");
        for scope in read_scopes().iter().filter(|scope| !without.contains(&scope.as_str())) {
            org.grant_scope(&id, scope).unwrap_or_else(|e| panic!("{scope}: {e:?}"));
        }
        if roles {
            org.give_app_role(&id, "READ_ONLY_ADMIN").expect("given");
            org.bind_app(&id, "Transom Read", "Transom Resources").expect("given");
        }
        let key = AppKey { client_id: id.clone(), key: key.to_pem().expect("PEM"), kid: None };
        (id, Credential::ServiceApp(key))
    }

    /// The custom role of the set-up for the owner of a token, so that their own roles can be read.
    async fn reads_roles(&self, token: &str) {
        let org = &self.world.sim.org;
        let owner = org.owner_of(token).expect("an owner");
        let keeper = org.owner_of(&self.world.sim.tokens.read_only_custom).expect("an owner");
        let roles = self.world.call(Method::GET, &format!("/api/v1/users/{keeper}/roles"), None).await;
        let custom = roles.as_array().expect("roles").iter().find(|r| r["type"] == "CUSTOM").expect("one");
        let body =
            json!({ "type": "CUSTOM", "role": custom["role"], "resource-set": custom["resource-set"] });
        self.world.call(Method::POST, &format!("/api/v1/users/{owner}/roles"), Some(body)).await;
    }
}

fn told(findings: &[Finding]) -> String {
    let mut out = String::new();
    for f in findings {
        let about = if f.about.is_empty() { String::new() } else { format!(" ({})", f.about) };
        let assumed = if f.is_assumed() { ", assumed" } else { "" };
        let _ = writeln!(out, "{}{about}: {}{assumed}", f.id, f.severity.label());
        let _ = writeln!(out, "  {}\n  {}\n  → {}\n", f.title, f.text, f.todo);
    }
    if out.is_empty() { "No finding.\n".to_owned() } else { out }
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.id.as_str()).collect()
}

#[tokio::test]
async fn what_set_up_made_has_no_finding() {
    let bench = Bench::new().await;
    let session = bench.world.session(&bench.world.sim.tokens.super_admin.clone()).await;
    bench.world.sim.org.set_client_privileges(false).expect("set");
    let key = PrivateKey::generate().expect("a key");
    let wanted = Wanted {
        app_key: Some(key.public_jwk().expect("its public half")),
        password: false,
        ..wanted(false)
    };
    let mut kept = Record::default();
    apply(&session, &wanted, &mut kept, false).await.expect("applied");
    let about = bench.world.call(Method::GET, "/.well-known/okta-organization", None).await;
    let okta_id = about["id"].as_str().expect("an id").to_owned();
    bench.engine.keep_setup(&okta_id, &kept, "apply", json!({})).await.expect("kept");
    let id = kept.made(transom_engine::setup::Thing::App).expect("made").id.clone();
    let app = AppKey { client_id: id, key: key.to_pem().expect("PEM"), kid: None };
    let org = bench.connect(Credential::ServiceApp(app)).await;
    insta::assert_snapshot!("good_app", bench.told(&org).await);

    // And a key that nobody replaced for long.
    bench.clock.advance(400 * DAY);
    bench.engine.verify(&org).await.expect("verified");
    insta::assert_snapshot!("old_key", bench.told(&org).await);

    // A token of somebody else in its place.
    let other = secrecy::SecretString::from(bench.world.sim.tokens.read_only_custom.clone());
    bench.engine.rotate(&org, other.into(), Rotation::default()).await.expect("rotated");
    insta::assert_snapshot!("not_the_dedicated", bench.told(&org).await);
}

#[tokio::test]
async fn a_token_of_the_user_that_set_up_made_lacks_a_zone_alone() {
    let bench = Bench::new().await;
    let session = bench.world.session(&bench.world.sim.tokens.super_admin.clone()).await;
    let mut kept = Record::default();
    apply(&session, &wanted(false), &mut kept, false).await.expect("applied");
    let about = bench.world.call(Method::GET, "/.well-known/okta-organization", None).await;
    let okta_id = about["id"].as_str().expect("an id").to_owned();
    bench.engine.keep_setup(&okta_id, &kept, "apply", json!({})).await.expect("kept");
    let token = bench.world.sim.org.create_token(&names().login, "Transom").expect("a token");
    let org = bench.by_token(&token).await;
    insta::assert_snapshot!("good_token", bench.told(&org).await);
    // The user has another one.
    bench.world.sim.org.create_token(&names().login, "Forgotten").expect("a token");
    bench.engine.verify(&org).await.expect("verified");
    insta::assert_snapshot!("other_tokens", bench.told(&org).await);
}

#[tokio::test]
async fn tokens_with_the_wrong_roles() {
    let bench = Bench::new().await;
    let tokens = bench.world.sim.tokens.clone();
    let org = bench.by_token(&tokens.read_only).await;
    insta::assert_snapshot!("no_custom_role", bench.told(&org).await);
    let next = async |token: &str| {
        let token = secrecy::SecretString::from(token.to_owned());
        bench.engine.rotate(&org, token.into(), LESS).await.expect("it works");
        bench.told(&org).await
    };
    insta::assert_snapshot!("super_admin", next(&tokens.super_admin).await);
    insta::assert_snapshot!("org_admin_roles_hidden", next(&tokens.org_admin).await);
    bench.reads_roles(&tokens.org_admin).await;
    insta::assert_snapshot!("org_admin", next(&tokens.org_admin).await);
    insta::assert_snapshot!("group_scoped_roles_hidden", next(&tokens.group_admin).await);
    bench.reads_roles(&tokens.group_admin).await;
    insta::assert_snapshot!("group_scoped", next(&tokens.group_admin).await);
    insta::assert_snapshot!("custom_role_on_one_department", next(&tokens.custom_small).await);
}

#[tokio::test]
async fn a_persons_own_token() {
    let bench = Bench::new().await;
    let sim = &bench.world.sim.org;
    let (who, token) = ("grace.hall@acme.example", "Grace's");
    let id = sim.create_user("Grace", "Hall", who).expect("a user");
    for (attribute, value) in [("department", "Engineering"), ("employeeNumber", "E-1042")] {
        sim.update_user(&id, attribute, value).expect("changed");
    }
    bench
        .world
        .call(Method::POST, &format!("/api/v1/users/{id}/roles"), Some(json!({"type": "READ_ONLY_ADMIN"})))
        .await;
    let token = sim.create_token(&id, token).expect("a token");
    bench.reads_roles(&token).await;
    let org = bench.by_token(&token).await;
    insta::assert_snapshot!("a_person", bench.told(&org).await);
}

#[tokio::test]
async fn resource_sets_that_hold_too_little_or_too_much() {
    let bench = Bench::new().await;
    let (sim, token) = (&bench.world.sim.org, bench.world.sim.tokens.read_only_custom.clone());
    let owner = sim.owner_of(&token).expect("an owner");
    let org = bench.by_token(&token).await;
    let whole = sim.administration();
    let resources: Vec<OneRight> =
        sim.rights_of(&owner).into_iter().filter(|r| matches!(r, OneRight::Resource(..))).collect();
    let mut told = String::new();
    for resource in resources {
        sim.take_right(&owner, &resource).expect("taken");
        bench.engine.verify(&org).await.expect("verified");
        let _ = writeln!(told, "One resource less:\n{}", bench.told(&org).await);
        sim.set_administration(&whole).expect("given back");
    }
    insta::assert_snapshot!("resource_set_too_small", told);
    sim.only_custom(&owner, &["okta.iam.read", "okta.users.manage", "okta.apps.read"]).expect("given");
    bench.engine.verify(&org).await.expect("verified");
    insta::assert_snapshot!("custom_role_too_wide", bench.told(&org).await);
    sim.only_custom(&owner, &["okta.iam.read"]).expect("given");
    bench.engine.verify(&org).await.expect("verified");
    insta::assert_snapshot!("resource_set_too_wide", bench.told(&org).await);
}

#[tokio::test]
async fn tokens_that_work_no_longer() {
    let bench = Bench::new().await;
    let (sim, token) = (&bench.world.sim.org, bench.world.sim.tokens.read_only_custom.clone());
    let org = bench.by_token(&token).await;
    let zones = bench.world.call(Method::GET, "/api/v1/zones", None).await;
    sim.restrict_token(&token, zones[0]["id"].as_str().expect("a zone")).expect("restricted");
    let _ = bench.engine.verify(&org).await;
    insta::assert_snapshot!("zone_restricted", bench.told(&org).await);

    let bench = Bench::new().await;
    let (sim, token) = (&bench.world.sim.org, bench.world.sim.tokens.read_only_custom.clone());
    let org = bench.by_token(&token).await;
    sim.revoke_token(&token).expect("revoked");
    bench.engine.verify(&org).await.expect_err("revoked");
    insta::assert_snapshot!("revoked", bench.told(&org).await);
    // It stays so, and the days are counted from when Okta last answered.
    bench.clock.advance(29 * DAY);
    let found = bench.audit(&org).await;
    assert!(ids(&found).contains(&"token_idle") && ids(&found).contains(&"failing"), "{found:?}");
}

#[tokio::test]
async fn a_paused_connection_counts_its_days() {
    let bench = Bench::new().await;
    let org = bench.by_token(&bench.world.sim.tokens.read_only_custom.clone()).await;
    bench.engine.pause(&org).await.expect("paused");
    let idle = async || {
        let found = bench.audit(&org).await;
        found.into_iter().find(|f| f.id.starts_with("token_") && f.id != "token_any_network").map(|f| f.title)
    };
    bench.clock.advance(19 * DAY);
    assert_eq!(idle().await, None);
    bench.clock.advance(DAY);
    assert_eq!(idle().await.as_deref(), Some("Its token lapses in 10 days"));
    bench.clock.advance(7 * DAY);
    insta::assert_snapshot!("paused_27_days", bench.told(&org).await);
    // Looking renews it, and resumes nothing.
    let paused = bench.engine.store.org(org.id).await.expect("the connection");
    bench.engine.verify(&paused).await.expect("verified");
    assert_eq!(idle().await, None);
    bench.clock.advance(40 * DAY);
    assert_eq!(idle().await.as_deref(), Some("Its token has lapsed"));
}

#[tokio::test]
async fn service_apps_with_the_wrong_rights() {
    let bench = Bench::new().await;
    let (id, app) = bench.app(true, &[], true);
    let org = bench.connect(app).await;
    insta::assert_snapshot!("app_by_hand", bench.told(&org).await);
    // Its roles are taken from it.
    bench.world.sim.org.take_app_roles(&id).expect("taken");
    bench.engine.verify(&org).await.expect_err("no role");
    insta::assert_snapshot!("app_without_role", bench.told(&org).await);
    let next = async |app: Credential| {
        bench.engine.rotate(&org, app, LESS).await.expect("it works");
        bench.told(&org).await
    };
    let (_, app) =
        bench.app(true, &["okta.policies.read", "okta.devices.read", "okta.networkZones.read"], true);
    insta::assert_snapshot!("app_missing_3_scopes", next(app).await);
    let (_, app) = bench.app(false, &[], true);
    insta::assert_snapshot!("app_without_dpop", next(app).await);
    // A super admin may see what it was granted.
    let (id, app) = bench.app(true, &[], true);
    bench.world.sim.org.give_app_role(&id, "SUPER_ADMIN").expect("given");
    bench.world.sim.org.grant_scope(&id, "okta.users.manage").expect("granted");
    insta::assert_snapshot!("app_super_admin_scopes_unused", next(app).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_audits_a_service_app_by_what_it_read() {
    let bench = Bench::new().await;
    let (_, app) = bench.app(true, &[], true);
    let org = bench.connect(app).await;
    bench.clock.advance(400 * DAY);
    bench.engine.verify(&org).await.expect("verified");
    let before = bench.audit(&org).await;
    assert!(ids(&before).contains(&"key_old"), "{before:?}");
    bench.world.spoil(None);
    bench.engine.sync(&org, Arc::new(|_| ())).await.expect("synced");
    assert_eq!(bench.audit(&org).await, before);
    // Whose credential it is and what it may, the sync has found; what its roles reach is asked for.
    let roles = "GET /oauth2/v1/clients/{id}/roles";
    assert_eq!(bench.calls_since(roles), [roles]);
}

/// What a custom role holds comes from the store, in the order in which Okta has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_tells_of_rights_in_excess_as_a_verification_does() {
    let bench = Bench::new().await;
    let (sim, token) = (&bench.world.sim.org, bench.world.sim.tokens.read_only_custom.clone());
    let owner = sim.owner_of(&token).expect("an owner");
    let org = bench.by_token(&token).await;
    sim.only_custom(&owner, &["okta.iam.read", "okta.users.manage", "okta.apps.read"]).expect("given");
    bench.engine.verify(&org).await.expect("verified");
    let told = async || {
        let found = bench.audit(&org).await.into_iter();
        found.filter(|f| f.id == "permission_in_excess").map(|f| f.text).collect::<Vec<_>>()
    };
    let verified = told().await;
    assert!(verified[0].contains("okta.users.manage and okta.apps.read"), "{verified:?}");
    bench.engine.sync(&org, Arc::new(|_| ())).await.expect("synced");
    assert_eq!(told().await, verified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_audits_as_a_verification_does() {
    let bench = Bench::new().await;
    let (sim, token) = (&bench.world.sim.org, bench.world.sim.tokens.read_only_custom.clone());
    let org = bench.by_token(&token).await;
    let before = bench.audit(&org).await;
    bench.world.spoil(None);
    bench.engine.sync(&org, Arc::new(|_| ())).await.expect("synced");
    assert_eq!(bench.audit(&org).await, before);
    // Whose credential it is and what they may, the sync has found; what their roles reach and what the token is, is asked.
    let roles = "GET /api/v1/users/{id}/roles";
    assert_eq!(bench.calls_since(roles), [roles, "GET /api/v1/api-tokens"]);
    // What changed since is found by the sync.
    let owner = sim.owner_of(&token).expect("an owner");
    let body = Some(json!({ "type": "HELP_DESK_ADMIN" }));
    bench.world.call(Method::POST, &format!("/api/v1/users/{owner}/roles"), body).await;
    let org = bench.engine.store.org(org.id).await.expect("the connection");
    bench.engine.sync(&org, Arc::new(|_| ())).await.expect("synced");
    let after = bench.audit(&org).await;
    assert!(ids(&after).contains(&"role_in_excess"), "{after:?}");
    assert_eq!(after.len(), before.len() + 1, "{after:?}");
}
