//! Automata that are in one state at a time.

use std::collections::BTreeMap;

use super::{Budget, STATES, TooLarge};

/// A deterministic automaton with a step for every letter in every state. It starts in [`Dfa::START`].
#[derive(Clone, Debug)]
pub(super) struct Dfa {
    letters: usize,
    /// Where the letters lead, state by state.
    table: Vec<u32>,
    accepts: Vec<bool>,
}

impl Dfa {
    pub(super) const START: u32 = 0;

    /// An automaton over so many letters, without states so far.
    pub(super) fn new(letters: u32) -> Self {
        Self { letters: letters as usize, table: Vec::new(), accepts: Vec::new() }
    }

    /// Every text.
    pub(super) fn all(letters: u32) -> Self {
        let mut dfa = Self::new(letters);
        dfa.push(vec![Self::START; letters as usize], true);
        dfa
    }

    /// A further state: where its letters lead, and whether it accepts.
    pub(super) fn push(&mut self, row: Vec<u32>, accepts: bool) {
        debug_assert_eq!(row.len(), self.letters);
        self.table.extend(row);
        self.accepts.push(accepts);
    }

    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.accepts.len()
    }

    /// How many letters there are.
    pub(super) fn letters(&self) -> u32 {
        u32::try_from(self.letters).unwrap_or(u32::MAX)
    }

    pub(super) fn accepts(&self, state: u32) -> bool {
        self.accepts.get(state as usize).copied().unwrap_or(false)
    }

    pub(super) fn step(&self, state: u32, letter: u32) -> u32 {
        let place = (state as usize).saturating_mul(self.letters).saturating_add(letter as usize);
        self.table.get(place).copied().unwrap_or(state)
    }

    /// Where the letters lead from a state.
    pub(super) fn row(&self, state: u32) -> &[u32] {
        let from = (state as usize).saturating_mul(self.letters);
        self.table.get(from..from.saturating_add(self.letters)).unwrap_or(&[])
    }

    /// Whether it accepts no text. Every state can be reached.
    pub(super) fn is_empty(&self) -> bool {
        !self.accepts.contains(&true)
    }

    /// The texts that it does not accept.
    pub(super) fn complement(mut self) -> Self {
        self.accepts.iter_mut().for_each(|accepts| *accepts = !*accepts);
        self
    }

    /// The texts that both accept.
    pub(super) fn intersection(&self, other: &Self, budget: &mut Budget) -> Result<Self, TooLarge> {
        let mut known: BTreeMap<(u32, u32), u32> = BTreeMap::from([((Self::START, Self::START), 0)]);
        let mut pairs = vec![(Self::START, Self::START)];
        let mut product = Self { letters: self.letters, table: Vec::new(), accepts: Vec::new() };
        let mut at = 0;
        while let Some((left, right)) = pairs.get(at).copied() {
            let mut row = Vec::with_capacity(self.letters);
            for pair in self.row(left).iter().copied().zip(other.row(right).iter().copied()) {
                budget.spend(1)?;
                let next = u32::try_from(pairs.len()).map_err(|_| TooLarge)?;
                let found = *known.entry(pair).or_insert(next);
                if found == next {
                    pairs.push(pair);
                }
                row.push(found);
            }
            product.push(row, self.accepts(left) && other.accepts(right));
            if pairs.len() > STATES {
                return Err(TooLarge);
            }
            at += 1;
        }
        Ok(product)
    }
}
