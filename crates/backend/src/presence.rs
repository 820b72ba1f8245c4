//! Before pass 5: tests that tell a field with null from one that is not there, for targets that cannot.

use std::borrow::Cow;

use eqlc_diagnostics::codes::losses;
use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::{EventQuery, Op, Pred, Rule, Test, text};

use crate::{Construct, Direction, Loss, Target};

/// The rule with "the field is there" as "the field has a value", where the target knows no more. A field that is
/// there and holds null is the difference.
#[must_use]
pub fn without_presence<'r>(rule: &'r Rule, target: &Target) -> (Cow<'r, Rule>, Vec<Loss>) {
    let asks = |query: &EventQuery| query.filter.tests().iter().any(|test| test.op == Op::Exists);
    if target.has(Construct::Presence) || !rule.queries().iter().any(|query| asks(query)) {
        return (Cow::Borrowed(rule), Vec::new());
    }
    let mut pass = Presence { losses: Vec::new() };
    let rule = walk_rule(&mut pass, rule.clone());
    (Cow::Owned(rule), pass.losses)
}

struct Presence {
    losses: Vec<Loss>,
}

impl Fold for Presence {
    fn query(&mut self, query: EventQuery) -> EventQuery {
        EventQuery { filter: self.rewritten(query.filter, Direction::Narrower), category: query.category }
    }
}

impl Presence {
    /// `direction`: which way it bends when fewer events have the field.
    fn rewritten(&mut self, pred: Pred, direction: Direction) -> Pred {
        let mut list =
            |list: Vec<Pred>| list.into_iter().map(|pred| self.rewritten(pred, direction)).collect();
        match pred {
            Pred::All(preds) => Pred::All(list(preds)),
            Pred::Any(preds) => Pred::Any(list(preds)),
            Pred::AtLeast(count, preds) => Pred::AtLeast(count, list(preds)),
            Pred::Not(inner) => self.rewritten(*inner, direction.negated()).not(),
            Pred::Test(test) if test.op == Op::Exists => self.has_value(test, direction),
            other => other,
        }
    }

    fn has_value(&mut self, test: Test, direction: Direction) -> Pred {
        self.losses.push(Loss {
            code: losses::NULL_NOT_PRESENT,
            direction,
            span: test.span,
            place: text::test(&test),
            why: "the target takes a field that holds null for one that is not there".to_owned(),
        });
        Pred::test(test.subject, Op::IsNull, test.span).not()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eqlc_diagnostics::Span;
    use eqlc_ir::{Body, Category, FieldRef, FieldType, Scalar, Taxonomy};

    fn target(more: &str) -> Target {
        let text = format!(
            "id: t\ntitle: t\ncapabilities: [core{more}]\nfunctions: []\nformats:\n  - {{id: f, extension: x, title: f}}\n"
        );
        Target::parse(&text).unwrap()
    }

    fn exists() -> Pred {
        let field = FieldRef {
            path: "f".into(),
            taxonomy: Taxonomy::Sigma,
            ty: FieldType::Unknown,
            optional: false,
            span: Span::default(),
        };
        Pred::test(Scalar::Field(field), Op::Exists, Span::default())
    }

    fn rule(filter: Pred) -> Rule {
        let body = Body::Event(EventQuery { category: Category::Any, filter });
        Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
    }

    #[test]
    fn presence_becomes_a_value_with_a_loss_in_the_right_direction() {
        for (filter, direction) in [
            (exists(), Direction::Narrower),
            (exists().not(), Direction::Wider),
            (Pred::Any(vec![Pred::Const(true), exists().not().not()]), Direction::Narrower),
        ] {
            let rule = rule(filter);
            let (rewritten, losses) = without_presence(&rule, &target(""));
            assert_eq!(losses.iter().map(|loss| loss.direction).collect::<Vec<_>>(), [direction]);
            assert!(!text::rule(&rewritten).contains("exists"));
        }
        let rule = rule(exists());
        let (rewritten, _) = without_presence(&rule, &target(""));
        assert!(
            text::rule(&rewritten).contains("not\n      sigma:f:unknown is-null"),
            "{}",
            text::rule(&rewritten)
        );
    }

    #[test]
    fn a_target_that_tells_them_apart_keeps_the_test() {
        let before = rule(exists());
        let (after, losses) = without_presence(&before, &target(", presence"));
        assert_eq!((after.as_ref(), losses), (&before, Vec::new()));
    }
}
