//! Events that differ in one thing from those that a rule matches.

use eqlc_ir::EventQuery;
use serde_json::{Map, Value as Json, json};

use eqlc_tests::divergence::flatten;

/// The event, and for every field of the query the event with another value there.
pub(crate) fn misses(event: &Json, query: &EventQuery) -> Vec<Json> {
    let mut flat = Map::new();
    flatten(event, "", &mut flat);
    let mut paths: Vec<String> =
        query.filter.fields().into_iter().map(|field| field.path.to_string()).collect();
    paths.sort();
    paths.dedup();
    let mut found = vec![Json::Object(flat.clone())];
    for path in paths {
        let mut without = flat.clone();
        let value = without.remove(&path);
        found.push(Json::Object(without.clone()));
        for other in others(value.as_ref()) {
            let mut changed = without.clone();
            changed.insert(path.clone(), other);
            found.push(Json::Object(changed));
        }
    }
    found
}

fn others(value: Option<&Json>) -> Vec<Json> {
    match value {
        None => vec![json!("x"), json!(""), Json::Null],
        Some(Json::String(text)) => {
            let upper: String = text
                .chars()
                .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect();
            vec![
                json!(upper),
                json!(format!("{text}~")),
                json!(format!("~{text}")),
                json!(format!("{text}\n")),
                json!(""),
                json!([text, "x"]),
            ]
        }
        Some(Json::Number(number)) => {
            vec![json!(number.to_string()), json!(number.as_f64().map_or(0.0, |number| number + 1.0))]
        }
        Some(Json::Bool(value)) => vec![json!(!value), json!(value.to_string())],
        Some(_) => vec![json!("x")],
    }
}
