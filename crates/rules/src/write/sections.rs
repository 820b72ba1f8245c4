//! Metadata as the sections of a document: `rule`, `metadata` and whatever else the document had.

use eqlc_ir::meta::{Metadata, Severity, Technique, Threat, ThreatRef};
use indexmap::IndexMap;
use toml_edit::{Array, InlineTable, Value};

use crate::document::keys::{METADATA, RULE, Slot};

/// A document: values by section and key. A section that is a value itself stands under the empty key.
pub(super) type Sections = IndexMap<String, IndexMap<String, Value>>;

/// Keys that are other names of a key.
const ALIASES: [&str; 2] = ["id", "reference"];

/// Every key of a document but the query, keys of one section in the order of their names.
pub(super) fn of(meta: &Metadata) -> Sections {
    let mut meta = meta.clone();
    let mut sections = Sections::new();
    let mut metadata = IndexMap::new();
    slots(METADATA, &mut meta, &mut metadata);
    sections.insert("metadata".to_owned(), metadata);
    let mut rule = IndexMap::new();
    slots(RULE, &mut meta, &mut rule);
    rule.insert("name".to_owned(), Value::from(meta.name.as_str()));
    if let Some(severity) = meta.severity {
        rule.insert("severity".to_owned(), Value::from(severity.as_str()));
    }
    if let Some(score) = meta.risk_score {
        rule.insert("risk_score".to_owned(), Value::from(i64::from(score)));
    }
    if let Some(version) = meta.version {
        rule.insert("version".to_owned(), whole(version));
    }
    if !meta.threat.is_empty() {
        rule.insert("threat".to_owned(), meta.threat.iter().map(threat).collect::<Array>().into());
    }
    sections.insert("rule".to_owned(), rule);
    for (path, text) in &meta.other {
        keep(&mut sections, path, text);
    }
    sections.values_mut().for_each(IndexMap::sort_keys);
    sections.retain(|_, keys| !keys.is_empty());
    sections
}

/// Elastic has no severity below `low`.
pub(super) fn severity(meta: &mut Metadata) {
    if meta.severity == Some(Severity::Informational) {
        meta.severity = Some(Severity::Low);
    }
}

fn slots(table: &[(&str, Slot)], meta: &mut Metadata, into: &mut IndexMap<String, Value>) {
    for (key, slot) in table.iter().filter(|(key, _)| !ALIASES.contains(key)) {
        let value = match slot {
            Slot::Text(slot) => slot(meta).as_deref().map(Value::from),
            Slot::Whole(slot) => (*slot(meta)).map(whole),
            Slot::Texts(slot) | Slot::TextOrTexts(slot) => {
                let texts = slot(meta);
                (!texts.is_empty()).then(|| texts.iter().map(String::as_str).collect::<Array>().into())
            }
        };
        into.extend(value.map(|value| ((*key).to_owned(), value)));
    }
}

fn whole(number: u64) -> Value {
    Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A kept value at its place; text that is no TOML is kept as text.
fn keep(sections: &mut Sections, path: &str, text: &str) {
    let value = text.parse::<Value>().unwrap_or_else(|_| Value::from(text));
    let (section, key) = path.split_once('.').unwrap_or((path, ""));
    let keys = sections.entry(section.to_owned()).or_default();
    let inside = (section == "rule").then(|| key.strip_prefix("threat[")).flatten();
    match (inside, keys.get_mut("threat").and_then(Value::as_array_mut)) {
        (Some(steps), Some(threats)) => inside_threat(threats, steps, value),
        _ => {
            keys.insert(key.to_owned(), value);
        }
    }
}

/// Puts a value into the entry of `threat` that it comes from: `0].tactic.extra`, `0].technique[1].extra`.
fn inside_threat(threats: &mut Array, steps: &str, value: Value) {
    let mut list = threats;
    let mut steps = steps;
    loop {
        let Some((nth, rest)) = steps.split_once("].") else { return };
        let entry = nth.parse::<usize>().ok().and_then(|nth| list.get_mut(nth));
        let Some(mut table) = entry.and_then(Value::as_inline_table_mut) else { return };
        let mut rest = rest;
        if let Some(key) = rest.strip_prefix("tactic.") {
            let Some(tactic) = table.get_mut("tactic").and_then(Value::as_inline_table_mut) else { return };
            (table, rest) = (tactic, key);
        }
        let next = ["technique", "subtechnique"]
            .iter()
            .find_map(|key| Some((*key, rest.strip_prefix(key)?.strip_prefix('[')?)));
        let Some((key, rest_of)) = next else {
            table.insert(rest, value);
            return;
        };
        let Some(inner) = table.get_mut(key).and_then(Value::as_array_mut) else { return };
        (list, steps) = (inner, rest_of);
    }
}

fn threat(threat: &Threat) -> Value {
    let mut table = InlineTable::new();
    table.insert("framework", threat.framework.as_str().into());
    if !threat.techniques.is_empty() {
        let techniques: Array = threat.techniques.iter().map(technique).collect();
        table.insert("technique", techniques.into());
    }
    table.insert("tactic", reference(&threat.tactic).into());
    table.into()
}

fn technique(technique: &Technique) -> Value {
    let mut table = reference(&technique.technique);
    if !technique.subtechniques.is_empty() {
        let subs: Array = technique.subtechniques.iter().map(|sub| Value::from(reference(sub))).collect();
        table.insert("subtechnique", subs.into());
    }
    table.into()
}

fn reference(to: &ThreatRef) -> InlineTable {
    let mut table = InlineTable::new();
    for (key, text) in [("id", &to.id), ("name", &to.name), ("reference", &to.reference)] {
        table.insert(key, text.as_str().into());
    }
    table
}
