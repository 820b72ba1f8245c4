//! What is known of the engines among the tests: where they say otherwise than the reference of their language.

use std::collections::BTreeSet;

use eqlc_events::Event;
use eqlc_ir::{Body, Correlation, EventQuery, Key, Op, Pred, Rule, Test, text};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::reading::Reading;

/// A known divergence, as `tests/engines/<engine>.yml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Its name.
    id: String,
    /// What the engine does.
    #[serde(rename = "what")]
    _what: String,
    /// The clause that says otherwise.
    #[serde(rename = "decided_by")]
    _decided_by: String,
    /// How a case is recognised; all that is given must hold.
    when: When,
    /// How the engine reads rules and events, so that the reference says the same once they are read so.
    reads: Option<Reading>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct When {
    /// A regular expression for the message with which the engine refuses the rule.
    refused: Option<String>,
    /// One for the text of the rule.
    rule: Option<String>,
    /// One for a test of the rule, in the text form of the IR.
    test: Option<String>,
    /// What the event holds in the field of such a test; without a test, in any field.
    holds: Option<BTreeSet<Kind>>,
    /// What the event holds in the field of its category.
    category: Option<BTreeSet<Kind>>,
    /// Whether the rule searches for texts in any field.
    #[serde(default)]
    anywhere: bool,
    /// What correlations and sequences are recognised by.
    stream: Option<Stream>,
    /// Whether the test stands under a negation.
    #[serde(default)]
    negated: bool,
    /// Whether the engine answers otherwise with and without regard to letter case, of which it knows one for the
    /// whole of a query.
    #[serde(default)]
    by_case: bool,
}

/// How a stream of events is recognised.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Stream {
    /// Whatever the stream.
    Any,
    /// Two events stand less than a second apart, or a part of a second decides whether they are in the timespan.
    PartsOfSeconds,
    /// An event has no value in a field of the group.
    NoKey,
    /// An event has several values in a field of the group.
    SeveralKeys,
    /// The rule asks for a missing event.
    Missing,
    /// The rule has an `until`.
    Until,
    /// The rule is a sequence.
    Sequence,
}

/// What a field of an event holds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing.
    Missing,
    /// Null.
    Null,
    /// A list.
    List,
    /// A number.
    Number,
    /// A number written with a fraction.
    Fraction,
    Bool,
    Empty,
    LineBreak,
    /// A text with letters beyond ASCII.
    Foreign,
    Text,
}

/// A divergence with its expressions compiled.
pub struct Divergence {
    pub id: String,
    refused: Option<Regex>,
    rule: Option<Regex>,
    test: Option<Regex>,
    holds: Option<BTreeSet<Kind>>,
    category: Option<BTreeSet<Kind>>,
    anywhere: bool,
    stream: Option<Stream>,
    negated: bool,
    by_case: bool,
    /// How the engine reads.
    pub reads: Option<Reading>,
}

/// The divergences of an engine, the narrowest first.
pub fn known(engine: &str) -> Vec<Divergence> {
    let path = crate::root().join(format!("tests/engines/{engine}.yml"));
    let text = std::fs::read_to_string(path).expect("readable");
    let entries: Vec<Entry> = serde_yaml::from_str(&text).expect("a list of divergences");
    let compile = |text: Option<String>| text.map(|text| Regex::new(&text).expect("a regular expression"));
    let entry = |Entry { id, when, reads, .. }| Divergence {
        reads,
        id,
        refused: compile(when.refused),
        rule: compile(when.rule),
        test: compile(when.test),
        holds: when.holds,
        category: when.category,
        anywhere: when.anywhere,
        stream: when.stream,
        negated: when.negated,
        by_case: when.by_case,
    };
    entries.into_iter().map(entry).collect()
}

impl Divergence {
    /// Whether the engine is known not to read the rule, by what it says.
    pub fn is_refusal(&self, message: &str, rule: &str) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.is_match(message))
            && self.rule.as_ref().is_none_or(|wanted| wanted.is_match(rule))
    }

    /// Whether the engine is known to say otherwise of the stream.
    pub fn explains_stream(&self, text: &str, correlation: &Correlation, events: &[Event]) -> bool {
        let of_key = |holds: fn(usize) -> bool| {
            let fields = correlation.group_by.iter().flat_map(|key| &key.fields);
            let mut fields = fields.map(|field| &field.path);
            fields.any(|path| events.iter().any(|event| holds(event.values(path).len())))
        };
        let fits = match self.stream {
            None => false,
            Some(Stream::Any) => true,
            Some(Stream::PartsOfSeconds) => events.iter().any(|event| {
                event.timestamp("@timestamp").is_some_and(|time| time.nanos() % 1_000_000_000 != 0)
            }),
            Some(Stream::NoKey) => of_key(|values| values == 0),
            Some(Stream::SeveralKeys) => of_key(|values| values > 1),
            Some(Stream::Missing | Stream::Until | Stream::Sequence) => false,
        };
        fits && self.rule.as_ref().is_none_or(|wanted| wanted.is_match(text))
    }

    /// Whether the engine is known to say otherwise of a query of EQL on a stream; `by_case` whether it says one thing
    /// with regard to letter case and another without.
    pub fn explains_query(&self, query: &str, rule: &Rule, events: &[Event], by_case: bool) -> bool {
        if self.refused.is_some()
            || (self.by_case && !by_case)
            || self.rule.as_ref().is_some_and(|wanted| !wanted.is_match(query))
            || !self.stream.is_none_or(|stream| of_sequence(stream, rule, events))
        {
            return false;
        }
        if let Some(wanted) = &self.category {
            let field = rule.meta.event_category_override.as_deref().unwrap_or("event.category");
            let of = |event: &Event| kinds(event, field);
            return events.iter().any(|event| of(event).intersection(wanted).next().is_some());
        }
        if self.test.is_none() && self.holds.is_none() {
            return true;
        }
        let holds = |path: &str| {
            let of = |event: &Event| kinds(event, path);
            self.holds.as_ref().is_none_or(|wanted| {
                events.iter().any(|event| of(event).intersection(wanted).next().is_some())
            })
        };
        let fits = |test: &Test| {
            let right = match &test.op {
                Op::Compare(_, right) => right.fields(),
                _ => Vec::new(),
            };
            let mut fields = test.subject.fields().into_iter().chain(right);
            self.test.as_ref().is_none_or(|wanted| wanted.is_match(&text::test(test)))
                && (self.holds.is_none() || fields.any(|field| holds(&field.path)))
        };
        let queries = rule.queries();
        let mut tests = queries.iter().flat_map(|query| match self.negated {
            true => negated_tests(&query.filter, false),
            false => query.filter.tests(),
        });
        tests.any(fits)
    }

    /// Whether the engine is known to say otherwise of the event.
    pub fn explains(&self, rule: &str, query: &EventQuery, event: &Event) -> bool {
        if self.refused.is_some()
            || self.stream.is_some()
            || self.rule.as_ref().is_some_and(|wanted| !wanted.is_match(rule))
        {
            return false;
        }
        if self.anywhere && !text::pred(&query.filter).contains("anywhere ") {
            return false;
        }
        let holds = |path: &str| {
            self.holds.as_ref().is_none_or(|wanted| kinds(event, path).intersection(wanted).next().is_some())
        };
        let mut tests = query.filter.tests().into_iter();
        match &self.test {
            None => self.holds.is_none() || query.filter.fields().into_iter().any(|field| holds(&field.path)),
            Some(wanted) => tests.any(|test| {
                let fields = test.subject.fields();
                wanted.is_match(&text::test(test)) && fields.into_iter().any(|field| holds(&field.path))
            }),
        }
    }
}

/// The tests that stand under a negation.
fn negated_tests(pred: &Pred, negated: bool) -> Vec<&Test> {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
            list.iter().flat_map(|part| negated_tests(part, negated)).collect()
        }
        Pred::Not(inner) => negated_tests(inner, true),
        Pred::Test(test) if negated => vec![test],
        _ => Vec::new(),
    }
}

fn of_sequence(stream: Stream, rule: &Rule, events: &[Event]) -> bool {
    let paths = || -> Vec<String> {
        let keys: Vec<&Key> = match &rule.body {
            Body::Sequence(sequence) => {
                sequence.by.iter().chain(sequence.steps.iter().flat_map(|step| &step.by)).collect()
            }
            Body::Sample(sample) => {
                sample.by.iter().chain(sample.terms.iter().flat_map(|term| &term.by)).collect()
            }
            _ => Vec::new(),
        };
        keys.into_iter().map(|key| key.field.path.to_string()).collect()
    };
    let of_key = |holds: fn(usize) -> bool| {
        paths().iter().any(|path| events.iter().any(|event| holds(event.values(path).len())))
    };
    let Body::Sequence(sequence) = &rule.body else {
        return matches!(stream, Stream::NoKey | Stream::SeveralKeys)
            && of_key(if stream == Stream::NoKey { |values| values == 0 } else { |values| values > 1 });
    };
    match stream {
        Stream::Any | Stream::Sequence => true,
        Stream::Missing => sequence.steps.iter().any(|step| step.missing),
        Stream::Until => sequence.until.is_some(),
        Stream::NoKey => of_key(|values| values == 0),
        Stream::SeveralKeys => of_key(|values| values > 1),
        Stream::PartsOfSeconds => events
            .iter()
            .any(|event| event.timestamp("@timestamp").is_some_and(|time| time.nanos() % 1_000_000_000 != 0)),
    }
}

/// What a field holds; several where it is a list.
fn kinds(event: &Event, path: &str) -> BTreeSet<Kind> {
    let mut flat = Map::new();
    flatten(&Json::Object(event.fields().clone()), "", &mut flat);
    let mut found = BTreeSet::new();
    match flat.get(path) {
        None => {
            found.insert(Kind::Missing);
        }
        Some(value) => add(value, &mut found),
    }
    found
}

fn add(value: &Json, found: &mut BTreeSet<Kind>) {
    match value {
        Json::Null => drop(found.insert(Kind::Null)),
        Json::Bool(_) => drop(found.insert(Kind::Bool)),
        Json::Number(number) => {
            found.insert(Kind::Number);
            found.extend(number.is_f64().then_some(Kind::Fraction));
        }
        Json::Array(items) => {
            found.insert(Kind::List);
            items.iter().for_each(|item| add(item, found));
        }
        Json::Object(_) => {}
        Json::String(text) => {
            found.insert(Kind::Text);
            let kinds = [
                (text.is_empty(), Kind::Empty),
                (text.contains(['\n', '\r']), Kind::LineBreak),
                (!text.is_ascii(), Kind::Foreign),
            ];
            found.extend(kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind));
        }
    }
}

/// The event with dotted names at one level.
pub fn flatten(value: &Json, path: &str, flat: &mut Map<String, Json>) {
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, &path, flat);
            }
        }
        leaf => {
            flat.insert(path.to_owned(), leaf.clone());
        }
    }
}
