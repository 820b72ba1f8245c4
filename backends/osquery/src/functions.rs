//! What the functions that osquery adds to SQLite do, as far as emitted SQL calls them: for engines that stand
//! in for osquery in tests and in verification.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `inet_aton(x)`: the number of an IPv4 address in dotted form; `None` (null) for anything else.
#[must_use]
pub fn inet_aton(text: &str) -> Option<i64> {
    text.parse::<Ipv4Addr>().ok().map(|address| i64::from(u32::from(address)))
}

/// `in_cidr_block(block, address)`, with its oddities: the first and last address of an IPv4 block of more
/// than one are not in it, and an IPv6 block that ends at the last address holds nothing.
///
/// # Errors
/// The message with which the query fails: a part that does not parse, a block without a prefix, families that
/// differ.
pub fn in_cidr_block(block: &str, address: &str) -> Result<bool, String> {
    let (base, prefix) = block.split_once('/').ok_or_else(|| format!("`{block}` has no prefix"))?;
    let base: IpAddr = base.parse().map_err(|_| format!("`{base}` is no address"))?;
    let prefix: u32 = prefix.parse().map_err(|_| format!("`{prefix}` is no prefix"))?;
    let address: IpAddr = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) if prefix <= 32 => Ok(in_v4(base, prefix, address)),
        (IpAddr::V6(base), IpAddr::V6(address)) if prefix <= 128 => Ok(in_v6(base, prefix, address)),
        _ => Err("block and address are of different families".to_owned()),
    }
}

fn in_v4(base: Ipv4Addr, prefix: u32, address: Ipv4Addr) -> bool {
    if prefix == 32 {
        return base == address;
    }
    let host = u32::MAX.checked_shr(prefix).unwrap_or(0);
    let first = u32::from(base) & !host;
    let address = u32::from(address);
    first < address && address < (first | host)
}

fn in_v6(base: Ipv6Addr, prefix: u32, address: Ipv6Addr) -> bool {
    let host = u128::MAX.checked_shr(prefix).unwrap_or(0);
    let first = u128::from(base) & !host;
    let end = (first | host).wrapping_add(1);
    (first..end).contains(&u128::from(address))
}
