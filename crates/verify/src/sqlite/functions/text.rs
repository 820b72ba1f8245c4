//! `split`, `concat` and `concat_ws`.

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;

use super::arguments::{failure, index, result, text};

/// `split(text, delimiters, index)`: each byte of `delimiters` splits, empty pieces are dropped, white
/// space around a piece is cut off. NULL when an argument is NULL or there is no such piece.
pub(super) fn split(context: &Context<'_>) -> Result<Value> {
    let (Some(input), Some(delimiters)) = (text(context, 0), text(context, 1)) else {
        return Ok(Value::Null);
    };
    let Some(wanted) = index(context, 2) else {
        return Ok(Value::Null);
    };
    if delimiters.is_empty() {
        return Err(failure("Invalid input to split function"));
    }
    let mut pieces = input.split(|byte| delimiters.contains(byte)).filter(|piece| !piece.is_empty());
    Ok(pieces.nth(wanted).map_or(Value::Null, |piece| result(trimmed(piece))))
}

fn trimmed(piece: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let mut rest = piece;
    while let Some((first, behind)) = rest.split_first().filter(|(first, _)| is_space(first)) {
        let _ = first;
        rest = behind;
    }
    while let Some((_, before)) = rest.split_last().filter(|(last, _)| is_space(last)) {
        rest = before;
    }
    rest
}

/// `concat(…)`: the texts one after the other, NULL left out. NULL without arguments.
pub(super) fn concat(context: &Context<'_>) -> Result<Value> {
    Ok(joined(context, b"", 0))
}

/// `concat_ws(separator, …)`: like `concat` with a separator, which also stands behind the last text when
/// only NULL follows it.
pub(super) fn concat_ws(context: &Context<'_>) -> Result<Value> {
    if context.is_empty() {
        return Err(failure("Missing separator to concat_ws"));
    }
    let separator = text(context, 0).unwrap_or_default();
    Ok(joined(context, &separator, 1))
}

fn joined(context: &Context<'_>, separator: &[u8], first: usize) -> Value {
    if context.len() <= first {
        return Value::Null;
    }
    let mut output = Vec::new();
    for place in first..context.len() {
        if let Some(piece) = text(context, place) {
            output.extend(piece);
            if place.saturating_add(1) < context.len() {
                output.extend_from_slice(separator);
            }
        }
    }
    result(&output)
}
