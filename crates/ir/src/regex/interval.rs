//! `<n-m>`: numbers between two bounds as an ordinary expression (`eql-semantics.md` §6.5).

use super::{ClassItem, RegexNode};

/// The numbers from `low` to `high`: of exactly `width` digits, or behind any number of zeros if it is 0.
pub(super) fn node(low: u64, high: u64, width: u32) -> RegexNode {
    // What has more digits than the width cannot be written in it.
    let greatest = 10_u64.checked_pow(width).filter(|_| width > 0).map_or(u64::MAX, |bound| bound - 1);
    let high = high.min(greatest);
    if low > high {
        return RegexNode::Nothing;
    }
    let (least, greatest) = (low.to_string(), high.to_string());
    if width == 0 {
        let zeros = RegexNode::Repeat { node: Box::new(literal("0")), min: 0, max: None };
        return RegexNode::Concat(vec![zeros, of_any_length(&least, &greatest)]);
    }
    let Some(missing) = (width as usize).checked_sub(greatest.len()) else { return RegexNode::Nothing };
    let least = format!("{}{least}", "0".repeat(greatest.len().saturating_sub(least.len())));
    let digits = between(&least, &greatest);
    if missing == 0 {
        return digits;
    }
    let zeros = u32::try_from(missing).unwrap_or(u32::MAX);
    let zeros = RegexNode::Repeat { node: Box::new(literal("0")), min: zeros, max: Some(zeros) };
    RegexNode::Concat(vec![zeros, digits])
}

/// Numbers without leading zeros, by their number of digits.
fn of_any_length(least: &str, greatest: &str) -> RegexNode {
    let lengths = least.len()..=greatest.len();
    let alternatives = lengths.map(|digits| {
        let low = if digits == least.len() { least.to_owned() } else { first_of(digits) };
        let high = if digits == greatest.len() { greatest.to_owned() } else { "9".repeat(digits) };
        between(&low, &high)
    });
    one_or(alternatives.collect())
}

/// The least number of so many digits.
fn first_of(digits: usize) -> String {
    format!("1{}", "0".repeat(digits.saturating_sub(1)))
}

/// Texts of digits between two of the same length; both bounds are within.
fn between(low: &str, high: &str) -> RegexNode {
    let (Some((l, low)), Some((h, high))) = (split(low), split(high)) else { return RegexNode::Empty };
    if l == h {
        return then(digits(l, l), between(low, high));
    }
    let rest = low.len();
    let (open_below, open_above) = (low.bytes().all(|b| b == b'0'), high.bytes().all(|b| b == b'9'));
    let mut list = Vec::new();
    if !open_below {
        list.push(then(digits(l, l), between(low, &"9".repeat(rest))));
    }
    let (from, to) = (if open_below { l } else { l + 1 }, if open_above { h } else { h.saturating_sub(1) });
    if from <= to {
        list.push(then(digits(from, to), all(rest)));
    }
    if !open_above {
        list.push(then(digits(h, h), between(&"0".repeat(rest), high)));
    }
    one_or(list)
}

fn split(text: &str) -> Option<(u32, &str)> {
    let (first, rest) = text.split_at_checked(1)?;
    Some((first.parse().ok()?, rest))
}

fn all(count: usize) -> RegexNode {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    match count {
        0 => RegexNode::Empty,
        1 => digits(0, 9),
        _ => RegexNode::Repeat { node: Box::new(digits(0, 9)), min: count, max: Some(count) },
    }
}

fn digits(low: u32, high: u32) -> RegexNode {
    let digit = |value| char::from_digit(value, 10).unwrap_or('0');
    let items = match (low, high) {
        (0, 9) => vec![ClassItem::Digit],
        (low, high) if low == high => return literal(digit(low).encode_utf8(&mut [0; 4])),
        (low, high) => vec![ClassItem::Range(digit(low), digit(high))],
    };
    RegexNode::Class { negated: false, items }
}

fn literal(text: &str) -> RegexNode {
    RegexNode::Literal(text.to_owned())
}

/// One behind the other, flat, digits side by side as one literal.
fn then(first: RegexNode, rest: RegexNode) -> RegexNode {
    match (first, rest) {
        (first, RegexNode::Empty) => first,
        (RegexNode::Literal(first), RegexNode::Literal(rest)) => RegexNode::Literal(first + &rest),
        (RegexNode::Literal(first), RegexNode::Concat(mut list)) => {
            match list.first_mut() {
                Some(RegexNode::Literal(text)) => text.insert_str(0, &first),
                _ => list.insert(0, RegexNode::Literal(first)),
            }
            RegexNode::Concat(list)
        }
        (first, RegexNode::Concat(mut list)) => {
            list.insert(0, first);
            RegexNode::Concat(list)
        }
        (first, rest) => RegexNode::Concat(vec![first, rest]),
    }
}

fn one_or(mut list: Vec<RegexNode>) -> RegexNode {
    if list.len() == 1 { list.remove(0) } else { RegexNode::Alternatives(list) }
}
