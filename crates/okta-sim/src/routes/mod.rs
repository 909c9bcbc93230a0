//! The routes: one file per resource, each a table of method, path, data set and function.

mod agent_pools;
mod api_services;
mod api_tokens;
mod app_credentials;
mod app_features;
mod app_grants;
mod app_users;
mod apps;
mod auth_claims;
mod auth_policies;
mod auth_scopes;
mod auth_servers;
mod authenticators;
mod behaviors;
mod bindings;
mod brands;
mod captchas;
mod devices;
mod factors;
mod features;
mod group_rules;
mod groups;
mod hooks;
mod iam;
mod idps;
mod lifecycle;
mod linked_objects;
mod log_streams;
mod logs;
mod mappings;
mod oauth;
mod org;
mod policies;
mod principal_rate_limits;
mod realms;
mod resource_sets;
mod roles;
mod security_events_providers;
mod settings;
mod threats;
mod trusted_origins;
mod user_grants;
mod user_types;
mod users;
mod zones;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::org::Org;
use crate::org::view::View;
use crate::page::Query;
use crate::permissions::{Access, Data};
use crate::reply::Answer;

pub(crate) use agent_pools::agent_pool_json;
pub(crate) use api_services::api_service_json;
pub(crate) use api_tokens::token_json;
pub(crate) use app_credentials::{jwks_of, key_json, secret_json};
pub(crate) use app_features::{feature_json, features, push_json, pushes};
pub(crate) use app_grants::{grant_json, grants_of, refresh_token_json, token_holders};
pub(crate) use app_users::write_app_user;
pub(crate) use apps::{app_json, write_app_group};
pub(crate) use auth_claims::claims_json;
pub(crate) use auth_policies::{auth_policy_json, auth_rules_json, policies};
pub(crate) use auth_scopes::{scope_json, scopes};
pub(crate) use auth_servers::{keys_json, server_id, server_json};
pub(crate) use authenticators::{authenticator_json, methods_json};
pub(crate) use behaviors::behavior_json;
pub(crate) use bindings::{custom, write_binding_member};
pub(crate) use brands::{brand_json, domain_json, email_domain_json, whole_domain_json};
pub(crate) use captchas::captcha_json;
pub(crate) use devices::{Users, device_assurance_json, device_users, write_device};
pub(crate) use features::org_feature_json;
pub(crate) use group_rules::write_rule;
pub(crate) use groups::{Expand, write_group};
pub(crate) use hooks::{event_hook_json, inline_hook_json};
pub(crate) use iam::write_role;
pub(crate) use idps::idp_json;
pub(crate) use linked_objects::{linked_object_json, linked_user_json};
pub(crate) use log_streams::log_stream_json;
pub(crate) use mappings::{mapping_json, mapping_numbers};
pub(crate) use policies::{listed_json as policy_json, mappings_json, rule_json};
pub(crate) use principal_rate_limits::{principals, share_json};
pub(crate) use realms::{realm_assignment_json, realm_json};
pub(crate) use resource_sets::{write_resource, write_resource_set};
pub(crate) use roles::{Targets, write_assignment};
pub(crate) use security_events_providers::provider_json;
pub(crate) use threats::{authenticator_settings_json, lockout_json, threat_insight_json};
pub(crate) use trusted_origins::trusted_origin_json;
pub(crate) use user_grants::user_grants;
pub(crate) use user_types::{group_schema_json, user_schema_json, user_type_json};
pub(crate) use users::{Form, write_user};
pub(crate) use zones::zone_json;

/// A call that found its route and may proceed.
#[derive(Debug)]
pub struct Call<'a> {
    /// The org.
    pub org: &'a Org,
    /// Who calls; only calls without a credential have nobody.
    pub caller: Option<&'a Caller>,
    /// Path as sent.
    pub path: &'a str,
    /// What stands for the `{…}` of the route's path, decoded.
    pub args: Vec<String>,
    /// The query.
    pub query: &'a Query,
    /// The `DPoP` header.
    pub proof: Option<&'a str>,
    /// `Content-Type` as sent.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// What links begin with.
    pub origin: &'a str,
    /// What the caller may see of the route's data set.
    pub access: Access,
    /// The request's id.
    pub request_id: &'a str,
    /// The time.
    pub now: i64,
}

impl Call<'_> {
    /// The `n`th `{…}` of the path; the route's pattern says how many there are.
    pub fn arg(&self, n: usize) -> &str {
        self.args.get(n).map_or("", String::as_str)
    }

    /// The caller's own user; a service app is none.
    pub fn owner(&self) -> Option<u32> {
        self.caller.and_then(Caller::owner)
    }

    /// Whether the caller may see this user.
    pub fn sees_user(&self, view: View<'_>, user: u32) -> bool {
        match &self.access {
            Access::All => true,
            Access::Groups(groups) => groups.iter().any(|group| view.is_member(*group, user)),
            Access::Own => self.owner() == Some(user),
            _ => false,
        }
    }

    /// Whether the caller may see this group.
    pub fn sees_group(&self, group: u32) -> bool {
        match &self.access {
            Access::All => true,
            Access::Groups(groups) => groups.contains(&group),
            _ => false,
        }
    }

    /// The body as JSON; 400 E0000003 when it is none.
    pub fn json(&self) -> Result<serde_json::Value, Refusal> {
        serde_json::from_slice(self.body).map_err(|_| Refusal::not_well_formed())
    }
}

/// A route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path with `{…}` for what varies.
    pub path: &'static str,
    /// Both, for counters and logs.
    pub name: &'static str,
    /// The data set; `None`: needs no credential.
    pub data: Option<Data>,
    /// Runs even where the table says 403, because part of it is always allowed.
    pub lenient: bool,
    /// What it does.
    pub run: fn(&Call<'_>) -> Answer,
}

/// `route!(GET "/api/v1/users", Users, list)`
macro_rules! route {
    ($method:ident $path:literal, $data:ident, $run:path) => {
        $crate::routes::Route {
            method: stringify!($method),
            path: $path,
            name: concat!(stringify!($method), " ", $path),
            data: Some($crate::permissions::Data::$data),
            lenient: false,
            run: $run,
        }
    };
}
pub(crate) use route;

/// Every route, by resource.
pub fn all() -> impl Iterator<Item = &'static Route> {
    [
        org::ROUTES,
        oauth::ROUTES,
        users::ROUTES,
        lifecycle::ROUTES,
        factors::ROUTES,
        roles::ROUTES,
        groups::ROUTES,
        group_rules::ROUTES,
        apps::ROUTES,
        app_users::ROUTES,
        app_features::ROUTES,
        app_credentials::ROUTES,
        app_grants::ROUTES,
        mappings::ROUTES,
        api_services::ROUTES,
        principal_rate_limits::ROUTES,
        iam::ROUTES,
        resource_sets::ROUTES,
        bindings::ROUTES,
        auth_servers::ROUTES,
        auth_scopes::ROUTES,
        auth_claims::ROUTES,
        auth_policies::ROUTES,
        authenticators::ROUTES,
        idps::ROUTES,
        behaviors::ROUTES,
        threats::ROUTES,
        trusted_origins::ROUTES,
        security_events_providers::ROUTES,
        captchas::ROUTES,
        policies::ROUTES,
        api_tokens::ROUTES,
        zones::ROUTES,
        hooks::ROUTES,
        log_streams::ROUTES,
        agent_pools::ROUTES,
        brands::ROUTES,
        features::ROUTES,
        settings::ROUTES,
        devices::ROUTES,
        linked_objects::ROUTES,
        user_types::ROUTES,
        realms::ROUTES,
        user_grants::ROUTES,
        logs::ROUTES,
    ]
    .into_iter()
    .flatten()
}

/// The routes, ready to be searched.
#[derive(Debug)]
pub struct Router(Vec<(Vec<&'static str>, &'static Route)>);

/// What a path and method lead to.
#[derive(Debug)]
pub enum Match {
    /// A route with what stands for its `{…}`.
    Found(&'static Route, Vec<String>),
    /// The path exists, the method does not.
    WrongMethod,
    /// Nothing.
    Nothing,
}

impl Router {
    /// The table, the most particular paths first.
    pub fn new() -> Self {
        let split =
            |route: &'static Route| (route.path.trim_matches('/').split('/').collect::<Vec<_>>(), route);
        let mut routes: Vec<_> = all().map(split).collect();
        routes.sort_by_key(|(segments, _)| segments.iter().filter(|s| s.starts_with('{')).count());
        Self(routes)
    }

    /// Finds the route of a call.
    pub fn find(&self, method: &str, path: &str) -> Match {
        let sent: Vec<&str> = path.trim_matches('/').split('/').collect();
        let fits = |pattern: &[&str]| {
            pattern.len() == sent.len()
                && pattern.iter().zip(&sent).all(|(p, s)| p.starts_with('{') || p == s)
        };
        let mut other_method = false;
        for (pattern, route) in &self.0 {
            if !fits(pattern) {
                continue;
            }
            if route.method != method {
                other_method = true;
                continue;
            }
            let args = pattern.iter().zip(&sent).filter(|(p, _)| p.starts_with('{'));
            return Match::Found(route, args.map(|(_, s)| crate::page::unescape(s).into_owned()).collect());
        }
        if other_method { Match::WrongMethod } else { Match::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particular_paths_win() {
        let router = Router::new();
        let name = |method, path| match router.find(method, path) {
            Match::Found(route, args) => format!("{} {args:?}", route.name),
            other => format!("{other:?}"),
        };
        assert_eq!(name("GET", "/api/v1/groups/rules"), "GET /api/v1/groups/rules []");
        assert_eq!(name("GET", "/api/v1/groups/00g1"), "GET /api/v1/groups/{id} [\"00g1\"]");
        assert_eq!(name("DELETE", "/api/v1/api-tokens/current"), "DELETE /api/v1/api-tokens/current []");
        assert_eq!(name("GET", "/api/v1/users/a%40b.example"), "GET /api/v1/users/{id} [\"a@b.example\"]");
        assert_eq!(name("PATCH", "/api/v1/users"), "WrongMethod");
        assert_eq!(name("GET", "/api/v1/nothing"), "Nothing");
    }

    #[test]
    fn no_route_is_declared_twice() {
        let mut names: Vec<&str> = all().map(|r| r.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
