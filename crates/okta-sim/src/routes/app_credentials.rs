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
    route!(POST "/api/v1/apps/{id}/credentials/jwks", WriteApps, add_jwk),
    route!(GET "/api/v1/apps/{id}/credentials/jwks/{keyId}", AppKeys, jwk),
    route!(DELETE "/api/v1/apps/{id}/credentials/jwks/{keyId}", WriteApps, remove_jwk),
    route!(POST "/api/v1/apps/{id}/credentials/jwks/{keyId}/lifecycle/activate", WriteApps, activate_jwk),
    route!(POST "/api/v1/apps/{id}/credentials/jwks/{keyId}/lifecycle/deactivate", WriteApps, deactivate_jwk),
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

/// The registered keys of an app, each with its number.
pub(crate) fn jwks_of(view: View<'_>, app: u32, of: &App, origin: &str) -> Vec<(u32, Value)> {
    let first = clients::jwks(app, of).into_iter().map(|jwk| (jwk.n, jwk_json(view, app, &jwk, origin)));
    let registered = of.registered.iter().flat_map(|registered| &registered.keys);
    let registered = registered.map(|key| {
        let id = view.base.ids.encode(IdKind::ClientKey, u64::from(app) << 8 | u64::from(key.n));
        let url = format!("{origin}/api/v1/apps/{}/credentials/jwks/{id}", view.app_id(app));
        let mut json = key.jwk.clone();
        json["id"] = id.into();
        json["status"] = if key.active { "ACTIVE" } else { "INACTIVE" }.into();
        json["created"] = time(key.created).into();
        json["lastUpdated"] = time(key.created).into();
        json["_links"] = status_links(&url, key.active);
        (key.n, json)
    });
    first.chain(registered).collect()
}

/// A registered key as the spec shows it.
fn jwk_json(view: View<'_>, app: u32, jwk: &Jwk, origin: &str) -> Value {
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
    // As in the example of Okta's document: without it an RSA key fits the schema of a key to encrypt with, too.
    json["use"] = "sig".into();
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
        let jwks = jwks_of(view, app, &found, call.origin);
        Ok(Reply::value(&jwks.into_iter().map(|(_, jwk)| jwk).collect()))
    })
}

fn shown(call: &Call<'_>, view: View<'_>, app: u32, of: &App, n: u32) -> Answer {
    let found = jwks_of(view, app, of, call.origin).into_iter().find(|(number, _)| *number == n);
    let missing = || Refusal::not_found(call.arg(1), "OAuth2ClientJsonWebKey");
    Ok(Reply::value(&found.ok_or_else(missing)?.1))
}

/// The app and the number of the key of the path; 404 when there is none.
fn find_jwk(call: &Call<'_>, view: View<'_>) -> Result<(u32, App, u32), Refusal> {
    let (app, found) = client(call, view)?;
    let n = view.base.ids.decode(IdKind::ClientKey, call.arg(1)).filter(|n| n >> 8 == u64::from(app));
    let n = n.map(|n| (n & 0xff) as u32);
    let held = n.filter(|n| jwks_of(view, app, &found, call.origin).iter().any(|(number, _)| number == n));
    let n = held.ok_or_else(|| Refusal::not_found(call.arg(1), "OAuth2ClientJsonWebKey"))?;
    Ok((app, found, n))
}

fn jwk(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, found, n) = find_jwk(call, view)?;
        shown(call, view, app, &found, n)
    })
}

/// 201 [spec].
fn add_jwk(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let app = call.org.read(|view| client(call, view).map(|(app, _)| app))?;
    let n = call.org.write(call.by(), |change| change.add_client_key(app, &body))?;
    call.org.read(|view| Ok(shown(call, view, app, &client(call, view)?.1, n)?.with_status(201)))
}

fn remove_jwk(call: &Call<'_>) -> Answer {
    let (app, _, n) = call.org.read(|view| find_jwk(call, view))?;
    call.org.write(call.by(), |change| change.remove_client_key(app, n))?;
    Ok(Reply::nothing())
}

fn set_jwk(call: &Call<'_>, active: bool) -> Answer {
    let (app, _, n) = call.org.read(|view| find_jwk(call, view))?;
    call.org.write(call.by(), |change| change.set_client_key(app, n, active))?;
    jwk(call)
}

fn activate_jwk(call: &Call<'_>) -> Answer {
    set_jwk(call, true)
}

fn deactivate_jwk(call: &Call<'_>) -> Answer {
    set_jwk(call, false)
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
