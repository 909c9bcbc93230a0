//! The OAuth scopes of Okta's API, and which of them a call needs.

/// What there is an `okta.….read` and an `okta.….manage` for [spec: the security scheme's scopes].
const RESOURCES: &[&str] = &[
    "agentPools",
    "apiTokens",
    "appGrants",
    "apps",
    "apps.interclientTrust",
    "authenticators",
    "authorizationServers",
    "behaviors",
    "botProtection",
    "brands",
    "captchas",
    "customTelephonyProvider",
    "deviceAssurance",
    "deviceIntegrations",
    "devicePostureChecks",
    "devices",
    "directories.groups",
    "domains",
    "dr",
    "emailDomains",
    "emailServers",
    "eventHooks",
    "features",
    "groups",
    "identitySources",
    "idps",
    "inlineHooks",
    "linkedObjects",
    "logStreams",
    "networkZones",
    "oauthIntegrations",
    "orgs",
    "personal.adminSettings",
    "policies",
    "principalRateLimits",
    "profileMappings",
    "pushProviders",
    "rateLimits",
    "realmAssignments",
    "realms",
    "roles",
    "schemas",
    "securityEventsProviders",
    "serviceAccounts",
    "serviceAccounts.okta",
    "sessions",
    "templates",
    "threatInsights",
    "trustedOrigins",
    "uischemas",
    "userRisk",
    "userTypes",
    "users",
];

/// Scopes beside those.
const OTHERS: &[&str] =
    &["okta.logs.read", "okta.users.read.self", "okta.users.manage.self", "ssf.read", "ssf.manage"];

/// Every scope, e.g. `okta.users.read`.
pub fn all() -> impl Iterator<Item = String> {
    let pairs =
        RESOURCES.iter().flat_map(|name| ["manage", "read"].map(|verb| format!("okta.{name}.{verb}")));
    pairs.chain(OTHERS.iter().map(|name| (*name).to_owned()))
}

/// Whether Okta has a scope of this name.
pub fn exists(scope: &str) -> bool {
    OTHERS.contains(&scope)
        || scope
            .strip_prefix("okta.")
            .and_then(|rest| rest.rsplit_once('.'))
            .is_some_and(|(name, verb)| matches!(verb, "read" | "manage") && RESOURCES.contains(&name))
}
