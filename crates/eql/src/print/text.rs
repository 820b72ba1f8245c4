//! Names and strings.

use std::borrow::Cow;
use std::fmt::Write;

use crate::hidden::is_hidden;
use crate::runs::{is_plain, plain_run};
use crate::token::is_plain_name;

/// A string between `"` with escapes.
pub(crate) fn quote(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    quote_into(&mut text, value);
    text
}

/// Writes a string between `"` with escapes.
pub(super) fn quote_into(text: &mut String, value: &str) {
    text.reserve(value.len() + 2);
    text.push('"');
    if is_plain(value.as_bytes()) {
        text.push_str(value);
    } else {
        escape(text, value);
    }
    text.push('"');
}

fn escape(text: &mut String, value: &str) {
    let mut rest = value;
    loop {
        let run = plain_run(rest.as_bytes());
        let Some((plain, behind)) = rest.split_at_checked(run).filter(|(_, behind)| !behind.is_empty())
        else {
            return text.push_str(rest);
        };
        text.push_str(plain);
        let mut chars = behind.chars();
        chars.next().into_iter().for_each(|c| escape_into(text, c));
        rest = chars.as_str();
    }
}

fn escape_into(text: &mut String, c: char) {
    match c {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        '\u{8}' => text.push_str("\\b"),
        '\t' => text.push_str("\\t"),
        '\n' => text.push_str("\\n"),
        '\u{c}' => text.push_str("\\f"),
        '\r' => text.push_str("\\r"),
        c if is_hidden(c) => {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{{{:02x}}}", u32::from(c));
        }
        c => text.push(c),
    }
}

/// A segment of a field, in back-ticks where it must.
pub(super) fn segment(name: &str) -> Cow<'_, str> {
    if is_plain_name(name) { name.into() } else { format!("`{}`", name.replace('`', "``")).into() }
}
