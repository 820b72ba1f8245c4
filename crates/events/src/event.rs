//! One event.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::{Value, view, windows};

/// One event: a JSON object, its own or one that stands elsewhere, and where it stood in its input. Nothing is assumed of
/// what is in the object.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'e> {
    fields: Cow<'e, Map<String, Json>>,
    /// What is in the object under the names that rules know it by.
    known: Option<Box<Map<String, Json>>>,
    ordinal: usize,
    line: usize,
}

impl Event<'static> {
    /// An event. `ordinal` is its place among the events of its input, from 0; `line` the line of the input
    /// where it starts, from 1.
    #[must_use]
    pub fn new(fields: Map<String, Json>, ordinal: usize, line: usize) -> Self {
        Self::of(Cow::Owned(fields), ordinal, line)
    }

    /// The event of a JSON value; none if it is no object.
    #[must_use]
    pub fn from_json(value: Json, ordinal: usize) -> Option<Self> {
        match value {
            Json::Object(fields) => Some(Self::new(fields, ordinal, ordinal.saturating_add(1))),
            _ => None,
        }
    }
}

impl<'e> Event<'e> {
    /// The event of a JSON value that stands elsewhere; none if it is no object.
    #[must_use]
    pub fn borrowed(value: &'e Json, ordinal: usize) -> Option<Self> {
        let fields = value.as_object()?;
        Some(Self::of(Cow::Borrowed(fields), ordinal, ordinal.saturating_add(1)))
    }

    fn of(fields: Cow<'e, Map<String, Json>>, ordinal: usize, line: usize) -> Self {
        let known = windows::view(&fields).map(Box::new);
        Self { fields, known, ordinal, line }
    }

    /// The object as it was read.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Json> {
        &self.fields
    }

    /// What the event says under other names than its own, if it is one of the Windows event log.
    #[must_use]
    pub fn known(&self) -> Option<&Map<String, Json>> {
        self.known.as_deref()
    }

    /// The object alone.
    #[must_use]
    pub fn into_fields(self) -> Map<String, Json> {
        self.fields.into_owned()
    }

    /// Its place among the events of its input, from 0: the order of arrival (`eql-semantics.md` §9.2).
    #[must_use]
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The line of the input where it starts, from 1; in an event log the number of its record.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The values of a field, possibly none (`eql-semantics.md` §4.1–4.2).
    ///
    /// The path may stand in the event as nested objects, as a dotted key, or mixed at every level; arrays
    /// are flattened, those of objects too. `null`, `[]`, `[null]`, an object and absence are no value.
    /// Duplicates are kept. The order is that of the event: shorter keys before longer ones.
    ///
    /// An event of the Windows event log has the fields that Sigma names too: `Image` for
    /// `Event.EventData.Image`, `Provider_Name` for the attribute, its log source as `logsource.category`.
    #[must_use]
    pub fn values(&self, path: &str) -> Vec<Value<'_>> {
        let mut found = view::values(&self.fields, path);
        if let Some(known) = &self.known {
            found.extend(view::values(known, path));
        }
        found
    }

    /// The elements of the arrays that stand at a path of the object as it was read, arrays inside arrays opened;
    /// what is no array is an array of one, and null is none. The path as in [`Event::values`].
    #[must_use]
    pub fn elements(&self, path: &str) -> Vec<&Json> {
        view::elements(&self.fields, path)
    }

    /// Whether a field is there, whatever it holds: null, an empty list and an object too. The path as in
    /// [`Event::values`].
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let known = self.known.as_ref().is_some_and(|known| view::has(known, path));
        known || view::has(&self.fields, path)
    }

    /// Whether all fields together have at most so many values, objects aside.
    #[must_use]
    pub fn has_at_most(&self, values: usize) -> bool {
        let known = self.known.as_ref().map_or(Some(values), |known| view::less(known, values));
        known.is_some_and(|left| view::less(&self.fields, left).is_some())
    }

    /// Every value of the event, of whatever field, in the order of the event.
    #[must_use]
    pub fn all_values(&self) -> Vec<Value<'_>> {
        view::all(&self.fields)
    }
}
