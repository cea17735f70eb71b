//! Where a request comes from: the address that limits are counted by.
//!
//! Behind a proxy every connection comes from the proxy, which says in a header for whom. Anybody can write
//! such a header, so it is believed only from the proxies that the server was told of.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
/// Bits of an IPv6 address that name a network; whoever has one has all addresses in it.
const NETWORK_BITS: u32 = 64;

/// The address of the client of a request, kept in the request's extensions (and so in those of a socket's
/// handshake).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl ClientAddress {
    /// What limits count as one: an IPv4 address, or an IPv6 network.
    pub(crate) fn group(self) -> Self {
        match self.0.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let mask = u128::MAX << (u128::BITS - NETWORK_BITS);
                Self(Ipv6Addr::from_bits(address.to_bits() & mask).into())
            }
        }
    }
}

/// The address at the other end of a request's connection, whatever its headers say. In the extensions too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

/// The proxies whose word counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies {
    networks: Vec<IpNet>,
}

impl Proxies {
    /// Believes the proxies in `networks`, and nobody when there are none.
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self { networks }
    }

    /// Whether `address` is one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request that came over a connection from `peer`.
    ///
    /// Every proxy on the way appends the address it was reached from, so the list is read from its end:
    /// the first address that is no proxy of ours counts, and what stands before it may be made up.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut nearest = peer.to_canonical();
        if !self.contain(nearest) {
            return ClientAddress(nearest);
        }
        let name = if headers.contains_key(FORWARDED_FOR) { FORWARDED_FOR } else { REAL_IP };
        let values: Vec<_> = headers.get_all(name).iter().collect();
        for value in values.into_iter().rev() {
            for item in value.to_str().unwrap_or_default().rsplit(',') {
                let Some(address) = read(item) else { return ClientAddress(nearest) };
                nearest = address;
                if !self.contain(nearest) {
                    return ClientAddress(nearest);
                }
            }
        }
        ClientAddress(nearest)
    }
}

/// Whether a proxy has passed the request on, or somebody says so.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    [FORWARDED_FOR, REAL_IP, FORWARDED].iter().any(|name| headers.contains_key(name))
}

/// An address as proxies write it: plain, or with a port, IPv6 then in brackets.
fn read(item: &str) -> Option<IpAddr> {
    let item = item.trim();
    let bare = match item.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if item.matches(':').count() == 1 => item.split_once(':')?.0,
        None => item,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_from_our_proxies_only_and_read_from_its_end() {
        for (trusted, peer, headers, expected) in [
            ("", "203.0.113.9", vec![], "203.0.113.9"),
            ("", "127.0.0.1", vec![("x-forwarded-for", "198.51.100.1")], "127.0.0.1"),
            ("", "127.0.0.1", vec![("x-real-ip", "198.51.100.1")], "127.0.0.1"),
            ("10.0.0.0/8", "203.0.113.9", vec![("x-forwarded-for", "198.51.100.1")], "203.0.113.9"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", vec![("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            // What the client itself made up stands first and does not count.
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "1.1.1.1, 198.51.100.1")], "198.51.100.1"),
            (
                "10.0.0.0/8",
                "10.1.2.3",
                vec![("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1,10.9.9.9")],
                "198.51.100.1",
            ),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "10.4.4.4, 10.5.5.5")], "10.4.4.4"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "1.1.1.1, nonsense")], "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "")], "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "198.51.100.1:4711")], "198.51.100.1"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "[2001:db8::7]:4711")], "2001:db8::7"),
            ("::1/128", "::1", vec![("x-real-ip", "2001:db8::7")], "2001:db8::7"),
            ("10.0.0.0/8", "10.1.2.3", vec![("x-forwarded-for", "[2001:db8::7")], "10.1.2.3"),
            // The list says more than the single address, and the two may disagree.
            (
                "10.0.0.0/8",
                "10.1.2.3",
                vec![("x-real-ip", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")],
                "198.51.100.1",
            ),
        ] {
            let networks = trusted.split(' ').filter(|text| !text.is_empty());
            let proxies = Proxies::new(networks.map(|text| text.parse().unwrap()).collect());
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                map.append(*name, value.parse().unwrap());
            }
            let client = proxies.client(peer.parse().unwrap(), &map);
            assert_eq!(client.0, expected.parse::<IpAddr>().unwrap(), "{trusted:?} {peer} {headers:?}");
        }
    }

    #[test]
    fn one_ipv6_network_counts_as_one_address() {
        let group = |text: &str| ClientAddress(text.parse().unwrap()).group();
        assert_eq!(group("2001:db8:1:2:aaaa::1"), group("2001:db8:1:2:bbbb::2"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
    }
}
