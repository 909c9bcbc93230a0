//! `/api/v1/apps/{id}/credentials/…`: signing keys, registered keys, client secrets.

use serde_json::{Value, json};

use super::apps::of_path;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::apps::App;
use crate::generate::clients::{self, Jwk, Key, Secret};
use crate::generate::ids::{IdKind, opaque};
use crate::json::time;
use crate::org::view::View;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/apps/{id}/credentials/keys", AppKeys, keys),
    route!(GET "/api/v1/apps/{id}/credentials/jwks", AppKeys, jwks),
    route!(GET "/api/v1/apps/{id}/credentials/secrets", AppSecrets, secrets),
];

/// A signing key as Okta sends it: the public part and its certificate [rec].
pub(crate) fn key_json(view: View<'_>, app: u32, key: &Key) -> Value {
    let seed = view.base.config.seed;
    // The certificate is chance, not a certificate; its alphabet is that of base64.
    let certificate = opaque(seed, u64::from(app) + 300_000, 1_200).replace('-', "+").replace('_', "/");
    json!({
        "kty": "RSA", "created": time(key.created), "lastUpdated": time(key.created), "expiresAt": time(key.expires),
        "kid": key.kid, "use": "sig", "x5c": [certificate], "e": "AQAB",
        "n": opaque(seed, u64::from(app) + 400_000, 342), "x5t#S256": opaque(seed, u64::from(app) + 500_000, 43),
    })
}

/// A registered key as the spec shows it.
pub(crate) fn jwk_json(view: View<'_>, app: u32, jwk: &Jwk, origin: &str) -> Value {
    let (seed, n) = (view.base.config.seed, u64::from(app) << 8 | u64::from(jwk.n));
    let id = view.base.ids.encode(IdKind::ClientKey, n);
    let url = format!("{origin}/api/v1/apps/{}/credentials/jwks/{id}", view.app_id(app));
    let mut json = json!({
        "id": id, "kid": opaque(seed, n + 600_000, 43), "status": if jwk.active { "ACTIVE" } else { "INACTIVE" },
        "created": time(jwk.created), "lastUpdated": time(jwk.created), "_links": status_links(&url, jwk.active),
    });
    let (kty, parts): (_, &[(&str, usize)]) =
        if jwk.curve { ("EC", &[("x", 43), ("y", 43)]) } else { ("RSA", &[("n", 342)]) };
    json["kty"] = kty.into();
    for (place, (name, length)) in parts.iter().enumerate() {
        json[*name] = opaque(seed, n + 700_000 + place as u64, *length).into();
    }
    if jwk.curve {
        json["crv"] = "P-256".into();
    } else {
        json["e"] = "AQAB".into();
    }
    json
}

/// A client secret as Okta sends it: in clear, with its hash [rec].
pub(crate) fn secret_json(view: View<'_>, app: u32, secret: &Secret, origin: &str) -> Value {
    let n = u64::from(app) << 8 | u64::from(secret.n);
    let id = view.base.ids.encode(IdKind::ClientSecret, n);
    let url = format!("{origin}/api/v1/apps/{}/credentials/secrets/{id}", view.app_id(app));
    json!({
        "id": id, "created": time(secret.created), "lastUpdated": time(secret.created),
        "status": if secret.active { "ACTIVE" } else { "INACTIVE" }, "client_secret": secret.value,
        "secret_hash": opaque(view.base.config.seed, n + 800_000, 22), "_links": status_links(&url, secret.active),
    })
}

fn status_links(url: &str, active: bool) -> Value {
    if active {
        return json!({"deactivate": {"href": format!("{url}/lifecycle/deactivate"), "hints": {"allow": ["POST"]}}});
    }
    json!({
        "activate": {"href": format!("{url}/lifecycle/activate"), "hints": {"allow": ["POST"]}},
        "delete": {"href": url, "hints": {"allow": ["DELETE"]}},
    })
}

fn keys(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, found) = found(call, view)?;
        let base = view.base;
        let keys = clients::keys(base.config.seed, base.as_of, app, &found);
        Ok(Reply::value(&keys.iter().map(|key| key_json(view, app, key)).collect()))
    })
}

fn jwks(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, found) = client(call, view)?;
        let jwks = clients::jwks(app, &found);
        Ok(Reply::value(&jwks.iter().map(|jwk| jwk_json(view, app, jwk, call.origin)).collect()))
    })
}

fn secrets(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, found) = client(call, view)?;
        let secrets = clients::secrets(view.base.config.seed, app, &found);
        Ok(Reply::value(&secrets.iter().map(|s| secret_json(view, app, s, call.origin)).collect()))
    })
}

fn found(call: &Call<'_>, view: View<'_>) -> Result<(u32, App), Refusal> {
    let app = of_path(call, view)?;
    let found = view.app(app).ok_or_else(|| Refusal::not_found(call.arg(0), "AppInstance"))?;
    Ok((app, found.into_owned()))
}

/// The OAuth client of the path; 404 for other apps [inf].
pub(super) fn client(call: &Call<'_>, view: View<'_>) -> Result<(u32, App), Refusal> {
    let (app, found) = found(call, view)?;
    if found.entry.mode.is_oauth() {
        Ok((app, found))
    } else {
        Err(Refusal::not_found(call.arg(0), "PublicClientApp"))
    }
}
