//! Expressions where a condition is needed.

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};
use eqlc_eql::ast::{ArithOp, Expr, ExprKind, Literal as AstLiteral};
use eqlc_ir::{Comparison, FieldType, Literal, Op, Pred, Scalar};

use super::endpoint::is_array_search;
use super::types::{Typed, noun};
use super::{Lowering, every};

impl Lowering<'_> {
    /// A condition. `none` where something in it has been reported, here or by the parser; all of it is
    /// looked at in any case.
    pub(super) fn condition(&mut self, expr: &Expr) -> Option<Pred> {
        match &expr.kind {
            ExprKind::Literal(AstLiteral::Bool(value)) => Some(Pred::Const(*value)),
            ExprKind::Not(inner) => Some(self.condition(inner)?.not()),
            ExprKind::And(list) => self.conditions(list).map(Pred::All),
            ExprKind::Or(list) => self.conditions(list).map(Pred::Any),
            ExprKind::Compare(test) => self.compare(test, expr.span),
            ExprKind::In(test) if test.negated => Some(self.one_of(test, expr.span)?.not()),
            ExprKind::In(test) => self.one_of(test, expr.span),
            ExprKind::Match(test) => self.matches(test, expr.span),
            ExprKind::Call(call) if is_array_search(&call.name.value) => {
                self.array_search(&call.args, expr.span)
            }
            ExprKind::Field { .. } | ExprKind::Call(_) | ExprKind::Variable(_) => self.bare(expr),
            ExprKind::Lineage { relation, filter } => self.lineage(relation, filter, expr.span),
            ExprKind::Error => None,
            ExprKind::Literal(_) | ExprKind::Arith { .. } | ExprKind::Neg(_) | ExprKind::Pos(_) => {
                let value = self.value(expr)?;
                self.refuse(not_a_condition(&value))
            }
        }
    }

    fn conditions(&mut self, list: &[Expr]) -> Option<Vec<Pred>> {
        every(list.iter().map(|expr| self.condition(expr)))
    }

    /// A field alone is `field == true` (`eql-semantics.md` §3.4), a boolean function is a condition (§7.1).
    fn bare(&mut self, expr: &Expr) -> Option<Pred> {
        let value = self.value(expr)?;
        let usable = matches!(value.ty, FieldType::Boolean | FieldType::Unknown);
        match value.scalar {
            Scalar::Field(_) | Scalar::Of(..) if usable => {
                let yes = Scalar::Literal(Literal::Bool(true));
                Some(Pred::test(value.scalar, Op::Compare(Comparison::Equal, yes), expr.span))
            }
            Scalar::Literal(Literal::Bool(answer)) => Some(Pred::Const(answer)),
            // A boolean function of null is null: false as a condition, null inside a value.
            Scalar::Literal(Literal::Null) => Some(Pred::test(value.scalar, Op::IsTrue, expr.span)),
            Scalar::Call { .. } if value.ty == FieldType::Boolean => {
                Some(Pred::test(value.scalar, Op::IsTrue, expr.span))
            }
            _ => self.refuse(not_a_condition(&value)),
        }
    }
}

/// Whether an expression is a condition by its form, a field aside, so that `== true` is itself
/// (`eql-semantics.md` §5.7).
pub(super) fn is_condition(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Not(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(_)
        | ExprKind::In(_)
        | ExprKind::Match(_)
        | ExprKind::Lineage { .. } => true,
        ExprKind::Call(call) if is_array_search(&call.name.value) => true,
        ExprKind::Call(call) => {
            super::function::find(&call.name.value).is_some_and(|found| found.function.is_boolean())
        }
        _ => false,
    }
}

fn not_a_condition(value: &Typed) -> Diagnostic {
    let error = |what: &str| {
        Diagnostic::error(types::NOT_A_CONDITION, format!("{what}, which is no condition"))
            .at(value.span, "neither true nor false")
    };
    match &value.scalar {
        Scalar::Field(field) => error(&format!("`{}` holds {}", field.path, noun(field.ty)))
            .help(format!("`{} != null` asks whether the field has a value", field.path))
            .fix(Applicability::Unsafe, "compare with null", after(value.span), " != null"),
        Scalar::Literal(literal) => error(&format!("this is {}", super::types::literal_noun(literal))),
        _ => error(&format!("{} gives {}", value.name(), noun(value.ty))).help("compare it with something"),
    }
}

fn after(span: Span) -> Span {
    span.at_end()
}

/// The function of the IR for an operator.
pub(super) fn arithmetic(op: ArithOp) -> eqlc_ir::Function {
    use eqlc_ir::Function;
    match op {
        ArithOp::Add => Function::Add,
        ArithOp::Sub => Function::Subtract,
        ArithOp::Mul => Function::Multiply,
        ArithOp::Div => Function::Divide,
        ArithOp::Mod => Function::Modulo,
    }
}
