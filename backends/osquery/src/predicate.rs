//! Conditions of the IR as conditions of SQL.
//!
//! The tree of the IR is two-valued and that of SQL is not. Every condition made here may be null where the IR
//! says false: `AND` and `OR` keep that apart from true, and negation goes by `IS NOT TRUE`.

use eqlc_backend::Loss;
use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::{Op, Pred, Scalar, Test, text as ir_text};
use sqlparser::ast::{BinaryOperator, Expr};

use crate::profile::Table;
use crate::{literal, sql, test};

/// How deep conditions may stand inside each other before this module stops to look further: beyond what
/// [`crate::limits`] accepts.
const DEEPEST: usize = 64;

/// Conditions of one rule.
#[derive(Default)]
pub(crate) struct Emitter {
    losses: Vec<Loss>,
    refused: Diagnostics,
}

impl Emitter {
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
    pub(crate) fn conditions(&mut self, pred: &Pred, table: &Table) -> Vec<Expr> {
        let at = Place { table, negated: false, depth: 0 };
        match pred {
            Pred::All(list) => list.iter().map(|pred| self.pred(pred, at.inside())).collect(),
            other => vec![self.pred(other, at)],
        }
    }

    fn pred(&mut self, pred: &Pred, at: Place<'_>) -> Expr {
        if at.depth > DEEPEST {
            let message = "the conditions of the rule stand too deep inside each other for osquery";
            self.refuse(Span::default(), message.to_owned(), "");
            return sql::constant(false);
        }
        let mut list =
            |list: &[Pred]| -> Vec<Expr> { list.iter().map(|pred| self.pred(pred, at.inside())).collect() };
        match pred {
            Pred::All(preds) => sql::all(list(preds)),
            Pred::Any(preds) => sql::any(list(preds)),
            Pred::AtLeast(count, preds) => at_least(*count, list(preds)),
            Pred::Not(inner) => self.negation(inner, at),
            Pred::Const(holds) => sql::constant(*holds),
            Pred::Test(test) => self.test(test, at),
            Pred::Anywhere(wanted) => {
                let message =
                    format!("the rows of `{}` have no form for text in any field", at.table.log_source);
                self.refuse(wanted.span, message, "looked for in any field");
                sql::constant(false)
            }
            Pred::Element(_) | Pred::Descendant(_) => {
                let message = "osquery has no form for elements of arrays and processes above";
                self.refuse(Span::default(), message.to_owned(), "");
                sql::constant(false)
            }
        }
    }

    fn negation(&mut self, inner: &Pred, at: Place<'_>) -> Expr {
        if let Pred::Test(Test { subject: Scalar::Field(field), op: Op::IsNull, .. }) = inner
            && let Some(column) = at.table.column(&field.path)
        {
            return test::has_value(&column);
        }
        sql::not(self.pred(inner, Place { negated: !at.negated, ..at.inside() }))
    }

    fn test(&mut self, test: &Test, at: Place<'_>) -> Expr {
        match test::emit(test, at.table) {
            Ok((condition, loss)) => {
                if let Some((direction, why)) = loss {
                    let direction = if at.negated { direction.negated() } else { direction };
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

/// Where a condition stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// What it is asked of.
    table: &'a Table,
    /// Under an odd number of negations.
    negated: bool,
    /// In so many others.
    depth: usize,
}

impl Place<'_> {
    fn inside(self) -> Self {
        Self { depth: self.depth + 1, ..self }
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
