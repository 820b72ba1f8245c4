//! The distinct tests of all rules. Each is answered once for an event, whatever the number of rules that ask it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use eqlc_ir::{Literal, Op, Test};
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::paths::FieldId;

/// A distinct test, by its place in [`Atoms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct AtomId(pub(super) u32);

impl AtomId {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// What is asked of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Atom {
    /// Some value of a field satisfies a test that looks at nothing else.
    Value(FieldId, Test),
    /// A field has a value.
    Valued(FieldId),
    /// A field is there, whatever it holds.
    There(FieldId),
    /// Some value of whatever field satisfies a test of text.
    Anywhere(Op),
}

/// All of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Atoms {
    list: Vec<Atom>,
    /// By what tells most atoms apart; those that it does not are compared.
    #[serde(skip)]
    by_print: HashMap<u64, Vec<AtomId>, RandomState>,
}

impl Atoms {
    /// The atom, the same for the same question.
    pub(super) fn add(&mut self, atom: Atom) -> AtomId {
        let next = AtomId(super::paths::id(self.list.len()));
        let print = self.by_print.hasher().hash_one(Print(&atom));
        let same = self.by_print.entry(print).or_default();
        if let Some(known) = same.iter().find(|known| self.list.get(known.at()) == Some(&atom)) {
            return *known;
        }
        same.push(next);
        self.list.push(atom);
        next
    }

    pub(super) fn get(&self, atom: AtomId) -> Option<&Atom> {
        self.list.get(atom.at())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (AtomId, &Atom)> {
        self.list.iter().enumerate().map(|(at, atom)| (AtomId(super::paths::id(at)), atom))
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// How many tests there are of each field.
    pub(super) fn by_field(&self, fields: usize) -> Vec<usize> {
        let mut counts = vec![0; fields];
        for atom in &self.list {
            if let Atom::Value(field, _) | Atom::Valued(field) | Atom::There(field) = atom
                && let Some(count) = counts.get_mut(field.at())
            {
                *count += 1;
            }
        }
        counts
    }

    /// What only finding atoms again needs is let go.
    pub(super) fn close(&mut self) {
        self.by_print = HashMap::default();
    }
}

/// What tells most atoms apart: the field, and the texts that it is compared with.
struct Print<'a>(&'a Atom);

impl Hash for Print<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self.0).hash(state);
        match self.0 {
            Atom::Value(field, test) => {
                field.hash(state);
                hash_op(&test.op, state);
            }
            Atom::Valued(field) | Atom::There(field) => field.hash(state),
            Atom::Anywhere(op) => hash_op(op, state),
        }
    }
}

fn hash_op<H: Hasher>(op: &Op, state: &mut H) {
    std::mem::discriminant(op).hash(state);
    match op {
        Op::Text(patterns, case) => (patterns, case).hash(state),
        Op::OneOf(items, case) => {
            case.hash(state);
            items.iter().for_each(|item| hash_literal(item, state));
        }
        Op::Compare(comparison, right) => {
            comparison.hash(state);
            right.as_literal().into_iter().for_each(|right| hash_literal(right, state));
        }
        Op::TimePart(part, comparison, number) => (part, comparison, number).hash(state),
        Op::IsNull | Op::IsTrue | Op::Regex(_) | Op::InNet(_) | Op::Exists => {}
    }
}

/// Equal literals have equal hashes; of floats, that are few, all have.
fn hash_literal<H: Hasher>(literal: &Literal, state: &mut H) {
    match literal {
        Literal::Str(text) => text.hash(state),
        Literal::Int(number) => number.hash(state),
        Literal::Bool(value) => value.hash(state),
        Literal::Date(bound) => bound.text().hash(state),
        Literal::Null | Literal::Float(_) => {}
    }
}
