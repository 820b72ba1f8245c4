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

use crate::{Pred, Rule};

/// The rule in normal form.
#[must_use]
pub fn normalise(mut rule: Rule) -> Rule {
    rule.for_each_query(&mut |query| simplify(&mut query.filter));
    rule
}

/// A condition in normal form.
#[must_use]
pub fn normalise_pred(mut pred: Pred) -> Pred {
    simplify(&mut pred);
    pred
}

/// All of some conditions in normal form, which is again in normal form: what is inside of them is not looked at.
#[must_use]
pub fn all_of(preds: Vec<Pred>) -> Pred {
    tree::simplify(Pred::All(preds))
}

/// Brings a condition into normal form, from the leaves up. Most of a rule is in it as it is written, and stays where it
/// is. A condition used as a value is three-valued: the rewrites of the two-valued tree do not hold there.
fn simplify(pred: &mut Pred) {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => list.iter_mut().for_each(simplify),
        Pred::Not(inner) => simplify(inner),
        Pred::Element(element) => simplify(&mut element.pred),
        Pred::Descendant(query) => simplify(&mut query.filter),
        Pred::Const(_) | Pred::Anywhere(_) | Pred::Test(_) => {}
    }
    if !is_simple(pred) {
        *pred = match std::mem::replace(pred, Pred::Const(true)) {
            Pred::Test(test) => leaf::simplify(test),
            other => tree::simplify(other),
        };
    }
}

/// Whether a node whose children are in normal form is so itself. Where that takes long to tell, it is denied.
fn is_simple(pred: &Pred) -> bool {
    match pred {
        Pred::Test(test) => leaf::is_simple(test),
        other => tree::is_simple(other),
    }
}

#[cfg(test)]
mod tests;
