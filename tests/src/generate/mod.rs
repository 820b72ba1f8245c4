//! Random typed queries with random events, within what eqlc and the oracle of [`crate::oracle`] both define.
//!
//! What is left out because the oracle departs from `eql-semantics.md` there is said where it is left out.

mod condition;
mod events;
mod query;
mod value;

use eqlc_schema::Schema;
use serde_json::{Value as Json, json};

use crate::random::Random;

/// The fields, with their types. `gone.*` are in no mapping: they are written with `?` (§4.4).
const FIELDS: &[(&str, &str)] = &[
    ("@timestamp", "date"),
    ("event.category", "keyword"),
    ("s", "keyword"),
    ("t", "keyword"),
    ("o.s", "keyword"),
    ("digits", "keyword"),
    ("n", "long"),
    ("m", "long"),
    ("f", "double"),
    ("b", "boolean"),
    ("c", "boolean"),
    ("ip", "ip"),
    ("v", "version"),
    ("k", "keyword"),
    ("l", "keyword"),
    ("i", "long"),
    ("j", "long"),
];

/// A query with the events it runs on.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it was made from.
    pub seed: u64,
    /// The query.
    pub query: String,
    /// The events.
    pub events: Vec<Json>,
    /// The most matches.
    pub size: usize,
    /// From which end they are counted.
    pub tail: bool,
}

impl Case {
    /// The case of a seed.
    pub fn new(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let query = query::any(random);
        let events = events::stream(random);
        let size = if random.one_in(4) { 1 + random.below(4) as usize } else { 1_000 };
        Self { seed, query, events, size, tail: random.one_in(2) }
    }

    /// The case as the oracle reads it.
    pub fn for_oracle(&self) -> Json {
        let mapped: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        json!({
            "query": self.query,
            "events": self.events,
            "size": self.size,
            "position": if self.tail { "tail" } else { "head" },
            "mapped": mapped,
            "versions": ["v"],
        })
    }
}

/// The schema of the fields.
pub fn schema() -> Schema {
    Schema::of(FIELDS.iter().copied())
}
