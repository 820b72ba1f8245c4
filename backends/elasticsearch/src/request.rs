//! The body of an `_eql/search` request.

use eqlc_ir::Metadata;
use serde_json::{Map, Value, json};

/// The body: the query and what the rule's schedule says about window, size and fields.
pub(crate) fn body(query: &str, meta: &Metadata) -> String {
    let mut body = Map::new();
    body.insert("query".to_owned(), Value::String(query.trim_end().to_owned()));
    let timestamp = meta.timestamp_field.as_deref().unwrap_or("@timestamp");
    if let Some(from) = &meta.from {
        let to = meta.to.as_deref().unwrap_or("now");
        body.insert("filter".to_owned(), json!({ "range": { timestamp: { "gte": from, "lte": to } } }));
    }
    if let Some(size) = meta.max_signals {
        body.insert("size".to_owned(), json!(size));
    }
    for (name, field) in [
        ("timestamp_field", &meta.timestamp_field),
        ("event_category_field", &meta.event_category_override),
        ("tiebreaker_field", &meta.tiebreaker_field),
    ] {
        if let Some(field) = field {
            body.insert(name.to_owned(), json!(field));
        }
    }
    // An object of strings and numbers always serialises.
    let mut text = serde_json::to_string_pretty(&Value::Object(body)).unwrap_or_default();
    text.push('\n');
    text
}

/// The query of a body.
pub(crate) fn query(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let mut query = body.get("query")?.as_str()?.to_owned();
    query.push('\n');
    Some(query)
}
