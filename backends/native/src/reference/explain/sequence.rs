//! How far the partial matches of a sequence came.

use eqlc_ir::{Literal, Sequence};

use super::super::RunError;
use super::super::keys::{self, JoinKey};
use super::super::missing::Obstacle;
use super::super::order::{Stream, Timed};
use super::super::query::Queries;
use super::super::sequence::{Candidate, Filled, Machine, Observer};

/// The partial match that came furthest; the first of those that came as far and ended for a reason, else the last.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceCourse {
    /// The key that its events share.
    pub key: Vec<Literal>,
    /// The events that it has, each with the step that it fills.
    pub filled: Vec<(usize, usize)>,
    /// How many events a match has, repetitions counted and missing events not.
    pub stages: usize,
    /// The step that comes next, where it has not all.
    pub next: Option<usize>,
    /// How it ended.
    pub end: End,
    /// Events that satisfy the next step, later than the events that it has, under other keys; a few.
    pub other_keys: Vec<(usize, Vec<Literal>)>,
}

/// How a partial match ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It is a match.
    Complete,
    /// The event that would have come next was so many milliseconds too late for the time span.
    TooLate {
        /// The event.
        event: usize,
        /// Milliseconds beyond the span, rounded up.
        over_ms: i128,
    },
    /// An event satisfied `until`.
    Until {
        /// The event.
        event: usize,
    },
    /// All events were found, and one more where none may be.
    NotMissing {
        /// The event.
        event: usize,
        /// The step that asks for its absence.
        step: usize,
    },
    /// No event behind them satisfies the next step with this key.
    Unfinished,
}

/// Other keys that are shown.
const MAX_OTHER_KEYS: usize = 3;

/// The partial match that came furthest; none where no event starts one.
pub(super) fn furthest(
    sequence: &Sequence,
    queries: &Queries,
    stream: &Stream<'_>,
) -> Result<Option<SequenceCourse>, RunError> {
    let machine = Machine::new(sequence, queries)?;
    let mut record = Record { stages: machine.stages().len(), span_ms: sequence.maxspan_ms, best: None };
    machine.matches(stream, &mut record)?;
    let Some(best) = record.best else { return Ok(None) };
    let next = machine.stages().get(best.events.len()).copied();
    let other_keys = match next {
        Some(step) => other_keys(&machine, stream, step, &best)?,
        None => Vec::new(),
    };
    Ok(Some(SequenceCourse {
        key: keys::literals(&best.key),
        filled: machine.stages().iter().copied().zip(best.events).collect(),
        stages: record.stages,
        next,
        end: best.end,
        other_keys,
    }))
}

fn other_keys(
    machine: &Machine<'_>,
    stream: &Stream<'_>,
    step: usize,
    best: &Partial,
) -> Result<Vec<(usize, Vec<Literal>)>, RunError> {
    let mut found = Vec::new();
    let last = best.events.last();
    for (_, timed) in stream.timed().skip_while(|(_, timed)| Some(&timed.index) != last).skip(1) {
        let others = machine.keys_of(step, timed)?.into_iter().filter(|key| *key != best.key);
        found.extend(others.map(|key| (timed.index, keys::literals(&key))));
        if found.len() >= MAX_OTHER_KEYS {
            found.truncate(MAX_OTHER_KEYS);
            break;
        }
    }
    Ok(found)
}

/// A partial match as it was last seen.
struct Partial {
    key: JoinKey,
    events: Vec<usize>,
    end: End,
}

/// Remembers the partial match that came furthest.
struct Record {
    stages: usize,
    span_ms: Option<u64>,
    best: Option<Partial>,
}

impl Record {
    /// The best one, if it is this one.
    fn best(&mut self, key: &JoinKey, filled: &[Filled<'_>]) -> Option<&mut Partial> {
        let same = |events: &[usize]| events.iter().eq(filled.iter().map(|(timed, _)| &timed.index));
        self.best.as_mut().filter(|best| best.key == *key && same(&best.events))
    }
}

impl Observer for Record {
    fn reached(&mut self, key: &JoinKey, filled: &[Filled<'_>]) {
        let nearer = self
            .best
            .as_ref()
            .is_none_or(|best| (best.events.len(), best.end != End::Unfinished) < (filled.len(), true));
        if nearer {
            let end = if filled.len() == self.stages { End::Complete } else { End::Unfinished };
            let events = filled.iter().map(|(timed, _)| timed.index).collect();
            self.best = Some(Partial { key: key.clone(), events, end });
        }
    }

    fn too_late(&mut self, key: &JoinKey, filled: &[Filled<'_>], (by, at): Filled<'_>) {
        let first = filled.first().map_or(at, |(_, first)| *first);
        let span = i128::from(self.span_ms.unwrap_or_default()) * NANOS_PER_MILLI;
        let over = at.nanos() - first.nanos() - span;
        if let Some(best) = self.best(key, filled) {
            best.end = End::TooLate {
                event: by.index,
                over_ms: over.div_euclid(NANOS_PER_MILLI) + i128::from(over.rem_euclid(NANOS_PER_MILLI) > 0),
            };
        }
    }

    fn ended(&mut self, key: &JoinKey, filled: &[Filled<'_>], by: Timed<'_>) {
        if let Some(best) = self.best(key, filled) {
            best.end = End::Until { event: by.index };
        }
    }

    fn not_missing(&mut self, candidate: &Candidate<'_>, obstacle: &Obstacle) {
        if let Some(best) = self.best(&candidate.key, &candidate.filled) {
            best.end = End::NotMissing { event: obstacle.event, step: obstacle.step };
        }
    }
}

const NANOS_PER_MILLI: i128 = 1_000_000;
