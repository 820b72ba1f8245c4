//! Numbers: exact order across integer and float, arithmetic, and their text.

use std::cmp::Ordering;

use eqlc_ir::{Function, Literal};

/// The order of two numbers, exact for integers of any size against floats; none if either is no number.
pub(super) fn order(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Int(left), Literal::Int(right)) => Some(left.cmp(right)),
        (Literal::Float(left), Literal::Float(right)) => left.partial_cmp(right),
        (Literal::Int(left), Literal::Float(right)) => int_to_float(*left, *right),
        (Literal::Float(left), Literal::Int(right)) => int_to_float(*right, *left).map(Ordering::reverse),
        _ => None,
    }
}

/// `2^127`, the first float above every `i128`.
const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

#[expect(clippy::cast_possible_truncation, reason = "the float is whole and in range")]
fn int_to_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let floor = float.floor();
    let fraction = if float > floor { Ordering::Less } else { Ordering::Equal };
    Some(int.cmp(&(floor as i128)).then(fraction))
}

/// The integer that a float is, if it is one.
#[expect(clippy::cast_possible_truncation, reason = "the float is whole and in range")]
pub(super) fn whole(float: f64) -> Option<i128> {
    (float.fract() == 0.0 && float.abs() < LIMIT).then_some(float as i128)
}

/// `left function right`: two integers give an integer, any float a float. Null for what is no number, for
/// division by zero, for a float that is not finite, and for an integer that no 64-bit type of EQL holds,
/// signed or unsigned (`eql-semantics.md` §6.7).
pub(super) fn arithmetic(function: Function, left: &Literal, right: &Literal) -> Literal {
    match (left, right) {
        (Literal::Int(left), Literal::Int(right)) => integers(function, *left, *right),
        _ => match (float(left), float(right)) {
            (Some(left), Some(right)) => floats(function, left, right),
            _ => Literal::Null,
        },
    }
}

fn integers(function: Function, left: i128, right: i128) -> Literal {
    let result = match function {
        Function::Add => left.checked_add(right),
        Function::Subtract => left.checked_sub(right),
        Function::Multiply => left.checked_mul(right),
        // Rust truncates toward zero, and the remainder has the sign of the dividend, as in Java.
        Function::Divide => left.checked_div(right),
        Function::Modulo => left.checked_rem(right),
        _ => None,
    };
    let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
    result.filter(|value| range.contains(value)).map_or(Literal::Null, Literal::Int)
}

fn floats(function: Function, left: f64, right: f64) -> Literal {
    let result = match function {
        Function::Add => left + right,
        Function::Subtract => left - right,
        Function::Multiply => left * right,
        Function::Divide => left / right,
        Function::Modulo => left % right,
        _ => f64::NAN,
    };
    if result.is_finite() { Literal::Float(result) } else { Literal::Null }
}

#[expect(clippy::cast_precision_loss, reason = "an integer beside a float is a float, as in Java")]
fn float(value: &Literal) -> Option<f64> {
    match value {
        Literal::Int(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}

/// The text of a value as Java prints it; none for null.
pub(super) fn text(value: &Literal) -> Option<String> {
    match value {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) => Some(java_double(*value)),
        Literal::Str(text) => Some(text.to_string()),
        Literal::Date(bound) => Some(bound.text().to_owned()),
    }
}

/// `Double.toString`: the shortest digits that read back; plain from 10⁻³ up to 10⁷, with an exponent beyond.
fn java_double(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        // Rust's debug form of such a number has one digit after the point at least.
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    match scientific.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => scientific,
    }
}

/// The number that a text writes (`eql-semantics.md` §7, number); null when it writes none.
pub(super) fn parse(text: &str, base: Option<i128>) -> Literal {
    let hex = text.strip_prefix("0x");
    let (digits, base) = match (base, hex) {
        (None, Some(digits)) | (Some(16), Some(digits)) => (digits, 16),
        (None, None) => (text, 10),
        (Some(base), _) => (text, base),
    };
    let Some(base) = u32::try_from(base).ok().filter(|base| (2..=36).contains(base)) else {
        return Literal::Null;
    };
    match i64::from_str_radix(digits, base) {
        Ok(value) => Literal::Int(value.into()),
        Err(_) if base == 10 => decimal(digits),
        Err(_) => Literal::Null,
    }
}

/// A decimal number; Rust's words for infinity and not-a-number are none.
pub(super) fn decimal(text: &str) -> Literal {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let value = if plain { text.parse::<f64>().ok() } else { None };
    value.filter(|value| value.is_finite()).map_or(Literal::Null, Literal::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_floats_have_one_exact_order() {
        let big = 9_007_199_254_740_993; // 2^53 + 1, which no float holds
        for (int, float, wanted) in [
            (1, 1.0, Ordering::Equal),
            (1, 1.5, Ordering::Less),
            (-1, -1.5, Ordering::Greater),
            (big, 9_007_199_254_740_992.0, Ordering::Greater),
            (i128::MAX, f64::MAX, Ordering::Less),
            (i128::MIN, f64::NEG_INFINITY, Ordering::Greater),
            (i128::MIN, -LIMIT, Ordering::Equal),
        ] {
            let (int, float) = (Literal::Int(int), Literal::Float(float));
            assert_eq!(order(&int, &float), Some(wanted));
            assert_eq!(order(&float, &int), Some(wanted.reverse()));
        }
        assert_eq!(order(&Literal::Int(1), &Literal::Float(f64::NAN)), None);
        assert_eq!(order(&Literal::Int(1), &Literal::Str("1".into())), None);
    }

    #[test]
    fn floats_print_as_java_prints_them() {
        for (value, wanted) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.5, "9999999.5"),
            (1e7, "1.0E7"),
            (1.25e22, "1.25E22"),
        ] {
            assert_eq!(java_double(value), wanted);
        }
    }
}
