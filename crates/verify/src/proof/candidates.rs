//! Streams that may show a loss: those that its test decides, changed where the loss may be.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use eqlc_backend::mapping::Transform;
use eqlc_ir::{Body, Category, Rule};
use serde_json::Value;

use super::Candidate;
use super::agreeing::{agreed, moved};
use super::claim::Place;
use super::values::{elsewhere, in_folders, variants};
use crate::agree::kept;
use crate::diff::{Shape, key_of, leaves, put, read_at, remove, value_at};
use crate::evidence::{Evidence, Exhibit};
use crate::output::Output;
use crate::verdict::Verdict;

/// Streams that are changed for one loss.
const MAX_BASES: usize = 8;
/// Recorded streams that get values of others, and how many others give some.
const MAX_TRANSPLANTED: usize = 3;
const MAX_DONORS: usize = 24;
/// Streams that are suggested for one loss.
const MAX_CANDIDATES: usize = 800;
/// Events of all of them together.
const MAX_EVENTS: usize = 3_000;

/// What is known of rule and output beside a loss.
pub(super) struct Suggesting<'s, 'a> {
    output: &'s Output<'a>,
    /// The streams, those that the source records before others.
    exhibits: Vec<&'s Exhibit>,
    /// How many it records.
    recorded: usize,
    /// Fields with values of events that the source has not, or cannot tell apart.
    listed: Vec<(String, Vec<String>)>,
    shape: Option<Shape>,
    /// How many events the first stream has that the rule matches.
    usual: usize,
}

impl<'s, 'a> Suggesting<'s, 'a> {
    pub(super) fn of(output: &'s Output<'a>, evidence: &'s Evidence) -> Self {
        let streams: Vec<&[Value]> =
            evidence.exhibits.iter().map(|exhibit| exhibit.events.as_slice()).collect();
        let records = output.records(&streams);
        let mut exhibits: Vec<(&Exhibit, bool)> = evidence.exhibits.iter().zip(records).collect();
        exhibits.sort_by_key(|(_, recorded)| !recorded);
        let recorded = exhibits.iter().filter(|(_, recorded)| *recorded).count();
        let exhibits = exhibits.into_iter().map(|(exhibit, _)| exhibit).collect();
        let (rule, legal) = (output.subject.rule, output.subject.legal.rule());
        let several = !matches!(rule.body, Body::Event(_)) || !rule.pipes.is_empty();
        let shape = several.then(|| Shape::of([rule, legal]));
        let matched = evidence.exhibits.iter().find(|it| it.verdict.as_ref().is_ok_and(Verdict::alerts));
        let usual = matched.map_or(1, |exhibit| exhibit.events.len());
        Self { output, exhibits, recorded, listed: listed(output), shape, usual }
    }

    /// Gives streams for a place to `take`, the likeliest first, none twice, until it has enough.
    pub(super) fn suggest(&self, place: &Place, take: Take<'_>) {
        let mut giving = Giving { seen: BTreeSet::new(), open: Vec::new(), streams: 0, events: 0, take };
        if self.all(place, &mut giving).is_continue() {
            // Nothing is left to be stopped.
            let _ = giving.give();
        }
    }

    fn all(&self, place: &Place, giving: &mut Giving<'_>) -> ControlFlow<()> {
        let bases = self.bases(place);
        let fields = self.fields(place);
        // What sources do not deliver is most often the reason only where the place is about a field that tells it.
        let of_source = place.test.is_none() || self.listed.iter().any(|(field, _)| fields.contains(field));
        let known = self.known_values(place);
        bases.iter().try_for_each(|base| other_values(base, &known, giving))?;
        if of_source {
            self.of_source(&bases, giving)?;
        }
        self.transplanted(place, &fields, giving)?;
        for base in &bases {
            self.changed(base, place, &fields, giving)?;
        }
        if !of_source {
            self.of_source(&bases, giving)?;
        }
        for base in &bases {
            self.changed_beside(base, &fields, giving)?;
        }
        if let Some(shape) = &self.shape {
            for base in bases.iter().take(2) {
                for stream in shape.variants(&base.events) {
                    giving.add(base, stream)?;
                }
                giving.add(base, shape.in_one_second(&base.events))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The streams with values of events that sources do not deliver, or cannot tell apart.
    fn of_source(&self, bases: &[&Exhibit], giving: &mut Giving<'_>) -> ControlFlow<()> {
        bases.iter().try_for_each(|base| other_values(base, &self.listed, giving))
    }

    /// Streams that the test at the place decides, then others that the rule matches.
    fn bases(&self, place: &Place) -> Vec<&'s Exhibit> {
        // Changes of one event of many say no more than those of few, and take longer to judge.
        let mut made = self.exhibits.clone();
        made.sort_by_key(|exhibit| exhibit.events.len() > self.usual);
        let made = || made.iter().copied();
        let of_test = |exhibit: &&Exhibit| exhibit.span == Some(place.span);
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

    /// The fields that the place is about: of its test, else the keys and all that the rule tests.
    fn fields(&self, place: &Place) -> Vec<String> {
        if let Some(test) = &place.test {
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
    fn known_values(&self, place: &Place) -> Vec<(String, Vec<String>)> {
        let subject = self.output.subject;
        let map = subject.backend.event_map(subject.settings, subject.rule);
        let (Some(map), Some(test)) = (map, &place.test) else { return Vec::new() };
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

    /// Streams that the source records and the rule matches, with what the streams of the test say of its fields: those were
    /// made of another alternative of the rule, which the source may not record.
    fn transplanted(&self, place: &Place, fields: &[String], giving: &mut Giving<'_>) -> ControlFlow<()> {
        let matches = |exhibit: &&&Exhibit| exhibit.verdict.as_ref().is_ok_and(Verdict::alerts);
        let bases = self.exhibits.iter().take(self.recorded).filter(matches).take(MAX_TRANSPLANTED);
        for base in bases.filter(|_| place.test.is_some()) {
            let of_test = |exhibit: &&&Exhibit| exhibit.span == Some(place.span);
            let same_length = |exhibit: &&&Exhibit| exhibit.events.len() == base.events.len();
            for donor in self.exhibits.iter().filter(of_test).filter(same_length).take(MAX_DONORS) {
                for field in fields {
                    let path: Vec<String> = field.split('.').map(str::to_owned).collect();
                    let mut stream = base.events.clone();
                    for (event, donor) in stream.iter_mut().zip(&donor.events) {
                        match read_at(donor, &path).cloned() {
                            Some(value) => set(event, field, value),
                            None => drop(remove(event, &path)),
                        }
                    }
                    let mut whole = stream.clone();
                    let changed = whole.iter_mut().filter_map(|event| agreed(event, field).then_some(()));
                    if changed.count() > 0 {
                        giving.add(base, whole)?;
                    }
                    giving.add(base, stream)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The stream with one value of the place changed, alone and with all that follows from it.
    fn changed(
        &self,
        base: &Exhibit,
        place: &Place,
        fields: &[String],
        giving: &mut Giving<'_>,
    ) -> ControlFlow<()> {
        let written = place.test.as_ref().map(literals).unwrap_or_default();
        for (at, event) in base.events.iter().enumerate() {
            for path in self.leaves(event).iter().filter(|path| is_one_of(path, fields)) {
                let Some(value) = as_list(event, path) else { continue };
                for moved_to in in_folders(&value) {
                    let mut stream = base.events.clone();
                    if stream.get_mut(at).is_some_and(|event| moved(event, &path.join("."), &moved_to)) {
                        giving.add(base, stream)?;
                    }
                }
                with_values(base, (at, path), variants(&value, &written), giving)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The stream with one value beside those of the place changed.
    fn changed_beside(&self, base: &Exhibit, fields: &[String], giving: &mut Giving<'_>) -> ControlFlow<()> {
        for (at, event) in base.events.iter().enumerate() {
            let leaves = self.leaves(event);
            let beside = leaves.iter().filter(|path| !is_one_of(path, fields) && is_near(path, fields));
            for path in beside {
                let Some(value) = as_list(event, path) else { continue };
                with_values(base, (at, path), elsewhere(&value), giving)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// The places of an event with values, without those that are left alone.
    fn leaves(&self, event: &Value) -> Vec<Vec<String>> {
        let kept = kept(self.output.subject.rule);
        let mut paths = Vec::new();
        leaves(event, &mut Vec::new(), &mut paths);
        paths.retain(|path| !kept.contains(&path.join(".").as_str()));
        paths
    }
}

fn is_one_of(path: &[String], fields: &[String]) -> bool {
    let path = path.join(".");
    fields.contains(&path)
}

/// The value at a place; arguments are a list, also where there is one alone.
fn as_list(event: &Value, path: &[String]) -> Option<Value> {
    let value = read_at(event, path)?.clone();
    let is_list = path.join(".").ends_with(".args");
    Some(if is_list && value.is_string() { Value::from(vec![value]) } else { value })
}

/// The stream with each of the values at a place of one event, null for none: with all that follows from it, and alone.
fn with_values(
    base: &Exhibit,
    (at, path): (usize, &[String]),
    values: Vec<Value>,
    giving: &mut Giving<'_>,
) -> ControlFlow<()> {
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
            giving.add(base, whole)?;
        }
        giving.add(base, stream)?;
    }
    ControlFlow::Continue(())
}

/// The stream with each of the listed values, and with values of two fields at once.
fn other_values(
    base: &Exhibit,
    listed: &[(String, Vec<String>)],
    giving: &mut Giving<'_>,
) -> ControlFlow<()> {
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
            giving.add(base, stream)?;
        }
        if base.events.len() > 1 {
            let mut stream = base.events.clone();
            stream.iter_mut().for_each(change);
            giving.add(base, stream)?;
        }
        ControlFlow::Continue(())
    };
    for (at, one) in single.iter().enumerate() {
        add(&[*one])?;
        for other in single.iter().skip(at + 1).filter(|other| other.0 != one.0).take(MAX_PAIRED) {
            add(&[*one, *other])?;
        }
    }
    ControlFlow::Continue(())
}

/// The most values of another field that one is paired with.
const MAX_PAIRED: usize = 12;

/// Candidates that are given at a time.
const CHUNK: usize = 16;

/// What takes candidates until it has enough.
pub(super) type Take<'t> = &'t mut dyn FnMut(&[Candidate]) -> ControlFlow<()>;

/// Gives candidates, none twice.
struct Giving<'t> {
    /// Hashes of those before.
    seen: BTreeSet<u64>,
    /// Those that are not given yet.
    open: Vec<Candidate>,
    /// How many there were, and how many events they had.
    streams: usize,
    events: usize,
    take: Take<'t>,
}

impl Giving<'_> {
    fn add(&mut self, base: &Exhibit, events: Vec<Value>) -> ControlFlow<()> {
        if self.streams >= MAX_CANDIDATES || self.events + events.len() > MAX_EVENTS {
            self.give()?;
            return ControlFlow::Break(());
        }
        if !self.seen.insert(key_of(&events)) {
            return ControlFlow::Continue(());
        }
        self.streams += 1;
        self.events += events.len();
        self.open.push(Candidate { from: base.name.clone(), events });
        if self.open.len() < CHUNK { ControlFlow::Continue(()) } else { self.give() }
    }

    fn give(&mut self) -> ControlFlow<()> {
        let open = std::mem::take(&mut self.open);
        if open.is_empty() { ControlFlow::Continue(()) } else { (self.take)(&open) }
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
