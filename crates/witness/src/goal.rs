//! Ways to satisfy a condition: which tests must hold and which must not.

use std::ops::ControlFlow;

use eqlc_ir::{Anywhere, Element, EventQuery, Pred, Test};

/// Something that a condition is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Atom<'a> {
    Test(&'a Test),
    Element(&'a Element),
    Descendant(&'a EventQuery),
    Anywhere(&'a Anywhere),
}

/// Atoms with whether they must hold.
pub(crate) type Goal<'a> = Vec<(Atom<'a>, bool)>;

/// Shows each way to satisfy `pred` to `visit`, the plainest first, until it breaks or `limit` were shown. Whether all
/// ways were shown.
pub(crate) fn each_goal<'a>(
    pred: &'a Pred,
    limit: usize,
    visit: &mut dyn FnMut(&Goal<'a>) -> ControlFlow<()>,
) -> bool {
    let mut walk = Walk { goal: Vec::new(), left: limit, complete: true, visit };
    let _ = walk.open(&[(pred, true)]);
    walk.complete
}

struct Walk<'a, 'v> {
    goal: Goal<'a>,
    left: usize,
    complete: bool,
    visit: &'v mut dyn FnMut(&Goal<'a>) -> ControlFlow<()>,
}

impl<'a> Walk<'a, '_> {
    /// Satisfies what is still open, the last first.
    fn open(&mut self, open: &[(&'a Pred, bool)]) -> ControlFlow<()> {
        let Some(((pred, wanted), rest)) = open.split_last() else { return self.show() };
        match (pred, wanted) {
            (Pred::All(list), true) | (Pred::Any(list), false) => self.every(list, *wanted, rest),
            (Pred::Any(list), true) | (Pred::All(list), false) => self.some(list, 1, *wanted, rest),
            (Pred::AtLeast(count, list), true) => self.some(list, *count, true, rest),
            (Pred::AtLeast(count, list), false) => {
                self.some(list, (list.len() + 1).saturating_sub(*count), false, rest)
            }
            (Pred::Not(inner), wanted) => {
                let mut open = rest.to_vec();
                open.push((inner, !wanted));
                self.open(&open)
            }
            (Pred::Const(value), wanted) if value == wanted => self.open(rest),
            (Pred::Const(_), _) => ControlFlow::Continue(()),
            (Pred::Test(test), wanted) => self.atom(Atom::Test(test), *wanted, rest),
            (Pred::Element(element), wanted) => self.atom(Atom::Element(element), *wanted, rest),
            (Pred::Descendant(query), wanted) => self.atom(Atom::Descendant(query), *wanted, rest),
            (Pred::Anywhere(anywhere), wanted) => self.atom(Atom::Anywhere(anywhere), *wanted, rest),
        }
    }

    fn show(&mut self) -> ControlFlow<()> {
        let Some(left) = self.left.checked_sub(1) else {
            self.complete = false;
            return ControlFlow::Break(());
        };
        self.left = left;
        let shown = (self.visit)(&self.goal);
        self.complete &= shown.is_continue();
        shown
    }

    fn atom(&mut self, atom: Atom<'a>, wanted: bool, rest: &[(&'a Pred, bool)]) -> ControlFlow<()> {
        // An atom with its own opposite satisfies nothing.
        if self.goal.contains(&(atom, !wanted)) {
            return ControlFlow::Continue(());
        }
        self.goal.push((atom, wanted));
        let going = self.open(rest);
        self.goal.pop();
        going
    }

    fn every(&mut self, list: &'a [Pred], wanted: bool, rest: &[(&'a Pred, bool)]) -> ControlFlow<()> {
        let mut open = rest.to_vec();
        open.extend(list.iter().rev().map(|pred| (pred, wanted)));
        self.open(&open)
    }

    /// `count` of a list.
    fn some(
        &mut self,
        list: &'a [Pred],
        count: usize,
        wanted: bool,
        open: &[(&'a Pred, bool)],
    ) -> ControlFlow<()> {
        let Some(more) = count.checked_sub(1) else { return self.open(open) };
        for (at, pred) in list.iter().enumerate() {
            let behind = list.get(at + 1..).unwrap_or_default();
            if behind.len() < more {
                break;
            }
            let mut open = open.to_vec();
            open.push((pred, wanted));
            self.some(behind, more, wanted, &open)?;
        }
        ControlFlow::Continue(())
    }
}
