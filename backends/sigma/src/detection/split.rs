//! Tests that no single field test can hold, as alternatives.

use eqlc_ir::fold::Fold;
use eqlc_ir::normalise::normalise_pred;
use eqlc_ir::{Literal, Op, Pred, Scalar, Test};

use super::test::needs_split;

/// The condition with lists of texts and other constants split by kind: `cased` belongs to the texts only. A
/// test is existential, so that the two lists together say the same.
pub(super) fn split(pred: Pred) -> Pred {
    normalise_pred(Split.pred(pred))
}

struct Split;

impl Fold for Split {
    fn test(&mut self, test: Test) -> Pred {
        if !needs_split(&test) {
            return Pred::Test(test);
        }
        let Test { subject, op: Op::OneOf(items, case), span } = test else { return Pred::Test(test) };
        let (texts, others): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| matches!(item, Literal::Str(_)));
        let part = |items| Pred::test(subject.clone(), Op::OneOf(items, case), span);
        Pred::Any(vec![part(others), part(texts)])
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        scalar
    }
}
