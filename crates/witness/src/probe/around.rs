//! Changes of a stream of several events: their order, times, keys, and what stands between them.

use eqlc_ir::{Body, EventQuery, FieldRef, Key, Owner, Sequence};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{About, Change, Probes};
use crate::event::Given;
use crate::prepare::bound;
use crate::stream::{Made, Plan, literal};

impl Probes<'_, '_, '_> {
    /// What is changed of the stream and not of one event.
    pub(super) fn around(&mut self, plan: &Plan) {
        let rule = self.maker.rule;
        let (ordered, span) = match &rule.body {
            Body::Event(_) => return,
            Body::Sequence(sequence) => (true, sequence.maxspan_ms),
            Body::Sample(_) => (false, None),
            Body::Correlation(correlation) => (true, Some(correlation.timespan_ms)),
        };
        let plan = self.settled(plan);
        if ordered {
            self.other_order(&plan);
        }
        self.other_keys(&plan);
        self.fewer(&plan);
        if let Some(span) = span {
            self.late(&plan, span);
        }
        if let Body::Sequence(sequence) = &rule.body {
            self.between(&plan, sequence);
        }
    }

    fn other_order(&mut self, plan: &Plan) {
        for at in 1..plan.events.len() {
            let (before, here) = (plan.events.get(at - 1), plan.events.get(at));
            let (Some(before), Some(here)) = (before, here) else { continue };
            if before.part == here.part || !self.next() {
                continue;
            }
            let mut other = plan.clone();
            other.events.swap(at - 1, at);
            for (place, time) in [(at - 1, before.at_ms), (at, here.at_ms)] {
                if let Some(made) = other.events.get_mut(place) {
                    made.at_ms = time;
                }
            }
            self.note(about(Change::OtherOrder, None, before.part), &other);
        }
    }

    /// Each event but the first with another value in each of its keys.
    fn other_keys(&mut self, plan: &Plan) {
        let last_of_part =
            |at: usize, made: &Made| plan.events.get(at + 1).is_none_or(|next| next.part != made.part);
        for (at, made) in plan.events.iter().enumerate().skip(1) {
            if !last_of_part(at, made) {
                continue;
            }
            for key in &made.keys {
                if !self.next() {
                    return;
                }
                let Some(value) = made.draft.fields.get(key) else { continue };
                for other in different(value) {
                    let mut fixed = made.draft.fields.clone();
                    fixed.insert(key.clone(), other);
                    let given = Given { fixed, needed: Vec::new() };
                    let solved = self.maker.tools.events(&made.query, &given, 1);
                    let Some(draft) = solved.ok().and_then(|drafts| drafts.into_iter().next()) else {
                        continue;
                    };
                    let mut changed = plan.clone();
                    if let Some(made) = changed.events.get_mut(at) {
                        made.draft = draft;
                    }
                    if self.note_if(about(Change::OtherKey, Some(key), made.part), &changed, false) {
                        break;
                    }
                }
            }
        }
    }

    /// The stream without one of its events; of several alike without the last.
    fn fewer(&mut self, plan: &Plan) {
        for at in 0..plan.events.len() {
            let Some(made) = plan.events.get(at) else { continue };
            let alike = plan.events.get(at + 1).is_some_and(|next| next.part == made.part);
            if alike || plan.events.len() < 2 || !self.next() {
                continue;
            }
            let mut other = plan.clone();
            let made = other.events.remove(at);
            self.note(about(Change::Fewer, None, made.part), &other);
        }
    }

    /// The last event at the end of the time span, and just behind it.
    fn late(&mut self, plan: &Plan, span: u64) {
        let (Some(first), Some(last)) = (plan.events.first(), plan.events.last()) else { return };
        if plan.events.len() < 2 {
            return;
        }
        let part = last.part;
        for (change, at) in [(Change::AtSpan, span), (Change::BeyondSpan, span.saturating_add(1))] {
            let time = first.at_ms.saturating_add(at);
            let mut other = plan.clone();
            if let Some(last) = other.events.last_mut().filter(|_| self.next()) {
                last.at_ms = time;
                self.note(about(change, None, part), &other);
            }
        }
    }

    /// Events that end the sequence, and that must be missing.
    fn between(&mut self, plan: &Plan, sequence: &Sequence) {
        let Some(first) = plan.events.first() else { return };
        if let Some(until) = &sequence.until
            && self.next()
            && let Some(made) = self.beside(plan, sequence, (&until.query, &until.by), first)
        {
            let made = Made { part: sequence.steps.len(), ..made };
            self.note(about(Change::Ended, None, made.part), &inserted(plan, 1, made));
        }
        for (part, step) in sequence.steps.iter().enumerate().filter(|(_, step)| step.missing) {
            if !self.next() {
                return;
            }
            let place = plan.events.iter().position(|made| made.part > part).unwrap_or(plan.events.len());
            if let Some(made) = self.beside(plan, sequence, (&step.query, &step.by), first) {
                let plan = inserted(plan, place, Made { part, ..made });
                self.note(about(Change::NotMissing, None, part), &plan);
            }
        }
    }

    /// An event for a query with the keys of an event of the stream.
    fn beside(
        &mut self,
        plan: &Plan,
        sequence: &Sequence,
        (query, by): (&EventQuery, &[Key]),
        of: &Made,
    ) -> Option<Made> {
        let keys = sequence.keys_of(by);
        let values = of.keys.iter().map(|path| of.draft.fields.get(path).cloned());
        let fixed: IndexMap<String, Json> = keys
            .iter()
            .zip(values)
            .filter_map(|(key, value)| Some((key.field.path.to_string(), value?)))
            .collect();
        let known = |owner: Option<&Owner>, field: &FieldRef| {
            let Some(Owner::Step(name)) = owner else { return None };
            let step = sequence.steps.iter().position(|step| step.alias.as_deref() == Some(name))?;
            let made = plan.events.iter().rev().find(|made| made.part == step)?;
            made.draft.fields.get(field.path.as_str()).and_then(literal)
        };
        let query = EventQuery { category: query.category.clone(), filter: bound(&query.filter, &known) };
        let given = Given { fixed, needed: Vec::new() };
        let draft = self.maker.tools.events(&query, &given, 1).ok()?.into_iter().next()?;
        Some(Made { draft, query: query.into(), part: 0, keys: Vec::new(), at_ms: 0, settled: false })
    }
}

fn about(change: Change, field: Option<&str>, part: usize) -> About {
    About { change, field: field.map(str::to_owned), part, span: None }
}

/// The stream with an event at a place: in the middle between its neighbours, a second before or behind all.
fn inserted(plan: &Plan, place: usize, mut made: Made) -> Plan {
    let mut plan = plan.clone();
    let before = place.checked_sub(1).and_then(|at| plan.events.get(at)).map(|made| made.at_ms);
    let behind = plan.events.get(place).map(|made| made.at_ms);
    made.at_ms = match (before, behind) {
        (Some(before), Some(behind)) => before + behind.saturating_sub(before) / 2,
        (Some(before), None) => before.saturating_add(1),
        (None, _) => {
            plan.events.iter_mut().for_each(|made| made.at_ms = made.at_ms.saturating_add(1));
            0
        }
    };
    plan.events.insert(place.min(plan.events.len()), made);
    plan
}

/// Other values of the same kind.
fn different(value: &Json) -> Vec<Json> {
    match value {
        Json::Bool(flag) => vec![Json::from(!flag)],
        Json::Number(number) => {
            let number = number.as_i64().unwrap_or(0);
            vec![Json::from(number.saturating_add(1)), Json::from(number.saturating_sub(1))]
        }
        Json::String(text) if text.parse::<std::net::IpAddr>().is_ok() => {
            vec![Json::from("198.51.100.7"), Json::from("10.9.8.7")]
        }
        Json::String(text) => vec![Json::from(format!("{text}2")), Json::from(format!("2{text}"))],
        Json::Array(list) => list.iter().take(1).flat_map(different).collect(),
        Json::Null | Json::Object(_) => Vec::new(),
    }
}
