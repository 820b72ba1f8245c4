//! Mathematics over numbers with a fraction.
//!
//! NULL gives NULL. What C's library reports as an error of domain or range makes the query fail.

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

use super::arguments::failure;

/// C's message for an argument outside of a function's domain.
const DOMAIN: &str = "Numerical argument out of domain";
/// The same for a result that no number holds.
const RANGE: &str = "Numerical result out of range";

macro_rules! functions {
    ($($name:ident: $function:expr;)*) => {
        $(pub(super) fn $name(context: &Context<'_>) -> Result<Value> {
            of_one(context, $function)
        })*
    };
}

functions! {
    acos: f64::acos;
    asin: f64::asin;
    atan: f64::atan;
    cos: f64::cos;
    cot: |x| 1.0 / x.tan();
    degrees: |x| 180.0 * x / std::f64::consts::PI;
    exp: f64::exp;
    log: f64::ln;
    log10: f64::log10;
    radians: |x| x * std::f64::consts::PI / 180.0;
    sin: f64::sin;
    sqrt: f64::sqrt;
    tan: f64::tan;
}

/// `pi()`.
pub(super) fn pi(_: &Context<'_>) -> Result<Value> {
    Ok(Value::Real(std::f64::consts::PI))
}

/// `power(base, exponent)`.
pub(super) fn power(context: &Context<'_>) -> Result<Value> {
    match (number(context, 0), number(context, 1)) {
        (Some(base), Some(exponent)) => checked(base.powf(exponent), [base, exponent]),
        _ => Ok(Value::Null),
    }
}

/// `ceil(number)`: the least whole number that is not below; a whole number is itself.
pub(super) fn ceil(context: &Context<'_>) -> Result<Value> {
    Ok(rounded(context, f64::ceil))
}

/// `floor(number)`: the largest whole number that is not above; a whole number is itself.
pub(super) fn floor(context: &Context<'_>) -> Result<Value> {
    Ok(rounded(context, f64::floor))
}

fn of_one(context: &Context<'_>, function: impl Fn(f64) -> f64) -> Result<Value> {
    match number(context, 0) {
        Some(number) => checked(function(number), [number, 0.0]),
        None => Ok(Value::Null),
    }
}

fn checked(value: f64, of: [f64; 2]) -> Result<Value> {
    let told = of.iter().all(|number| number.is_finite());
    match (value.is_nan(), value.is_infinite()) {
        (true, _) if told => Err(failure(DOMAIN)),
        (_, true) if told => Err(failure(RANGE)),
        // SQLite keeps no number that is none.
        (true, _) => Ok(Value::Null),
        _ => Ok(Value::Real(value)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "osquery casts in the same way")]
fn rounded(context: &Context<'_>, function: impl Fn(f64) -> f64) -> Value {
    match context.get_raw(0) {
        ValueRef::Integer(whole) => Value::Integer(whole),
        _ => number(context, 0).map_or(Value::Null, |number| Value::Integer(function(number) as i64)),
    }
}

/// The argument as SQLite converts it: of a text the number that it begins with, else 0.
#[expect(clippy::cast_precision_loss, reason = "SQLite converts in the same way")]
fn number(context: &Context<'_>, place: usize) -> Option<f64> {
    match context.get_raw(place) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(leading(&String::from_utf8_lossy(bytes))),
    }
}

fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let numbers = ends.take(64).filter_map(|end| text.get(..end)?.parse::<f64>().ok());
    numbers.filter(|number| number.is_finite()).last().unwrap_or(0.0)
}
