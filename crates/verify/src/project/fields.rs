//! The values of an event by dotted path.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value;

use super::{NotRecordable, inexpressible};

/// All values of an event as text. Nested objects, dotted keys and both together are the same; arrays are
/// flattened; `null` is no value.
///
/// Events are read for each target and circumstance: their paths and values stand in one text.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: String,
    /// In the order of the paths, those of one path in the order of the event.
    entries: Vec<Entry>,
}

/// One value: where it stands in the text, and its path.
#[derive(Clone, Debug)]
struct Entry {
    path: Range<usize>,
    value: Range<usize>,
}

impl Fields {
    /// The fields of an event.
    ///
    /// # Errors
    /// The event is no object.
    pub(super) fn read(event: &Value) -> Result<Self, NotRecordable> {
        if !event.is_object() {
            return Err(inexpressible("the event is no object"));
        }
        let mut fields = Self::default();
        // A stack of our own: an event may be nested deeper than the call stack.
        let mut open = vec![(0..0, event)];
        while let Some((path, value)) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items.iter().rev().map(|item| (path.clone(), item))),
                Value::Object(members) => {
                    for (key, member) in members.iter().rev() {
                        let inner = fields.below_path(&path, key);
                        open.push((inner, member));
                    }
                }
                leaf => fields.push(path, leaf),
            }
        }
        let Self { text, entries } = &mut fields;
        let path = |entry: &Entry| text.get(entry.path.clone()).unwrap_or_default();
        entries.sort_by(|a, b| path(a).cmp(path(b)));
        Ok(fields)
    }

    /// The same of one field alone.
    ///
    /// # Errors
    /// The event is no object.
    pub(super) fn only(event: &Value, path: &str) -> Result<Self, NotRecordable> {
        if !event.is_object() {
            return Err(inexpressible("the event is no object"));
        }
        let mut fields = Self { text: path.to_owned(), entries: Vec::new() };
        let mut open = vec![(path, event)];
        while let Some((rest, value)) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items.iter().rev().map(|item| (rest, item))),
                Value::Object(members) if !rest.is_empty() => {
                    for (key, member) in members.iter().rev() {
                        let below = rest.strip_prefix(key.as_str());
                        let below = match below {
                            Some("") => below,
                            Some(below) => below.strip_prefix('.').filter(|below| !below.is_empty()),
                            None => None,
                        };
                        open.extend(below.map(|below| (below, member)));
                    }
                }
                Value::Object(_) => {}
                leaf if rest.is_empty() => fields.push(0..path.len(), leaf),
                _ => {}
            }
        }
        Ok(fields)
    }

    /// Writes the path of a member.
    fn below_path(&mut self, above: &Range<usize>, key: &str) -> Range<usize> {
        let start = self.text.len();
        if !above.is_empty() {
            self.text.extend_from_within(above.clone());
            self.text.push('.');
        }
        self.text.push_str(key);
        start..self.text.len()
    }

    fn push(&mut self, path: Range<usize>, leaf: &Value) {
        let start = self.text.len();
        match leaf {
            Value::Bool(truth) => self.text.push_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => {
                // Writing to a text cannot fail.
                let _ = write!(self.text, "{number}");
            }
            Value::String(text) => self.text.push_str(text),
            Value::Null | Value::Array(_) | Value::Object(_) => return,
        }
        let value = start..self.text.len();
        self.entries.push(Entry { path, value });
    }

    fn at(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The entries from the first to the last for which `order` is [`Ordering::Equal`].
    fn found(&self, order: impl Fn(&str) -> Ordering) -> &[Entry] {
        let before = |entry: &Entry| order(self.at(&entry.path)) == Ordering::Less;
        let rest = self.entries.split_at(self.entries.partition_point(before)).1;
        let same = rest.iter().take_while(|entry| order(self.at(&entry.path)) == Ordering::Equal).count();
        rest.split_at(same).0
    }

    /// The values of a field, in the order of the event.
    pub(super) fn all(&self, path: &str) -> Vec<&str> {
        self.found(|own| own.cmp(path)).iter().map(|entry| self.at(&entry.value)).collect()
    }

    /// The value of a field that a source holds once. The same value several times counts as one.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn one(&self, path: &str) -> Result<Option<&str>, NotRecordable> {
        self.single(self.found(|own| own.cmp(path)))
    }

    /// [`Fields::one`] of a part of a thing: of `user.name` these are `user` and `name`.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn part(&self, thing: &str, part: &str) -> Result<Option<&str>, NotRecordable> {
        let path = || thing.bytes().chain(std::iter::once(b'.')).chain(part.bytes());
        self.single(self.found(|own| own.bytes().cmp(path())))
    }

    fn single(&self, entries: &[Entry]) -> Result<Option<&str>, NotRecordable> {
        let Some((first, rest)) = entries.split_first() else { return Ok(None) };
        let value = self.at(&first.value);
        if rest.iter().any(|other| self.at(&other.value) != value) {
            return Err(inexpressible(format!("`{}` has several values", self.at(&first.path))));
        }
        Ok(Some(value))
    }

    /// Like [`Fields::one`], as a truth value.
    ///
    /// # Errors
    /// There are several, or it is neither `true` nor `false`.
    pub(super) fn truth(&self, path: &str) -> Result<Option<bool>, NotRecordable> {
        match self.one(path)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(inexpressible(format!("`{path}` is neither true nor false"))),
        }
    }

    /// Names and values of the fields below a path, in the order of their names.
    pub(super) fn below(&self, path: &str) -> Vec<(&str, Vec<&str>)> {
        let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
        for entry in self.entries_below(path) {
            let name = self.at(&entry.path).split_at_checked(path.len() + 1).map_or("", |(_, name)| name);
            let value = self.at(&entry.value);
            match found.last_mut().filter(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => found.push((name, vec![value])),
            }
        }
        found
    }

    /// Whether any field below the path has a value.
    pub(super) fn knows(&self, path: &str) -> bool {
        !self.entries_below(path).is_empty()
    }

    fn entries_below(&self, path: &str) -> &[Entry] {
        let prefix = || path.bytes().chain(std::iter::once(b'.'));
        self.found(|own| own.bytes().take(path.len() + 1).cmp(prefix()))
    }
}
