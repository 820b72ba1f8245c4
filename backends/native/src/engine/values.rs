//! Values as they stand in the text of an event.

use std::borrow::Cow;

use eqlc_events::Value;
use eqlc_ir::Literal;
use serde_json::Value as Json;

use super::bits::Bits;
use super::memo::Key;
use super::paths::{FieldId, id};
use crate::reference::values;

/// A value of a field: a range of the text of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) field: FieldId,
    pub(super) shape: Shape,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// What stands between the quotes of a string, escapes as they are.
    Raw,
    /// A text without escapes.
    Plain,
    /// A number or a boolean.
    Scalar,
    /// Null: the field is there and has no value.
    Empty,
    /// The bracket at the start of an object or an array: the field is there; its values stand for themselves.
    Composite,
}

impl Found {
    /// What it is written as.
    #[inline(always)]
    pub(super) fn bytes<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The value, as it is remembered.
    #[inline(always)]
    pub(super) fn key<'a>(&self, text: &'a [u8]) -> Key<'a> {
        Key { field: self.field, shape: self.shape, bytes: self.bytes(text) }
    }

    /// Whether it is a value.
    #[inline(always)]
    pub(super) fn is_value(&self) -> bool {
        matches!(self.shape, Shape::Raw | Shape::Plain | Shape::Scalar)
    }
}

/// The places of the values of some fields, in `places`. Which values these are cannot be foretold, so that nothing is
/// decided on the way.
#[inline(always)]
pub(super) fn of_fields(found: &[Found], fields: &Bits, places: &mut Vec<u32>) {
    places.clear();
    places.resize(found.len(), 0);
    let mut count = 0;
    for (at, found) in found.iter().enumerate() {
        if let Some(place) = places.get_mut(count) {
            *place = id(at);
        }
        count += usize::from(fields.has(found.field.0));
    }
    places.truncate(count);
}

/// The value that is written so; none where there is no value.
pub(super) fn literal(shape: Shape, bytes: &[u8]) -> Option<Literal> {
    match shape {
        Shape::Empty | Shape::Composite => None,
        Shape::Raw => Some(Literal::Str(unescaped(bytes)?.into())),
        Shape::Plain => Some(Literal::Str(std::str::from_utf8(bytes).ok()?.into())),
        Shape::Scalar => {
            let json: Json = serde_json::from_slice(bytes).ok()?;
            Value::of(&json).map(|value| values::literal(&value))
        }
    }
}

/// The text that stands so between the quotes of a string.
pub(super) fn unescaped(raw: &[u8]) -> Option<Cow<'_, str>> {
    if !raw.contains(&b'\\') {
        return std::str::from_utf8(raw).ok().map(Cow::Borrowed);
    }
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).ok().map(Cow::Owned)
}
