//! Names, strings and numbers.

use std::fmt::Write;

use eqlc_diagnostics::Node;

use crate::ast::Literal;
use crate::lex::can_be_raw;
use crate::token::is_plain_name;

/// A string between `"` with escapes.
pub(crate) fn quote(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            c if c.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\u{{{:02x}}}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// A segment of a field, in back-ticks where it must.
pub(super) fn segment(name: &str) -> String {
    if is_plain_name(name) { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Segments with `.` between.
pub(super) fn path(segments: &[Node<String>]) -> String {
    segments.iter().map(|name| segment(&name.value)).collect::<Vec<_>>().join(".")
}

pub(super) fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Str { value, raw: true } if can_be_raw(value) => format!("\"\"\"{value}\"\"\""),
        Literal::Str { value, .. } => quote(value),
    }
}
