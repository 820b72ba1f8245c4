//! The least deterministic automaton of a language (Hopcroft): states are told apart as far as some text tells
//! them apart, and one is left of each block.

use std::collections::{BTreeMap, BTreeSet};

use super::dfa::Dfa;
use super::{Budget, TooLarge};

/// The automaton with states that no text tells apart merged. Every state can be reached from the start.
pub(super) fn least(dfa: &Dfa, budget: &mut Budget) -> Result<Dfa, TooLarge> {
    let mut partition = Partition::new(dfa, budget)?;
    while let Some((block, letter)) = partition.todo.pop_first() {
        partition.split_by(block, letter, budget)?;
    }
    Ok(partition.merged(dfa))
}

struct Partition {
    /// For each letter the steps with it, as (to, from), ascending.
    steps: Vec<Vec<(u32, u32)>>,
    /// The states of each block.
    blocks: Vec<Vec<u32>>,
    /// The block of each state.
    block_of: Vec<u32>,
    /// Blocks, and letters by which they may tell other blocks apart.
    todo: BTreeSet<(u32, u32)>,
}

impl Partition {
    fn new(dfa: &Dfa, budget: &mut Budget) -> Result<Self, TooLarge> {
        let states = || (0..).take(dfa.len());
        let mut steps: Vec<Vec<(u32, u32)>> = Vec::new();
        for state in states() {
            let row = dfa.row(state);
            budget.spend(row.len())?;
            steps.resize(row.len(), Vec::new());
            for (list, to) in steps.iter_mut().zip(row) {
                list.push((*to, state));
            }
        }
        steps.iter_mut().for_each(|list| list.sort_unstable());
        let (accepting, others): (Vec<u32>, Vec<u32>) = states().partition(|state| dfa.accepts(*state));
        let block_of = states().map(|state| u32::from(!dfa.accepts(state))).collect();
        let smaller = u32::from(others.len() < accepting.len());
        let todo = (0..).take(steps.len()).map(|letter| (smaller, letter)).collect();
        Ok(Self { steps, blocks: vec![accepting, others], block_of, todo })
    }

    fn block(&self, state: u32) -> u32 {
        self.block_of.get(state as usize).copied().unwrap_or(0)
    }

    /// Splits every block into the states that a letter leads into `block` and those that it does not.
    fn split_by(&mut self, block: u32, letter: u32, budget: &mut Budget) -> Result<(), TooLarge> {
        let mut hit: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let steps = self.steps.get(letter as usize).map_or(&[][..], Vec::as_slice);
        for target in self.blocks.get(block as usize).into_iter().flatten() {
            let first = steps.partition_point(|(to, _)| to < target);
            for (_, from) in steps.iter().skip(first).take_while(|(to, _)| to == target) {
                budget.spend(1)?;
                hit.entry(self.block(*from)).or_default().push(*from);
            }
            budget.spend(1)?;
        }
        for (block, states) in hit {
            self.split(block, states, budget)?;
        }
        Ok(())
    }

    /// Takes some states out of a block into one of their own, unless they are the whole of it.
    fn split(&mut self, block: u32, states: Vec<u32>, budget: &mut Budget) -> Result<(), TooLarge> {
        let new = u32::try_from(self.blocks.len()).map_err(|_| TooLarge)?;
        let Some(old) = self.blocks.get_mut(block as usize) else { return Ok(()) };
        if states.len() == old.len() {
            return Ok(());
        }
        budget.spend(old.len() / 8)?;
        for state in &states {
            if let Some(of_state) = self.block_of.get_mut(*state as usize) {
                *of_state = new;
            }
        }
        let block_of = &self.block_of;
        old.retain(|state| block_of.get(*state as usize) == Some(&block));
        let smaller = if old.len() < states.len() { block } else { new };
        for letter in (0..).take(self.steps.len()) {
            budget.spend(1)?;
            let which = if self.todo.contains(&(block, letter)) { new } else { smaller };
            self.todo.insert((which, letter));
        }
        self.blocks.push(states);
        Ok(())
    }

    /// One state for each block, numbered by the first state of the block, so that the start stays the start.
    fn merged(&self, dfa: &Dfa) -> Dfa {
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        let mut firsts = Vec::new();
        for (block, state) in self.block_of.iter().zip(0_u32..) {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            if *numbers.entry(*block).or_insert(next) == next {
                firsts.push(state);
            }
        }
        let mut merged = Dfa::new(dfa.letters());
        for state in firsts {
            let number = |to: &u32| numbers.get(&self.block(*to)).copied().unwrap_or(0);
            merged.push(dfa.row(state).iter().map(number).collect(), dfa.accepts(state));
        }
        merged
    }
}
