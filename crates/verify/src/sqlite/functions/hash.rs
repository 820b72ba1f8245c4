//! `md5`, `sha1`, `sha256` and the community ids of flows.

use std::net::IpAddr;

use md5::Md5;
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::arguments::{failure, only_text, text};
use super::base64;

/// `md5(text)`: the digest in lower hexadecimal digits; NULL stays NULL.
pub(super) fn md5(context: &Context<'_>) -> Result<Value> {
    Ok(digest::<Md5>(context))
}

/// `sha1(text)`.
pub(super) fn sha1(context: &Context<'_>) -> Result<Value> {
    Ok(digest::<Sha1>(context))
}

/// `sha256(text)`.
pub(super) fn sha256(context: &Context<'_>) -> Result<Value> {
    Ok(digest::<Sha256>(context))
}

fn digest<D: Digest>(context: &Context<'_>) -> Value {
    text(context, 0).map_or(Value::Null, |bytes| {
        Value::Text(D::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    })
}

/// `community_id_v1(source, destination, source port, destination port, protocol[, seed])`: NULL for what is no flow.
pub(super) fn community_id(context: &Context<'_>) -> Result<Value> {
    Ok(flow(context).map_or(Value::Null, Value::Text))
}

/// `community_id_v1_strict(…)`: the query fails for what is no flow.
pub(super) fn community_id_strict(context: &Context<'_>) -> Result<Value> {
    flow(context).map(Value::Text).map_err(failure)
}

/// The id by its specification: both directions of a flow have one.
fn flow(context: &Context<'_>) -> std::result::Result<String, &'static str> {
    let seed = match context.len() {
        6 => {
            let seed = whole(context, 5).ok_or("Community ID seed must be an integer")?;
            i16::try_from(seed).map_err(|_| "Community ID seed must fit in 2 bytes")?
        }
        _ => 0,
    };
    let addresses = only_text(context, 0).zip(only_text(context, 1));
    let (source, destination) = addresses.ok_or("Community ID IPs must be strings")?;
    let source: IpAddr = source.parse().map_err(|_| "Community ID saddr cannot be parsed as IP")?;
    let destination: IpAddr = destination.parse().map_err(|_| "Community ID daddr cannot be parsed as IP")?;
    let ports = whole(context, 2).zip(whole(context, 3)).ok_or("Community ID ports must be integers")?;
    let port = |port: i64| u16::try_from(port).map_err(|_| "Community ID ports must fit in 2 bytes");
    let (from, to) = (port(ports.0)?, port(ports.1)?);
    let protocol = whole(context, 4).ok_or("Community ID protocol must be an integer")?;
    let protocol = u8::try_from(protocol).map_err(|_| "Community ID protocol must fit in 1 byte")?;
    let (mut ends, swapped) = ([(source, from), (destination, to)], (source, from) >= (destination, to));
    if swapped {
        ends.reverse();
    }
    let mut bytes = seed.to_be_bytes().to_vec();
    for (address, _) in ends {
        match address {
            IpAddr::V4(address) => bytes.extend(address.octets()),
            IpAddr::V6(address) => bytes.extend(address.octets()),
        }
    }
    bytes.extend([protocol, 0]);
    ends.iter().for_each(|(_, port)| bytes.extend(port.to_be_bytes()));
    Ok(format!("1:{}", base64::encoded(&Sha1::digest(&bytes))))
}

/// The argument if it is a whole number.
fn whole(context: &Context<'_>, place: usize) -> Option<i64> {
    match context.get_raw(place) {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    }
}
