//! Which calls Okta counts together.
//!
//! Okta publishes no list any more, only each org's own dashboard [docs rl2-limits]. This table joins the page it
//! used to have [docs@2025-12 rl-global-mgmt] with the limits seen in recorded responses [rec]: two routes that
//! showed different limits in one org cannot be one bucket. Where unsure it splits rather than joins. Splitting what
//! Okta counts together costs a few calls of the reserve, since each part still sees the shared `remaining`;
//! joining what Okta counts apart makes the tightest hold back the rest.

use reqwest::Method;

/// Name of the bucket a call is counted in: the path below `/api/v1`, `{id}` and `*` standing for what varies.
/// `path` may carry a query.
#[must_use]
pub fn of(method: &Method, path: &str) -> &'static str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    let read = method == Method::GET || method == Method::HEAD;
    match (segments.next(), segments.next()) {
        (Some("api"), Some("v1")) => {
            let (first, second, third) = (segments.next(), segments.next(), segments.next());
            below_api_v1(first.unwrap_or_default(), second, third, read)
        }
        (Some("oauth2"), Some("v1")) => match segments.next() {
            // [docs] 100/min of its own.
            Some("clients") => "oauth2/clients",
            // [rec] 150.
            Some("token") => "oauth2/token",
            _ => "oauth2",
        },
        (Some("governance"), _) => "governance",
        (Some("integrations"), _) => "integrations",
        // [docs] metadata is not limited.
        (Some(".well-known"), _) => "well-known",
        (Some("attack-protection"), _) => "attack-protection",
        _ => "other",
    }
}

fn below_api_v1(first: &str, second: Option<&str>, third: Option<&str>, read: bool) -> &'static str {
    match (first, second, third) {
        // [docs] list and create share one; [rec] 600 where users/{id} had 2000.
        ("users", None, _) => "users",
        // [docs] 2000 to read, 600 to write; [rec] the same two numbers.
        ("users", Some(_), None) if read => "users/{id}",
        ("users", Some(_), None) => "users/{id} write",
        // [rec] factors, roles, credentials, lifecycle: 600 where users/{id} had 2000, so not that bucket.
        // [inf] all of these together.
        ("users", Some(_), Some("lifecycle")) => "users/{id} write",
        ("users", Some(_), Some(_)) => "users/{id}/*",
        // [docs] the list and everything below one group; [rec] 500 where groups/{id} had 1000.
        // [inf] Longest prefix: the list of rules looks like one group.
        ("groups", Some("rules"), None) => "groups/rules",
        ("groups", Some("rules"), _) => "groups",
        ("groups", Some(_), None) => "groups/{id}",
        ("groups", _, _) => "groups",
        // [docs] the list and everything below one app; [rec] 100 where apps/{id} had 500.
        ("apps", Some(_), None) => "apps/{id}",
        ("apps", _, _) => "apps",
        // [rec] 300 for a device's users where the list had 50.
        ("devices", Some(_), Some(_)) => "devices/{id}/*",
        ("devices", _, _) => "devices",
        _ => by_first_segment(first),
    }
}

/// [rec] limits seen, all in orgs where the common bucket would have had one number: policies, authorizationServers,
/// idps, hooks, trustedOrigins, features 1000; mappings, realms, captchas 500; api-tokens, logStreams 300;
/// iam, org, zones, domains, threats 100; authenticators, brands 50–100; agentPools 10.
fn by_first_segment(first: &str) -> &'static str {
    const NAMES: &[&str] = &[
        "agentPools",
        "api-tokens",
        "authenticators",
        "authn",
        "authorizationServers",
        "behaviors",
        "brands",
        "captchas",
        "device-assurances",
        "domains",
        "email-domains",
        "email-servers",
        "eventHooks",
        "features",
        "iam",
        "identity-sources",
        "idps",
        "inlineHooks",
        "logStreams",
        "logs",
        "mappings",
        "meta",
        "org",
        "policies",
        "principal-rate-limits",
        "push-providers",
        "rate-limit-settings",
        "realm-assignments",
        "realms",
        "risk",
        "roles",
        "security-events-providers",
        "sessions",
        "ssf",
        "templates",
        "threats",
        "trustedOrigins",
        "zones",
    ];
    NAMES.iter().find(|name| **name == first).copied().unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_where_okta_counts_them() {
        let get = |path| of(&Method::GET, path);
        assert_eq!(get("/api/v1/apps?limit=200"), "apps");
        assert_eq!(get("/api/v1/apps/0oa1/users"), "apps");
        assert_eq!(get("/api/v1/apps/0oa1"), "apps/{id}");
        assert_eq!(get("/api/v1/users"), "users");
        assert_eq!(of(&Method::POST, "/api/v1/users"), "users");
        assert_eq!(get("/api/v1/users/00u1"), "users/{id}");
        assert_eq!(of(&Method::DELETE, "/api/v1/users/00u1"), "users/{id} write");
        assert_eq!(of(&Method::POST, "/api/v1/users/00u1/lifecycle/suspend"), "users/{id} write");
        assert_eq!(get("/api/v1/users/00u1/factors"), "users/{id}/*");
        assert_eq!(get("/api/v1/groups/rules"), "groups/rules");
        assert_eq!(get("/api/v1/groups/00g1/users?limit=1000"), "groups");
        assert_eq!(get("/api/v1/groups/00g1"), "groups/{id}");
        assert_eq!(get("/api/v1/logs"), "logs");
        assert_eq!(get("/api/v1/iam/resource-sets/x/resources"), "iam");
        assert_eq!(get("/oauth2/v1/clients/0oa1/roles"), "oauth2/clients");
        assert_eq!(get("/.well-known/okta-organization"), "well-known");
        assert_eq!(get("/api/v1/something-new"), "other");
        assert_eq!(get("/"), "other");
    }
}
