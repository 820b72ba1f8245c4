//! A record as the document that Elastic stores.

use serde_json::{Map, Value, json};

use super::{WindowsRecord, sysmon, written};

/// A document in the making: dotted names.
#[derive(Default)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    pub(super) fn put(&mut self, path: &str, value: impl Into<Value>) {
        self.0.insert(path.to_owned(), value.into());
    }

    pub(super) fn put_if(&mut self, path: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(path, value);
        }
    }
}

impl WindowsRecord {
    /// The document. The data of an event stand as texts under `winlog.event_data`, what a pipeline moves or
    /// converts stands where it puts it, and what is empty is left out.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut document = Document::default();
        document.put_if("@timestamp", self.time.clone());
        document.put("host.os.type", "windows");
        document.put("host.name", self.computer.as_str());
        document.put("event.kind", "event");
        document.put("event.code", self.event_id.to_string());
        document.put("event.provider", self.provider.as_str());
        document.put("winlog.provider_name", self.provider.as_str());
        document.put("winlog.channel", self.channel.as_str());
        document.put("winlog.computer_name", self.computer.as_str());
        document.put("winlog.event_id", self.event_id.to_string());
        document.put_if("winlog.process.pid", self.process_id);
        document.put_if("log.level", self.level.map(level));
        document.put_if("winlog.keywords", self.keywords.as_deref().and_then(audit));
        if self.channel == sysmon::CHANNEL {
            sysmon::fill(self, &mut document);
        } else {
            self.fill(&mut document);
        }
        Value::Object(document.0)
    }

    /// The data under their own names, blanks as underscores; what the pipeline of the channel moves stands where it
    /// puts it.
    fn fill(&self, document: &mut Document) {
        let below = if self.of_user { "winlog.user_data" } else { "winlog.event_data" };
        for (name, text) in self.data.iter().flat_map(|(name, value)| datum(name, value)) {
            let moved = match self.channel.as_str() {
                "Security" => self.moved_by_audit(&name, &text),
                DEFENDER if name == "Process_Name" => Some("process.executable"),
                _ => None,
            };
            match moved {
                Some("source.port") => document.put_if("source.port", text.parse::<i64>().ok()),
                Some(path) => document.put(path, text),
                None => document.put(&format!("{below}.{name}"), text),
            }
        }
        if self.channel == "Security" && self.event_id == 4688 {
            document.put("event.category", json!(["process"]));
            document.put("event.type", json!(["start"]));
            document.put_if("process.command_line", self.text("CommandLine"));
        }
    }

    fn moved_by_audit(&self, name: &str, text: &str) -> Option<&'static str> {
        match name {
            "NewProcessName" if self.event_id == 4688 => Some("process.executable"),
            "ParentProcessName" if self.event_id == 4688 => Some("process.parent.executable"),
            _ if !MOVING.contains(&self.event_id) => None,
            "ProcessName" => Some("process.executable"),
            "IpAddress" if text != "-" => Some("source.ip"),
            "IpPort" if text != "-" => Some("source.port"),
            "WorkstationName" => Some("source.domain"),
            _ => None,
        }
    }
}

const DEFENDER: &str = "Microsoft-Windows-Windows Defender/Operational";

/// Events of the audit log whose process and address the integration `system` moves; those with such data.
const MOVING: &[i64] = &[
    4624, 4625, 4648, 4670, 4673, 4674, 4689, 4697, 4768, 4769, 4770, 4771, 4798, 4799, 4904, 4905, 4907,
    5140, 5145,
];

/// The texts of a datum that are not empty; those of data without names are numbered.
fn datum(name: &str, value: &Value) -> Vec<(String, String)> {
    let named = |(at, value)| written(value).map(|text| (format!("param{}", at + 1), text));
    let texts: Vec<(String, String)> = match (name, value) {
        ("Data", Value::Array(items)) => items.iter().enumerate().filter_map(named).collect(),
        ("Data", single) => named((0, single)).into_iter().collect(),
        _ => written(value).map(|text| (name.replace(' ', "_"), text)).into_iter().collect(),
    };
    texts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

fn level(level: i64) -> &'static str {
    match level {
        1 => "critical",
        2 => "error",
        3 => "warning",
        5 => "verbose",
        _ => "information",
    }
}

/// The name that Windows gives to the bit of the audit log.
fn audit(keywords: &str) -> Option<Value> {
    let bits = u64::from_str_radix(keywords.strip_prefix("0x")?, 16).ok()?;
    let names = [(0x0020_0000_0000_0000, "Audit Success"), (0x0010_0000_0000_0000, "Audit Failure")];
    let found: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    (!found.is_empty()).then(|| json!(found))
}
