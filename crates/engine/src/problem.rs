//! What went wrong, in the words of the person who reads it: what happened, why, what to do.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::connection::Loss;

/// The class of a problem: callers branch on it, exit codes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// What was given as a token or a private key can't be one.
    NoToken,
    /// Okta does not take the token, or the service app.
    TokenRejected,
    /// The credential works and shows nothing: its owner has no admin role, or the service app no scope.
    NoRoles,
    /// A new credential reads less than the one that it is to replace, or it isn't known whether it does.
    ReadsLess,
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
            Self::Domain | Self::NoToken | Self::MasterKey | Self::State | Self::Name | Self::Query => 2,
            Self::NotOkta
            | Self::AddressRefused
            | Self::CustomDomain
            | Self::TokenRejected
            | Self::NoRoles
            | Self::ReadsLess
            | Self::MissingPermission
            | Self::NotLicensed
            | Self::RateLimited
            | Self::Busy
            | Self::Network => 3,
            Self::Unreadable | Self::Database | Self::Internal => 4,
        }
    }
}

/// A problem told in three parts.
#[derive(Debug, Clone, PartialEq, Error, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What a new credential reads less of, where that is the problem.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub losses: Box<[Loss]>,
}

impl Problem {
    /// A problem of `class` in three parts.
    pub fn new(
        class: Class,
        what: impl Into<String>,
        why: impl Into<String>,
        todo: impl Into<String>,
    ) -> Self {
        Self {
            class,
            what: what.into(),
            why: why.into(),
            todo: todo.into(),
            request_id: None,
            losses: Box::default(),
        }
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
            "Sign in to Okta as the service user and create a new token under Security > API > Tokens. Connect with \
             that one, or, where the connection exists, give it to `transom org rotate`."
                .to_string(),
        ),
        E::ClientRejected(_) => (
            Class::TokenRejected,
            "Service app rejected.",
            format!(
                "{said}. The client id or the key is wrong, the key is no longer one of the app's active keys, or the app is \
                 switched off."
            ),
            "Look at the app in the Admin Console under Applications: its client id, its public keys, its status. Give the \
             key that belongs to it by `transom org connect`, or, where the connection exists, `transom org rotate`. Check \
             this machine's clock as well."
                .to_string(),
        ),
        E::ScopesRefused(_) => (
            Class::NoRoles,
            "The service app has no scope.",
            format!("{said}. None of the scopes that reading takes was granted to it."),
            "Grant it the scopes in the Admin Console under Applications > (the app) > Okta API Scopes, then try again."
                .to_string(),
        ),
        E::ProofRefused(_) => (
            Class::TokenRejected,
            "Okta refuses the proof of possession.",
            format!("{said}. The proof is signed anew for each call and good for some minutes."),
            "Check this machine's clock, and whether a proxy changes or drops the header DPoP.".to_string(),
        ),
        E::NotLicensed(_) => (
            Class::NotLicensed,
            "Not licensed.",
            format!("{said}. The org does not include this feature; the credential is fine."),
            "Nothing, unless your Okta contract includes the feature: then ask Okta support to switch it on."
                .to_string(),
        ),
        E::MissingPermission(e) => match &e.scope {
            Some(scope) => (
                Class::MissingPermission,
                "Missing scope.",
                format!("{said}. The service app has no scope {scope}."),
                "Grant it in the Admin Console under Applications > (the app) > Okta API Scopes, then run `transom org verify`."
                    .to_string(),
            ),
            None => (
                Class::MissingPermission,
                "Missing permission.",
                format!("{said}. The token's owner, or the service app, has no role that allows this call."),
                "Give it the role that the coverage table names, then run `transom org verify`.".to_string(),
            ),
        },
        E::RateLimited(_) | E::ConcurrencyLimited(_) => (
            Class::RateLimited,
            "Okta's limit stays used up.",
            format!("{said}. Something else in the org uses the same limit."),
            "Try again in a few minutes, or lower this connection's share of the limit.".to_string(),
        ),
        E::AddressRefused { host, addresses } => {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            (
                Class::AddressRefused,
                "Address refused.",
                format!("{host} leads to {}, which is not on the public internet; Okta orgs are.", list.join(", ")),
                "Check the domain for a typing error, and this machine's DNS and hosts file. If your network reaches \
                 Okta only through a proxy, set HTTPS_PROXY or --proxy."
                    .to_string(),
            )
        }
        E::NotOkta { host, found } => (
            Class::NotOkta,
            "Not an Okta org.",
            format!(
                "Asked for /.well-known/okta-organization, {host} answered {found}. An Okta org answers with JSON that \
                 holds its id. No secret was sent."
            ),
            "Check the spelling: the domain is the address at which people sign in, such as acme.okta.com.".to_string(),
        ),
        E::OktaHostUnknown { domain, why } => (
            Class::CustomDomain,
            "The custom domain can't be traced to its Okta org.",
            format!(
                "{domain} is a custom domain, and {why}. The credential is only ever sent to the org's own Okta address."
            ),
            "Give that address as well: --okta-host acme.okta.com. The Admin Console shows it in its own address, \
             acme-admin.okta.com."
                .to_string(),
        ),
        E::OrgMismatch { domain, claimed, okta_host, actual } => (
            Class::CustomDomain,
            "The two addresses belong to different orgs.",
            format!(
                "{domain} shows the org id {claimed}, {okta_host} shows {actual}. One of them is mistyped, or {domain} \
                 imitates the org. No secret was sent."
            ),
            "Check both names, or connect by the org's own Okta address alone: --domain acme.okta.com.".to_string(),
        ),
        E::Domain(e) => return domain(e),
        E::Setting { setting, problem } => {
            let what = format!("The {setting} can't be used.");
            return Problem::new(Class::Name, what, sentence(problem), "");
        }
        E::Redirected { host, status, location } => (
            Class::NotOkta,
            "The host sends us elsewhere.",
            format!(
                "{host} answered {status}, a redirect{}, which is not followed: Okta's API does not redirect.",
                location.as_deref().map(|to| format!(" to {to}")).unwrap_or_default()
            ),
            "Check the domain, and whether a proxy or a sign-in page of your network answers in Okta's place."
                .to_string(),
        ),
        E::Transport { kind, host, detail } => return unreached(*kind, host, detail),
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
    Problem { request_id, ..Problem::new(class, what, why, todo) }
}

/// Okta's own words, where it had some.
fn said(e: &okta_client::ApiError) -> String {
    let code = e.code.as_deref().map(|c| format!(" ({c})")).unwrap_or_default();
    let causes = if e.causes.is_empty() { String::new() } else { format!(" ({})", e.causes.join("; ")) };
    format!("{code}: {}{causes}", e.summary.trim_end_matches('.'))
}

/// A text that can't be a domain: what it says, what was expected, and what to do, each in its place.
fn domain(error: &okta_client::DomainError) -> Problem {
    let text = error.to_string();
    let mut parts = text.splitn(3, ". ");
    let (what, expected) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let why = format!("{} {}", sentence(what), sentence(expected));
    Problem::new(
        Class::Domain,
        "This is not an Okta domain.",
        why,
        sentence(parts.next().unwrap_or_default()),
    )
}

/// No answer, or not all of it.
fn unreached(kind: okta_client::TransportKind, host: &str, detail: &str) -> Problem {
    use okta_client::TransportKind as K;
    let detail = detail.trim_end_matches('.');
    let (what, todo) = match kind {
        K::Timeout => ("Okta did not answer in time.", "Okta or the network is slow; try again."),
        K::Connect => (
            "Okta can't be reached.",
            "Check the spelling of the domain, this machine's DNS, and whether a proxy is needed (HTTPS_PROXY or \
             --proxy).",
        ),
        K::Tls => (
            "The TLS connection can't be trusted.",
            "If your network inspects TLS, give its authority's certificate: --ca-file FILE. Otherwise somebody may \
             stand in between: do not go on.",
        ),
        K::Proxy => (
            "The proxy does not let us through.",
            "Check the proxy's address and credentials, that it allows CONNECT to port 443, and the spelling of the \
             domain: to a proxy, a name that does not exist looks the same.",
        ),
        _ => (
            "The connection to Okta broke.",
            "Try again; if it stays, look for what stands between: proxy, firewall.",
        ),
    };
    Problem::new(Class::Network, what, format!("{host}: {detail}."), todo)
}

/// With a capital at its start and a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut letters = text.chars();
    // A name such as acme.okta.com is written as it is.
    let name = text.split(' ').next().is_some_and(|word| word.contains('.'));
    match letters.next() {
        None => String::new(),
        Some(first) if name => format!("{first}{}.", letters.as_str()),
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
    }
}

impl From<transom_store::Error> for Problem {
    fn from(error: transom_store::Error) -> Self {
        use transom_store::Error as E;
        let class = match &error {
            E::LeaseHeld { holder, .. } => return crate::lease::busy(holder),
            E::NotFound { what: "org", wanted, have } => {
                let why = match have.as_slice() {
                    [] => "No org is connected yet.".to_string(),
                    have => format!("The connections are: {}.", have.join(", ")),
                };
                let todo = "Give one of these labels; `transom org list` shows them.";
                return Self::new(Class::Name, format!("No connection is called {wanted}."), why, todo);
            }
            E::Unreachable { location, why } if location.starts_with("sqlite:") => {
                let path = location.trim_start_matches("sqlite:");
                return Self::new(
                    Class::Database,
                    format!("{path} can't be opened."),
                    format!("The system says: {why}."),
                    "Check that you may read and write the file and its folder, or name another with --database or \
                     --data-dir.",
                );
            }
            E::Unreachable { .. } => Class::Network,
            E::LeaseLost | E::Busy { .. } => Class::Busy,
            E::WrongMasterKey { .. } | E::MasterKeyMissing { .. } | E::BadMasterKey { .. } => {
                Class::MasterKey
            }
            E::NotFound { .. } | E::LabelTaken { .. } | E::LoginTaken { .. } => Class::Name,
            E::LastOwner { .. } | E::OwnerOfSome | E::LinkSpent | E::Decided { .. } => Class::State,
            E::SecretMissing | E::IdentityTaken | E::OnlyWayIn => Class::State,
            E::Sql(_) | E::Mark(_) => Class::Query,
            _ => Class::Database,
        };
        // The store's messages open with what happened and go on with why and what to do.
        let text = error.to_string();
        let (what, rest) = text.split_once(". ").unwrap_or((text.trim_end_matches('.'), ""));
        Self::new(class, format!("{what}."), rest, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_and_end_and_names_stay() {
        assert_eq!(sentence("no domain was given"), "No domain was given.");
        assert_eq!(sentence("okta.com names no org."), "okta.com names no org.");
        assert_eq!(sentence(" "), "");
    }
}
