//! A rule as a line that Kibana's import of rules accepts.

use eqlc_ir::meta::{Metadata, Severity};
use serde_json::{Map, Value as Json};
use toml_edit::Value;
use uuid::Uuid;

use super::sections;
use crate::MAX_BYTES;
use crate::json::kibana::KEPT;
use crate::shape;

/// The namespace of ids made for rules without one.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_5b1c_5a0f_5e59_9d7e_3c7a_0b8e_41d2);

/// What [`text`] writes: the metadata with what Kibana requires filled in where it is absent.
///
/// Required by the import are `rule_id`, `name`, `description`, `risk_score`, `severity`, `type`, `language`
/// and `query`. A rule without an id gets one made from its name; without a description, its name; the score is
/// 21, 47, 73 or 99 by severity, and the severity goes by the score, `low` and 21 where there is neither. The
/// schedule is Kibana's own default, written out; a rule comes disabled. `$osquery_0` in the guide becomes the block it
/// stands for.
#[must_use]
pub fn complete(meta: &Metadata) -> Metadata {
    let mut meta = super::toml::complete(meta);
    meta.id.get_or_insert_with(|| Uuid::new_v5(&NAMESPACE, meta.name.as_bytes()).to_string());
    meta.description = meta.description.filter(|text| !text.is_empty()).or_else(|| Some(meta.name.clone()));
    let severity = *meta.severity.get_or_insert_with(|| by_score(meta.risk_score));
    meta.risk_score.get_or_insert(score(severity));
    for (slot, default) in [(&mut meta.from, "now-6m"), (&mut meta.to, "now"), (&mut meta.interval, "5m")] {
        slot.get_or_insert_with(|| default.to_owned());
    }
    meta.max_signals.get_or_insert(100);
    if !meta.other.contains_key("rule.version") {
        meta.version.get_or_insert(1);
    }
    for (key, default) in
        [("actions", "[]"), ("enabled", "false"), ("exceptions_list", "[]"), ("immutable", "false")]
    {
        meta.other.entry(format!("rule.{key}")).or_insert_with(|| default.to_owned());
    }
    inline(&mut meta);
    meta
}

fn by_score(score: Option<u32>) -> Severity {
    match score {
        None | Some(0..=21) => Severity::Low,
        Some(22..=47) => Severity::Medium,
        Some(48..=73) => Severity::High,
        Some(_) => Severity::Critical,
    }
}

fn score(severity: Severity) -> u32 {
    match severity {
        Severity::Informational | Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

/// The rule as one line. Read again, it gives [`complete`] and the query.
///
/// A value that the import would refuse goes where keys go that Kibana does not know, so that it is kept and the
/// rule can still be imported.
#[must_use]
pub fn text(meta: &Metadata, query: &str) -> String {
    let mut rest = Map::new();
    let mut rule = Map::new();
    for (section, keys) in sections::of(&complete(meta)) {
        let mut kept = Map::new();
        for (key, value) in keys {
            let mut value = json(&value);
            let field =
                shape::field(&key).filter(|field| section == "rule" && field.misfit(&value).is_none());
            if let Some(field) = field {
                field.fill(&mut value);
                rule.insert(key, value);
            } else if key.is_empty() {
                rest.insert(section.clone(), value);
            } else {
                kept.insert(key, value);
            }
        }
        if section == "rule" {
            part_from_each_other(&mut rule, &mut kept);
        }
        if !kept.is_empty() {
            rest.insert(section, Json::Object(kept));
        }
    }
    rule.insert("query".to_owned(), Json::from(query.trim_end()));
    if !rest.is_empty() {
        let meta = rule.entry("meta").or_insert_with(|| Json::Object(Map::new()));
        if let Json::Object(meta) = meta {
            meta.insert(KEPT.to_owned(), Json::Object(rest));
        }
    }
    let ordered: Map<String, Json> = shape::fields()
        .iter()
        .filter_map(|field| rule.shift_remove(&field.key).map(|value| (field.key.clone(), value)))
        .collect();
    format!("{}\n", Json::Object(ordered))
}

/// Keeps aside what does not stand without another field that is not there.
fn part_from_each_other(rule: &mut Map<String, Json>, kept: &mut Map<String, Json>) {
    for field in shape::fields() {
        if field.with.as_ref().is_some_and(|other| !rule.contains_key(other)) {
            kept.extend(rule.shift_remove(&field.key).map(|value| (field.key.clone(), value)));
        }
    }
}

/// The value in JSON, where dates are text.
pub(crate) fn json(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::from(*number.value()),
        Value::Boolean(value) => Json::from(*value.value()),
        Value::Datetime(date) => Json::from(date.value().to_string()),
        Value::Array(array) => array.iter().map(json).collect(),
        Value::InlineTable(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.to_owned(), json(value))).collect())
        }
    }
}

/// Replaces `$osquery_0` in the guide by the block, and drops the tables when all of a plugin are in the guide.
fn inline(meta: &mut Metadata) {
    let Some(mut note) = meta.note.take() else { return };
    for plugin in ["osquery", "investigate"] {
        let path = format!("transform.{plugin}");
        let tables = meta.other.get(&path).and_then(|text| text.parse::<Value>().ok());
        let Some(Value::Array(tables)) = tables else { continue };
        let blocks: Vec<String> =
            tables.iter().map(|table| format!("!{{{plugin}{}}}", json(table))).collect();
        let mut all = true;
        // From the last on, so that `$osquery_1` does not take the start of `$osquery_12`.
        for (nth, block) in blocks.iter().enumerate().rev() {
            let reference = format!("${plugin}_{nth}");
            let fits = note.matches(&reference).count().saturating_mul(block.len()) <= MAX_BYTES;
            all &= fits && note.contains(&reference);
            if fits {
                note = note.replace(&reference, block);
            }
        }
        if all {
            meta.other.shift_remove(&path);
        }
    }
    meta.note = Some(note);
}
