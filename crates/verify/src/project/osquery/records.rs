//! Records of Windows' event log: as rows of `windows_events` (windowseventlogparser.cpp), and what the event tables of
//! osquery itself have of the same thing.

use jiff::Timestamp;
use serde_json::Value;

use super::{Profile, Row, eid};
use crate::project::facts::instant;
use crate::project::winlog::{WindowsRecord, written};
use crate::project::{NotRecordable, absent, inexpressible};
use crate::sqlite::SqlValue;

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

/// When a record without time happened.
const SOME_TIME_MS: i64 = 1_767_225_600_000;

/// The rows of a record, and the host it is of.
pub(super) fn rows(
    record: &WindowsRecord,
    profile: Profile,
    place: usize,
) -> Result<(Vec<Row>, String), NotRecordable> {
    let time = time_of(record)?;
    let rows = match profile {
        Profile::Native if record.channel == SYSMON => native(record, time, place)?,
        _ => vec![event_log(record, time, place)?],
    };
    Ok((rows, record.computer.clone()))
}

fn time_of(record: &WindowsRecord) -> Result<Timestamp, NotRecordable> {
    match &record.time {
        Some(text) => instant(text).ok_or_else(|| inexpressible("the time of the record is no date")),
        None => Ok(Timestamp::from_millisecond(SOME_TIME_MS).unwrap_or(Timestamp::UNIX_EPOCH)),
    }
}

fn event_log(record: &WindowsRecord, time: Timestamp, place: usize) -> Result<Row, NotRecordable> {
    if record.channel == "Security" && record.event_id == 4688 {
        return Err(inexpressible("starts of processes are taken from Sysmon, not from the audit log"));
    }
    let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
    let mut columns = vec![
        ("time", SqlValue::Int(time.as_second())),
        ("datetime", SqlValue::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string())),
        ("source", SqlValue::from(record.channel.as_str())),
        ("provider_name", SqlValue::from(record.provider.as_str())),
        ("computer_name", SqlValue::from(record.computer.as_str())),
        ("eventid", SqlValue::Int(record.event_id)),
        ("task", SqlValue::Int(record.event_id)),
        ("data", SqlValue::Text(data(record)?)),
        ("eid", eid(place)),
    ];
    if let Some(level) = record.level {
        columns.push(("level", SqlValue::Int(level)));
    }
    if let Some(keywords) = &record.keywords {
        columns.push(("keywords", SqlValue::from(keywords.as_str())));
    }
    Ok(Row::event("windows_events", place, columns))
}

/// The text of the column `data`: every value is a text, slashes are escaped, data without names are a list, which
/// beside other elements becomes members with an empty name.
fn data(record: &WindowsRecord) -> Result<String, NotRecordable> {
    let mut members: Vec<(String, String)> = Vec::new();
    for (name, value) in &record.data {
        if name.contains('.') {
            return Err(inexpressible(format!("the name of the datum `{name}` has a dot")));
        }
        match value {
            Value::Array(items) if name == "Data" => {
                members.extend(items.iter().filter_map(written).map(|text| (String::new(), text)));
            }
            Value::Array(_) => return Err(inexpressible(format!("the datum `{name}` has several values"))),
            value if name == "Data" => members.extend(written(value).map(|text| (String::new(), text))),
            value => members.extend(written(value).map(|text| (name.clone(), text))),
        }
    }
    let quoted = |text: &str| Value::String(text.to_owned()).to_string().replace('/', "\\/");
    let unnamed = members.iter().all(|(name, _)| name.is_empty());
    let inner: Vec<String> = members
        .iter()
        .map(|(name, text)| match unnamed {
            true => quoted(text),
            false => format!("{}:{}", quoted(name), quoted(text)),
        })
        .collect();
    let inner = inner.join(",");
    let inner = match (members.is_empty(), unnamed) {
        (true, _) => "\"\"".to_owned(),
        (false, true) => format!("[{inner}]"),
        (false, false) => format!("{{{inner}}}"),
    };
    Ok(match record.of_user && !members.is_empty() {
        true => format!("{{\"UserData\":{{\"EventXML\":{inner}}}}}"),
        false => format!("{{\"EventData\":{inner}}}"),
    })
}

/// What the event tables of osquery have of what Sysmon has recorded.
fn native(record: &WindowsRecord, time: Timestamp, place: usize) -> Result<Vec<Row>, NotRecordable> {
    if let Some((name, _)) = record.data.iter().find(|(_, value)| value.is_array()) {
        return Err(inexpressible(format!("the datum `{name}` has several values")));
    }
    let whole = SqlValue::Int(time.as_second());
    let text = |name: &str| record.text(name).map(SqlValue::Text);
    let mut columns = vec![("time", whole.clone()), ("eid", eid(place))];
    let mut push = |column: &'static str, value: Option<SqlValue>| {
        columns.extend(value.map(|value| (column, value)));
    };
    let table = match record.event_id {
        1 | 5 => {
            push(
                "type",
                Some(SqlValue::from(if record.event_id == 1 { "ProcessStart" } else { "ProcessStop" })),
            );
            push("path", text("Image"));
            push("cmdline", text("CommandLine"));
            push("pid", text("ProcessId"));
            push("ppid", text("ParentProcessId"));
            push("username", text("User"));
            push("mandatory_label", label(record)?);
            "process_etw_events"
        }
        11 | 23 => {
            push(
                "action",
                Some(SqlValue::from(if record.event_id == 11 { "FileCreation" } else { "FileDeletion" })),
            );
            push("path", text("TargetFilename"));
            "ntfs_journal_events"
        }
        22 => {
            push("name", text("QueryName"));
            push("path", text("Image"));
            push("pid", text("ProcessId"));
            push("username", text("User"));
            "dns_lookup_events"
        }
        _ => return Err(absent("osquery has no event table of its own for it")),
    };
    let mut rows = vec![Row::event(table, place, columns)];
    if record.event_id == 1 {
        rows.extend(files(record, place));
        rows.extend(parent(record, place));
    }
    Ok(rows)
}

fn label(record: &WindowsRecord) -> Result<Option<SqlValue>, NotRecordable> {
    let Some(level) = record.text("IntegrityLevel") else { return Ok(None) };
    let known = [("Low", "4096"), ("Medium", "8192"), ("High", "12288"), ("System", "16384")];
    let label = known.iter().find(|(name, digits)| *name == level || level == format!("S-1-16-{digits}"));
    match label {
        Some((_, digits)) => Ok(Some(SqlValue::Text(format!("S-1-16-{digits}")))),
        None => Err(inexpressible(format!("`{level}` is no integrity level"))),
    }
}

/// The file of the program, as it is still there.
fn files(record: &WindowsRecord, place: usize) -> Vec<Row> {
    let Some(path) = record.text("Image") else { return Vec::new() };
    let mut file = vec![("path", SqlValue::Text(path.clone()))];
    for (column, name) in [("original_filename", "OriginalFileName"), ("file_version", "FileVersion")] {
        file.extend(record.text(name).map(|text| (column, SqlValue::Text(text))));
    }
    let mut hash = vec![("path", SqlValue::Text(path))];
    let hashes = record.text("Hashes").unwrap_or_default();
    for (name, digits) in hashes.split(',').filter_map(|hash| hash.split_once('=')) {
        let column = ["md5", "sha1", "sha256"].into_iter().find(|column| column.eq_ignore_ascii_case(name));
        hash.extend(column.map(|column| (column, SqlValue::Text(digits.to_lowercase()))));
    }
    vec![Row::computed("file", &["path"], place, file), Row::computed("hash", &["path"], place, hash)]
}

/// The process that started it, as it still runs.
fn parent(record: &WindowsRecord, place: usize) -> Option<Row> {
    let mut columns = vec![("pid", SqlValue::Text(record.text("ParentProcessId")?))];
    columns.extend(record.text("ParentImage").map(|text| ("path", SqlValue::Text(text))));
    columns.extend(record.text("ParentCommandLine").map(|text| ("cmdline", SqlValue::Text(text))));
    Some(Row::computed("processes", &["pid"], place, columns))
}
