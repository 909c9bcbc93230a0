//! The OAuth scopes of Okta's API, and which of them a call needs.

use crate::permissions::Data;
use crate::routes::Route;

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

/// Below which name the scopes of a data set are [spec: the operations' security].
fn resource(data: Data) -> Option<&'static str> {
    Some(match data {
        Data::Org | Data::OrgSettings | Data::SupportAccess | Data::WriteOrgSettings => "orgs",
        Data::Lockout | Data::AuthenticatorSettings => "orgs",
        Data::Users | Data::UserGroups | Data::UserApps | Data::Factors | Data::LinkedUsers => "users",
        Data::UserGrants | Data::WriteUsers | Data::WriteLifecycle | Data::WriteFactors => "users",
        Data::WriteSessions => "users",
        Data::Groups | Data::GroupMembers | Data::GroupApps | Data::GroupRules | Data::GroupOwners => {
            "groups"
        }
        Data::WriteGroups | Data::WriteMembership => "groups",
        Data::Apps | Data::AppUsers | Data::AppGroups | Data::AppFeatures | Data::AppKeys => "apps",
        Data::AppSecrets | Data::AppTokens | Data::GroupPush => "apps",
        Data::WriteAssignment | Data::WriteApps => "apps",
        Data::AppGrants | Data::WriteAppGrants => "appGrants",
        Data::UserRoles | Data::GroupRoles | Data::ClientRoles | Data::AdminRoles => "roles",
        Data::StandardRoles | Data::ResourceSets | Data::Assignees | Data::WriteRoles => "roles",
        Data::Mappings => "profileMappings",
        Data::ApiServices => "oauthIntegrations",
        Data::PrincipalRateLimits => "principalRateLimits",
        Data::AuthServers => "authorizationServers",
        Data::Policies => "policies",
        Data::ApiTokens | Data::WriteTokens => "apiTokens",
        Data::Zones => "networkZones",
        Data::Authenticators => "authenticators",
        Data::Idps => "idps",
        Data::Behaviors => "behaviors",
        Data::ThreatInsight => "threatInsights",
        Data::TrustedOrigins => "trustedOrigins",
        Data::SecurityEvents => "securityEventsProviders",
        Data::Captchas => "captchas",
        Data::UserTypes => "userTypes",
        Data::Schemas => "schemas",
        Data::LinkedObjects => "linkedObjects",
        Data::Realms => "realms",
        Data::RealmAssignments => "realmAssignments",
        Data::Devices => "devices",
        Data::DeviceAssurances => "deviceAssurance",
        Data::Logs => "logs",
        Data::EventHooks => "eventHooks",
        Data::InlineHooks => "inlineHooks",
        Data::LogStreams => "logStreams",
        Data::AgentPools => "agentPools",
        Data::Brands => "brands",
        Data::Domains => "domains",
        Data::Features => "features",
        Data::RateLimits => "rateLimits",
        Data::OwnToken => return None,
    })
}

/// The scopes that a route takes, all of them; none for one that takes an API token.
pub fn required(name: &str, data: Data) -> Vec<String> {
    let verb = if name.starts_with("GET ") { "read" } else { "manage" };
    let names: &[&str] = match (data, resource(data)) {
        (_, None) => &[],
        // [spec] group push belongs to both.
        (Data::GroupPush, _) => &["apps", "groups"],
        (Data::Domains, _) if name.contains("/email-domains") => &["emailDomains"],
        (_, Some(name)) => &[name],
    };
    names.iter().map(|name| format!("okta.{name}.{verb}")).collect()
}

/// Of the scopes that a route takes the first that is not held; who may manage may read [docs scopes].
pub(crate) fn missing(route: &Route, data: Data, held: &[String]) -> Option<String> {
    let has = |scope: &String| held.iter().any(|h| h == scope || *h == scope.replace(".read", ".manage"));
    required(route.name, data).into_iter().find(|scope| !has(scope))
}
