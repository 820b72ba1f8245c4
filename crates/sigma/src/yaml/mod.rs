//! YAML with the place of every node.
//!
//! The tree keeps what Sigma needs to know of the notation (whether a scalar was quoted) and nothing else.
//! Aliases and merge keys are written out, within bounds; tags are refused, but for `!!str`. Files that stand beside
//! rules, such as processing pipelines, are read in the same way.

mod alias;
mod block;
mod place;
mod read;
mod scalar;

use std::ops::Range;

use eqlc_diagnostics::{Fragment, Parsed};

pub(crate) use alias::measure;
pub use place::Place;
pub(crate) use read::read;
pub use scalar::{Plain, resolve};
pub(crate) use scalar::{ambiguity, is_date};

/// A node. Places are bytes of the fragment's text.
#[derive(Clone, Debug)]
pub struct Yaml {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub at: Range<usize>,
}

/// The kinds of nodes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text, a number and the like.
    Scalar(Scalar),
    /// A list.
    Seq(Vec<Yaml>),
    /// A map, in the order written, each key once.
    Map(Vec<Entry>),
    /// Something that was refused; the error is said.
    Refused,
}

/// A scalar as written.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its text, without quotes.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// Between `'`.
    Single,
    /// Between `"`.
    Double,
    /// `|` or `>`.
    Block,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key; any node in YAML.
    pub key: Yaml,
    /// The value.
    pub value: Yaml,
}

/// Reads the documents of a text; one with a syntax error is left out. `what` names the kind of file in messages, as in
/// "a rule".
///
/// Tags, nesting deeper than 64 levels, aliases that stand for more than 10,000 nodes and texts above 4 MiB are
/// refused.
#[must_use]
pub fn parse(fragment: &Fragment, what: &str) -> Parsed<Vec<Yaml>> {
    let mut sink = crate::read::Sink::default();
    let tree = read(fragment, what, &mut sink);
    Parsed { tree, diagnostics: sink.finish() }
}

impl Yaml {
    /// The text of a scalar, whatever its type.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing was written: `key:` with no value, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| resolve(scalar) == Plain::Null)
    }

    /// What the node is, for messages.
    #[must_use]
    pub fn describe(&self) -> &'static str {
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
