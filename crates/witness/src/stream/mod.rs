//! Streams of events that a rule matches.

mod correlation;
mod joined;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use eqlc_backend_native::reference::Prepared;
use eqlc_ir::{Body, EventQuery, FieldRef, Literal, Pred, Rule};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::event::{Draft, Given, NoEvent, to_json};
use crate::prepare::ABOVE;
use crate::tools::Tools;
use crate::{document, evaluate};

/// Time from one event to the next where a rule does not ask for less.
const STEP_MS: u64 = 1_000;

/// An event to be.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) draft: Draft,
    /// What it is made for, the fields of earlier events as constants.
    pub(crate) query: Arc<EventQuery>,
    /// Which step, term or rule it stands for.
    pub(crate) part: usize,
    /// The values of its keys, by field.
    pub(crate) keys: Vec<String>,
    /// When it happens, in milliseconds from the start.
    pub(crate) at_ms: u64,
    /// Whether it has all that events have already.
    pub(crate) settled: bool,
}

/// How much events have beside what the rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// All that events of their kind have.
    Full,
    /// The same without the fields that the rule names.
    Modest,
    /// Nothing.
    Bare,
}

impl Detail {
    /// The most first.
    pub(crate) const ALL: [Self; 3] = [Self::Full, Self::Modest, Self::Bare];
}

/// A stream to be, in the order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) events: Vec<Made>,
}

/// What makes streams for a rule.
pub(crate) struct Maker<'r, 'o> {
    pub(crate) tools: Tools<'o>,
    pub(crate) rule: &'r Rule,
    /// The rule as the evaluator is asked; none where it cannot be.
    asked: Option<Prepared<'r>>,
    /// How many tests it has.
    tests: usize,
    /// The fields that the rule names.
    named: Vec<String>,
}

impl<'r, 'o> Maker<'r, 'o> {
    pub(crate) fn new(rule: &'r Rule, tools: Tools<'o>) -> Self {
        let tests = rule.queries().iter().map(|query| query.filter.tests().len()).sum();
        Self { tools, rule, asked: Prepared::new(Cow::Borrowed(rule)).ok(), tests, named: named(rule) }
    }

    /// Streams that the rule matches, `limit` at most.
    pub(crate) fn plans(&mut self, limit: usize) -> Result<Vec<Plan>, NoEvent> {
        match &self.rule.body {
            Body::Event(query) => self.single(query, limit),
            Body::Sequence(sequence) => self.sequence(sequence).map(|plan| vec![plan]),
            Body::Sample(sample) => self.sample(sample).map(|plan| vec![plan]),
            Body::Correlation(correlation) => self.correlation(correlation).map(|plan| vec![plan]),
        }
    }

    fn single(&mut self, query: &EventQuery, limit: usize) -> Result<Vec<Plan>, NoEvent> {
        let drafts = self.tools.events(query, &Given::default(), limit)?;
        let query = Arc::new(query.clone());
        let plans: Vec<Plan> = drafts
            .into_iter()
            .map(|draft| {
                Plan::of(Made {
                    draft,
                    query: Arc::clone(&query),
                    part: 0,
                    keys: Vec::new(),
                    at_ms: 0,
                    settled: false,
                })
            })
            .filter(|plan| self.matched(plan).is_some())
            .collect();
        if plans.is_empty() { Err(NoEvent::Unknown(self.tools.reason())) } else { Ok(plans) }
    }

    /// The events of a plan, if the rule matches them, with as much detail as it lets them have.
    pub(crate) fn matched(&mut self, plan: &Plan) -> Option<Vec<Json>> {
        Detail::ALL.into_iter().find_map(|detail| {
            let events = self.events(plan, detail);
            self.matches(&events).then_some(events)
        })
    }

    /// Whether the rule finds something in these events.
    pub(crate) fn matches(&mut self, events: &[Json]) -> bool {
        self.tools.languages.take(self.tests.saturating_mul(events.len()).saturating_mul(4));
        self.asked.as_ref().is_some_and(|rule| evaluate::matches(rule, events, self.tools.options))
    }

    /// The events of a plan.
    pub(crate) fn events(&mut self, plan: &Plan, detail: Detail) -> Vec<Json> {
        let mut events = self.above(plan);
        for (made, fields) in plan.events.iter().zip(self.fields(plan, detail)) {
            events.push(self.timed(to_json(fields.iter()), i64::try_from(made.at_ms).unwrap_or(i64::MAX)));
        }
        events
    }

    /// The fields of each event: what is decided, and what it has beside.
    pub(crate) fn fields(&self, plan: &Plan, detail: Detail) -> Vec<IndexMap<String, Json>> {
        let mut all: Vec<IndexMap<String, Json>> = Vec::new();
        for made in &plan.events {
            let mut fields = made.draft.fields.clone();
            fields.extend(self.rest(made, &all, detail));
            all.push(fields);
        }
        all
    }

    /// What an event has beside what is decided, after earlier ones.
    fn rest(&self, made: &Made, earlier: &[IndexMap<String, Json>], detail: Detail) -> Vec<(String, Json)> {
        if made.settled || detail == Detail::Bare {
            return Vec::new();
        }
        let named = |path: &str| self.named.iter().any(|named| document::touches(named, path));
        let taken = |path: &str| detail == Detail::Modest && named(path);
        let fields = (&made.draft.fields, earlier);
        self.tools.scene.rest(fields, &made.query.category, self.tools.options, &taken)
    }

    /// The event with its time in front, where it has none by its rule.
    fn timed(&self, event: Json, at_ms: i64) -> Json {
        let Json::Object(fields) = event else { return event };
        let time = self.tools.scene.start_ms().saturating_add(at_ms);
        let time =
            jiff::Timestamp::from_millisecond(time).map(|time| format!("{time:.3}")).unwrap_or_default();
        let mut ordered = Map::new();
        document::put(&mut ordered, &self.tools.options.timestamp_field, Json::from(time));
        for (name, value) in fields {
            match (ordered.get_mut(&name), value) {
                (Some(Json::Object(inner)), Json::Object(value)) => inner.extend(value),
                (_, value) => {
                    ordered.insert(name, value);
                }
            }
        }
        Json::Object(ordered)
    }

    /// Events of the processes above, before those of the plan.
    fn above(&mut self, plan: &Plan) -> Vec<Json> {
        let mut found = Vec::new();
        let mut queries: Vec<&EventQuery> = plan.events.iter().flat_map(|made| &made.draft.above).collect();
        queries.dedup();
        for (at, query) in queries.into_iter().enumerate() {
            let fixed = IndexMap::from([("process.entity_id".to_owned(), Json::from(ABOVE))]);
            let given = Given { fixed, needed: Vec::new() };
            let before = i64::try_from(at).unwrap_or(0).saturating_add(1).saturating_mul(-1_000);
            if let Ok(drafts) = self.tools.events(query, &given, 1) {
                found.extend(drafts.iter().map(|draft| self.timed(to_json(draft.fields.iter()), before)));
            }
        }
        found.reverse();
        found
    }
}

impl Plan {
    /// One event.
    pub(crate) fn of(made: Made) -> Self {
        Self { events: vec![made] }
    }

    /// The same events at times that are so far apart.
    pub(crate) fn spread(mut self, apart_ms: u64) -> Self {
        let mut at = 0_u64;
        for made in &mut self.events {
            made.at_ms = at;
            at = at.saturating_add(apart_ms);
        }
        self
    }
}

/// Every field that a rule names: in its conditions, keys and counts.
fn named(rule: &Rule) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |path: &str| {
        if !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
        }
    };
    for query in rule.queries() {
        query.filter.fields().into_iter().for_each(|field| add(&field.path));
        above(&query.filter).into_iter().for_each(&mut add);
    }
    match &rule.body {
        Body::Event(_) => {}
        Body::Sequence(sequence) => {
            let own = sequence.steps.iter().flat_map(|step| &step.by);
            let until = sequence.until.iter().flat_map(|until| &until.by);
            sequence.by.iter().chain(own).chain(until).for_each(|key| add(&key.field.path));
        }
        Body::Sample(sample) => {
            let own = sample.terms.iter().flat_map(|term| &term.by);
            sample.by.iter().chain(own).for_each(|key| add(&key.field.path));
        }
        Body::Correlation(correlation) => {
            correlation::fields(correlation).into_iter().for_each(|field| add(&field.path));
        }
    }
    found
}

/// The fields by which processes stand above each other, where a condition asks for that.
fn above(pred: &Pred) -> Vec<&'static str> {
    let asks = match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
            list.iter().any(|pred| !above(pred).is_empty())
        }
        Pred::Not(inner) => !above(inner).is_empty(),
        Pred::Descendant(_) => true,
        _ => false,
    };
    if asks {
        vec!["process.entity_id", "process.parent.entity_id", "process.Ext.ancestry"]
    } else {
        Vec::new()
    }
}

/// The fields with which a query names an earlier step of this name.
pub(crate) fn asked_of<'q>(query: &'q EventQuery, step: &str) -> Vec<&'q FieldRef> {
    let mut found = Vec::new();
    for test in query.filter.tests() {
        let right = match &test.op {
            eqlc_ir::Op::Compare(_, right) => Some(right),
            _ => None,
        };
        for side in std::iter::once(&test.subject).chain(right) {
            for (owner, field) in side.inputs() {
                if matches!(owner, Some(eqlc_ir::Owner::Step(name)) if name == step) {
                    found.push(field);
                }
            }
        }
    }
    found
}

/// One value, where a field has several.
pub(crate) fn single(value: &Json) -> Option<Json> {
    match value {
        Json::Array(several) => several.first().cloned(),
        Json::Null => None,
        one => Some(one.clone()),
    }
}

/// A value as a constant; the first of several.
pub(crate) fn literal(value: &Json) -> Option<Literal> {
    match value {
        Json::String(text) => Some(Literal::Str(text.as_str().into())),
        Json::Bool(value) => Some(Literal::Bool(*value)),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Some(Literal::Int(i128::from(whole))),
            (None, Some(whole)) => Some(Literal::Int(i128::from(whole))),
            (None, None) => number.as_f64().map(Literal::Float),
        },
        Json::Array(several) => several.first().and_then(literal),
        Json::Null | Json::Object(_) => None,
    }
}
