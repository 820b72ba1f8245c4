//! Events of the Windows event log: the fields that Sigma knows them by, and the log source they are of.
//!
//! An event of this kind is an object `Event` with `System` and `EventData` or `UserData`, as the event log's XML
//! becomes JSON: attributes of an element in `#attributes` beside the text in `#text`. Sigma names its fields
//! without the elements around them (Sigma specification 2.1, "Field Usage"): an attribute of `System` is
//! `Provider_Name`, an entry of the data has its own name, also without blanks.

mod sources;

pub use sources::WindowsSource;

use serde_json::{Map, Value as Json};

const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";

/// What the event says under other names: the fields of Sigma, its time as `@timestamp` and its log source as
/// `logsource.product`, `logsource.category` and `logsource.service`. None for an event of another kind.
///
/// Events with `Channel` and `EventID` beside their data, as tools flatten them, get their log source too.
pub(crate) fn view(fields: &Map<String, Json>) -> Option<Map<String, Json>> {
    let mut found = match fields.get("Event").and_then(Json::as_object) {
        Some(event) => flat(event)?,
        None => Map::new(),
    };
    let named = |name: &str| found.get(name).or_else(|| fields.get(name));
    let channel = named("Channel").and_then(first_text)?.to_owned();
    let id = named("EventID").and_then(number)?;
    let own = |name: &str| named(name).and_then(first_text).map(str::to_owned);
    let source = sources::of(&channel, id, own);
    for (from, to) in source.fields {
        if let Some(value) = found.get(from).or_else(|| fields.get(from)).cloned() {
            add(&mut found, to, value);
        }
    }
    let texts = |list: Vec<&str>| Json::Array(list.into_iter().map(Json::from).collect());
    if !fields.contains_key("logsource") {
        found.insert("logsource.product".to_owned(), Json::from("windows"));
        found.insert("logsource.category".to_owned(), texts(source.categories));
        found.insert("logsource.service".to_owned(), texts(source.services));
    }
    Some(found)
}

/// The fields of the XML; none without a `System`.
fn flat(event: &Map<String, Json>) -> Option<Map<String, Json>> {
    let mut found = Map::new();
    for (name, value) in event.get("System")?.as_object()? {
        element(&mut found, name, value);
    }
    if let Some(time) = found.get("TimeCreated_SystemTime").cloned() {
        found.insert("@timestamp".to_owned(), time);
    }
    if let Some(Json::Object(data)) = event.get("EventData") {
        entries(&mut found, data);
    }
    // Beside its attributes the element holds one, of a name of its own, with the entries.
    if let Some(Json::Object(data)) = event.get("UserData") {
        for (name, value) in data.iter().filter(|(name, _)| *name != ATTRIBUTES) {
            match value {
                Json::Object(inner) => entries(&mut found, inner),
                other => element(&mut found, name, other),
            }
        }
    }
    Some(found)
}

fn entries(found: &mut Map<String, Json>, data: &Map<String, Json>) {
    for (name, value) in data.iter().filter(|(name, _)| *name != ATTRIBUTES) {
        element(found, name, value);
    }
}

/// An element by its name: its text, its attributes as `Name_Attribute`, and elements inside it by their own
/// names. Events nest by a few levels; below that elements are left out.
fn element(found: &mut Map<String, Json>, name: &str, value: &Json) {
    nested(found, name, value, 8);
}

fn nested(found: &mut Map<String, Json>, name: &str, value: &Json, levels: usize) {
    let Some(below) = levels.checked_sub(1) else { return };
    let plain: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    match value {
        Json::Object(inner) => {
            if let Some(Json::Object(attributes)) = inner.get(ATTRIBUTES) {
                for (attribute, value) in attributes {
                    add(found, &format!("{plain}_{attribute}"), value.clone());
                }
            }
            if let Some(text) = inner.get(TEXT) {
                add(found, &plain, text.clone());
            }
            for (name, value) in inner.iter().filter(|(name, _)| !name.starts_with('#')) {
                nested(found, name, value, below);
            }
        }
        Json::Array(items) if items.iter().any(Json::is_object) => {
            items.iter().for_each(|item| nested(found, name, item, below));
        }
        leaf => {
            if plain != name {
                add(found, name, leaf.clone());
            }
            add(found, &plain, leaf.clone());
        }
    }
}

/// Adds a value beside those that the name has.
fn add(found: &mut Map<String, Json>, name: &str, value: Json) {
    match found.get_mut(name) {
        None => {
            found.insert(name.to_owned(), value);
        }
        Some(Json::Array(list)) => list.push(value),
        Some(other) => {
            let before = std::mem::take(other);
            *other = Json::Array(vec![before, value]);
        }
    }
}

fn first_text(value: &Json) -> Option<&str> {
    match value {
        Json::String(text) => Some(text),
        Json::Array(items) => items.iter().find_map(Json::as_str),
        _ => None,
    }
}

fn number(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.parse().ok(),
        Json::Array(items) => items.iter().find_map(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
