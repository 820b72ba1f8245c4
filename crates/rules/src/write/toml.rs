//! A rule as a TOML document in the layout of Elastic's detection rules.

use eqlc_ir::meta::Metadata;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

use super::sections;

/// What [`text`] writes: the metadata with what the layout cannot be without.
#[must_use]
pub fn complete(meta: &Metadata) -> Metadata {
    let mut meta = meta.clone();
    meta.language = Some("eql".to_owned());
    meta.rule_type = Some("eql".to_owned());
    sections::severity(&mut meta);
    if meta.name.trim().is_empty() {
        meta.name = "Rule without a name".to_owned();
    }
    meta
}

/// The document. Read again, it gives [`complete`] and the query.
#[must_use]
pub fn text(meta: &Metadata, query: &str) -> String {
    let mut document = DocumentMut::new();
    for (section, mut keys) in sections::of(&complete(meta)) {
        if let Some(value) = keys.shift_remove("") {
            document.insert(&section, item(value));
        }
        if keys.is_empty() && section != "rule" {
            continue;
        }
        let rule = section == "rule";
        let mut table = Table::new();
        // Tables of their own come after every plain key, the query last among these.
        let (tables, plain): (Vec<_>, Vec<_>) =
            keys.into_iter().map(|(key, value)| (key, item(value))).partition(|(_, item)| !item.is_value());
        for (key, item) in plain {
            table.insert(&key, item);
        }
        if rule {
            table.insert("query", Item::Value(block(query)));
        }
        for (key, item) in tables {
            table.insert(&key, item);
        }
        document.insert(&section, Item::Table(table));
    }
    document.to_string()
}

/// A value in the way documents write it: arrays of tables with a header each, long arrays over several lines.
///
/// The recursion goes no deeper than the depth of values that readers allow.
fn item(value: Value) -> Item {
    match value {
        Value::Array(array) if !array.is_empty() && array.iter().all(Value::is_inline_table) => {
            let mut tables = ArrayOfTables::new();
            for value in array {
                if let Value::InlineTable(table) = value {
                    tables.push(table.into_iter().map(|(key, value)| (key, item(value))).collect());
                }
            }
            Item::ArrayOfTables(tables)
        }
        Value::InlineTable(table) if !table.is_empty() => {
            Item::Table(table.into_iter().map(|(key, value)| (key, item(value))).collect())
        }
        Value::Array(array) => Item::Value(lines(array)),
        Value::String(text) => Item::Value(paragraph(text.value())),
        mut other => {
            other.decor_mut().clear();
            Item::Value(other)
        }
    }
}

/// An array too long for a line has an element a line.
fn lines(mut array: Array) -> Value {
    array.decor_mut().clear();
    const WIDTH: usize = 100;
    if array.to_string().len() > WIDTH && array.len() > 1 {
        array.iter_mut().for_each(|value| value.decor_mut().set_prefix("\n    "));
        array.set_trailing("\n");
        array.set_trailing_comma(true);
    }
    Value::Array(array)
}

/// Text of several lines starts on a line of its own.
fn paragraph(text: &str) -> Value {
    let plain = Value::from(text);
    if !text.contains('\n') {
        return plain;
    }
    let escaped = text.replace('\\', "\\\\").replace("\"\"\"", "\"\"\\\"");
    exactly(&format!("\"\"\"\n{escaped}\"\"\""), text).unwrap_or(plain)
}

/// The query between `'''`, where nothing is an escape, if it can stand there.
fn block(query: &str) -> Value {
    exactly(&format!("'''\n{query}'''"), query).unwrap_or_else(|| paragraph(query))
}

/// A way to write a text, if it is one.
fn exactly(written: &str, text: &str) -> Option<Value> {
    let value = written.parse::<Value>().ok()?;
    (value.as_str() == Some(text)).then_some(value)
}
