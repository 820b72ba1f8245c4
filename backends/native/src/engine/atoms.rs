//! The distinct tests of all rules. Each is answered once for an event, whatever the number of rules that ask it.

use std::collections::HashMap;

use eqlc_ir::{Anywhere, Op, Test, text};

use super::paths::FieldId;

/// A distinct test, by its place in [`Atoms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AtomId(pub(super) u32);

impl AtomId {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// What is asked of an event.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Debug, Default)]
pub(super) struct Atoms {
    list: Vec<Atom>,
    /// By the text of the test: tests of the same text are few, and compared.
    by_text: HashMap<String, Vec<AtomId>>,
}

impl Atoms {
    /// The atom, the same for the same question.
    pub(super) fn add(&mut self, atom: Atom) -> AtomId {
        let next = AtomId(super::paths::id(self.list.len()));
        let same = self.by_text.entry(key(&atom)).or_default();
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

    /// How many tests there are of a field.
    pub(super) fn of(&self, field: FieldId) -> usize {
        let of_field = |atom: &&Atom| match atom {
            Atom::Value(known, _) | Atom::Valued(known) | Atom::There(known) => *known == field,
            Atom::Anywhere(_) => false,
        };
        self.list.iter().filter(of_field).count()
    }

    /// What only finding atoms again needs is let go.
    pub(super) fn close(&mut self) {
        self.by_text = HashMap::new();
    }
}

fn key(atom: &Atom) -> String {
    match atom {
        Atom::Value(_, test) => text::test(test),
        Atom::Valued(field) => format!("valued {}", field.0),
        Atom::There(field) => format!("there {}", field.0),
        Atom::Anywhere(op) => {
            let wanted = Anywhere { op: op.clone(), span: eqlc_diagnostics::Span::default() };
            text::pred(&eqlc_ir::Pred::Anywhere(wanted))
        }
    }
}
