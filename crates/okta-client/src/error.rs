//! What can go wrong, in the terms callers branch on.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use crate::domain::DomainError;
use crate::page::CursorError;

/// Why a call failed. Messages say what happened, what was expected and what to do; none holds a secret or a query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 401 (other than "not licensed") or 403 `E0000005`: the credential is wrong, revoked, expired, or its owner
    /// was deactivated. No call with it will work.
    #[error(
        "Okta rejected the credential: {0}. It is wrong, revoked or expired, or its owner was deactivated. \
         Create a new API token in the Admin Console under Security > API > Tokens and store that one"
    )]
    TokenRejected(Box<ApiError>),
    /// The org does not take the service app: `invalid_client` when it asks for an access token, or a second 401 with a new
    /// one. The client id or the key is wrong, the key is not the app's any more, or the app is switched off.
    #[error(
        "Okta does not take the service app: {0}. Check the client id, that this key is one of the app's active keys, and that \
         the app is active; and this machine's clock"
    )]
    ClientRejected(Box<ApiError>),
    /// `consent_required` or `invalid_scope`: none of the scopes asked for was granted to the service app, or the org does not
    /// know them.
    #[error(
        "the service app gets no scope: {0}. Grant it scopes in the Admin Console under Applications > (the app) > Okta API \
         Scopes"
    )]
    ScopesRefused(Box<ApiError>),
    /// `invalid_dpop_proof` or `use_dpop_nonce`, still so after every attempt: something between changes the proof, or the
    /// clocks are apart.
    #[error(
        "Okta does not accept the proof of possession: {0}. Check this machine's clock, and whether a proxy changes headers"
    )]
    ProofRefused(Box<ApiError>),
    /// 401 `E0000015`: the org does not have this product or feature. The credential is fine [rec].
    #[error("the org does not have this feature: {0}. The credential is fine; leave this resource out")]
    NotLicensed(Box<ApiError>),
    /// 403 `E0000006`, or OAuth `insufficient_scope`: the credential's roles or scopes do not allow this call.
    #[error(
        "the credential may not do this: {0}. Give its owner a role with the permission for {route}, \
         or leave this resource out",
        route = .0.route
    )]
    MissingPermission(Box<ApiError>),
    /// 404: no such object, or one this credential cannot see.
    #[error("not found: {0}. It was deleted, never existed, or is hidden from this credential")]
    NotFound(Box<ApiError>),
    /// 429 with a limit above 0, still so after every attempt.
    #[error("the rate limit stayed spent through every attempt: {0}. Lower this client's share or try later")]
    RateLimited(Box<ApiError>),
    /// 429 with a limit of 0 (too many requests at once in the org), still so after every attempt.
    #[error(
        "the org stayed at its concurrency limit through every attempt: {0}. Try later with fewer in flight"
    )]
    ConcurrencyLimited(Box<ApiError>),
    /// 400 `E0000029`/`E0000031` "Invalid cursor." [rec]: start this listing again from its first page.
    #[error("Okta no longer accepts the page cursor: {0}. Start the listing again from its first page")]
    InvalidCursor(Box<ApiError>),
    /// Any other answer that is not a success.
    #[error("Okta refused: {0}")]
    Api(Box<ApiError>),
    /// No answer, or not all of it.
    #[error("no complete answer from {host} ({kind}): {detail}. {advice}", advice = .kind.advice())]
    Transport {
        /// What failed.
        kind: TransportKind,
        /// The host that was called.
        host: String,
        /// The innermost cause, in the words of the library that saw it.
        detail: String,
    },
    /// The name leads only to addresses that are not on the public internet.
    #[error(
        "refused to connect to {host}: it leads to {list}, which is not on the public internet. \
         Okta orgs are; check the domain, and this machine's DNS and hosts file",
        list = Addresses(.addresses)
    )]
    AddressRefused {
        /// The name that was looked up.
        host: String,
        /// Every address found.
        addresses: Vec<IpAddr>,
    },
    /// Okta's API does not redirect; following one would take the credential elsewhere.
    #[error(
        "{host} answered {status}, a redirect{to}, which is not followed. The Okta API does not redirect; \
         check the domain, and whether a proxy or sign-in page answers in its place",
        to = Target(.location)
    )]
    Redirected {
        /// The host that was called.
        host: String,
        /// The status, 300–399.
        status: u16,
        /// The host it points to.
        location: Option<String>,
    },
    /// The host answers, but not as an Okta org does.
    #[error(
        "{host} is not an Okta org: /.well-known/okta-organization answered {found}, expected JSON with the \
         org's id and pipeline. Check the spelling; the Admin Console shows the name as acme-admin.okta.com"
    )]
    NotOkta {
        /// The host that was called.
        host: String,
        /// What it answered.
        found: String,
    },
    /// A custom domain whose metadata does not lead to its Okta host name.
    #[error(
        "{domain} is a custom domain, and {why}. Credentials are sent only to the org's Okta host name: \
         give that too (such as acme.okta.com; the Admin Console's address shows it)"
    )]
    OktaHostUnknown {
        /// The custom domain.
        domain: String,
        /// Why the name is not known.
        why: String,
    },
    /// A custom domain that shows another org than the Okta host name does.
    #[error(
        "{domain} shows org {claimed}, but {okta_host} is org {actual}. Either the names belong to different orgs, \
         or {domain} imitates one. Check both names; nothing secret was sent"
    )]
    OrgMismatch {
        /// The custom domain.
        domain: String,
        /// The org id it shows.
        claimed: String,
        /// The Okta host name.
        okta_host: String,
        /// The org id that host shows.
        actual: String,
    },
    /// An answer that is not what the call promises.
    #[error(
        "cannot read the answer to {route} at {path}: {detail}. Okta's format may have changed, or a proxy answered"
    )]
    Decode {
        /// Route template or path.
        route: String,
        /// Where in the document, `$` being its root.
        path: String,
        /// What was expected and found.
        detail: String,
    },
    /// A `next` link that cannot be followed.
    #[error(
        "the next link of {route} cannot be followed: {reason}. The listing is incomplete; start it again"
    )]
    BadNext {
        /// Route template.
        route: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A cursor that is not one, or belongs to another listing.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A domain that cannot be an Okta org's.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// A setting that cannot work.
    #[error("{setting}: {problem}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong, what was expected, what to do.
        problem: String,
    },
}

/// What failed below HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No answer in time.
    Timeout,
    /// No connection: name not found, refused, unreachable.
    Connect,
    /// The certificate or the handshake was not acceptable.
    Tls,
    /// The proxy did not answer, or refused the tunnel.
    Proxy,
    /// The answer broke off or could not be decompressed.
    Body,
    /// Anything else.
    Other,
}

impl TransportKind {
    fn advice(self) -> &'static str {
        match self {
            Self::Timeout => "Okta or the network is slow; it was tried again as far as is safe",
            Self::Connect => "Check the domain's spelling, this machine's DNS, and whether a proxy is needed",
            Self::Tls => {
                "If a proxy on your network inspects TLS, add its certificate authority as CA file; \
                 otherwise do not trust this connection"
            }
            Self::Proxy => {
                "Check the proxy's address, its credentials, and that it allows CONNECT to port 443"
            }
            Self::Body => "The connection broke; it was tried again as far as is safe",
            Self::Other => "Try again; if it persists, report it with this message",
        }
    }
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Proxy => "proxy",
            Self::Body => "body",
            Self::Other => "transport",
        })
    }
}

/// An answer of Okta that is not a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `errorCode` such as `E0000007` (the one stable part [docs]), or OAuth's `error`.
    pub code: Option<String>,
    /// `errorSummary` or `error_description`; for bodies that are neither, what kind of body it was.
    pub summary: String,
    /// `errorCauses[].errorSummary`.
    pub causes: Vec<String>,
    /// `x-okta-request-id`.
    pub request_id: Option<String>,
    /// `errorId`, Okta's own reference.
    pub error_id: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Route template, or path without query.
    pub route: String,
    /// The scope that the access token lacks for this call, where that is why.
    pub scope: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} answered {}", self.method, self.route, self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if !self.summary.is_empty() {
            write!(f, " “{}”", self.summary.trim_end_matches('.'))?;
        }
        if !self.causes.is_empty() {
            write!(f, " ({})", self.causes.join("; "))?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

/// What is known of a failed answer besides its body.
pub(crate) struct Failed<'a> {
    pub method: &'a str,
    pub route: &'a str,
    pub status: u16,
    pub request_id: Option<String>,
    pub content_type: Option<&'a str>,
    /// 429 with `x-rate-limit-limit: 0` [docs].
    pub concurrency: bool,
    /// The scope that `www-authenticate` names as missing.
    pub scope: Option<String>,
}

impl Error {
    /// Reads an answer that is not a success. `body` is `None` when it is empty or not JSON.
    pub(crate) fn from_answer(failed: Failed<'_>, body: Option<&Value>) -> Self {
        let text = |name: &str| {
            let found = body.and_then(|b| b.get(name)).and_then(Value::as_str);
            found.filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let code = text("errorCode").or_else(|| text("error"));
        let summary = text("errorSummary")
            .or_else(|| text("error_description"))
            .or_else(|| text("message"))
            .unwrap_or_else(|| match (body, failed.content_type) {
                (None, Some(kind)) => format!("a body of type {kind}"),
                (None, None) => "an empty body".to_owned(),
                (Some(_), _) => "JSON without an error code".to_owned(),
            });
        let causes = body.and_then(|b| b.get("errorCauses")).and_then(Value::as_array);
        let causes = causes.into_iter().flatten();
        let api = Box::new(ApiError {
            status: failed.status,
            code,
            summary: one_line(&summary),
            causes: causes.filter_map(|c| c.get("errorSummary")?.as_str().map(one_line)).collect(),
            request_id: failed.request_id,
            error_id: text("errorId"),
            method: failed.method.to_owned(),
            route: failed.route.to_owned(),
            scope: failed.scope,
        });
        classify(api, failed.concurrency)
    }

    /// What Okta said, where it said something.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::TokenRejected(e)
            | Self::ClientRejected(e)
            | Self::ScopesRefused(e)
            | Self::ProofRefused(e)
            | Self::NotLicensed(e)
            | Self::MissingPermission(e)
            | Self::NotFound(e)
            | Self::RateLimited(e)
            | Self::ConcurrencyLimited(e)
            | Self::InvalidCursor(e)
            | Self::Api(e) => Some(e),
            _ => None,
        }
    }

    /// Whether the same call may work later without anyone changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited(_) | Self::ConcurrencyLimited(_) => true,
            // 423 E0000239: policy priorities are being reconciled, 409 E0000112: user still being activated.
            Self::Api(e) => {
                matches!(e.status, 500 | 502..=504 | 423) || e.code.as_deref() == Some("E0000112")
            }
            Self::Transport { kind, .. } => !matches!(kind, TransportKind::Tls),
            _ => false,
        }
    }
}

/// The decision table of 401/403/404/429 and bad cursors [rec][docs].
fn classify(api: Box<ApiError>, concurrency: bool) -> Error {
    let code = api.code.as_deref().unwrap_or_default();
    match (api.status, code) {
        // OAuth's own words come from the token endpoint alone [rec][docs].
        (400 | 401, "invalid_client" | "unauthorized_client") => Error::ClientRejected(api),
        (400 | 401 | 403, "invalid_scope" | "consent_required") => Error::ScopesRefused(api),
        (400 | 401, "invalid_dpop_proof" | "use_dpop_nonce") => Error::ProofRefused(api),
        // The trap: a 401 that says nothing about the credential.
        (401, "E0000015") => Error::NotLicensed(api),
        (401, "insufficient_scope") | (403, "E0000006" | "insufficient_scope" | "access_denied") => {
            Error::MissingPermission(api)
        }
        // E0000005: no usable Authorization header or session.
        (401, _) | (403, "E0000005") => Error::TokenRejected(api),
        (404, _) => Error::NotFound(api),
        (429, _) if concurrency => Error::ConcurrencyLimited(api),
        (429, _) => Error::RateLimited(api),
        (400, "E0000029" | "E0000031") if api.causes.iter().any(|c| c.starts_with("Invalid cursor")) => {
            Error::InvalidCursor(api)
        }
        _ => Error::Api(api),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

struct Addresses<'a>(&'a [IpAddr]);

impl fmt::Display for Addresses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&if all.is_empty() { "no address".to_owned() } else { all.join(", ") })
    }
}

struct Target<'a>(&'a Option<String>);

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(host) => write!(f, " to {host}"),
            None => Ok(()),
        }
    }
}
