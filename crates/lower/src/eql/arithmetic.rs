//! Arithmetic of constants.

use eqlc_ir::{Function, Literal};

/// The result, null for a null operand; none where there is none (`eql-semantics.md` §6.7): division by
/// zero, numbers outside 64 bits, and operands that are no numbers.
pub(super) fn apply(function: Function, operands: &[&Literal]) -> Option<Literal> {
    if operands.iter().any(|operand| matches!(operand, Literal::Null)) {
        return Some(Literal::Null);
    }
    match operands {
        [Literal::Int(a)] if function == Function::Negate => in_range(a.checked_neg()?),
        [Literal::Float(a)] if function == Function::Negate => Some(Literal::Float(-a)),
        [Literal::Int(a), Literal::Int(b)] => in_range(integers(function, *a, *b)?),
        [a, b] => {
            let result = floats(function, float(a)?, float(b)?)?;
            result.is_finite().then_some(Literal::Float(result))
        }
        _ => None,
    }
}

/// What fits a signed or an unsigned 64-bit integer.
fn in_range(value: i128) -> Option<Literal> {
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(Literal::Int(value))
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
        assert_eq!(
            apply(Function::Add, &[&Literal::Int(1), &Literal::Float(0.5)]),
            Some(Literal::Float(1.5))
        );
        assert_eq!(apply(Function::Add, &[&Literal::Int(1), &Literal::Null]), Some(Literal::Null));
    }
}
