//! Why events match a rule or do not: every test with the values that it saw, and for rules over several events how
//! far they came.
//!
//! Nothing here decides anything: answers are those of the evaluator itself, taken down on the way.

mod coverage;
mod finding;
mod groups;
mod nearest;
mod sequence;
mod tree;

use std::borrow::Cow;

use eqlc_events::Event;
use eqlc_ir::{Body, Correlation, EventQuery, Rule, Source};

use super::order::Stream;
use super::query::Queries;
use super::scope::Bound;
use super::{Match, Prepared, RunError, RunOptions};
pub use coverage::{AnswerKind, Answers, QueryCoverage, coverage};
pub use finding::{Finding, Seen, What};
pub use groups::{KeyCourse, Window};
pub use sequence::{End, SequenceCourse};

/// Why events match a rule or do not.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The matches, as [`run`](super::run) gives them.
    pub matches: Vec<Match>,
    /// Each query over single events, in the order of the rule.
    pub queries: Vec<QueryExplained>,
    /// How the events came together, in a rule over several.
    pub course: Course,
}

/// How events came together.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// The rule is about single events.
    Single,
    /// The partial match of a sequence that came furthest; none where no event can start one.
    Sequence(Option<SequenceCourse>),
    /// The keys of a sample or the groups of a correlation, those that came furthest first.
    Keys(Vec<KeyCourse>),
}

/// What a query is in its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The rule itself.
    Event,
    /// The step of a sequence, from 0; whether it asks for a missing event.
    Step(usize, bool),
    /// The end of a sequence.
    Until,
    /// The term of a sample, from 0.
    Term(usize),
    /// The rule of a correlation, by its name there.
    Rule(String),
}

/// What a query says of events.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryExplained {
    /// What the query is.
    pub role: Role,
    /// How many events satisfy it.
    pub satisfied_by: usize,
    /// The events nearest to satisfying it, those that do first; as many as were asked for.
    pub events: Vec<EventExplained>,
}

/// What a query says of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventExplained {
    /// The event, by its index in the events that were given.
    pub event: usize,
    /// The category and the condition.
    pub finding: Finding,
}

/// Explains a rule over events, with at most so many events for each query.
///
/// # Errors
/// As [`run`](super::run).
pub fn explain(
    rule: &Rule,
    events: &[Event],
    options: &RunOptions,
    limit: usize,
) -> Result<Explanation, RunError> {
    let prepared = Prepared::new(Cow::Borrowed(rule))?;
    let matches = prepared.run(events, options)?;
    let stream = Stream::new(events, options);
    let queries = Queries::new(&prepared, options, &stream)?;
    let course = match &rule.body {
        Body::Event(_) => Course::Single,
        Body::Sequence(sequence) => Course::Sequence(sequence::furthest(sequence, &queries, &stream)?),
        Body::Sample(sample) => Course::Keys(groups::of_sample(sample, &queries, events, limit)?),
        Body::Correlation(correlation) => {
            Course::Keys(groups::of_correlation(correlation, &queries, &stream, limit)?)
        }
    };
    let beside = Beside { rule, course: &course, events };
    let explained = roles(&rule.body).into_iter().map(|(role, query)| {
        let (satisfied_by, events) = nearest::to(query, &queries, &stream, &beside.of(&role), limit)?;
        Ok(QueryExplained { role, satisfied_by, events })
    });
    let queries = explained.collect::<Result<_, RunError>>()?;
    Ok(Explanation { matches, queries, course })
}

fn roles(body: &Body) -> Vec<(Role, &EventQuery)> {
    match body {
        Body::Event(query) => vec![(Role::Event, query)],
        Body::Sequence(sequence) => {
            let steps = sequence.steps.iter().enumerate();
            let steps = steps.map(|(at, step)| (Role::Step(at, step.missing), &step.query));
            steps.chain(sequence.until.iter().map(|until| (Role::Until, &until.query))).collect()
        }
        Body::Sample(sample) => {
            sample.terms.iter().enumerate().map(|(at, term)| (Role::Term(at), &term.query)).collect()
        }
        Body::Correlation(correlation) => roles_of_rules(correlation),
    }
}

fn roles_of_rules(correlation: &Correlation) -> Vec<(Role, &EventQuery)> {
    let mut found = Vec::new();
    for rule in &correlation.rules {
        match &rule.source {
            Source::Events(query) => found.push((Role::Rule(rule.name.clone()), query)),
            Source::Correlation(inner) => found.extend(roles_of_rules(inner)),
        }
    }
    found
}

/// The events that stand for the steps that a query names (`eql-semantics.md` §14): those of the partial match that
/// came furthest.
struct Beside<'a> {
    rule: &'a Rule,
    course: &'a Course,
    events: &'a [Event<'a>],
}

impl<'a> Beside<'a> {
    fn of(&self, role: &Role) -> Bound<'a> {
        let (Body::Sequence(sequence), Course::Sequence(Some(course))) = (&self.rule.body, self.course)
        else {
            return Bound::new();
        };
        let before = match role {
            Role::Step(step, _) => *step,
            _ => usize::MAX,
        };
        let named = |(step, event): &(usize, usize)| {
            let alias = sequence.steps.get(*step).filter(|_| *step < before)?.alias.as_deref()?;
            Some((alias, self.events.get(*event)?))
        };
        course.filled.iter().filter_map(named).collect()
    }
}
