//! The parts of an org by which long lists of data sets are told in short.

/// A part of an org that people think of as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// People, and what their profiles are made of.
    Users,
    /// Groups and their rules.
    Groups,
    /// Apps, who has them, and what they may do.
    Apps,
    /// Who may change the org.
    Administrators,
    /// How people sign in, and under which conditions.
    SignIn,
    /// Authorization servers.
    ApiAccess,
    /// What people sign in from.
    Devices,
    /// What joins the org with other systems.
    Integrations,
    /// Under which names and signs the org appears.
    Branding,
    /// The org's own settings.
    Settings,
}

impl Area {
    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::Apps => "Apps",
            Self::Administrators => "Administrators",
            Self::SignIn => "Sign-in",
            Self::ApiAccess => "API access",
            Self::Devices => "Devices",
            Self::Integrations => "Integrations",
            Self::Branding => "Branding",
            Self::Settings => "Org",
        }
    }

    /// The area of what a scope of Okta's is about: `okta.users.read`, `okta.groups.read`. `None` for one that none of
    /// the declarations names.
    pub(crate) fn of_scope(scope: &str) -> Option<Self> {
        Some(match scope.strip_prefix("okta.")?.strip_suffix(".read")? {
            "users" | "userTypes" | "schemas" | "linkedObjects" | "realms" | "realmAssignments" => {
                Self::Users
            }
            "groups" => Self::Groups,
            "apps" | "appGrants" | "profileMappings" | "oauthIntegrations" => Self::Apps,
            "roles" | "apiTokens" => Self::Administrators,
            "policies"
            | "authenticators"
            | "idps"
            | "networkZones"
            | "behaviors"
            | "threatInsights"
            | "captchas"
            | "trustedOrigins"
            | "securityEventsProviders" => Self::SignIn,
            "authorizationServers" => Self::ApiAccess,
            "devices" | "deviceAssurance" => Self::Devices,
            "inlineHooks" | "eventHooks" | "logStreams" | "agentPools" => Self::Integrations,
            "domains" | "emailDomains" | "brands" => Self::Branding,
            "orgs" | "features" | "rateLimits" | "principalRateLimits" => Self::Settings,
            _ => return None,
        })
    }
}
