//! Sequences (`eql-semantics.md` §10).

use std::collections::BTreeMap;

use eqlc_events::Timestamp;
use eqlc_ir::{EventQuery, Owner, Sequence, Step};

use super::keys::{self, JoinKey, KeyFields};
use super::missing::{Missing, Obstacle};
use super::order::{Stream, Timed, exceeds};
use super::query::Queries;
use super::scope::{Bound, Scope};
use super::{Match, RunError};

/// The most steps, repetitions counted (§3).
const MAX_STEPS: u64 = 256;

/// A stage filled: the event and its time.
pub(super) type Filled<'a> = (Timed<'a>, Timestamp);

/// A match before its missing events are checked.
pub(super) struct Candidate<'a> {
    /// The key that its events share.
    pub(super) key: JoinKey,
    /// The events of the positive stages.
    pub(super) filled: Vec<Filled<'a>>,
}

/// Who is told what becomes of partial matches. A run needs nobody; an explanation does.
pub(super) trait Observer {
    /// A partial has these events now.
    fn reached(&mut self, _key: &JoinKey, _filled: &[Filled<'_>]) {}

    /// An event that would have come next exceeds the time span, so the partial is lost.
    fn too_late(&mut self, _key: &JoinKey, _filled: &[Filled<'_>], _by: Filled<'_>) {}

    /// An event satisfies `until`, so the partial is removed.
    fn ended(&mut self, _key: &JoinKey, _filled: &[Filled<'_>], _by: Timed<'_>) {}

    /// An event is where none may be, so the candidate is no match.
    fn not_missing(&mut self, _candidate: &Candidate<'_>, _obstacle: &Obstacle) {}
}

/// Nobody.
impl Observer for () {}

/// The sequences of a stream, ascending by their last event, then by key.
pub(super) fn run(sequence: &Sequence, queries: &Queries, stream: &Stream) -> Result<Vec<Match>, RunError> {
    Machine::new(sequence, queries)?.matches(stream, &mut ())
}

/// A place of the sequence, repetitions expanded (§10.6).
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The step that stands there.
    pub(crate) step: usize,
    /// Whether it asks for a missing event.
    pub(crate) missing: bool,
}

/// The places of a sequence, in order.
///
/// # Errors
/// There are too many, or none that asks for an event.
pub(crate) fn expand(steps: &[Step]) -> Result<Vec<Place>, RunError> {
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
    queries: &'a Queries,
    /// The key fields of each step, and behind them those of `until`.
    fields: Vec<KeyFields<'a>>,
    places: Vec<Place>,
    /// The step of each positive stage.
    stages: Vec<usize>,
    /// Which steps name an earlier one.
    refer_back: Vec<bool>,
}

/// Per key and stage the one partial that is pending.
type Pending<'a> = BTreeMap<(JoinKey, usize), Vec<Filled<'a>>>;

/// Whether a query names an earlier step, so that its answer hangs on the partial too (§14).
pub(crate) fn refers_back(query: &EventQuery) -> bool {
    query.filter.owners().iter().any(|owner| matches!(owner, Owner::Step(_)))
}

impl<'a> Machine<'a> {
    /// # Errors
    /// The sequence has too many steps, or none that asks for an event.
    pub(super) fn new(sequence: &'a Sequence, queries: &'a Queries) -> Result<Self, RunError> {
        let places = expand(&sequence.steps)?;
        let mut own: Vec<&[_]> = sequence.steps.iter().map(|step| step.by.as_slice()).collect();
        own.extend(sequence.until.iter().map(|until| until.by.as_slice()));
        let fields = keys::of_steps(&sequence.by, &own);
        let stages = places.iter().filter(|place| !place.missing).map(|place| place.step).collect();
        let refer_back = sequence.steps.iter().map(|step| refers_back(&step.query)).collect();
        Ok(Self { sequence, queries, fields, places, stages, refer_back })
    }

    /// The step of each event of a match, in order.
    pub(super) fn stages(&self) -> &[usize] {
        &self.stages
    }

    /// The matches of a stream.
    pub(super) fn matches(
        &self,
        stream: &Stream<'_>,
        observer: &mut impl Observer,
    ) -> Result<Vec<Match>, RunError> {
        let candidates = self.candidates(stream, observer)?;
        let missing = Missing::new(self, stream)?;
        let mut matches = Vec::new();
        for candidate in candidates {
            match missing.obstacle(&candidate, &self.places, self.sequence.maxspan_ms) {
                Some(obstacle) => observer.not_missing(&candidate, &obstacle),
                None => matches.push(with_placeholders(&candidate, &self.places)),
            }
        }
        Ok(matches)
    }

    /// The positive steps matched by the state machine of §10.1, missing events left aside.
    fn candidates<'e>(
        &self,
        stream: &Stream<'e>,
        observer: &mut impl Observer,
    ) -> Result<Vec<Candidate<'e>>, RunError> {
        let mut pending = Pending::new();
        let mut found = Vec::new();
        for (at, timed) in stream.timed() {
            let keys_of_step = self.positive_keys(timed)?;
            let mut completed = Vec::new();
            // From last to first, so that one event never fills two stages of one partial.
            for (stage, step) in self.stages.iter().enumerate().rev() {
                for key in keys_of_step.get(*step).into_iter().flatten() {
                    let earlier = self.earlier(&mut pending, (key, stage), (timed, at), observer)?;
                    let Some(mut filled) = earlier else { continue };
                    filled.push((timed, at));
                    observer.reached(key, &filled);
                    if filled.len() == self.stages.len() {
                        completed.push(Candidate { key: key.clone(), filled });
                    } else {
                        pending.insert((key.clone(), stage), filled);
                    }
                }
            }
            // Events come in order, so only matches of the same last event are left to order (§10.4).
            completed.sort_by(|a, b| a.key.cmp(&b.key));
            found.append(&mut completed);
            self.apply_until(timed, &mut pending, observer)?;
        }
        Ok(found)
    }

    fn refers_back(&self, step: usize) -> bool {
        self.refer_back.get(step) == Some(&true)
    }

    /// For each step the keys that an event has for it, if it fits a positive step.
    fn positive_keys(&self, timed: Timed<'_>) -> Result<Vec<Vec<JoinKey>>, RunError> {
        let steps = self.sequence.steps.iter().enumerate();
        steps.map(|(at, step)| if step.missing { Ok(Vec::new()) } else { self.keys_of(at, timed) }).collect()
    }

    /// The keys that an event has for a step; none if it does not fit, whatever the partial.
    pub(super) fn keys_of(&self, step: usize, timed: Timed<'_>) -> Result<Vec<JoinKey>, RunError> {
        let (Some(written), Some(fields)) = (self.sequence.steps.get(step), self.fields.get(step)) else {
            return Ok(Vec::new());
        };
        let query = &written.query;
        let fits = match self.refers_back(step) {
            true => self.queries.looks_at(query, timed.event),
            false => self.queries.matches(query, Scope::of(timed))?,
        };
        if fits { fields.of(timed.event) } else { Ok(Vec::new()) }
    }

    /// The partial that an event at this stage appends to, taken out of those pending. One that exceeds the
    /// time span is lost (§10.1); one that the event does not fit stays (§14).
    fn earlier<'e>(
        &self,
        pending: &mut Pending<'e>,
        (key, stage): (&JoinKey, usize),
        (timed, at): Filled<'e>,
        observer: &mut impl Observer,
    ) -> Result<Option<Vec<Filled<'e>>>, RunError> {
        let Some(before) = stage.checked_sub(1) else { return Ok(Some(Vec::new())) };
        let place = (key.clone(), before);
        let number = self.stages.get(stage).copied();
        let step = number.and_then(|step| self.sequence.steps.get(step));
        if let (Some(partial), Some(step)) = (pending.get(&place), step)
            && number.is_some_and(|step| self.refers_back(step))
            && !self.matches_beside(&step.query, timed, partial)?
        {
            return Ok(None);
        }
        let Some(partial) = pending.remove(&place) else { return Ok(None) };
        let first = partial.first().map(|(_, first)| *first);
        let span = first.zip(self.sequence.maxspan_ms);
        if span.is_some_and(|(first, span)| exceeds(first, at, span)) {
            observer.too_late(key, &partial, (timed, at));
            return Ok(None);
        }
        Ok(Some(partial))
    }

    /// Whether an event satisfies a query beside the events of a partial (§14).
    fn matches_beside<'e>(
        &self,
        query: &EventQuery,
        timed: Timed<'e>,
        partial: &[Filled<'e>],
    ) -> Result<bool, RunError> {
        let named = |(step, (filled, _)): (&usize, &Filled<'e>)| {
            let alias = self.sequence.steps.get(*step)?.alias.as_deref()?;
            Some((alias, filled.event))
        };
        let bound: Bound<'_> = self.stages.iter().zip(partial).filter_map(named).collect();
        self.queries.matches(query, Scope::of(timed).beside(&bound))
    }

    /// After its own steps, an event that satisfies `until` removes every partial of its keys (§10.5).
    fn apply_until(
        &self,
        timed: Timed<'_>,
        pending: &mut Pending<'_>,
        observer: &mut impl Observer,
    ) -> Result<(), RunError> {
        let (Some(until), Some(fields)) = (&self.sequence.until, self.fields.last()) else { return Ok(()) };
        let by_partial = refers_back(&until.query);
        if !by_partial && !self.queries.matches(&until.query, Scope::of(timed))? {
            return Ok(());
        }
        for key in fields.of(timed.event)? {
            for stage in 0..self.stages.len() {
                let place = (key.clone(), stage);
                let Some(partial) = pending.get(&place) else { continue };
                if !by_partial || self.matches_beside(&until.query, timed, partial)? {
                    observer.ended(&key, partial, timed);
                    pending.remove(&place);
                }
            }
        }
        Ok(())
    }
}

fn with_placeholders(candidate: &Candidate<'_>, places: &[Place]) -> Match {
    let mut filled = candidate.filled.iter();
    let event =
        |place: &Place| if place.missing { None } else { filled.next().map(|(timed, _)| timed.index) };
    Match { events: places.iter().map(event).collect(), join_keys: keys::literals(&candidate.key) }
}
