//! Pass 4: normalise. IR to IR, meaning kept, idempotent, order of writing kept.
//!
//! * [`tree`]: nested `all`/`any` flattened, constants folded, double negation removed, equal siblings
//!   dropped.
//! * [`leaf`]: one form for tests that mean the same: `startsWith(x, "a")` and `x like "a*"` are both a text
//!   pattern, a one-element list is a comparison.
//!
//! [`canonical`] goes further and gives up the order of writing; it is for comparing rules, not for output.

mod canonical;
mod leaf;
mod tree;

pub use canonical::canonical;
pub use leaf::{holds_of, parse_network};

use crate::fold::{Fold, walk_pred, walk_rule, walk_test};
use crate::{Pred, Rule, Test};

/// The rule in normal form.
#[must_use]
pub fn normalise(rule: Rule) -> Rule {
    walk_rule(&mut Normalise, rule)
}

/// A condition in normal form.
#[must_use]
pub fn normalise_pred(pred: Pred) -> Pred {
    Normalise.pred(pred)
}

struct Normalise;

impl Fold for Normalise {
    fn pred(&mut self, pred: Pred) -> Pred {
        tree::simplify(walk_pred(self, pred))
    }

    fn test(&mut self, test: Test) -> Pred {
        leaf::simplify(walk_test(self, test))
    }

    fn scalar(&mut self, scalar: crate::Scalar) -> crate::Scalar {
        // A condition used as a value is three-valued: the rewrites of the two-valued tree do not hold there.
        match scalar {
            logic @ crate::Scalar::Logic(_) => logic,
            other => crate::fold::walk_scalar(self, other),
        }
    }
}

#[cfg(test)]
mod tests;
