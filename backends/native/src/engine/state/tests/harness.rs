//! Machines driven by the reference's own answers about single events.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_events::{Event, Timestamp};
use eqlc_ir::{Body, FieldRef, Literal, Rule};

use crate::engine::state::{AtHand, Entry, Found, Machines, Plan, QueryId, Question, put_in_order};
use crate::engine::{Detection, Given, Place, Seen, StreamOptions};
use crate::reference::order::Stream;
use crate::reference::query::Queries;
use crate::reference::scope::Scope;
use crate::reference::testing::rule;
use crate::reference::values::literal;
use crate::reference::{Match, Prepared, RunError, RunOptions, run};

pub(super) struct Plain<'a> {
    pub(super) event: &'a Event<'static>,
    pub(super) ordinal: u64,
}

impl AtHand for Plain<'_> {
    fn place(&self) -> Place {
        Place { ordinal: self.ordinal, input: 0, line: self.ordinal + 1 }
    }

    fn values(&self, field: &FieldRef) -> Vec<Literal> {
        self.event.values(&field.path).iter().map(literal).collect()
    }

    fn time(&self, timestamp_field: &str) -> Option<Timestamp> {
        self.event.timestamp(timestamp_field)
    }

    fn event(&self) -> Arc<Event<'static>> {
        Arc::new(self.event.clone())
    }

    fn text(&self) -> Option<Arc<[u8]>> {
        Some(self.ordinal.to_string().into_bytes().into())
    }
}

/// Machines for all keys, and what they are driven with.
pub(super) struct Driven {
    plan: Arc<Plan>,
    machines: Machines,
    entry: Entry,
    found: Vec<Found>,
}

impl Driven {
    pub(super) fn new(
        rules: &[(usize, &Rule, &RunOptions)],
        options: &StreamOptions,
    ) -> Result<Self, (usize, RunError)> {
        let plan = Arc::new(Plan::of(rules)?);
        let machines = Machines::part(Arc::clone(&plan), options, (0, 1));
        Ok(Self { plan, machines, entry: Entry::default(), found: Vec::new() })
    }

    /// What is asked of single events.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The next event, and which queries it satisfies.
    pub(super) fn event(&mut self, satisfied: &[QueryId], seen: &dyn AtHand, out: &mut Vec<Detection>) {
        self.plan.read(satisfied, seen, &mut self.entry);
        self.machines.take(&self.entry, &mut self.found);
        put_in_order(&mut self.found, out);
    }

    pub(super) fn remembered(&self) -> usize {
        self.machines.remembered()
    }

    pub(super) fn given(&self) -> &Given {
        self.machines.given()
    }

    pub(super) fn finish(self, out: &mut Vec<Detection>) -> Given {
        Machines::finish_all(vec![self.machines], Vec::new(), out)
    }
}

/// What answers the questions of a plan.
pub(super) struct Answers {
    asked: Vec<(QueryId, Rule, Queries)>,
}

impl Answers {
    pub(super) fn new(questions: &[Question], options: &[&RunOptions]) -> Self {
        let one = |question: &Question| {
            let rule = rule(Body::Event(question.query.clone()));
            let options = options[question.rule];
            let prepared = Prepared::new(Cow::Borrowed(&rule)).unwrap();
            let queries = Queries::new(&prepared, options, &Stream::new(&[], options)).unwrap();
            drop(prepared);
            (question.id, rule, queries)
        };
        Self { asked: questions.iter().map(one).collect() }
    }

    pub(super) fn of(&self, event: &Event) -> Vec<QueryId> {
        let holds = |(_, rule, queries): &&(QueryId, Rule, Queries)| {
            let Body::Event(query) = &rule.body else { return false };
            queries.matches(query, Scope::event(0, event)).unwrap()
        };
        self.asked.iter().filter(holds).map(|(id, ..)| *id).collect()
    }
}

/// Machines for some rules over events in the order given, in so many parts.
pub(super) fn stream(
    rules: &[(&Rule, &RunOptions)],
    events: &[Event<'static>],
    options: &StreamOptions,
    parts: usize,
) -> Result<(Vec<Detection>, Given), RunError> {
    let listed: Vec<(usize, &Rule, &RunOptions)> =
        rules.iter().enumerate().map(|(at, (rule, options))| (at, *rule, *options)).collect();
    let plan = Arc::new(Plan::of(&listed).map_err(|(_, error)| error)?);
    let of_rules: Vec<&RunOptions> = rules.iter().map(|(_, options)| *options).collect();
    let answers = Answers::new(plan.questions(), &of_rules);
    let mut out = Vec::new();
    if parts == 1 {
        let mut machines = Driven::new(&listed, options).map_err(|(_, error)| error)?;
        for (ordinal, event) in (0..).zip(events) {
            machines.event(&answers.of(event), &Plain { event, ordinal }, &mut out);
        }
        let given = machines.finish(&mut out);
        return Ok((out, given));
    }
    let mut all: Vec<Machines> =
        (0..parts).map(|part| Machines::part(Arc::clone(&plan), options, (part, parts))).collect();
    let mut entry = Entry::default();
    let mut found = Vec::new();
    for (ordinal, event) in (0..).zip(events) {
        plan.read(&answers.of(event), &Plain { event, ordinal }, &mut entry);
        // The order of the parts does not matter.
        all.iter_mut().rev().for_each(|machines| machines.take(&entry, &mut found));
        put_in_order(&mut found, &mut out);
    }
    let given = Machines::finish_all(all, found, &mut out);
    Ok((out, given))
}

/// A match without the order in which it was found.
pub(super) type Plainly = (Vec<Option<usize>>, String);

pub(super) fn of_reference(found: &[Match]) -> Vec<Plainly> {
    found.iter().map(|found| (found.events.clone(), format!("{:?}", found.join_keys))).collect()
}

pub(super) fn of_rule(found: &[Detection], rule: usize) -> Vec<Plainly> {
    let own = found.iter().filter(|found| found.rule == rule);
    own.map(|found| {
        let place = |event: &Option<Seen>| {
            let event = event.as_ref()?;
            assert_eq!(event.text.as_deref(), Some(event.place.ordinal.to_string().as_bytes()));
            Some(usize::try_from(event.place.ordinal).unwrap())
        };
        (found.events.iter().map(place).collect(), format!("{:?}", found.join_keys))
    })
    .collect()
}

/// What the reference finds.
pub(super) fn reference(
    rule: &Rule,
    options: &RunOptions,
    events: &[Event<'static>],
) -> Result<Vec<Plainly>, RunError> {
    run(rule, events, options).map(|found| of_reference(&found))
}

/// Events in the order of a rule's clock, told by their ordinals in the list given.
pub(super) fn in_order(events: &[Event<'static>], options: &RunOptions) -> Vec<Event<'static>> {
    let stream = Stream::new(events, options);
    stream.all().filter_map(|(index, _)| events.get(index).cloned()).collect()
}

pub(super) fn sorted(mut list: Vec<Plainly>) -> Vec<Plainly> {
    list.sort();
    list
}

/// Matches by rule.
pub(super) fn by_rule(found: &[Detection]) -> BTreeMap<usize, Vec<Plainly>> {
    let rules = found.iter().map(|found| found.rule);
    rules.map(|rule| (rule, of_rule(found, rule))).collect()
}
