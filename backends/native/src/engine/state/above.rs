//! What hangs on the processes above that of an event.

use super::entry::{Entry, Hit};
use super::lineage::{Known, Tree};
use super::plan::{Plan, Role};
use crate::reference::RunError;
use crate::reference::scope::Scope;

/// A hit that fits, all but earlier steps considered.
pub(super) struct Fit<'a> {
    pub(super) hit: &'a Hit,
    /// The answers about processes above in what is left to ask.
    pub(super) above: usize,
}

/// The answers about what stands above the process of an event.
#[derive(Default)]
pub(super) struct Above {
    known: Known,
}

impl Above {
    /// The tree and the processes that had such an event grow with each event, in order.
    pub(super) fn grow(&mut self, entry: &Entry, (plan, questions): (&Plan, &[usize]), tree: &mut Tree) {
        let Some(process) = &entry.process else { return };
        self.known = tree.grow(process);
        for question in questions {
            let Some((_, ways)) = entry.above.iter().find(|(known, _)| known == question) else { continue };
            let inside = plan.above.get(*question).map_or(&[][..], |above| &above.above);
            if ways >> self.answers(inside, Some(tree)) & 1 == 1 {
                tree.note(*question, &self.known);
            }
        }
    }

    /// The answers to some questions, that to the first in the lowest bit.
    fn answers(&self, questions: &[usize], tree: Option<&Tree>) -> usize {
        let below = |question: &usize| tree.is_some_and(|tree| tree.is_below(*question, &self.known));
        (0..).zip(questions).fold(0, |bits, (at, question)| bits | usize::from(below(question)) << at)
    }

    /// A hit, if the event fits all but earlier steps.
    pub(super) fn fit<'a>(
        &self,
        (hit, role): (&'a Hit, &Role),
        entry: &Entry,
        tree: Option<&Tree>,
    ) -> Result<Option<Fit<'a>>, RunError> {
        if !role.above.is_empty() && hit.ways >> self.answers(&role.above, tree) & 1 == 0 {
            return Ok(None);
        }
        let Some(rest) = &role.rest else { return Ok(Some(Fit { hit, above: 0 })) };
        let above = self.answers(&rest.above, tree);
        if !rest.beside {
            let Some(event) = &entry.event else { return Ok(None) };
            if !rest.queries.matches(&rest.query, Scope::event(above, event))? {
                return Ok(None);
            }
        }
        Ok(Some(Fit { hit, above }))
    }
}
