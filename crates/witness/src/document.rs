//! Events as JSON.

use serde_json::{Map, Value as Json};

/// Puts a value at a path, as nested objects; under the whole path as one key where something else stands on the way.
/// Null puts nothing.
pub(crate) fn put(document: &mut Map<String, Json>, path: &str, value: Json) {
    if value.is_null() {
        return;
    }
    if !nest(document, path, &value) {
        document.insert(path.to_owned(), value);
    }
}

fn nest(document: &mut Map<String, Json>, path: &str, value: &Json) -> bool {
    match path.split_once('.') {
        None => {
            if document.get(path).is_some_and(Json::is_object) {
                return false;
            }
            document.insert(path.to_owned(), value.clone());
            true
        }
        Some((head, rest)) => {
            let inner = document.entry(head).or_insert_with(|| Json::Object(Map::new()));
            inner.as_object_mut().is_some_and(|inner| nest(inner, rest, value))
        }
    }
}

/// Whether something stands at a path or above or below it.
pub(crate) fn touches(path: &str, other: &str) -> bool {
    let below =
        |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    below(path, other) || below(other, path)
}
