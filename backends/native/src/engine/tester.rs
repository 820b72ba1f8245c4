//! The atoms that a value satisfies.

use eqlc_ir::{Literal, fold_text};

use super::atoms::{Atom, AtomId};
use super::index::Candidate;
use super::paths::FieldId;
use super::plan::QueryPlan;
use super::values::{Shape, literal};
use crate::reference::text_of;

/// Scratch space for testing values.
#[derive(Debug, Default)]
pub(super) struct Tester {
    folded: Vec<u8>,
    candidates: Vec<Candidate>,
    atoms: Vec<AtomId>,
}

impl Tester {
    /// The atoms of a field that a value satisfies, ascending.
    pub(super) fn atoms_of(
        &mut self,
        plan: &QueryPlan,
        field: FieldId,
        shape: Shape,
        bytes: &[u8],
    ) -> &[AtomId] {
        self.atoms.clear();
        if let (Some(field), Some(value)) = (plan.field(field), literal(shape, bytes)) {
            self.atoms.extend(field.valued);
            self.fold(&value);
            self.candidates.clear();
            field.index.look_up(&self.folded, &mut self.candidates);
            let is_text = matches!(value, Literal::Str(_));
            self.candidates.sort_unstable();
            for (at, candidate) in self.candidates.iter().enumerate() {
                let again = at.checked_sub(1).and_then(|before| self.candidates.get(before));
                if again.is_some_and(|before| before.atom == candidate.atom) {
                    continue;
                }
                if (candidate.sure && is_text) || satisfies(plan, candidate.atom, &value) {
                    self.atoms.push(candidate.atom);
                }
            }
            let all = field.index.all().iter().copied();
            self.atoms.extend(all.filter(|atom| satisfies(plan, *atom, &value)));
            self.atoms.sort_unstable();
        }
        &self.atoms
    }

    fn fold(&mut self, value: &Literal) {
        self.folded.clear();
        match value {
            Literal::Str(text) if text.is_ascii() => {
                self.folded.extend_from_slice(text.as_bytes());
                self.folded.make_ascii_lowercase();
            }
            value => {
                let text = text_of(value).unwrap_or_default();
                self.folded.extend_from_slice(fold_text(&text).as_bytes());
            }
        }
    }
}

fn satisfies(plan: &QueryPlan, atom: AtomId, value: &Literal) -> bool {
    match plan.atoms().get(atom) {
        Some(Atom::Value(_, test)) => plan.answerer().satisfies(test, value),
        _ => false,
    }
}
