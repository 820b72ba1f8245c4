//! Witnesses: events that a rule matches, made from the rule.
//!
//! A condition is a tree of tests. [`witness`] goes through the ways to satisfy it, reads what the tests of each
//! field ask as one set of texts ([`language`]) or as candidates of the other types, puts values together where tests
//! compare fields, and asks the reference evaluator whether the rule matches: what it gives has been run. Where every
//! way is proven to be contradictory the rule can never match, and the contradictions are named.
//!
//! Everything is deterministic: the same rule gives the same events.

mod document;
mod evaluate;
mod event;
mod field;
mod goal;
mod language;
mod prepare;
mod realistic;
mod stream;
#[cfg(test)]
mod tests;
mod texts;

use std::fmt;

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::Rule;
use serde_json::Value as Json;

pub use eqlc_events::Timestamp;
pub use field::Contradiction;

/// A stream of events that the rule matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The events, objects, in the order of their time.
    pub events: Vec<Json>,
}

/// What came of the search for events.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Streams that the rule matches, each in another way.
    Found(Vec<Witness>),
    /// The rule can never match: one contradiction for each way to satisfy its condition.
    Never(Vec<Contradiction>),
    /// Neither was found.
    Unknown(Reason),
}

/// Why neither events nor a proof that there are none were found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The search was stopped within its bounds.
    OutOfSteps,
    /// The rule asks for something that the search does not solve.
    Unsolved,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfSteps => "the search was stopped within its bounds",
            Self::Unsolved => "the rule asks for something that the search does not solve",
        })
    }
}

/// A search for events, with what it is given.
///
/// ```ignore
/// let outcome = Search::new().limit(4).witness(&rule);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    limit: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// A search for one stream, within the usual bounds.
    #[must_use]
    pub fn new() -> Self {
        Self { limit: 1 }
    }

    /// The most streams that are given.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: limit.max(1) }
    }

    /// Streams of events that a rule matches: one, or with a [limit](Self::limit) above one as many as there are ways
    /// to satisfy the condition of a rule of single events.
    #[must_use]
    pub fn witness(&self, rule: &Rule) -> Outcome {
        stream::find(rule, &RunOptions::of(&rule.meta), self.limit)
    }
}

/// [`Search::witness`] with a limit alone.
#[must_use]
pub fn witness(rule: &Rule, limit: usize) -> Outcome {
    Search::new().limit(limit).witness(rule)
}
