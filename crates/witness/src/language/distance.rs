//! How far the empty text is.

use std::collections::{HashMap, VecDeque};

use super::{Languages, Node, Set};

/// How many characters at least a text of a set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    /// As many.
    Exact(u32),
    /// There is no text.
    Never,
    /// Too much work to tell.
    Unknown,
}

/// The most sets that are looked at for one distance.
const MAX_SETS: usize = 400;

impl Languages {
    /// The distance of a set by itself. Sets on the way to the nearest text are known from then on.
    pub(super) fn distance(&mut self, set: Set) -> Distance {
        if self.nullable(set) {
            return Distance::Exact(0);
        }
        if let Some(known) = self.distances.get(&set) {
            return *known;
        }
        let found = self.nearest(set);
        self.distances.insert(set, found);
        found
    }

    fn nearest(&mut self, set: Set) -> Distance {
        let mut from: HashMap<Set, Option<Set>> = HashMap::from([(set, None)]);
        let mut queue = VecDeque::from([set]);
        while let Some(state) = queue.pop_front() {
            if self.nullable(state) {
                return self.remember(&from, state);
            }
            if from.len() > MAX_SETS || self.is_spent() {
                return Distance::Unknown;
            }
            for c in self.representatives(state) {
                let next = self.after(state, c);
                if next != Self::NOTHING && !from.contains_key(&next) {
                    from.insert(next, Some(state));
                    queue.push_back(next);
                }
            }
        }
        Distance::Never
    }

    /// Notes the distance of every set that led to the end. What follows on a shortest way is a shortest way too.
    fn remember(&mut self, from: &HashMap<Set, Option<Set>>, end: Set) -> Distance {
        let (mut at, mut steps) = (end, 0);
        while let Some(Some(before)) = from.get(&at) {
            steps += 1;
            self.distances.insert(*before, Distance::Exact(steps));
            at = *before;
        }
        Distance::Exact(steps)
    }

    /// How far a set seems from its end, at least for the search: operands of `and` one after the other. None where one
    /// of them is empty, and with it the whole.
    pub(super) fn estimate(&mut self, set: Set) -> Option<u32> {
        let operands = match self.node(set) {
            Node::And(sets) => sets.clone(),
            _ => vec![set],
        };
        let mut sum = 0_u32;
        for operand in operands {
            match self.distance(operand) {
                Distance::Exact(steps) => sum = sum.saturating_add(steps),
                Distance::Never => return None,
                Distance::Unknown => {}
            }
        }
        Some(sum)
    }
}
