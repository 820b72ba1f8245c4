//! `parent_directory`, and functions that need a host.

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

use super::arguments::{failure, result, text};

/// `parent_directory(path)`: what stands before the last backslash, as osquery splits paths everywhere but on Windows,
/// where it splits at slashes. NULL where there is none.
pub(super) fn parent_directory(context: &Context<'_>) -> Result<Value> {
    let path = match context.get_raw(0) {
        ValueRef::Text(_) => text(context, 0).unwrap_or_default(),
        _ => return Err(failure("Invalid inputs to parent_directory, TEXT was expected")),
    };
    let last = path.iter().rposition(|byte| *byte == b'\\');
    Ok(last.and_then(|last| path.get(..last)).map_or(Value::Null, result))
}

/// What looks at the files of the host.
pub(super) fn of_host(_: &Context<'_>) -> Result<Value> {
    Err(failure("a function looks at the files of the host, and there is no host here"))
}

/// `sleep(seconds)`.
pub(super) fn no_sleep(_: &Context<'_>) -> Result<Value> {
    Err(failure("queries are not put to sleep here"))
}
