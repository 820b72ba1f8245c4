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
        RegexNode::Alternatives(list) => separated(list, '|', out),
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
        RegexNode::Concat(list) => list.iter().for_each(|node| atom(node, out)),
        other => atom(other, out),
    }
}

/// A piece that needs no parentheses inside a concatenation.
fn atom(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Empty => out.push_str("()"),
        RegexNode::Nothing => out.push('#'),
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
        RegexNode::Interval { low, high, width } => {
            let width = *width as usize;
            out.push_str(&format!("<{low:0width$}-{high:0width$}>"));
        }
        RegexNode::Concat(_) | RegexNode::Alternatives(_) => {
            out.push('(');
            alternatives(node, out);
            out.push(')');
        }
    }
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
    out.push_str(if negated { "[^" } else { "[" });
    for item in items {
        match item {
            ClassItem::Char(c) => in_class(*c, out),
            ClassItem::Range(low, high) => {
                in_class(*low, out);
                out.push('-');
                in_class(*high, out);
            }
            other => out.push_str(other.shorthand().unwrap_or_default()),
        }
    }
    out.push(']');
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
