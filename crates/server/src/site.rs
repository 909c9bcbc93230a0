//! Where the server is reached, and by whom.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

/// Where people reach the server.
#[derive(Debug, Clone)]
pub struct Site {
    /// Scheme, host and port: what links that leave a page begin with.
    pub origin: String,
    /// Whether people reach it by TLS, at the server or before it.
    pub secure: bool,
    /// Proxies whose word on the visitor's address is taken. Where there are any, nobody else is answered.
    pub trusted: Vec<Network>,
    /// Whether this is a demo, which shows more of how it is made.
    pub demo: bool,
    hosts: Vec<String>,
}

impl Site {
    /// A server that listens on this machine alone.
    pub fn local(address: SocketAddr) -> Self {
        let port = address.port();
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
        let origin = format!("http://{address}");
        Self { origin, secure: false, trusted: Vec::new(), demo: false, hosts: hosts.into() }
    }

    /// A server that is reached at `url`.
    ///
    /// # Errors
    /// A sentence where that is no origin of TLS.
    pub fn public(url: &Url, trusted: Vec<Network>) -> Result<Self, String> {
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_string(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => format!("[{ip}]"),
            None => String::new(),
        };
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "https" || host.is_empty() || !bare || !url.username().is_empty() {
            return Err(format!("expected an address such as https://transom.example.com, not {url}"));
        }
        let host = url.port().map_or(host.clone(), |port| format!("{host}:{port}"));
        let mut hosts = vec![host.clone()];
        if url.port().is_none() {
            hosts.push(format!("{host}:443"));
        }
        Ok(Self { origin: format!("https://{host}"), secure: true, trusted, demo: false, hosts })
    }

    /// Whether a request with this `Host` is for us: another one comes by a name that somebody else points here.
    pub fn is_for_us(&self, host: &str) -> bool {
        self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
    }

    /// Whether requests from this address are answered at all.
    pub fn answers(&self, peer: IpAddr) -> bool {
        self.trusted.is_empty() || self.is_trusted(peer)
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.holds(address))
    }

    /// The visitor's address: the peer's, or what trusted proxies say of it in `X-Forwarded-For`, read from its end up to
    /// the first that no trusted one added.
    pub fn visitor(&self, peer: IpAddr, forwarded: Option<&str>) -> IpAddr {
        let mut visitor = peer;
        for said in forwarded.into_iter().flat_map(|f| f.rsplit(',')) {
            if !self.is_trusted(visitor) {
                break;
            }
            let Ok(address) = said.trim().parse() else { break };
            visitor = address;
        }
        visitor
    }
}

/// A range of addresses: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected addresses such as 10.0.0.0/8 or 127.0.0.1, not {text}");
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), str::parse).map_err(|_| wrong())?;
        if bits > all { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    fn holds(self, other: IpAddr) -> bool {
        let wide = |ip: IpAddr| match ip.to_canonical() {
            IpAddr::V4(ip) => (u128::from(u32::from(ip)) << 96, true),
            IpAddr::V6(ip) => (u128::from(ip), false),
        };
        let ((mine, v4), (theirs, other_v4)) = (wide(self.address), wide(other));
        v4 == other_v4 && (self.bits == 0 || (mine ^ theirs) >> (128 - self.bits) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_hold_their_own() {
        let ten: Network = "10.0.0.0/8".parse().expect("reads");
        assert!(
            ten.holds(ip("10.200.3.4")) && ten.holds(ip("::ffff:10.1.1.1")) && !ten.holds(ip("11.0.0.1"))
        );
        let one: Network = "::1".parse().expect("reads");
        assert!(one.holds(ip("::1")) && !one.holds(ip("::2")) && !one.holds(ip("0.0.0.1")));
        assert!("0.0.0.0/0".parse::<Network>().expect("reads").holds(ip("8.8.8.8")));
        for wrong in ["10.0.0.0/33", "ten", "10.0.0.0/x", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_trusted_proxies_say_who_visits() {
        let url = Url::parse("https://transom.example.com").expect("an address");
        let site = Site::public(&url, vec!["10.0.0.0/8".parse().expect("reads")]).expect("a site");
        assert_eq!(site.visitor(ip("10.0.0.1"), Some("1.1.1.1, 2.2.2.2")), ip("2.2.2.2"));
        assert_eq!(site.visitor(ip("10.0.0.1"), Some("1.1.1.1, 10.0.0.2")), ip("1.1.1.1"));
        assert_eq!(site.visitor(ip("9.9.9.9"), Some("1.1.1.1")), ip("9.9.9.9"));
        assert_eq!(site.visitor(ip("10.0.0.1"), Some("junk")), ip("10.0.0.1"));
        assert_eq!(site.visitor(ip("10.0.0.1"), Some("6.6.6.6,2.2.2.2")), ip("2.2.2.2"), "two lines, joined");
        assert!(site.answers(ip("10.1.1.1")) && !site.answers(ip("9.9.9.9")));
    }

    #[test]
    fn a_site_knows_its_own_name() {
        let url = |text| Url::parse(text).expect("an address");
        let site = Site::public(&url("https://Transom.example.com/"), Vec::new()).expect("a site");
        assert!(site.is_for_us("transom.example.com") && site.is_for_us("transom.example.com:443"));
        assert!(!site.is_for_us("transom.example.com:8443") && !site.is_for_us("evil.example"));
        for wrong in
            ["http://transom.example.com", "https://transom.example.com/under", "https://a@b.example"]
        {
            assert!(Site::public(&url(wrong), Vec::new()).is_err(), "{wrong}");
        }
        let local = Site::local(([127, 0, 0, 1], 8080).into());
        assert!(local.is_for_us("localhost:8080") && !local.is_for_us("localhost"));
    }
}
