//! Addresses in networks.
//!
//! `in_cidr_block` of osquery fails the whole query for a value that is no address, leaves out the first and
//! last address of an IPv4 network and finds nothing in an IPv6 network that ends at the last address there
//! is. So IPv4 is a range of numbers (`inet_aton` is null for anything else), and IPv6 asks `in_cidr_block`
//! only about what is an IPv6 address.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::text::{self, BadPattern, Glob, Text};
use crate::{literal, sql};

/// What stands before an IPv4 address that is written as an IPv6 one.
const MAPPED: &str = "::ffff:";

/// `x` is an address inside one of the networks. Text that is kept as a log has it may write IPv4 as IPv6.
pub(crate) fn inside(x: Text<'_>, nets: &[IpNet]) -> Result<Expr, BadPattern> {
    let v4_text = match x.empty {
        true => {
            let [mapped, nothing] = [MAPPED, ""].map(literal::text);
            let mapped = mapped.map_err(BadPattern::Unwritable)?;
            let nothing = nothing.map_err(BadPattern::Unwritable)?;
            sql::call("replace", vec![x.expr.clone(), mapped, nothing])
        }
        false => x.expr.clone(),
    };
    let x = x.expr;
    let mut v4: Vec<Ipv4Net> = Vec::new();
    let mut v6: Vec<Expr> = Vec::new();
    for net in nets {
        match net.trunc() {
            IpNet::V4(net) => v4.push(net),
            IpNet::V6(net) => {
                v4.extend(mapped(net));
                v6.push(inside_v6(x, net)?);
            }
        }
    }
    let v4 = Ipv4Net::aggregate(&v4);
    let mut conditions: Vec<Expr> = v4.into_iter().map(|net| inside_v4(&v4_text, net)).collect();
    if !v6.is_empty() {
        conditions.push(guarded(x, sql::any(v6))?);
    }
    Ok(sql::any(conditions))
}

/// The IPv4 addresses that are IPv4-mapped addresses of the network.
fn mapped(net: Ipv6Net) -> Option<Ipv4Net> {
    let all = Ipv6Net::new(Ipv4Addr::UNSPECIFIED.to_ipv6_mapped(), 96).ok()?;
    if net.contains(&all) {
        return Ipv4Net::new(Ipv4Addr::UNSPECIFIED, 0).ok();
    }
    let address = net.network().to_ipv4_mapped()?;
    Ipv4Net::new(address, net.prefix_len().checked_sub(96)?).ok()
}

fn inside_v4(x: &Expr, net: Ipv4Net) -> Expr {
    let number = sql::call("inet_aton", vec![x.clone()]);
    let bound = |address: Ipv4Addr| literal::integer(i128::from(u32::from(address)));
    match net.prefix_len() {
        0 => Expr::IsNotNull(Box::new(number)),
        32 => sql::binary(number, BinaryOperator::Eq, bound(net.network())),
        _ => Expr::Between {
            expr: Box::new(number),
            negated: false,
            low: Box::new(bound(net.network())),
            high: Box::new(bound(net.broadcast())),
        },
    }
}

/// For an `x` that is an IPv6 address.
fn inside_v6(x: &Expr, net: Ipv6Net) -> Result<Expr, BadPattern> {
    if net.prefix_len() == 0 {
        return Ok(sql::constant(true));
    }
    if net.broadcast() == Ipv6Addr::from(u128::MAX) {
        return text::glob(x, &upper_end(net.prefix_len()));
    }
    let net = literal::text(&net.to_string()).map_err(BadPattern::Unwritable)?;
    Ok(sql::call("in_cidr_block", vec![net, x.clone()]))
}

/// Addresses whose first `ones` bits, one or more, are all set: each group that begins with a set bit is
/// written with all of its four digits.
fn upper_end(ones: u8) -> Vec<Glob> {
    let mut pieces = Vec::new();
    for group in 0..u32::from(ones).div_ceil(16) {
        for digit in 0..4 {
            let left = u32::from(ones).saturating_sub(group * 16 + digit * 4).min(4);
            pieces.push(digit_with_ones(left));
        }
        pieces.push(Glob::OneOf { negated: false, ranges: vec![(':', ':')] });
    }
    if ones > 112 {
        pieces.pop();
    } else {
        pieces.push(Glob::AnyRun);
    }
    pieces
}

/// A hexadecimal digit whose first `ones` bits are set.
fn digit_with_ones(ones: u32) -> Glob {
    let digits = ["0123456789abcdef", "89abcdef", "cdef", "ef", "f"];
    let digits = digits.get(ones as usize).copied().unwrap_or("f");
    let ranges = digits.chars().flat_map(|c| {
        let upper = c.to_ascii_uppercase();
        if upper == c { vec![(c, c)] } else { vec![(c, c), (upper, upper)] }
    });
    Glob::OneOf { negated: false, ranges: ranges.collect() }
}

/// The condition where `x` is an IPv6 address; false elsewhere.
fn guarded(x: &Expr, condition: Expr) -> Result<Expr, BadPattern> {
    let is_v6 = is_v6(x)?;
    Ok(match sql::as_constant(&condition) {
        Some(true) => is_v6,
        _ => sql::case(vec![(is_v6, condition)], Some(sql::constant(false))),
    })
}

/// What no IPv6 address without dots looks like: other characters, a group of five digits, two places for zeros, a colon
/// alone at an end.
const WRONG: [&str; 6] = [
    "*[^0-9A-Fa-f:]*",
    "*[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]*",
    "*:::*",
    "*::*::*",
    ":[^:]*",
    "*[^:]:",
];

/// `x` is an IPv6 address in groups of hexadecimal digits, and nothing else is: any other text would make
/// `in_cidr_block` fail the whole query.
fn is_v6(x: &Expr) -> Result<Expr, BadPattern> {
    let glob = |pattern: &str| {
        let pattern = literal::text(pattern).map_err(BadPattern::Unwritable)?;
        Ok(sql::binary(x.clone(), BinaryOperator::Glob, pattern))
    };
    let text = |text: &str| literal::text(text).map_err(BadPattern::Unwritable);
    let length = |of: Expr| sql::call("length", vec![of]);
    let without = sql::call("replace", vec![x.clone(), text(":")?, text("")?]);
    let colons = sql::nested(sql::binary(length(x.clone()), BinaryOperator::Minus, length(without)));
    let count = |op: BinaryOperator, of: i128| sql::binary(colons.clone(), op, literal::integer(of));
    let wrong = WRONG.into_iter().map(glob).collect::<Result<Vec<_>, _>>()?;
    // Eight groups, or fewer with one place for the zeros, which is written with a colon more at an end.
    let whole = sql::any(vec![
        count(BinaryOperator::Eq, 7),
        sql::all(vec![glob("*::*")?, count(BinaryOperator::Lt, 7)]),
        sql::all(vec![sql::any(vec![glob("::*")?, glob("*::")?]), count(BinaryOperator::Eq, 8)]),
    ]);
    Ok(sql::all(vec![glob("*:*:*")?, sql::not(sql::any(wrong)), whole]))
}
