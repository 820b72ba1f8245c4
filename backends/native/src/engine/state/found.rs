//! Matches on their way out.

use std::cmp::Ordering;

use super::key;
use super::order::Rank;
use super::{Detection, Given, Seen};
use crate::reference::keys::{self, JoinKey};

/// A match, and what orders it among others.
pub(crate) struct Found {
    rank: Rank,
    pub(super) rule: usize,
    key: JoinKey,
    /// The order in which a part found it.
    number: u64,
    events: Vec<Option<Seen>>,
}

impl Found {
    pub(super) fn into_detection(self) -> Detection {
        Detection { rule: self.rule, events: self.events, join_keys: keys::literals(&self.key) }
    }

    fn order(&self) -> (&Rank, usize, &JoinKey, u64) {
        (&self.rank, self.rule, &self.key, self.number)
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// Where the matches of a rule go.
pub(super) struct Output<'a> {
    pub(super) rule: usize,
    pub(super) number: &'a mut u64,
    pub(super) found: &'a mut Vec<Found>,
    pub(super) given: &'a mut Given,
}

impl Output<'_> {
    /// A match of a key, whose last event stands at a rank.
    pub(super) fn found(&mut self, rank: Rank, key: &[u8], events: Vec<Option<Seen>>) {
        *self.number += 1;
        let (rule, number, key) = (self.rule, *self.number, key::decode(key));
        self.found.push(Found { rank, rule, key, number, events });
    }

    /// The rule could not be asked of an event.
    pub(super) fn unanswered(&mut self) {
        *self.given.unanswered_of.entry(self.rule).or_default() += 1;
    }
}
