//! From a path to values.

use std::fmt;

use serde_json::{Map, Value as Json};

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'event> {
    /// true or false.
    Bool(bool),
    /// A whole number, written without fraction and exponent.
    Int(i128),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    Str(&'event str),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Str(text) => f.write_str(text),
        }
    }
}

/// What of a path is still to be found below a node: nothing at a value.
type Rest<'path> = Option<&'path str>;

/// See [`crate::Event::values`].
pub(crate) fn values<'event>(fields: &'event Map<String, Json>, path: &str) -> Vec<Value<'event>> {
    let mut found = Vec::new();
    each(fields, path, |element| found.extend(Value::of(element)));
    found
}

/// See [`crate::Event::elements`]. The stack is a list, not the call stack: events may nest as they like.
///
/// Each node of the event is visited at most once, for the keys above it spell one path only.
pub(crate) fn elements<'event>(fields: &'event Map<String, Json>, path: &str) -> Vec<&'event Json> {
    let mut found = Vec::new();
    each(fields, path, |element| found.push(element));
    found
}

fn each<'event>(fields: &'event Map<String, Json>, path: &str, mut found: impl FnMut(&'event Json)) {
    let mut todo: Vec<(&Json, Rest)> = Vec::new();
    push_members(fields, path, &mut todo);
    while let Some((node, rest)) = todo.pop() {
        match (node, rest) {
            (Json::Array(items), rest) => todo.extend(items.iter().rev().map(|item| (item, rest))),
            (Json::Object(inner), Some(rest)) => push_members(inner, rest, &mut todo),
            (Json::Null, _) | (_, Some(_)) => {}
            (element, None) => found(element),
        }
    }
}

/// See [`crate::Event::has`].
pub(crate) fn has(fields: &Map<String, Json>, path: &str) -> bool {
    let mut todo: Vec<(&Json, Rest)> = Vec::new();
    push_members(fields, path, &mut todo);
    while let Some((node, rest)) = todo.pop() {
        match (node, rest) {
            (_, None) => return true,
            (Json::Array(items), rest) => todo.extend(items.iter().map(|item| (item, rest))),
            (Json::Object(inner), Some(rest)) => push_members(inner, rest, &mut todo),
            (_, Some(_)) => {}
        }
    }
    false
}

/// What is left of a number without the values there are; none where there are more.
pub(crate) fn less(fields: &Map<String, Json>, mut number: usize) -> Option<usize> {
    let mut todo: Vec<&Json> = fields.values().collect();
    while let Some(node) = todo.pop() {
        match node {
            Json::Array(items) => todo.extend(items),
            Json::Object(inner) => todo.extend(inner.values()),
            _ => number = number.checked_sub(1)?,
        }
    }
    Some(number)
}

/// See [`crate::Event::all_values`].
pub(crate) fn all(fields: &Map<String, Json>) -> Vec<Value<'_>> {
    let mut found = Vec::new();
    let mut todo: Vec<&Json> = fields.values().rev().collect();
    while let Some(node) = todo.pop() {
        match node {
            Json::Array(items) => todo.extend(items.iter().rev()),
            Json::Object(inner) => todo.extend(inner.values().rev()),
            leaf => found.extend(Value::of(leaf)),
        }
    }
    found
}

/// Every member whose key is the path or a part of it up to a dot; the shortest key ends on top.
fn push_members<'event, 'path>(
    fields: &'event Map<String, Json>,
    path: &'path str,
    todo: &mut Vec<(&'event Json, Rest<'path>)>,
) {
    if fields.len() <= MAX_SCANNED {
        return scan_members(fields, path, todo);
    }
    if let Some(node) = fields.get(path) {
        todo.push((node, None));
    }
    for (dot, _) in path.rmatch_indices('.') {
        let Some((key, rest)) = path.split_at_checked(dot) else { continue };
        if let Some(node) = fields.get(key) {
            todo.push((node, rest.strip_prefix('.')));
        }
    }
}

/// Objects with at most so many members are looked through, which takes less time than to hash each part of a path.
const MAX_SCANNED: usize = 24;

/// [`push_members`] by looking at every member.
fn scan_members<'event, 'path>(
    fields: &'event Map<String, Json>,
    path: &'path str,
    todo: &mut Vec<(&'event Json, Rest<'path>)>,
) {
    let first = todo.len();
    for (key, node) in fields {
        match path.strip_prefix(key.as_str()) {
            Some("") => todo.push((node, None)),
            Some(rest) => todo.extend(rest.strip_prefix('.').map(|rest| (node, Some(rest)))),
            None => {}
        }
    }
    if let Some(several @ [_, _, ..]) = todo.get_mut(first..) {
        several.sort_by_key(|(_, rest)| rest.map(str::len));
    }
}

impl<'event> Value<'event> {
    /// The value that JSON is; none for null and for what holds values.
    #[must_use]
    pub fn of(leaf: &'event Json) -> Option<Self> {
        match leaf {
            Json::Bool(value) => Some(Self::Bool(*value)),
            Json::Number(number) => number
                .as_i64()
                .map(|value| Self::Int(value.into()))
                .or_else(|| number.as_u64().map(|value| Self::Int(value.into())))
                .or_else(|| number.as_f64().map(Self::Float)),
            Json::String(text) => Some(Self::Str(text)),
            Json::Null | Json::Array(_) | Json::Object(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;
    use serde_json::json;

    #[track_caller]
    fn shown(event: Json, path: &str) -> String {
        let event = Event::from_json(event, 0).unwrap();
        event.values(path).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_path_is_nested_dotted_or_mixed() {
        for event in [
            json!({"a": {"b": {"c": 1}}}),
            json!({"a.b.c": 1}),
            json!({"a.b": {"c": 1}}),
            json!({"a": {"b.c": 1}}),
        ] {
            assert_eq!(shown(event.clone(), "a.b.c"), "1", "{event}");
            assert_eq!(shown(event.clone(), "a.b"), "", "{event}");
            assert_eq!(shown(event, "a.b.c.d"), "");
        }
        assert_eq!(shown(json!({"a": {"b": 1}, "a.b": [2, 3]}), "a.b"), "1 2 3");
    }

    #[test]
    fn arrays_are_flattened_and_nulls_dropped() {
        assert_eq!(shown(json!({"a": [{"b": 1}, {"b": [2, null, [3]]}, 4]}), "a.b"), "1 2 3");
        assert_eq!(shown(json!({"a": [[{"b": "x"}], {"c": 1}]}), "a.b"), "x");
        assert_eq!(shown(json!({"a": ["x", "x"]}), "a"), "x x");
    }

    #[test]
    fn null_empty_and_absent_are_no_value() {
        for a in [json!(null), json!([]), json!([null]), json!([[], [null]]), json!({}), json!({"b": 1})] {
            assert_eq!(shown(json!({"a": a}), "a"), "");
        }
        assert_eq!(shown(json!({}), "a"), "");
        assert_eq!(shown(json!({"a": 1}), ""), "");
        assert_eq!(shown(json!({"a": ""}), "a").len(), 0);
        assert_eq!(Event::from_json(json!({"a": ""}), 0).unwrap().values("a"), [Value::Str("")]);
    }

    #[test]
    fn values_keep_their_type() {
        let event = Event::from_json(json!({"a": [true, -1, u64::MAX, 1.0, "1"]}), 0).unwrap();
        assert_eq!(
            event.values("a"),
            [
                Value::Bool(true),
                Value::Int(-1),
                Value::Int(u64::MAX.into()),
                Value::Float(1.0),
                Value::Str("1")
            ]
        );
    }

    #[test]
    fn a_field_is_there_whatever_it_holds() {
        let has = |event: Json, path: &str| Event::from_json(event, 0).unwrap().has(path);
        for a in [json!(null), json!([]), json!({}), json!({"b": 1}), json!(""), json!(0)] {
            assert!(has(json!({"a": a}), "a"), "{a}");
        }
        assert!(has(json!({"a": [{"b": null}]}), "a.b"));
        assert!(has(json!({"a.b": null}), "a.b"));
        assert!(!has(json!({"a": {"b": 1}}), "a.c"));
        assert!(!has(json!({"a": null}), "a.b"));
        assert!(!has(json!({}), "a"));
    }

    #[test]
    fn all_values_are_those_of_every_field() {
        let event = json!({"a": {"b": [1, null, ["x", {"c": true}]]}, "d.e": 1.5, "f": {}});
        let event = Event::from_json(event, 0).unwrap();
        let shown: Vec<String> = event.all_values().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["1", "x", "true", "1.5"]);
    }

    #[test]
    fn values_are_counted_up_to_a_number() {
        let event = json!({"a": {"b": [1, null, ["x", {"c": true}]]}, "d.e": 1.5, "f": {}, "g": []});
        let event = Event::from_json(event, 0).unwrap();
        assert!(event.has_at_most(5) && event.has_at_most(100));
        assert!(!event.has_at_most(4) && !event.has_at_most(0));
    }

    #[test]
    fn odd_paths_and_keys_are_taken_as_they_are() {
        assert_eq!(shown(json!({"a..b": 1}), "a..b"), "1");
        assert_eq!(shown(json!({"a": {"": {"b": 2}}}), "a..b"), "2");
        assert_eq!(shown(json!({".a": 3}), ".a"), "3");
        assert_eq!(shown(json!({"ä": {"ö": 4}}), "ä.ö"), "4");
    }

    #[test]
    fn deep_nesting_needs_no_call_stack() {
        let mut deep = json!("end");
        for _ in 0..500 {
            deep = Json::Array(vec![deep]);
        }
        assert_eq!(shown(json!({"a": deep}), "a"), "end");
    }
}
