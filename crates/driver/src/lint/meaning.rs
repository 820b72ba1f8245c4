//! Whether two rules find the same, as far as their forms show it.

use eqlc_ir::fold::{Fold, walk_pred, walk_rule, walk_test};
use eqlc_ir::normalise::canonical;
use eqlc_ir::{Case, Op, Part, Pred, Rule, Test, TextPattern, fold_text};

/// Whether the canonical forms are equal, letter case aside where it does not count.
pub(super) fn is_same(one: &Rule, other: &Rule) -> bool {
    let form = |rule: &Rule| canonical(walk_rule(&mut Folded, rule.clone()));
    one.body == other.body || form(one) == form(other)
}

/// Folds letters that are compared without regard to their case.
struct Folded;

impl Fold for Folded {
    fn pred(&mut self, pred: Pred) -> Pred {
        match pred {
            Pred::Anywhere(mut anywhere) => {
                anywhere.op = folded(anywhere.op);
                Pred::Anywhere(anywhere)
            }
            other => walk_pred(self, other),
        }
    }

    fn test(&mut self, test: Test) -> Pred {
        let Test { subject, op, span } = walk_test(self, test);
        Pred::Test(Test { subject, op: folded(op), span })
    }
}

fn folded(op: Op) -> Op {
    match op {
        Op::Text(patterns, Case::Insensitive) => {
            let fold = |pattern: &TextPattern| {
                TextPattern::new(pattern.parts().iter().map(|part| match part {
                    Part::Lit(text) => Part::Lit(fold_text(text).into()),
                    other => other.clone(),
                }))
            };
            Op::Text(patterns.iter().map(fold).collect(), Case::Insensitive)
        }
        other => other,
    }
}
