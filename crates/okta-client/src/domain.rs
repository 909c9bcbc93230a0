//! From what a person types to the one origin that is called.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

use crate::address::is_globally_routable;

/// Okta's own suffixes [Okta SDKs]. A name below one of these belongs to Okta, whatever else is true.
pub(crate) const OKTA_SUFFIXES: [&str; 7] = [
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "okta-miltest.com",
    "trex-govcloud.com",
];

/// An org's domain, as typed by a person and made regular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgDomain {
    host: String,
    kind: DomainKind,
    notes: Vec<String>,
}

/// Who can have issued a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainKind {
    /// Below one of Okta's suffixes: only Okta can answer there.
    OktaSuffix,
    /// An org's custom domain: anyone could answer there, so no credential goes there.
    Custom,
}

/// Why a text is not an org's domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}. Expected {expected}. {advice}")]
pub struct DomainError {
    /// What is wrong, for code.
    pub problem: DomainProblem,
    what: String,
    expected: &'static str,
    advice: &'static str,
}

/// What is wrong with a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomainProblem {
    /// Nothing was given.
    Empty,
    /// A placeholder copied from documentation.
    Placeholder,
    /// Two URLs in one, or a suffix twice.
    Doubled,
    /// A scheme that is not http or https.
    Scheme,
    /// A user name or password in the URL.
    UserInfo,
    /// A port that is not 443.
    Port,
    /// A number instead of a name.
    IpAddress,
    /// This machine.
    Localhost,
    /// A label that is empty, too long, or has characters no host name has.
    Label,
    /// An Okta suffix without an org in front.
    NoOrg,
    /// A simulator that is not on this machine.
    NotLoopback,
}

const EXPECTED: &str = "an Okta domain such as acme.okta.com";
const COPY_IT: &str = "Copy it from the address bar of the Admin Console";

impl DomainError {
    fn new(problem: DomainProblem, what: impl Into<String>, advice: &'static str) -> Self {
        Self { problem, what: what.into(), expected: EXPECTED, advice }
    }
}

impl OrgDomain {
    /// Reads `acme`, `acme.okta.com`, `https://acme-admin.okta.com/admin/…` or a custom domain.
    ///
    /// # Errors
    /// Text that cannot be an org's domain; the message never repeats a user name or password.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        use DomainProblem as P;
        let mut notes = Vec::new();
        let typed = text.trim().to_lowercase();
        if typed.is_empty() {
            return Err(DomainError::new(P::Empty, "no domain was given", COPY_IT));
        }
        if typed.contains(['{', '}', '<', '>', '$']) || typed.contains("youroktadomain") {
            let what = "the domain is a placeholder from documentation";
            return Err(DomainError::new(P::Placeholder, what, "Put your own org's name in its place"));
        }
        if typed.matches("://").count() > 1 {
            return Err(DomainError::new(P::Doubled, "the domain has two “://”", "Give one address only"));
        }
        let rest = match typed.split_once("://") {
            None => typed.as_str(),
            Some(("https", rest)) => rest,
            Some(("http", rest)) => {
                notes.push("http was read as https".to_owned());
                rest
            }
            Some(_) => {
                let what = "the address does not start with https://";
                return Err(DomainError::new(P::Scheme, what, COPY_IT));
            }
        };
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        if authority.contains('@') {
            let what = "the address holds a user name or password";
            return Err(DomainError::new(P::UserInfo, what, "Remove everything up to the @"));
        }
        let host = strip_port(authority)?;
        let host = host.strip_suffix('.').unwrap_or(host);
        check_not_a_machine(host)?;
        check_labels(host)?;
        Self::from_host(host, notes)
    }

    fn from_host(host: &str, mut notes: Vec<String>) -> Result<Self, DomainError> {
        use DomainProblem as P;
        if host.ends_with(".com.com") {
            let what = format!("{host} ends in .com twice");
            return Err(DomainError::new(P::Doubled, what, "Remove one .com"));
        }
        if OKTA_SUFFIXES.contains(&host) {
            let what = format!("{host} names no org");
            return Err(DomainError::new(P::NoOrg, what, "Put the org's name in front, as in acme.okta.com"));
        }
        let mut host = host.to_owned();
        if !host.contains('.') {
            host.push_str(".okta.com");
            notes.push(format!(
                "read as {host}; give the whole name for another suffix such as oktapreview.com"
            ));
        }
        if !has_okta_suffix(&host) {
            return Ok(Self { host, kind: DomainKind::Custom, notes });
        }
        if let Some((org, suffix)) = host.split_once('.')
            && let Some(org) = org.strip_suffix("-admin")
        {
            if org.is_empty() {
                let what = format!("{host} names no org");
                return Err(DomainError::new(P::NoOrg, what, COPY_IT));
            }
            let plain = format!("{org}.{suffix}");
            notes.push(format!("{host} is the Admin Console; the API is at {plain}"));
            host = plain;
        }
        Ok(Self { host, kind: DomainKind::OktaSuffix, notes })
    }

    /// The host name: lower case, no port, no trailing dot.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether only Okta can answer there.
    #[must_use]
    pub fn kind(&self) -> DomainKind {
        self.kind
    }

    /// What was read differently from how it was typed, to be shown to the person.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl fmt::Display for OrgDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

impl std::str::FromStr for OrgDomain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::parse(text)
    }
}

/// Scheme, host and port of everything a client calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Place);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    Okta(String),
    /// Only ever asked for its public metadata.
    Custom(String),
    Simulator(SocketAddr),
    /// A host that is no Okta org's, with its port where it has one: see [`Origin::foreign`].
    Foreign(String),
}

impl Origin {
    /// The origin of a domain. One of a custom domain can be asked for its metadata, but a client with a
    /// credential will not be built for it.
    #[must_use]
    pub fn of(domain: &OrgDomain) -> Self {
        Self(match domain.kind {
            DomainKind::OktaSuffix => Place::Okta(domain.host.clone()),
            DomainKind::Custom => Place::Custom(domain.host.clone()),
        })
    }

    /// A simulator on this machine, over plain HTTP.
    ///
    /// # Errors
    /// An address that is not loopback.
    pub fn simulator(address: SocketAddr) -> Result<Self, DomainError> {
        if address.ip().is_loopback() {
            return Ok(Self(Place::Simulator(address)));
        }
        Err(DomainError {
            problem: DomainProblem::NotLoopback,
            what: format!("{address} is not on this machine"),
            expected: "a loopback address such as 127.0.0.1:8080",
            advice: "A simulator is spoken to in plain HTTP, so it must run on this machine",
        })
    }

    /// The origin of a host that is no Okta org's, such as an OpenID provider's: by TLS on the public internet, or, where
    /// `loopback` says so, in plain HTTP at a loopback address given as a number (a name could lead elsewhere).
    ///
    /// # Errors
    /// Anything else, in a sentence.
    pub(crate) fn foreign(url: &Url, loopback: bool) -> Result<Self, String> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address holds a user name or a password".to_owned());
        }
        let ip = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => None,
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => return Err("the address has no host".to_owned()),
        };
        match (url.scheme(), ip, url.port_or_known_default()) {
            ("http", Some(ip), Some(port)) if loopback && ip.is_loopback() => {
                Ok(Self(Place::Simulator(SocketAddr::new(ip, port))))
            }
            // A number does not pass the resolver, where names are looked at.
            ("https", Some(ip), _) if !is_globally_routable(ip) => {
                Err(format!("{ip} is not on the public internet"))
            }
            ("https", _, _) => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                Ok(Self(Place::Foreign(format!("{host}{port}"))))
            }
            (scheme, _, _) => Err(format!("the address starts with {scheme}://, not with https://")),
        }
    }

    /// Reads back what [`Display`](fmt::Display) wrote: `https://acme.okta.com`, or `http://127.0.0.1:8080` for a
    /// simulator. For origins kept by the program, not for what people type: see [`OrgDomain::parse`] for that.
    ///
    /// # Errors
    /// Anything else, custom domains included.
    pub fn stored(text: &str) -> Result<Self, DomainError> {
        if let Some(address) = text.strip_prefix("http://").and_then(|a| a.parse().ok()) {
            return Self::simulator(address);
        }
        let domain = OrgDomain::parse(text)?;
        if domain.kind == DomainKind::Custom || text != format!("https://{}", domain.host) {
            return Err(DomainError {
                problem: DomainProblem::NoOrg,
                what: format!("{} is not a stored origin", domain.host),
                expected: "https:// and a name below one of Okta's suffixes",
                advice: "Connect the org again",
            });
        }
        Ok(Self::of(&domain))
    }

    /// Host name, or the simulator's address without its port.
    #[must_use]
    pub fn host(&self) -> String {
        match &self.0 {
            Place::Okta(host) | Place::Custom(host) => host.clone(),
            Place::Simulator(address) => address.ip().to_string(),
            Place::Foreign(authority) => match authority.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host.to_owned(),
                _ => authority.clone(),
            },
        }
    }

    /// Whether this is a simulator.
    #[must_use]
    pub fn is_simulator(&self) -> bool {
        matches!(self.0, Place::Simulator(_))
    }

    /// Whether an Okta credential may be sent there.
    #[must_use]
    pub fn takes_credentials(&self) -> bool {
        !matches!(self.0, Place::Custom(_) | Place::Foreign(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Okta(host) | Place::Custom(host) | Place::Foreign(host) => write!(f, "https://{host}"),
            Place::Simulator(address) => write!(f, "http://{address}"),
        }
    }
}

fn has_okta_suffix(host: &str) -> bool {
    OKTA_SUFFIXES
        .iter()
        .any(|suffix| host.strip_suffix(suffix).is_some_and(|org| org.len() > 1 && org.ends_with('.')))
}

fn strip_port(authority: &str) -> Result<&str, DomainError> {
    if authority.starts_with('[') {
        return Err(ip_address());
    }
    match authority.split_once(':') {
        None | Some((_, "" | "443")) => Ok(authority.split(':').next().unwrap_or_default()),
        Some((_, rest)) if rest.contains(':') => Err(ip_address()),
        Some(_) => {
            let what = "the address has a port other than 443";
            Err(DomainError::new(DomainProblem::Port, what, "Remove the port; Okta answers on 443 only"))
        }
    }
}

fn ip_address() -> DomainError {
    let what = "the address is a number, not a name";
    DomainError::new(DomainProblem::IpAddress, what, "Give the org's name; its certificate is for that")
}

fn check_not_a_machine(host: &str) -> Result<(), DomainError> {
    if host == "localhost" || host.ends_with(".localhost") {
        let what = format!("{host} is this machine");
        return Err(DomainError::new(
            DomainProblem::Localhost,
            what,
            "A simulator is connected in another way",
        ));
    }
    // 127.1, 2130706433 and 0x7f000001 are addresses to a resolver as well.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    if number || last.starts_with("0x") || host.parse::<IpAddr>().is_ok() || host.parse::<Ipv4Addr>().is_ok()
    {
        return Err(ip_address());
    }
    Ok(())
}

fn check_labels(host: &str) -> Result<(), DomainError> {
    let bad = |what: String| Err(DomainError::new(DomainProblem::Label, what, COPY_IT));
    if host.len() > 253 {
        return bad("the domain is longer than any host name".to_owned());
    }
    for label in host.split('.') {
        if label.is_empty() {
            return bad("the domain has an empty part between two dots".to_owned());
        }
        if label.len() > 63 {
            return bad("a part of the domain is longer than 63 characters".to_owned());
        }
        if label.starts_with('-') || label.ends_with('-') {
            return bad(format!("“{label}” starts or ends with a hyphen"));
        }
        // Only ASCII: a look-alike letter is the cheapest way to another host.
        if let Some(c) = label.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-'))
        {
            return bad(format!("the domain has the character {c:?}, which no host name has"));
        }
    }
    Ok(())
}
