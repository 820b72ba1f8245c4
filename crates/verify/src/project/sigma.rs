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

/// An ECS event with `logsource` added: `product` from `host.os.type`, `category` from `event.category`,
/// `event.type` and `event.action`, all that apply. Nothing else is changed and nothing is checked.
#[must_use]
pub fn ecs_with_log_source(event: &Value) -> Value {
    let mut event = event.clone();
    let Ok(fields) = Fields::read(&event) else { return event };
    let source = json!({"product": fields.all("host.os.type"), "category": ecs_categories(&fields)});
    if let Value::Object(members) = &mut event {
        members.insert("logsource".to_owned(), source);
    }
    event
}

fn ecs_categories(fields: &Fields) -> Vec<&'static str> {
    let has = |path: &str, value: &str| fields.all(path).iter().any(|given| given == value);
    let mut categories: Vec<&'static str> = BY_TYPE
        .iter()
        .filter(|(category, kind, _)| has("event.category", category) && has("event.type", kind))
        .map(|(_, _, category)| *category)
        .collect();
    for (category, always) in [
        ("library", "image_load"),
        ("driver", "driver_load"),
        ("registry", "registry_event"),
        ("dns", "dns_query"),
    ] {
        if has("event.category", category) {
            categories.push(always);
        }
    }
    if has("event.category", "network") {
        let is_lookup = fields.knows("dns.question");
        categories.push(if is_lookup { "dns_query" } else { "network_connection" });
    }
    if has("event.category", "file") && has("event.action", "rename") {
        categories.push("file_rename");
    }
    categories
}

/// Category and type of ECS, and the category of Sigma.
const BY_TYPE: &[(&str, &str, &str)] = &[
    ("process", "start", "process_creation"),
    ("process", "end", "process_termination"),
    ("file", "creation", "file_event"),
    ("file", "change", "file_event"),
    ("file", "deletion", "file_delete"),
    ("file", "access", "file_access"),
    ("registry", "creation", "registry_add"),
    ("registry", "change", "registry_set"),
    ("registry", "deletion", "registry_delete"),
];
