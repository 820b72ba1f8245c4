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

use formula::{Atoms, Literal, Node, Reason};
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
        size: atoms.size(),
        atoms: &atoms,
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
    atoms: &'a Atoms,
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
            if possible {
                if let Some(next) = self.open() {
                    self.set(next, true);
                    continue;
                }
                let mut way = Reason::default();
                self.root.reason(true, &self.values, self.atoms, &mut way);
                match self.theory.event(&way.literals) {
                    Answer::Event(events) => return Solved::Event(events),
                    Answer::Contradiction(lemma) => self.lemmas.push(lemma),
                    Answer::Unknown if self.theory.is_exhausted() => return Solved::Unknown,
                    Answer::Unknown => {
                        complete = false;
                        self.lemmas.push(way.literals);
                    }
                }
            }
            if !self.turn_back() {
                return if complete { Solved::Never } else { Solved::Unknown };
            }
        }
    }

    /// What to decide next: something that makes an atom what it was decided to be.
    fn open(&self) -> Option<Literal> {
        self.atoms.all_made().find_map(|(atom, made)| {
            let wanted = self.values.get(atom).copied().flatten()?;
            if made.value(&self.values).is_some() { None } else { made.open(wanted, &self.values) }
        })
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
            let possible = self.root.force(true, &self.values, &mut found)
                && self.follow_made(&mut found)
                && self.follow_lemmas(&mut found);
            if !possible {
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

    /// What follows from atoms for what they are made of, and the other way round; whether nothing contradicts it.
    fn follow_made(&self, found: &mut Vec<Literal>) -> bool {
        self.atoms.all_made().all(|(atom, made)| match self.values.get(atom).copied().flatten() {
            Some(wanted) => made.force(wanted, &self.values, found),
            None => {
                found.extend(made.value(&self.values).map(|value| (atom, value)));
                true
            }
        })
    }

    /// What follows from lemmas that lack one literal; whether none has all.
    fn follow_lemmas(&self, found: &mut Vec<Literal>) -> bool {
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
