//! A list of fields in YAML.

use serde_yaml::{Mapping, Value};

use super::Reader;

/// Groups inside groups that are followed.
const MAX_DEPTH: usize = 32;

/// Reads the text of a reader as YAML.
pub(super) fn read(reader: &mut Reader<'_>) {
    let value: Value = match serde_yaml::from_str(reader.text) {
        Ok(value) => value,
        Err(error) => {
            let at = error.location().map_or(0, |place| reader.offset(place.line(), place.column()));
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default().to_owned();
            return reader.refuse(format!("the schema is no YAML: {what}"), at, "here");
        }
    };
    match value {
        Value::Mapping(fields) => group(reader, &fields, "", 0),
        Value::Null => {}
        _ => reader.refuse("the schema is no list of `field.path: type`".to_owned(), 0, "starts here"),
    }
}

fn group(reader: &mut Reader<'_>, fields: &Mapping, prefix: &str, depth: usize) {
    for (name, value) in fields {
        let Some(name) = name.as_str() else {
            reader.refuse("a name in the schema is no text".to_owned(), 0, "in this file");
            continue;
        };
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match value {
            Value::String(mapping) => {
                reader.check_type(&path, mapping);
                let index = reader.fields.names.first().cloned().unwrap_or_default();
                reader.fields.add(&path, mapping, &index);
            }
            Value::Mapping(inner) if depth < MAX_DEPTH => group(reader, inner, &path, depth + 1),
            _ => {
                let at = reader.text.find(name).unwrap_or(0);
                reader.refuse(format!("the type of `{path}` is no text"), at, "expected `name: type`");
            }
        }
    }
}
