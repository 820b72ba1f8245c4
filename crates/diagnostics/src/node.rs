//! A value with its place, and what a parser gives back.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::{Diagnostics, Span};

/// A value and where it was written. Equality and hash look at the value only, so that trees that differ
/// in layout alone are equal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Node<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
}

impl<T> Node<T> {
    /// `value` at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Another value at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Node<U> {
        Node { value: f(self.value), span: self.span }
    }
}

impl<T: PartialEq> PartialEq for Node<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Node<T> {}

impl<T: Hash> Hash for Node<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

/// A tree, which is always there, and what was wrong with the text. A tree with errors holds error nodes
/// and must not be lowered when [`crate::has_errors`] says so of the diagnostics.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The tree.
    pub tree: T,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Diagnostics,
}
