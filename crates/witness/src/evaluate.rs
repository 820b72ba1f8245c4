//! Asking the reference evaluator.

use eqlc_backend_native::reference::{self, Prepared, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{Body, Category, EventQuery, Pred, Rule, Test};
use serde_json::{Map, Value as Json};

use crate::document;
use crate::field::FieldGoal;
use crate::tools::Tools;

/// How many steps it takes to ask a test of an event.
const STEPS_OF_TEST: usize = 4;

/// Of these values those that satisfy the tests of a field, in the order given.
pub(crate) fn accepted(tools: &mut Tools<'_>, goal: &FieldGoal<'_>, values: Vec<Json>) -> Vec<Json> {
    let tests = goal.wanted.len() + goal.refused.len();
    if tests == 0 || values.is_empty() {
        return values;
    }
    if !tools.languages.take(values.len() * tests * STEPS_OF_TEST) {
        return Vec::new();
    }
    let events: Vec<Event> =
        values.iter().enumerate().filter_map(|(at, value)| alone(&goal.field.path, value, at)).collect();
    let query = EventQuery { category: Category::Any, filter: together(&goal.wanted, &goal.refused) };
    let kept = matching(&query, &events, tools.options);
    values.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, value)| value).collect()
}

/// Which of these events satisfy a query, by their place.
pub(crate) fn matching(query: &EventQuery, events: &[Event], options: &RunOptions) -> Vec<usize> {
    let rule = Rule {
        id: String::new(),
        meta: std::sync::Arc::default(),
        body: Body::Event(query.clone()),
        pipes: Vec::new(),
    };
    // What cannot be evaluated satisfies nothing.
    let matches = reference::run(&rule, events, options).unwrap_or_default();
    matches.into_iter().flat_map(|found| found.events).flatten().collect()
}

/// Whether a rule finds something in a stream.
pub(crate) fn matches(rule: &Prepared<'_>, events: &[Json], options: &RunOptions) -> bool {
    let events: Vec<Event> =
        events.iter().enumerate().filter_map(|(at, event)| Event::borrowed(event, at)).collect();
    rule.run(&events, options).is_ok_and(|found| !found.is_empty())
}

/// An event with a field alone.
fn alone(path: &str, value: &Json, ordinal: usize) -> Option<Event<'static>> {
    let mut document = Map::new();
    document::put(&mut document, path, value.clone());
    Event::from_json(Json::Object(document), ordinal)
}

/// All tests as one condition.
fn together(wanted: &[&Test], refused: &[&Test]) -> Pred {
    let wanted = wanted.iter().map(|test| Pred::Test((*test).clone()));
    let refused = refused.iter().map(|test| Pred::Test((*test).clone()).not());
    Pred::All(wanted.chain(refused).collect())
}
