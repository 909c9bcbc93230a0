//! What went wrong, in the words of the person who reads it: what happened, why, what to do.

use serde::Serialize;
use thiserror::Error;

/// The class of a problem: callers branch on it, exit codes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The domain can't be read as an Okta address.
    Domain,
    /// The host answers, but not as an Okta org.
    NotOkta,
    /// The name leads to an address that Transom does not call.
    AddressRefused,
    /// A custom domain whose Okta address is unknown or does not agree.
    CustomDomain,
    /// Okta does not take the token.
    TokenRejected,
    /// The token works and shows nothing: its owner has no admin role.
    NoRoles,
    /// A permission is missing.
    MissingPermission,
    /// The org's licence lacks the feature.
    NotLicensed,
    /// Okta's limit is used up and stays so.
    RateLimited,
    /// The network, a proxy or TLS stands between.
    Network,
    /// Okta answered something that can't be read.
    Unreadable,
    /// Another process works on the org.
    Busy,
    /// The connection's state does not allow it.
    State,
    /// What was named does not exist here, or exists already.
    Name,
    /// An SQL query that can't be answered.
    Query,
    /// The database refuses.
    Database,
    /// The master key is missing or wrong.
    MasterKey,
    /// A fault of ours.
    Internal,
}

impl Class {
    /// The process exit code of DESIGN §6.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Domain | Self::State | Self::Name | Self::Query => 2,
            Self::NotOkta
            | Self::AddressRefused
            | Self::CustomDomain
            | Self::TokenRejected
            | Self::NoRoles
            | Self::MissingPermission
            | Self::NotLicensed
            | Self::RateLimited
            | Self::Network => 3,
            Self::Unreadable | Self::Busy | Self::Database | Self::MasterKey | Self::Internal => 4,
        }
    }
}

/// A problem told in three parts.
#[derive(Debug, Clone, Error, Serialize)]
#[error("{what} {why}")]
pub struct Problem {
    /// Its class.
    pub class: Class,
    /// What happened: a short sentence.
    pub what: String,
    /// Why: what was sent and answered, what it means.
    pub why: String,
    /// What to do about it.
    pub todo: String,
    /// Okta's request id, for a support case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of `class` in three parts.
    pub fn new(
        class: Class,
        what: impl Into<String>,
        why: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self { class, what: what.into(), why: why.into(), todo: todo.into(), request_id: None }
    }
}

impl From<okta_client::Error> for Problem {
    fn from(error: okta_client::Error) -> Self {
        from_okta(&error)
    }
}

/// Puts an answer of Okta, or the lack of one, into words.
pub fn from_okta(error: &okta_client::Error) -> Problem {
    use okta_client::Error as E;
    let api = error.api();
    let said = api.map_or_else(
        || error.to_string(),
        |e| format!("{} {} answered {}{}", e.method, e.route, e.status, said(e)),
    );
    let (class, what, why, todo) = match error {
        E::TokenRejected(_) => (
            Class::TokenRejected,
            "Token rejected.",
            format!(
                "{said}. The token is wrong, was revoked, lapsed after 30 days without use, its owner was \
                 deactivated, or it may not be used from this network."
            ),
            "Sign in to Okta as the service user, create a new token under Security > API > Tokens, and give it to \
             `transom org rotate`."
                .to_string(),
        ),
        E::NotLicensed(_) => (
            Class::NotLicensed,
            "Not licensed.",
            format!("{said}. The org does not include this feature; the token is fine."),
            "Nothing, unless your Okta contract includes the feature: then ask Okta support to switch it on."
                .to_string(),
        ),
        E::MissingPermission(_) => (
            Class::MissingPermission,
            "Missing permission.",
            format!("{said}. The token's owner has no role that allows this call."),
            "Give the owner the role that the coverage table names, then run `transom org verify`.".to_string(),
        ),
        E::RateLimited(_) | E::ConcurrencyLimited(_) => (
            Class::RateLimited,
            "Okta's limit stays used up.",
            format!("{said}. Something else in the org uses the same limit."),
            "Try again in a few minutes, or lower this connection's share of the limit.".to_string(),
        ),
        E::AddressRefused { .. } => (
            Class::AddressRefused,
            "Address refused.",
            format!("{error}."),
            "Check the domain for a typing error. If your network can reach Okta only through a proxy, set \
             HTTPS_PROXY or --proxy."
                .to_string(),
        ),
        E::NotOkta { .. } => (
            Class::NotOkta,
            "Not an Okta org.",
            format!("{error}"),
            "Check the domain: it is the address at which people sign in, such as acme.okta.com.".to_string(),
        ),
        E::OktaHostUnknown { .. } | E::OrgMismatch { .. } => (
            Class::CustomDomain,
            "The custom domain can't be traced to its Okta org.",
            format!("{error}"),
            "Give the org's own Okta address as well: --okta-host acme.okta.com. It stands in the Admin Console \
             under the account menu."
                .to_string(),
        ),
        E::Domain(e) => (Class::Domain, "This is not an Okta domain.", e.to_string(), String::new()),
        E::Setting { .. } => (Class::Name, "A setting can't work.", error.to_string(), String::new()),
        E::Redirected { .. } => (Class::NotOkta, "The host sends us elsewhere.", error.to_string(), String::new()),
        E::Transport { .. } => (
            Class::Network,
            "Okta can't be reached.",
            format!("{error}"),
            "Check the network, the proxy settings and, where traffic is inspected, --ca-file.".to_string(),
        ),
        E::Decode { .. } => (
            Class::Unreadable,
            "Okta's answer can't be read.",
            format!("{error}"),
            "Try again; if it stays, report it with the request id.".to_string(),
        ),
        _ => (
            Class::Unreadable,
            "Okta refused the call.",
            said,
            "Try again; if it stays, report it with the request id.".to_string(),
        ),
    };
    let request_id = api.and_then(|e| e.request_id.clone());
    Problem { class, what: what.to_string(), why, todo, request_id }
}

/// Okta's own words, where it had some.
fn said(e: &okta_client::ApiError) -> String {
    let code = e.code.as_deref().map(|c| format!(" ({c})")).unwrap_or_default();
    let causes = if e.causes.is_empty() { String::new() } else { format!(" ({})", e.causes.join("; ")) };
    format!("{code}: {}{causes}", e.summary.trim_end_matches('.'))
}

impl From<transom_store::Error> for Problem {
    fn from(error: transom_store::Error) -> Self {
        use transom_store::Error as E;
        let class = match &error {
            E::LeaseHeld { .. } | E::LeaseLost | E::Busy { .. } => Class::Busy,
            E::WrongMasterKey { .. } | E::MasterKeyMissing { .. } => Class::MasterKey,
            E::NotFound { .. } | E::LabelTaken { .. } => Class::Name,
            E::Sql(_) => Class::Query,
            _ => Class::Database,
        };
        // The store's messages open with what happened and go on with why and what to do.
        let text = error.to_string();
        let (what, rest) = text.split_once(". ").unwrap_or((text.trim_end_matches('.'), ""));
        Self::new(class, format!("{what}."), rest, "")
    }
}
