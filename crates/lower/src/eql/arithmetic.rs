//! Arithmetic of constants.

use std::ops::RangeInclusive;

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Diagnostic, Span};
use eqlc_ir::{Function, Literal};

/// The result, null for a null operand; none where there is none (`eql-semantics.md` §6.7): division by
/// zero, a whole number that leaves the width of its operands, and operands that are no numbers.
pub(super) fn apply(function: Function, operands: &[&Literal]) -> Option<Literal> {
    if operands.iter().any(|operand| matches!(operand, Literal::Null)) {
        return Some(Literal::Null);
    }
    match operands {
        [Literal::Int(a)] if function == Function::Negate => Width::of(*a)?.holds(a.checked_neg()?),
        [Literal::Float(a)] if function == Function::Negate => Some(Literal::Float(-a)),
        [Literal::Int(a), Literal::Int(b)] => {
            Width::of(*a)?.max(Width::of(*b)?).holds(integers(function, *a, *b)?)
        }
        [a, b] => {
            let result = floats(function, float(a)?, float(b)?)?;
            result.is_finite().then_some(Literal::Float(result))
        }
        _ => None,
    }
}

/// How many bits Elasticsearch gives a whole number: the fewest that hold it (§1). An operation is worked out in the
/// widest of its operands, and fails where the result does not fit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Int,
    Long,
    UnsignedLong,
}

impl Width {
    const ALL: [Self; 3] = [Self::Int, Self::Long, Self::UnsignedLong];

    fn of(value: i128) -> Option<Self> {
        Self::ALL.into_iter().find(|width| width.range().contains(&value))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Int => "32 bits",
            Self::Long => "64 bits",
            Self::UnsignedLong => "64 bits without a sign",
        }
    }

    fn range(self) -> RangeInclusive<i128> {
        match self {
            Self::Int => i128::from(i32::MIN)..=i128::from(i32::MAX),
            Self::Long => i128::from(i64::MIN)..=i128::from(i64::MAX),
            Self::UnsignedLong => 0..=i128::from(u64::MAX),
        }
    }

    fn holds(self, value: i128) -> Option<Literal> {
        self.range().contains(&value).then_some(Literal::Int(value))
    }
}

/// Why [`apply`] has no result.
pub(super) fn no_result(operands: &[&Literal], span: Span) -> Diagnostic {
    let error = Diagnostic::error(types::BAD_ARITHMETIC, "the constants have no result");
    let widest = operands.iter().filter_map(|operand| match operand {
        Literal::Int(value) => Width::of(*value),
        _ => None,
    });
    match (operands, widest.max()) {
        ([_, Literal::Int(0)], _) => error.at(span, "divides by zero"),
        (_, Some(width)) => error
            .at(span, format!("does not fit {}", width.name()))
            .help("whole numbers are worked out in the width of the wider operand; write the result itself")
            .help("with a fraction, as in `1.0`, it is worked out as a floating-point number"),
        (_, None) => error.at(span, "is no finite number"),
    }
}

/// Division truncates toward zero and the remainder has the sign of the dividend, as Rust's do.
fn integers(function: Function, a: i128, b: i128) -> Option<i128> {
    match function {
        Function::Add => a.checked_add(b),
        Function::Subtract => a.checked_sub(b),
        Function::Multiply => a.checked_mul(b),
        Function::Divide => a.checked_div(b),
        Function::Modulo => a.checked_rem(b),
        _ => None,
    }
}

fn floats(function: Function, a: f64, b: f64) -> Option<f64> {
    match function {
        Function::Add => Some(a + b),
        Function::Subtract => Some(a - b),
        Function::Multiply => Some(a * b),
        Function::Divide => Some(a / b),
        Function::Modulo => Some(a % b),
        _ => None,
    }
}

fn float(literal: &Literal) -> Option<f64> {
    match literal {
        #[expect(clippy::cast_precision_loss, reason = "a mixed operation is a floating one, as in Java")]
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}

/// The order of two constants of comparable kinds; numbers across integer and float.
pub(super) fn order(a: &Literal, b: &Literal) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Literal::Int(a), Literal::Int(b)) => Some(a.cmp(b)),
        (Literal::Str(a), Literal::Str(b)) => Some(a.cmp(b)),
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (a, b) => float(a)?.partial_cmp(&float(b)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_worked_out_as_java_does() {
        let int = |function, a, b| apply(function, &[&Literal::Int(a), &Literal::Int(b)]);
        assert_eq!(int(Function::Divide, -7, 2), Some(Literal::Int(-3)));
        assert_eq!(int(Function::Modulo, -5, 3), Some(Literal::Int(-2)));
        assert_eq!(int(Function::Divide, 1, 0), None);
        assert_eq!(int(Function::Multiply, i128::from(u64::MAX), 2), None);
        assert_eq!(int(Function::Add, i128::from(i32::MAX), 1), None, "two of 32 bits stay in 32 bits");
        assert_eq!(int(Function::Add, i128::from(i32::MAX) + 1, 1), Some(Literal::Int(2_147_483_649)));
        assert_eq!(int(Function::Add, i128::from(i64::MAX), 1), None);
        assert_eq!(
            int(Function::Add, i128::from(i64::MAX) + 1, 1),
            Some(Literal::Int(i128::from(i64::MAX) + 2)),
            "unsigned from here on"
        );
        assert_eq!(int(Function::Subtract, i128::from(i64::MAX) + 1, i128::from(u64::MAX)), None);
        assert_eq!(
            apply(Function::Add, &[&Literal::Int(1), &Literal::Float(0.5)]),
            Some(Literal::Float(1.5))
        );
        assert_eq!(apply(Function::Add, &[&Literal::Int(1), &Literal::Null]), Some(Literal::Null));
    }
}
