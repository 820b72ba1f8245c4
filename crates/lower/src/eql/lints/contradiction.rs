//! Conditions of which one makes the other pointless.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_ir::{Op, Pred, Scalar};

use super::place;

/// Lists longer than this are left alone: every operand is compared with every other.
const MAX_OPERANDS: usize = 200;

/// Looks only for what holds of any event whatever its values: a field can have several, so that
/// `x == "a" and x == "b"` is no contradiction (`eql-semantics.md` §5.4).
pub(super) fn check(pred: &Pred, found: &mut Diagnostics) {
    match pred {
        Pred::All(list) | Pred::Any(list) => {
            let all = matches!(pred, Pred::All(_));
            if list.len() <= MAX_OPERANDS {
                siblings(list, all, found);
            }
            list.iter().for_each(|inner| check(inner, found));
        }
        Pred::AtLeast(_, list) => list.iter().for_each(|inner| check(inner, found)),
        Pred::Not(inner) => check(inner, found),
        _ => {}
    }
}

fn siblings(list: &[Pred], all: bool, found: &mut Diagnostics) {
    for (at, one) in list.iter().enumerate().filter(|(_, one)| has_opposite(one, all)) {
        let others = list.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
        let clash = others.into_iter().find(|other| opposite(one, other, all) || (all && empty(one, other)));
        let Some((one, other)) = clash.and_then(|other| Some((place(one)?, place(other)?))) else { continue };
        let (message, label) = if all {
            ("these conditions never hold together", "contradicts the other")
        } else {
            ("one of these conditions holds of every event", "holds where the other does not")
        };
        let (first, second) = if one.start <= other.start { (one, other) } else { (other, one) };
        found.push(
            Diagnostic::warning(lints::CONTRADICTION, message).at(second, label).and_at(first, "the other"),
        );
        // One finding for a list: what follows is mostly the same.
        return;
    }
}

/// Whether anything can clash with a condition.
fn has_opposite(pred: &Pred, all: bool) -> bool {
    match pred {
        Pred::Not(_) => true,
        Pred::Test(test) => all && test.op == Op::IsNull,
        _ => false,
    }
}

/// Whether `negation` is `not` the other, or `not` a disjunction with the other in it: in a conjunction never both;
/// in a disjunction only the plain negation makes it hold always.
fn opposite(negation: &Pred, other: &Pred, all: bool) -> bool {
    let Pred::Not(inner) = negation else { return false };
    match &**inner {
        Pred::Any(list) if all => list.contains(other),
        inner => inner == other,
    }
}

/// `x == null` beside a test of the values of `x`.
fn empty(null: &Pred, other: &Pred) -> bool {
    let (Pred::Test(null), Pred::Test(other)) = (null, other) else { return false };
    let field = matches!(null.subject, Scalar::Field(_)) && null.op == Op::IsNull;
    field && other.op != Op::IsNull && null.subject == other.subject
}
