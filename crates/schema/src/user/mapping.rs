//! Mappings of Elasticsearch.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Reader;

/// Objects inside objects that are followed; Elasticsearch allows 20.
const MAX_DEPTH: usize = 32;

/// Reads the text of a reader as JSON.
pub(super) fn read(reader: &mut Reader<'_>) {
    let value: Value = match serde_json::from_str(reader.text) {
        Ok(value) => value,
        Err(error) => {
            let at = reader.offset(error.line(), error.column());
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default().to_owned();
            return reader.refuse(format!("the schema is no JSON: {what}"), at, "here");
        }
    };
    let Some(root) = value.as_object() else { return };
    let name = reader.fields.names.first().cloned().unwrap_or_default();
    let before = reader.diagnostics.len();
    let mut indices = 0;
    for (index, mappings) in bodies(root, &name) {
        indices += 1;
        let mut found = Found::default();
        for section in ["properties", "runtime"] {
            if let Some(properties) = mappings.get(section).and_then(Value::as_object) {
                found.properties(reader, properties, "", 0);
            }
        }
        found.give(reader, index);
    }
    if indices == 0 && reader.diagnostics.len() == before {
        let message = "the schema has no `mappings` and no `properties`".to_owned();
        reader.refuse(message, 0, "a mapping of Elasticsearch is expected");
    }
}

/// The mappings in an answer, each with its index.
fn bodies<'v>(root: &'v Map<String, Value>, name: &'v str) -> Vec<(&'v str, &'v Map<String, Value>)> {
    if let Some(mappings) = root.get("mappings").and_then(Value::as_object) {
        return vec![(name, mappings)];
    }
    if root.get("properties").is_some_and(Value::is_object) {
        return vec![(name, root)];
    }
    let of_index =
        |(index, value): (&'v String, &'v Value)| Some((index.as_str(), value.get("mappings")?.as_object()?));
    root.iter().filter_map(of_index).collect()
}

/// The fields of one index.
#[derive(Default)]
struct Found {
    types: BTreeMap<String, String>,
    aliases: Vec<(String, String)>,
}

impl Found {
    fn properties(
        &mut self,
        reader: &mut Reader<'_>,
        properties: &Map<String, Value>,
        prefix: &str,
        depth: usize,
    ) {
        for (name, field) in properties {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match field.as_object() {
                Some(field) => self.field(reader, field, &path, depth),
                None => {
                    let at = reader.text.find(name.as_str()).unwrap_or(0);
                    reader.refuse(format!("the mapping of `{path}` is no object"), at, "named here");
                }
            }
        }
    }

    fn field(&mut self, reader: &mut Reader<'_>, field: &Map<String, Value>, path: &str, depth: usize) {
        let sub_fields = field.get("properties").and_then(Value::as_object);
        let mapping = field.get("type").and_then(Value::as_str).unwrap_or("object");
        match (mapping, sub_fields) {
            // What stands in nested documents cannot be tested (`eql-semantics.md` §3), neither can they.
            ("nested", _) => self.put(path, "nested"),
            (_, Some(properties)) if depth < MAX_DEPTH => {
                self.properties(reader, properties, path, depth + 1);
            }
            ("alias", _) => {
                let target = field.get("path").and_then(Value::as_str).unwrap_or_default();
                self.aliases.push((path.to_owned(), target.to_owned()));
            }
            (mapping, _) => {
                reader.check_type(path, mapping);
                self.put(path, mapping);
            }
        }
        let Some(multi) = field.get("fields").and_then(Value::as_object) else { return };
        for (name, sub) in multi {
            if let Some(mapping) = sub.get("type").and_then(Value::as_str) {
                let path = format!("{path}.{name}");
                reader.check_type(&path, mapping);
                self.put(&path, mapping);
            }
        }
    }

    fn put(&mut self, path: &str, mapping: &str) {
        self.types.insert(path.to_owned(), mapping.to_owned());
    }

    /// An alias has the type of its target, in this index or among the fields known otherwise.
    fn give(self, reader: &mut Reader<'_>, index: &str) {
        for (alias, target) in &self.aliases {
            let known = crate::Schema::ecs().field(target).map(|info| info.mapping);
            match self.types.get(target).map(String::as_str).or(known) {
                Some(mapping) => reader.fields.add(alias, mapping, index),
                None => {
                    let at = reader.text.find(alias.rsplit('.').next().unwrap_or(alias)).unwrap_or(0);
                    let message = format!("`{alias}` is an alias of `{target}`, which the mapping lacks");
                    reader.refuse(message, at, "the alias");
                }
            }
        }
        for (path, mapping) in &self.types {
            reader.fields.add(path, mapping, index);
        }
    }
}
