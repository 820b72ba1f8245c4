//! `regex_match` and `regex_split`.

use regex::bytes::{Regex, RegexBuilder};
use rusqlite::functions::Context;
use rusqlite::types::Value;
use rusqlite::{Error, Result};

use super::arguments::{failure, index, result, text};
use super::ecmascript::{self, Refusal};

/// osquery's `--regex_max_size`, in bytes.
const MAX_PATTERN_BYTES: usize = 256;

/// `regex_match(text, pattern, group)`: the group of the first match anywhere in the text. NULL when an
/// argument is NULL, nothing matches or there is no such group; a group that took no part is empty.
pub(super) fn regex_match(context: &Context<'_>) -> Result<Value> {
    let (Some(input), Some(pattern)) = (text(context, 0), text(context, 1)) else {
        return Ok(Value::Null);
    };
    if matches!(context.get_raw(2), rusqlite::types::ValueRef::Null) {
        return Ok(Value::Null);
    }
    if pattern.len() > MAX_PATTERN_BYTES {
        let message = format!("Invalid regex: too big, max size is {MAX_PATTERN_BYTES} bytes");
        return Err(failure(&message));
    }
    let regex = compile(&pattern)?;
    let Some(found) = regex.captures(&input) else {
        return Ok(Value::Null);
    };
    Ok(match index(context, 2).filter(|group| *group < found.len()) {
        Some(group) => found.get(group).map_or_else(|| result(b""), |group| result(group.as_bytes())),
        None => Value::Null,
    })
}

/// `regex_split(text, pattern, index)`: a piece between matches. An empty piece at the end is dropped.
pub(super) fn regex_split(context: &Context<'_>) -> Result<Value> {
    let (Some(input), Some(pattern)) = (text(context, 0), text(context, 1)) else {
        return Ok(Value::Null);
    };
    if matches!(context.get_raw(2), rusqlite::types::ValueRef::Null) {
        return Ok(Value::Null);
    }
    if pattern.is_empty() {
        return Err(failure("Invalid input to split function"));
    }
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(failure("Invalid regex"));
    }
    let regex = compile(&pattern)?;
    let mut pieces: Vec<&[u8]> = regex.split(&input).collect();
    if pieces.len() > 1 && pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    let piece = index(context, 2).and_then(|wanted| pieces.get(wanted));
    Ok(piece.map_or(Value::Null, |piece| result(piece)))
}

fn compile(pattern: &[u8]) -> Result<Regex, Error> {
    let pattern = std::str::from_utf8(pattern).map_err(|_| failure("Invalid regex"))?;
    let translated = ecmascript::translate(pattern).map_err(|refusal| match refusal {
        Refusal::Invalid => failure("Invalid regex"),
        Refusal::NotHere(what) => {
            failure(&format!("{what} in a regex is valid in osquery but cannot be run here"))
        }
    })?;
    // `crlf` keeps `.` from taking a carriage return, as in ECMAScript.
    RegexBuilder::new(&translated).unicode(false).crlf(true).build().map_err(|_| failure("Invalid regex"))
}
