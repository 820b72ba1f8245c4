//! Addresses. All are taken as IPv6: IPv4 equals IPv4-mapped IPv6 (`eql-semantics.md` §6.1, §7).

use std::net::IpAddr;

use ipnet::IpNet;

/// The 128 bits of an address; IPv4 as IPv4-mapped. None for a text that is no address.
pub(super) fn address(text: &str) -> Option<u128> {
    text.parse().ok().map(bits)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address in one spelling; none for a text that is no address.
pub(super) fn canonical(text: &str) -> Option<String> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical().to_string())
}

/// Whether a network holds an address.
pub(super) fn contains(net: &IpNet, address: u128) -> bool {
    let (length, network) = match net {
        IpNet::V4(net) => (u32::from(net.prefix_len()).saturating_add(96), bits(net.network().into())),
        IpNet::V6(net) => (u32::from(net.prefix_len()), bits(net.network().into())),
    };
    // A shift by 128 is none: the empty prefix fits every address.
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
    address & mask == network & mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use eqlc_ir::normalise::parse_network;

    #[test]
    fn networks_hold_addresses_of_both_kinds() {
        for (net, text, wanted) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "1.2.3.4", true),
            ("fe80::/10", "fe80::1", true),
            ("10.9.9.9/8", "10.0.0.1", true),
            ("1.2.3.4", "1.2.3.4", true),
        ] {
            let net = parse_network(net).unwrap();
            assert_eq!(contains(&net, address(text).unwrap()), wanted, "{net} {text}");
        }
        assert_eq!(address("1.2.3"), None);
        assert_eq!(canonical("::FFFF:1.2.3.4").as_deref(), Some("1.2.3.4"));
        assert_eq!(canonical("2001:DB8:0:0::1").as_deref(), Some("2001:db8::1"));
    }
}
