//! From a typed domain to whom it names: by the text alone, and by asking the host. No secret is sent.

use okta_client::{Discovered, DomainKind, HttpOptions, OrgDomain, Origin, discover, discover_at};

use super::Step;
use crate::{Class, Problem};

/// A domain as typed, read without asking anybody.
#[derive(Debug)]
pub struct Typed {
    origin: Origin,
    /// `None` for a simulator.
    domain: Option<OrgDomain>,
}

impl Typed {
    /// Reads a domain in any form; an address of this machine only where loopback is allowed.
    ///
    /// # Errors
    /// [`Class::Domain`] for a text that is none.
    pub fn read(text: &str, allow_loopback: bool) -> Result<Self, Problem> {
        if let Some(origin) = simulator(text, allow_loopback)? {
            return Ok(Self { origin, domain: None });
        }
        let domain = OrgDomain::parse(text).map_err(okta_client::Error::from)?;
        Ok(Self { origin: Origin::of(&domain), domain: Some(domain) })
    }

    /// The origin that is called first: of a custom domain not the one that a credential goes to.
    pub fn origin(&self) -> String {
        self.origin.to_string()
    }

    /// What was read differently from how it was typed, in sentences.
    pub fn notes(&self) -> Vec<String> {
        match &self.domain {
            Some(domain) => domain.notes().to_vec(),
            None => vec!["A simulator on this machine.".into()],
        }
    }

    /// Whether it is a custom domain, which is only asked which Okta org it belongs to.
    pub fn is_custom(&self) -> bool {
        self.domain.as_ref().is_some_and(|domain| domain.kind() == DomainKind::Custom)
    }
}

/// Who is at the typed domain? Sends no credential.
///
/// # Errors
/// A domain that is none, a host that does not answer or is no Okta org.
pub async fn find(
    domain: &str,
    okta_host: Option<&str>,
    http: &HttpOptions,
    allow_loopback: bool,
    step: &(dyn Fn(Step) + Sync),
) -> Result<Discovered, Problem> {
    let typed = Typed::read(domain, allow_loopback)?;
    let told = Step::Domain { origin: typed.origin(), notes: typed.notes() };
    let found = match typed.domain {
        None => {
            step(told);
            discover_at(typed.origin, http).await?
        }
        Some(domain) => {
            let host = okta_host.map(OrgDomain::parse).transpose();
            let host = host.map_err(okta_client::Error::from)?;
            step(told);
            discover(&domain, http, host.as_ref()).await?
        }
    };
    step(Step::Found {
        org_id: found.org_id.clone(),
        origin: found.origin.to_string(),
        pipeline: found.pipeline.to_string(),
    });
    Ok(found)
}

/// The org's own address from what was typed, without asking anybody: of a custom domain only `okta_host` tells it.
///
/// # Errors
/// [`Class::Domain`] for a domain that is none, [`Class::CustomDomain`] for a custom one alone.
pub fn address(domain: &str, okta_host: Option<&str>, allow_loopback: bool) -> Result<Origin, Problem> {
    let mut typed = Typed::read(domain, allow_loopback)?;
    if let Some(host) = okta_host
        && typed.domain.is_some()
    {
        let host = OrgDomain::parse(host).map_err(okta_client::Error::from)?;
        typed = Typed { origin: Origin::of(&host), domain: Some(host) };
    }
    match typed.domain {
        Some(domain) if domain.kind() == DomainKind::Custom => {
            let why = "nothing was asked of it here".to_owned();
            Err(okta_client::Error::OktaHostUnknown { domain: domain.to_string(), why }.into())
        }
        _ => Ok(typed.origin),
    }
}

/// The simulator that was typed, where one was.
fn simulator(domain: &str, allowed: bool) -> Result<Option<Origin>, Problem> {
    let Some(address) = loopback(domain) else { return Ok(None) };
    if !allowed {
        return Err(Problem::new(
            Class::Domain,
            "This is an address of this machine, not an Okta domain.",
            "Connections to a simulator are made by `transom demo`, or where TRANSOM_ALLOW_LOOPBACK=1 is set.",
            "Give the Okta domain, such as acme.okta.com.",
        ));
    }
    Ok(Some(Origin::simulator(address).map_err(okta_client::Error::from)?))
}

/// A loopback address with a port, typed as `http://127.0.0.1:4010` or `127.0.0.1:4010`.
fn loopback(typed: &str) -> Option<std::net::SocketAddr> {
    let typed = typed.trim().trim_end_matches('/');
    let typed = typed.strip_prefix("http://").unwrap_or(typed);
    typed.parse().ok().filter(|a: &std::net::SocketAddr| a.ip().is_loopback())
}
