//! Constants as nodes of the tree: the only door for text of a user.
//!
//! sqlparser prints the text of a literal as it is and guesses whether quotes in it are doubled already, so
//! they are doubled here. Control characters become `char(n)`: sqlparser indents a line feed that stands alone
//! between quotes, and tools that pass SQL on change line ends.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use crate::sql;

/// Why a constant has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// NUL ends a text in SQLite.
    Nul,
    /// Infinity or no number at all.
    NotFinite,
}

impl Unwritable {
    /// The reason in words.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Nul => "a text of SQLite ends at a NUL character",
            Self::NotFinite => "SQLite has no literal for a number that is not finite",
        }
    }
}

/// A text.
pub(crate) fn text(value: &str) -> Result<Expr, Unwritable> {
    if value.contains('\0') {
        return Err(Unwritable::Nul);
    }
    let mut pieces: Vec<Expr> = Vec::new();
    let mut plain = String::new();
    for c in value.chars() {
        if is_control(c) {
            if !plain.is_empty() {
                pieces.push(quoted(&std::mem::take(&mut plain)));
            }
            pieces.push(sql::call("char", vec![integer(i128::from(u32::from(c)))]));
        } else {
            plain.push(c);
        }
    }
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push(quoted(&plain));
    }
    let several = pieces.len() > 1;
    let joined = sql::chain(pieces, &BinaryOperator::StringConcat);
    Ok(if several { sql::nested(joined) } else { joined })
}

/// Characters that tools on the way may change or drop: controls, line and paragraph separators, the byte
/// order mark.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn quoted(value: &str) -> Expr {
    sql::value(Value::SingleQuotedString(value.replace('\'', "''")))
}

/// The text of a literal that holds no quotes and controls, or the digits of a number.
pub(crate) fn plain(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number.
pub(crate) fn integer(value: i128) -> Expr {
    signed(value < 0, value.unsigned_abs().to_string())
}

/// A number with a fraction.
pub(crate) fn float(value: f64) -> Result<Expr, Unwritable> {
    if !value.is_finite() {
        return Err(Unwritable::NotFinite);
    }
    Ok(signed(value.is_sign_negative(), format!("{:?}", value.abs())))
}

fn signed(negative: bool, digits: String) -> Expr {
    let number = sql::value(Value::Number(digits, false));
    if negative { Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) } } else { number }
}
