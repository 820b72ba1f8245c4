//! Which answers events gave to each condition of a rule.

use std::borrow::Cow;

use eqlc_diagnostics::Span;
use eqlc_events::Event;
use eqlc_ir::{Body, EventQuery, Pred, Rule, text};

use super::super::order::Stream;
use super::super::prepared::Prepared;
use super::super::query::Queries;
use super::super::scope::Scope;
use super::super::{RunError, RunOptions};
use super::{Beside, Course, Role, roles, sequence};

/// A query over single events and the answers that it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryCoverage {
    /// What the query is.
    pub role: Role,
    /// How many events satisfied it.
    pub satisfied: usize,
    /// Its condition. Events of another category were not asked.
    pub condition: Answers,
}

/// The answers of a condition, with those of its parts. Every part is asked of every event, also where another part
/// had decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// What it is.
    pub kind: AnswerKind,
    /// How often it held.
    pub held: usize,
    /// How often it did not.
    pub failed: usize,
    /// The conditions in it, in order.
    pub parts: Vec<Answers>,
}

/// What a condition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Every part must hold.
    All,
    /// Some part must hold.
    Any,
    /// So many parts must hold.
    AtLeast(usize),
    /// Its only part must not hold.
    Not,
    /// Holds always or never.
    Const,
    /// Some element of an array must satisfy the only part, which is asked of every element.
    Element,
    /// A test, or a search in any field.
    Test {
        /// Where it was written.
        span: Span,
        /// The text of it ([`eqlc_ir::text::test`]).
        text: String,
    },
    /// Some process above that of the event must have had an event.
    Descendant,
}

impl Answers {
    /// Adds the answers of the same condition to other events.
    pub fn add(&mut self, other: &Self) {
        self.held += other.held;
        self.failed += other.failed;
        self.parts.iter_mut().zip(&other.parts).for_each(|(own, other)| own.add(other));
    }
}

/// Asks every query of a rule about every event of its category. In a sequence, values of earlier steps are those of
/// the partial match that came furthest.
///
/// # Errors
/// As [`run`](super::super::run()).
pub fn coverage(rule: &Rule, events: &[Event], options: &RunOptions) -> Result<Vec<QueryCoverage>, RunError> {
    let prepared = Prepared::new(Cow::Borrowed(rule))?;
    let stream = Stream::new(events, options);
    let queries = Queries::new(&prepared, options, &stream)?;
    let course = match &rule.body {
        Body::Sequence(sequence) => Course::Sequence(sequence::furthest(sequence, &queries, &stream)?),
        _ => Course::Single,
    };
    let beside = Beside { rule, course: &course, events };
    let covered = roles(&rule.body).into_iter().map(|(role, query)| {
        let bound = beside.of(&role);
        let mut covered = QueryCoverage { role, satisfied: 0, condition: unasked(&query.filter) };
        for (index, event) in stream.all() {
            let scope = Scope::event(index, event).beside(&bound);
            covered.satisfied += usize::from(queries.ask_query(query, scope, &mut covered.condition)?);
        }
        Ok(covered)
    });
    covered.collect()
}

/// The shape of a condition. One condition alone is no list to whoever wrote it.
fn unasked(pred: &Pred) -> Answers {
    let of = |list: &[Pred]| list.iter().map(unasked).collect();
    let (kind, parts) = match pred {
        Pred::All(list) | Pred::Any(list) if list.len() == 1 => {
            return list.first().map_or_else(|| unasked(&Pred::Const(true)), unasked);
        }
        Pred::All(list) => (AnswerKind::All, of(list)),
        Pred::Any(list) => (AnswerKind::Any, of(list)),
        Pred::AtLeast(count, list) => (AnswerKind::AtLeast(*count), of(list)),
        Pred::Not(inner) => (AnswerKind::Not, vec![unasked(inner)]),
        Pred::Const(_) => (AnswerKind::Const, Vec::new()),
        Pred::Element(element) => (AnswerKind::Element, vec![unasked(&element.pred)]),
        Pred::Descendant(_) => (AnswerKind::Descendant, Vec::new()),
        Pred::Test(test) => (AnswerKind::Test { span: test.span, text: text::test(test) }, Vec::new()),
        Pred::Anywhere(wanted) => {
            let text = text::pred(pred).trim_end().to_owned();
            (AnswerKind::Test { span: wanted.span, text }, Vec::new())
        }
    };
    Answers { kind, held: 0, failed: 0, parts }
}

impl Queries {
    fn ask_query(&self, query: &EventQuery, scope: Scope<'_>, into: &mut Answers) -> Result<bool, RunError> {
        Ok(self.looks_at(query, scope.event) && self.ask(&query.filter, scope, into)?)
    }

    /// What a condition says, and each part of it.
    fn ask(&self, pred: &Pred, scope: Scope<'_>, into: &mut Answers) -> Result<bool, RunError> {
        if let Pred::All(list) | Pred::Any(list) = pred
            && let [only] = list.as_slice()
        {
            return self.ask(only, scope, into);
        }
        let holds = match pred {
            Pred::All(list) => self.ask_parts(list, scope, into)? == list.len(),
            Pred::Any(list) => self.ask_parts(list, scope, into)? > 0,
            Pred::AtLeast(count, list) => self.ask_parts(list, scope, into)? >= *count,
            Pred::Not(inner) => self.ask_parts(std::slice::from_ref(inner), scope, into)? == 0,
            Pred::Element(element) => {
                let mut found = false;
                for json in scope.event.elements(&element.array.path) {
                    let inner = scope.element(&element.variable, json);
                    let part = std::slice::from_ref(&*element.pred);
                    found |= self.ask_parts(part, scope.inside(&inner), into)? > 0;
                }
                found
            }
            _ => self.holds(pred, scope)?,
        };
        *(if holds { &mut into.held } else { &mut into.failed }) += 1;
        Ok(holds)
    }

    /// How many of the parts hold; all are asked.
    fn ask_parts(&self, list: &[Pred], scope: Scope<'_>, into: &mut Answers) -> Result<usize, RunError> {
        let mut holding = 0;
        for (pred, answers) in list.iter().zip(&mut into.parts) {
            holding += usize::from(self.ask(pred, scope, answers)?);
        }
        Ok(holding)
    }
}
