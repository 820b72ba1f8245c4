//! Sequences (`eql-semantics.md` §10).

use std::collections::BTreeMap;

use eqlc_events::Timestamp;
use eqlc_ir::{Sequence, Step};

use super::keys::{self, JoinKey, KeyFields};
use super::missing::Missing;
use super::order::{Stream, Timed, exceeds};
use super::query::Queries;
use super::{Match, RunError};

/// The most steps, repetitions counted (§3).
const MAX_STEPS: u64 = 256;

/// A stage filled: the index of the event and its time.
pub(super) type Filled = (usize, Timestamp);

/// A match before its missing events are checked.
pub(super) struct Candidate {
    /// The key that its events share.
    pub(super) key: JoinKey,
    /// The events of the positive stages.
    pub(super) filled: Vec<Filled>,
}

/// The sequences of a stream, ascending by their last event, then by key.
pub(super) fn run(sequence: &Sequence, queries: &Queries, stream: &Stream) -> Result<Vec<Match>, RunError> {
    let places = expand(&sequence.steps)?;
    let mut own: Vec<&[_]> = sequence.steps.iter().map(|step| step.by.as_slice()).collect();
    own.extend(sequence.until.iter().map(|until| until.by.as_slice()));
    let fields = keys::of_steps(&sequence.by, &own);
    let machine = Machine { sequence, queries, fields: &fields, places: &places };
    let candidates = machine.candidates(stream)?;
    let missing = Missing::new(&machine, stream)?;
    Ok(candidates
        .into_iter()
        .filter(|candidate| missing.allows(candidate, &places, sequence.maxspan_ms))
        .map(|candidate| with_placeholders(&candidate, &places))
        .collect())
}

/// A place of the sequence, repetitions expanded (§10.6).
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The step that stands there.
    pub(super) step: usize,
    /// Whether it asks for a missing event.
    pub(super) missing: bool,
}

fn expand(steps: &[Step]) -> Result<Vec<Place>, RunError> {
    let count = steps.iter().map(|step| u64::from(step.runs)).sum();
    if count > MAX_STEPS {
        return Err(RunError::TooManySteps(count));
    }
    if !steps.iter().any(|step| !step.missing && step.runs > 0) {
        return Err(RunError::NoPositiveStep);
    }
    let place = |(step, written): (usize, &Step)| {
        std::iter::repeat_n(Place { step, missing: written.missing }, written.runs as usize)
    };
    Ok(steps.iter().enumerate().flat_map(place).collect())
}

/// A sequence ready to run.
pub(super) struct Machine<'a> {
    pub(super) sequence: &'a Sequence,
    pub(super) queries: &'a Queries,
    /// The key fields of each step, and behind them those of `until`.
    fields: &'a [KeyFields<'a>],
    places: &'a [Place],
}

/// Per key and stage the one partial that is pending.
type Pending = BTreeMap<(JoinKey, usize), Vec<Filled>>;

impl Machine<'_> {
    /// The positive steps matched by the state machine of §10.1, missing events left aside.
    fn candidates(&self, stream: &Stream) -> Result<Vec<Candidate>, RunError> {
        let stages: Vec<usize> =
            self.places.iter().filter(|place| !place.missing).map(|place| place.step).collect();
        let mut pending = Pending::new();
        let mut found = Vec::new();
        for (at, timed) in stream.timed() {
            let keys_of_step = self.positive_keys(timed)?;
            let mut completed = Vec::new();
            // From last to first, so that one event never fills two stages of one partial.
            for (stage, step) in stages.iter().enumerate().rev() {
                for key in keys_of_step.get(*step).into_iter().flatten() {
                    let Some(mut filled) = self.earlier(&mut pending, key, stage, at) else { continue };
                    filled.push((timed.index, at));
                    if filled.len() == stages.len() {
                        completed.push(Candidate { key: key.clone(), filled });
                    } else {
                        pending.insert((key.clone(), stage), filled);
                    }
                }
            }
            // Events come in order, so only matches of the same last event are left to order (§10.4).
            completed.sort_by(|a, b| a.key.cmp(&b.key));
            found.append(&mut completed);
            self.apply_until(timed, stages.len(), &mut pending)?;
        }
        Ok(found)
    }

    /// For each step the keys that an event has for it, if it fits a positive step.
    fn positive_keys(&self, timed: Timed<'_>) -> Result<Vec<Vec<JoinKey>>, RunError> {
        let steps = self.sequence.steps.iter().enumerate();
        steps.map(|(at, step)| if step.missing { Ok(Vec::new()) } else { self.keys_of(at, timed) }).collect()
    }

    /// The keys that an event has for a step; none if it does not fit.
    pub(super) fn keys_of(&self, step: usize, timed: Timed<'_>) -> Result<Vec<JoinKey>, RunError> {
        match (self.sequence.steps.get(step), self.fields.get(step)) {
            (Some(written), Some(fields)) if self.queries.matches(&written.query, timed.event)? => {
                fields.of(timed.event)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The partial that an event at this stage appends to, taken out of those pending. One that exceeds the
    /// time span is lost (§10.1).
    fn earlier(
        &self,
        pending: &mut Pending,
        key: &JoinKey,
        stage: usize,
        at: Timestamp,
    ) -> Option<Vec<Filled>> {
        let Some(before) = stage.checked_sub(1) else { return Some(Vec::new()) };
        let partial = pending.remove(&(key.clone(), before))?;
        let (_, first) = *partial.first()?;
        let lost = self.sequence.maxspan_ms.is_some_and(|span| exceeds(first, at, span));
        (!lost).then_some(partial)
    }

    /// After its own steps, an event that satisfies `until` removes every partial of its keys (§10.5).
    fn apply_until(&self, timed: Timed<'_>, stages: usize, pending: &mut Pending) -> Result<(), RunError> {
        let (Some(until), Some(fields)) = (&self.sequence.until, self.fields.last()) else { return Ok(()) };
        if self.queries.matches(&until.query, timed.event)? {
            for key in fields.of(timed.event)? {
                for stage in 0..stages {
                    pending.remove(&(key.clone(), stage));
                }
            }
        }
        Ok(())
    }
}

fn with_placeholders(candidate: &Candidate, places: &[Place]) -> Match {
    let mut filled = candidate.filled.iter();
    let event = |place: &Place| if place.missing { None } else { filled.next().map(|(index, _)| *index) };
    Match { events: places.iter().map(event).collect(), join_keys: keys::literals(&candidate.key) }
}
