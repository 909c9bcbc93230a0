//! A little OpenID provider of the tests' own: it signs in whom it is told to, and errs as it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

pub const CLIENT: &str = "0oa1transom";
/// Looked for everywhere: it is nowhere but here.
pub const SECRET: &str = "canary-client-secret-7f3a";

/// What is wrong with the ID token that the provider gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Nothing,
    Issuer,
    Nonce,
    Audience,
    /// For us and another, and it does not say whose it is.
    Party,
    Expired,
    Early,
    /// Signed with a key that has the right name and is not the provider's.
    Signature,
    /// Signed with a key that nobody knows.
    Key,
    /// Changed after it was signed.
    Altered,
    Unsigned,
    /// Signed with the client secret.
    ByClientSecret,
    /// Signed with the public key, as if it were a secret.
    ByPublicKey,
    Nobody,
    /// Asked for more, the provider speaks of somebody else.
    Userinfo,
}

/// How the provider is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Made {
    pub elliptic: bool,
    pub secret_in_form: bool,
    /// It names another issuer than it is asked for.
    pub misnamed: bool,
    pub without_pkce: bool,
}

struct World {
    issuer: String,
    made: Made,
    now: i64,
    kid: String,
    keys: Keys,
    foreign: Keys,
    codes: HashMap<String, Code>,
    given: usize,
}

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
}

#[derive(Clone)]
struct Code {
    asked: HashMap<String, String>,
    claims: Value,
    wrong: Wrong,
}

/// The provider, until the test ends.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    world: Arc<Mutex<World>>,
}

impl Keys {
    fn new() -> Self {
        let rsa = rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
        Self { rsa, ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key") }
    }

    fn public(&self, kid: &str, elliptic: bool) -> Value {
        let base64 = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        if elliptic {
            let point = self.ec.public_key().as_ref();
            return json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
                "x": base64(&point[1..33]), "y": base64(&point[33..]) });
        }
        let key = self.rsa.public_key();
        json!({ "kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256",
            "n": base64(key.modulus().big_endian_without_leading_zero()),
            "e": base64(key.exponent().big_endian_without_leading_zero()) })
    }

    fn sign(&self, kid: &str, elliptic: bool, claims: &Value) -> String {
        let rng = SystemRandom::new();
        let alg = if elliptic { "ES256" } else { "RS256" };
        jws(json!({ "alg": alg, "kid": kid, "typ": "JWT" }), claims, |text| {
            if elliptic {
                return self.ec.sign(&rng, text).expect("signs").as_ref().to_vec();
            }
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(&RSA_PKCS1_SHA256, &rng, text, &mut signature).expect("signs");
            signature
        })
    }
}

fn jws(header: Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(claims));
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(sign(text.as_bytes())))
}

impl Provider {
    pub async fn start(now: i64, made: Made) -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let issuer = format!("http://{}", socket.local_addr().expect("an address"));
        let world = Arc::new(Mutex::new(World {
            issuer: issuer.clone(),
            made,
            now: now / 1_000,
            kid: "k1".into(),
            keys: Keys::new(),
            foreign: Keys::new(),
            codes: HashMap::new(),
            given: 0,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { issuer, world }
    }

    /// Signs somebody in who was sent here with `asked`; the path by which the browser goes back.
    pub fn sign_in(&self, asked: &Url, claims: &Value, wrong: Wrong) -> String {
        let asked: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["nonce"].len() >= 40 && asked["state"].len() >= 40, "{asked:?}");
        let back = Url::parse(&asked["redirect_uri"]).expect("an address");
        assert_eq!(back.as_str(), "http://127.0.0.1:8080/sign-in/oidc/callback");
        let mut world = self.world.lock().expect("a world");
        world.given += 1;
        let code = format!("code-{}", world.given);
        let state = asked["state"].clone();
        world.codes.insert(code.clone(), Code { asked, claims: claims.clone(), wrong });
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", code.as_str()), ("state", &state), ("iss", &self.issuer)])
            .finish();
        format!("{}?{query}", back.path())
    }

    /// Its clock.
    pub fn at(&self, now: i64) {
        self.world.lock().expect("a world").now = now / 1_000;
    }

    /// From now on other keys, by another name.
    pub fn change_keys(&self) {
        let mut world = self.world.lock().expect("a world");
        world.kid = "k2".into();
        world.keys = Keys::new();
    }

    /// How many codes are not used up.
    pub fn codes(&self) -> usize {
        self.world.lock().expect("a world").codes.len()
    }
}

type Shared = State<Arc<Mutex<World>>>;

async fn metadata(State(world): Shared) -> Json<Value> {
    let world = world.lock().expect("a world");
    let issuer = &world.issuer;
    let methods = if world.made.secret_in_form { "client_secret_post" } else { "client_secret_basic" };
    Json(json!({
        "issuer": if world.made.misnamed { "https://evil.example" } else { issuer },
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "token_endpoint_auth_methods_supported": [methods],
        "code_challenge_methods_supported": [if world.made.without_pkce { "plain" } else { "S256" }],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(world): Shared) -> Json<Value> {
    let world = world.lock().expect("a world");
    // One of a kind that nobody knows, as providers may have.
    let strange = json!({ "kty": "AKP", "kid": "pq", "alg": "ML-DSA-44", "pub": "AA" });
    Json(json!({ "keys": [strange, world.keys.public(&world.kid, world.made.elliptic)] }))
}

async fn token(
    State(world): Shared,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let mut world = world.lock().expect("a world");
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let known = if world.made.secret_in_form {
        form.get("client_id").is_some_and(|c| c == CLIENT)
            && form.get("client_secret").is_some_and(|s| s == SECRET)
    } else {
        headers.get("authorization").is_some_and(|h| h == basic.as_str())
            && !form.contains_key("client_secret")
    };
    if !known {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" })));
    }
    let refused = |why: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant", "error_description": why })))
    };
    let Some(code) = form.get("code").and_then(|code| world.codes.remove(code)) else {
        return refused("no such code");
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if form["code_verifier"].len() < 43 || code.asked["code_challenge"] != challenge {
        return refused("the verifier does not fit");
    }
    if form["redirect_uri"] != code.asked["redirect_uri"] || form["grant_type"] != "authorization_code" {
        return refused("another redirect_uri or grant_type");
    }
    let access = BASE64_URL_SAFE_NO_PAD
        .encode(json!({ "claims": code.claims, "other": code.wrong == Wrong::Userinfo }).to_string());
    (
        StatusCode::OK,
        Json(json!({ "token_type": "Bearer", "access_token": access, "id_token": world.id_token(&code) })),
    )
}

/// The access token is what it gives access to.
async fn userinfo(headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let token =
        headers.get("authorization").and_then(|h| h.to_str().ok()).and_then(|h| h.strip_prefix("Bearer "));
    let Some(token) = token.and_then(|t| BASE64_URL_SAFE_NO_PAD.decode(t).ok()) else {
        return (StatusCode::UNAUTHORIZED, Json(json!({})));
    };
    let mut held: Value = serde_json::from_slice(&token).expect("ours");
    if held["other"] == true {
        held["claims"]["sub"] = "somebody-else".into();
    }
    (StatusCode::OK, Json(held["claims"].take()))
}

impl World {
    /// As thin as Okta's beside an access token: who it is, and nothing more of them.
    fn id_token(&self, code: &Code) -> String {
        let mut claims = json!({ "iss": self.issuer, "sub": code.claims["sub"], "aud": CLIENT, "iat": self.now,
            "exp": self.now + 3_600, "nonce": code.asked["nonce"] });
        let (kid, elliptic) = (self.kid.as_str(), self.made.elliptic);
        match code.wrong {
            Wrong::Issuer => claims["iss"] = "https://evil.example".into(),
            Wrong::Nonce => claims["nonce"] = "of-another-sign-in".into(),
            Wrong::Audience => claims["aud"] = "0oa2other".into(),
            Wrong::Party => claims["aud"] = json!([CLIENT, "0oa2other"]),
            Wrong::Expired => claims["exp"] = (self.now - 61).into(),
            Wrong::Early => claims["iat"] = (self.now + 120).into(),
            Wrong::Nobody => claims["sub"] = "".into(),
            _ => {}
        }
        match code.wrong {
            Wrong::Signature => self.foreign.sign(kid, elliptic, &claims),
            Wrong::Key => self.foreign.sign("k9", elliptic, &claims),
            Wrong::Altered => {
                let token = self.keys.sign(kid, elliptic, &claims);
                claims["sub"] = "another".into();
                let altered = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
                let parts: Vec<&str> = token.split('.').collect();
                [parts[0], &altered, parts[2]].join(".")
            }
            Wrong::Unsigned => jws(json!({ "alg": "none" }), &claims, |_| Vec::new()),
            Wrong::ByClientSecret => by_secret(&claims, SECRET.as_bytes()),
            Wrong::ByPublicKey => {
                let public = self.keys.public(kid, false);
                by_secret(
                    &claims,
                    &BASE64_URL_SAFE_NO_PAD.decode(public["n"].as_str().expect("n")).expect("base64"),
                )
            }
            _ => self.keys.sign(kid, elliptic, &claims),
        }
    }
}

fn by_secret(claims: &Value, secret: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    jws(json!({ "alg": "HS256", "kid": "k1" }), claims, |text| hmac::sign(&key, text).as_ref().to_vec())
}
