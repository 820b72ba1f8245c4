//! Rewriting trees: a pass overrides the nodes it cares for, the rest is walked by default.

use crate::{Category, Element, EventQuery, Op, Pred, Rule, Scalar, Test};

/// A rewrite from the leaves up. Each default calls the `walk_*` function of the node.
pub trait Fold {
    /// A condition.
    fn pred(&mut self, pred: Pred) -> Pred {
        walk_pred(self, pred)
    }

    /// A test; may become any condition.
    fn test(&mut self, test: Test) -> Pred {
        Pred::Test(walk_test(self, test))
    }

    /// A value.
    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        walk_scalar(self, scalar)
    }

    /// A query over single events.
    fn query(&mut self, query: EventQuery) -> EventQuery {
        EventQuery { category: query.category, filter: self.pred(query.filter) }
    }
}

/// Rewrites the children of a condition.
pub fn walk_pred<F: Fold + ?Sized>(fold: &mut F, pred: Pred) -> Pred {
    let mut list = |list: Vec<Pred>| list.into_iter().map(|pred| fold.pred(pred)).collect();
    match pred {
        Pred::All(preds) => Pred::All(list(preds)),
        Pred::Any(preds) => Pred::Any(list(preds)),
        Pred::AtLeast(n, preds) => Pred::AtLeast(n, list(preds)),
        Pred::Not(inner) => Pred::Not(Box::new(fold.pred(*inner))),
        leaf @ (Pred::Const(_) | Pred::Anywhere(_)) => leaf,
        Pred::Test(test) => fold.test(test),
        Pred::Element(Element { array, variable, pred }) => {
            Pred::Element(Element { array, variable, pred: Box::new(fold.pred(*pred)) })
        }
        Pred::Descendant(query) => Pred::Descendant(Box::new(fold.query(*query))),
    }
}

/// Rewrites the values of a test.
pub fn walk_test<F: Fold + ?Sized>(fold: &mut F, test: Test) -> Test {
    let op = match test.op {
        Op::Compare(comparison, right) => Op::Compare(comparison, fold.scalar(right)),
        other => other,
    };
    Test { subject: fold.scalar(test.subject), op, span: test.span }
}

/// Rewrites the children of a value.
pub fn walk_scalar<F: Fold + ?Sized>(fold: &mut F, scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::Call { function, args, case } => {
            let args = args.into_iter().map(|arg| fold.scalar(arg)).collect();
            Scalar::Call { function, args, case }
        }
        Scalar::Logic(pred) => Scalar::Logic(Box::new(fold.pred(*pred))),
        leaf @ (Scalar::Field(_) | Scalar::Of(..) | Scalar::Literal(_)) => leaf,
    }
}

/// Rewrites every query of a rule.
pub fn walk_rule<F: Fold + ?Sized>(fold: &mut F, mut rule: Rule) -> Rule {
    rule.for_each_query(&mut |query| {
        let nothing = EventQuery { category: Category::Any, filter: Pred::Const(true) };
        *query = fold.query(std::mem::replace(query, nothing));
    });
    rule
}
