//! The values of an event, each with its dotted name.

use serde_json::{Map, Value};

use super::table::Store;

/// The value of a field, or its values where the event has a list.
pub(super) struct Leaf {
    /// The dotted name.
    pub(super) name: String,
    /// Scalars, or one object that is stored as text.
    pub(super) values: Vec<Value>,
    /// Whether the event has a list.
    pub(super) is_list: bool,
    /// Where it stands in lists of objects: how many parts the name has there, and the place in the list.
    pub(super) at: Vec<(usize, usize)>,
}

/// What is still to be looked at: a name, its place in lists, a value.
type Open<'v> = (String, Vec<(usize, usize)>, &'v Value);

/// The values of an event, in its order. What no log writes as a field is left out.
pub(super) fn leaves(fields: &Map<String, Value>, store: &Store) -> Vec<Leaf> {
    let mut found = Vec::new();
    // A stack of our own: an event may be nested deeper than the call stack.
    let outside = ["@timestamp", "logsource"];
    let own = fields.iter().filter(|(name, _)| !outside.contains(&name.as_str()));
    let mut open: Vec<Open<'_>> = own.rev().map(|(name, value)| (name.clone(), Vec::new(), value)).collect();
    while let Some((name, at, value)) = open.pop() {
        match value {
            Value::Null => {}
            Value::Object(_) if store.stores_whole(&name) => {
                found.push(Leaf { name, values: vec![value.clone()], is_list: false, at });
            }
            Value::Object(members) => {
                let below = members.iter().rev();
                open.extend(below.map(|(key, inner)| (format!("{name}.{key}"), at.clone(), inner)));
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let depth = name.split('.').count();
                let inner = items.iter().enumerate().rev().map(|(place, item)| {
                    let mut at = at.clone();
                    at.push((depth, place));
                    (name.clone(), at, item)
                });
                open.extend(inner);
            }
            Value::Array(items) => {
                let values = items.iter().filter(|item| !item.is_null()).cloned().collect();
                found.push(Leaf { name, values, is_list: true, at });
            }
            scalar => found.push(Leaf { name, values: vec![scalar.clone()], is_list: false, at }),
        }
    }
    found
}
