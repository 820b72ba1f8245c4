//! Ways to satisfy a condition: which tests must hold and which must not.

use std::ops::ControlFlow;

use eqlc_ir::{Anywhere, Element, EventQuery, Pred, Test};

use crate::field::Contradiction;

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

/// A condition or its opposite.
pub(crate) type Literal<'a> = (&'a Pred, bool);

/// Tests, by identity, of which some cannot be as they are asked to be.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    tests: Vec<(usize, bool)>,
}

impl Conflict {
    /// Tests that cannot hold together while the others do not.
    pub(crate) fn of(wanted: &[&Test], refused: &[&Test]) -> Self {
        let wanted = wanted.iter().map(|test| (identity(test), true));
        Self { tests: wanted.chain(refused.iter().map(|test| (identity(test), false))).collect() }
    }
}

/// The conditions of a rule stay where they are while it is looked at.
fn identity(test: &Test) -> usize {
    std::ptr::from_ref(test).addr()
}

/// What a visitor says of a way.
pub(crate) enum Visited {
    /// Show the next.
    Next,
    /// No more.
    Stop,
    /// Show no way with these tests again.
    Never(Conflict),
}

/// What a walk over the ways found beside them.
pub(crate) struct Walked {
    /// Whether every way was shown, or ruled out by a conflict.
    pub(crate) complete: bool,
    /// Tests with their own opposite.
    pub(crate) opposites: Vec<Contradiction>,
}

/// Shows each way to satisfy all of `conditions` to `visit`, the plainest first, until it stops or `limit` were shown.
pub(crate) fn each_goal<'a>(
    conditions: &[Literal<'a>],
    limit: usize,
    visit: &mut dyn FnMut(&Goal<'a>) -> Visited,
) -> Walked {
    let mut walk = Walk {
        goal: Vec::new(),
        left: limit,
        // Ways without an end to show are counted too.
        turns: limit.saturating_mul(200),
        complete: true,
        conflicts: Vec::new(),
        opposites: Vec::new(),
        visit,
    };
    let open: Vec<Literal<'a>> = conditions.iter().rev().copied().collect();
    let _ = walk.open(&open);
    Walked { complete: walk.complete, opposites: walk.opposites }
}

struct Walk<'a, 'v> {
    goal: Goal<'a>,
    left: usize,
    turns: usize,
    complete: bool,
    conflicts: Vec<Conflict>,
    opposites: Vec<Contradiction>,
    visit: &'v mut dyn FnMut(&Goal<'a>) -> Visited,
}

impl<'a> Walk<'a, '_> {
    /// Satisfies what is still open, the last first.
    fn open(&mut self, open: &[Literal<'a>]) -> ControlFlow<()> {
        let Some((literal, rest)) = open.split_last() else { return self.show() };
        self.turns = self.turns.saturating_sub(1);
        if self.turns == 0 {
            self.complete = false;
            return ControlFlow::Break(());
        }
        match literal {
            (Pred::All(list), true) | (Pred::Any(list), false) => self.every(list, literal.1, rest),
            (Pred::Any(list), true) | (Pred::All(list), false) => self.some(list, 1, literal.1, rest),
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
        match (self.visit)(&self.goal) {
            Visited::Next => ControlFlow::Continue(()),
            Visited::Never(conflict) => {
                self.conflicts.push(conflict);
                ControlFlow::Continue(())
            }
            Visited::Stop => {
                self.complete = false;
                ControlFlow::Break(())
            }
        }
    }

    fn atom(&mut self, atom: Atom<'a>, wanted: bool, rest: &[Literal<'a>]) -> ControlFlow<()> {
        if let Some(at) = self.goal.iter().position(|other| *other == (atom, !wanted)) {
            let opposite = self.goal.get(at).copied();
            self.note_opposites(opposite, (atom, wanted));
            return ControlFlow::Continue(());
        }
        self.goal.push((atom, wanted));
        let going = if self.is_ruled_out() { ControlFlow::Continue(()) } else { self.open(rest) };
        self.goal.pop();
        going
    }

    fn note_opposites(&mut self, one: Option<(Atom<'a>, bool)>, other: (Atom<'a>, bool)) {
        let (Some((Atom::Test(one), holds)), (Atom::Test(other), _)) = (one, other) else { return };
        let (wanted, refused) = if holds { (one, other) } else { (other, one) };
        let field = wanted.subject.fields().first().map_or(String::new(), |field| field.path.to_string());
        let found = Contradiction { field, wanted: wanted.span, others: vec![refused.span] };
        if !self.opposites.contains(&found) {
            self.opposites.push(found);
        }
    }

    /// Whether some conflict is among the atoms; one that was not before the last atom came.
    fn is_ruled_out(&self) -> bool {
        let has = |(test, wanted): &(usize, bool)| {
            self.goal
                .iter()
                .any(|(atom, is)| matches!(atom, Atom::Test(own) if identity(own) == *test && is == wanted))
        };
        self.conflicts.iter().any(|conflict| conflict.tests.iter().all(has))
    }

    fn every(&mut self, list: &'a [Pred], wanted: bool, rest: &[Literal<'a>]) -> ControlFlow<()> {
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
        open: &[Literal<'a>],
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
