//! The address filter: an Okta org is on the public internet, so a name that leads elsewhere is not one.
//!
//! It sits inside the resolver, at every connection, because a check made once beforehand can be overtaken by the
//! next DNS answer. The address that passes is the address that is connected to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks names up. The default asks the system; tests bring their own.
pub trait Resolver: Send + Sync {
    /// Every address of a host name.
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The system's resolver (`getaddrinfo`: DNS, hosts file, whatever the machine is set to).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name had addresses, and none of them is on the public internet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} leads only to addresses that are not on the public internet")]
pub struct AddressRefused {
    /// The name that was looked up.
    pub host: String,
    /// What it led to.
    pub addresses: Vec<IpAddr>,
}

/// The resolver given to the HTTP client.
pub(crate) struct Filtered {
    pub inner: Arc<dyn Resolver>,
    /// The configured proxy's own host: corporate proxies have private addresses, and the operator named it.
    pub exempt: Option<String>,
}

impl Resolve for Filtered {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let exempt = self.exempt.as_deref().is_some_and(|e| e.eq_ignore_ascii_case(&host));
        let found = self.inner.resolve(&host);
        Box::pin(async move {
            let found = found.await?;
            let usable: Vec<SocketAddr> = found
                .iter()
                .filter(|ip| exempt || is_globally_routable(**ip))
                .map(|ip| SocketAddr::new(*ip, 0))
                .collect();
            if usable.is_empty() && !found.is_empty() {
                return Err(AddressRefused { host, addresses: found }.into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet: not private, loopback, link-local, shared (CGNAT), unique
/// local, multicast, documentation, benchmarking or reserved, nor an IPv6 form that carries such an IPv4 address.
#[must_use]
pub fn is_globally_routable(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => v4_is_global(ip),
        IpAddr::V6(ip) => v6_is_global(ip),
    }
}

fn v4_is_global(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    // IANA's special-purpose registry; 192.88.99.0/24 is the retired 6to4 relay.
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    )
}

fn v6_is_global(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        v4_is_global(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Unspecified, loopback, v4-compatible, v4-mapped, v4-translated: no name has a reason to lead there.
        [0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => false,
        // NAT64 (RFC 6052) reaches the public IPv4 internet from IPv6-only networks, so it counts as what it
        // carries. The local-use prefix (RFC 8215) can carry anything.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, ..] => false,
        // Teredo carries a server's address, and the client's with all bits inverted.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            embedded(server_high, server_low) && embedded(!high, !low)
        }
        // The rest of IETF protocol assignments, benchmarking, ORCHID.
        [0x2001, 0x1..=0x1ff, ..] => false,
        [0x2001, 0xdb8, ..] => false,
        [0x2002, high, low, ..] => embedded(high, low),
        [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is 2000::/3; everything outside is local, multicast or unassigned.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_pass() {
        for ip in
            ["8.8.8.8", "52.0.0.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1"]
        {
            assert!(is_globally_routable(ip.parse().expect("ip")), "{ip}");
        }
        for ip in ["2600:1f00::1", "2a00:1450::1", "64:ff9b::8.8.8.8", "2002:808:808::1"] {
            assert!(is_globally_routable(ip.parse().expect("ip")), "{ip}");
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "100.64.0.1",
            "100.127.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "64:ff9b:1:ffff::1",
            "2002:a00:1::1",
            "2002:7f00:1::1",
            "2001:0:a00:1::f7f7:f7f7",
            "2001:0:808:808::f5ff:fffe",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
            "4000::1",
        ] {
            assert!(!is_globally_routable(ip.parse().expect("ip")), "{ip}");
        }
    }
}
