//! `inet_aton` and `in_cidr_block`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;

use super::arguments::{failure, only_text, text};

/// `inet_aton(address)`: an IPv4 address as a number, NULL for everything else.
pub(super) fn inet_aton(context: &Context<'_>) -> Result<Value> {
    let address = text(context, 0).and_then(|bytes| String::from_utf8(bytes).ok());
    let number = address.and_then(|address| address.parse::<Ipv4Addr>().ok()).map(Ipv4Addr::to_bits);
    Ok(number.map_or(Value::Null, |number| Value::Integer(i64::from(number))))
}

/// `in_cidr_block(network, address)`: whether the address is one of a *host* of the network, so neither
/// the network's own address nor the one for broadcast. Whatever cannot be read, or is of the other
/// family, makes the query fail.
pub(super) fn in_cidr_block(context: &Context<'_>) -> Result<Value> {
    let network = only_text(context, 0).ok_or_else(|| failure("CIDR must be a string"))?;
    let address = only_text(context, 1).ok_or_else(|| failure("IP addresss must be a string"))?;
    let held = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => v4_hosts(&network)
            .ok_or_else(|| failure("CIDR for IP address v4 cannot be parsed"))?
            .contains(&u64::from(address.to_bits())),
        Ok(IpAddr::V6(address)) => v6_hosts(&network)
            .ok_or_else(|| failure("CIDR for IP address v6 cannot be parsed"))?
            .contains(&address.to_bits()),
        Err(_) => return Err(failure("IP address cannot be parsed")),
    };
    Ok(Value::Integer(i64::from(held)))
}

fn v4_hosts(network: &str) -> Option<std::ops::Range<u64>> {
    let (address, prefix) = parts(network, 32)?;
    let address = u64::from(address.parse::<Ipv4Addr>().ok()?.to_bits());
    if prefix == 32 {
        // The end is a 32-bit number in osquery's library and wraps, so the last address holds nothing.
        return Some(address..address.saturating_add(1).rem_euclid(1 << 32));
    }
    let size = 1_u64 << 32_u32.saturating_sub(prefix);
    let first = address.saturating_sub(address.rem_euclid(size));
    Some(first.saturating_add(1)..first.saturating_add(size).saturating_sub(1))
}

fn v6_hosts(network: &str) -> Option<std::ops::Range<u128>> {
    let (address, prefix) = parts(network, 128)?;
    let address = address.parse::<Ipv6Addr>().ok()?.to_bits();
    let host_part = u128::MAX.checked_shr(prefix).unwrap_or(0);
    // The end is one behind the last address and wraps: a network that reaches the end of all addresses,
    // such as `::/0`, holds nothing.
    Some(address & !host_part..(address | host_part).wrapping_add(1))
}

fn parts(network: &str, longest: u32) -> Option<(&str, u32)> {
    let (address, prefix) = network.split_once('/')?;
    if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    prefix.parse().ok().filter(|prefix| *prefix <= longest).map(|prefix| (address, prefix))
}
