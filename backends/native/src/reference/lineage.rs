//! `descendant of` (`eql-semantics.md` §14).

use std::collections::{BTreeMap, BTreeSet};

use eqlc_events::{Event, Value};
use eqlc_ir::{EventQuery, Pred};

use super::RunError;
use super::order::Stream;
use super::query::Queries;
use super::scope::Scope;

/// What tells a process.
pub(crate) const PROCESS: &str = "process.entity_id";
/// What stands above the process of an event.
pub(crate) const ABOVE: [&str; 2] = ["process.parent.entity_id", "process.Ext.ancestry"];

/// For each query about processes above: the indexes of the events below such a process.
#[derive(Default)]
pub(crate) struct Lineage {
    answers: Vec<(EventQuery, Below)>,
}

/// Which events are below.
enum Below {
    /// Those of these indexes.
    Indexes(BTreeSet<usize>),
    /// Those whose index has this bit.
    Bit(u32),
}

impl Lineage {
    /// Answers that the index of an event spells: its lowest bit is the answer to the first query, and so on.
    pub(crate) fn spelled(queries: &[EventQuery]) -> Self {
        let answer = |(bit, query): (u32, &EventQuery)| (query.clone(), Below::Bit(bit));
        Self { answers: (0..).zip(queries).map(answer).collect() }
    }

    /// Whether the event of this index is below a process with an event that satisfies the query.
    pub(crate) fn holds(&self, query: &EventQuery, index: usize) -> bool {
        let found = self.answers.iter().find(|(known, _)| known == query);
        found.is_some_and(|(_, below)| match below {
            Below::Indexes(indexes) => indexes.contains(&index),
            Below::Bit(bit) => index.checked_shr(*bit).is_some_and(|bits| bits & 1 == 1),
        })
    }
}

impl Queries {
    /// Answers every question about processes above in a condition, the innermost first.
    pub(crate) fn answer_lineage(&mut self, pred: &Pred, stream: &Stream<'_>) -> Result<(), RunError> {
        match pred {
            Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => {
                list.iter().try_for_each(|pred| self.answer_lineage(pred, stream))
            }
            Pred::Not(inner) => self.answer_lineage(inner, stream),
            Pred::Element(element) => self.answer_lineage(&element.pred, stream),
            Pred::Const(_) | Pred::Test(_) | Pred::Anywhere(_) => Ok(()),
            Pred::Descendant(query) => {
                self.answer_lineage(&query.filter, stream)?;
                if !self.lineage.answers.iter().any(|(known, _)| known == query.as_ref()) {
                    let below = self.below(query, stream)?;
                    self.lineage.answers.push((query.as_ref().clone(), Below::Indexes(below)));
                }
                Ok(())
            }
        }
    }

    /// The tree and the processes that had such an event grow with each event, in order.
    fn below(&self, query: &EventQuery, stream: &Stream<'_>) -> Result<BTreeSet<usize>, RunError> {
        let mut above: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut hits: BTreeSet<&str> = BTreeSet::new();
        let mut found = BTreeSet::new();
        for (index, event) in stream.all() {
            let own: BTreeSet<&str> = texts(event, PROCESS).collect();
            let over: BTreeSet<&str> = ABOVE.iter().flat_map(|path| texts(event, path)).collect();
            for process in &own {
                above.entry(process).or_default().extend(&over);
            }
            if self.matches(query, Scope::event(index, event))? {
                hits.extend(&own);
            }
            if reaches(&above, &own, over, &hits) {
                found.insert(index);
            }
        }
        Ok(found)
    }
}

/// Whether one of `next` or of what stands above them is among `hits`. A process is looked at once, so that a
/// tree that bites its tail comes to an end; a process does not stand above itself.
fn reaches<'a>(
    above: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    own: &BTreeSet<&'a str>,
    next: BTreeSet<&'a str>,
    hits: &BTreeSet<&'a str>,
) -> bool {
    let mut seen = own.clone();
    let own_above = own.iter().filter_map(|process| above.get(process)).flatten().copied();
    let mut todo: Vec<&str> = next.into_iter().chain(own_above).collect();
    while let Some(process) = todo.pop() {
        if !seen.insert(process) {
            continue;
        }
        if hits.contains(process) {
            return true;
        }
        todo.extend(above.get(process).into_iter().flatten());
    }
    false
}

fn texts<'a>(event: &'a Event<'a>, path: &str) -> impl Iterator<Item = &'a str> {
    event.values(path).into_iter().filter_map(|value| match value {
        Value::Str(text) => Some(text),
        _ => None,
    })
}
