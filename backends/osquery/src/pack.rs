//! Query packs.

use eqlc_ir::Rule;
use serde_json::{Map, Value, json};
use sqlparser::ast::Query;

use crate::schedule;

/// A pack with the one query of a rule: its text on one line, how often it runs in seconds, its platform.
///
/// Rows of events are new by themselves, so `removed` is off.
pub(crate) fn text(rule: &Rule, query: &Query, platform: &str) -> String {
    let mut entry = Map::new();
    entry.insert("query".to_owned(), Value::String(query.to_string()));
    entry.insert("interval".to_owned(), json!(schedule::interval_s(&rule.meta)));
    entry.insert("removed".to_owned(), json!(false));
    entry.insert("platform".to_owned(), json!(platform));
    let description = rule.meta.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let name = Some(rule.meta.name.as_str()).filter(|name| !name.is_empty());
    if let Some(text) = description.or(name) {
        entry.insert("description".to_owned(), json!(text));
    }
    let mut queries = Map::new();
    queries.insert(slug(rule), Value::Object(entry));
    let pack = json!({ "platform": platform, "queries": queries });
    // Maps with text keys always have a form in JSON.
    serde_json::to_string_pretty(&pack).unwrap_or_default()
}

/// The name of the query: of the rule's name, else of its id, in letters, digits and `_`. Results of osquery
/// carry it.
fn slug(rule: &Rule) -> String {
    let source = if rule.meta.name.is_empty() { &rule.id } else { &rule.meta.name };
    let mut slug = String::with_capacity(source.len());
    for c in source.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "rule".to_owned() } else { slug.to_owned() }
}
