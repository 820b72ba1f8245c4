//! The order of events (`eql-semantics.md` §9).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use eqlc_events::Timestamp;

use super::super::StreamOptions;
use super::entry::Entry;
use crate::reference::keys::KeyPart;

/// Where an event stands in the order of a clock: those without time and, among those of the same time, those
/// without tie-breaker come last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    at: Last<Timestamp>,
    tie: Last<Arc<KeyPart>>,
    ordinal: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Last<T> {
    Some(T),
    None,
}

impl<T> From<Option<T>> for Last<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Self::Some)
    }
}

impl Rank {
    /// Of an event.
    pub(super) fn of(entry: &Entry, clock: usize) -> Self {
        let at = entry.times.get(clock).copied().flatten();
        let tie = entry.ties.get(clock).cloned().flatten();
        Self::new(at, tie, entry.place.ordinal)
    }

    /// Of an event with this time, tie-breaker and place.
    pub(super) fn new(at: Option<Timestamp>, tie: Option<Arc<KeyPart>>, ordinal: u64) -> Self {
        Self { at: at.into(), tie: tie.into(), ordinal }
    }

    /// Of what has no order in time.
    pub(super) fn none() -> Self {
        Self { at: Last::None, tie: Last::None, ordinal: 0 }
    }

    /// Whether it comes before another by time and tie-breaker alone.
    fn is_earlier(&self, other: &Self) -> bool {
        (&self.at, &self.tie) < (&other.at, &other.tie)
    }
}

/// Events that wait for earlier ones.
pub(super) struct Buffer {
    /// How long is waited, in nanoseconds; none: to the end.
    disorder: Option<i128>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    untimed: Vec<Arc<Entry>>,
    newest: Option<(Timestamp, Rank)>,
    /// How far after the clock events may be dated, in nanoseconds; none: as far as they like.
    ahead: Option<i128>,
    /// The latest that they may be dated, by the clock when it was last looked at.
    latest: Timestamp,
    /// The most events that wait.
    most: usize,
    /// The time of the last event that had its turn because too many waited.
    hurried: Option<Timestamp>,
    /// How many such events there were.
    pub(super) hurries: u64,
}

struct Waiting {
    rank: Rank,
    at: Timestamp,
    entry: Arc<Entry>,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

/// What is to be done with an event.
pub(super) enum Turn {
    /// It is its turn.
    Now,
    /// It waits.
    Later,
    /// Later ones have had their turn.
    TooLate,
    /// It is dated later than it can be.
    Ahead,
}

impl Buffer {
    /// At most `most` events wait.
    pub(super) fn new(options: &StreamOptions, most: usize) -> Self {
        let nanos = |ms: u64| i128::from(ms) * 1_000_000;
        let disorder = options.disorder_ms.map(nanos);
        Self {
            disorder,
            waiting: BinaryHeap::new(),
            untimed: Vec::new(),
            newest: None,
            // What waits to the end is put in order whatever comes.
            ahead: disorder.and(options.ahead_ms).map(nanos),
            latest: Timestamp::from_nanos(i128::MIN),
            most,
            hurried: None,
            hurries: 0,
        }
    }

    fn is_ahead(&mut self, at: Timestamp) -> bool {
        let Some(ahead) = self.ahead.filter(|_| at > self.latest) else { return false };
        self.latest = Timestamp::from_nanos(Timestamp::now().nanos().saturating_add(ahead));
        at > self.latest
    }

    /// Notes an event; `wanted` says whether it has to be put in order.
    pub(super) fn note(&mut self, entry: &Entry, clock: usize, wanted: bool) -> Turn {
        let Some(at) = entry.times.get(clock).copied().flatten() else {
            if wanted && self.untimed.len() >= self.most {
                return Turn::TooLate;
            }
            if wanted {
                self.untimed.push(Arc::new(entry.clone()));
            }
            return Turn::Later;
        };
        if self.is_ahead(at) {
            return Turn::Ahead;
        }
        if self.hurried.is_some_and(|hurried| at < hurried) {
            return Turn::TooLate;
        }
        let rank = Rank::of(entry, clock);
        let turn = match (self.disorder, &self.newest) {
            (None, _) => Turn::Later,
            (Some(0), Some((_, newest))) if rank.is_earlier(newest) => Turn::TooLate,
            (Some(0), _) => Turn::Now,
            (Some(wait), Some((newest, _))) if at.nanos() < newest.nanos() - wait => Turn::TooLate,
            (Some(_), _) => Turn::Later,
        };
        if self.newest.as_ref().is_none_or(|(_, newest)| *newest < rank) {
            self.newest = Some((at, rank.clone()));
        }
        if wanted && matches!(turn, Turn::Later) {
            self.waiting.push(Reverse(Waiting { rank, at, entry: Arc::new(entry.clone()) }));
        }
        turn
    }

    /// No event that comes before this instant is still to have its turn.
    pub(super) fn passed(&self) -> Option<Timestamp> {
        let newest = self.newest.as_ref().zip(self.disorder);
        let by_time = newest.map(|((newest, _), wait)| Timestamp::from_nanos(newest.nanos() - wait));
        by_time.max(self.hurried)
    }

    /// The next event whose turn it is.
    pub(super) fn next(&mut self) -> Option<(Timestamp, Arc<Entry>)> {
        let first = self.waiting.peek()?.0.at;
        if self.passed().is_some_and(|passed| first < passed) {
            return self.next_of_all();
        }
        if self.waiting.len() <= self.most {
            return None;
        }
        self.hurried = self.hurried.max(Some(first));
        self.hurries = self.hurries.saturating_add(1);
        self.next_of_all()
    }

    /// The next event, at the end of the stream; those without time are left.
    pub(super) fn next_of_all(&mut self) -> Option<(Timestamp, Arc<Entry>)> {
        self.waiting.pop().map(|Reverse(first)| (first.at, first.entry))
    }

    /// The events without time, in order.
    pub(super) fn untimed(&mut self, clock: usize) -> Vec<Arc<Entry>> {
        let mut untimed = std::mem::take(&mut self.untimed);
        untimed.sort_by_cached_key(|entry| Rank::of(entry, clock));
        untimed
    }
}
