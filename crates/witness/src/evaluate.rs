//! Asking the reference evaluator.

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, FieldRef, Metadata, Rule, Test};
use serde_json::Value as Json;

use crate::field::{alone, together};

/// Of these values those that satisfy the tests of a field, in the order given.
pub(crate) fn accepted(
    field: &FieldRef,
    wanted: &[&Test],
    refused: &[&Test],
    values: Vec<Json>,
) -> Vec<Json> {
    let events: Vec<Event> =
        values.iter().enumerate().filter_map(|(at, value)| alone(&field.path, value, at)).collect();
    let query = EventQuery { category: Category::Any, filter: together(wanted, refused) };
    let kept = matching(&query, &events, &RunOptions::default());
    values.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, value)| value).collect()
}

/// Which of these events satisfy a query, by their place.
pub(crate) fn matching(query: &EventQuery, events: &[Event], options: &RunOptions) -> Vec<usize> {
    let rule = Rule {
        id: String::new(),
        meta: Metadata::default(),
        body: Body::Event(query.clone()),
        pipes: Vec::new(),
    };
    // What cannot be evaluated satisfies nothing.
    let matches = reference::run(&rule, events, options).unwrap_or_default();
    matches.into_iter().flat_map(|found| found.events).flatten().collect()
}
