//! Events as rules of Sigma see them, as the documents that Elastic stores of their records.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::sysmon::CHANNEL;
use super::{WindowsRecord, one_of, written};
use crate::project::elastic;
use crate::project::fields::Fields;

/// The document of an event: of a record of Windows' log, or of one flat event that has its log source. What no log
/// of Windows has is told elsewhere.
///
/// # Errors
/// Nobody tells what is stored of it, as one line.
pub(crate) fn stored(event: &Value) -> Result<Value, String> {
    if let Some(record) = WindowsRecord::read(event) {
        return Ok(record.document());
    }
    let (Some(fields), Some(source)) = (event.as_object(), event.get("logsource")) else {
        return Err("no record of Windows' log".to_owned());
    };
    if one_of(source, "product") != Some("windows") || elastic::tells_of(source) {
        return elastic::document(fields, source);
    }
    header(fields)?;
    let record = WindowsRecord::of_source(fields, source).map_err(|reason| reason.to_string())?;
    let unlike = |(name, value): &&(String, Value)| !is_written(name, value, record.channel == CHANNEL);
    match record.data.iter().find(unlike) {
        Some((name, _)) => Err(format!("the log writes no such `{name}`")),
        None => Ok(record.document()),
    }
}

/// What every record has in its header, by Sigma's names and by those of ECS, what Sysmon always writes about the registry,
/// about threads in other processes and about connections, be it nothing.
pub(crate) const ALWAYS: &[&str] = &[
    "EventID",
    "Channel",
    "Computer",
    "Provider_Name",
    "EventType",
    "TargetObject",
    "StartModule",
    "StartFunction",
    "Initiated",
    "event.code",
    "event.provider",
    "winlog.channel",
    "winlog.provider_name",
    "winlog.logon.id",
];

/// Whether a document or a flat event leaves out one of [`ALWAYS`] although its record has it.
pub(crate) fn lacks(event: &Value, name: &str) -> bool {
    if event.get("Event").is_some() {
        return false;
    }
    if name.contains('.') {
        return Fields::only(event, name).is_ok_and(|fields| fields.all(name).is_empty());
    }
    let Some(source) = event.get("logsource") else { return false };
    let category = one_of(source, "category").unwrap_or_default();
    let is_written = match name {
        "EventType" | "TargetObject" => category.starts_with("registry_"),
        "StartModule" | "StartFunction" => category == "create_remote_thread",
        "Initiated" => category == "network_connection",
        _ => true,
    };
    is_written && event.get(name).is_none_or(Value::is_null)
}

/// That the log has such values in the header.
fn header(fields: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in fields {
        let fits = match name.as_str() {
            "EventID" => value.is_i64(),
            "Channel" | "Computer" | "ComputerName" | "Provider_Name" => {
                value.as_str().is_some_and(|text| !text.is_empty())
            }
            "Level" => value.is_i64(),
            "Keywords" => value.as_str().and_then(|text| text.strip_prefix("0x")).is_some_and(is_lower_hex),
            _ => true,
        };
        if !fits {
            return Err(format!("the log writes no such `{name}`"));
        }
    }
    Ok(())
}

fn is_lower_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the log writes such a datum: one text, and from Sysmon in the form of its manifest.
fn is_written(name: &str, value: &Value, by_sysmon: bool) -> bool {
    let Some(text) = written(value) else { return value.is_null() };
    if name != "Data" && value.is_array() {
        return false;
    }
    if !by_sysmon {
        return true;
    }
    match name {
        "Initiated" => matches!(text.as_str(), "true" | "false"),
        "Hashes" | "Hash" => text.split(',').all(is_hash),
        "User" => text.split('\\').count() == 2,
        "Details" => is_wording(&text.to_lowercase()),
        "CurrentDirectory" => text.ends_with('\\'),
        "SourceIp" | "DestinationIp" => text.parse::<IpAddr>().is_ok(),
        "ProcessId" | "ParentProcessId" | "SourcePort" | "DestinationPort" => text.parse::<u32>().is_ok(),
        _ => true,
    }
}

/// Whether a text that looks like Sysmon's wording of a number or of bytes is one, in lower case.
fn is_wording(text: &str) -> bool {
    let hex = |digits: &str| digits.len() == 8 && is_lower_hex(digits);
    let inside = |prefix: &str| text.strip_prefix(prefix)?.strip_suffix(')');
    if text.contains("dword") {
        return inside("dword (0x").is_some_and(hex);
    }
    if text.contains("qword") {
        let halves = inside("qword (0x").and_then(|digits| digits.split_once("-0x"));
        return halves.is_some_and(|(high, low)| hex(high) && hex(low));
    }
    !text.contains("binary data") || text == "binary data"
}

/// A digest with its algorithm, as in `MD5=…`.
fn is_hash(hash: &str) -> bool {
    let lengths = [("MD5", 32), ("IMPHASH", 32), ("SHA1", 40), ("SHA256", 64)];
    hash.split_once('=').is_some_and(|(algorithm, digest)| {
        lengths.contains(&(algorithm, digest.len())) && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}
