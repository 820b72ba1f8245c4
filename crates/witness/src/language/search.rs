//! A shortest text of a set.

use std::collections::{HashSet, VecDeque};

use super::{Languages, Node, Set};

/// What a search for a text found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shortest {
    Text(String),
    /// The set is empty: there is no such text.
    Never,
    /// The work was stopped.
    Unknown,
}

/// Characters that a reader of an event would expect, the best first.
const PLEASANT: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. \\/:";

impl Languages {
    /// A shortest text of the set, of pleasant characters where it is free. At most `budget` states are looked at.
    pub(crate) fn shortest(&mut self, set: Set, budget: usize) -> Shortest {
        let mut seen = HashSet::from([set]);
        // Where each state was reached from, and by which character.
        let mut trail: Vec<(Set, Option<(usize, char)>)> = vec![(set, None)];
        let mut queue = VecDeque::from([0usize]);
        let limit = self.len().saturating_add(budget.saturating_mul(8));
        while let Some(at) = queue.pop_front() {
            let Some((state, _)) = trail.get(at).copied() else { continue };
            if self.nullable(state) {
                return Shortest::Text(spelled(&trail, at));
            }
            if trail.len() > budget || self.len() > limit {
                return Shortest::Unknown;
            }
            for c in self.representatives(state) {
                let next = self.after(state, c);
                if next != Self::NOTHING && seen.insert(next) {
                    trail.push((next, Some((at, c))));
                    queue.push_back(trail.len() - 1);
                }
            }
        }
        Shortest::Never
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
        match self.node(set) {
            Node::Nothing | Node::Empty => {}
            Node::One(chars) => cuts.extend(chars.cuts()),
            Node::Concat(first, then) => {
                self.cuts(*first, cuts);
                if self.nullable(*first) {
                    self.cuts(*then, cuts);
                }
            }
            Node::Or(sets) | Node::And(sets) => sets.iter().for_each(|set| self.cuts(*set, cuts)),
            Node::Not(set) | Node::Repeat(set, ..) => self.cuts(*set, cuts),
        }
    }
}

/// The characters that led to a state.
fn spelled(trail: &[(Set, Option<(usize, char)>)], mut at: usize) -> String {
    let mut characters = Vec::new();
    while let Some((_, Some((from, c)))) = trail.get(at) {
        characters.push(*c);
        at = *from;
    }
    characters.into_iter().rev().collect()
}
