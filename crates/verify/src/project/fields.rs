//! The values of an event by dotted path.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{NotRecordable, inexpressible};

/// All values of an event as text. Nested objects, dotted keys and both together are the same; arrays are
/// flattened; `null` is no value.
#[derive(Debug, Default)]
pub(super) struct Fields {
    values: BTreeMap<String, Vec<String>>,
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
        let mut open = vec![(String::new(), event)];
        while let Some((path, value)) = open.pop() {
            match value {
                Value::Null => {}
                Value::Bool(truth) => fields.push(path, truth.to_string()),
                Value::Number(number) => fields.push(path, number.to_string()),
                Value::String(text) => fields.push(path, text.clone()),
                Value::Array(items) => open.extend(items.iter().rev().map(|item| (path.clone(), item))),
                Value::Object(members) => {
                    for (key, member) in members.iter().rev() {
                        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                        open.push((inner, member));
                    }
                }
            }
        }
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
        let mut fields = Self::default();
        let mut open = vec![(path, event)];
        while let Some((rest, value)) = open.pop() {
            match value {
                Value::Null => {}
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
                _ if !rest.is_empty() => {}
                Value::Bool(truth) => fields.push(path.to_owned(), truth.to_string()),
                Value::Number(number) => fields.push(path.to_owned(), number.to_string()),
                Value::String(text) => fields.push(path.to_owned(), text.clone()),
            }
        }
        Ok(fields)
    }

    fn push(&mut self, path: String, value: String) {
        self.values.entry(path).or_default().push(value);
    }

    /// The values of a field, in the order of the event.
    pub(super) fn all(&self, path: &str) -> &[String] {
        self.values.get(path).map_or(&[], Vec::as_slice)
    }

    /// The value of a field that a source holds once. The same value several times counts as one.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn one(&self, path: &str) -> Result<Option<&str>, NotRecordable> {
        let values = self.all(path);
        match values.split_first() {
            Some((first, rest)) if rest.iter().any(|other| other != first) => {
                Err(inexpressible(format!("`{path}` has several values")))
            }
            Some((first, _)) => Ok(Some(first)),
            None => Ok(None),
        }
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
    pub(super) fn below<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a str, &'a [String])> {
        let prefix = format!("{path}.");
        self.values.range(prefix.clone()..).map_while(move |(name, values)| {
            name.strip_prefix(prefix.as_str()).map(|name| (name, values.as_slice()))
        })
    }

    /// Whether any field below the path has a value.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }
}
