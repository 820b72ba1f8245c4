//! Expressions where a value is needed.

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Diagnostic, Span};
use eqlc_eql::ast::{ArithOp, Expr, ExprKind, FieldPath, Literal as AstLiteral};
use eqlc_ir::{Case, FieldType, Function, Literal, Scalar};

use super::endpoint::no_value;
use super::types::{Typed, noun};
use super::{Lowering, arithmetic, condition};

impl Lowering<'_> {
    /// A value with its type; constants are worked out.
    pub(super) fn value(&mut self, expr: &Expr) -> Option<Typed> {
        match &expr.kind {
            ExprKind::Literal(value) => Some(Typed::literal(literal(value), expr.span)),
            ExprKind::Field { path, optional } => self.field_value(path, *optional, expr.span),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Arith { first, rest } => self.chain(first, rest),
            ExprKind::Pos(inner) => {
                let value = self.value(inner)?;
                self.number(Typed { span: expr.span, ..value })
            }
            ExprKind::Neg(inner) => {
                let value = self.value(inner)?;
                let value = self.number(value)?;
                self.apply(Function::Negate, vec![value], expr.span)
            }
            ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::Match(_) => self.condition_value(expr),
            ExprKind::Lineage { .. } => {
                self.condition(expr)?;
                self.refuse(no_value(expr.span))
            }
            ExprKind::Variable(variable) => self.variable(variable, expr.span),
            ExprKind::Error => None,
        }
    }

    fn field_value(&mut self, path: &FieldPath, optional: bool, span: Span) -> Option<Typed> {
        if let Some(found) = self.back_reference(path) {
            let scalar = found?;
            let ty = scalar.as_input().map_or(FieldType::Unknown, |field| field.ty);
            return Some(Typed { scalar, ty, span });
        }
        let field = self.resolve(path, optional)?;
        let field = self.value_field(field)?;
        Some(Typed { ty: field.ty, span: field.span, scalar: Scalar::Field(field) })
    }

    fn condition_value(&mut self, expr: &Expr) -> Option<Typed> {
        let pred = self.condition(expr)?;
        let pred = self.usable_as_value(pred, expr.span)?;
        let scalar = Scalar::Logic(Box::new(pred));
        Some(Typed { scalar, ty: FieldType::Boolean, span: expr.span })
    }

    /// `a + b - c`, from left to right.
    fn chain(&mut self, first: &Expr, rest: &[(ArithOp, Expr)]) -> Option<Typed> {
        self.note_hyphens(first, rest);
        let first = self.value(first).and_then(|value| self.number(value));
        let rest: Vec<_> = rest
            .iter()
            .map(|(op, expr)| Some((*op, self.value(expr).and_then(|value| self.number(value))?)))
            .collect();
        let mut sum = first?;
        for operand in rest {
            let (op, right) = operand?;
            let span = sum.span.to(right.span);
            sum = self.apply(condition::arithmetic(op), vec![sum, right], span)?;
        }
        Some(sum)
    }

    /// Arithmetic; of constants the result (`eql-semantics.md` §6.7).
    pub(super) fn apply(&mut self, function: Function, args: Vec<Typed>, span: Span) -> Option<Typed> {
        let float = args.iter().any(|arg| arg.ty == FieldType::Float);
        let unknown = args.iter().any(|arg| arg.ty == FieldType::Unknown);
        let constants: Option<Vec<&Literal>> = args.iter().map(|arg| arg.scalar.as_literal()).collect();
        if let Some(constants) = constants {
            return match arithmetic::apply(function, &constants) {
                Some(result) => Some(Typed::literal(result, span)),
                None => self.refuse(arithmetic::no_result(&constants, span)),
            };
        }
        if let (Function::Divide | Function::Modulo, [_, by]) = (function, args.as_slice())
            && matches!(by.scalar.as_literal(), Some(Literal::Int(0)))
            && !float
        {
            let error = Diagnostic::error(types::BAD_ARITHMETIC, "a division by zero has no result");
            return self.refuse(error.at(by.span, "divides every whole number by zero"));
        }
        let ty = match (float, unknown) {
            (true, _) => FieldType::Float,
            (false, true) => FieldType::Unknown,
            (false, false) => FieldType::Integer,
        };
        // A result of unknown operands is still a number.
        let ty = if ty == FieldType::Unknown { FieldType::Float } else { ty };
        let args = args.into_iter().map(|arg| arg.scalar).collect();
        Some(Typed { scalar: Scalar::Call { function, args, case: Case::Sensitive }, ty, span })
    }

    /// The value, if it can be a number.
    fn number(&mut self, value: Typed) -> Option<Typed> {
        if value.ty.is_number() || value.ty == FieldType::Unknown {
            return Some(value);
        }
        let error = Diagnostic::error(
            types::NOT_A_NUMBER,
            format!("arithmetic needs numbers, and {} is none", value.name()),
        )
        .at(value.span, format!("holds {}", noun(value.ty)));
        self.refuse(match value.ty {
            FieldType::Keyword => {
                error.help("`number(x)` reads a number from a text, `concat(a, b)` joins texts")
            }
            _ => error,
        })
    }
}

/// A constant of the tree in the IR.
pub(super) fn literal(value: &AstLiteral) -> Literal {
    match value {
        AstLiteral::Null => Literal::Null,
        AstLiteral::Bool(value) => Literal::Bool(*value),
        AstLiteral::Int(value) => Literal::Int((*value).into()),
        AstLiteral::Float(value) => Literal::Float(*value),
        AstLiteral::Str { value, .. } => Literal::Str(value.clone()),
    }
}
