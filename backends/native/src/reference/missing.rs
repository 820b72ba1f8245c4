//! Missing events (`eql-semantics.md` §10.7).
//!
//! The data at hand is all there is: a trailing missing event is decided at its end, as in a batch.

use super::RunError;
use super::keys::JoinKey;
use super::order::Stream;
use super::sequence::{Candidate, Machine, Place};

/// For each step that asks for a missing event: the keys and times, in milliseconds, of the events that fit it.
pub(super) struct Missing {
    of_step: Vec<Vec<Hit>>,
}

/// An event that fits a step that asks for its absence.
struct Hit {
    key: JoinKey,
    /// Its time, in milliseconds.
    at: i128,
    /// Its index in the events that were given.
    event: usize,
}

/// What stands where nothing may.
pub(super) struct Obstacle {
    /// The event, by its index in the events that were given.
    pub(super) event: usize,
    /// The step that asks for its absence.
    pub(super) step: usize,
}

impl Missing {
    pub(super) fn new(machine: &Machine<'_>, stream: &Stream) -> Result<Self, RunError> {
        let mut of_step = Vec::with_capacity(machine.sequence.steps.len());
        for (at, step) in machine.sequence.steps.iter().enumerate() {
            let mut hits = Vec::new();
            if step.missing {
                for (time, timed) in stream.timed() {
                    let keys = machine.keys_of(at, timed)?;
                    let hit = |key| Hit { key, at: time.millis(), event: timed.index };
                    hits.extend(keys.into_iter().map(hit));
                }
            }
            of_step.push(hits);
        }
        Ok(Self { of_step })
    }

    /// What keeps a candidate from being a match: an event where one must be missing. Times are compared in whole
    /// milliseconds and strictly.
    pub(super) fn obstacle(
        &self,
        candidate: &Candidate<'_>,
        places: &[Place],
        maxspan_ms: Option<u64>,
    ) -> Option<Obstacle> {
        let times: Vec<i128> = candidate.filled.iter().map(|(_, at)| at.millis()).collect();
        let (first, last) = (times.first().copied()?, times.last().copied()?);
        let mut leading: Option<(&Hit, usize)> = None;
        let mut trailing: Option<(&Hit, usize)> = None;
        let mut positives_before = 0usize;
        for place in places {
            if !place.missing {
                positives_before = positives_before.saturating_add(1);
                continue;
            }
            let before = positives_before.checked_sub(1).and_then(|at| times.get(at)).copied();
            let after = times.get(positives_before).copied();
            let mut hits = self.hits(place.step, &candidate.key);
            match (before, after) {
                (Some(before), Some(after)) => {
                    if let Some(hit) = hits.find(|hit| before < hit.at && hit.at < after) {
                        return Some(Obstacle { event: hit.event, step: place.step });
                    }
                }
                (None, _) => {
                    let nearest = hits.filter(|hit| hit.at < first).map(|hit| (hit, place.step));
                    leading = leading.into_iter().chain(nearest).max_by_key(|(hit, _)| hit.at);
                }
                (Some(_), None) => {
                    let nearest = hits.filter(|hit| hit.at > last).map(|hit| (hit, place.step));
                    trailing = trailing.into_iter().chain(nearest).min_by_key(|(hit, _)| hit.at);
                }
            }
        }
        let far = |from: i128, to: i128| maxspan_ms.is_some_and(|span| to - from > i128::from(span));
        let starts = places.first().is_some_and(|place| place.missing);
        let ends = places.last().is_some_and(|place| place.missing);
        let obstacle = match (starts, ends, leading, trailing) {
            // One side without an event is enough, however near the event of the other side is.
            (true, true, Some(leading), Some(trailing)) => {
                Some(leading).filter(|_| !far(leading.0.at, trailing.0.at))
            }
            (true, false, Some(leading), _) => Some(leading).filter(|_| !far(leading.0.at, last)),
            (false, true, _, Some(trailing)) => Some(trailing).filter(|_| !far(first, trailing.0.at)),
            _ => None,
        };
        obstacle.map(|(hit, step)| Obstacle { event: hit.event, step })
    }

    fn hits<'a>(&'a self, step: usize, key: &'a JoinKey) -> impl Iterator<Item = &'a Hit> {
        let of_step = self.of_step.get(step).map_or(&[][..], Vec::as_slice);
        of_step.iter().filter(move |hit| hit.key == *key)
    }
}
