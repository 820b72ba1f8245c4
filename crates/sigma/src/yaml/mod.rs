//! YAML with the place of every node.
//!
//! The tree keeps what Sigma needs to know of the notation (whether a scalar was quoted) and nothing else.
//! Anchors, aliases and tags are refused: a rule must be readable where it stands.

mod place;
mod read;
mod scalar;

use std::ops::Range;

pub(crate) use place::Place;
pub(crate) use read::read;
pub(crate) use scalar::{Plain, ambiguity, is_date, resolve};

/// A node. Places are bytes of the fragment's text.
#[derive(Clone, Debug)]
pub(crate) struct Yaml {
    pub(crate) kind: Kind,
    pub(crate) at: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar(Scalar),
    Seq(Vec<Yaml>),
    Map(Vec<Entry>),
    /// Something that was refused; the error is said.
    Refused,
}

#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    /// `|` or `>`.
    Block,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Yaml,
    pub(crate) value: Yaml,
}

impl Yaml {
    /// The text of a scalar, whatever its type.
    pub(crate) fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing was written: `key:` with no value, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| resolve(scalar) == Plain::Null)
    }

    /// What the node is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(scalar) => match resolve(scalar) {
                Plain::Null => "nothing",
                Plain::Bool(_) => "a boolean",
                Plain::Int(_) | Plain::Float(_) | Plain::TooLarge => "a number",
                Plain::Text => "text",
            },
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Refused => "something that is not allowed",
        }
    }
}
