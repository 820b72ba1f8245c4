//! Sequences and samples: events whose keys have the same values.

use eqlc_ir::{EventQuery, FieldRef, Key, Literal, Owner, Sample, Sequence};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Made, Maker, Plan, STEP_MS, asked_of, literal, single};
use crate::Reason;
use crate::event::{Draft, Given, NoEvent};
use crate::prepare::bound;

/// Ways of a step that are tried with those of the others.
const MAX_WAYS: usize = 4;

/// A step that one event, or several alike, must fill.
struct Wanted<'a> {
    part: usize,
    query: &'a EventQuery,
    /// Its keys, in the order of the key.
    keys: Vec<&'a FieldRef>,
    runs: u32,
    alias: Option<&'a str>,
    /// The fields that later steps ask of it.
    asked: Vec<FieldRef>,
}

impl Wanted<'_> {
    fn refers_back(&self) -> bool {
        self.query.filter.owners().iter().any(|owner| matches!(owner, Owner::Step(_)))
    }
}

impl Maker<'_, '_> {
    pub(super) fn sequence(&mut self, sequence: &Sequence) -> Result<Plan, NoEvent> {
        let mut steps: Vec<Wanted<'_>> = Vec::new();
        for (part, step) in sequence.steps.iter().enumerate().filter(|(_, step)| !step.missing) {
            let later = sequence.steps.get(part + 1..).unwrap_or_default();
            let alias = step.alias.as_deref();
            let asked = alias.map_or_else(Vec::new, |alias| {
                let fields = later.iter().flat_map(|later| asked_of(&later.query, alias));
                fields.map(|field| FieldRef { optional: false, ..field.clone() }).collect()
            });
            let keys = sequence.keys_of(&step.by).into_iter().map(|key| &key.field).collect();
            steps.push(Wanted { part, query: &step.query, keys, runs: step.runs, alias, asked });
        }
        let count: u64 = steps.iter().map(|step| u64::from(step.runs.max(1))).sum();
        let apart = sequence.maxspan_ms.map_or(STEP_MS, |span| STEP_MS.min(span / count.max(1)));
        self.joined(&steps, apart)
    }

    pub(super) fn sample(&mut self, sample: &Sample) -> Result<Plan, NoEvent> {
        let keys = |own: &'_ [Key]| -> Vec<FieldRef> {
            sample.by.iter().chain(own).map(|key| key.field.clone()).collect()
        };
        let all: Vec<Vec<FieldRef>> = sample.terms.iter().map(|term| keys(&term.by)).collect();
        let terms = sample.terms.iter().zip(&all).enumerate();
        let steps: Vec<Wanted<'_>> = terms
            .map(|(part, (term, keys))| Wanted {
                part,
                query: &term.query,
                keys: keys.iter().collect(),
                runs: 1,
                alias: None,
                asked: Vec::new(),
            })
            .collect();
        self.joined(&steps, STEP_MS)
    }

    /// Steps whose keys have the same values, one after the other.
    fn joined(&mut self, steps: &[Wanted<'_>], apart: u64) -> Result<Plan, NoEvent> {
        for source in 0..steps.len() {
            if steps.get(source).is_some_and(Wanted::refers_back) {
                continue;
            }
            for way in 0..MAX_WAYS {
                match self.with_keys_of(steps, source, way) {
                    Ok(events) => {
                        let plan = Plan { events }.spread(apart);
                        if self.matched(&plan).is_some() {
                            return Ok(plan);
                        }
                    }
                    // A step that no event fills ends the search: the whole never matches.
                    Err(NoEvent::Never(why)) => return Err(NoEvent::Never(why)),
                    Err(NoEvent::Unknown(_)) => break,
                }
            }
        }
        Err(NoEvent::Unknown(self.tools.reason()))
    }

    fn with_keys_of(
        &mut self,
        steps: &[Wanted<'_>],
        source: usize,
        way: usize,
    ) -> Result<Vec<Made>, NoEvent> {
        let Some(first) = steps.get(source) else { return Err(NoEvent::Unknown(Reason::Unsolved)) };
        let mut chosen: Option<Draft> = None;
        let mut key: Vec<Option<Json>> = Vec::new();
        if !first.keys.is_empty() {
            let needed = first.keys.iter().filter(|field| !field.optional).map(|field| (*field).clone());
            let given = Given { needed: needed.collect(), ..Given::default() };
            let drafts = self.asked(first, first.query, given, way + 1)?;
            let draft = drafts.into_iter().nth(way).ok_or(NoEvent::Unknown(Reason::Unsolved))?;
            key = first
                .keys
                .iter()
                .map(|field| draft.fields.get(field.path.as_str()).and_then(single))
                .collect();
            chosen = Some(draft);
        }
        let mut bound_events: Vec<(&str, Draft)> = Vec::new();
        let mut made = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let value_of = |owner: Option<&Owner>, field: &FieldRef| -> Option<Literal> {
                let Some(Owner::Step(name)) = owner else { return None };
                let event = bound_events.iter().rev().find(|(bound, _)| bound == name);
                let value =
                    event.and_then(|(_, draft)| draft.fields.get(field.path.as_str())).and_then(literal);
                Some(value.unwrap_or(Literal::Null))
            };
            let query = match step.refers_back() {
                true => EventQuery { filter: bound(&step.query.filter, &value_of), ..step.query.clone() },
                false => step.query.clone(),
            };
            let fixed: IndexMap<String, Json> = step
                .keys
                .iter()
                .zip(&key)
                .map(|(field, value)| (field.path.to_string(), value.clone().unwrap_or(Json::Null)))
                .collect();
            let draft = match chosen.take_if(|_| at == source) {
                Some(draft) => draft,
                None => {
                    let given = Given { fixed, needed: Vec::new() };
                    let drafts = self.asked(step, &query, given, 1).map_err(|failed| match failed {
                        // With these keys, or beside these events; others may do.
                        NoEvent::Never(_) if !step.keys.is_empty() || step.refers_back() => {
                            NoEvent::Unknown(Reason::Unsolved)
                        }
                        other => other,
                    })?;
                    drafts.into_iter().next().ok_or(NoEvent::Unknown(Reason::Unsolved))?
                }
            };
            if let Some(alias) = step.alias {
                bound_events.push((alias, draft.clone()));
            }
            let keys = step.keys.iter().map(|field| field.path.to_string()).collect();
            let event = Made { draft, query: query.into(), part: step.part, keys, at_ms: 0, settled: false };
            made.extend(std::iter::repeat_n(event, usize::try_from(step.runs.max(1)).unwrap_or(1)));
        }
        Ok(made)
    }

    /// Events for a step, with values for what later steps ask of it if that goes.
    fn asked(
        &mut self,
        step: &Wanted<'_>,
        query: &EventQuery,
        given: Given,
        limit: usize,
    ) -> Result<Vec<Draft>, NoEvent> {
        if !step.asked.is_empty() {
            let mut more = given.clone();
            let asked = step.asked.iter().filter(|field| !given.fixed.contains_key(field.path.as_str()));
            more.needed.extend(asked.cloned());
            if let Ok(drafts) = self.tools.events(query, &more, limit) {
                return Ok(drafts);
            }
        }
        self.tools.events(query, &given, limit)
    }
}
