//! Arguments as osquery's C++ reads them.

use rusqlite::Error;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

/// The argument as bytes of text, ending at the first NUL as a C string does; none for NULL and for an
/// argument that is not there.
pub(super) fn text(context: &Context<'_>, place: usize) -> Option<Vec<u8>> {
    if place >= context.len() {
        return None;
    }
    let mut bytes = match context.get_raw(place) {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => format!("{number:?}").into_bytes(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
    };
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    Some(bytes)
}

/// The argument if it is text and nothing else.
pub(super) fn only_text(context: &Context<'_>, place: usize) -> Option<String> {
    if place >= context.len() || !matches!(context.get_raw(place), ValueRef::Text(_)) {
        return None;
    }
    text(context, place).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The argument as the index of a list; none for NULL and for what is no index of any list.
pub(super) fn index(context: &Context<'_>, place: usize) -> Option<usize> {
    let number = match context.get_raw(place) {
        ValueRef::Integer(number) => number,
        ValueRef::Real(number) => number as i64,
        ValueRef::Text(bytes) => leading_number(bytes),
        ValueRef::Blob(_) => 0,
        ValueRef::Null => return None,
    };
    usize::try_from(number).ok()
}

/// SQLite takes the digits in front of a text for its number.
fn leading_number(bytes: &[u8]) -> i64 {
    let digits: String =
        bytes.iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
    digits.parse().unwrap_or(0)
}

/// Bytes as a result.
pub(super) fn result(bytes: &[u8]) -> Value {
    Value::Text(String::from_utf8_lossy(bytes).into_owned())
}

/// The error that makes the query fail.
pub(super) fn failure(message: &str) -> Error {
    Error::UserFunctionError(message.into())
}
