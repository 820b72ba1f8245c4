//! Automata that may be in several states at once.

use std::collections::{BTreeMap, BTreeSet};

use super::dfa::Dfa;
use super::{Budget, STATES, TooLarge};

/// The most states before determinisation.
const MOST_NODES: usize = 200_000;

/// A nondeterministic automaton. It starts in [`Nfa::START`] and accepts in [`Nfa::END`].
#[derive(Debug)]
pub(super) struct Nfa {
    nodes: Vec<Node>,
    /// Sets of letters that steps name.
    sets: Vec<Vec<u32>>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// States reached without a letter.
    free: Vec<u32>,
    /// States reached with a letter of a set.
    steps: Vec<(usize, u32)>,
}

impl Nfa {
    pub(super) const START: u32 = 0;
    pub(super) const END: u32 = 1;

    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default(); 2], sets: Vec::new() }
    }

    /// A state of its own.
    pub(super) fn add(&mut self, budget: &mut Budget) -> Result<u32, TooLarge> {
        budget.spend(1)?;
        let number = self.nodes.len();
        self.nodes.push(Node::default());
        if number < MOST_NODES { u32::try_from(number).map_err(|_| TooLarge) } else { Err(TooLarge) }
    }

    pub(super) fn free(&mut self, from: u32, to: u32) {
        if let Some(node) = self.nodes.get_mut(from as usize) {
            node.free.push(to);
        }
    }

    pub(super) fn step(&mut self, from: u32, letters: Vec<u32>, to: u32) {
        let set = self.sets.len();
        if let Some(node) = self.nodes.get_mut(from as usize) {
            node.steps.push((set, to));
            self.sets.push(letters);
        }
    }

    /// The deterministic automaton of the same language, over so many letters.
    pub(super) fn determinise(&self, letters: u32, budget: &mut Budget) -> Result<Dfa, TooLarge> {
        let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut by_targets: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let start = self.closure(&[Self::START], budget)?;
        known.insert(start.clone(), 0);
        let mut members = vec![start];
        let mut dfa = Dfa::new(letters);
        let mut at = 0;
        while let Some(state) = members.get(at) {
            let accepts = state.binary_search(&Self::END).is_ok();
            let mut row = Vec::with_capacity(letters as usize);
            for targets in self.targets(state, letters, budget)? {
                budget.spend(1)?;
                if let Some(found) = by_targets.get(&targets) {
                    row.push(*found);
                    continue;
                }
                let reached = self.closure(&targets, budget)?;
                let next = u32::try_from(members.len()).map_err(|_| TooLarge)?;
                let found = *known.entry(reached.clone()).or_insert(next);
                if found == next {
                    members.push(reached);
                }
                by_targets.insert(targets, found);
                row.push(found);
            }
            dfa.push(row, accepts);
            if members.len() > STATES {
                return Err(TooLarge);
            }
            at += 1;
        }
        Ok(dfa)
    }

    /// For each letter the states that a step with it leads to, ascending.
    fn targets(&self, state: &[u32], letters: u32, budget: &mut Budget) -> Result<Vec<Vec<u32>>, TooLarge> {
        let mut targets = vec![Vec::new(); letters as usize];
        let nodes = state.iter().filter_map(|member| self.nodes.get(*member as usize));
        for (set, to) in nodes.flat_map(|node| &node.steps) {
            for letter in self.sets.get(*set).into_iter().flatten() {
                budget.spend(1)?;
                if let Some(list) = targets.get_mut(*letter as usize) {
                    list.push(*to);
                }
            }
        }
        for list in &mut targets {
            list.sort_unstable();
            list.dedup();
        }
        Ok(targets)
    }

    /// The states that some states reach without a letter and that matter: those with steps, and the end.
    fn closure(&self, from: &[u32], budget: &mut Budget) -> Result<Vec<u32>, TooLarge> {
        let mut todo: Vec<u32> = from.to_vec();
        let mut seen: BTreeSet<u32> = from.iter().copied().collect();
        while let Some(state) = todo.pop() {
            budget.spend(1)?;
            for to in self.nodes.get(state as usize).into_iter().flat_map(|node| &node.free) {
                budget.spend(1)?;
                if seen.insert(*to) {
                    todo.push(*to);
                }
            }
        }
        let matters = |state: &u32| {
            *state == Self::END || self.nodes.get(*state as usize).is_some_and(|node| !node.steps.is_empty())
        };
        Ok(seen.into_iter().filter(matters).collect())
    }
}
