//! Records of Windows' log made from rules: one that satisfies the condition as far as a simple reading of it goes,
//! and others that differ from it in one field.

use std::collections::BTreeMap;

use eqlc_ir::{Category, Literal, LogSource, Op, Part, Pred, Rule, Scalar, Test, TextPattern};
use serde_json::{Map, Value, json};

/// What a field must hold.
#[derive(Clone, Default)]
struct Wanted {
    first: String,
    inside: Vec<String>,
    last: String,
}

impl Wanted {
    fn add(&mut self, pattern: &TextPattern) {
        let written: String = pattern
            .parts()
            .iter()
            .map(|part| match part {
                Part::Lit(text) => text.as_str(),
                Part::AnyOne => "q",
                Part::AnyRun => "",
            })
            .collect();
        let open = |part: Option<&Part>| matches!(part, Some(Part::AnyRun));
        match (open(pattern.parts().first()), open(pattern.parts().last())) {
            (false, _) => self.first = written,
            (true, false) => self.last = written,
            (true, true) => self.inside.push(written),
        }
    }

    fn text(&self, field: &str) -> String {
        let between = if matches!(field, "Hashes" | "Hash") { "," } else { "" };
        let parts = std::iter::once(&self.first).chain(&self.inside).chain(std::iter::once(&self.last));
        let parts: Vec<&str> = parts.map(String::as_str).filter(|part| !part.is_empty()).collect();
        let text = parts.join(between);
        // An account has a domain.
        if field.ends_with("User") && !text.contains('\\') { format!("CONTOSO\\{text}") } else { text }
    }
}

/// The values that make a condition true, where it takes the `choice`-th alternative of each list.
fn solve(pred: &Pred, choice: usize, wanted: &mut BTreeMap<String, Wanted>) {
    match pred {
        Pred::All(list) | Pred::AtLeast(_, list) => list.iter().for_each(|pred| solve(pred, choice, wanted)),
        Pred::Any(list) => solve(&list[choice % list.len()], choice, wanted),
        Pred::Test(test) => solve_test(test, choice, wanted),
        Pred::Not(_) | Pred::Const(_) | Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => {}
    }
}

fn solve_test(test: &Test, choice: usize, wanted: &mut BTreeMap<String, Wanted>) {
    let Some(field) = test.subject.as_field() else { return };
    let of = |literal: &Literal| match literal {
        Literal::Str(text) => TextPattern::exact(text),
        Literal::Int(number) => TextPattern::exact(&number.to_string()),
        Literal::Bool(value) => TextPattern::exact(&value.to_string()),
        _ => TextPattern::exact("1"),
    };
    let pattern = match &test.op {
        Op::Text(patterns, _) => patterns[choice % patterns.len()].clone(),
        Op::OneOf(items, _) => of(&items[choice % items.len()]),
        Op::Compare(_, Scalar::Literal(literal)) => of(literal),
        Op::InNet(nets) => TextPattern::exact(&nets[choice % nets.len()].addr().to_string()),
        _ => return,
    };
    wanted.entry(field.path.to_string()).or_default().add(&pattern);
}

/// What else a field of this name is given.
fn others(field: &str) -> &'static [&'static str] {
    match field {
        "Details" => &[
            "DWORD (0x00000000)",
            "DWORD (0x00000001)",
            "Binary Data",
            "(Empty)",
            "1",
            "0x00000001",
            "C:\\x.dll",
        ],
        "TargetObject" => &[
            "HKLM\\System\\CurrentControlSet\\Services\\x\\Start",
            "HKU\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x",
            "HKLM\\SOFTWARE\\x",
        ],
        "User" | "ParentUser" => {
            &["NT AUTHORITY\\SYSTEM", "AUTORITE NT\\x", "CONTOSO\\ana", "FONT DRIVER HOST\\UMFD-1"]
        }
        "Initiated" | "Signed" => &["true", "false"],
        "DestinationIp" | "SourceIp" => &["8.8.8.8", "10.1.2.3", "192.168.0.1", "fe80:0:0:0:1:2:3:4"],
        "DestinationPort" | "SourcePort" => &["80", "443", "4444"],
        "IntegrityLevel" => &["High", "System", "Medium", "S-1-16-16384"],
        "Hashes" => &["MD5=444D210CEA1FF8112F256A4997EED7FF,IMPHASH=00000000000000000000000000000000"],
        "EventType" => &["SetValue", "CreateKey", "DeleteKey", "DeleteValue"],
        _ => &["x", "C:\\Windows\\System32\\cmd.exe"],
    }
}

/// Sysmon's event and its kind of change for a category.
fn of_category(category: &str) -> Option<(i64, Option<&'static str>)> {
    Some(match category {
        "process_creation" => (1, None),
        "file_change" => (2, None),
        "network_connection" => (3, None),
        "process_termination" => (5, None),
        "driver_load" => (6, None),
        "image_load" => (7, None),
        "create_remote_thread" => (8, None),
        "process_access" => (10, None),
        "file_event" => (11, None),
        "registry_add" => (12, Some("CreateKey")),
        "registry_delete" => (12, Some("DeleteKey")),
        "registry_set" | "registry_event" => (13, Some("SetValue")),
        "create_stream_hash" => (15, None),
        "pipe_created" => (17, None),
        "wmi_event" => (20, None),
        "dns_query" => (22, None),
        "file_delete" => (23, None),
        _ => return None,
    })
}

const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");

/// Provider, channel, event and data that every event of the log source has.
fn base(source: &LogSource) -> Option<(&'static str, &'static str, i64, Option<&'static str>)> {
    if source.product.as_deref() != Some("windows") {
        return None;
    }
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let power = ("Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational");
    match (part(&source.category).as_str(), part(&source.service).as_str()) {
        ("", "security") => Some(("Microsoft-Windows-Security-Auditing", "Security", 4624, None)),
        ("", "system") => Some(("Service Control Manager", "System", 7045, None)),
        ("", "application") => Some(("MsiInstaller", "Application", 1033, None)),
        ("", "taskscheduler") => Some((
            "Microsoft-Windows-TaskScheduler",
            "Microsoft-Windows-TaskScheduler/Operational",
            129,
            None,
        )),
        ("", "codeintegrity-operational") => Some((
            "Microsoft-Windows-CodeIntegrity",
            "Microsoft-Windows-CodeIntegrity/Operational",
            3033,
            None,
        )),
        ("", "bits-client") => {
            Some(("Microsoft-Windows-Bits-Client", "Microsoft-Windows-Bits-Client/Operational", 16403, None))
        }
        ("ps_script", "") => Some((power.0, power.1, 4104, None)),
        ("ps_module", "") => Some((power.0, power.1, 4103, None)),
        ("ps_classic_start", "") => Some(("PowerShell", "Windows PowerShell", 400, None)),
        (category, "") => of_category(category).map(|(id, kind)| (SYSMON.0, SYSMON.1, id, kind)),
        _ => None,
    }
}

fn record(source: &LogSource, values: &BTreeMap<String, String>) -> Option<Value> {
    let (provider, channel, id, kind) = base(source)?;
    let of = |name: &str, otherwise: &str| values.get(name).map_or(otherwise, String::as_str).to_owned();
    let mut data = Map::new();
    if let Some(kind) = kind {
        data.insert("EventType".to_owned(), json!(kind));
        data.insert("TargetObject".to_owned(), json!("HKLM\\SOFTWARE\\x"));
    }
    for (name, text) in values {
        let system = matches!(
            name.as_str(),
            "EventID" | "Provider_Name" | "Channel" | "Computer" | "Level" | "Keywords"
        );
        if system {
            continue;
        }
        let number = name.ends_with("Port") || name.ends_with("ProcessId");
        let value = match text.parse::<i64>() {
            Ok(value) if number => json!(value),
            _ if name == "Data" => json!(["first", text, "third"]),
            _ => json!(text),
        };
        data.insert(name.clone(), value);
    }
    let attribute = |name: &str, value: String| json!({"#attributes": {name: value}});
    Some(json!({"Event": {
        "System": {
            "Provider": attribute("Name", of("Provider_Name", provider)),
            "EventID": of("EventID", &id.to_string()).parse::<i64>().unwrap_or(id),
            "Channel": of("Channel", channel),
            "Computer": of("Computer", "host"),
            "Level": of("Level", "4").parse::<i64>().unwrap_or(4),
            "TimeCreated": attribute("SystemTime", "2026-01-01T00:00:00Z".to_owned()),
        },
        "EventData": data,
    }}))
}

/// Whether a test of the field asks for an empty text, which is a record with the field.
fn asks_for_empty_text(rule: &Rule, field: &str) -> bool {
    rule.queries().iter().flat_map(|query| query.filter.tests()).any(|test| {
        let same = test.subject.as_field().is_some_and(|tested| tested.path == field);
        let empty = |pattern: &TextPattern| matches!(pattern.as_exact(), Some("" | "-"));
        same && matches!(&test.op, Op::Text(patterns, _) if patterns.iter().any(empty))
    })
}

/// Whether a test of the field tells an empty text, `-` and no value apart, which documents do not.
fn asks_for_emptiness(rule: &Rule, field: &str) -> bool {
    rule.queries().iter().flat_map(|query| query.filter.tests()).any(|test| {
        let same = test.subject.as_field().is_some_and(|tested| tested.path == field);
        let empty = match &test.op {
            Op::IsNull | Op::Exists | Op::Regex(_) => true,
            Op::Text(patterns, case) => {
                ["", "-"].iter().any(|text| patterns.iter().any(|p| p.matches(text, *case)))
            }
            _ => false,
        };
        same && empty
    })
}

/// Records for a rule of a log source of Windows; none for any other.
pub fn records(rule: &Rule) -> Vec<Value> {
    let [query] = rule.queries()[..] else { return Vec::new() };
    let Category::LogSource(source) = &query.category else { return Vec::new() };
    let mut found = Vec::new();
    for choice in 0..2 {
        let mut wanted = BTreeMap::new();
        solve(&query.filter, choice, &mut wanted);
        let values: BTreeMap<String, String> =
            wanted.iter().map(|(field, wanted)| (field.clone(), wanted.text(field))).collect();
        found.extend(record(source, &values));
        let fields = query.filter.fields().into_iter().map(|field| field.path.to_string());
        let mut fields: Vec<String> = fields.filter(|field| field != "Channel").collect();
        fields.sort();
        fields.dedup();
        for field in fields {
            let mut changed = values.clone();
            changed.remove(&field);
            if !asks_for_empty_text(rule, &field) {
                found.extend(record(source, &changed));
            }
            // A change of the registry has a place.
            let told = field == "TargetObject" || asks_for_emptiness(rule, &field);
            let emptied = if told { &[][..] } else { &["", "-"][..] };
            let upper = values.get(&field).map(|text| text.to_uppercase()).filter(|_| field != "EventType");
            let upper = upper.filter(|text| !matches!(text.as_str(), "TRUE" | "FALSE"));
            let texts = others(&field).iter().chain(emptied).map(|text| (*text).to_owned()).chain(upper);
            for text in texts {
                changed.insert(field.clone(), text);
                found.extend(record(source, &changed));
            }
        }
    }
    found.sort_by_key(Value::to_string);
    found.dedup();
    found
}
