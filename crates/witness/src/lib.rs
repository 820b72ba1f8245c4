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

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::Rule;
use serde_json::Value as Json;

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
    /// Neither was found within the bounds of the search.
    Unknown,
}

/// Streams of events that a rule matches: one, or with a `limit` above one as many as there are ways to satisfy the
/// condition of a rule of single events.
#[must_use]
pub fn witness(rule: &Rule, limit: usize) -> Outcome {
    stream::find(rule, &RunOptions::of(&rule.meta), limit.max(1))
}
