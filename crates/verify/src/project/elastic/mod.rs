//! Events that are no records of Windows' log, as the documents that Elastic Defend and Elastic's integrations store.
//!
//! Most of it is a table, `data/elastic.yml`: which field of a log goes where, in which form, and what is dropped.

mod audit;
mod form;
mod leaves;
mod table;
mod url;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::leaves::{Leaf, leaves};
use self::table::{Place, Store, table};
use super::winlog::one_of;

/// The document of one flat event that has its log source.
///
/// # Errors
/// Nobody tells what is stored of it, or its log does not write such an event; as one line.
pub(super) fn document(fields: &Map<String, Value>, source: &Value) -> Result<Value, String> {
    let table = table()?;
    let store = table.store(source).ok_or_else(|| {
        let parts = ["product", "category", "service"].map(|part| one_of(source, part));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        format!("no integration of Elastic is known to store `{}`", parts.join(" "))
    })?;
    if let Some(name) = store.always.iter().find(|name| fields.get(*name).is_none_or(Value::is_null)) {
        return Err(format!("`{name}` is missing, and every record has one"));
    }
    let mut document = Document { store, fields: Map::new(), claimed: BTreeMap::new() };
    for (path, value) in &store.constants {
        document.fields.insert(path.clone(), value.clone());
    }
    if let Some(time) = fields.get("@timestamp") {
        document.fields.insert("@timestamp".to_owned(), time.clone());
    }
    let mut leaves = leaves(fields, store);
    if store.audit_records {
        leaves = audit::shaped(leaves, &table.audit_actions, &mut document)?;
    }
    // What stands first in the table claims a place first.
    leaves.sort_by_key(|leaf| store.rank(&leaf.name));
    for leaf in &leaves {
        document.put(leaf)?;
    }
    if let Some(url) = &store.url {
        document.put_url(url, fields)?;
    }
    Ok(Value::Object(document.fields))
}

/// Whether it is told what is stored of the events that a log source has of its product.
pub(super) fn tells_of(source: &Value) -> bool {
    table().is_ok_and(|table| table.store(source).is_some_and(Store::names_product))
}

/// A document in the making: dotted names.
struct Document<'t> {
    store: &'t Store,
    fields: Map<String, Value>,
    /// Which field of the log has a place.
    claimed: BTreeMap<String, String>,
}

impl Document<'_> {
    /// Puts a value where the pipeline puts it.
    fn put(&mut self, leaf: &Leaf) -> Result<(), String> {
        if leaf.values.iter().all(|value| self.store.leaves_out(value)) {
            return Ok(());
        }
        if leaf.is_list && !self.store.lists {
            return Err(unwritten(&leaf.name));
        }
        let places = self.store.places(leaf)?;
        for place in places.iter() {
            self.put_in(place, leaf)?;
        }
        Ok(())
    }

    fn put_in(&mut self, place: &Place, leaf: &Leaf) -> Result<(), String> {
        let mut found = Vec::with_capacity(leaf.values.len());
        for value in leaf.values.iter().filter(|value| !self.store.leaves_out(value)) {
            found.extend(form::of(place, value).map_err(|_| unwritten(&leaf.name))?);
        }
        if found.is_empty() || !self.claims(&place.to, &leaf.name) {
            return Ok(());
        }
        let stands = self.fields.get_mut(&place.to).filter(|_| !self.store.constants.contains_key(&place.to));
        match stands {
            Some(Value::Array(values)) => values.append(&mut found),
            Some(single) => {
                found.insert(0, single.take());
                *single = Value::Array(found);
            }
            None => {
                let whole = if leaf.is_list { Value::Array(found) } else { found.swap_remove(0) };
                self.fields.insert(place.to.clone(), whole);
            }
        }
        Ok(())
    }

    /// Whether the place is free for a field of the log, which then has it.
    fn claims(&mut self, path: &str, name: &str) -> bool {
        self.claimed.entry(path.to_owned()).or_insert_with(|| name.to_owned()) == name
    }
}

fn unwritten(name: &str) -> String {
    format!("the log writes no such `{name}`")
}
