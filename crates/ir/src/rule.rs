//! Rules: what is matched over a stream of events.

use std::fmt;
use std::sync::Arc;

use eqlc_diagnostics::{Node, Span};
use serde::{Deserialize, Serialize};

use crate::depth::deeper;
use crate::{FieldRef, Literal, Metadata, Pred};

/// One detection rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Unique among the rules of a run: the document's id, else the file stem.
    pub id: String,
    /// All that the document says about the rule.
    pub meta: Arc<Metadata>,
    /// What it matches.
    pub body: Body,
    /// Limits on the matches, left to right.
    pub pipes: Vec<Pipe>,
}

/// What a rule matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Each event that satisfies the query is a match.
    Event(EventQuery),
    /// Events in order.
    Sequence(Sequence),
    /// Events in any order.
    Sample(Sample),
    /// Sigma's correlation of rules.
    Correlation(Correlation),
}

/// A limit on the list of matches, which is in ascending order (`eql-semantics.md` §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pipe {
    /// The first so many.
    Head(u64),
    /// The last so many, still ascending.
    Tail(u64),
}

/// A condition over one event: its category and its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventQuery {
    /// Which events are looked at.
    pub category: Category,
    /// What must hold of them.
    pub filter: Pred,
}

/// Which events a query looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// All events, those without a category too.
    Any,
    /// Events that have one of these as a value of the category field, exactly (§12).
    OneOf(Vec<Node<String>>),
    /// Events of a log source (Sigma, and the tables of a target).
    LogSource(LogSource),
}

/// Sigma's log source. A part that is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSource {
    /// Operating system or product.
    #[serde(default)]
    pub product: Option<String>,
    /// Kind of event.
    #[serde(default)]
    pub category: Option<String>,
    /// Log of the product.
    #[serde(default)]
    pub service: Option<String>,
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.product, &self.category, &self.service];
        let named: Vec<&str> = parts.into_iter().map(|part| part.as_deref().unwrap_or("*")).collect();
        f.write_str(&named.join("/"))
    }
}

/// One part of a join key.
///
/// A field without value: the event takes no part in the step, unless the field is optional, then null is a
/// value that equals null. Several values: one key for each choice (§10.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key {
    /// The field.
    pub field: FieldRef,
}

/// Events in order, with equal keys.
///
/// # Meaning (`eql-semantics.md` §10.1)
///
/// Events are taken in ascending order of (timestamp, tie-breaker, arrival). Per key and stage at most one
/// partial match is pending. For one event the stages are visited from **last to first**:
///
/// * stage 0: start a partial, replacing the one pending at stage 0;
/// * stage i > 0: take (remove) the partial pending at stage i − 1 with the same key. If there is none,
///   nothing. If [`Sequence::maxspan_ms`] is exceeded between its first event and this one, it is lost.
///   Otherwise append the event and store the partial at stage i, replacing what was there; at the last
///   stage it is a match.
///
/// After its own steps an event that satisfies `until` removes every partial of its key (§10.5). Matches are
/// ordered by their last event, then by key, null first (§10.4).
///
/// A query that names an earlier step ([`Owner::Step`](crate::Owner::Step), §14) is asked of the event
/// *and* the partial pending at the stage before: an event that does not satisfy it for this partial leaves
/// the partial where it is. `until` is asked for each partial by itself; a step that the partial has not
/// reached has no values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Keys of every step, before its own.
    pub by: Vec<Key>,
    /// Longest time from the first event to each later one, in milliseconds, inclusive. None: no bound.
    pub maxspan_ms: Option<u64>,
    /// Two or more, repetitions counted.
    pub steps: Vec<Step>,
    /// What ends partials.
    pub until: Option<Until>,
}

/// A stage of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The events that can fill it.
    pub query: EventQuery,
    /// Keys behind those of the sequence.
    pub by: Vec<Key>,
    /// `![…]`: no such event may stand here. Checked after the other steps matched, on timestamps only
    /// (§10.7).
    pub missing: bool,
    /// The step stands this many times in a row (§10.6).
    pub runs: u32,
    /// The name by which later steps and `until` refer to the event that fills this one
    /// ([`Owner::Step`](crate::Owner::Step), §14).
    #[serde(default)]
    pub alias: Option<String>,
    /// Where it was written.
    #[serde(skip)]
    pub span: IgnoredSpan,
}

/// The end of a sequence's partials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// The events that end.
    pub query: EventQuery,
    /// Keys behind those of the sequence.
    pub by: Vec<Key>,
}

/// A place that takes no part in equality.
#[derive(Clone, Copy, Debug, Default)]
pub struct IgnoredSpan(pub Span);

impl PartialEq for IgnoredSpan {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for IgnoredSpan {}

/// Events in any order, with equal keys, all different (`eql-semantics.md` §11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Keys of every term, before its own.
    pub by: Vec<Key>,
    /// Two to five.
    pub terms: Vec<SampleTerm>,
}

/// A term of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleTerm {
    /// The events that can fill it.
    pub query: EventQuery,
    /// Keys behind those of the sample.
    pub by: Vec<Key>,
}

/// Sigma's correlation of rules (Sigma specification 2.1, correlation rules).
///
/// # Meaning
///
/// What satisfies a rule, an event or the alert of another correlation, is grouped by `group_by`; what lacks a
/// group field takes no part. A group alerts when the condition of `kind` holds of the group's members inside
/// some window: those from an instant to `timespan_ms` after it, inclusive. Windows slide, they are not cut
/// at fixed boundaries.
///
/// * [`CorrelationKind::Temporal`]: one member of each rule lies in the window, in any order; with a condition,
///   the number of different rules with a member in it satisfies the bounds, or the rules with a member in it
///   satisfy the expression.
/// * [`CorrelationKind::TemporalOrdered`]: one member of each rule, each strictly later than that of the rule
///   before it in the order of events. Of a condition only the rules that have members are ordered so, each
///   by the members that stand in the window.
/// * [`CorrelationKind::EventCount`]: the number of members; an event that satisfies several rules counts once.
/// * [`CorrelationKind::ValueCount`]: the number of different values of the field in the members (of different
///   combinations, where several fields are named). Texts differ by letter case.
/// * [`CorrelationKind::ValueSum`], [`CorrelationKind::ValueAvg`], [`CorrelationKind::ValueMedian`],
///   [`CorrelationKind::ValuePercentile`]: the sum, the mean, the median, the percentile of the values of the
///   field that are numbers or texts of numbers; a window without such values satisfies nothing. Percentiles
///   are interpolated linearly between the two nearest ranks.
///
/// Where only lower bounds stand (`gt`, `gte`) a count is one of any window, and the alert comes with the member
/// that completes it. Everything else is asked of the windows whose members are not all in a longer one: of
/// five members within the time span `lt: 5` does not hold, although it does of the first four. A window without
/// members does not alert.
///
/// An alert names the group and the window, not which events stand for which rule. As a member of another
/// correlation an alert happens when the last of its events does, and has the fields of its events: the
/// specification groups an outer correlation by its own fields alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// What is asked of a group.
    pub kind: CorrelationKind,
    /// The rules, in order.
    pub rules: Vec<Correlated>,
    /// What makes a group.
    pub group_by: Vec<GroupKey>,
    /// Length of the window in milliseconds, inclusive.
    pub timespan_ms: u64,
    /// What must hold of the members of a window; temporal kinds ask for every rule without one.
    #[serde(default)]
    pub condition: Option<CorrelationCondition>,
}

/// What a correlation asks of a group of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CorrelationKind {
    /// One event of each rule, each strictly later than that of the rule before it in the order of events,
    /// the last at most the time span after the first.
    TemporalOrdered,
    /// One event of each rule, in any order, all inside the time span.
    Temporal,
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// The sum of values.
    ValueSum,
    /// The mean of values.
    ValueAvg,
    /// A percentile of values.
    ValuePercentile,
    /// The median of values; of pySigma, not in the specification.
    ValueMedian,
}

impl CorrelationKind {
    /// Whether it asks for rules in time instead of for a number.
    #[must_use]
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::TemporalOrdered | Self::Temporal)
    }
}

/// The condition of a correlation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationCondition {
    /// Of the number that the kind computes; of temporal kinds how many of the rules have a member.
    Number(Aggregate),
    /// Of which rules have a member; temporal kinds only.
    Rules(RuleCondition),
}

/// A number and the bounds it must keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// All must hold.
    pub bounds: Vec<Bound>,
    /// The fields whose values are counted or computed with, with the name that each rule gives them.
    #[serde(default)]
    pub fields: Vec<GroupKey>,
    /// Which percentile, a number from 0 to 100.
    #[serde(default)]
    pub percentile: Option<Literal>,
}

/// A bound of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// How the number compares.
    pub relation: Relation,
    /// With what: a number.
    pub value: Literal,
}

/// How a number compares with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

impl Relation {
    /// The operator in the text form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it holds of a number and a bound in this order.
    #[must_use]
    pub fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Which rules of a correlation have a member in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleCondition {
    /// The rule of this index has one.
    Rule(usize),
    /// Every one holds.
    All(#[serde(deserialize_with = "deeper")] Vec<RuleCondition>),
    /// Some one holds.
    Any(#[serde(deserialize_with = "deeper")] Vec<RuleCondition>),
    /// It does not hold.
    Not(#[serde(deserialize_with = "deeper")] Box<RuleCondition>),
}

/// A rule inside a correlation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlated {
    /// The name by which the correlation refers to it.
    pub name: String,
    /// What it matches.
    pub source: Source,
}

/// What a rule inside a correlation matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "correlations have a handful of rules")]
pub enum Source {
    /// Events.
    Events(EventQuery),
    /// Alerts of another correlation.
    Correlation(#[serde(deserialize_with = "deeper")] Box<Correlation>),
}

/// A part of the group of a correlation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKey {
    /// The name of the part: the field's, or an alias where the rules name it differently.
    pub name: String,
    /// The field for each rule, in the order of the rules.
    pub fields: Vec<FieldRef>,
}

impl Sequence {
    /// All keys of a step: those of the sequence, then its own.
    #[must_use]
    pub fn keys_of<'a>(&'a self, own: &'a [Key]) -> Vec<&'a Key> {
        self.by.iter().chain(own).collect()
    }
}

impl Correlation {
    /// Every query over single events in it, those of correlations inside it too, in order.
    #[must_use]
    pub fn queries(&self) -> Vec<&EventQuery> {
        self.rules.iter().flat_map(|rule| rule.source.queries()).collect()
    }
}

impl Source {
    /// Every query over single events in it, in order.
    #[must_use]
    pub fn queries(&self) -> Vec<&EventQuery> {
        match self {
            Self::Events(query) => vec![query],
            Self::Correlation(inner) => inner.queries(),
        }
    }

    fn for_each_query(&mut self, change: &mut dyn FnMut(&mut EventQuery)) {
        match self {
            Self::Events(query) => change(query),
            Self::Correlation(inner) => {
                inner.rules.iter_mut().for_each(|rule| rule.source.for_each_query(change));
            }
        }
    }

    /// The query, if it is one over events.
    #[must_use]
    pub fn as_events(&self) -> Option<&EventQuery> {
        match self {
            Self::Events(query) => Some(query),
            Self::Correlation(_) => None,
        }
    }
}

impl Rule {
    /// Every query over single events in it, in order: `until` last. Those inside
    /// [`Pred::Descendant`] are part of the query that they stand in.
    #[must_use]
    pub fn queries(&self) -> Vec<&EventQuery> {
        match &self.body {
            Body::Event(query) => vec![query],
            Body::Sequence(sequence) => {
                let until = sequence.until.iter().map(|until| &until.query);
                sequence.steps.iter().map(|step| &step.query).chain(until).collect()
            }
            Body::Sample(sample) => sample.terms.iter().map(|term| &term.query).collect(),
            Body::Correlation(correlation) => correlation.queries(),
        }
    }

    /// Changes every query over single events in it, in the order of [`Rule::queries`].
    pub fn for_each_query(&mut self, change: &mut dyn FnMut(&mut EventQuery)) {
        match &mut self.body {
            Body::Event(query) => change(query),
            Body::Sequence(sequence) => {
                sequence.steps.iter_mut().for_each(|step| change(&mut step.query));
                sequence.until.iter_mut().for_each(|until| change(&mut until.query));
            }
            Body::Sample(sample) => sample.terms.iter_mut().for_each(|term| change(&mut term.query)),
            Body::Correlation(correlation) => {
                correlation.rules.iter_mut().for_each(|rule| rule.source.for_each_query(change));
            }
        }
    }
}
