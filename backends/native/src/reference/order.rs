//! The order of events (`eql-semantics.md` §9).

use eqlc_events::{Event, Timestamp};
use eqlc_ir::FieldType;

use super::RunOptions;
use super::keys::KeyPart;
use super::values::literal;

/// Events in order.
pub(crate) struct Stream<'a> {
    ordered: Vec<Timed<'a>>,
}

/// An event and its time.
#[derive(Clone, Copy)]
pub(crate) struct Timed<'a> {
    /// Its index in the events that were given.
    pub(crate) index: usize,
    /// The event.
    pub(crate) event: &'a Event<'a>,
    /// Its timestamp.
    at: Option<Timestamp>,
}

impl<'a> Stream<'a> {
    /// Orders events by timestamp, tie-breaker, arrival. Events without timestamp come last; among events of
    /// the same time, those without tie-breaker do.
    pub(crate) fn new(events: &'a [Event<'a>], options: &RunOptions) -> Self {
        let tiebreaker = |event: &Event| {
            let field = options.tiebreaker_field.as_deref()?;
            event.values(field).first().map(|value| KeyPart::new(literal(value), FieldType::Unknown))
        };
        let mut keyed: Vec<_> = events
            .iter()
            .enumerate()
            .map(|(index, event)| {
                let at = event.timestamp(&options.timestamp_field);
                let tie = tiebreaker(event);
                ((at.is_none(), at, tie.is_none(), tie, index), Timed { index, event, at })
            })
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        Self { ordered: keyed.into_iter().map(|(_, timed)| timed).collect() }
    }

    /// Every event with its index in the events that were given.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &'a Event<'a>)> + '_ {
        self.ordered.iter().map(|timed| (timed.index, timed.event))
    }

    /// The events that have a timestamp; only they can stand in a sequence (§9.3).
    pub(crate) fn timed(&self) -> impl Iterator<Item = (Timestamp, Timed<'a>)> + '_ {
        self.ordered.iter().filter_map(|timed| Some((timed.at?, *timed)))
    }
}

/// Whether `later` is more than so many milliseconds after `first`.
pub(crate) fn exceeds(first: Timestamp, later: Timestamp, span_ms: u64) -> bool {
    later.nanos() - first.nanos() > i128::from(span_ms) * 1_000_000
}
