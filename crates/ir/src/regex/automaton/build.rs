//! From the tree to the automaton.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::{Regex, RegexNode, interval, sets};
use super::alphabet::Alphabet;
use super::dfa::Dfa;
use super::least::least;
use super::nfa::Nfa;
use super::{Budget, TooLarge};
use crate::Case;

/// The least automaton of an expression.
pub(super) fn dfa(regex: &Regex, alphabet: &Alphabet, budget: &mut Budget) -> Result<Dfa, TooLarge> {
    let mut builder = Builder { alphabet, case: regex.case, budget, built: BTreeMap::new() };
    builder.dfa(&regex.root)
}

struct Builder<'a> {
    alphabet: &'a Alphabet,
    case: Case,
    budget: &'a mut Budget,
    /// Complements and intersections by the places of their nodes: a repetition copies what it repeats.
    built: BTreeMap<*const RegexNode, Rc<Dfa>>,
}

impl Builder<'_> {
    fn dfa(&mut self, node: &RegexNode) -> Result<Dfa, TooLarge> {
        match node {
            RegexNode::Complement(inner) => Ok(self.dfa(inner)?.complement()),
            RegexNode::Intersection(list) => {
                let mut all = Dfa::all(self.alphabet.len());
                for node in list {
                    let both = all.intersection(&self.dfa(node)?, self.budget)?;
                    all = least(&both, self.budget)?;
                }
                Ok(all)
            }
            node => {
                let mut nfa = Nfa::new();
                self.add(&mut nfa, node, Nfa::START, Nfa::END)?;
                least(&nfa.determinise(self.alphabet.len(), self.budget)?, self.budget)
            }
        }
    }

    /// Adds ways from one state to another for the texts of a node. What leads back never leads to one of the
    /// two, so that several nodes can share them.
    fn add(&mut self, nfa: &mut Nfa, node: &RegexNode, from: u32, to: u32) -> Result<(), TooLarge> {
        match node {
            RegexNode::Empty => nfa.free(from, to),
            RegexNode::Nothing => {}
            RegexNode::Any => nfa.step(from, self.alphabet.letters(&sets::any()).to_vec(), to),
            RegexNode::Class { negated, items } => {
                let set = sets::class(*negated, items, self.case);
                nfa.step(from, self.alphabet.letters(&set).to_vec(), to);
            }
            RegexNode::Literal(text) => {
                let mut at = from;
                for c in text.chars() {
                    let next = nfa.add(self.budget)?;
                    nfa.step(at, self.alphabet.letters(&sets::character(c, self.case)).to_vec(), next);
                    at = next;
                }
                nfa.free(at, to);
            }
            RegexNode::Concat(list) => {
                let mut at = from;
                for node in list {
                    let next = nfa.add(self.budget)?;
                    self.add(nfa, node, at, next)?;
                    at = next;
                }
                nfa.free(at, to);
            }
            RegexNode::Alternatives(list) => {
                list.iter().try_for_each(|node| self.add(nfa, node, from, to))?;
            }
            RegexNode::Repeat { node, min, max } => self.repeat(nfa, (node, *min, *max), from, to)?,
            RegexNode::Interval { low, high, width } => {
                self.add(nfa, &interval::node(*low, *high, *width), from, to)?;
            }
            RegexNode::Complement(_) | RegexNode::Intersection(_) => {
                let dfa = self.built(node)?;
                self.embed(nfa, &dfa, from, to)?;
            }
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        nfa: &mut Nfa,
        (node, min, max): (&RegexNode, u32, Option<u32>),
        from: u32,
        to: u32,
    ) -> Result<(), TooLarge> {
        let mut at = nfa.add(self.budget)?;
        nfa.free(from, at);
        for _ in 0..min {
            let next = nfa.add(self.budget)?;
            self.add(nfa, node, at, next)?;
            at = next;
        }
        let Some(max) = max else {
            // The loop has a state of its own: nothing that was built before may be entered again.
            let (entry, end) = (nfa.add(self.budget)?, nfa.add(self.budget)?);
            nfa.free(at, entry);
            self.add(nfa, node, entry, end)?;
            nfa.free(end, entry);
            nfa.free(entry, to);
            return Ok(());
        };
        for _ in min..max {
            let next = nfa.add(self.budget)?;
            nfa.free(at, to);
            self.add(nfa, node, at, next)?;
            at = next;
        }
        nfa.free(at, to);
        Ok(())
    }

    fn built(&mut self, node: &RegexNode) -> Result<Rc<Dfa>, TooLarge> {
        let place = std::ptr::from_ref(node);
        if let Some(dfa) = self.built.get(&place) {
            return Ok(Rc::clone(dfa));
        }
        let dfa = Rc::new(self.dfa(node)?);
        self.built.insert(place, Rc::clone(&dfa));
        Ok(dfa)
    }

    /// A deterministic automaton as a part of another.
    fn embed(&mut self, nfa: &mut Nfa, dfa: &Dfa, from: u32, to: u32) -> Result<(), TooLarge> {
        let states = (0..dfa.len()).map(|_| nfa.add(self.budget)).collect::<Result<Vec<u32>, TooLarge>>()?;
        if let Some(start) = states.first() {
            nfa.free(from, *start);
        }
        for (state, number) in states.iter().zip(0..) {
            let mut letters: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for (target, letter) in dfa.row(number).iter().zip(0..) {
                self.budget.spend(1)?;
                letters.entry(*target).or_default().push(letter);
            }
            for (target, letters) in letters {
                if let Some(target) = states.get(target as usize) {
                    nfa.step(*state, letters, *target);
                }
            }
            if dfa.accepts(number) {
                nfa.free(*state, to);
            }
        }
        Ok(())
    }
}
