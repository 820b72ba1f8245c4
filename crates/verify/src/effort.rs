//! How much work a verification may do, and what it left undone for that.

use std::time::{Duration, Instant};

use eqlc_events::Timestamp;
use serde::Serialize;

/// The most streams of events that are made of a rule and given to one of its outputs, where nobody says it.
pub const STREAMS: usize = 12_000;
/// How long one rule may take on all its targets together, where nobody says it.
pub const RULE_TIME: Duration = Duration::from_secs(20);

/// The pairs of events of a stream, which bound what is asked of it: what joins events takes the longer the more there are,
/// by their square at least.
pub(crate) fn pairs(events: &[serde_json::Value]) -> usize {
    events.len().saturating_pow(2)
}

/// The bounds of a verification, and what its events are made from.
///
/// The bound on events makes the same cut on every machine; the bounds on time are for rules and machines that nobody
/// thought of. Whatever they cut is in [`crate::TargetReport::cuts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// What free values of events are made from.
    pub seed: u64,
    /// What `now` of date math is where events are made. None: a fixed date.
    pub now: Option<Timestamp>,
    /// The most streams that are given to one output, beside those of the fixture. None at all: only the fixture.
    pub streams: usize,
    /// How long one rule may take on all targets.
    pub rule_time: Option<Duration>,
    /// When the whole run must end.
    pub until: Option<Instant>,
}

impl Default for Effort {
    fn default() -> Self {
        Self { seed: 0, now: None, streams: STREAMS, rule_time: Some(RULE_TIME), until: None }
    }
}

impl Effort {
    /// Only what the fixture has: no events are made and no losses proven.
    #[must_use]
    pub fn fixture_only() -> Self {
        Self { streams: 0, ..Self::default() }
    }

    /// Starts the clock of a rule.
    #[must_use]
    pub fn start(&self) -> Clock {
        let rule_until = self.rule_time.and_then(|time| Instant::now().checked_add(time));
        Clock { rule_until, run_until: self.until }
    }
}

/// The time that is left for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    rule_until: Option<Instant>,
    run_until: Option<Instant>,
}

impl Clock {
    /// One that never runs out.
    pub(crate) fn endless() -> Self {
        Self { rule_until: None, run_until: None }
    }

    /// When it runs out.
    #[must_use]
    pub fn until(&self) -> Option<Instant> {
        [self.rule_until, self.run_until].into_iter().flatten().min()
    }

    /// Which budget is used up.
    #[must_use]
    pub fn spent(&self) -> Option<Budget> {
        if self.rule_until.is_none() && self.run_until.is_none() {
            return None;
        }
        let now = Instant::now();
        let passed = |until: Option<Instant>| until.is_some_and(|until| until <= now);
        if passed(self.run_until) {
            return Some(Budget::RunTime);
        }
        passed(self.rule_until).then_some(Budget::RuleTime)
    }
}

/// What bounds a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// The streams that are given to one output.
    Events,
    /// The time of one rule.
    RuleTime,
    /// The time of the whole run.
    RunTime,
}

/// What a budget cuts short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Making events from the rule.
    Making,
    /// Comparing verdicts on streams.
    Comparing,
    /// Looking for events that show the losses.
    Proving,
}

/// Work that was left undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// For which budget.
    pub budget: Budget,
    /// What was cut short.
    pub work: Work,
    /// How many streams were not given to the output, or losses not looked at; 0 where that is not known.
    pub left: usize,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Events => "the budget of events",
            Self::RuleTime => "the time of the rule",
            Self::RunTime => "the time of the run",
        })
    }
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let budget = self.budget;
        match (self.work, self.left) {
            (Work::Making, _) => write!(f, "{budget} ended before all events were made"),
            (Work::Comparing, left) => write!(f, "{budget} ended before {left} more streams were compared"),
            (Work::Proving, left) => write!(f, "{budget} ended before {left} more losses were looked at"),
        }
    }
}
