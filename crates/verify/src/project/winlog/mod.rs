//! Records of Windows' event log: as rules of Sigma see them, and as the documents that Elastic stores.
//!
//! Written from what the integrations `windows` and `system` document that their pipelines do with a record, and
//! from Sysmon's manifest, not from the map of a backend: a wrong map shows up as a rule that finds other
//! events here than there.

mod document;
mod flat;
mod sigma;
mod stored;
mod sysmon;

use serde_json::{Map, Value};

pub(super) use flat::one_of;
pub(crate) use stored::{ALWAYS, lacks, stored};

/// One record, as converters from EVTX to JSON write it.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowsRecord {
    /// `System.Provider.Name`.
    pub provider: String,
    /// `System.Channel`.
    pub channel: String,
    /// `System.EventID`.
    pub event_id: i64,
    /// `System.Computer`.
    pub computer: String,
    /// `System.Level`.
    pub level: Option<i64>,
    /// `System.Keywords`.
    pub keywords: Option<String>,
    /// `System.Execution.ProcessID`.
    pub process_id: Option<i64>,
    /// `System.TimeCreated.SystemTime`.
    pub time: Option<String>,
    /// `EventData`, or what stands inside `UserData`: names and values in order.
    pub data: Vec<(String, Value)>,
    /// Whether the data are those of `UserData`.
    pub of_user: bool,
}

impl WindowsRecord {
    /// The record of an event in the shape `{"Event": {"System": …, "EventData": …}}`; none for any other shape.
    #[must_use]
    pub fn read(event: &Value) -> Option<Self> {
        let event = event.get("Event")?.as_object()?;
        let system = event.get("System")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            provider: system
                .get("Provider")
                .and_then(|provider| attribute(provider, "Name"))
                .and_then(text)?,
            channel: system.get("Channel").and_then(text)?,
            event_id: system.get("EventID").and_then(number)?,
            computer: system.get("Computer").and_then(text).unwrap_or_default(),
            level: system.get("Level").and_then(number),
            keywords: system.get("Keywords").and_then(text),
            process_id: system.get("Execution").and_then(|at| attribute(at, "ProcessID")).and_then(number),
            time: system.get("TimeCreated").and_then(|at| attribute(at, "SystemTime")).and_then(text),
            data: data(event),
            of_user: event.get("EventData").and_then(Value::as_object).is_none(),
        })
    }

    /// The text of a datum; none where it is missing or null.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.data.iter().find(|(known, _)| known == name).and_then(|(_, value)| written(value))
    }
}

fn attribute<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get("#attributes")?.get(name)
}

/// A number, also inside an element with attributes.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Object(_) => value.get("#text").and_then(number),
        _ => None,
    }
}

fn data(event: &Map<String, Value>) -> Vec<(String, Value)> {
    let plain = event.get("EventData").and_then(Value::as_object);
    let inner = || event.get("UserData")?.as_object()?.values().find_map(Value::as_object);
    let Some(members) = plain.or_else(inner) else { return Vec::new() };
    members
        .iter()
        .filter(|(name, _)| *name != "#attributes")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A value as the text of the record.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => value.get("#text").and_then(written),
        other => Some(other.to_string()),
    }
}
