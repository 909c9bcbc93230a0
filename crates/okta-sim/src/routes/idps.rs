//! `/api/v1/idps`: identity providers and their public keys.

use serde_json::{Value, json};

use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::document::Document;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/idps", Idps, list),
    route!(GET "/api/v1/idps/{id}", Idps, get),
    route!(GET "/api/v1/idps/credentials/keys", Idps, keys),
    route!(GET "/api/v1/idps/credentials/keys/{kid}", Idps, key),
];

/// [spec] 20, at most 200.
const SIZES: Sizes = Sizes::new(20, 200);

/// An identity provider as Okta sends it: what it links to depends on its protocol [rec].
pub(crate) fn idp_json(view: View<'_>, idp: &Document, origin: &str) -> Value {
    let list = format!("{origin}/api/v1/idps");
    let id = idp.id(&view.base.ids);
    let url = format!("{list}/{id}");
    let mut json = idp.json(&view.base.ids, &list, &[]);
    let verb = if idp.active() { "deactivate" } else { "activate" };
    json["_links"] = if idp.fields["type"] == "SAML2" {
        json!({
            "metadata": {"href": format!("{url}/metadata.xml"), "type": "application/xml", "hints": {"allow": ["GET"]}},
            "acs": {"href": format!("{origin}/sso/saml2/{id}"), "type": "application/xml", "hints": {"allow": ["POST"]}},
            "users": {"href": format!("{url}/users"), "hints": {"allow": ["GET"]}},
            verb: {"href": format!("{url}/lifecycle/{verb}"), "hints": {"allow": ["POST"]}},
        })
    } else {
        let query = "client_id={clientId}&response_type={responseType}&response_mode={responseMode}&scope={scopes}\
                     &redirect_uri={redirectUri}&state={state}&nonce={nonce}";
        let authorize = format!("{origin}/oauth2/v1/authorize?idp={id}&{query}");
        let callback = format!("{origin}/oauth2/v1/authorize/callback");
        json!({
            "authorize": {"href": authorize, "templated": true, "hints": {"allow": ["GET"]}},
            "clientRedirectUri": {"href": callback, "hints": {"allow": ["POST"]}},
        })
    };
    json
}

fn list(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    let (query, kind) = (call.query.get("q").map(str::to_lowercase), call.query.get("type"));
    call.org.read(|view| {
        let all = &view.state.trust.idps;
        let id = |idp: &&Document| idp.id(&view.base.ids);
        let after = page.cursor(|cursor| all.iter().position(|i| id(&i) == cursor).map(|n| n as u32))?;
        let found = all.iter().skip(after.map_or(0, |n| n as usize + 1)).filter(|idp| {
            let name = idp.fields["name"].as_str().unwrap_or_default().to_lowercase();
            query.as_ref().is_none_or(|q| name.contains(q.as_str()))
                && kind.is_none_or(|k| idp.fields["type"] == k)
        });
        page::list(call, &page, found, id, |out, idp| {
            out.raw_value(&idp_json(view, idp, call.origin).to_string());
        })
    })
}

fn get(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view.state.trust.idps.iter().find(|i| i.id(&view.base.ids) == call.arg(0));
        let idp = found.ok_or_else(|| Refusal::not_found(call.arg(0), "IdpTrust"))?;
        Ok(Reply::value(&idp_json(view, idp, call.origin)))
    })
}

fn keys(call: &Call<'_>) -> Answer {
    let page = Page::of(call, SIZES);
    call.org.read(|view| {
        let all = &view.state.trust.idp_keys;
        let kid = |key: &&Value| key["kid"].as_str().unwrap_or_default().to_owned();
        let after = page.cursor(|cursor| all.iter().position(|k| kid(&k) == cursor).map(|n| n as u32))?;
        let found = all.iter().skip(after.map_or(0, |n| n as usize + 1));
        page::list(call, &page, found, kid, |out, key| {
            out.raw_value(&key.to_string());
        })
    })
}

fn key(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let found = view.state.trust.idp_keys.iter().find(|key| key["kid"] == call.arg(0));
        let key = found.ok_or_else(|| Refusal::not_found(call.arg(0), "IdpTrust"))?;
        Ok(Reply::value(key))
    })
}
