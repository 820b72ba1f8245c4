//! Samples (`eql-semantics.md` §11), one event at a time.

use super::above::Fit;
use super::found::Output;
use super::key::{self, Keys};
use super::order::Rank;
use super::store::{Memory, Store};
use super::turns::Turn;
use super::{Place, Seen};
use crate::reference::sample;

/// A sample at work.
pub(super) struct SampleState {
    store: Store<Candidates>,
    terms: usize,
    limit: usize,
}

/// For each term the first events that fit it, in the order of arrival.
#[derive(Default)]
pub(super) struct Candidates {
    of_term: Vec<Vec<Seen>>,
}

impl Memory for Candidates {
    fn weight(&self) -> usize {
        self.of_term.iter().map(Vec::len).sum()
    }

    fn oldest(&self) -> Option<i128> {
        self.of_term.iter().filter_map(|term| term.first()).map(|event| event.place.ordinal.into()).min()
    }

    fn forget_before(&mut self, _: i128) {}

    /// A key that lacks an event is worth no more than none.
    fn forget_oldest(&mut self) {
        self.of_term.clear();
    }
}

impl SampleState {
    pub(super) fn new(terms: usize, limit: usize) -> Self {
        Self { store: Store::new(1_024), terms, limit }
    }

    pub(super) fn weight(&self) -> usize {
        self.store.weight()
    }

    pub(super) fn forget_oldest(&mut self, keys: &mut Keys) -> usize {
        self.store.forget_oldest(keys)
    }

    /// The terms that an event fits.
    pub(super) fn event(&mut self, fits: &[Fit<'_>], turn: &mut Turn<'_>) {
        if self.limit == 0 {
            return;
        }
        // The first picks take no others: of each term as many as there are picks, and one for each other term,
        // which may need it more.
        let most = self.limit.saturating_add(self.terms.saturating_sub(1));
        let place = turn.entry.place;
        let seen = turn.entry.seen();
        for fit in fits {
            for key in turn.entry.keys_of(fit.hit) {
                if !turn.owns(key) {
                    continue;
                }
                let terms = self.terms;
                self.store.change_or_start(key, turn.keys, |candidates| {
                    candidates.of_term.resize(terms, Vec::new());
                    let Some(term) = candidates.of_term.get_mut(fit.hit.role as usize) else { return };
                    let at = term.partition_point(|known| known.place.ordinal < place.ordinal);
                    if at < most {
                        term.insert(at, seen.clone());
                        term.truncate(most);
                    }
                });
            }
        }
    }

    /// The picks, keys ascending.
    pub(super) fn finish(&mut self, keys: &mut Keys, output: &mut Output<'_>) {
        let mut all: Vec<_> = self.store.drain(keys);
        all.sort_by_cached_key(|(bytes, _)| key::decode(bytes));
        for (bytes, candidates) in all {
            let mut picks = Vec::new();
            let places = |term: &Vec<Seen>| term.iter().map(|event| event.place).collect();
            let terms: Vec<Vec<Place>> = candidates.of_term.iter().map(places).collect();
            sample::pick(&terms, &mut Vec::new(), self.limit, &mut picks);
            for pick in picks {
                let event = |(term, place): (&Vec<Seen>, Place)| {
                    term.iter().find(|event| event.place == place).cloned()
                };
                let events = candidates.of_term.iter().zip(pick).map(event).collect();
                output.found(Rank::none(), &bytes, events);
            }
        }
    }
}
