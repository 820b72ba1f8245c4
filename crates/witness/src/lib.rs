//! Witnesses: events that a rule matches, made from the rule; and near misses, which differ from them in one thing.
//!
//! A condition is a tree of tests. A [`Search`] goes through the ways to satisfy it, proposes values for what the tests
//! of each field ask, searches the set of texts that they leave ([`language`]) where proposals fail, gives values to
//! fields that tests compare one after the other, and asks the reference evaluator whether the rule matches: what it
//! gives has been run. Where every way is proven to be contradictory the rule can never match, and the contradictions
//! are named.
//!
//! ```text
//! Rule ─ prepare ─▶ tests of one event ─ goal ─▶ ways ─ split ─▶ fields ─ field ─▶ values ─▶ Draft
//!                                                                 Draft, Draft, … ─ stream ─▶ Plan ─▶ events
//!                                                                                  probe: Plan ─▶ changed Plan
//! ```
//!
//! Everything is deterministic: the same rule and seed give the same events, and the bound of the work is a number of
//! steps and no time, unless a caller has a [time](Search::until) of its own.

mod document;
mod evaluate;
mod event;
mod field;
mod goal;
mod language;
mod line;
mod prepare;
mod probe;
mod scene;
mod split;
mod stream;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod texts;
mod tools;

use std::fmt;
use std::time::Instant;

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_diagnostics::Span;
use eqlc_ir::Rule;
use serde_json::Value as Json;

use crate::event::NoEvent;
use crate::language::Languages;
use crate::scene::Scene;
use crate::stream::Maker;
use crate::tools::Tools;

pub use eqlc_events::Timestamp;
pub use field::Contradiction;
pub use probe::{Change, Probe};

/// A stream of events that the rule matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The events, objects, in the order of their time.
    pub events: Vec<Json>,
}

/// What came of the search for events.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Streams that the rule matches, each in another way.
    Found(Vec<Witness>),
    /// The rule can never match: the contradictions that every way to satisfy it runs into. None where the condition is
    /// false by itself.
    Never(Vec<Contradiction>),
    /// Neither was found.
    Unknown(Reason),
}

/// Why neither events nor a proof that there are none were found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The search was stopped within its bounds.
    OutOfSteps,
    /// No value was found for a field.
    NoValue {
        /// Its path.
        field: String,
        /// Where one of its tests was written.
        span: Span,
    },
    /// The rule asks for something that the search does not solve.
    Unsolved,
    /// The rule cannot be evaluated, and why.
    NotEvaluable(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfSteps => f.write_str("the search was stopped within its bounds"),
            Self::NoValue { field, .. } => write!(f, "no value was found for `{field}`"),
            Self::Unsolved => f.write_str("the rule asks for something that the search does not solve"),
            Self::NotEvaluable(why) => f.write_str(why),
        }
    }
}

/// How much work a search may do, in steps of about a microsecond.
const STEPS: u64 = 40_000;
/// The most witnesses of alternatives where nothing is said.
const BRANCHES: usize = 256;

/// A search for events, with what it is given.
///
/// ```
/// use eqlc_ir::{Body, Category, EventQuery, Pred, Rule};
/// use eqlc_witness::{Outcome, Search};
///
/// let query = EventQuery { category: Category::Any, filter: Pred::Const(true) };
/// let (meta, body) = (Default::default(), Body::Event(query));
/// let rule = Rule { id: String::new(), meta, body, pipes: Vec::new() };
/// assert!(matches!(Search::new().seed(7).witness(&rule), Outcome::Found(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    limit: Option<usize>,
    seed: u64,
    steps: u64,
    now: Option<Timestamp>,
    until: Option<Instant>,
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// A search for one stream, within the usual bounds.
    #[must_use]
    pub fn new() -> Self {
        Self { limit: None, seed: 0, steps: STEPS, now: None, until: None }
    }

    /// The most streams that are given.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit.max(1)), ..self }
    }

    /// What values are made from where a rule leaves freedom.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How much work is done for a witness, and for each near miss; a step takes about a microsecond.
    #[must_use]
    pub fn steps(self, steps: u64) -> Self {
        Self { steps, ..self }
    }

    /// What `now` of date math is; the events happen in the hour before. Without it: [`Search::present`].
    #[must_use]
    pub fn now(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }

    /// When the search is given up, with what it has found by then. Without it: never.
    #[must_use]
    pub fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// What `now` is where nobody says it: 2025-01-15T12:00:00Z.
    #[must_use]
    pub fn present() -> Timestamp {
        Timestamp::from_nanos(1_736_942_400_000_000_000)
    }

    /// Streams of events that a rule matches: one, or with a [limit](Self::limit) above one as many as there are ways
    /// to satisfy the condition of a rule of single events.
    #[must_use]
    pub fn witness(&self, rule: &Rule) -> Outcome {
        let options = self.options(rule);
        if let Some(reason) = unable(rule) {
            return Outcome::Unknown(reason);
        }
        let mut maker = self.maker(rule, &options);
        match maker.plans(self.limit.unwrap_or(1)) {
            Ok(plans) => {
                let found = plans.iter().filter_map(|plan| maker.matched(plan));
                let found: Vec<Witness> = found.map(|events| Witness { events }).collect();
                if found.is_empty() { Outcome::Unknown(Reason::Unsolved) } else { Outcome::Found(found) }
            }
            Err(NoEvent::Never(why)) => Outcome::Never(why),
            Err(NoEvent::Unknown(reason)) => Outcome::Unknown(reason),
        }
    }

    /// A witness for every alternative of a rule that has one, the items of lists too: the first matches as that of
    /// [`Search::witness`] does, each other one by a test or item of its own. [`Search::limit`] bounds them.
    #[must_use]
    pub fn branches(&self, rule: &Rule) -> Vec<Probe> {
        let limit = self.limit.unwrap_or(BRANCHES);
        self.probes_of(rule, |maker, plan| probe::branches(maker, plan, self.steps, limit.saturating_sub(1)))
    }

    /// Near misses of a rule: streams that differ from one that it matches in one thing, for every test in it one that
    /// turns out otherwise only there, each with what the rule says of it. Empty where no witness is found. With a
    /// [limit](Self::limit) no test is begun where there are that many.
    #[must_use]
    pub fn near_misses(&self, rule: &Rule) -> Vec<Probe> {
        let mut probes = self.probes(rule);
        if !probes.is_empty() {
            probes.remove(0);
        }
        probes
    }

    /// A witness and the [near misses](Self::near_misses) of a rule: what verification compares engines on.
    #[must_use]
    pub fn probes(&self, rule: &Rule) -> Vec<Probe> {
        self.probes_of(rule, |maker, plan| probe::near_misses(maker, plan, self.steps, self.limit))
    }

    fn probes_of(
        &self,
        rule: &Rule,
        others: impl FnOnce(&mut Maker<'_, '_>, &stream::Plan) -> Vec<Probe>,
    ) -> Vec<Probe> {
        let options = self.options(rule);
        let mut maker = self.maker(rule, &options);
        let plans = maker.plans(1).unwrap_or_default();
        let Some(plan) = plans.into_iter().next() else { return Vec::new() };
        let Some(events) = maker.matched(&plan) else { return Vec::new() };
        let first =
            Probe { change: Change::Nothing, field: None, part: 0, span: None, events, matches: true };
        let others = others(&mut maker, &plan);
        std::iter::once(first).chain(others).collect()
    }

    fn options(&self, rule: &Rule) -> RunOptions {
        let now = Some(self.now.unwrap_or_else(Self::present));
        RunOptions { now, until: self.until, ..RunOptions::of(&rule.meta) }
    }

    fn maker<'r, 'o>(&self, rule: &'r Rule, options: &'o RunOptions) -> Maker<'r, 'o> {
        let languages = Languages::new(self.steps).until(self.until);
        let scene = Scene::of(rule, self.seed, self.now);
        Maker::new(rule, Tools { languages, options, scene, stuck: None })
    }
}

/// Why a rule cannot be evaluated, whatever the events.
fn unable(rule: &Rule) -> Option<Reason> {
    reference::check(rule).err().map(|error| Reason::NotEvaluable(error.to_string()))
}

/// [`Search::witness`] with a limit alone.
#[must_use]
pub fn witness(rule: &Rule, limit: usize) -> Outcome {
    Search::new().limit(limit).witness(rule)
}
