//! Short constructors for tests.

use std::collections::BTreeSet;

use eqlc_diagnostics::{Node, Span};
use eqlc_events::Event;
use eqlc_ir::{
    Body, Case, Category, Comparison, EventQuery, FieldRef, FieldType, Function, Key, Literal, Op, Pipe,
    Pred, Rule, Sample, SampleTerm, Scalar, Sequence, Step, Taxonomy, TextPattern, Until,
};
use serde_json::Value as Json;

use super::{Match, RunError, RunOptions, run};

pub(crate) fn field_ref(path: &str, ty: FieldType) -> FieldRef {
    let (path, optional) = path.strip_prefix('?').map_or((path, false), |path| (path, true));
    FieldRef { path: path.into(), taxonomy: Taxonomy::Ecs, ty, optional, span: Span::default() }
}

/// A field of no known type; `?x` is optional.
pub(crate) fn field(path: &str) -> Scalar {
    Scalar::Field(field_ref(path, FieldType::Unknown))
}

pub(crate) fn typed(path: &str, ty: FieldType) -> Scalar {
    Scalar::Field(field_ref(path, ty))
}

/// A constant as JSON writes it.
pub(crate) fn literal(value: &Json) -> Literal {
    match value {
        Json::Null => Literal::Null,
        Json::Bool(value) => Literal::Bool(*value),
        Json::Number(number) if number.is_f64() => Literal::Float(number.as_f64().unwrap()),
        Json::Number(number) => Literal::Int(number.to_string().parse().unwrap()),
        Json::String(text) => Literal::Str(text.as_str().into()),
        other => panic!("{other} is no constant"),
    }
}

pub(crate) fn constant(value: impl Into<Json>) -> Scalar {
    Scalar::Literal(literal(&value.into()))
}

pub(crate) fn call(function: Function, args: Vec<Scalar>) -> Scalar {
    Scalar::Call { function, args, case: Case::Sensitive }
}

pub(crate) fn test(subject: Scalar, op: Op) -> Pred {
    Pred::test(subject, op, Span::default())
}

pub(crate) fn compare(subject: Scalar, comparison: Comparison, value: impl Into<Json>) -> Pred {
    test(subject, Op::Compare(comparison, constant(value)))
}

pub(crate) fn equal(subject: Scalar, value: impl Into<Json>) -> Pred {
    compare(subject, Comparison::Equal, value)
}

pub(crate) fn is_null(subject: Scalar) -> Pred {
    test(subject, Op::IsNull)
}

/// `subject : "pattern"`.
pub(crate) fn like(subject: Scalar, pattern: &str) -> Pred {
    test(subject, Op::Text(vec![TextPattern::from_eql(pattern)], Case::Insensitive))
}

pub(crate) fn query(filter: Pred) -> EventQuery {
    EventQuery { category: Category::Any, filter }
}

pub(crate) fn of_category(names: &[&str]) -> Category {
    Category::OneOf(names.iter().map(|name| Node::new((*name).to_owned(), Span::default())).collect())
}

pub(crate) fn rule(body: Body) -> Rule {
    Rule { id: "test".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::<Pipe>::new() }
}

pub(crate) fn keys(paths: &[&str]) -> Vec<Key> {
    paths.iter().map(|path| Key { field: field_ref(path, FieldType::Unknown) }).collect()
}

/// A step for the events whose `is` has this value; `!x` asks for a missing one.
pub(crate) fn step(is: &str) -> Step {
    let (is, missing) = is.strip_prefix('!').map_or((is, false), |is| (is, true));
    let query = query(equal(field("is"), is));
    Step { query, by: Vec::new(), missing, runs: 1, alias: None, span: Default::default() }
}

/// A sequence by `k` of the steps named; `until` and a time span in milliseconds may follow.
pub(crate) fn sequence(steps: &str, until: Option<&str>, maxspan_ms: Option<u64>) -> Sequence {
    Sequence {
        by: keys(&["k"]),
        maxspan_ms,
        steps: steps.split_whitespace().map(step).collect(),
        until: until.map(|is| Until { query: step(is).query, by: Vec::new() }),
    }
}

pub(crate) fn sample(by: &[&str], terms: &str) -> Sample {
    let term = |is| SampleTerm { query: step(is).query, by: Vec::new() };
    Sample { by: keys(by), terms: terms.split_whitespace().map(term).collect() }
}

pub(crate) fn event(json: Json) -> Event<'static> {
    Event::from_json(json, 0).unwrap()
}

/// Events of an array.
pub(crate) fn events(json: Json) -> Vec<Event<'static>> {
    let Json::Array(items) = json else { panic!("an array is wanted") };
    items.into_iter().enumerate().map(|(at, item)| Event::from_json(item, at).unwrap()).collect()
}

/// Events written `time:is` or `time:is/key`, several letters for an event that is several things; the key is
/// `a` when not given.
pub(crate) fn stream(text: &str) -> Vec<Event<'static>> {
    let items = text.split_whitespace().map(|word| {
        let (time, rest) = word.split_once(':').unwrap();
        let (is, key) = rest.split_once('/').unwrap_or((rest, "a"));
        let is: Vec<String> = is.chars().map(String::from).collect();
        serde_json::json!({"@timestamp": time.parse::<i64>().unwrap(), "is": is, "k": key})
    });
    events(Json::Array(items.collect()))
}

pub(crate) fn holds(pred: Pred, json: Json) -> bool {
    try_holds(pred, json).unwrap()
}

pub(crate) fn try_holds(pred: Pred, json: Json) -> Result<bool, RunError> {
    let matches = run(&rule(Body::Event(query(pred))), &[event(json)], &RunOptions::default())?;
    Ok(!matches.is_empty())
}

/// Whether a condition holds of an event in a run at an instant.
pub(crate) fn holds_at(pred: Pred, json: Json, now: &str) -> bool {
    let now = eqlc_events::DateSpan::parse(now).map(|span| span.first);
    let options = RunOptions { now, ..RunOptions::default() };
    !run(&rule(Body::Event(query(pred))), &[event(json)], &options).unwrap().is_empty()
}

/// The value of an expression on an event.
pub(crate) fn value(scalar: &Scalar, json: Json) -> Json {
    let candidates = |json: &Json| {
        let mut found: BTreeSet<String> = BTreeSet::new();
        for value in (-9..100).map(Json::from).chain([true.into(), false.into()]) {
            if holds(equal(scalar.clone(), value.clone()), json.clone()) {
                found.insert(value.to_string());
            }
        }
        found
    };
    if holds(is_null(scalar.clone()), json.clone()) {
        return Json::Null;
    }
    match candidates(&json).into_iter().next() {
        Some(found) => serde_json::from_str(&found).unwrap(),
        None => panic!("the value of {scalar:?} is not among those tried"),
    }
}

/// Matches as `[0,1] [2,-]`, with `key=` before them where there is one.
pub(crate) fn shown(matches: &[Match]) -> String {
    let one = |found: &Match| {
        let events: Vec<String> =
            found.events.iter().map(|event| event.map_or("-".to_owned(), |at| at.to_string())).collect();
        let key: Vec<String> = found
            .join_keys
            .iter()
            .map(|part| match part {
                Literal::Str(text) => text.to_string(),
                Literal::Date(bound) => bound.to_string(),
                Literal::Null => "null".to_owned(),
                Literal::Bool(value) => value.to_string(),
                Literal::Int(value) => value.to_string(),
                Literal::Float(value) => value.to_string(),
            })
            .collect();
        let head = if key.is_empty() { String::new() } else { format!("{}=", key.join(",")) };
        format!("{head}[{}]", events.join(","))
    };
    matches.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub(crate) fn run_shown(body: Body, events: &[Event]) -> String {
    shown(&run(&rule(body), events, &RunOptions::default()).unwrap())
}
