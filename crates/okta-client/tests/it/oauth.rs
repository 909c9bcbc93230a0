//! A service app against the simulated org: tokens asked for, kept, renewed, refused.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use okta_client::{Client, Clock, Error, Method, Origin, PrivateKey, RetrySettings, ServiceApp, api};
use okta_sim::clock::{Clock as _, ManualClock};
use okta_sim::{Config, Hooks, Running, Sim};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

const NOW: i64 = 1_782_777_600_000;

/// The org's clock, as a machine shows it that is so many seconds ahead.
#[derive(Debug)]
struct Machine(Arc<ManualClock>, i64);

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.now() + self.1 * 1_000).expect("a time")
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis((self.0.now() - NOW) as u64)
    }
}

struct World {
    sim: Running,
    clock: Arc<ManualClock>,
    admin: Client,
    client_id: String,
    key: SecretString,
}

impl World {
    async fn new(dpop: bool, scopes: &[&str]) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let config = Config { as_of: Some(NOW), ..Config::default() };
        let hooks = Hooks { clock: clock.clone(), ..Hooks::default() };
        let sim = Sim::start_with(config, ([127, 0, 0, 1], 0).into(), hooks).await.expect("starts");
        let key = PrivateKey::generate().expect("a key");
        let admin = Client::builder(Origin::simulator(sim.addr).expect("loopback"))
            .token(sim.tokens.super_admin.clone().into())
            .build()
            .expect("a client");
        let app = json!({
            "name": "oidc_client", "label": "Connected App", "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
            "settings": {"oauthClient": {
                "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
                "dpop_bound_access_tokens": dpop, "jwks": {"keys": [key.public_jwk().expect("a JWK")]},
            }},
        });
        let made = admin.request(Method::POST, "/api/v1/apps", &[], Some(app)).await.expect("made").body;
        let client_id = made["id"].as_str().expect("an id").to_owned();
        let key = key.to_pem().expect("PEM");
        let world = Self { sim, clock, admin, client_id, key };
        let off = json!({"clientPrivilegesSetting": false});
        world.send(Method::PUT, "/api/v1/org/settings/clientPrivilegesSetting", off).await;
        for scope in scopes {
            let path = format!("/api/v1/apps/{}/grants", world.client_id);
            world.send(Method::POST, &path, json!({"scopeId": scope, "issuer": world.sim.origin})).await;
        }
        let roles = format!("/oauth2/v1/clients/{}/roles", world.client_id);
        world.send(Method::POST, &roles, json!({"type": "READ_ONLY_ADMIN"})).await;
        world
    }

    async fn send(&self, method: Method, path: &str, body: Value) {
        self.admin.request(method, path, &[], Some(body)).await.expect("done");
    }

    fn app(&self, scopes: &[&str]) -> ServiceApp {
        ServiceApp {
            client_id: self.client_id.clone(),
            key: PrivateKey::parse(&self.key).expect("a key"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    fn client(&self, scopes: &[&str]) -> Client {
        self.client_of(self.app(scopes), 0)
    }

    fn client_of(&self, app: ServiceApp, ahead: i64) -> Client {
        Client::builder(Origin::simulator(self.sim.addr).expect("loopback"))
            .service_app(app)
            .clock(Arc::new(Machine(self.clock.clone(), ahead)))
            .retry(RetrySettings { base: Duration::from_millis(1), ..RetrySettings::default() })
            .build()
            .expect("a client")
    }

    fn questions(&self) -> u64 {
        self.sim.org.counts().by_route.get("POST /oauth2/v1/token").copied().unwrap_or(0)
    }
}

async fn users(client: &Client) -> Result<usize, Error> {
    let page = client.page(api::user::list().listing(), None).await?;
    Ok(page.items.len())
}

#[tokio::test]
async fn a_service_app_reads_with_and_without_dpop() {
    for dpop in [false, true] {
        let world = World::new(dpop, &["okta.users.read", "okta.logs.read"]).await;
        let client = world.client(&["okta.users.read", "okta.groups.read"]);
        assert_eq!(client.client_id(), Some(world.client_id.as_str()));
        let calls = (0..20).map(|_| users(&client));
        for answer in futures_util::future::join_all(calls).await {
            assert_eq!(answer.expect("users"), 200);
        }
        // One question for all of them; a bound token takes a second one, with the nonce.
        assert_eq!(world.questions(), 1 + u64::from(dpop));
        let grant = client.grant().await.expect("a token").expect("a service app");
        assert_eq!((grant.scopes.as_slice(), grant.bound), (&["okta.users.read".to_owned()][..], dpop));

        let missing = client.page(api::group::list().listing(), None).await.expect_err("no scope");
        let Error::MissingPermission(api) = &missing else { panic!("{missing}") };
        assert_eq!(api.scope.as_deref(), Some("okta.groups.read"));
        assert_eq!(world.questions(), 1 + u64::from(dpop), "a missing scope is no reason for another token");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_once_after_a_refusal() {
    let world = World::new(true, &["okta.users.read"]).await;
    let client = world.client(&["okta.users.read"]);
    users(&client).await.expect("users");
    assert_eq!(world.questions(), 2);
    world.clock.advance(54 * 60_000);
    users(&client).await.expect("users");
    assert_eq!(world.questions(), 2, "six minutes are left");
    world.clock.advance(60_000);
    users(&client).await.expect("users");
    assert_eq!(world.questions(), 3, "in good time, and with the nonce that is known");
    world.sim.org.end_access_tokens();
    for answer in futures_util::future::join_all((0..8).map(|_| users(&client))).await {
        answer.expect("users");
    }
    assert_eq!(world.questions(), 4, "one new token for all");
    // A write that was refused unread may be sent again.
    world.sim.org.end_access_tokens();
    let refused = client.request(Method::POST, "/api/v1/users", &[], Some(json!({}))).await;
    let refused = refused.expect_err("no scope");
    let scope = refused.api().and_then(|api| api.scope.as_deref());
    assert_eq!(scope, Some("okta.users.manage"), "{refused}");
    let off = format!("/api/v1/apps/{}/lifecycle/deactivate", world.client_id);
    world.send(Method::POST, &off, json!({})).await;
    let before = world.questions();
    let off = users(&client).await.expect_err("switched off");
    assert!(matches!(off, Error::ClientRejected(_)), "{off}");
    assert_eq!(world.questions(), before + 1, "asked once, not for ever");
}

#[tokio::test]
async fn refusals_of_the_token_endpoint_say_what_to_do() {
    let world = World::new(false, &["okta.users.read"]).await;
    let other = ServiceApp { key: PrivateKey::generate().expect("a key"), ..world.app(&["okta.users.read"]) };
    let wrong = users(&world.client_of(other, 0)).await.expect_err("another key");
    assert!(matches!(wrong, Error::ClientRejected(_)), "{wrong}");
    let unknown = ServiceApp { client_id: "0oanone".to_owned(), ..world.app(&["okta.users.read"]) };
    assert!(matches!(users(&world.client_of(unknown, 0)).await, Err(Error::ClientRejected(_))));
    let none = users(&world.client(&["okta.apps.read"])).await.expect_err("no scope");
    let code = |error: &Error| error.api().and_then(|api| api.code.clone()).unwrap_or_default();
    assert!(matches!(none, Error::ScopesRefused(_)) && code(&none) == "consent_required", "{none}");
    // A scope that the org does not know does not cost the others.
    let client = world.client(&["okta.users.read", "okta.tomorrow.read"]);
    assert_eq!(users(&client).await.expect("users"), 200);
    let nothing = users(&world.client(&["okta.tomorrow.read"])).await.expect_err("nothing left");
    assert!(matches!(nothing, Error::ScopesRefused(_)) && code(&nothing) == "invalid_scope", "{nothing}");
    for client_id in ["", "0oa 1"] {
        let app = ServiceApp { client_id: client_id.to_owned(), ..world.app(&[]) };
        let origin = Origin::simulator(world.sim.addr).expect("loopback");
        let built = Client::builder(origin).service_app(app).build();
        assert!(matches!(built, Err(Error::Setting { setting: "client id", .. })));
    }
    let secret = world.key.expose_secret().lines().nth(1).expect("a line of the key");
    for error in [&wrong, &none, &nothing] {
        assert!(!error.to_string().contains(secret) && !format!("{error:?}").contains("eyJ"));
    }
    assert!(!format!("{client:?} {:?}", world.app(&[])).contains(secret));
}

#[tokio::test]
async fn a_machine_s_clock_may_be_wrong() {
    for ahead in [-7_200, 7_200] {
        let world = World::new(true, &["okta.users.read"]).await;
        let client = world.client_of(world.app(&["okta.users.read"]), ahead);
        assert_eq!(users(&client).await.expect("users"), 200, "{ahead}");
    }
}

#[tokio::test]
async fn no_signature_goes_to_a_custom_domain() {
    let world = World::new(false, &["okta.users.read"]).await;
    let custom = okta_client::OrgDomain::parse("login.acme.example").expect("a custom domain");
    let built = Client::builder(Origin::of(&custom)).service_app(world.app(&["okta.users.read"])).build();
    assert!(matches!(built, Err(Error::Setting { setting: "origin", .. })));
    assert_eq!(world.questions(), 0);
}
