//! Service apps: tokens by `private_key_jwt`, with and without DPoP, and what can be done with one.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_sim::clock::ManualClock;
use okta_sim::{Config, Hooks, Limits, Running};
use serde_json::{Value, json};

use crate::client::{Http, Response, start_with, text};

const NOW: i64 = 1_782_777_600_000;

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The contents of the first thing in DER, and what follows it.
fn der(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, from) = match bytes[1] {
        short if short < 0x80 => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            (bytes[2..2 + count].iter().fold(0, |all, byte| all << 8 | usize::from(*byte)), 2 + count)
        }
    };
    bytes[from..].split_at(length)
}

enum Pair {
    Rsa(RsaKeyPair),
    Curve(EcdsaKeyPair),
}

/// A key of the test's, and how it signs.
struct Key {
    algorithm: &'static str,
    pair: Pair,
}

impl Key {
    fn new(algorithm: &'static str) -> Self {
        let curve = |how| Pair::Curve(EcdsaKeyPair::generate(how).expect("a key"));
        let pair = match algorithm {
            "ES256" => curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "ES512" => curve(&ECDSA_P521_SHA512_FIXED_SIGNING),
            _ => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
        };
        Self { algorithm, pair }
    }

    fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                // A sequence of two numbers, in DER: modulus and exponent.
                let (sequence, _) = der(pair.public_key().as_ref());
                let (n, rest) = der(sequence);
                let (e, _) = der(rest);
                json!({"kty": "RSA", "n": encoded(n.strip_prefix(&[0]).unwrap_or(n)), "e": encoded(e)})
            }
            Pair::Curve(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at((point.len() - 1) / 2);
                let curve = ["P-256", "P-384", "P-521"].into_iter().zip([32, 48, 66]);
                let curve = curve.into_iter().find(|(_, width)| *width == x.len()).expect("a curve").0;
                json!({"kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y)})
            }
        }
    }

    fn sign(&self, mut header: Value, claims: &Value) -> String {
        header["alg"] = self.algorithm.into();
        let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let how: &'static dyn signature::RsaEncoding = match self.algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(how, &random, signed.as_bytes(), &mut signature).expect("signs");
                signature
            }
            Pair::Curve(pair) => pair.sign(&random, signed.as_bytes()).expect("signs").as_ref().to_vec(),
        };
        format!("{signed}.{}", encoded(signature))
    }
}

/// An org with a service app.
struct World {
    sim: Running,
    clock: Arc<ManualClock>,
    http: Http,
    key: Key,
    client: String,
    /// Counts ids of assertions and proofs.
    n: u32,
}

impl World {
    async fn new(algorithm: &'static str, dpop: bool, scopes: &[&str], config: Config) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let config = Config { as_of: Some(NOW), ..config };
        let sim = start_with(config, Hooks { clock: clock.clone(), ..Hooks::default() }).await;
        let mut http = Http::new(&sim, &sim.tokens.super_admin).await;
        let key = Key::new(algorithm);
        let app = json!({
            "name": "oidc_client", "label": "Connected App", "signOnMode": "OPENID_CONNECT",
            "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
            "settings": {"oauthClient": {
                "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
                "dpop_bound_access_tokens": dpop, "jwks": {"keys": [key.jwk()]},
            }},
        });
        let setting = json!({"clientPrivilegesSetting": false}).to_string();
        http.call("PUT", "/api/v1/org/settings/clientPrivilegesSetting", &setting).await;
        let client = text(&http.post("/api/v1/apps", app).await.body, "id").to_owned();
        for scope in scopes {
            let grant = json!({"scopeId": scope, "issuer": sim.origin});
            assert_eq!(http.post(&format!("/api/v1/apps/{client}/grants"), grant).await.status, 200);
        }
        Self { sim, clock, http, key, client, n: 0 }
    }

    async fn give(&mut self, body: Value) {
        let roles = format!("/oauth2/v1/clients/{}/roles", self.client);
        assert_eq!(self.http.post(&roles, body).await.status, 201);
    }

    fn seconds(&self) -> i64 {
        okta_sim::clock::Clock::now(&*self.clock) / 1_000
    }

    fn claims(&mut self) -> Value {
        self.n += 1;
        let url = format!("{}/oauth2/v1/token", self.sim.origin);
        let now = self.seconds();
        json!({"iss": self.client, "sub": self.client, "aud": url, "iat": now, "exp": now + 300, "jti": format!("a{}", self.n)})
    }

    async fn ask_with(&mut self, claims: &Value, scope: &str, proof: Option<&str>) -> Response {
        let assertion = self.key.sign(json!({}), claims);
        let form = format!(
            "grant_type=client_credentials&scope={}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
             client-assertion-type%3Ajwt-bearer&client_assertion={assertion}",
            scope.replace(' ', "+")
        );
        let proof = proof.map(|proof| format!("DPoP: {proof}\r\n")).unwrap_or_default();
        let headers = format!("content-type: application/x-www-form-urlencoded\r\n{proof}");
        self.http.with("POST", "/oauth2/v1/token", &headers, &form).await
    }

    async fn ask(&mut self, scope: &str) -> Response {
        let claims = self.claims();
        self.ask_with(&claims, scope, None).await
    }

    async fn bearer(&mut self, scope: &str) -> String {
        let answer = self.ask(scope).await;
        assert_eq!((answer.status, &answer.body["token_type"]), (200, &json!("Bearer")), "{}", answer.text);
        assert_eq!(answer.body["expires_in"], 3_600);
        text(&answer.body, "access_token").to_owned()
    }

    async fn get(&mut self, path: &str, scheme: &str, token: &str, proof: &str) -> Response {
        let proof = if proof.is_empty() { String::new() } else { format!("DPoP: {proof}\r\n") };
        let headers = format!("authorization: {scheme} {token}\r\n{proof}");
        self.http.with("GET", path, &headers, "").await
    }

    fn proof(&mut self, key: &Key, method: &str, path: &str, more: Value) -> String {
        self.n += 1;
        let mut claims = json!({
            "htm": method, "htu": format!("{}{path}", self.sim.origin), "iat": self.seconds(), "jti": format!("p{}", self.n),
        });
        for (name, value) in more.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        key.sign(json!({"typ": "dpop+jwt", "jwk": key.jwk()}), &claims)
    }
}

/// Status, error and description.
fn denial(answer: &Response) -> (u16, &str, &str) {
    (answer.status, text(&answer.body, "error"), text(&answer.body, "error_description"))
}

#[tokio::test]
async fn every_algorithm_of_okta_s_gets_a_token() {
    for algorithm in ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"] {
        let mut world = World::new(algorithm, false, &["okta.users.read"], Config::default()).await;
        let answer = world.ask("okta.users.read").await;
        assert_eq!(
            (answer.status, &answer.body["scope"]),
            (200, &json!("okta.users.read")),
            "{algorithm}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_wrong_assertion_is_refused_in_okta_s_words() {
    let mut world = World::new("ES256", false, &["okta.users.read"], Config::default()).await;
    let now = world.seconds();
    for (claim, value, status, words) in [
        (
            "aud",
            json!("https://elsewhere.example/oauth2/v1/token"),
            401,
            "The audience claim for client_assertion must be the endpoint invoked for the request.",
        ),
        ("exp", json!(now - 1), 401, "The client_assertion token is expired."),
        (
            "exp",
            json!(now + 3_601),
            401,
            "The client_assertion token has an expiration too far into the future.",
        ),
        ("iat", json!(now + 600), 401, "The client_assertion token must be issued before the current time."),
        ("iss", json!("0oanone"), 400, "A client_id must be provided in the request."),
    ] {
        let mut claims = world.claims();
        claims[claim] = value;
        let answer = world.ask_with(&claims, "okta.users.read", None).await;
        assert_eq!(denial(&answer), (status, "invalid_client", words));
    }
    let mut claims = world.claims();
    (claims["iss"], claims["sub"]) = ("0oanone".into(), "0oanone".into());
    assert_eq!(denial(&world.ask_with(&claims, "okta.users.read", None).await).1, "invalid_client");
    let claims = world.claims();
    assert_eq!(world.ask_with(&claims, "okta.users.read", None).await.status, 200);
    let again = world.ask_with(&claims, "okta.users.read", None).await;
    assert_eq!(denial(&again), (401, "invalid_client", "The client_assertion token has already been used."));
    let claims = world.claims();
    let other = std::mem::replace(&mut world.key, Key::new("ES256"));
    let forged = world.ask_with(&claims, "okta.users.read", None).await;
    assert_eq!(denial(&forged), (401, "invalid_client", "The client_assertion signature is invalid."));
    world.key = other;
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials", "invalid_client"),
    ] {
        let answer = world.http.with("POST", "/oauth2/v1/token", "", form).await;
        assert_eq!(denial(&answer).1, error);
    }
    let path = format!("/api/v1/apps/{}/lifecycle/deactivate", world.client);
    world.http.call("POST", &path, "").await;
    assert_eq!(denial(&world.ask("okta.users.read").await).1, "invalid_client");
}

#[tokio::test]
async fn scopes_are_what_was_granted() {
    let mut world =
        World::new("ES256", false, &["okta.users.read", "okta.groups.manage"], Config::default()).await;
    let unknown = world.ask("okta.users.read okta.nothing.read").await;
    assert_eq!(
        denial(&unknown),
        (
            400,
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource."
        )
    );
    let none = world.ask("okta.apps.read").await;
    assert_eq!(denial(&none), (400, "consent_required", "You are not allowed any of the requested scopes."));
    assert_eq!(denial(&world.ask("").await).1, "invalid_scope");
    let some = world.ask("okta.users.read okta.apps.read").await;
    assert_eq!(
        (some.status, &some.body["scope"]),
        (200, &json!("okta.users.read")),
        "what was not granted is left out"
    );
}

#[tokio::test]
async fn both_scope_and_role_must_allow_the_call() {
    let scopes = "okta.users.read okta.groups.manage okta.apps.read okta.roles.read okta.apiTokens.read";
    let all: Vec<&str> = scopes.split(' ').collect();
    let mut world = World::new("ES256", false, &all, Config::default()).await;
    let token = world.bearer(scopes).await;
    // Without a role: politely nothing, or no.
    for path in ["/api/v1/users", "/api/v1/groups", "/api/v1/apps", "/api/v1/api-tokens"] {
        let answer = world.get(path, "Bearer", &token, "").await;
        assert_eq!((answer.status, answer.body), (200, json!([])), "{path}");
    }
    let roles = format!("/oauth2/v1/clients/{}/roles", world.client);
    assert_eq!(world.get(&roles, "Bearer", &token, "").await.code(), "E0000006");
    assert_eq!(world.get("/api/v1/users/me", "Bearer", &token, "").await.status, 404);
    world.give(json!({"type": "READ_ONLY_ADMIN"})).await;
    let users = world.get("/api/v1/users", "Bearer", &token, "").await;
    assert_eq!((users.status, users.body.as_array().map(Vec::len)), (200, Some(200)));
    assert_eq!(
        world.get("/api/v1/groups", "Bearer", &token, "").await.status,
        200,
        "who may manage may read"
    );
    assert_eq!(world.get(&roles, "Bearer", &token, "").await.code(), "E0000006");
    world.give(json!({"type": "CUSTOM", "role": "Transom Read", "resource-set": "Transom Resources"})).await;
    assert_eq!(world.get(&roles, "Bearer", &token, "").await.body.as_array().map(Vec::len), Some(2));

    // A role without the scope: no, with its name.
    let missing = world.get("/api/v1/policies?type=PASSWORD", "Bearer", &token, "").await;
    assert_eq!((missing.status, missing.code()), (403, "E0000006"));
    let challenge = missing.header("www-authenticate").expect("a challenge");
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("okta.policies.read"),
        "{challenge}"
    );
    // Reading is not writing, for scopes too.
    let post =
        world.http.with("POST", "/api/v1/users", &format!("authorization: Bearer {token}\r\n"), "{}").await;
    assert!(post.header("www-authenticate").expect("a challenge").contains("okta.users.manage"));
    let own = world
        .http
        .with("DELETE", "/api/v1/api-tokens/current", &format!("authorization: Bearer {token}\r\n"), "")
        .await;
    assert_eq!(own.code(), "E0000006", "takes an API token");
    let group = json!({"profile": {"name": "By a client"}}).to_string();
    let headers = format!("authorization: Bearer {token}\r\n");
    assert_eq!(world.http.with("POST", "/api/v1/groups", &headers, &group).await.code(), "E0000006");
    world.give(json!({"type": "ORG_ADMIN"})).await;
    assert_eq!(world.http.with("POST", "/api/v1/groups", &headers, &group).await.status, 200);
    let log = world.http.get("/api/v1/logs?sortOrder=DESCENDING&until=2026-07-01T00:00:00Z&limit=3").await;
    let made = log
        .body
        .as_array()
        .expect("events")
        .iter()
        .find(|e| e["eventType"] == "group.lifecycle.create")
        .expect("told");
    assert_eq!(
        (text(&made["actor"], "type"), text(&made["actor"], "id")),
        ("PublicClientApp", world.client.as_str())
    );
}

#[tokio::test]
async fn a_token_lives_an_hour() {
    let mut world = World::new("ES256", false, &["okta.users.read"], Config::default()).await;
    let token = world.bearer("okta.users.read").await;
    world.clock.advance(3_599_999);
    assert_eq!(world.get("/api/v1/users", "Bearer", &token, "").await.status, 200);
    world.clock.advance(1);
    let ended = world.get("/api/v1/users", "Bearer", &token, "").await;
    assert_eq!((ended.status, ended.code()), (401, "E0000011"));
    assert!(ended.header("www-authenticate").expect("a challenge").contains("invalid_token"));
    let token = world.bearer("okta.users.read").await;
    world.sim.org.end_access_tokens();
    assert_eq!(world.get("/api/v1/users", "Bearer", &token, "").await.status, 401);
    let token = world.bearer("okta.users.read").await;
    let app = format!("/api/v1/apps/{}", world.client);
    world.http.call("POST", &format!("{app}/lifecycle/deactivate"), "").await;
    assert_eq!(world.get("/api/v1/users", "Bearer", &token, "").await.status, 401);
}

#[tokio::test]
async fn a_bound_token_needs_its_key() {
    let mut world = World::new("RS256", true, &["okta.users.read"], Config::default()).await;
    let unbound = world.ask("okta.users.read").await;
    assert_eq!(denial(&unbound), (400, "invalid_dpop_proof", "The DPoP proof JWT header is missing."));
    let (key, other) = (Key::new("ES256"), Key::new("RS256"));
    let proof = world.proof(&key, "POST", "/oauth2/v1/token", json!({}));
    let claims = world.claims();
    let challenged = world.ask_with(&claims, "okta.users.read", Some(&proof)).await;
    assert_eq!(
        denial(&challenged),
        (400, "use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
    );
    let nonce = challenged.header("dpop-nonce").expect("a nonce").to_owned();
    // The assertion was used up, as at Okta.
    let proof = world.proof(&key, "POST", "/oauth2/v1/token", json!({"nonce": nonce}));
    assert_eq!(denial(&world.ask_with(&claims, "okta.users.read", Some(&proof)).await).1, "invalid_client");
    let claims = world.claims();
    let given = world.ask_with(&claims, "okta.users.read", Some(&proof)).await;
    assert_eq!((given.status, &given.body["token_type"]), (200, &json!("DPoP")));
    assert!(given.header("dpop-nonce").is_some());
    let token = text(&given.body, "access_token").to_owned();
    for (wrong, path) in [
        (json!({"htm": "GET"}), "/oauth2/v1/token"),
        (json!({}), "/oauth2/v1/other"),
        (json!({"iat": 5}), "/oauth2/v1/token"),
    ] {
        let proof = world.proof(&key, "POST", path, wrong);
        let claims = world.claims();
        assert_eq!(
            denial(&world.ask_with(&claims, "okta.users.read", Some(&proof)).await).1,
            "invalid_dpop_proof"
        );
    }

    let ath = json!({"ath": encoded(digest(&SHA256, token.as_bytes()))});
    let proof = world.proof(&key, "GET", "/api/v1/users", ath.clone());
    let listed = world.get("/api/v1/users?limit=5", "DPoP", &token, &proof).await;
    assert_eq!((listed.status, listed.body), (200, json!([])), "a query is no part of htu");
    let replayed = world.get("/api/v1/users?limit=5", "DPoP", &token, &proof).await;
    assert_eq!((replayed.status, replayed.code()), (401, "E0000011"));
    assert!(replayed.header("www-authenticate").expect("a challenge").contains("invalid_dpop_proof"));
    let elsewhere = world.proof(&key, "GET", "/api/v1/groups", ath.clone());
    let unbound = world.proof(&key, "GET", "/api/v1/users", json!({}));
    let stolen = world.proof(&other, "GET", "/api/v1/users", ath);
    for proof in [elsewhere.as_str(), &unbound, &stolen, "", "x.y.z"] {
        assert_eq!(world.get("/api/v1/users", "DPoP", &token, proof).await.status, 401);
    }
    assert_eq!(
        world.get("/api/v1/users", "Bearer", &token, "").await.status,
        401,
        "a bound token is no bearer token"
    );
}

#[tokio::test]
async fn a_client_has_one_share_however_many_tokens_it_gets() {
    let config = Config { limits: Limits::Real, ..Config::default() };
    let mut world = World::new("ES256", false, &["okta.apps.read"], config).await;
    let (one, two) = (world.bearer("okta.apps.read").await, world.bearer("okta.apps.read").await);
    for (token, left) in [(&one, 49), (&two, 48), (&one, 47)] {
        let answer = world.get("/api/v1/apps", "Bearer", token, "").await;
        assert_eq!(answer.header("x-rate-limit-limit"), Some("50"));
        assert_eq!(answer.header("x-rate-limit-remaining"), Some(left.to_string().as_str()));
    }
}

#[tokio::test]
async fn the_server_describes_itself() {
    let mut world = World::new("ES256", false, &[], Config::default()).await;
    world.http.token.clear();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = world.http.get(path).await;
        assert_eq!(text(&answer.body, "issuer"), world.sim.origin);
        assert_eq!(text(&answer.body, "token_endpoint"), format!("{}/oauth2/v1/token", world.sim.origin));
        assert!(
            answer.body["scopes_supported"].as_array().expect("scopes").contains(&json!("okta.users.read"))
        );
    }
    assert_eq!(world.http.get("/oauth2/v1/keys").await.body["keys"][0]["kty"], "RSA");
}
