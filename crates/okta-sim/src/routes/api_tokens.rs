//! `/api/v1/api-tokens`: not paged, never the value. Tokens can't be made here, as at Okta.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::auth::Caller;
use crate::error::Refusal;
use crate::generate::ids::IdKind;
use crate::generate::tokens::Token;
use crate::json::time;
use crate::org::view::View;
use crate::permissions::Access;
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/api-tokens", ApiTokens, list),
    route!(GET "/api/v1/api-tokens/{id}", ApiTokens, get),
    route!(PUT "/api/v1/api-tokens/{id}", WriteTokens, update),
    route!(DELETE "/api/v1/api-tokens/{id}", WriteTokens, revoke),
    route!(DELETE "/api/v1/api-tokens/current", OwnToken, revoke_own),
];

/// A token as Okta sends it; `_links` where the spec says `_link` [rec].
pub(crate) fn token_json(view: View<'_>, token: &Token, origin: &str) -> Value {
    let (id, user) = (view.base.ids.encode(IdKind::Token, token.n), view.user_id(token.owner));
    let network = match &token.zones {
        None => json!({"connection": "ANYWHERE"}),
        Some(zones) => json!({"connection": "ZONE", "include": zones}),
    };
    json!({
        "id": id, "name": token.name, "userId": user, "clientName": "Okta API", "tokenWindow": "P30D",
        "network": network, "expiresAt": time(token.expires_at()),
        "created": time(token.created), "lastUpdated": time(token.last_updated()),
        "_links": {
            "self": {"href": format!("{origin}/api/v1/api-tokens/{id}"), "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": format!("{origin}/api/v1/users/{user}"), "hints": {"allow": ["GET"]}},
        },
    })
}

/// The tokens that are there and the caller may see: some see only their own [hound].
fn seen<'v>(call: &Call<'_>, view: View<'v>) -> impl Iterator<Item = &'v Token> {
    let (all, owner) = (call.access == Access::All, call.owner());
    view.state.tokens.iter().filter(move |t| !t.revoked && (all || owner == Some(t.owner)))
}

fn list(call: &Call<'_>) -> Answer {
    call.org
        .read(|view| Ok(Reply::value(&seen(call, view).map(|t| token_json(view, t, call.origin)).collect())))
}

fn find<'v>(call: &Call<'_>, view: View<'v>) -> Result<&'v Token, Refusal> {
    let n = view.base.ids.decode(IdKind::Token, call.arg(0));
    seen(call, view).find(|t| Some(t.n) == n).ok_or_else(|| Refusal::not_found(call.arg(0), "Token"))
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| Ok(Reply::value(&token_json(view, find(call, view)?, call.origin))))
}

/// Name and network [rec 200]. Zones that are excluded are not kept.
fn update(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let n = call.org.read(|view| find(call, view).map(|t| t.n))?;
    let zones =
        (body["network"]["connection"] == "ZONE").then(|| super::iam::texts(&body["network"], "include"));
    call.org.write(call.by(), |change| change.update_token(n, body["name"].as_str(), zones))?;
    get(call)
}

fn revoke(call: &Call<'_>) -> Answer {
    let n = call.org.read(|view| find(call, view).map(|t| t.n))?;
    call.org.write(call.by(), |change| change.revoke_token(n))?;
    Ok(Reply::nothing())
}

fn revoke_own(call: &Call<'_>) -> Answer {
    let own = match call.caller {
        Some(Caller::Token { n, .. }) => *n,
        // [spec] it takes an API token.
        Some(Caller::Client { .. }) => return Err(Refusal::no_permission()),
        None => return Err(Refusal::invalid_session()),
    };
    call.org.write(call.by(), |change| change.revoke_token(own))?;
    Ok(Reply::nothing())
}
