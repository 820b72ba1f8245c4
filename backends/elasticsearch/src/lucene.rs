//! Regular expressions in Lucene's flavour (`eql-semantics.md` §6.5).

use eqlc_ir::regex::{ClassItem, RegexNode, repetition};

/// The expression as EQL's `regex` reads it.
pub(crate) fn print(node: &RegexNode) -> String {
    let mut out = String::new();
    alternatives(node, &mut out);
    out
}

/// Loosest: the whole expression or the inside of parentheses.
fn alternatives(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Alternatives(list) if !list.is_empty() => separated(list, '|', out),
        other => concat(other, out),
    }
}

fn separated(list: &[RegexNode], separator: char, out: &mut String) {
    for (at, node) in list.iter().enumerate() {
        if at > 0 {
            out.push(separator);
        }
        concat(node, out);
    }
}

fn concat(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Concat(list) if !list.is_empty() => list.iter().for_each(|node| atom(node, out)),
        other => atom(other, out),
    }
}

/// A piece that needs no parentheses inside a concatenation.
fn atom(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Empty => out.push_str("()"),
        RegexNode::Nothing => out.push('#'),
        // Lists without members, which have no form of their own.
        RegexNode::Concat(list) if list.is_empty() => out.push_str("()"),
        RegexNode::Alternatives(list) if list.is_empty() => out.push('#'),
        RegexNode::Intersection(list) if list.is_empty() => out.push('@'),
        RegexNode::Literal(text) if text.is_empty() => out.push_str("()"),
        RegexNode::Any => out.push('.'),
        RegexNode::Literal(text) => text.chars().for_each(|c| escaped(c, out)),
        RegexNode::Class { negated, items } => class(*negated, items, out),
        RegexNode::Repeat { node, min, max } => {
            single(node, out);
            out.push_str(&repetition(*min, *max));
        }
        RegexNode::Complement(inner) => {
            out.push('~');
            single(inner, out);
        }
        RegexNode::Intersection(list) => {
            out.push('(');
            separated(list, '&', out);
            out.push(')');
        }
        RegexNode::Interval { low, high, width } => interval(*low, *high, *width, out),
        RegexNode::Concat(_) | RegexNode::Alternatives(_) => {
            out.push('(');
            alternatives(node, out);
            out.push(')');
        }
    }
}

/// Bounds of the same number of digits fix the width; others leave it open.
fn interval(low: u64, high: u64, width: u32, out: &mut String) {
    // What has more digits than the width cannot be written in it.
    let greatest = 10_u64.checked_pow(width).filter(|_| width > 0).map_or(u64::MAX, |bound| bound - 1);
    let high = high.min(greatest);
    if low > high {
        return out.push('#');
    }
    let (low, high) = (low.to_string(), high.to_string());
    let padded = |text: &str| format!("{}{text}", "0".repeat((width as usize).saturating_sub(text.len())));
    let (low, high) = match width {
        // A zero before the greater bound keeps the lengths apart.
        0 if low.len() == high.len() => (low, format!("0{high}")),
        0 => (low, high),
        _ => (padded(&low), padded(&high)),
    };
    out.push_str(&format!("<{low}-{high}>"));
}

/// A piece that a quantifier or `~` can stand beside.
fn single(node: &RegexNode, out: &mut String) {
    let plain = match node {
        RegexNode::Literal(text) => text.chars().count() == 1,
        RegexNode::Any | RegexNode::Class { .. } | RegexNode::Empty | RegexNode::Nothing => true,
        RegexNode::Concat(_) | RegexNode::Alternatives(_) | RegexNode::Intersection(_) => true,
        RegexNode::Repeat { .. } | RegexNode::Complement(_) | RegexNode::Interval { .. } => false,
    };
    if plain {
        atom(node, out);
    } else {
        out.push('(');
        alternatives(node, out);
        out.push(')');
    }
}

fn class(negated: bool, items: &[ClassItem], out: &mut String) {
    // A class that is one shorthand needs no brackets.
    if let ([only], false) = (items, negated)
        && let Some(shorthand) = only.shorthand()
    {
        out.push_str(shorthand);
        return;
    }
    if items.is_empty() {
        // Brackets cannot be empty.
        return out.push(if negated { '.' } else { '#' });
    }
    out.push_str(if negated { "[^" } else { "[" });
    for (at, item) in items.iter().enumerate() {
        match item {
            ClassItem::Char(c) => in_class(*c, out),
            ClassItem::Range(low, high) => range(*low, *high, at == 0 && !negated, out),
            other => out.push_str(other.shorthand().unwrap_or_default()),
        }
    }
    out.push(']');
}

/// An escaped character never starts a range (§6.5), so that `\`, `]`, `-`, which the character before would take
/// for a range of its own, and a first `^` stand before it.
fn range(low: char, high: char, first: bool, out: &mut String) {
    let (mut from, mut first) = (low, first);
    while from < high && (matches!(from, '\\' | ']' | '-') || (from == '^' && first)) {
        in_class(from, out);
        first = false;
        from = char::from_u32(u32::from(from) + 1).unwrap_or(high);
    }
    if from >= high {
        return in_class(high, out);
    }
    out.push(from);
    out.push('-');
    in_class(high, out);
}

/// Special outside brackets, with every optional operator on.
const SPECIAL: &str = ".?+*|{}[]()\"\\#@&<>~";

fn escaped(c: char, out: &mut String) {
    if SPECIAL.contains(c) {
        out.push('\\');
    }
    out.push(c);
}

fn in_class(c: char, out: &mut String) {
    if matches!(c, '[' | ']' | '\\' | '^' | '-') {
        out.push('\\');
    }
    out.push(c);
}
