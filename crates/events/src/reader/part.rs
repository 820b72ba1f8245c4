//! The part of an event that holds one field.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::object;
use crate::{Event, view};

/// An event that has the values of one field as the whole event has them ([`Event::values`]); what else it has is not
/// told. Most of the text is passed over, which takes a fraction of the time that reading it does.
///
/// # Errors
/// As [`object()`].
pub fn event_of_field(bytes: &[u8], path: &str) -> Result<Event<'static>, String> {
    let fields = match part(bytes, path) {
        Some(part) if !view::values(&part, path).is_empty() => part,
        // Malformed, or one of an event log, whose fields have other names too.
        _ => object(bytes)?,
    };
    Ok(Event::new(fields, 0, 1))
}

/// The members that can hold the field; none if the bytes are not plainly an object.
fn part(bytes: &[u8], path: &str) -> Option<Map<String, Json>> {
    // Texts that are passed over are not looked at for it.
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let part = Members { path }.deserialize(&mut reader).ok()?;
    reader.end().ok().map(|()| part)
}

struct Members<'a> {
    path: &'a str,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Map<String, Json>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Map<String, Json>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Map::new();
        while let Some(wanted) = members.next_key_seed(Key { path: self.path })? {
            match wanted {
                Some(key) => drop(found.insert(key.to_owned(), members.next_value()?)),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// A key, as the start of the path that it is; none of another.
struct Key<'a> {
    path: &'a str,
}

impl<'de, 'a> DeserializeSeed<'de> for Key<'a> {
    type Value = Option<&'a str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Key<'a> {
    type Value = Option<&'a str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let rest = self.path.strip_prefix(key);
        let starts = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        Ok(self.path.get(..key.len()).filter(|_| starts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the part beside those of the whole event.
    #[track_caller]
    fn same(text: &str, path: &str) {
        let of =
            |event: Event| event.values(path).iter().map(|value| format!("{value:?}")).collect::<Vec<_>>();
        let whole = object(text.as_bytes()).map(|fields| of(Event::new(fields, 0, 1)));
        assert_eq!(event_of_field(text.as_bytes(), path).map(of), whole, "{path} of {text}");
    }

    #[test]
    fn a_part_has_the_values_of_the_whole() {
        let texts = [
            r#"{"a": {"b": {"c": 1}}, "a.b": {"c": [2, null]}, "a.b.c": "3", "a.bc": 4, "x": [{"a": 5}]}"#,
            r#"{"a": 1, "b": 2, "a": 3, "\u0061": {"b": 4}}"#,
            r#"{"a": {"b": 1}, "a": null}"#,
            "{}",
            "[]",
            "1",
            r#"{"a": 1"#,
            r#"{"a": 1} x"#,
            r#"{"b": tru, "a": 1}"#,
            r##"{"Event": {"System": {"Channel": "Security", "EventID": 1,
                "TimeCreated": {"#attributes": {"SystemTime": "2020-01-01T00:00:00Z"}}}}}"##,
        ];
        for text in texts {
            for path in ["a", "a.b", "a.b.c", "b", "", ".", "@timestamp", "Event.System.EventID"] {
                same(text, path);
            }
        }
    }
}
