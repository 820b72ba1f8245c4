//! Which queries hold of events, remembered by all that it hangs on: log values repeat, and events that differ in them
//! mostly satisfy the same tests.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::atoms::AtomId;
use super::detection::RuleCost;
use super::memo::Class;
use super::paths::id;
use super::plan::QueryId;

/// The most outcomes, and the most numbers that say what they hang on and what they are.
const MAX_OUTCOMES: usize = 1 << 15;
const MAX_WORDS: usize = 1 << 20;

/// Events with more values that say something are not remembered.
const MAX_SIGNS: usize = 64;

/// Marks the number of an atom, which stands beside those of classes.
const ATOM: u32 = 1 << 31;

/// All that the outcome of an event hangs on, unless a query asks the event itself.
#[derive(Debug, Default)]
pub(super) struct Signs {
    words: Vec<u32>,
    /// Of the memory that the classes are of.
    epoch: u32,
}

impl Signs {
    /// Of an event of a kind, before anything is known of its values; and the epoch of their classes.
    pub(super) fn begin(&mut self, kind: u32, epoch: u32) {
        self.words.clear();
        self.words.push(kind);
        self.epoch = epoch;
    }

    /// A value satisfies the atoms of a class.
    #[inline(always)]
    pub(super) fn class(&mut self, class: Class) {
        self.words.push(class.number());
    }

    /// Something is there.
    #[inline(always)]
    pub(super) fn atom(&mut self, atom: AtomId) {
        self.words.push(ATOM | atom.0);
    }
}

/// The outcomes of events so far. When there are too many all are dropped.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    list: Vec<Outcome>,
    words: Vec<u32>,
    table: HashTable<u32>,
    hasher: RandomState,
    epoch: u32,
    /// Events whose outcome was known.
    again: u64,
}

/// Places of the words of one outcome.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    signs: u32,
    woken: u32,
    satisfied: u32,
    end: u32,
    /// How often it was seen again.
    again: u64,
}

impl Outcomes {
    /// The queries that hold of an event with such signs, if one was seen.
    #[inline(always)]
    pub(super) fn get(&mut self, signs: &Signs) -> Option<impl Iterator<Item = QueryId> + '_> {
        let at = *self.table.find(hash(&self.hasher, &signs.words), |at| self.has(*at, signs))?;
        let outcome = self.list.get_mut(at as usize)?;
        outcome.again += 1;
        self.again += 1;
        let range = outcome.satisfied..outcome.end;
        Some(words(&self.words, range).iter().copied().map(QueryId))
    }

    #[inline(always)]
    fn has(&self, at: u32, signs: &Signs) -> bool {
        self.epoch == signs.epoch
            && self
                .list
                .get(at as usize)
                .is_some_and(|known| words(&self.words, known.signs..known.woken) == signs.words.as_slice())
    }

    /// Remembers which queries were looked at and which of them hold. `costs` gets what is forgotten for it.
    pub(super) fn put(
        &mut self,
        signs: &Signs,
        (woken, satisfied): (&[QueryId], &[QueryId]),
        costs: &mut [RuleCost],
    ) {
        if signs.words.len() > MAX_SIGNS {
            return;
        }
        let more = signs.words.len() + woken.len() + satisfied.len();
        let full = self.list.len() >= MAX_OUTCOMES || self.words.len() + more > MAX_WORDS;
        if full || self.epoch != signs.epoch {
            self.count(costs);
            self.list.clear();
            self.words.clear();
            self.table.clear();
            self.epoch = signs.epoch;
        }
        let at = id(self.list.len());
        let start = id(self.words.len());
        self.words.extend_from_slice(&signs.words);
        let before_woken = id(self.words.len());
        self.words.extend(woken.iter().map(|query| query.0));
        let before_satisfied = id(self.words.len());
        self.words.extend(satisfied.iter().map(|query| query.0));
        let end = id(self.words.len());
        self.list.push(Outcome {
            signs: start,
            woken: before_woken,
            satisfied: before_satisfied,
            end,
            again: 0,
        });
        let (list, all, hasher) = (&self.list, &self.words, &self.hasher);
        self.table.insert_unique(hash(hasher, &signs.words), at, |at| {
            let signs = list.get(*at as usize).map_or(0..0, |known| known.signs..known.woken);
            hash(hasher, words(all, signs))
        });
    }

    /// Events whose outcome was known.
    pub(super) fn again(&self) -> u64 {
        self.again
    }

    /// Counts the queries of events that were seen again, so long as their outcomes are remembered.
    pub(super) fn count(&self, costs: &mut [RuleCost]) {
        for outcome in self.list.iter().filter(|outcome| outcome.again > 0) {
            for query in words(&self.words, outcome.woken..outcome.satisfied) {
                costs.get_mut(*query as usize).into_iter().for_each(|cost| cost.woken += outcome.again);
            }
            for query in words(&self.words, outcome.satisfied..outcome.end) {
                costs.get_mut(*query as usize).into_iter().for_each(|cost| cost.held += outcome.again);
            }
        }
    }
}

#[inline(always)]
fn words(words: &[u32], range: Range<u32>) -> &[u32] {
    words.get(range.start as usize..range.end as usize).unwrap_or_default()
}

#[inline(always)]
fn hash(hasher: &RandomState, words: &[u32]) -> u64 {
    let mut state = hasher.build_hasher();
    let (pairs, rest) = words.as_chunks::<2>();
    for [first, second] in pairs {
        state.write_u64(u64::from(*first) << 32 | u64::from(*second));
    }
    rest.iter().for_each(|word| state.write_u32(*word));
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::super::memo::Memo;
    use super::*;

    fn signs(kind: u32, atoms: &[u32], classes: &[Class]) -> Signs {
        let mut signs = Signs::default();
        signs.begin(kind, 0);
        atoms.iter().for_each(|atom| signs.atom(AtomId(*atom)));
        classes.iter().for_each(|class| signs.class(*class));
        signs
    }

    fn get(outcomes: &mut Outcomes, signs: &Signs) -> Option<Vec<u32>> {
        outcomes.get(signs).map(|queries| queries.map(|query| query.0).collect())
    }

    fn put(outcomes: &mut Outcomes, signs: &Signs, woken: &[u32], satisfied: &[u32], costs: &mut [RuleCost]) {
        let queries = |list: &[u32]| list.iter().copied().map(QueryId).collect::<Vec<_>>();
        outcomes.put(signs, (&queries(woken), &queries(satisfied)), costs);
    }

    #[test]
    fn an_outcome_is_known_by_all_its_signs() {
        let (mut memo, mut outcomes) = (Memo::default(), Outcomes::default());
        let (a, b) = (memo.class(&[AtomId(1)]), memo.class(&[AtomId(2)]));
        let known = signs(1, &[0], &[a, b]);
        assert_eq!(get(&mut outcomes, &known), None);
        put(&mut outcomes, &known, &[4, 2], &[2], &mut []);
        assert_eq!(get(&mut outcomes, &known), Some(vec![2]));
        let others = [
            signs(2, &[0], &[a, b]),
            signs(1, &[1], &[a, b]),
            signs(1, &[], &[a, b]),
            signs(1, &[0], &[a]),
            signs(1, &[0], &[b, a]),
            signs(1, &[0, a.number()], &[b]),
            Signs { epoch: 1, ..signs(1, &[0], &[a, b]) },
        ];
        for other in &others {
            assert_eq!(get(&mut outcomes, other), None, "{other:?}");
        }
    }

    #[test]
    fn what_is_forgotten_is_counted() {
        let (mut outcomes, mut costs) = (Outcomes::default(), [RuleCost::default(); 3]);
        let first = signs(0, &[], &[]);
        put(&mut outcomes, &first, &[0, 1], &[1], &mut costs);
        (0..3).for_each(|_| drop(get(&mut outcomes, &first)));
        let many = id(MAX_OUTCOMES);
        (1..=many).for_each(|kind| put(&mut outcomes, &signs(kind, &[], &[]), &[2], &[], &mut costs));
        assert_eq!(get(&mut outcomes, &first), None);
        assert_eq!(get(&mut outcomes, &signs(many, &[], &[])), Some(Vec::new()));
        outcomes.count(&mut costs);
        let counts = costs.map(|cost| (cost.woken, cost.held));
        assert_eq!((counts, outcomes.again()), ([(3, 0), (3, 3), (1, 0)], 4));
    }

    #[test]
    fn events_with_values_without_end_do_not_fill_memory() {
        let (mut memo, mut outcomes) = (Memo::default(), Outcomes::default());
        let class = memo.class(&[AtomId(1)]);
        let long = signs(0, &[], &vec![class; MAX_SIGNS]);
        put(&mut outcomes, &long, &[], &[], &mut []);
        assert_eq!(get(&mut outcomes, &long), None);
        let woken: Vec<u32> = (0..2000).collect();
        (0..id(MAX_OUTCOMES))
            .for_each(|kind| put(&mut outcomes, &signs(kind, &[], &[]), &woken, &[], &mut []));
        assert!(outcomes.words.len() <= MAX_WORDS && outcomes.list.len() < MAX_OUTCOMES);
    }
}
