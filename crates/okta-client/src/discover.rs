//! Is there an Okta org, and which? Asked before any credential leaves.
//!
//! An org says who it is at `/.well-known/okta-organization`, to anyone [spec]. Below an Okta suffix only Okta can
//! answer. At a custom domain anyone could serve a copy of a real org's metadata, so the answer there is only a hint
//! at the org's Okta host name, which is then asked itself, must be the same org, and is the only host called from
//! then on.

use std::fmt;

use reqwest::Method;
use serde_json::Value;

use crate::{Client, DomainKind, Error, HttpOptions, OrgDomain, Origin, RetrySettings};

const METADATA: &str = "/.well-known/okta-organization";

/// An Okta org that answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    /// The one origin to call: below an Okta suffix, or a simulator.
    pub origin: Origin,
    /// The org's id, `00o…`.
    pub org_id: String,
    /// Which engine it runs on.
    pub pipeline: Pipeline,
    /// The custom domain that was asked for, or that the org names as its own (`_links.alternate`).
    pub custom_domain: Option<String>,
    /// The cell it lives in, such as `op3`.
    pub cell: Option<String>,
    /// The metadata as sent.
    pub raw: Value,
}

/// Which engine an org runs on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pipeline {
    /// `idx`: Okta Identity Engine.
    IdentityEngine,
    /// `v1`: Okta Classic.
    Classic,
    /// Another one.
    Other(String),
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdentityEngine => "Identity Engine",
            Self::Classic => "Classic",
            Self::Other(text) => text,
        })
    }
}

/// Finds the org behind a domain. For a custom domain, `okta_host` is the org's Okta name as the person knows it,
/// needed where the metadata does not tell it.
///
/// Behind a proxy the proxy looks names up, so the address filter cannot see where a custom domain leads; what is
/// sent there is the same either way: this one request, without a credential.
///
/// # Errors
/// [`Error::NotOkta`], [`Error::OktaHostUnknown`], [`Error::OrgMismatch`], and whatever a call can fail with.
pub async fn discover(
    domain: &OrgDomain,
    http: &HttpOptions,
    okta_host: Option<&OrgDomain>,
) -> Result<Discovered, Error> {
    if domain.kind() == DomainKind::OktaSuffix {
        return discover_at(Origin::of(domain), http).await;
    }
    let claim = discover_at(Origin::of(domain), http).await?;
    let unknown =
        |why: &str| Error::OktaHostUnknown { domain: domain.host().to_owned(), why: why.to_owned() };
    let okta_host = match okta_host {
        Some(given) if given.kind() == DomainKind::OktaSuffix => given.clone(),
        Some(_) => return Err(unknown("the other name given is a custom domain too")),
        None => {
            let href = claim.raw.pointer("/_links/organization/href").and_then(Value::as_str);
            let href = href.ok_or_else(|| unknown("its metadata does not name the org's Okta host"))?;
            OrgDomain::parse(href)
                .ok()
                .filter(|host| host.kind() == DomainKind::OktaSuffix)
                .ok_or_else(|| unknown("its metadata names a host that is not one of Okta's"))?
        }
    };
    let actual = discover_at(Origin::of(&okta_host), http).await?;
    if actual.org_id != claim.org_id {
        return Err(Error::OrgMismatch {
            domain: domain.host().to_owned(),
            claimed: claim.org_id,
            okta_host: okta_host.host().to_owned(),
            actual: actual.org_id,
        });
    }
    Ok(Discovered { custom_domain: Some(domain.host().to_owned()), ..actual })
}

/// Asks one origin who it is. Sends no credential.
///
/// # Errors
/// [`Error::NotOkta`] when the answer is not an org's metadata, and whatever a call can fail with.
pub async fn discover_at(origin: Origin, http: &HttpOptions) -> Result<Discovered, Error> {
    let retry = RetrySettings { max_attempts: 3, ..RetrySettings::default() };
    let client = Client::builder(origin.clone()).http(http.clone()).retry(retry).build()?;
    let not_okta = |found: String| Error::NotOkta { host: origin.host(), found };
    let raw = match client.request(Method::GET, METADATA, &[], None).await {
        Ok(answer) => answer.body,
        // A wrong subdomain answers with an HTML page, typically 404 [docs, SDK issues].
        Err(Error::Decode { .. }) => return Err(not_okta("something that is not JSON".to_owned())),
        Err(Error::Redirected { status, location, .. }) => {
            let to = location.map(|host| format!(" to {host}")).unwrap_or_default();
            return Err(not_okta(format!("{status}, a redirect{to}")));
        }
        Err(e) => match e.api() {
            Some(api) if !e.is_transient() => {
                return Err(not_okta(format!("{} with {}", api.status, api.summary)));
            }
            _ => return Err(e),
        },
    };
    let text = |pointer: &str| raw.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty());
    let (Some(org_id), Some(pipeline)) = (text("/id"), text("/pipeline")) else {
        return Err(not_okta("JSON without id and pipeline".to_owned()));
    };
    let alternate = text("/_links/alternate/href").and_then(|href| OrgDomain::parse(href).ok());
    Ok(Discovered {
        org_id: org_id.to_owned(),
        pipeline: match pipeline {
            "idx" => Pipeline::IdentityEngine,
            "v1" => Pipeline::Classic,
            other => Pipeline::Other(other.to_owned()),
        },
        custom_domain: alternate.filter(|d| d.kind() == DomainKind::Custom).map(|d| d.host().to_owned()),
        cell: text("/cell").map(str::to_owned),
        origin,
        raw,
    })
}
