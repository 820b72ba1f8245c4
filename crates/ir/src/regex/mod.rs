//! Regular expressions as trees, free of any engine's syntax.
//!
//! EQL's Lucene flavour and Sigma's flavour are read into [`RegexNode`] where they are lowered; backends
//! print the tree in the flavour of their target. Text is never passed from one flavour to another.

mod automaton;
mod interval;
mod rust;
mod sets;

use serde::{Deserialize, Serialize};

use crate::depth::deeper;
use crate::{Case, Part, TextPattern};
pub use automaton::{Automaton, TooLarge};
pub use rust::Unsupported;

/// A regular expression that the **whole** value must match. A substring search is
/// `any* expression any*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Regex {
    /// The expression.
    pub root: RegexNode,
    /// [`Case::Insensitive`] folds literals and single characters of classes, by Unicode's simple folding;
    /// **ranges keep their case**, wherever they stand (`eql-semantics.md` §6.5, Lucene's rule).
    pub case: Case,
}

/// A node of a regular expression: a set of texts over code points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    Concat(#[serde(deserialize_with = "deeper")] Vec<RegexNode>),
    /// Some one of them.
    Alternatives(#[serde(deserialize_with = "deeper")] Vec<RegexNode>),
    /// The node, `min` times at least and `max` times at most.
    Repeat {
        /// What is repeated.
        #[serde(deserialize_with = "deeper")]
        node: Box<RegexNode>,
        /// At least.
        min: u32,
        /// At most; none: no bound.
        max: Option<u32>,
    },
    /// Any text, the empty one included, that the node does not match (Lucene `~`).
    Complement(#[serde(deserialize_with = "deeper")] Box<RegexNode>),
    /// Text that all of them match as a whole (Lucene `&`).
    Intersection(#[serde(deserialize_with = "deeper")] Vec<RegexNode>),
    /// A decimal number between two bounds, inclusive (Lucene `<n-m>`): exactly `width` digits, leading zeros
    /// included, or any number of leading zeros where `width` is 0. Bounds in the wrong order match nothing.
    Interval {
        /// Least.
        low: u64,
        /// Greatest.
        high: u64,
        /// Fixed number of digits; 0 for any.
        width: u32,
    },
}

/// A member of a character class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
        Self::Any.repeated()
    }

    /// The node any number of times, none included.
    #[must_use]
    pub fn repeated(self) -> Self {
        Self::Repeat { node: Box::new(self), min: 0, max: None }
    }

    /// Some one of the nodes; of one node itself.
    #[must_use]
    pub fn one_of(mut nodes: Vec<Self>) -> Self {
        if nodes.len() == 1 { nodes.swap_remove(0) } else { Self::Alternatives(nodes) }
    }

    /// The nodes that follow one another in it: itself where it is no [`RegexNode::Concat`].
    #[must_use]
    pub fn into_concat(self) -> Vec<Self> {
        match self {
            Self::Concat(nodes) => nodes,
            single => vec![single],
        }
    }

    /// What a pattern matches whose wildcards stand for characters that `any` matches.
    #[must_use]
    pub fn of_pattern(pattern: &TextPattern, any: &Self) -> Self {
        let parts = pattern.parts().iter().map(|part| match part {
            Part::Lit(text) => Self::Literal(text.to_string()),
            Part::AnyRun => any.clone().repeated(),
            Part::AnyOne => any.clone(),
        });
        Self::Concat(parts.collect())
    }

    /// Whether a complement or an intersection stands in it, which engines without boolean algebra lack.
    #[must_use]
    pub fn has_algebra(&self) -> bool {
        match self {
            Self::Complement(_) | Self::Intersection(_) => true,
            Self::Concat(list) | Self::Alternatives(list) => list.iter().any(Self::has_algebra),
            Self::Repeat { node, .. } => node.has_algebra(),
            _ => false,
        }
    }

    /// How many single characters it asks for when every repetition is written out: a measure of what an
    /// engine has to build.
    #[must_use]
    pub fn size(&self) -> u64 {
        let sum = |list: &[Self]| list.iter().fold(0_u64, |sum, node| sum.saturating_add(node.size()));
        match self {
            Self::Empty | Self::Nothing => 0,
            Self::Any | Self::Class { .. } => 1,
            Self::Literal(text) => text.chars().count() as u64,
            Self::Concat(list) | Self::Alternatives(list) | Self::Intersection(list) => sum(list),
            Self::Repeat { node, min, max } => {
                let times = u64::from(max.unwrap_or(min.saturating_add(1)).max(*min).max(1));
                node.size().saturating_mul(times)
            }
            Self::Complement(inner) => inner.size(),
            Self::Interval { low, high, width } => interval::node(*low, *high, *width).size(),
        }
    }

    /// The same language without [`RegexNode::Interval`], for flavours that lack it.
    #[must_use]
    pub fn without_intervals(self) -> Self {
        let all = |list: Vec<Self>| list.into_iter().map(Self::without_intervals).collect();
        match self {
            Self::Interval { low, high, width } => interval::node(low, high, width),
            Self::Concat(list) => Self::Concat(all(list)),
            Self::Alternatives(list) => Self::Alternatives(all(list)),
            Self::Intersection(list) => Self::Intersection(all(list)),
            Self::Complement(inner) => Self::Complement(Box::new(inner.without_intervals())),
            Self::Repeat { node, min, max } => {
                Self::Repeat { node: Box::new(node.without_intervals()), min, max }
            }
            leaf => leaf,
        }
    }
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

#[cfg(test)]
mod tests;
