//! Missing events (`eql-semantics.md` §10.7), as far as one event at a time tells. Times are compared in whole
//! milliseconds and strictly.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use eqlc_events::Timestamp;

use super::Seen;
use super::order::Rank;

/// What is known of the events around those of a partial match, where none may be.
#[derive(Clone, Copy, Default)]
pub(super) struct Around {
    /// The latest one before its first event.
    leading: Option<i128>,
    /// The earliest one since its last event.
    between: Option<i128>,
    /// Whether one stood between two of its events.
    spoiled: bool,
}

/// When the first and the last event of a match happened.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) first: i128,
    pub(super) last: i128,
}

/// What is known when all steps that ask for an event have one.
pub(super) enum Verdict {
    Yes,
    No,
    /// Yes, if no event comes up to this instant where none may; none: ever.
    Until(Option<i128>),
}

impl Around {
    /// Of a partial match with this event before it.
    pub(super) fn after(leading: i128) -> Self {
        Self { leading: Some(leading), ..Self::default() }
    }

    /// An event comes after the last one.
    pub(super) fn comes_between(&mut self, millis: i128) {
        self.between.get_or_insert(millis);
    }

    /// The next event of the match ends what was between.
    pub(super) fn close(&mut self, millis: i128) {
        self.spoiled |= self.between.take().is_some_and(|between| between < millis);
    }

    /// Whether a match is one, by whether its places begin and end with missing events.
    pub(super) fn verdict(
        &self,
        (starts, ends): (bool, bool),
        times: Times,
        span_ms: Option<u64>,
    ) -> Verdict {
        if self.spoiled {
            return Verdict::No;
        }
        let far = |from: i128, to: i128| span_ms.is_some_and(|span| to - from > i128::from(span));
        // One side without an event is enough, however near the event of the other side is.
        let from = match (starts, ends, self.leading) {
            (true, false, Some(leading)) if !far(leading, times.last) => return Verdict::No,
            (false, true, _) => times.first,
            (true, true, Some(leading)) => leading,
            _ => return Verdict::Yes,
        };
        // The next event that could stand in the way is a millisecond later at least.
        if far(from, times.last + 1) {
            return Verdict::Yes;
        }
        Verdict::Until(span_ms.map(|span| from + i128::from(span)))
    }
}

/// So much later something is forgotten than its time says, for nanoseconds do not count here.
const GRACE: i128 = 1_000_000;

/// What is remembered of a key beside partial matches.
#[derive(Default)]
pub(super) struct Beside {
    /// When events stood where none may lead: the latest millisecond, and the latest before that.
    leading: Option<(Timestamp, Option<i128>)>,
    waiting: Vec<Waiting>,
}

/// A match that waits for the time in which an event would make it none.
pub(super) struct Waiting {
    pub(super) number: u64,
    /// When its first event happened, in nanoseconds.
    pub(super) first: i128,
    pub(super) last_ms: i128,
    pub(super) deadline: Option<i128>,
    /// Where its last event stands.
    pub(super) rank: Rank,
    pub(super) filled: Vec<Seen>,
}

impl Beside {
    pub(super) fn weight(&self) -> usize {
        self.waiting.len() + usize::from(self.leading.is_some())
    }

    pub(super) fn oldest(&self) -> Option<i128> {
        let leading = self.leading.map(|(latest, _)| latest.nanos());
        let waiting = self.waiting.iter().map(|waiting| waiting.first);
        waiting.chain(leading).min().map(|nanos| nanos.saturating_add(GRACE))
    }

    /// What waits has a time of its own, which comes before this one.
    pub(super) fn forget_before(&mut self, age: i128) {
        let kept = |nanos: i128| nanos.saturating_add(GRACE) >= age;
        self.leading = self.leading.filter(|(latest, _)| kept(latest.nanos()));
        self.waiting.retain(|waiting| kept(waiting.first));
    }

    pub(super) fn forget_oldest(&mut self) {
        let oldest = self.oldest();
        let is_oldest = |nanos: i128| Some(nanos.saturating_add(GRACE)) == oldest;
        if self.leading.is_some_and(|(latest, _)| is_oldest(latest.nanos())) {
            self.leading = None;
        } else if let Some(at) = self.waiting.iter().position(|waiting| is_oldest(waiting.first)) {
            self.waiting.remove(at);
        }
    }

    /// An event stands where none may lead.
    pub(super) fn leads(&mut self, at: Timestamp) {
        let before = match self.leading {
            Some((latest, before)) if latest.millis() == at.millis() => before,
            Some((latest, _)) => Some(latest.millis()),
            None => None,
        };
        self.leading = Some((at, before));
    }

    /// The latest such event before a millisecond.
    pub(super) fn leading_before(&self, millis: i128) -> Option<i128> {
        let (latest, before) = self.leading?;
        if latest.millis() < millis { Some(latest.millis()) } else { before }
    }

    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// Whether the match of this number still waits.
    pub(super) fn waits(&self, number: u64) -> bool {
        self.waiting.iter().any(|waiting| waiting.number == number)
    }

    /// The match of this number, which waits no longer.
    pub(super) fn take(&mut self, number: u64) -> Option<Waiting> {
        let at = self.waiting.iter().position(|waiting| waiting.number == number)?;
        Some(self.waiting.remove(at))
    }

    /// An event stands where none may follow.
    pub(super) fn trails(&mut self, millis: i128) {
        self.waiting.retain(|waiting| {
            let in_time = waiting.deadline.is_none_or(|deadline| millis <= deadline);
            waiting.last_ms >= millis || !in_time
        });
    }
}

/// The deadlines of the matches that wait, and where they do.
#[derive(Default)]
pub(super) struct Waits {
    /// By deadline: number and slot.
    heap: BinaryHeap<Reverse<(i128, u64, u32)>>,
    next: u64,
    /// The size at which those that wait no longer are looked for.
    full: usize,
}

impl Waits {
    /// The number of the next match that waits.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn add(&mut self, deadline: Option<i128>, number: u64, slot: u32) {
        self.heap.push(Reverse((deadline.unwrap_or(i128::MAX), number, slot)));
    }

    /// Forgets those that wait no longer.
    pub(super) fn tidy(&mut self, waits: impl Fn(u32, u64) -> bool) {
        if self.heap.len() > self.full.max(1_024) {
            self.heap.retain(|Reverse((_, number, slot))| waits(*slot, *number));
            self.full = self.heap.len().saturating_mul(2);
        }
    }

    /// The last nanosecond of the next deadline.
    pub(super) fn due(&self) -> Option<i128> {
        let Reverse((deadline, ..)) = self.heap.peek()?;
        Some(deadline.saturating_add(1).saturating_mul(1_000_000).saturating_sub(1))
    }

    /// The next match whose deadline is before a millisecond, none: the next of all. Its slot and number.
    pub(super) fn next(&mut self, millis: Option<i128>) -> Option<(u32, u64)> {
        let Reverse((deadline, ..)) = self.heap.peek()?;
        if millis.is_some_and(|millis| *deadline >= millis) {
            return None;
        }
        self.heap.pop().map(|Reverse((_, number, slot))| (slot, number))
    }
}
