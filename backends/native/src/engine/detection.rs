//! What the evaluator is told of events, and what it tells of them.

use eqlc_ir::Literal;

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its place among all events of a run, from 0: the order of arrival (`eql-semantics.md` §9.2).
    pub ordinal: u64,
    /// The input it came from, from 0.
    pub input: u32,
    /// The line of the input where it starts, from 1; in an event log the number of its record.
    pub line: u64,
}

/// One match of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule, by its index in the plan.
    pub rule: usize,
    /// The events, in the order of the rule's steps; none for a step that asks for a missing event.
    pub events: Vec<Option<Place>>,
    /// What the events share, as [`crate::reference::Match::join_keys`].
    pub join_keys: Vec<Literal>,
}

/// How a stream is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamOptions {
    /// How long events are waited for that come after later ones, in milliseconds of the events' own time. Rules over
    /// several events see events in the order of time if none comes later than this; one that does is left out of
    /// them and counted. None: to the end of the stream, as the reference does.
    pub disorder_ms: Option<u64>,
    /// The most partial matches of one rule, and of all rules together. When there are more, those that are
    /// nearest to their end in time are dropped and counted.
    pub partials: PartialLimits,
    /// As [`crate::reference::RunOptions::max_samples_per_key`].
    pub max_samples_per_key: usize,
}

/// The most partial matches that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialLimits {
    /// Of one rule.
    pub per_rule: usize,
    /// Of all rules.
    pub total: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            disorder_ms: None,
            partials: PartialLimits { per_rule: 1_000_000, total: 4_000_000 },
            max_samples_per_key: 1,
        }
    }
}

/// What was given up, so that nothing is lost silently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Events left out of rules over several events because they came too late.
    pub late: u64,
    /// Partial matches dropped because there were too many.
    pub evicted: u64,
    /// The same for each rule that lost any, by its index in the plan.
    pub evicted_of: std::collections::BTreeMap<usize, u64>,
}
