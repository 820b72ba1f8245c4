//! Expressions with complements and intersections, as deterministic automata over code points.
//!
//! Everything is built before the first text is looked at, and within a fixed budget: a text is then read once,
//! one step a character. Lucene makes its automata deterministic under a limit of the same order, so what is
//! too large here is refused there as well.
//!
//! `tree ─▶ alphabet ─▶ nondeterministic ─▶ deterministic ─▶ least`, from the innermost complement or
//! intersection outwards: what one of them gives is a part of the automaton around it.

mod alphabet;
mod build;
mod dfa;
mod least;
mod nfa;

use std::fmt;

use super::Regex;
use alphabet::Alphabet;
use dfa::Dfa;

/// An expression that is ready to be matched.
#[derive(Clone, Debug)]
pub struct Automaton {
    alphabet: Alphabet,
    dfa: Dfa,
}

/// The expression needs more states or more work than an automaton may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is too large")
    }
}

impl std::error::Error for TooLarge {}

impl Automaton {
    /// Builds the automaton of an expression.
    ///
    /// # Errors
    /// It is too large: more than 10,000 states at some stage, or about a second of work.
    pub fn new(regex: &Regex) -> Result<Self, TooLarge> {
        let mut budget = Budget { left: WORK };
        let alphabet = Alphabet::of(regex, &mut budget)?;
        let dfa = build::dfa(regex, &alphabet, &mut budget)?;
        Ok(Self { alphabet, dfa })
    }

    /// Whether the whole of a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let end = text.chars().fold(Dfa::START, |state, c| self.dfa.step(state, self.alphabet.class(c)));
        self.dfa.accepts(end)
    }

    /// Whether no text at all matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dfa.is_empty()
    }
}

/// The most states of one automaton, as in Lucene.
const STATES: usize = 10_000;

/// The most work for one expression; a unit is a visit to a state, a transition or a run of characters.
const WORK: u64 = 6_000_000;

/// What is left of the work.
#[derive(Debug)]
struct Budget {
    left: u64,
}

impl Budget {
    fn spend(&mut self, units: usize) -> Result<(), TooLarge> {
        self.left = self.left.checked_sub(units as u64).ok_or(TooLarge)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
