//! A text of a set.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::{Languages, Node, Set};

/// What a search for a text found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Example {
    Text(String),
    /// The set is empty: there is no such text.
    Never,
    /// The work was stopped.
    Unknown,
}

/// Characters that a reader of an event would expect, the best first.
const PLEASANT: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. \\/:";

/// A state to go on from: how long its text seems to get, how far the end seems, when it was found.
type Open = Reverse<(u32, u32, usize)>;

impl Languages {
    /// A short text of the set, of pleasant characters where it is free. At most `states` are looked at.
    ///
    /// The search goes first where the end seems nearest. A set without intersections and complements gives a shortest
    /// text. Never is a proof: every text was followed to where it cannot become one of the set.
    pub(crate) fn example(&mut self, set: Set, states: usize) -> Example {
        let far = self.far(set);
        let mut seen = HashSet::from([set]);
        // Where each state was reached from, and by which character; and how long its text is.
        let mut trail: Vec<Step> = vec![Step { state: set, from: None, length: 0 }];
        let mut open: BinaryHeap<Open> = BinaryHeap::from([Reverse((far, far, 0))]);
        while let Some(Reverse((.., at))) = open.pop() {
            let Some(step) = trail.get(at).copied() else { continue };
            if self.nullable(step.state) {
                return Example::Text(spelled(&trail, at));
            }
            if trail.len() > states || self.is_spent() {
                return Example::Unknown;
            }
            for c in self.representatives(step.state) {
                let next = self.after(step.state, c);
                if next == Self::NOTHING || !seen.insert(next) {
                    continue;
                }
                let far = self.far(next);
                let length = step.length.saturating_add(1);
                open.push(Reverse((length.saturating_add(far), far, trail.len())));
                trail.push(Step { state: next, from: Some((at, c)), length });
            }
        }
        // Where work ran out on the way, sets may pass for empty that are not.
        if self.is_spent() { Example::Unknown } else { Example::Never }
    }

    /// How far the end of a set seems: of what must all hold, one after the other.
    fn far(&self, set: Set) -> u32 {
        match self.node(set) {
            Node::And(sets) => sets.iter().fold(0, |sum: u32, set| sum.saturating_add(self.least(*set))),
            _ => self.least(set),
        }
    }

    /// One character for each way to go on from a set.
    fn representatives(&self, set: Set) -> Vec<char> {
        let mut cuts = vec![0, 0xD800, 0xE000, 0x0011_0000];
        self.cuts(set, &mut cuts);
        cuts.sort_unstable();
        cuts.dedup();
        let mut found: Vec<(usize, char)> = Vec::new();
        for (low, next) in cuts.iter().zip(cuts.iter().skip(1)) {
            let inside = |c: &char| (*low..*next).contains(&u32::from(*c));
            let pleasant = PLEASANT.chars().enumerate().find(|(_, c)| inside(c));
            let plain = || (*low..*next).find_map(char::from_u32).map(|c| (usize::MAX, c));
            found.extend(pleasant.or_else(plain));
        }
        found.sort_unstable();
        found.into_iter().map(|(_, c)| c).collect()
    }

    fn cuts(&self, set: Set, cuts: &mut Vec<u32>) {
        let mut rest = set;
        while let Node::Concat(first, then) = self.node(rest) {
            self.cuts(*first, cuts);
            if !self.nullable(*first) {
                return;
            }
            rest = *then;
        }
        match self.node(rest) {
            Node::Nothing | Node::Empty | Node::Concat(..) => {}
            Node::One(chars) => cuts.extend(chars.cuts()),
            Node::Or(sets) | Node::And(sets) => sets.iter().for_each(|set| self.cuts(*set, cuts)),
            Node::Not(set) | Node::Repeat(set, ..) => self.cuts(*set, cuts),
        }
    }
}

/// A state that was reached.
#[derive(Clone, Copy)]
struct Step {
    state: Set,
    from: Option<(usize, char)>,
    length: u32,
}

/// The characters that led to a state.
fn spelled(trail: &[Step], mut at: usize) -> String {
    let mut characters = Vec::new();
    while let Some(Step { from: Some((from, c)), .. }) = trail.get(at) {
        characters.push(*c);
        at = *from;
    }
    characters.into_iter().rev().collect()
}
