//! Whether some event satisfies a condition: a search over its atoms, which asks for events and learns from
//! contradictions.
//!
//! The conditions that [`super`] asks about, "one rule and not the other", have far more ways to be satisfied than can
//! be tried one after the other, and nearly all of them contradict themselves. So the search decides atom after atom,
//! draws what follows, and asks only of whole ways whether there is an event ([`theory`]). Which tests contradict each
//! other is remembered, and no way with all of them is looked at again.

mod formula;
mod listed;
mod theory;

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::{Category, EventQuery};
use serde_json::Value as Json;

use formula::{Atoms, Literal, Node};
use theory::{Answer, Theory};

/// What came of the search.
#[derive(Debug, PartialEq)]
pub(super) enum Solved {
    /// An event that should satisfy the condition, as a stream; to be checked.
    Event(Vec<Json>),
    /// No event satisfies it.
    Never,
    /// Neither was found within the bounds.
    Unknown,
}

/// The most atoms of a condition.
const MAX_ATOMS: usize = 4_000;
/// The most nodes that a search looks at, a node looked at twice counted twice.
const MAX_WORK: usize = 20_000_000;

/// Looks for an event of a query.
pub(super) fn solve(query: &EventQuery, options: &RunOptions) -> Solved {
    let mut atoms = Atoms::default();
    let root = Node::of(&query.filter, &mut atoms);
    if atoms.len() > MAX_ATOMS {
        return Solved::Unknown;
    }
    let theory = Theory::new(&atoms, query.category.clone(), options);
    let mut search = Search {
        size: root.size(),
        root,
        values: vec![None; atoms.len()],
        trail: Vec::new(),
        lemmas: Vec::new(),
        theory,
        work: MAX_WORK,
    };
    search.run()
}

/// The query of every event.
pub(super) fn every_event() -> EventQuery {
    EventQuery { category: Category::Any, filter: eqlc_ir::Pred::Const(true) }
}

struct Search<'a> {
    root: Node,
    size: usize,
    values: Vec<Option<bool>>,
    /// What was set, in order, and whether it was a free decision.
    trail: Vec<(Literal, bool)>,
    /// Literals that do not go together.
    lemmas: Vec<Vec<Literal>>,
    theory: Theory<'a>,
    work: usize,
}

impl Search<'_> {
    fn run(&mut self) -> Solved {
        let mut complete = true;
        loop {
            let possible = self.propagate();
            let Some(work) = self.work.checked_sub(self.size + self.lemmas.len()) else {
                return Solved::Unknown;
            };
            self.work = work;
            match self.root.value(&self.values) {
                _ if !possible => {}
                Some(false) => {}
                None => {
                    let Some(next) = self.root.open(true, &self.values) else { return Solved::Unknown };
                    self.set(next, true);
                    continue;
                }
                Some(true) => {
                    let mut way = Vec::new();
                    self.root.reason(true, &self.values, &mut way);
                    match self.theory.event(&way) {
                        Answer::Event(events) => return Solved::Event(events),
                        Answer::Contradiction(lemma) => self.lemmas.push(lemma),
                        Answer::Unknown if self.theory.is_exhausted() => return Solved::Unknown,
                        Answer::Unknown => {
                            complete = false;
                            self.lemmas.push(way);
                        }
                    }
                }
            }
            if !self.turn_back() {
                return if complete { Solved::Never } else { Solved::Unknown };
            }
        }
    }

    fn set(&mut self, (atom, value): Literal, decided: bool) {
        if let Some(slot) = self.values.get_mut(atom) {
            *slot = Some(value);
        }
        self.trail.push(((atom, value), decided));
    }

    /// Sets what follows; whether nothing contradicts it.
    fn propagate(&mut self) -> bool {
        loop {
            let mut found = Vec::new();
            if !self.root.force(true, &self.values, &mut found) || !self.from_lemmas(&mut found) {
                return false;
            }
            self.work = self.work.saturating_sub(self.size + self.lemmas.len());
            if found.is_empty() || self.work == 0 {
                return true;
            }
            for (atom, value) in found {
                match self.values.get(atom).copied().flatten() {
                    None => self.set((atom, value), false),
                    Some(known) if known == value => {}
                    Some(_) => return false,
                }
            }
        }
    }

    /// What follows from lemmas that lack one literal; whether none has all.
    fn from_lemmas(&self, found: &mut Vec<Literal>) -> bool {
        for lemma in &self.lemmas {
            let mut open = None;
            let mut broken = false;
            let mut several = false;
            for (atom, value) in lemma {
                match self.values.get(*atom).copied().flatten() {
                    Some(known) if known == *value => {}
                    Some(_) => {
                        broken = true;
                        break;
                    }
                    None => {
                        several = open.is_some();
                        open = Some((*atom, !*value));
                    }
                }
                if several {
                    break;
                }
            }
            match open {
                _ if broken || several => {}
                None => return false,
                Some(literal) => found.push(literal),
            }
        }
        true
    }

    /// Takes back the last free decision and decides the opposite; false when there is none.
    fn turn_back(&mut self) -> bool {
        while let Some(((atom, value), decided)) = self.trail.pop() {
            if let Some(slot) = self.values.get_mut(atom) {
                *slot = None;
            }
            if decided {
                self.set((atom, !value), false);
                return true;
            }
        }
        false
    }
}
