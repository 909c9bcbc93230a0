//! A connection by a service app: connected, verified, synced, renewed; and what its scopes and roles leave out.

use okta_client::PrivateKey;
use secrecy::ExposeSecret;
use transom_core::{ConnectionState, CoverageState};
use transom_engine::connection::{AppKey, Connect, Credential, Rotation, Verification, read_scopes};
use transom_engine::{Class, Problem};

use super::world::{World, small};

/// A service app of the world's org, without role and scope.
pub struct App {
    pub id: String,
    pub credential: Credential,
}

pub fn app(world: &World, dpop: bool) -> App {
    let key = PrivateKey::generate().expect("a key");
    let org = &world.sim.org;
    org.set_client_privileges(false).expect("set");
    let jwk = key.public_jwk().expect("a JWK");
    let id = org.create_service_app("Connected App", &jwk, dpop).expect("an app");
    let kid = key.kid().map(str::to_owned);
    let key = AppKey { client_id: id.clone(), key: key.to_pem().expect("PEM"), kid };
    App { id, credential: Credential::ServiceApp(key) }
}

pub fn grant(world: &World, app: &App, without: &[&str]) {
    for scope in read_scopes().iter().filter(|scope| !without.contains(&scope.as_str())) {
        world.sim.org.grant_scope(&app.id, scope).unwrap_or_else(|e| panic!("{scope}: {e:?}"));
    }
}

pub fn read_roles(world: &World, app: &App) {
    world.sim.org.give_app_role(&app.id, "READ_ONLY_ADMIN").expect("given");
    world.sim.org.bind_app(&app.id, "Transom Read", "Transom Resources").expect("given");
}

async fn connect(world: &World, credential: Credential) -> Result<Verification, Problem> {
    let label = Some(format!("By app {}", world.engine.store.orgs().await.expect("orgs").len()));
    let given = Connect { domain: world.sim.origin.clone(), okta_host: None, label, credential };
    Ok(world.engine.connect(given, &|_| ()).await?.verification)
}

fn warned(verification: &Verification) -> Vec<&str> {
    verification.findings.iter().map(|finding| finding.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_app_reads_what_a_token_with_its_roles_reads() {
    for dpop in [false, true] {
        let world = World::of(small(), |tokens| &tokens.read_only_custom).await;
        let app = app(&world, dpop);
        grant(&world, &app, &[]);
        read_roles(&world, &app);
        world.sync().await;
        let by_token = (world.counts().await, world.not_in(CoverageState::Complete).await);
        let verification = connect(&world, app.credential.clone()).await.expect("connected");
        assert_eq!(verification.state, ConnectionState::Connected, "{:?}", verification.probes);
        let info = verification.app.as_ref().expect("a service app");
        assert_eq!((info.client_id.as_str(), info.bound, info.missing.len()), (app.id.as_str(), dpop, 0));
        assert_eq!(verification.owner.as_ref().map(|o| o.login.as_str()), Some("Connected App"));
        assert_eq!(
            verification.roles.types.as_deref(),
            Some(&["CUSTOM".to_owned(), "READ_ONLY_ADMIN".to_owned()][..])
        );
        assert_eq!(warned(&verification), if dpop { vec![] } else { vec!["dpop_off"] });

        // In place of the token: the same copy, and the same of what may not be read.
        world.engine.rotate(&world.org, app.credential.clone(), Rotation::default()).await.expect("rotated");
        world.sim.org.end_access_tokens();
        world.sync().await;
        assert_eq!((world.counts().await, world.not_in(CoverageState::Complete).await), by_token);
        world.engine.verify(&world.org).await.expect("from what was sealed");
        let Credential::ServiceApp(key) = &app.credential else { panic!("an app") };
        let line = key.key.expose_secret().lines().nth(2).expect("a line").to_owned();
        let bytes = world.bytes();
        assert!(!bytes.windows(line.len()).any(|part| part == line.as_bytes()), "the key is sealed");
        // And back.
        world.rotate(&world.sim.tokens.read_only_custom).await;
        world.sync().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_a_super_admin_sees_all_of_it() {
    let world = World::new().await;
    let app = app(&world, true);
    // The trap: the org makes it an administrator of everything with its first scope.
    world.sim.org.set_client_privileges(true).expect("set");
    grant(&world, &app, &[]);
    let rotated =
        world.engine.rotate(&world.org, app.credential.clone(), Rotation::default()).await.expect("works");
    let verification = rotated.verification;
    assert_eq!(warned(&verification), ["owner_super_admin"]);
    assert!(verification.findings[0].todo.contains("Public client app admins"));
    world.sync().await;
    world.equals_truth().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_without_a_role_and_roles_without_a_scope() {
    let world = World::new().await;
    let app = app(&world, true);
    let nothing = connect(&world, app.credential.clone()).await.expect_err("no scope");
    assert_eq!((nothing.class, nothing.what.as_str()), (Class::NoRoles, "The service app has no scope."));
    // The trap: granted, and 200 with nothing in it.
    grant(&world, &app, &["okta.policies.read", "okta.logs.read", "okta.authorizationServers.read"]);
    let empty = connect(&world, app.credential.clone()).await.expect_err("no role");
    assert_eq!((empty.class, empty.what.as_str()), (Class::NoRoles, "The service app sees nothing."));
    assert!(empty.todo.contains("Connected App") || empty.todo.contains(&app.id), "{}", empty.todo);
    read_roles(&world, &app);
    let limited = connect(&world, app.credential.clone()).await.expect("connected");
    assert_eq!(limited.state, ConnectionState::ConnectedLimited);
    assert_eq!(warned(&limited), ["scopes_missing"]);
    let missing = &limited.app.as_ref().expect("an app").missing;
    assert!(missing.contains(&"okta.policies.read".to_owned()) && missing.len() <= 3, "{missing:?}");
    let policy = limited.probes.iter().find(|p| p.dataset == "policy").expect("probed");
    assert_eq!(policy.state, CoverageState::NotPermitted);
    assert!(policy.reason.contains("no scope okta.policies.read"), "{}", policy.reason);
    let users = limited.probes.iter().find(|p| p.dataset == "user").expect("probed");
    assert_eq!(users.state, CoverageState::Complete);

    // In a sync as well; and roles that are taken meanwhile end it before anything is removed.
    world.sync().await;
    let before = world.counts().await;
    let less = Rotation { accept_less: true.into(), ..Rotation::default() };
    let refused = world.engine.rotate(&world.org, app.credential.clone(), Rotation::default()).await;
    let losses = refused.expect_err("it lacks scopes").losses;
    let policy = losses.iter().find(|loss| loss.dataset == "policy").expect("one that is lost");
    assert!(policy.reason.contains("no scope okta.policies.read"), "{}", policy.reason);
    world.engine.rotate(&world.org, app.credential.clone(), less).await.expect("works");
    world.sync().await;
    let coverage = world.coverage("policy").await;
    assert!(coverage.reason.contains("no scope okta.policies.read"), "{}", coverage.reason);
    world.sim.org.take_app_roles(&app.id).expect("taken");
    let problem = world.try_sync().await.expect_err("nothing to be seen");
    assert_eq!(problem.class, Class::NoRoles);
    assert_eq!(world.counts().await, before);
    world.sim.org.take_scopes(&app.id).expect("taken");
    let problem = world.engine.verify(&world.org).await.expect_err("no scope");
    assert_eq!(problem.what, "The service app has no scope.");
    let org = world.engine.store.org(world.org.id).await.expect("the connection");
    assert_eq!(org.state, ConnectionState::Failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_or_app_is_said_to_be_one() {
    let world = World::new().await;
    let app = app(&world, true);
    grant(&world, &app, &[]);
    read_roles(&world, &app);
    let before = world.engine.store.orgs().await.expect("orgs").len();
    let key = PrivateKey::generate().expect("a key").to_pem().expect("PEM");
    let other = Credential::ServiceApp(AppKey { client_id: app.id.clone(), key: key.clone(), kid: None });
    let wrong = connect(&world, other).await.expect_err("another key");
    assert_eq!((wrong.class, wrong.what.as_str()), (Class::TokenRejected, "Service app rejected."));
    let nobody = Credential::ServiceApp(AppKey { client_id: "0oanobody".to_owned(), key, kid: None });
    assert_eq!(connect(&world, nobody).await.expect_err("no such app").class, Class::TokenRejected);
    for (text, words) in [
        ("", "neither PEM nor a JWK"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "public key"),
    ] {
        let key = AppKey { client_id: app.id.clone(), key: text.to_owned().into(), kid: None };
        let problem = connect(&world, Credential::ServiceApp(key)).await.expect_err("no key");
        assert_eq!(
            (problem.class, problem.what.as_str()),
            (Class::NoToken, "The private key can't be used.")
        );
        assert!(problem.why.contains(words) && !problem.todo.is_empty(), "{problem:?}");
    }
    assert_eq!(world.engine.store.orgs().await.expect("orgs").len(), before, "nothing was stored");
}
