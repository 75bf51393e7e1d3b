//! The proxies in front of the relay, which say for whom they ask, and are believed because the operator listed them.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The header in which each proxy appends whom it heard.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that the operator listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpAddr>);

/// The address for which a request counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl Proxies {
    /// These proxies.
    pub fn new(listed: &[IpAddr]) -> Self {
        Self(listed.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether this address is one of theirs.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// For whom a peer asks: the last hop that is no proxy of ours. What came before that is whatever the client wrote.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer;
        let hops = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = hops.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        while self.contains(client) {
            // What cannot be read hides whoever stands behind it.
            let Some(hop) = hops.next().and_then(address_of) else { break };
            client = hop;
        }
        ClientAddress(client.to_canonical())
    }

    /// Whether a peer says for whom it asks, and is not believed.
    pub fn is_unlisted(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        headers.contains_key(FORWARDED_FOR) && !self.contains(peer)
    }
}

/// An address, perhaps with a port as some proxies write it.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|hop| hop.ip()));
    address.or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies::new(&["127.0.0.1".parse().unwrap(), "10.0.0.9".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).0.to_string()
    }

    #[test]
    fn last_hop_that_is_no_proxy_of_ours_is_the_client() {
        assert_eq!(client("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["203.0.113.7, 10.0.0.9"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["198.51.100.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("::ffff:127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn peer_that_is_no_proxy_of_ours_is_not_believed() {
        assert_eq!(client("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        assert_eq!(client("203.0.113.7", &["127.0.0.1"]), "203.0.113.7");
    }

    #[test]
    fn hop_that_cannot_be_read_hides_who_stands_behind_it() {
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, unknown"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, "]), "127.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_read_over() {
        assert_eq!(client("127.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("127.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
    }
}
