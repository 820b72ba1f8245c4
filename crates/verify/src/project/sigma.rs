//! Events as rules of Sigma see them.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::sysmon::{PROVIDER, SysmonEvent};

/// Fields of Sysmon that are numbers.
const NUMBERS: &[&str] =
    &["ProcessId", "ParentProcessId", "SourcePort", "DestinationPort", "TerminalSessionId"];

/// A record of Sysmon as one flat event: `EventID`, `Channel`, `Computer`, `Provider_Name`, everything of
/// `EventData`, `@timestamp`, and `logsource` with SigmaHQ's categories for the event. A change of the
/// registry has two of them: its own and `registry_event`.
#[must_use]
pub fn sigma_event(event: &SysmonEvent) -> Value {
    let mut flat = Map::new();
    let time = jiff::Timestamp::from_millisecond(event.time_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    flat.insert("@timestamp".to_owned(), json!(format!("{time:.3}")));
    flat.insert("EventID".to_owned(), json!(event.event_id));
    flat.insert("Channel".to_owned(), json!(event.channel));
    flat.insert("Computer".to_owned(), json!(event.computer));
    flat.insert("Provider_Name".to_owned(), json!(PROVIDER));
    for (name, text) in &event.data {
        let number = NUMBERS.contains(&name.as_str()).then(|| text.parse::<i64>().ok()).flatten();
        flat.insert(name.clone(), number.map_or_else(|| json!(text), |number| json!(number)));
    }
    let source = json!({"product": "windows", "category": categories(event), "service": "sysmon"});
    flat.insert("logsource".to_owned(), source);
    Value::Object(flat)
}

fn categories(event: &SysmonEvent) -> Vec<&'static str> {
    match event.event_id {
        1 => vec!["process_creation"],
        3 => vec!["network_connection"],
        5 => vec!["process_termination"],
        6 => vec!["driver_load"],
        7 => vec!["image_load"],
        11 => vec!["file_event"],
        12 if event.get("EventType") == Some("CreateKey") => vec!["registry_event", "registry_add"],
        12 => vec!["registry_event", "registry_delete"],
        13 => vec!["registry_event", "registry_set"],
        14 => vec!["registry_event", "registry_rename"],
        22 => vec!["dns_query"],
        23 => vec!["file_delete"],
        _ => Vec::new(),
    }
}

/// The event as one of other log sources: with another product, another category and another service, as far as it has
/// them.
pub(crate) fn of_other_sources(event: &Value) -> Vec<Value> {
    let Some(Value::Object(source)) = event.get("logsource") else { return Vec::new() };
    let parts = ["product", "category", "service"].into_iter().filter(|part| source.contains_key(*part));
    let of = |part: &str| {
        let mut source = source.clone();
        source.insert(part.to_owned(), json!("other"));
        let mut event = event.clone();
        if let Value::Object(members) = &mut event {
            members.insert("logsource".to_owned(), Value::Object(source));
        }
        event
    };
    parts.map(of).collect()
}

/// An ECS event with `logsource` added, as the taxonomy `ecs` names log sources: the product is `ecs`, the
/// categories those of `event.category`. Nothing else is changed and nothing is checked.
#[must_use]
pub fn ecs_with_log_source(event: &Value) -> Value {
    let mut event = event.clone();
    let Ok(fields) = Fields::only(&event, "event.category") else { return event };
    let source = json!({ "product": "ecs", "category": fields.all("event.category") });
    if let Value::Object(members) = &mut event {
        members.insert("logsource".to_owned(), source);
    }
    event
}
