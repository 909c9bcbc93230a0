//! The org's authorization server: `/oauth2/v1/token`, its keys and its metadata.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::generate::ids::opaque;
use crate::jws::ALGORITHMS;
use crate::oauth::Asked;
use crate::org::change::By;
use crate::reply::{Answer, Reply};
use crate::scopes;

pub(super) const ROUTES: &[Route] = &[
    Route { data: None, ..route!(POST "/oauth2/v1/token", Org, token) },
    Route { data: None, ..route!(GET "/oauth2/v1/keys", Org, keys) },
    Route { data: None, ..route!(GET "/.well-known/openid-configuration", Org, openid) },
    Route { data: None, ..route!(GET "/.well-known/oauth-authorization-server", Org, metadata) },
];

fn token(call: &Call<'_>) -> Answer {
    let form: HashMap<String, String> = url::form_urlencoded::parse(call.body).into_owned().collect();
    let url = format!("{}{}", call.origin, call.path);
    let asked = Asked { form: &form, proof: call.proof, url: &url, now: call.now };
    match call.org.read(|view| call.org.oauth.token(view, asked)) {
        Err(denial) => Ok(denial.reply()),
        Ok(given) => {
            let by = By::client(given.app, call.request_id.to_owned());
            call.org.write(by, |change| {
                change.token_granted(given.app);
                Ok(())
            })?;
            Ok(given.reply)
        }
    }
}

/// The public keys; no token here is signed by one, as Okta's access tokens for its own API are not for others to read.
fn keys(call: &Call<'_>) -> Answer {
    let seed = call.org.config().seed;
    let key = json!({
        "kty": "RSA", "alg": "RS256", "kid": opaque(seed, 77, 43), "use": "sig", "e": "AQAB",
        "n": opaque(seed, 400_077, 342),
    });
    Ok(Reply::value(&json!({"keys": [key]})))
}

/// [rec] for OAuth's metadata.
fn document(call: &Call<'_>) -> Value {
    let origin = call.origin;
    let at = |path: &str| format!("{origin}/oauth2/v1/{path}");
    let methods =
        ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
    let symmetric = ["HS256", "HS384", "HS512"];
    let all: Vec<&str> = symmetric.into_iter().chain(ALGORITHMS.iter().copied()).collect();
    let people = ["openid", "profile", "email", "address", "phone", "offline_access", "groups"];
    let scopes: Vec<String> = scopes::all().chain(people.map(str::to_owned)).collect();
    json!({
        "issuer": origin, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
        "registration_endpoint": at("clients"),
        "response_types_supported": [
            "code", "token", "id_token", "code id_token", "code token", "id_token token", "code id_token token",
        ],
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "password", "client_credentials"],
        "subject_types_supported": ["public"], "scopes_supported": scopes,
        "token_endpoint_auth_methods_supported": methods,
        "claims_supported": ["ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub"],
        "code_challenge_methods_supported": ["S256"], "introspection_endpoint": at("introspect"),
        "introspection_endpoint_auth_methods_supported": methods, "revocation_endpoint": at("revoke"),
        "revocation_endpoint_auth_methods_supported": methods, "end_session_endpoint": at("logout"),
        "request_parameter_supported": true, "request_object_signing_alg_values_supported": all,
        "device_authorization_endpoint": at("device/authorize"),
        "pushed_authorization_request_endpoint": at("par"), "dpop_signing_alg_values_supported": ALGORITHMS,
        "frontchannel_logout_supported": true, "frontchannel_logout_session_supported": true,
        "identity_chaining_requested_token_types_supported": ["urn:ietf:params:oauth:token-type:id-jag"],
    })
}

fn metadata(call: &Call<'_>) -> Answer {
    Ok(Reply::value(&document(call)))
}

/// The same with what OpenID Connect adds.
fn openid(call: &Call<'_>) -> Answer {
    let mut document = document(call);
    document["userinfo_endpoint"] = format!("{}/oauth2/v1/userinfo", call.origin).into();
    document["jwks_uri"] = format!("{}/oauth2/v1/keys", call.origin).into();
    document["id_token_signing_alg_values_supported"] = json!(["RS256"]);
    Ok(Reply::value(&document))
}
