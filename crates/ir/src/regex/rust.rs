//! Expressions in the syntax of Rust's `regex` crate.

use super::{Regex, RegexNode, interval, repetition, sets};
use crate::Case;
use regex_syntax::hir::ClassUnicode;

/// A construct that Rust's `regex` crate has no form for. [`super::Automaton`] runs these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// Lucene `~`.
    Complement,
    /// Lucene `&`.
    Intersection,
}

impl Regex {
    /// The expression in the syntax of Rust's `regex` crate, anchored at both ends.
    ///
    /// # Errors
    /// The first construct that crate has no form for.
    pub fn to_rust(&self) -> Result<String, Unsupported> {
        // `s` lets `.` match a newline.
        let mut out = String::from(r"\A(?s:");
        print(&self.root, self.case, &mut out)?;
        out.push_str(r")\z");
        Ok(out)
    }
}

fn print(node: &RegexNode, case: Case, out: &mut String) -> Result<(), Unsupported> {
    match node {
        RegexNode::Empty => out.push_str("(?:)"),
        RegexNode::Nothing => out.push_str(NOTHING),
        RegexNode::Any => out.push('.'),
        RegexNode::Literal(text) => print_literal(text, case, out),
        RegexNode::Class { negated, items } => print_set(&sets::class(*negated, items, case), out),
        RegexNode::Concat(list) => {
            for node in list {
                print(node, case, out)?;
            }
        }
        RegexNode::Alternatives(list) if list.is_empty() => out.push_str(NOTHING),
        RegexNode::Alternatives(list) => {
            out.push_str("(?:");
            for (at, node) in list.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                print(node, case, out)?;
            }
            out.push(')');
        }
        RegexNode::Repeat { node, min, max } => {
            out.push_str("(?:");
            print(node, case, out)?;
            out.push(')');
            out.push_str(&repetition(*min, *max));
        }
        RegexNode::Complement(_) => return Err(Unsupported::Complement),
        RegexNode::Intersection(_) => return Err(Unsupported::Intersection),
        RegexNode::Interval { low, high, width } => {
            print(&interval::node(*low, *high, *width), case, out)?;
        }
    }
    Ok(())
}

const NOTHING: &str = r"[^\s\S]";

fn print_literal(text: &str, case: Case, out: &mut String) {
    if case == Case::Insensitive {
        out.push_str("(?i:");
    }
    text.chars().for_each(|c| push_escaped(c, out));
    if case == Case::Insensitive {
        out.push(')');
    }
}

fn print_set(set: &ClassUnicode, out: &mut String) {
    if set.ranges().is_empty() {
        return out.push_str(NOTHING);
    }
    out.push('[');
    for range in set.iter() {
        push_escaped(range.start(), out);
        if range.start() != range.end() {
            out.push('-');
            push_escaped(range.end(), out);
        }
    }
    out.push(']');
}

fn push_escaped(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() {
        out.push(c);
    } else {
        out.push_str(&format!(r"\x{{{:x}}}", u32::from(c)));
    }
}
