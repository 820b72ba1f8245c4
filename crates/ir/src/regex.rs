//! Regular expressions as trees, free of any engine's syntax.
//!
//! EQL's Lucene flavour and Sigma's flavour are read into [`RegexNode`] where they are lowered; backends
//! print the tree in the flavour of their target. Text is never passed from one flavour to another.

use serde::{Deserialize, Serialize};

use crate::Case;

/// A regular expression that the **whole** value must match. A substring search is
/// `any* expression any*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regex {
    /// The expression.
    pub root: RegexNode,
    /// [`Case::Insensitive`] folds the literals; **ranges keep their case** unless
    /// [`RegexNode::Class`] says otherwise (`eql-semantics.md` §6.5, Lucene's rule).
    pub case: Case,
}

/// A node of a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegexNode {
    /// The empty text.
    Empty,
    /// No text at all (Lucene `#`).
    Nothing,
    /// Any one code point, newline included.
    Any,
    /// These characters.
    Literal(String),
    /// One code point of a set.
    Class {
        /// All but those.
        negated: bool,
        /// The set.
        items: Vec<ClassItem>,
    },
    /// One after the other.
    Concat(Vec<RegexNode>),
    /// Some one of them.
    Alternatives(Vec<RegexNode>),
    /// The node, `min` times at least and `max` times at most.
    Repeat {
        /// What is repeated.
        node: Box<RegexNode>,
        /// At least.
        min: u32,
        /// At most; none: no bound.
        max: Option<u32>,
    },
    /// Any text that the node does not match (Lucene `~`).
    Complement(Box<RegexNode>),
    /// Text that all of them match (Lucene `&`).
    Intersection(Vec<RegexNode>),
    /// A decimal number between two bounds, inclusive; `width` digits with leading zeros when not 0
    /// (Lucene `<n-m>`).
    Interval {
        /// Least.
        low: u64,
        /// Greatest.
        high: u64,
        /// Fixed number of digits, 0 for any.
        width: u32,
    },
}

/// A member of a character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassItem {
    /// One character; folds when the expression ignores case.
    Char(char),
    /// An inclusive range; keeps its case.
    Range(char, char),
    /// `0-9`.
    Digit,
    /// Not `0-9`.
    NotDigit,
    /// Tab, line feed, carriage return, blank.
    Space,
    /// Anything else than those.
    NotSpace,
    /// ASCII letters, digits, underscore.
    Word,
    /// Anything else than those.
    NotWord,
}

impl ClassItem {
    /// The name that every flavour here gives to a set of characters (`\\d`); none for a character or range.
    #[must_use]
    pub fn shorthand(self) -> Option<&'static str> {
        match self {
            Self::Digit => Some(r"\d"),
            Self::NotDigit => Some(r"\D"),
            Self::Space => Some(r"\s"),
            Self::NotSpace => Some(r"\S"),
            Self::Word => Some(r"\w"),
            Self::NotWord => Some(r"\W"),
            Self::Char(_) | Self::Range(..) => None,
        }
    }
}

impl RegexNode {
    /// `any*`.
    #[must_use]
    pub fn any_run() -> Self {
        Self::Repeat { node: Box::new(Self::Any), min: 0, max: None }
    }
}

/// A construct that Rust's linear-time engine has no form for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// Lucene `~`.
    Complement,
    /// Lucene `&`.
    Intersection,
    /// Lucene `<n-m>`.
    Interval,
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
        RegexNode::Nothing => out.push_str(r"[^\s\S]"),
        RegexNode::Any => out.push('.'),
        RegexNode::Literal(text) => print_literal(text, case, out),
        RegexNode::Class { negated, items } => print_class(*negated, items, case, out),
        RegexNode::Concat(list) => {
            for node in list {
                print(node, case, out)?;
            }
        }
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
        RegexNode::Interval { .. } => return Err(Unsupported::Interval),
    }
    Ok(())
}

/// `*`, `+`, `?` or `{…}`.
#[must_use]
pub fn repetition(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}

fn print_literal(text: &str, case: Case, out: &mut String) {
    if case == Case::Insensitive {
        out.push_str("(?i:");
    }
    text.chars().for_each(|c| push_escaped(c, out));
    if case == Case::Insensitive {
        out.push(')');
    }
}

fn print_class(negated: bool, items: &[ClassItem], case: Case, out: &mut String) {
    out.push_str(if negated { "[^" } else { "[" });
    if items.is_empty() {
        // An empty class is no member at all; Rust has no empty brackets.
        out.push_str(r"[^\s\S]");
    }
    for item in items {
        match item {
            ClassItem::Char(c) => {
                push_escaped(*c, out);
                if case == Case::Insensitive {
                    c.to_lowercase()
                        .chain(c.to_uppercase())
                        .filter(|v| v != c)
                        .for_each(|v| push_escaped(v, out));
                }
            }
            ClassItem::Range(low, high) => {
                push_escaped(*low, out);
                out.push('-');
                push_escaped(*high, out);
            }
            ClassItem::Digit => out.push_str("0-9"),
            ClassItem::NotDigit => out.push_str("[^0-9]"),
            ClassItem::Space => out.push_str(r"\t\n\r\x20"),
            ClassItem::NotSpace => out.push_str(r"[^\t\n\r\x20]"),
            ClassItem::Word => out.push_str("A-Za-z0-9_"),
            ClassItem::NotWord => out.push_str("[^A-Za-z0-9_]"),
        }
    }
    out.push(']');
}

fn push_escaped(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        out.push(c);
    } else {
        out.push_str(&format!(r"\x{{{:x}}}", u32::from(c)));
    }
}
