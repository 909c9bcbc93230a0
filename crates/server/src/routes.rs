//! The one table of routes: method, path, need, handler. The router is made from it, the guard judges by it, and a test
//! walks it. A route that is not here does not exist.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_request};
use axum::routing::{MethodFilter, MethodRouter, any, on};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::api::{self, Described};
use crate::app::App;
use crate::auth::{Need, Rule, guard};
use crate::{Error, assets, gate, ui};
use Need::{Connect, Open, Org, Public, SignedIn, Whole};
use transom_core::Role::{Admin, Owner, Viewer};

/// A route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, as the router reads it. `{org}` is the number of an org.
    pub path: String,
    /// What it needs.
    pub need: Need,
    /// What a handler of the API declares of itself.
    pub(crate) described: Option<Described>,
    handler: MethodRouter<App>,
}

fn get<H: Handler<T, App>, T: 'static>(path: &str, need: Need, handler: H) -> Route {
    let handler = on(MethodFilter::GET, handler);
    Route { method: Method::GET, path: path.to_string(), need, described: None, handler }
}

fn post<H: Handler<T, App>, T: 'static>(path: &str, need: Need, handler: H) -> Route {
    let handler = on(MethodFilter::POST, handler);
    Route { method: Method::POST, path: path.to_string(), need, described: None, handler }
}

/// A route of the API, with the path and method that its handler declares.
fn api(need: Need, made: UtoipaMethodRouter<App>) -> Option<Route> {
    let (path, method, described, handler) = Described::of(made)?;
    Some(Route { method, path, need, described: Some(described), handler })
}

/// Every route there is; the last ones in a demo alone.
pub fn table(demo: bool) -> Vec<Route> {
    use ui::settings::{
        about, account, api_tokens, audit, audit_export, feedback, invite, member, members, provider,
    };
    use ui::{
        connect, connection, disconnect, health, help, home, integrations, overview, owner, provider_sign_in,
        setup, sign_in, theme,
    };
    let mut table = vec![
        get("/assets/{file}", Open, assets::get),
        get(health::PATH, Open, health::show),
        get("/owner/{token}", Open, owner::form),
        post("/owner/{token}", Open, owner::claim),
        post("/theme", Open, theme::set),
        get("/invitation/{token}", Public, ui::invitation::form),
        post("/invitation/{token}", Public, ui::invitation::accept),
        get("/", SignedIn, home::show),
        get("/sign-in", Public, sign_in::form),
        post("/sign-in", Public, sign_in::submit),
        post("/sign-in/oidc", Public, provider_sign_in::leave),
        get(crate::oidc::CALLBACK, Public, provider_sign_in::arrive),
        post("/sign-out", SignedIn, sign_in::out),
        get("/help", SignedIn, help::contents),
        get("/help/{page}", SignedIn, help::show),
        post("/help/{page}/answer", SignedIn, help::answer),
        get("/settings/integrations", SignedIn, integrations::show),
        post("/settings/integrations/okta/request", SignedIn, integrations::request),
        post("/settings/integrations/okta/invitation", Whole(Owner), integrations::invitation),
        get("/settings/integrations/okta/connect", Connect, connect::show),
        post("/settings/integrations/okta/connect", Connect, connect::submit),
        post("/settings/integrations/okta/connect/{job}", Connect, connect::save),
        post("/settings/integrations/okta/drafts/{draft}/delete", Connect, connect::delete_draft),
        get("/settings/integrations/okta/domain", Connect, ui::domain::show),
        get("/settings/integrations/okta/setup", Connect, setup::show),
        post("/settings/integrations/okta/setup", Connect, setup::begin),
        get("/settings/integrations/okta/setup/paper", Connect, setup::paper),
        get("/settings/integrations/okta/setup/made", Connect, setup::made::show),
        post("/settings/integrations/okta/setup/made/connect", Connect, setup::made::connect),
        post("/settings/integrations/okta/setup/made/verify", Connect, setup::made::verify),
        post("/settings/integrations/okta/setup/made/teardown", Connect, setup::made::teardown),
        get("/settings/integrations/okta/setup/jobs/{job}", Connect, setup::watch::show),
        post("/settings/integrations/okta/setup/jobs/{job}/apply", Connect, setup::watch::apply),
        post("/settings/integrations/okta/setup/jobs/{job}/leave", Connect, setup::watch::leave),
        post("/settings/integrations/okta/setup/jobs/{job}/password", Connect, setup::watch::password),
        get("/settings/members", Whole(Owner), members::show),
        get("/settings/members/invite", Whole(Owner), invite::form),
        post("/settings/members/invite", Whole(Owner), invite::submit),
        post("/settings/members/invitations/{invitation}/withdraw", Whole(Owner), invite::withdraw),
        post("/settings/members/requests/{request}/grant", Whole(Owner), members::grant),
        post("/settings/members/requests/{request}/decline", Whole(Owner), members::decline),
        post("/settings/members/requests/{request}/revoke", Whole(Owner), members::revoke),
        get("/settings/members/{account}", Whole(Owner), member::show),
        post("/settings/members/{account}/role", Whole(Owner), member::role),
        post("/settings/members/{account}/disable", Whole(Owner), member::disable),
        post("/settings/members/{account}/enable", Whole(Owner), member::enable),
        post("/settings/members/{account}/remove", Whole(Owner), member::remove),
        get("/settings/sign-in", Whole(Owner), provider::show),
        post("/settings/sign-in", Whole(Owner), provider::save),
        post("/settings/sign-in/test", Whole(Owner), provider_sign_in::test),
        post("/settings/sign-in/groups", Whole(Owner), provider::map),
        post("/settings/sign-in/groups/remove", Whole(Owner), provider::unmap),
        post("/settings/sign-in/remove", Whole(Owner), provider::remove),
        get("/settings/api-tokens", SignedIn, api_tokens::show),
        post("/settings/api-tokens", SignedIn, api_tokens::create),
        post("/settings/api-tokens/{token}/revoke", SignedIn, api_tokens::revoke),
        get("/settings/audit", Whole(Admin), audit::show),
        get("/settings/audit/export", Whole(Admin), audit_export::send),
        get("/settings/account", SignedIn, account::show),
        post("/settings/account/name", SignedIn, account::name),
        post("/settings/account/password", SignedIn, account::change),
        post("/settings/account/link", SignedIn, account::link),
        post("/settings/account/unlink", SignedIn, account::unlink),
        post("/settings/account/sign-out-everywhere", SignedIn, account::sign_out_everywhere),
        get("/api", SignedIn, api::reference),
        get("/api/v1/openapi.json", Public, api::send_document),
        get("/settings/feedback", Whole(Owner), feedback::show),
        post("/settings/feedback/{answer}/delete", Whole(Owner), feedback::delete),
        get("/settings/about", SignedIn, about::show),
        post("/settings/about/support", Whole(Owner), about::support),
        get("/orgs/{org}", Org(Viewer), overview::show),
        get("/orgs/{org}/search", Org(Viewer), ui::search::show),
        get("/orgs/{org}/inventory", Org(Viewer), ui::inventory::show),
        get("/orgs/{org}/inventory/{kind}", Org(Viewer), ui::listing::show),
        get("/orgs/{org}/inventory/{kind}/{id}", Org(Viewer), ui::object::show),
        post("/orgs/{org}/inventory/{kind}/{id}/read", Org(Admin), ui::under::read),
        get("/orgs/{org}/csv/{kind}", Org(Viewer), ui::csv::download),
        post("/orgs/{org}/views/{kind}", Org(Viewer), ui::saved_view::save),
        post("/orgs/{org}/views/{kind}/{view}/delete", Org(Viewer), ui::saved_view::delete),
        get("/orgs/{org}/connection", Org(Viewer), connection::show),
        post("/orgs/{org}/connection/sync", Org(Admin), connection::sync),
        post("/orgs/{org}/connection/verify", Org(Admin), connection::verify),
        post("/orgs/{org}/connection/pause", Org(Admin), connection::pause),
        post("/orgs/{org}/connection/resume", Org(Admin), connection::resume),
        post("/orgs/{org}/connection/rename", Org(Admin), connection::rename),
        post("/orgs/{org}/connection/share", Org(Admin), connection::limit),
        get("/orgs/{org}/connection/rotate", Org(Admin), ui::rotate::form),
        post("/orgs/{org}/connection/rotate", Org(Admin), ui::rotate::submit),
        post("/orgs/{org}/connection/rotate/{job}", Org(Admin), ui::rotate::accept),
        get("/orgs/{org}/connection/forecast", Org(Viewer), ui::forecast::show),
        get("/orgs/{org}/connection/disconnect", Org(Admin), disconnect::form),
        post("/orgs/{org}/connection/disconnect", Org(Admin), disconnect::submit),
    ];
    table.extend(programs());
    if demo {
        table.push(get("/design", SignedIn, ui::design::show));
    }
    table
}

/// The routes for programs.
fn programs() -> impl Iterator<Item = Route> {
    use api::{
        access_request, audit, coverage, edge, entity, forecast, integration, invitation, kind, me, member,
        org, run, search, sync, token, under, view,
    };
    let all = [
        api(SignedIn, routes!(me::show)),
        api(SignedIn, routes!(org::list)),
        api(Connect, routes!(org::connect)),
        api(Org(Viewer), routes!(org::show)),
        api(Org(Admin), routes!(org::change)),
        api(Org(Admin), routes!(org::disconnect)),
        api(Org(Viewer), routes!(api::verification::show)),
        api(Org(Admin), routes!(api::verification::verify)),
        api(Org(Admin), routes!(api::verification::rotate)),
        api(Org(Viewer), routes!(coverage::show)),
        api(Org(Viewer), routes!(run::list)),
        api(Org(Viewer), routes!(run::show)),
        api(Org(Viewer), routes!(sync::show)),
        api(Org(Admin), routes!(sync::start)),
        api(Org(Viewer), routes!(forecast::show)),
        api(SignedIn, routes!(kind::list)),
        api(Org(Viewer), routes!(kind::held)),
        api(Org(Viewer), routes!(entity::list)),
        api(Org(Viewer), routes!(entity::show)),
        api(Org(Admin), routes!(under::read)),
        api(Org(Viewer), routes!(edge::counts)),
        api(Org(Viewer), routes!(edge::list)),
        api(Org(Viewer), routes!(search::find)),
        api(Org(Viewer), routes!(view::list)),
        api(Org(Viewer), routes!(view::save)),
        api(Org(Viewer), routes!(view::delete)),
        api(Whole(Owner), routes!(member::list)),
        api(Whole(Owner), routes!(member::show)),
        api(Whole(Owner), routes!(member::change)),
        api(Whole(Owner), routes!(member::remove)),
        api(Whole(Owner), routes!(invitation::list)),
        api(Whole(Owner), routes!(invitation::invite)),
        api(Whole(Owner), routes!(invitation::withdraw)),
        api(SignedIn, routes!(integration::show)),
        api(Whole(Owner), routes!(integration::change)),
        api(SignedIn, routes!(access_request::list)),
        api(SignedIn, routes!(access_request::ask)),
        api(Whole(Owner), routes!(access_request::grant)),
        api(Whole(Owner), routes!(access_request::decline)),
        api(Whole(Owner), routes!(access_request::revoke)),
        api(SignedIn, routes!(token::list)),
        api(SignedIn, routes!(token::create)),
        api(SignedIn, routes!(token::revoke)),
        api(Whole(Admin), routes!(audit::list)),
    ];
    all.into_iter().flatten()
}

/// The router of the table, with everything that stands around it.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in table(app.site.demo) {
        let rule = Rule { app: app.clone(), need: route.need };
        router = router.route(&route.path, route.handler.layer(from_fn_with_state(rule, guard)));
    }
    // Guarded, too: who is signed in keeps the rail on a page that says that there is none.
    let lost = from_fn_with_state(Rule { app: app.clone(), need: Open }, guard);
    router
        .fallback_service(any(async || Error::NotFound).layer(lost).with_state(app.clone()))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Error::Internal("a handler panicked".to_string()))
        }))
        .layer(from_fn_with_state(app.clone(), gate::gate))
        .layer(CompressionLayer::new())
        .layer(map_request(crate::listen::note_peer))
        .with_state(app)
}
