//! The tests of a condition, each with what makes it decide.

use std::ops::ControlFlow;

use eqlc_ir::{Op, Pred, Scalar, Test};

use crate::goal::Literal;

/// The most tests of a condition that are looked at.
const MAX_LEAVES: usize = 400;

/// A test with what must hold of the rest of the condition so that it decides.
pub(super) struct Leaf<'a> {
    pub(super) pred: &'a Pred,
    pub(super) test: &'a Test,
    /// Whether the condition holds when the test does.
    pub(super) wanted: bool,
    /// Whether the condition can hold without the test deciding it: it is one of several alternatives.
    pub(super) alternative: bool,
    /// What the others must be.
    pub(super) others: Vec<Literal<'a>>,
}

/// The tests of a condition, in order of writing. What stands beside each is asked to be such that the condition hangs
/// on the test alone: the other operands of `and` hold, those of `or` do not.
pub(super) fn leaves(pred: &Pred) -> Vec<Leaf<'_>> {
    let mut walk = Walk { others: Vec::new(), found: Vec::new() };
    let _ = walk.visit(pred, true, false);
    walk.found
}

struct Walk<'a> {
    others: Vec<Literal<'a>>,
    found: Vec<Leaf<'a>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, pred: &'a Pred, wanted: bool, alternative: bool) -> ControlFlow<()> {
        match pred {
            Pred::Not(inner) => self.visit(inner, !wanted, alternative),
            Pred::All(list) => self.beside(list, list.len(), wanted, alternative || !wanted),
            Pred::Any(list) => self.beside(list, 1, wanted, alternative || wanted),
            Pred::AtLeast(count, list) => self.beside(list, *count, wanted, true),
            Pred::Test(test) => {
                let others = self.others.clone();
                self.found.push(Leaf { pred, test, wanted, alternative, others });
                if self.found.len() < MAX_LEAVES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }
            Pred::Const(_) | Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => {
                ControlFlow::Continue(())
            }
        }
    }

    /// Each of a list of which so many must hold: one less of the others do.
    fn beside(&mut self, list: &'a [Pred], count: usize, wanted: bool, alternative: bool) -> ControlFlow<()> {
        let alternative = alternative && list.len() > 1;
        for (at, pred) in list.iter().enumerate() {
            let before = self.others.len();
            let others = list.iter().enumerate().filter(|(other, _)| *other != at);
            let needed = count.saturating_sub(1);
            self.others.extend(others.enumerate().map(|(nth, (_, other))| (other, nth < needed)));
            let going = self.visit(pred, wanted, alternative);
            self.others.truncate(before);
            going?;
        }
        ControlFlow::Continue(())
    }
}

/// A test with each item of its list alone; none where it has no list.
pub(super) fn narrowed(test: &Test) -> Vec<Pred> {
    let of = |op: Op| Pred::Test(Test { subject: test.subject.clone(), op, span: test.span });
    match (&test.subject, &test.op) {
        (Scalar::Field(_), Op::OneOf(items, case)) if items.len() > 1 => {
            items.iter().map(|item| of(Op::OneOf(vec![item.clone()], *case))).collect()
        }
        (Scalar::Field(_), Op::Text(patterns, case)) if patterns.len() > 1 => {
            patterns.iter().map(|pattern| of(Op::Text(vec![pattern.clone()], *case))).collect()
        }
        (Scalar::Field(_), Op::InNet(nets)) if nets.len() > 1 => {
            nets.iter().map(|net| of(Op::InNet(vec![*net]))).collect()
        }
        _ => Vec::new(),
    }
}
