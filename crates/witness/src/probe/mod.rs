//! Streams beside a witness: each differs from it in one thing, and comes with what the rule says of it.

mod around;
mod branch;
mod edge;
mod leaf;
mod near;
mod single;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use eqlc_diagnostics::Span;
use serde_json::Value as Json;

use crate::stream::{Detail, Made, Maker, Plan};

/// The most probes of one rule.
const MAX_PROBES: usize = 2_000;

/// How a stream differs from a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Change {
    /// It is a witness.
    Nothing,
    /// It is a witness that goes through another alternative.
    Branch,
    /// One test fails that held, or holds that must not.
    Flipped,
    /// A field is not there.
    Lacking,
    /// The letters of a value have the other case.
    OtherCase,
    /// A value stands in a list with another.
    InList,
    /// Values at the edges of what a test asks for, each in an event of its own.
    Near,
    /// Two events stand the other way round.
    OtherOrder,
    /// An event has another join key.
    OtherKey,
    /// The last event stands at the very end of the time span.
    AtSpan,
    /// The last event stands a millisecond behind the end of the time span.
    BeyondSpan,
    /// An event is not there.
    Fewer,
    /// An event stands between that ends the sequence.
    Ended,
    /// An event stands where one must be missing.
    NotMissing,
}

impl Change {
    /// A word for it, as answers in JSON have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "witness",
            Self::Branch => "branch",
            Self::Flipped => "flipped",
            Self::Lacking => "lacking",
            Self::OtherCase => "other-case",
            Self::InList => "in-list",
            Self::Near => "near",
            Self::OtherOrder => "other-order",
            Self::OtherKey => "other-key",
            Self::AtSpan => "at-span",
            Self::BeyondSpan => "beyond-span",
            Self::Fewer => "fewer",
            Self::Ended => "ended",
            Self::NotMissing => "not-missing",
        }
    }
}

/// A stream of events with what the rule says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// How it differs from a witness.
    pub change: Change,
    /// The field that is different, if it is one.
    pub field: Option<String>,
    /// The step, term or rule whose event is different, from 0.
    pub part: usize,
    /// Where the test was written that the difference is about.
    pub span: Option<Span>,
    /// The events, objects, in the order of their time.
    pub events: Vec<Json>,
    /// Whether the rule matches, by the reference evaluator.
    pub matches: bool,
}

/// What is different, in words.
impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().unwrap_or_default();
        let event = self.part + 1;
        match self.change {
            Change::Nothing => f.write_str("matches"),
            Change::Branch => write!(f, "matches by another test of `{field}`"),
            Change::Flipped => write!(f, "only the test of `{field}` turns out otherwise"),
            Change::Lacking => write!(f, "without `{field}`"),
            Change::OtherCase => write!(f, "`{field}` in the other letter case"),
            Change::InList => write!(f, "`{field}` as a list"),
            Change::Near => write!(f, "values around what the test of `{field}` asks for"),
            Change::OtherOrder => write!(f, "events {event} and {} the other way round", event + 1),
            Change::OtherKey => write!(f, "event {event} with another `{field}`"),
            Change::AtSpan => f.write_str("the last event at the end of the time span"),
            Change::BeyondSpan => f.write_str("the last event a millisecond too late"),
            Change::Fewer => write!(f, "without event {event}"),
            Change::Ended => f.write_str("an event between that ends the sequence"),
            Change::NotMissing => f.write_str("an event where one must be missing"),
        }
    }
}

/// What a probe is about.
#[derive(Clone, Debug)]
pub(crate) struct About {
    change: Change,
    field: Option<String>,
    part: usize,
    span: Option<Span>,
}

/// Collects probes, none twice.
pub(crate) struct Probes<'m, 'r, 'o> {
    maker: &'m mut Maker<'r, 'o>,
    detail: Detail,
    steps: u64,
    most: usize,
    seen: BTreeSet<u64>,
    found: Vec<Probe>,
}

/// The near misses of a plan that the rule matches. Each has so many steps, and no more are begun where there are `limit`.
pub(crate) fn near_misses(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    steps: u64,
    limit: Option<usize>,
) -> Vec<Probe> {
    let most = limit.unwrap_or(MAX_PROBES).min(MAX_PROBES);
    let Some(mut probes) = Probes::new(maker, plan, (steps, most)) else { return Vec::new() };
    probes.singles(plan);
    probes.around(plan);
    probes.found
}

/// A witness for every alternative of the rule that has one, beside a plan that the rule matches; `limit` at most.
pub(crate) fn branches(maker: &mut Maker<'_, '_>, plan: &Plan, steps: u64, limit: usize) -> Vec<Probe> {
    let Some(mut probes) = Probes::new(maker, plan, (steps, MAX_PROBES)) else { return Vec::new() };
    probes.alternatives(plan, limit);
    probes.found
}

impl<'m, 'r, 'o> Probes<'m, 'r, 'o> {
    fn new(maker: &'m mut Maker<'r, 'o>, plan: &Plan, (steps, most): (u64, usize)) -> Option<Self> {
        let (seen, found) = (BTreeSet::new(), Vec::new());
        let mut probes = Self { maker, detail: Detail::Full, steps, most, seen, found };
        for detail in Detail::ALL {
            probes.detail = detail;
            let events = probes.events(plan);
            if probes.maker.matches(&events) {
                probes.seen.insert(key_of(&events));
                return Some(probes);
            }
        }
        None
    }

    /// Allows work for the next probe. Whether another one is asked for.
    fn next(&mut self) -> bool {
        self.maker.tools.languages.refill(self.steps);
        self.found.len() < self.most && !self.maker.tools.languages.is_late()
    }

    fn events(&mut self, plan: &Plan) -> Vec<Json> {
        self.maker.events(plan, self.detail)
    }

    /// Whether the rule matches a plan.
    fn matches(&mut self, plan: &Plan) -> bool {
        let events = self.events(plan);
        self.maker.matches(&events)
    }

    /// Notes a plan with what the rule says of it.
    fn note(&mut self, about: About, plan: &Plan) {
        let events = self.events(plan);
        let matches = self.maker.matches(&events);
        self.push(about, events, matches);
    }

    /// Notes a plan if the rule says so of it. Whether it does.
    fn note_if(&mut self, about: About, plan: &Plan, wanted: bool) -> bool {
        let events = self.events(plan);
        let matches = self.maker.matches(&events);
        if matches == wanted {
            self.push(about, events, matches);
        }
        matches == wanted
    }

    fn push(&mut self, about: About, events: Vec<Json>, matches: bool) {
        if self.seen.insert(key_of(&events)) {
            let About { change, field, part, span } = about;
            self.found.push(Probe { change, field, part, span, events, matches });
        }
    }

    /// A plan with all that its events have decided, so that what is changed of it is the only difference.
    fn settled(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        let fields = self.maker.fields(&plan, self.detail);
        for (made, fields) in plan.events.iter_mut().zip(fields) {
            made.draft.fields = fields;
            made.settled = true;
        }
        plan
    }
}

fn key_of(events: &[Json]) -> u64 {
    let mut hasher = DefaultHasher::new();
    // As they are written: streams that differ in the order of their members are two.
    events.iter().for_each(|event| event.to_string().hash(&mut hasher));
    hasher.finish()
}

/// A plan with another draft for all events of a part.
fn with(plan: &Plan, part: usize, change: impl Fn(&mut Made)) -> Plan {
    let mut plan = plan.clone();
    plan.events.iter_mut().filter(|made| made.part == part).for_each(change);
    plan
}
