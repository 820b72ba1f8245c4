//! Records of Sysmon as the integration `windows` stores them.

use serde_json::json;

use super::document::Document;
use super::{WindowsRecord, written};

/// The channel that Sysmon writes to.
pub(super) const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";

/// What an event is called: its number, categories, types.
const EVENTS: &[(i64, &[&str], &[&str])] = &[
    (1, &["process"], &["start"]),
    (2, &["file"], &["change"]),
    (3, &["network"], &["start", "connection", "protocol"]),
    (4, &["process"], &["change"]),
    (5, &["process"], &["end"]),
    (6, &["driver"], &["start"]),
    (7, &["process"], &["change"]),
    (8, &["process"], &["change"]),
    (9, &["process"], &["access"]),
    (10, &["process"], &["access"]),
    (11, &["file"], &["creation"]),
    (12, &["configuration", "registry"], &["change"]),
    (13, &["configuration", "registry"], &["change"]),
    (14, &["configuration", "registry"], &["change"]),
    (15, &["file"], &["access"]),
    (16, &["configuration"], &["change"]),
    (17, &["file"], &["creation"]),
    (18, &["file"], &["access"]),
    (19, &["process"], &["info"]),
    (20, &["process"], &["change"]),
    (21, &["process"], &["access"]),
    (22, &["network"], &["connection", "protocol", "info"]),
    (23, &["file"], &["deletion"]),
    (25, &["process"], &["change"]),
    (26, &["file"], &["deletion"]),
    (27, &["file"], &["creation"]),
    (28, &["file"], &["deletion"]),
    (29, &["file"], &["creation"]),
    (255, &["process"], &[]),
];

/// Texts that go to one other field, whatever the event.
const MOVED: &[(&str, &str)] = &[
    ("ProcessGuid", "process.entity_id"),
    ("SourceProcessGuid", "process.entity_id"),
    ("SourceProcessGUID", "process.entity_id"),
    ("Image", "process.executable"),
    ("SourceImage", "process.executable"),
    ("Destination", "process.executable"),
    ("CommandLine", "process.command_line"),
    ("CurrentDirectory", "process.working_directory"),
    ("ParentProcessGuid", "process.parent.entity_id"),
    ("ParentImage", "process.parent.executable"),
    ("ParentCommandLine", "process.parent.command_line"),
    ("TargetFilename", "file.path"),
    ("Device", "file.path"),
    ("ImageLoaded", "file.path"),
    ("PipeName", "file.name"),
    ("Protocol", "network.transport"),
    ("SourceHostname", "source.domain"),
    ("DestinationHostname", "destination.domain"),
    ("SourceIp", "source.ip"),
    ("DestinationIp", "destination.ip"),
    ("QueryName", "dns.question.name"),
    ("QueryStatus", "sysmon.dns.status"),
    ("RuleName", "rule.name"),
];

const NUMBERS: &[(&str, &str)] = &[
    ("ProcessId", "process.pid"),
    ("SourceProcessId", "process.pid"),
    ("SourceThreadId", "process.thread.id"),
    ("ParentProcessId", "process.parent.pid"),
    ("SourcePort", "source.port"),
    ("DestinationPort", "destination.port"),
];

/// Of the version resource; they stay in the data too.
const RESOURCE: &[(&str, &str)] = &[
    ("Company", "company"),
    ("Description", "description"),
    ("FileVersion", "file_version"),
    ("Product", "product"),
];

/// What is taken out of the data without a field of its own here.
const TAKEN: &[&str] = &[
    "UtcTime",
    "SourcePortName",
    "DestinationPortName",
    "SourceIsIpv6",
    "DestinationIsIpv6",
    "QueryResults",
];

/// Puts everything that a record of Sysmon says into its document.
pub(super) fn fill(record: &WindowsRecord, document: &mut Document) {
    if let Some((_, categories, types)) = EVENTS.iter().find(|(id, ..)| *id == record.event_id) {
        document.put("event.category", json!(categories));
        if !types.is_empty() {
            document.put("event.type", json!(types));
        }
    }
    for (name, value) in &record.data {
        let Some(text) = written(value).filter(|text| !is_empty(text)) else { continue };
        datum(record.event_id, name, &text, document);
    }
    if record.event_id == 22 {
        document.put("network.protocol", "dns");
    }
    if (12..=14).contains(&record.event_id) {
        registry(record, document);
    }
}

fn is_empty(text: &str) -> bool {
    matches!(text, "" | "-" | "{00000000-0000-0000-0000-000000000000}")
}

fn datum(event: i64, name: &str, text: &str, document: &mut Document) {
    let find =
        |list: &[(&str, &'static str)]| list.iter().find(|(known, _)| *known == name).map(|(_, path)| *path);
    if let Some(path) = find(MOVED) {
        document.put(path, text);
        return;
    }
    if let Some(path) = find(NUMBERS) {
        document.put_if(path, text.parse::<i64>().ok());
        return;
    }
    let resource = if event == 7 { "file.pe" } else { "process.pe" };
    match name {
        "OriginalFileName" => document.put(&format!("{resource}.original_file_name"), text),
        "User" => account(text, document),
        "Hashes" | "Hash" => hashes(event, text, document),
        "Initiated" => document.put("network.direction", if text == "true" { "egress" } else { "ingress" }),
        "TargetObject" => {}
        _ if TAKEN.contains(&name) => {}
        _ => {
            if let Some(part) = find(RESOURCE) {
                document.put(&format!("{resource}.{part}"), text);
            }
            match name {
                "Signature" => document.put("file.code_signature.subject_name", text),
                "SignatureStatus" => document.put("file.code_signature.status", text),
                _ => {}
            }
            document.put(&format!("winlog.event_data.{}", name.replace(' ', "_")), text);
        }
    }
    if name.ends_with("IsIpv6") {
        document.put("network.type", if text == "true" { "ipv6" } else { "ipv4" });
    }
}

/// Only an account with one separator is taken apart.
fn account(text: &str, document: &mut Document) {
    if let Some((domain, name)) = text.split_once('\\').filter(|(_, name)| !name.contains('\\')) {
        document.put("user.domain", domain);
        document.put("user.name", name);
    }
}

fn hashes(event: i64, text: &str, document: &mut Document) {
    let owner = if matches!(event, 6 | 7 | 15 | 26 | 29) { "file" } else { "process" };
    for (algorithm, digest) in text.split(',').filter_map(|hash| hash.split_once('=')) {
        let digest = digest.to_lowercase();
        if digest.chars().all(|digit| digit == '0') {
            continue;
        }
        let path = match algorithm.to_lowercase().as_str() {
            "imphash" => format!("{owner}.pe.imphash"),
            other => format!("{owner}.hash.{other}"),
        };
        document.put(&path, digest);
    }
}

fn registry(record: &WindowsRecord, document: &mut Document) {
    let Some(path) = record.text("TargetObject").filter(|path| !is_empty(path)) else { return };
    document.put("registry.value", path.rsplit('\\').next().unwrap_or_default());
    document.put("registry.path", path);
    let Some(details) = record.text("Details").filter(|details| !is_empty(details)) else { return };
    // The forms are read in any letter case.
    let lower = details.to_lowercase();
    let (kind, text) = match number(&lower, "dword (0x") {
        Some(number) => ("SZ_DWORD", number.to_string()),
        None if details == "Binary Data" => ("REG_BINARY", details),
        None => match lower.strip_prefix("qword (0x").and_then(wide) {
            Some(number) => ("SZ_QWORD", number.to_string()),
            None => ("REG_SZ", details),
        },
    };
    document.put("registry.data.type", kind);
    document.put("registry.data.strings", json!([text]));
}

fn number(text: &str, prefix: &str) -> Option<u32> {
    let digits = text.strip_prefix(prefix)?.strip_suffix(')')?;
    (digits.len() == 8).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// The pipeline moves the high half by eight bits only.
fn wide(digits: &str) -> Option<u64> {
    let (high, low) = digits.strip_suffix(')')?.split_once("-0x")?;
    let (high, low) = (u64::from_str_radix(high, 16).ok()?, u64::from_str_radix(low, 16).ok()?);
    (high << 8).checked_add(low)
}
