//! Streams that may show a loss: those that its test decides, changed where the loss may be.

use std::collections::BTreeSet;

use eqlc_backend::mapping::Transform;
use eqlc_ir::{Body, Category, Rule};
use serde_json::Value;

use super::Candidate;
use super::agreeing::{agreed, moved};
use super::claim::Claim;
use super::values::{elsewhere, in_folders, variants};
use crate::agree::kept;
use crate::diff::{Shape, leaves, put, remove, value_at};
use crate::evidence::{Evidence, Exhibit};
use crate::output::Output;
use crate::verdict::Verdict;

/// Streams that are changed for one loss.
const MAX_BASES: usize = 8;
/// Streams that are suggested for one loss.
const MAX_CANDIDATES: usize = 800;
/// Events of all of them together.
const MAX_EVENTS: usize = 3_000;

/// What is known of rule and output beside a loss.
pub(super) struct Suggesting<'s, 'a> {
    output: &'s Output<'a>,
    /// The streams, those that the source records before others.
    exhibits: Vec<&'s Exhibit>,
    /// Fields with values of events that the source has not, or cannot tell apart.
    listed: Vec<(String, Vec<String>)>,
    shape: Option<Shape>,
}

impl<'s, 'a> Suggesting<'s, 'a> {
    pub(super) fn of(output: &'s Output<'a>, evidence: &'s Evidence) -> Self {
        let streams: Vec<&[Value]> =
            evidence.exhibits.iter().map(|exhibit| exhibit.events.as_slice()).collect();
        let records = output.records(&streams);
        let mut exhibits: Vec<(&Exhibit, bool)> = evidence.exhibits.iter().zip(records).collect();
        exhibits.sort_by_key(|(_, recorded)| !recorded);
        let exhibits = exhibits.into_iter().map(|(exhibit, _)| exhibit).collect();
        let (rule, legal) = (output.subject.rule, output.subject.legal.rule());
        let several = !matches!(rule.body, Body::Event(_)) || !rule.pipes.is_empty();
        let shape = several.then(|| Shape::of([rule, legal]));
        Self { output, exhibits, listed: listed(output), shape }
    }

    /// Streams for a claim, the likeliest first, none twice.
    pub(super) fn candidates(&self, claim: &Claim) -> Vec<Candidate> {
        let mut found = Found { seen: BTreeSet::new(), list: Vec::new(), events: 0 };
        let bases = self.bases(claim);
        let known = self.known_values(claim);
        for base in &bases {
            other_values(base, &self.listed, &mut found);
            other_values(base, &known, &mut found);
        }
        let fields = self.fields(claim);
        for base in &bases {
            self.changed(base, claim, &fields, &mut found);
        }
        if let Some(shape) = &self.shape {
            for base in bases.iter().take(2) {
                for stream in shape.variants(&base.events) {
                    found.add(base, stream);
                }
                found.add(base, shape.in_one_second(&base.events));
            }
        }
        found.list
    }

    /// Streams that the test of the claim decides, then others that the rule matches.
    fn bases(&self, claim: &Claim) -> Vec<&'s Exhibit> {
        let made = || self.exhibits.iter().copied();
        let of_test = |exhibit: &&Exhibit| exhibit.span == Some(claim.span);
        let matches = |exhibit: &&Exhibit| exhibit.verdict.as_ref().is_ok_and(Verdict::alerts);
        let deciding = made().filter(of_test).filter(matches).take(MAX_BASES / 2);
        let missing = made().filter(of_test).filter(|exhibit| !matches(exhibit)).take(MAX_BASES / 2);
        let others = made().filter(|exhibit| !of_test(exhibit)).filter(matches).take(2);
        let mut bases: Vec<&Exhibit> = deciding.chain(others).chain(missing).collect();
        if bases.is_empty() {
            bases.extend(made().take(2));
        }
        bases
    }

    /// The fields that the claim is about: of its test, else the keys and all that the rule tests.
    fn fields(&self, claim: &Claim) -> Vec<String> {
        if let Some(test) = &claim.test {
            let test = eqlc_ir::Pred::Test(test.clone());
            return test.fields().into_iter().map(|field| field.path.to_string()).collect();
        }
        let rule = self.output.subject.rule;
        let mut fields = self.shape.as_ref().map_or_else(Vec::new, Shape::key_fields);
        let tested = rule.queries().into_iter().flat_map(|query| query.filter.fields());
        fields.extend(tested.map(|field| field.path.to_string()));
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The values that the maps tell of the fields of a test.
    fn known_values(&self, claim: &Claim) -> Vec<(String, Vec<String>)> {
        let subject = self.output.subject;
        let map = subject.backend.event_map(subject.settings, subject.rule);
        let (Some(map), Some(test)) = (map, &claim.test) else { return Vec::new() };
        let sources = log_sources(subject.legal.rule());
        let own = map.sources.iter().filter(|source| sources.contains(&source.log_source.to_string()));
        let mut found = Vec::new();
        for source in own {
            for field in eqlc_ir::Pred::Test(test.clone()).fields() {
                let entry = map.entry(source, &field.path);
                let values: Vec<String> = match entry.map(|entry| &entry.transform) {
                    Some(Transform::Values(values)) => values.keys().cloned().collect(),
                    Some(Transform::Known(values)) => values.keys().cloned().collect(),
                    Some(Transform::Numbers(values)) => values.keys().cloned().collect(),
                    _ => continue,
                };
                found.push((field.path.to_string(), values));
            }
        }
        found
    }

    /// The stream with one value changed, alone and with all that follows from it.
    fn changed(&self, base: &Exhibit, claim: &Claim, fields: &[String], found: &mut Found) {
        let rule = self.output.subject.rule;
        let kept = kept(rule);
        let written = claim.test.as_ref().map(literals).unwrap_or_default();
        for (at, event) in base.events.iter().enumerate() {
            let mut paths = Vec::new();
            leaves(event, &mut Vec::new(), &mut paths);
            paths.retain(|path| !kept.contains(&path.join(".").as_str()));
            let own = |path: &Vec<String>| fields.iter().any(|field| *field == path.join("."));
            let (own, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(own);
            for path in own.iter().chain(others.iter().filter(|path| is_near(path, fields))) {
                let Some(value) = value_at(&mut event.clone(), path).map(|value| value.clone()) else {
                    continue;
                };
                let name = path.join(".");
                let is_list = name.ends_with(".args");
                let value = if is_list && value.is_string() { Value::from(vec![value]) } else { value };
                let values = if own.contains(path) { variants(&value, &written) } else { elsewhere(&value) };
                if own.contains(path) {
                    for path in in_folders(&value) {
                        let mut stream = base.events.clone();
                        if stream.get_mut(at).is_some_and(|event| moved(event, &name, &path)) {
                            found.add(base, stream);
                        }
                    }
                }
                for other in values {
                    let mut stream = base.events.clone();
                    let Some(event) = stream.get_mut(at) else { continue };
                    match value_at(event, path) {
                        Some(slot) if !other.is_null() => *slot = other,
                        _ => {
                            remove(event, path);
                        }
                    }
                    let mut whole = stream.clone();
                    if let Some(event) = whole.get_mut(at)
                        && agreed(event, &path.join("."))
                    {
                        found.add(base, whole);
                    }
                    found.add(base, stream);
                }
            }
        }
    }
}

/// The stream with each of the listed values, and with values of two fields at once.
fn other_values(base: &Exhibit, listed: &[(String, Vec<String>)], found: &mut Found) {
    let single = listed.iter().flat_map(|(field, values)| values.iter().map(move |value| (field, value)));
    let single: Vec<(&String, &String)> = single.collect();
    let mut add = |changes: &[(&String, &String)]| {
        let change = |event: &mut Value| {
            for (field, value) in changes {
                set(event, field, Value::from(value.as_str()));
            }
        };
        for at in 0..base.events.len() {
            let mut stream = base.events.clone();
            stream.iter_mut().skip(at).take(1).for_each(change);
            found.add(base, stream);
        }
        if base.events.len() > 1 {
            let mut stream = base.events.clone();
            stream.iter_mut().for_each(change);
            found.add(base, stream);
        }
    };
    for (at, one) in single.iter().enumerate() {
        add(&[*one]);
        for other in single.iter().skip(at + 1).filter(|other| other.0 != one.0).take(MAX_PAIRED) {
            add(&[*one, *other]);
        }
    }
}

/// The most values of another field that one is paired with.
const MAX_PAIRED: usize = 12;

/// Candidates, none twice.
struct Found {
    seen: BTreeSet<String>,
    list: Vec<Candidate>,
    events: usize,
}

impl Found {
    fn add(&mut self, base: &Exhibit, events: Vec<Value>) {
        if self.list.len() >= MAX_CANDIDATES || self.events + events.len() > MAX_EVENTS {
            return;
        }
        let key = events.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        if self.seen.insert(key) {
            self.events += events.len();
            self.list.push(Candidate { from: base.name.clone(), events });
        }
    }
}

/// Whether a field says something of the same thing as one of these.
fn is_near(path: &[String], fields: &[String]) -> bool {
    let path = path.join(".");
    let thing = |path: &str| path.rsplit_once('.').map_or("", |(above, _)| above).to_owned();
    fields.iter().any(|field| {
        let (near, own) = (thing(&path), thing(field));
        near == own || own.starts_with(&near) || near.starts_with(&own)
    })
}

/// The texts that a test names.
fn literals(test: &eqlc_ir::Test) -> Vec<String> {
    use eqlc_ir::{Literal, Op, Scalar};
    let text = |literal: &Literal| match literal {
        Literal::Str(text) => Some(text.to_string()),
        _ => None,
    };
    match &test.op {
        Op::Compare(_, Scalar::Literal(literal)) => text(literal).into_iter().collect(),
        Op::OneOf(items, _) => items.iter().filter_map(text).take(4).collect(),
        _ => Vec::new(),
    }
}

fn set(event: &mut Value, field: &str, value: Value) {
    let path: Vec<String> = field.split('.').map(str::to_owned).collect();
    if let Some(members) = event.as_object_mut()
        && let Some(slot) = members.get_mut(field)
    {
        *slot = value;
        return;
    }
    put(event, &path, value);
}

/// What the maps list of the sources that the output asks: values of events that they have not, and have too.
fn listed(output: &Output<'_>) -> Vec<(String, Vec<String>)> {
    let subject = output.subject;
    let Some(map) = subject.backend.event_map(subject.settings, subject.rule) else {
        return Vec::new();
    };
    let sources = log_sources(subject.legal.rule());
    let own = map
        .sources
        .iter()
        .filter(|source| sources.is_empty() || sources.contains(&source.log_source.to_string()));
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (field, values) in own.flat_map(|source| source.misses.iter().chain(&source.adds)) {
        match found.iter_mut().find(|(known, _)| known == field) {
            Some((_, known)) => known.extend(values.iter().cloned()),
            None => found.push((field.clone(), values.clone())),
        }
    }
    for (_, values) in &mut found {
        values.sort_unstable();
        values.dedup();
    }
    found
}

fn log_sources(rule: &Rule) -> Vec<String> {
    let of = |query: &eqlc_ir::EventQuery| match &query.category {
        Category::LogSource(source) => Some(source.to_string()),
        Category::Any | Category::OneOf(_) => None,
    };
    rule.queries().into_iter().filter_map(of).collect()
}
