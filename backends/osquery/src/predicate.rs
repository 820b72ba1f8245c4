//! Conditions of the IR as conditions of SQL.
//!
//! The tree of the IR is two-valued and that of SQL is not. Every condition made here may be null where the IR
//! says false: `AND` and `OR` keep that apart from true, and negation goes by `IS NOT TRUE`.

use eqlc_backend::Loss;
use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::{Op, Pred, Scalar, Test, text as ir_text};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::profile::Profile;
use crate::{literal, sql, test};

/// How deep conditions may stand inside each other before this module stops to look further: beyond what
/// [`sql::check_nesting`] accepts.
const DEEPEST: usize = 64;

/// Conditions of one rule.
pub(crate) struct Emitter<'a> {
    pub(crate) profile: &'a Profile,
    losses: Vec<Loss>,
    refused: Diagnostics,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(profile: &'a Profile) -> Self {
        Self { profile, losses: Vec::new(), refused: Vec::new() }
    }

    /// What was bent, or what was refused.
    pub(crate) fn finish(self) -> Result<Vec<Loss>, Diagnostics> {
        if self.refused.is_empty() { Ok(self.losses) } else { Err(self.refused) }
    }

    pub(crate) fn refuse(&mut self, span: Span, message: String, label: &str) {
        let refusal = Diagnostic::error(targets::CONTENT_REFUSED, message).at(span, label);
        if !self.refused.contains(&refusal) {
            self.refused.push(refusal);
        }
    }

    pub(crate) fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    /// The conditions that all must hold; where a part of one is refused, that part is false.
    pub(crate) fn conditions(&mut self, pred: &Pred) -> Vec<Expr> {
        match pred {
            Pred::All(list) => list.iter().map(|pred| self.pred(pred, false, 1)).collect(),
            other => vec![self.pred(other, false, 0)],
        }
    }

    fn pred(&mut self, pred: &Pred, negated: bool, depth: usize) -> Expr {
        if depth > DEEPEST {
            let message = "the conditions of the rule stand too deep inside each other for osquery";
            self.refuse(Span::default(), message.to_owned(), "");
            return sql::constant(false);
        }
        let mut list = |list: &[Pred]| -> Vec<Expr> {
            list.iter().map(|pred| self.pred(pred, negated, depth + 1)).collect()
        };
        match pred {
            Pred::All(preds) => sql::all(list(preds)),
            Pred::Any(preds) => sql::any(list(preds)),
            Pred::AtLeast(count, preds) => at_least(*count, list(preds)),
            Pred::Not(inner) => self.negation(inner, negated, depth),
            Pred::Const(holds) => sql::constant(*holds),
            Pred::Test(test) => self.test(test, negated),
            Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => {
                let message = "osquery has no form for elements of arrays, processes above and any field";
                self.refuse(Span::default(), message.to_owned(), "");
                sql::constant(false)
            }
        }
    }

    fn negation(&mut self, inner: &Pred, negated: bool, depth: usize) -> Expr {
        if let Pred::Test(Test { subject: Scalar::Field(field), op: Op::IsNull, .. }) = inner
            && let Some(column) = self.profile.column(&field.path)
        {
            return test::has_value(column);
        }
        sql::not(self.pred(inner, !negated, depth + 1))
    }

    fn test(&mut self, test: &Test, negated: bool) -> Expr {
        match test::emit(test, self.profile) {
            Ok((condition, loss)) => {
                if let Some((direction, why)) = loss {
                    let direction = if negated { direction.negated() } else { direction };
                    let (code, place) = (losses::APPROXIMATE_FIELD, ir_text::test(test));
                    self.lose(Loss { code, direction, span: test.span, place, why: why.to_owned() });
                }
                condition
            }
            Err(why) => {
                let name = test.subject.as_field().map_or("a value", |field| field.path.as_str());
                self.refuse(test.span, format!("no form for this test of `{name}`: {why}"), "this test");
                sql::constant(false)
            }
        }
    }
}

/// The number of conditions that hold, against a bound.
fn at_least(count: usize, list: Vec<Expr>) -> Expr {
    let held = list.iter().filter(|expr| sql::as_constant(expr) == Some(true)).count();
    let open = list.into_iter().filter(|expr| sql::as_constant(expr).is_none());
    let truths: Vec<Expr> = open.map(|expr| sql::nested(Expr::IsTrue(Box::new(sql::nested(expr))))).collect();
    let wanted = count.saturating_sub(held);
    if wanted == 0 {
        return sql::constant(true);
    }
    if wanted > truths.len() {
        return sql::constant(false);
    }
    let sum = sql::chain(truths, &BinaryOperator::Plus);
    let wanted = literal::integer(i128::try_from(wanted).unwrap_or(i128::MAX));
    sql::binary(sum, BinaryOperator::GtEq, wanted)
}
