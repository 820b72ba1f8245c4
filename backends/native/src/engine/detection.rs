//! What the evaluator is told of events, and what it tells of them.

use std::sync::Arc;

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

/// How much stands before a batch that was looked at before that was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Events of the run.
    pub events: u64,
    /// Lines of the input.
    pub lines: u64,
}

impl Place {
    /// The same, where so much stands before what it was counted from.
    #[must_use]
    pub fn behind(self, before: Before) -> Self {
        let ordinal = self.ordinal.saturating_add(before.events);
        Self { ordinal, line: self.line.saturating_add(before.lines), ..self }
    }
}

/// An event of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Where it stands.
    pub place: Place,
    /// The event as it was read, where it was kept ([`StreamOptions::keep_events`]). Events are shared: however many
    /// partial matches hold one, its text is there once. The event that was just given need not be kept.
    pub text: Option<Arc<[u8]>>,
}

impl From<Place> for Seen {
    fn from(place: Place) -> Self {
        Self { place, text: None }
    }
}

/// One match of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The rule, by its index in the plan.
    pub rule: usize,
    /// The events, in the order of the rule's steps; none for a step that asks for a missing event.
    pub events: Vec<Option<Seen>>,
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
    /// How far an event may be dated after the clock of the machine, in milliseconds. One that is dated later would end
    /// all waiting, and with it all partial matches; it is left out of rules over several events and counted. None: as
    /// far as it likes. Without [`Self::disorder_ms`] nothing hangs on it.
    pub ahead_ms: Option<u64>,
    /// The most partial matches of one rule, and of all rules together. When there are more, the oldest of the rule are
    /// dropped and counted; for all rules together the oldest of the rule that has the most.
    pub partials: PartialLimits,
    /// As [`crate::reference::RunOptions::max_samples_per_key`].
    pub max_samples_per_key: usize,
    /// Whether the texts of events are kept as long as a partial match holds them, so that a match can show them.
    pub keep_events: bool,
}

/// The most partial matches that are kept. Whatever is remembered of events for the sake of later ones counts: events
/// where none may be, candidates of samples, members of correlations. Of events that wait for earlier ones there are
/// at most as many as partial matches of all rules.
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
            ahead_ms: None,
            partials: PartialLimits { per_rule: 1_000_000, total: 4_000_000 },
            max_samples_per_key: 1,
            keep_events: true,
        }
    }
}

/// What was given up, so that nothing is lost silently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Events left out of rules over several events because they came too late.
    pub late: u64,
    /// Events left out of them because they are dated too far after the clock ([`StreamOptions::ahead_ms`]).
    pub ahead: u64,
    /// Events that had their turn before they had waited as long as they should, because too many waited. Those that
    /// come late for that are among [`Self::late`].
    pub hurried: u64,
    /// Partial matches dropped because there were too many.
    pub evicted: u64,
    /// The same for each rule that lost any, by its index in the plan.
    pub evicted_of: std::collections::BTreeMap<usize, u64>,
    /// For each rule, by its index in the plan, the events that it could not be asked of because their values combine
    /// in more than [`crate::reference::MAX_CHOICES`] ways; the reference refuses to run a rule over such events.
    pub unanswered_of: std::collections::BTreeMap<usize, u64>,
}

impl Given {
    /// Adds what was given up elsewhere. Late events are late everywhere.
    pub(crate) fn join(&mut self, other: &Self) {
        self.late = self.late.max(other.late);
        self.ahead = self.ahead.max(other.ahead);
        self.hurried = self.hurried.max(other.hurried);
        self.evicted += other.evicted;
        for (of, counts) in
            [(&mut self.evicted_of, &other.evicted_of), (&mut self.unanswered_of, &other.unanswered_of)]
        {
            counts.iter().for_each(|(rule, count)| *of.entry(*rule).or_default() += count);
        }
    }

    /// Counts partial matches of a rule that were dropped.
    pub(crate) fn note_evicted(&mut self, rule: usize, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if count > 0 {
            self.evicted += count;
            *self.evicted_of.entry(rule).or_default() += count;
        }
    }
}

/// An event that is no JSON object, in lower case, without a full stop; the evaluator goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// What a run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Values whose tests were known from an earlier event.
    pub cache_hits: u64,
    /// Values whose tests had to be made.
    pub cache_misses: u64,
    /// Events that were decided as one before whose values satisfy the same tests.
    pub decided_before: u64,
    /// Partial matches that are remembered at present, whatever counts as one.
    pub remembered: usize,
    /// What each rule took, by its index in the plan.
    pub rules: Vec<RuleCost>,
}

/// What one rule took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCost {
    /// How often its condition was asked for, because an event had what it cannot do without, whether it was looked at
    /// or known from an event before.
    pub woken: u64,
    /// How often its condition, or one of its steps, held.
    pub held: u64,
}
