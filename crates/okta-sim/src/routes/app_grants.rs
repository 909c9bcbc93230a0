//! `/api/v1/apps/{id}/grants` and `/tokens`: what an OAuth client may do, and for whom it holds refresh tokens.

use serde_json::{Value, json};

use super::app_credentials::client;
use super::{Call, Route, route};
use crate::error::Refusal;
use crate::generate::clients;
use crate::generate::ids::IdKind;
use crate::generate::people::{DAY, cast};
use crate::json::time;
use crate::org::view::View;
use crate::page::{self, Page, Sizes};
use crate::reply::{Answer, Reply};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/apps/{id}/grants", AppGrants, grants),
    route!(POST "/api/v1/apps/{id}/grants", WriteAppGrants, grant),
    route!(GET "/api/v1/apps/{id}/grants/{grantId}", AppGrants, single),
    route!(DELETE "/api/v1/apps/{id}/grants/{grantId}", WriteAppGrants, revoke),
    route!(GET "/api/v1/apps/{id}/tokens", AppTokens, tokens),
    route!(GET "/api/v1/apps/{id}/tokens/{tokenId}", AppTokens, token),
];

/// The users at most of whom a client holds a token: a few of those who have the app.
const HOLDERS: u32 = 3;

/// Those who had the app at the beginning, the first of them, where they still have it: nobody comes to consent, or to a
/// token, because somebody else has gone.
fn early_users(view: View<'_>, app: u32) -> impl Iterator<Item = Option<u32>> {
    let layout = &view.base.layout;
    let for_everyone = layout.everyone_apps().contains(&app);
    let count = if for_everyone { view.base.people.count() } else { layout.app_user_count(app) };
    let user = move |n| if for_everyone { n } else { layout.app_user(app, n) };
    (0..count.min(HOLDERS)).map(user).map(move |user| view.via(app, user).map(|_| user))
}

/// A scope granted to an app.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant<'v> {
    /// Number below the app.
    pub n: u32,
    /// The scope.
    pub scope: &'v str,
    /// The user who consented, where one did.
    pub user: Option<u32>,
    /// The administrator who granted it.
    by: u32,
    created: i64,
}

/// The grants of an app.
pub(crate) fn grants_of(view: View<'_>, app: u32) -> Vec<Grant<'_>> {
    let Some(found) = view.app(app) else { return Vec::new() };
    let admin = clients::granted(&found).iter().map(|scope| (*scope, None));
    let user = early_users(view, app).next().flatten();
    let own = clients::consented(&found).filter(|_| user.is_some()).map(|scope| (scope, user));
    let (by, created) = (cast::SUPER_ADMIN, found.created);
    let first = (0..).zip(admin.chain(own)).map(|(n, (scope, user))| Grant { n, scope, user, by, created });
    let added = view.state.grants_added.iter().filter(|g| g.app == app);
    let added = added.map(|g| Grant { n: g.n, scope: &g.scope, user: None, by: g.by, created: g.created });
    first.filter(|g| !view.state.grants_revoked.contains(&(app, g.n))).chain(added).collect()
}

/// A grant as Okta sends it [rec for those of administrators].
pub(crate) fn grant_json(view: View<'_>, app: u32, grant: Grant<'_>, origin: &str) -> Value {
    let Grant { n, scope, user, created, .. } = grant;
    let id = view.base.ids.encode(IdKind::AppGrant, u64::from(app) << 8 | u64::from(n));
    let app_id = view.app_id(app);
    let found = view.app(app);
    let label = found.as_ref().map_or("", |a| a.label.as_str());
    let by = view.user_id(user.unwrap_or(grant.by));
    let mut json = json!({
        "id": id, "status": "ACTIVE", "created": time(created), "lastUpdated": time(created),
        "createdBy": {"id": by, "type": "User"}, "issuer": origin, "clientId": app_id, "scopeId": scope,
        "source": if user.is_some() { "END_USER" } else { "ADMIN" },
        "_links": {
            "app": {"href": format!("{origin}/api/v1/apps/{app_id}"), "title": label},
            "self": {
                "href": format!("{origin}/api/v1/apps/{app_id}/grants/{id}"), "hints": {"allow": ["GET", "DELETE"]},
            },
            "client": {"href": format!("{origin}/oauth2/v1/clients/{app_id}"), "title": label},
        },
    });
    if user.is_some() {
        json["userId"] = by.into();
    }
    json
}

fn grants(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, _) = client(call, view)?;
        let grants = grants_of(view, app);
        Ok(Reply::value(&grants.into_iter().map(|g| grant_json(view, app, g, call.origin)).collect()))
    })
}

/// A grant that was just made: with the scope embedded [rec].
fn made(call: &Call<'_>, view: View<'_>, app: u32, grant: Grant<'_>) -> Answer {
    let mut json = grant_json(view, app, grant, call.origin);
    json["_embedded"] = json!({"scope": {"id": grant.scope}});
    Ok(Reply::value(&json))
}

/// The grant of the path; 404 when there is none.
fn find<'v>(call: &Call<'_>, view: View<'v>) -> Result<(u32, Grant<'v>), Refusal> {
    let (app, _) = client(call, view)?;
    let n = view.base.ids.decode(IdKind::AppGrant, call.arg(1));
    let found = grants_of(view, app).into_iter().find(|g| n == Some(u64::from(app) << 8 | u64::from(g.n)));
    Ok((app, found.ok_or_else(|| Refusal::not_found(call.arg(1), "OAuth2ScopeConsentGrant"))?))
}

fn single(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, grant) = find(call, view)?;
        Ok(Reply::value(&grant_json(view, app, grant, call.origin)))
    })
}

/// `{"scopeId","issuer"}`: 200, where the spec says 201 [rec]. The issuer must be the org itself [spec].
fn grant(call: &Call<'_>) -> Answer {
    let body = call.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("issuer").trim_end_matches('/') != call.origin {
        return Err(Refusal::validation("issuer", "issuer: The issuer must be the org's own URL"));
    }
    let app = call.org.read(|view| client(call, view).map(|(app, _)| app))?;
    let n = call.org.write(call.by(), |change| change.grant_scope(app, text("scopeId")))?;
    call.org.read(|view| {
        let grant = grants_of(view, app).into_iter().find(|g| g.n == n).ok_or_else(Refusal::internal)?;
        made(call, view, app, grant)
    })
}

fn revoke(call: &Call<'_>) -> Answer {
    let (app, n) = call.org.read(|view| find(call, view).map(|(app, grant)| (app, grant.n)))?;
    call.org.write(call.by(), |change| change.revoke_scope(app, n))?;
    Ok(Reply::nothing())
}

/// The users of whom an app holds a refresh token.
pub(crate) fn token_holders(view: View<'_>, app: u32) -> Vec<u32> {
    let keeps = view.app(app).is_some_and(|a| clients::keeps_tokens(a.entry.mode));
    let users = keeps.then(|| early_users(view, app));
    users.into_iter().flatten().flatten().collect()
}

fn token_id(view: View<'_>, app: u32, user: u32) -> String {
    view.base.ids.encode(IdKind::RefreshToken, u64::from(app) << 32 | u64::from(user))
}

/// A refresh token as Okta sends it: never the token itself [rec].
pub(crate) fn refresh_token_json(view: View<'_>, app: u32, user: u32, origin: &str) -> Value {
    let (id, app_id, user_id) = (token_id(view, app, user), view.app_id(app), view.user_id(user));
    let label = view.app(app).map(|a| a.label.clone()).unwrap_or_default();
    let issued = view.base.as_of - i64::from((app + user) % 60 + 1) * DAY;
    // The org's first own authorization server; its default one where there is no other.
    let server = view.state.servers.iter().find(|s| !s.is_default).map_or_else(
        || ("default".to_owned(), "default".to_owned()),
        |s| (view.base.ids.encode(IdKind::AuthServer, s.n), s.name.to_string()),
    );
    let link = |path: String, title: &str| json!({"href": format!("{origin}{path}"), "title": title});
    let own = format!("{origin}/api/v1/apps/{app_id}/tokens/{id}");
    json!({
        "id": id, "status": "ACTIVE", "created": time(issued), "lastUpdated": time(issued),
        "expiresAt": time(issued + 90 * DAY), "issuer": format!("{origin}/oauth2/{}", server.0), "clientId": app_id,
        "userId": user_id, "scopes": ["openid", "offline_access"],
        "_links": {
            "app": link(format!("/api/v1/apps/{app_id}"), &label),
            "authorizationServer": link(format!("/api/v1/authorizationServers/{}", server.0), &server.1),
            "self": {"href": own}, "revoke": {"href": own, "hints": {"allow": ["DELETE"]}},
            "client": link(format!("/oauth2/v1/clients/{app_id}"), &label),
            "user": link(
                format!("/api/v1/users/{user_id}"),
                &view.user(user).map_or_else(String::new, |u| u.display_name()),
            ),
        },
    })
}

fn tokens(call: &Call<'_>) -> Answer {
    let page = Page::of(call, Sizes::new(20, 200));
    call.org.read(|view| {
        let (app, _) = client(call, view)?;
        let users = token_holders(view, app);
        let place = |id: &str| users.iter().position(|u| token_id(view, app, *u) == id).map(|n| n as u32);
        let from = page.cursor(place)?.map_or(0, |n| n as usize + 1);
        let id = |user: &&u32| token_id(view, app, **user);
        page::list(call, &page, users.iter().skip(from), id, |out, user| {
            out.raw_value(&refresh_token_json(view, app, **user, call.origin).to_string());
        })
    })
}

fn token(call: &Call<'_>) -> Answer {
    call.org.read(|view| {
        let (app, _) = client(call, view)?;
        let user = token_holders(view, app).into_iter().find(|u| token_id(view, app, *u) == call.arg(1));
        // [rec] both ids stand in the message.
        let both = || format!("{}.{}", call.arg(0), call.arg(1));
        let user = user.ok_or_else(|| Refusal::not_found(&both(), "OAuth2RefreshTokenTx"))?;
        Ok(Reply::value(&refresh_token_json(view, app, user, call.origin)))
    })
}
