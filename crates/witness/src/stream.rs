//! Streams of events that a rule matches.

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_events::Event;
use eqlc_ir::{
    Body, Correlation, CorrelationCondition, CorrelationKind, EventQuery, FieldRef, Key, Literal, Rule,
    Sample, Sequence, Source,
};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::event::{Draft, Given, NoEvent, Solver, to_json};
use crate::language::Languages;
use crate::prepare::{ABOVE, bound};
use crate::{Outcome, Reason, Witness, document};

/// 2025-01-15T10:00:00Z in milliseconds since 1970.
const START_MS: i64 = 1_736_935_200_000;
/// Time from one event to the next where a rule does not ask for less.
const STEP_MS: u64 = 1_000;
/// Ways of a step that are tried with those of the others.
const MAX_WAYS: usize = 4;
/// The most events of one kind that a count may ask for.
const MAX_COUNT: u64 = 1_000;

/// A step that one event, or several alike, must fill.
struct Wanted<'a> {
    query: &'a EventQuery,
    /// Its keys, in the order of the key.
    keys: Vec<&'a FieldRef>,
    runs: u32,
    alias: Option<&'a str>,
}

/// An event to be, with the query it is made for.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) draft: Draft,
    pub(crate) query: EventQuery,
}

pub(crate) fn find(rule: &Rule, options: &RunOptions, limit: usize) -> Outcome {
    let mut maker = Maker { solver: Solver { languages: Languages::new(), options }, rule, options };
    match &rule.body {
        Body::Event(query) => maker.single(query, limit),
        Body::Sequence(sequence) => maker.sequence(sequence),
        Body::Sample(sample) => maker.sample(sample),
        Body::Correlation(correlation) => maker.correlation(correlation),
    }
}

struct Maker<'r, 'o> {
    solver: Solver<'o>,
    rule: &'r Rule,
    options: &'o RunOptions,
}

impl Maker<'_, '_> {
    fn single(&mut self, query: &EventQuery, limit: usize) -> Outcome {
        let drafts = match self.solver.events(query, &Given::default(), limit) {
            Ok(drafts) => drafts,
            Err(NoEvent::Never(why)) => return Outcome::Never(why),
            Err(NoEvent::Unknown) => return Outcome::Unknown(Reason::Unsolved),
        };
        let made = drafts.into_iter().map(|draft| Made { draft, query: query.clone() });
        let found: Vec<Witness> = made.filter_map(|made| self.stream(vec![made], STEP_MS)).collect();
        if found.is_empty() { Outcome::Unknown(Reason::Unsolved) } else { Outcome::Found(found) }
    }

    fn sequence(&mut self, sequence: &Sequence) -> Outcome {
        let steps: Vec<Wanted<'_>> = sequence
            .steps
            .iter()
            .filter(|step| !step.missing)
            .map(|step| Wanted {
                query: &step.query,
                keys: fields_of(sequence.keys_of(&step.by)),
                runs: step.runs,
                alias: step.alias.as_deref(),
            })
            .collect();
        let count: u64 = steps.iter().map(|step| u64::from(step.runs.max(1))).sum();
        let apart = sequence.maxspan_ms.map_or(STEP_MS, |span| STEP_MS.min(span / count.max(1)));
        self.joined(&steps, apart)
    }

    fn sample(&mut self, sample: &Sample) -> Outcome {
        let keys = |by: &'_ [Key]| -> Vec<FieldRef> {
            sample.by.iter().chain(by).map(|key| key.field.clone()).collect()
        };
        let all: Vec<Vec<FieldRef>> = sample.terms.iter().map(|term| keys(&term.by)).collect();
        let steps: Vec<Wanted<'_>> = sample
            .terms
            .iter()
            .zip(&all)
            .map(|(term, keys)| Wanted {
                query: &term.query,
                keys: keys.iter().collect(),
                runs: 1,
                alias: None,
            })
            .collect();
        self.joined(&steps, STEP_MS)
    }

    fn correlation(&mut self, correlation: &Correlation) -> Outcome {
        let Some(steps) = wanted_of(correlation) else { return Outcome::Unknown(Reason::Unsolved) };
        let count: u64 = steps.iter().map(|step| u64::from(step.runs.max(1))).sum();
        let apart = STEP_MS.min(correlation.timespan_ms / count.max(1));
        self.joined(&steps, apart)
    }

    /// Steps whose keys have the same values, one after the other.
    fn joined(&mut self, steps: &[Wanted<'_>], apart: u64) -> Outcome {
        let mut never = None;
        for source in 0..steps.len() {
            for way in 0..MAX_WAYS {
                match self.with_keys_of(steps, source, way) {
                    Ok(made) => {
                        if let Some(witness) = self.stream(made, apart) {
                            return Outcome::Found(vec![witness]);
                        }
                    }
                    Err(NoEvent::Never(why)) => never = Some(why),
                    Err(NoEvent::Unknown) => break,
                }
            }
        }
        never.map_or(Outcome::Unknown(Reason::Unsolved), Outcome::Never)
    }

    /// Events for every step, the keys as the step `source` has them.
    fn with_keys_of(
        &mut self,
        steps: &[Wanted<'_>],
        source: usize,
        way: usize,
    ) -> Result<Vec<Made>, NoEvent> {
        let Some(first) = steps.get(source) else { return Err(NoEvent::Unknown) };
        let mut key: Vec<Option<Json>> = Vec::new();
        if !first.keys.is_empty() {
            let needed = first.keys.iter().filter(|field| !field.optional).map(|field| (*field).clone());
            let given = Given { needed: needed.collect(), ..Given::default() };
            // An earlier event that it names is not made yet: those steps are no source.
            let drafts = self.solver.events(first.query, &given, way + 1)?;
            let draft = drafts.into_iter().nth(way).ok_or(NoEvent::Unknown)?;
            key = first.keys.iter().map(|field| draft.fields.get(&field.path).and_then(single)).collect();
        }
        let mut made: Vec<Made> = Vec::new();
        let mut named: IndexMap<&str, Draft> = IndexMap::new();
        for step in steps {
            let fixed =
                step.keys.iter().zip(&key).filter_map(|(field, value)| {
                    value.as_ref().map(|value| (field.path.clone(), value.clone()))
                });
            let given = Given { fixed: fixed.collect(), needed: Vec::new() };
            let query = EventQuery {
                category: step.query.category.clone(),
                filter: bound(&step.query.filter, &|alias, field| {
                    literal(named.get(alias)?.fields.get(&field.path)?)
                }),
            };
            let drafts = self.solver.events(&query, &given, way + 1)?;
            let last = drafts.len().saturating_sub(1);
            let draft = drafts.into_iter().nth(way.min(last)).ok_or(NoEvent::Unknown)?;
            if let Some(alias) = step.alias {
                named.insert(alias, draft.clone());
            }
            for _ in 0..step.runs.max(1) {
                made.push(Made { draft: draft.clone(), query: query.clone() });
            }
        }
        Ok(made)
    }

    /// The stream, if the rule matches it.
    fn stream(&mut self, made: Vec<Made>, apart: u64) -> Option<Witness> {
        let mut events: Vec<Json> = self.above(&made);
        events
            .extend(made.iter().map(|made| to_json(&made.draft.fields, &made.query.category, self.options)));
        timed(&mut events, self.options, apart);
        matches(self.rule, &events, self.options).then_some(Witness { events })
    }

    /// Events of the processes above.
    fn above(&mut self, made: &[Made]) -> Vec<Json> {
        let mut found = Vec::new();
        for query in made.iter().flat_map(|made| &made.draft.above) {
            let fixed = IndexMap::from([("process.entity_id".to_owned(), Json::from(ABOVE))]);
            let given = Given { fixed, needed: Vec::new() };
            if let Ok(drafts) = self.solver.events(query, &given, 1) {
                found
                    .extend(drafts.iter().map(|draft| to_json(&draft.fields, &query.category, self.options)));
            }
        }
        found
    }
}

/// Gives each event its time, where it has none by its rule.
pub(crate) fn timed(events: &mut [Json], options: &RunOptions, apart: u64) {
    let mut at = START_MS;
    for event in events {
        let Some(fields) = event.as_object_mut() else { continue };
        let time = jiff::Timestamp::from_millisecond(at).map(|time| format!("{time:.3}")).unwrap_or_default();
        let mut ordered = Map::new();
        document::put(&mut ordered, &options.timestamp_field, Json::from(time));
        for (name, value) in std::mem::take(fields) {
            ordered.entry(name).or_insert(value);
        }
        *fields = ordered;
        at = at.saturating_add(i64::try_from(apart).unwrap_or(i64::MAX));
    }
}

/// Whether the rule finds something in these events.
pub(crate) fn matches(rule: &Rule, events: &[Json], options: &RunOptions) -> bool {
    let events: Vec<Event> =
        events.iter().enumerate().filter_map(|(at, event)| Event::from_json(event.clone(), at)).collect();
    reference::run(rule, &events, options).is_ok_and(|found| !found.is_empty())
}

fn fields_of(keys: Vec<&Key>) -> Vec<&FieldRef> {
    keys.into_iter().map(|key| &key.field).collect()
}

/// One value, where a field has several.
fn single(value: &Json) -> Option<Json> {
    match value {
        Json::Array(several) => several.first().cloned(),
        Json::Null => None,
        one => Some(one.clone()),
    }
}

fn literal(value: &Json) -> Option<Literal> {
    match value {
        Json::String(text) => Some(Literal::Str(text.clone())),
        Json::Bool(value) => Some(Literal::Bool(*value)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Some(Literal::Int(i128::from(whole))),
            None => number.as_f64().map(Literal::Float),
        },
        Json::Array(several) => several.first().and_then(literal),
        Json::Null | Json::Object(_) => None,
    }
}

/// The events that a correlation asks for; none where it asks for more than events of its rules.
fn wanted_of(correlation: &Correlation) -> Option<Vec<Wanted<'_>>> {
    let count = match (&correlation.kind, &correlation.condition) {
        (CorrelationKind::Temporal | CorrelationKind::TemporalOrdered, _) => None,
        (CorrelationKind::EventCount, Some(CorrelationCondition::Number(number))) => {
            let satisfies = |count: &u64| {
                number.bounds.iter().all(|bound| {
                    let value = match bound.value {
                        Literal::Int(value) => value,
                        _ => return false,
                    };
                    bound.relation.accepts(i128::from(*count).cmp(&value))
                })
            };
            Some((1..=MAX_COUNT).find(satisfies)?)
        }
        _ => return None,
    };
    let mut wanted = Vec::new();
    for (at, correlated) in correlation.rules.iter().enumerate() {
        let Source::Events(query) = &correlated.source else { return None };
        let keys = correlation.group_by.iter().filter_map(|key| key.fields.get(at)).collect();
        let runs = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
        wanted.push(Wanted { query, keys, runs, alias: None });
        if count.is_some() {
            break;
        }
    }
    Some(wanted)
}
