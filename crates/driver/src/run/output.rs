//! What a run prints.

use eqlc_backend_native::reference::{Match, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{Body, Literal, Rule};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::events::EventInput;
use crate::load::QUERY_NAME;

/// One match of one rule, as it is printed; events are objects of whatever kind.
#[derive(Serialize)]
pub(super) struct RuleMatch<'a, E> {
    /// The rule's id.
    pub(super) rule: &'a str,
    /// The rule's name.
    pub(super) name: &'a str,
    /// The time of the last event, as the event gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<Value>,
    /// What the events of a sequence share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) join_keys: Vec<Value>,
    /// The events, in the order of the rule's steps.
    pub(super) events: Vec<MatchedEvent<'a, E>>,
}

/// An event of a match.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum MatchedEvent<'a, E> {
    /// An event that was found.
    Found {
        /// The input it came from.
        file: &'a str,
        /// The line it starts on, from 1.
        line: usize,
        /// The event, where it is to be shown.
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<E>,
    },
    /// A missing event: none was to be found.
    Missing {
        /// Always true.
        missing: bool,
    },
}

pub(super) fn rule_match<'a>(
    rule: &'a Rule,
    found: &Match,
    input: &'a EventInput,
    options: &RunOptions,
) -> RuleMatch<'a, &'a Map<String, Value>> {
    let last = found.events.iter().rev().flatten().next().and_then(|index| input.found(*index));
    let timestamp = last.and_then(|found| timestamp(found.event, &options.timestamp_field));
    RuleMatch {
        rule: &rule.id,
        name: &rule.meta.name,
        timestamp,
        join_keys: found.join_keys.iter().map(json).collect(),
        events: found.events.iter().map(|index| matched(*index, input)).collect(),
    }
}

/// The time of an event, as the event gives it.
pub(super) fn timestamp(event: &Event, field: &str) -> Option<Value> {
    event.values(field).first().map(|value| match value {
        eqlc_events::Value::Str(text) => Value::from(text.to_string()),
        eqlc_events::Value::Float(number) => Value::from(*number),
        other => Value::from(other.to_string()),
    })
}

fn matched(index: Option<usize>, input: &EventInput) -> MatchedEvent<'_, &Map<String, Value>> {
    match index.and_then(|index| input.found(index)) {
        Some(found) => MatchedEvent::Found {
            file: found.file,
            line: found.event.line(),
            event: Some(found.event.fields()),
        },
        None => MatchedEvent::Missing { missing: true },
    }
}

/// The response of `_eql/search` to one rule. `took` is always 0, so that equal runs print the same.
#[derive(Serialize)]
pub(super) struct Response<'a> {
    /// Which rule; absent for a query, of which there is but one.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// Whether some input could not be read to its end.
    is_partial: bool,
    is_running: bool,
    took: u64,
    timed_out: bool,
    hits: Hits<'a>,
}

#[derive(Serialize)]
struct Hits<'a> {
    total: Total,
    #[serde(flatten)]
    found: FoundHits<'a>,
}

#[derive(Serialize)]
struct Total {
    value: usize,
    relation: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum FoundHits<'a> {
    Events(Vec<EventHit<'a>>),
    Sequences(Vec<SequenceHit<'a>>),
}

#[derive(Serialize)]
struct SequenceHit<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    join_keys: Vec<Value>,
    events: Vec<EventHit<'a>>,
}

#[derive(Serialize)]
struct EventHit<'a> {
    #[serde(rename = "_index")]
    index: &'a str,
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_source", serialize_with = "object")]
    source: Option<&'a Map<String, Value>>,
    /// The placeholder of a missing event (`eql-semantics.md` §10.7).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    missing: bool,
}

pub(super) fn response<'a>(rule: &'a Rule, matches: &[Match], input: &'a EventInput) -> Response<'a> {
    let found = match &rule.body {
        Body::Event(_) => {
            let indexes = matches.iter().flat_map(|found| &found.events);
            FoundHits::Events(indexes.map(|index| hit(*index, input)).collect())
        }
        _ => FoundHits::Sequences(matches.iter().map(|found| sequence(found, input)).collect()),
    };
    Response {
        rule: Some(rule.id.as_str()).filter(|id| *id != QUERY_NAME),
        is_partial: input.is_partial(),
        is_running: false,
        took: 0,
        timed_out: false,
        hits: Hits { total: Total { value: matches.len(), relation: "eq" }, found },
    }
}

fn sequence<'a>(found: &Match, input: &'a EventInput) -> SequenceHit<'a> {
    SequenceHit {
        join_keys: found.join_keys.iter().map(json).collect(),
        events: found.events.iter().map(|index| hit(*index, input)).collect(),
    }
}

fn hit(index: Option<usize>, input: &EventInput) -> EventHit<'_> {
    match index.and_then(|index| input.found(index)) {
        Some(found) => EventHit {
            index: found.index(),
            id: found.id(),
            source: Some(found.event.fields()),
            missing: false,
        },
        None => EventHit { index: "", id: String::new(), source: None, missing: true },
    }
}

/// An object, also where there is none.
fn object<S: Serializer>(fields: &Option<&Map<String, Value>>, to: S) -> Result<S::Ok, S::Error> {
    match fields {
        Some(fields) => fields.serialize(to),
        None => to.collect_map(std::iter::empty::<(&str, &Value)>()),
    }
}

/// A part of a join key (`eql-semantics.md` §10.3). A number that JSON readers would round is text.
pub(crate) fn json(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::from(*value),
        Literal::Int(value) => i64::try_from(*value)
            .map(Value::from)
            .or_else(|_| u64::try_from(*value).map(Value::from))
            .unwrap_or_else(|_| Value::from(value.to_string())),
        Literal::Float(value) => Value::from(*value),
        Literal::Str(text) => Value::from(text.as_str()),
        Literal::Date(bound) => Value::from(bound.text()),
    }
}
