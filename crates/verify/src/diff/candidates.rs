//! Streams that may show a difference: those that a rule matches, changed a little.

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::{Body, Correlation, CorrelationCondition, EventQuery, Literal, Metadata, Pipe, Rule, Source};
use eqlc_witness::{Outcome, Search};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

use super::separate::{leaves, read_at, remove, value_at};

/// 2025-01-15T10:00:00Z in milliseconds since 1970.
const START_MS: i64 = 1_736_935_200_000;
/// The most streams that are made.
pub(super) const MAX_STREAMS: usize = 300;
/// The most times that an event is repeated.
const MAX_REPEATS: u64 = 40;
/// Streams that are asked of the search for witnesses.
const WITNESSES: usize = 12;
/// Near misses of each rule.
const NEAR_MISSES: usize = 100;

/// Streams that a rule matches.
pub(super) fn witnesses(rule: &Rule) -> Vec<Vec<Json>> {
    match Search::new().limit(WITNESSES).witness(rule) {
        Outcome::Found(found) => found.into_iter().map(|witness| witness.events).collect(),
        Outcome::Never(_) | Outcome::Unknown(_) => Vec::new(),
    }
}

/// Streams that a rule only just matches or does not.
pub(super) fn near(rule: &Rule) -> Vec<Vec<Json>> {
    Search::new().near_misses(rule).into_iter().take(NEAR_MISSES).map(|probe| probe.events).collect()
}

/// Streams with one value of one event changed: left out, in other letters, longer, empty, beside another, of another
/// type.
pub(super) fn altered(stream: &[Json], kept: &[&str]) -> Vec<Vec<Json>> {
    let mut found = Vec::new();
    for (at, event) in stream.iter().enumerate() {
        let mut paths = Vec::new();
        leaves(event, &mut Vec::new(), &mut paths);
        for path in paths.iter().filter(|path| !kept.contains(&path.join(".").as_str())) {
            let mut without = stream.to_vec();
            if without.get_mut(at).is_some_and(|event| remove(event, path)) {
                found.push(without);
            }
            let Some(value) = read_at(event, path) else { continue };
            for other in others(value) {
                let mut changed = stream.to_vec();
                if let Some(slot) = changed.get_mut(at).and_then(|event| value_at(event, path)) {
                    *slot = other;
                    found.push(changed);
                }
            }
        }
    }
    found
}

fn others(value: &Json) -> Vec<Json> {
    match value {
        Json::String(text) => {
            let turned: String = text
                .chars()
                .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect();
            let shorter: String = text.chars().skip(1).collect();
            let texts = [turned, format!("{text}x"), format!("x{text}"), shorter, String::new()];
            let mut found: Vec<Json> =
                texts.into_iter().filter(|other| other != text).map(Json::from).collect();
            found.push(Json::from(vec![text.as_str(), "other"]));
            found
        }
        Json::Number(number) => match number.as_i64() {
            Some(number) => {
                let near = [number.saturating_add(1), number.saturating_sub(1), 0];
                near.into_iter().filter(|other| *other != number).map(Json::from).collect()
            }
            None => vec![Json::from(0)],
        },
        Json::Bool(value) => vec![Json::Bool(!value)],
        _ => Vec::new(),
    }
}

/// What of two rules over streams matters for the streams to try.
pub(crate) struct Shape {
    timestamp_field: String,
    /// Times that bound a match, in milliseconds.
    spans: Vec<u64>,
    /// Paths of join keys.
    keys: Vec<String>,
    /// Numbers of events that something asks for.
    counts: Vec<u64>,
    /// Queries of events that end or break a match.
    breaking: Vec<EventQuery>,
    meta: Arc<Metadata>,
}

impl Shape {
    pub(crate) fn of(rules: [&Rule; 2]) -> Self {
        let meta = rules.first().map(|rule| rule.meta.clone()).unwrap_or_default();
        let options = RunOptions::of(&meta);
        let mut shape = Self {
            timestamp_field: options.timestamp_field,
            spans: Vec::new(),
            keys: Vec::new(),
            counts: Vec::new(),
            breaking: Vec::new(),
            meta: Arc::new(Metadata {
                timestamp_field: meta.timestamp_field.clone(),
                event_category_override: meta.event_category_override.clone(),
                ..Metadata::default()
            }),
        };
        rules.into_iter().for_each(|rule| shape.rule(rule));
        for list in [&mut shape.spans, &mut shape.counts] {
            list.sort_unstable();
            list.dedup();
        }
        shape.keys.sort_unstable();
        shape.keys.dedup();
        shape
    }

    /// Paths of the join keys.
    pub(crate) fn key_fields(&self) -> Vec<String> {
        self.keys.clone()
    }

    /// The stream the other way round, all of it within one second.
    pub(crate) fn in_one_second(&self, stream: &[Json]) -> Vec<Json> {
        let mut turned: Vec<Json> = stream.iter().rev().cloned().collect();
        for (at, event) in turned.iter_mut().enumerate() {
            self.set_time(event, at as u64, false);
        }
        turned
    }

    fn rule(&mut self, rule: &Rule) {
        self.counts.extend(rule.pipes.iter().map(|pipe| match pipe {
            Pipe::Head(count) | Pipe::Tail(count) => *count,
        }));
        match &rule.body {
            Body::Event(_) => {}
            Body::Sequence(sequence) => {
                self.spans.extend(sequence.maxspan_ms);
                for step in &sequence.steps {
                    self.keys
                        .extend(sequence.keys_of(&step.by).into_iter().map(|key| key.field.path.to_string()));
                    self.counts.push(u64::from(step.runs));
                    if step.missing {
                        self.breaking.push(step.query.clone());
                    }
                }
                self.breaking.extend(sequence.until.iter().map(|until| until.query.clone()));
            }
            Body::Sample(sample) => {
                let own = sample.terms.iter().flat_map(|term| &term.by);
                self.keys.extend(sample.by.iter().chain(own).map(|key| key.field.path.to_string()));
            }
            Body::Correlation(correlation) => self.correlation(correlation),
        }
    }

    fn correlation(&mut self, correlation: &Correlation) {
        self.spans.push(correlation.timespan_ms);
        let grouped = correlation.group_by.iter().flat_map(|key| &key.fields);
        self.keys.extend(grouped.map(|field| field.path.to_string()));
        if let Some(CorrelationCondition::Number(number)) = &correlation.condition {
            self.keys
                .extend(number.fields.iter().flat_map(|key| &key.fields).map(|field| field.path.to_string()));
            self.counts.extend(number.bounds.iter().filter_map(|bound| match bound.value {
                Literal::Int(value) => u64::try_from(value).ok(),
                _ => None,
            }));
        }
        for rule in &correlation.rules {
            if let Source::Correlation(inner) = &rule.source {
                self.correlation(inner);
            }
        }
    }

    /// Streams like this one: in another order, over another time, with events left out, repeated and put between,
    /// and with other keys.
    pub(crate) fn variants(&self, stream: &[Json]) -> Vec<Vec<Json>> {
        let mut found = vec![stream.to_vec()];
        for at in 0..stream.len() {
            let mut fewer = stream.to_vec();
            fewer.remove(at);
            found.push(fewer);
            let mut swapped = stream.to_vec();
            if at + 1 < swapped.len() {
                swapped.swap(at, at + 1);
                found.push(self.timed(swapped));
            }
            found.extend(self.repeated(stream, at));
            found.extend(self.other_keys(stream, at));
        }
        found.push(self.timed(stream.iter().rev().cloned().collect()));
        found.push(self.timed([stream, stream].concat()));
        found.extend(self.stretched(stream));
        found.extend(self.interrupted(stream));
        found
    }

    /// An event more than once, as often as a number of either rule asks for, once more and once less.
    fn repeated(&self, stream: &[Json], at: usize) -> Vec<Vec<Json>> {
        let Some(event) = stream.get(at) else { return Vec::new() };
        let mut times: Vec<u64> = self
            .counts
            .iter()
            .flat_map(|count| [count.saturating_sub(1), *count, count.saturating_add(1)])
            .collect();
        times.push(2);
        times.sort_unstable();
        times.dedup();
        let repeat = |times: u64| {
            let mut longer = stream.to_vec();
            let more = (1..times).map(|_| event.clone());
            longer.splice(at..at, more);
            self.timed(longer)
        };
        times.into_iter().filter(|times| (2..=MAX_REPEATS).contains(times)).map(repeat).collect()
    }

    /// An event whose keys differ from those of the others, or that has none.
    fn other_keys(&self, stream: &[Json], at: usize) -> Vec<Vec<Json>> {
        let mut found = Vec::new();
        for key in &self.keys {
            let Some(event) = stream.get(at) else { continue };
            let mut paths = Vec::new();
            leaves(event, &mut Vec::new(), &mut paths);
            for path in paths.iter().filter(|path| path.join(".") == *key) {
                let mut without = stream.to_vec();
                if without.get_mut(at).is_some_and(|event| remove(event, path)) {
                    found.push(without);
                }
                let mut other = stream.to_vec();
                if let Some(slot) = other.get_mut(at).and_then(|event| value_at(event, path)) {
                    *slot = match slot {
                        Json::Number(number) => Json::from(number.as_i64().unwrap_or(0).saturating_add(1)),
                        Json::String(text) => Json::from(format!("{text}-2")),
                        _ => Json::Null,
                    };
                    found.push(other);
                }
            }
        }
        found
    }

    /// The stream over as long a time as a span allows, and a little longer, before each of its events.
    fn stretched(&self, stream: &[Json]) -> Vec<Vec<Json>> {
        let mut found = Vec::new();
        let spans =
            self.spans.iter().flat_map(|span| [span.saturating_sub(1), *span, span.saturating_add(1)]);
        for span in spans {
            for late in 1..stream.len() {
                let mut stretched = stream.to_vec();
                for (at, event) in stretched.iter_mut().enumerate() {
                    let offset = if at >= late { span } else { 0 };
                    self.set_time(
                        event,
                        offset.saturating_add(if at < late { at as u64 } else { 0 }),
                        at == 0,
                    );
                }
                found.push(stretched);
            }
        }
        found
    }

    /// Events that end or break a match, between the others and with their keys.
    fn interrupted(&self, stream: &[Json]) -> Vec<Vec<Json>> {
        let mut found = Vec::new();
        for query in &self.breaking {
            let rule = Rule {
                id: String::new(),
                meta: self.meta.clone(),
                body: Body::Event(query.clone()),
                pipes: Vec::new(),
            };
            let Some(event) = witnesses(&rule).into_iter().flatten().next() else { continue };
            for at in 0..=stream.len() {
                let mut longer = stream.to_vec();
                let mut event = event.clone();
                if let Some(near) = stream.get(at.min(stream.len().saturating_sub(1))) {
                    self.copy_keys(near, &mut event);
                }
                longer.insert(at, event);
                found.push(self.timed(longer));
            }
        }
        found
    }

    fn copy_keys(&self, from: &Json, to: &mut Json) {
        let mut paths = Vec::new();
        leaves(from, &mut Vec::new(), &mut paths);
        for path in paths.iter().filter(|path| self.keys.contains(&path.join("."))) {
            if let Some(value) = read_at(from, path) {
                put(to, path, value.clone());
            }
        }
    }

    /// The events one after the other, within the shortest of the spans.
    fn timed(&self, mut stream: Vec<Json>) -> Vec<Json> {
        let events = stream.len().max(1) as u64;
        let apart = self.spans.first().map_or(1_000, |span| (span / events).clamp(1, 1_000));
        for (at, event) in stream.iter_mut().enumerate() {
            self.set_time(event, apart.saturating_mul(at as u64), false);
        }
        stream
    }

    fn set_time(&self, event: &mut Json, offset_ms: u64, first: bool) {
        let offset = if first { 0 } else { i64::try_from(offset_ms).unwrap_or(i64::MAX) };
        let at = jiff::Timestamp::from_millisecond(START_MS.saturating_add(offset));
        let text = at.map(|time| format!("{time:.3}")).unwrap_or_default();
        if let Some(members) =
            event.as_object_mut().filter(|members| members.contains_key(&self.timestamp_field))
        {
            members.insert(self.timestamp_field.clone(), Json::from(text));
        } else {
            let path: Vec<String> = self.timestamp_field.split('.').map(str::to_owned).collect();
            put(event, &path, Json::from(text));
        }
    }
}

/// Puts a value below objects, which are made where they are not there.
pub(crate) fn put(event: &mut Json, path: &[String], value: Json) {
    let Some((last, above)) = path.split_last() else { return };
    let mut node = event;
    for name in above {
        let Some(members) = node.as_object_mut() else { return };
        node = members.entry(name.clone()).or_insert_with(|| Json::Object(Map::new()));
    }
    if let Some(members) = node.as_object_mut() {
        members.insert(last.clone(), value);
    }
}
