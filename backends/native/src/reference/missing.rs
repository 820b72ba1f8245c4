//! Missing events (`eql-semantics.md` §10.7).
//!
//! The data at hand is all there is: a trailing missing event is decided at its end, as in a batch.

use super::RunError;
use super::keys::JoinKey;
use super::order::Stream;
use super::sequence::{Candidate, Machine, Place};

/// For each step that asks for a missing event: the keys and times, in milliseconds, of the events that fit it.
pub(super) struct Missing {
    of_step: Vec<Vec<(JoinKey, i128)>>,
}

impl Missing {
    pub(super) fn new(machine: &Machine<'_>, stream: &Stream) -> Result<Self, RunError> {
        let mut of_step = Vec::with_capacity(machine.sequence.steps.len());
        for (at, step) in machine.sequence.steps.iter().enumerate() {
            let mut hits = Vec::new();
            if step.missing {
                for (time, timed) in stream.timed() {
                    let keys = machine.keys_of(at, timed)?;
                    hits.extend(keys.into_iter().map(|key| (key, time.millis())));
                }
            }
            of_step.push(hits);
        }
        Ok(Self { of_step })
    }

    /// Whether a candidate stands: no event is where one must be missing. Times are compared in whole
    /// milliseconds and strictly.
    pub(super) fn allows(
        &self,
        candidate: &Candidate<'_>,
        places: &[Place],
        maxspan_ms: Option<u64>,
    ) -> bool {
        let times: Vec<i128> = candidate.filled.iter().map(|(_, at)| at.millis()).collect();
        let (Some(first), Some(last)) = (times.first().copied(), times.last().copied()) else { return false };
        let mut leading = None;
        let mut trailing = None;
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
                    if hits.any(|hit| before < hit && hit < after) {
                        return false;
                    }
                }
                (None, _) => leading = leading.max(hits.filter(|hit| *hit < first).max()),
                (Some(_), None) => {
                    let next = hits.filter(|hit| *hit > last).min();
                    trailing = [trailing, next].into_iter().flatten().min();
                }
            }
        }
        let far = |from: i128, to: i128| maxspan_ms.is_some_and(|span| to - from > i128::from(span));
        let starts = places.first().is_some_and(|place| place.missing);
        let ends = places.last().is_some_and(|place| place.missing);
        match (starts, ends, leading, trailing) {
            // One side without an event is enough, however near the event of the other side is.
            (true, true, Some(leading), Some(trailing)) => far(leading, trailing),
            (true, false, Some(leading), _) => far(leading, last),
            (false, true, _, Some(trailing)) => far(first, trailing),
            _ => true,
        }
    }

    fn hits<'a>(&'a self, step: usize, key: &'a JoinKey) -> impl Iterator<Item = i128> + 'a {
        let of_step = self.of_step.get(step).map_or(&[][..], Vec::as_slice);
        of_step.iter().filter(move |(other, _)| other == key).map(|(_, at)| *at)
    }
}
