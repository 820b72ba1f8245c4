//! Rows of osquery's tables.
//!
//! Columns are those of osquery's schema, their content as its sources fill them. Event tables get the row
//! of the event. Tables that osquery computes when it is asked (`authenticode`, `file`, `processes`) get
//! the rows that the event tells of: they are what the host would answer while nothing there has changed.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

mod crowd;
pub(crate) mod ecs_unix;
mod event_log;
mod records;
mod sigma;
mod unix;

pub(crate) use crowd::{CROWD, crowd};

use super::classify::What;
use super::facts::Facts;
use super::fields::Fields;
use super::sysmon::{self, PROVIDER, SysmonEvent};
use super::winlog::WindowsRecord;
use super::{Faith, NotRecordable, absent, consistency, inexpressible, paths};
use crate::sqlite::SqlValue;

/// Where osquery gets its events from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// From Sysmon's channel of the event log, through `windows_events`.
    Sysmon,
    /// From Windows itself: `process_etw_events`, `ntfs_journal_events`, `dns_lookup_events`.
    Native,
}

/// The tables that osquery computes when it is asked, of those that events tell of.
pub(crate) const COMPUTED: &[&str] =
    &["authenticode", "file", "hash", "process_envs", "processes", "users", "yara_file"];

/// Columns that tell rows of a table apart.
pub type Key = &'static [&'static str];

/// One row for one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The table.
    pub table: &'static str,
    /// The columns that are filled.
    pub columns: Vec<(String, SqlValue)>,
    /// Which event of the stream it tells of; for a row of a table that is computed when asked, the first.
    pub event: usize,
    /// For a table that is computed when asked, the columns that tell its rows apart: a host gives one row for their
    /// values.
    pub key: Option<Key>,
}

impl Row {
    fn event(table: &'static str, event: usize, columns: Vec<(&str, SqlValue)>) -> Self {
        let columns = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { table, columns, event, key: None }
    }

    fn computed(table: &'static str, key: Key, event: usize, columns: Vec<(&str, SqlValue)>) -> Self {
        debug_assert!(COMPUTED.contains(&table), "`{table}` is missing among the tables that are computed");
        Self { key: Some(key), ..Self::event(table, event, columns) }
    }

    /// The value of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&SqlValue> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }

    /// Whether a host gives this row and another, of a table that is computed when asked, as one.
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        let same = |key: Key| key.iter().all(|column| self.get(column) == other.get(column));
        self.table == other.table && self.key.is_some_and(same)
    }
}

/// Gives a column of a row a value, whether it has one or not.
pub(crate) fn set_column(columns: &mut Vec<(String, SqlValue)>, name: &str, value: SqlValue) {
    match columns.iter_mut().find(|(known, _)| known == name) {
        Some((_, slot)) => *slot = value,
        None => columns.push((name.to_owned(), value)),
    }
}

/// All rows of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRows {
    /// Its `host.id`.
    pub host: String,
    /// The rows, those of event tables in the order of the stream.
    pub rows: Vec<Row>,
}

/// The rows that one event leaves. `event` is its place in the stream; it becomes `eid`, which osquery
/// counts from 1. An event is a document of ECS, a record of Windows' log, or an event as Sigma sees it, with its
/// `logsource`.
///
/// # Errors
/// There are none, or none that say the same.
pub fn osquery_rows(event: &Value, profile: Profile, place: usize) -> Result<Vec<Row>, NotRecordable> {
    told(event, (profile, "windows"), place, Faith::Whole).map(|(rows, _)| rows)
}

/// The rows that one event leaves on a host with a system, and on which host.
fn told(
    event: &Value,
    (profile, wanted): (Profile, &str),
    place: usize,
    faith: Faith,
) -> Result<(Vec<Row>, String), NotRecordable> {
    if let Some(record) = WindowsRecord::read(event) {
        return records::rows(&record, profile, place);
    }
    if let Some(source) = event.get("logsource") {
        return sigma::rows(event, source, profile, place);
    }
    match ecs_unix::system(event)? {
        Some(system) if system == wanted => return ecs_unix::rows(event, system, place, faith),
        None if wanted != "windows" => return Err(absent("the host runs another system")),
        _ => {}
    }
    let fields = Fields::read(event)?;
    if let Some(recorded) = event_log::row(&fields, place, faith)? {
        return Ok((vec![recorded.0], recorded.1));
    }
    let facts = Facts::told(fields, faith)?;
    Ok((rows(&facts, profile, place)?, facts.host))
}

/// The rows that a stream leaves, by host in the order of their ids: osquery runs on each host by itself and
/// never sees another. Rows that a host computes when asked are put together.
///
/// # Errors
/// The place of an event in the stream and why no rows say the same as it does. Two events that tell
/// differently of the same file or process are such a case too.
///
/// `system` is that of the tables that are asked: `windows`, `linux` or `macos`.
pub fn osquery_stream(
    events: &[Value],
    profile: Profile,
    system: &str,
) -> Result<Vec<HostRows>, (usize, String)> {
    osquery_stream_of(events, (profile, system), Faith::Whole)
}

/// [`osquery_stream`], true to the whole of each event or to a part of it.
pub(crate) fn osquery_stream_of(
    events: &[Value],
    asked: (Profile, &str),
    faith: Faith,
) -> Result<Vec<HostRows>, (usize, String)> {
    let mut hosts: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        let (rows, host) = match told(event, asked, place, faith) {
            Ok(told) => told,
            Err(NotRecordable::Absent(_)) => continue,
            Err(NotRecordable::Inexpressible(reason)) => return Err((place, reason)),
        };
        let known = hosts.entry(host).or_default();
        for row in rows {
            add(known, row).map_err(|reason| (place, reason))?;
        }
    }
    Ok(hosts.into_iter().map(|(host, rows)| HostRows { host, rows }).collect())
}

/// Adds a row, or what it tells to the row of the same file or process.
fn add(rows: &mut Vec<Row>, row: Row) -> Result<(), String> {
    let Some(known) = rows.iter_mut().find(|known| row.is_one_with(known)) else {
        rows.push(row);
        return Ok(());
    };
    for (name, value) in row.columns {
        match known.get(&name) {
            Some(earlier) if *earlier != value => {
                return Err(format!("`{}.{name}` is not what an earlier event tells", row.table));
            }
            Some(_) => {}
            None => known.columns.push((name, value)),
        }
    }
    Ok(())
}

fn rows(facts: &Facts, profile: Profile, place: usize) -> Result<Vec<Row>, NotRecordable> {
    let mut rows = match profile {
        Profile::Sysmon => vec![windows_event(&sysmon::record(facts)?, place)],
        Profile::Native => {
            of_no_log(facts)?;
            vec![native(facts, place)?]
        }
    };
    rows.extend(authenticode(facts, place)?);
    rows.extend(header(facts, place)?);
    if profile == Profile::Native {
        rows.extend(file(facts, place)?);
        rows.extend(processes(facts, place)?);
    }
    Ok(rows)
}

/// osquery counts events of a table from 1 and writes the number with ten digits.
fn eid(place: usize) -> SqlValue {
    SqlValue::Text(format!("{:010}", place.saturating_add(1)))
}

fn windows_event(event: &SysmonEvent, place: usize) -> Row {
    let instant = jiff::Timestamp::from_millisecond(event.time_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let zoned = instant.to_zoned(TimeZone::UTC);
    let data: Map<String, Value> =
        event.data.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    // osquery's JSON writer escapes slashes.
    let data = serde_json::json!({ "EventData": data }).to_string().replace('/', "\\/");
    Row::event(
        "windows_events",
        place,
        vec![
            ("time", SqlValue::Int(event.time_ms.div_euclid(1_000))),
            ("datetime", SqlValue::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string())),
            ("source", SqlValue::from(event.channel.as_str())),
            ("provider_name", SqlValue::from(PROVIDER)),
            ("provider_guid", SqlValue::from("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}")),
            ("computer_name", SqlValue::from(event.computer.as_str())),
            ("eventid", SqlValue::Int(i64::from(event.event_id))),
            ("task", SqlValue::Int(i64::from(event.event_id))),
            ("level", SqlValue::Int(4)),
            ("keywords", SqlValue::from("0x8000000000000000")),
            ("data", SqlValue::Text(data)),
            ("eid", eid(place)),
        ],
    )
}

/// What the event tables have is no record of the event log.
fn of_no_log(facts: &Facts) -> Result<(), NotRecordable> {
    for path in ["event.code", "event.provider", "winlog.channel", "winlog.provider_name"] {
        if facts.one(path)?.is_some() {
            return Err(inexpressible(format!("`{path}` is that of a record of the event log")));
        }
    }
    Ok(())
}

fn native(facts: &Facts, place: usize) -> Result<Row, NotRecordable> {
    match facts.what {
        What::ProcessStart => process_etw(facts, place, "ProcessStart"),
        What::ProcessEnd => process_etw(facts, place, "ProcessStop"),
        What::FileCreate => ntfs(facts, place, "FileCreation"),
        What::FileOverwrite => ntfs(facts, place, "FileOverwrite"),
        What::FileDelete => ntfs(facts, place, "FileDeletion"),
        What::FileRename => ntfs(facts, place, "FileRename_NewName"),
        What::FileChange => Err(inexpressible("which records of the journal a change leaves is not known")),
        What::NameQuery => dns_lookup(facts, place),
        What::Connection => Err(absent("osquery has no event table for connections on windows")),
        What::ImageLoad | What::DriverLoad => Err(absent("osquery has no event table for loads on windows")),
        What::Registry(_) => Err(absent("osquery has no event table for the registry")),
    }
}

fn seconds(facts: &Facts) -> i64 {
    facts.time_ms.div_euclid(1_000)
}

/// The columns of an event from ETW: its time in three ways, `datetime` being a number of seconds too.
fn etw(facts: &Facts, place: usize) -> Vec<(&'static str, SqlValue)> {
    let windows = facts.time_ms.saturating_add(11_644_473_600_000).saturating_mul(10_000);
    vec![
        ("time", SqlValue::Int(seconds(facts))),
        ("datetime", SqlValue::Text(seconds(facts).to_string())),
        ("time_windows", SqlValue::Int(windows)),
        ("eid", eid(place)),
    ]
}

fn push<'a>(columns: &mut Vec<(&'a str, SqlValue)>, name: &'a str, value: Option<impl Into<SqlValue>>) {
    if let Some(value) = value {
        columns.push((name, value.into()));
    }
}

fn process_etw(facts: &Facts, place: usize, kind: &str) -> Result<Row, NotRecordable> {
    let mut columns = etw(facts, place);
    columns.push(("type", SqlValue::from(kind)));
    push(&mut columns, "pid", facts.number("process.pid")?);
    push(&mut columns, "ppid", facts.number("process.parent.pid")?);
    push(&mut columns, "path", facts.one("process.executable")?);
    push(&mut columns, "cmdline", facts.one("process.command_line")?);
    push(&mut columns, "username", facts.account("user")?);
    if facts.what == What::ProcessEnd {
        push(&mut columns, "exit_code", facts.number("process.exit_code")?);
    }
    Ok(Row::event("process_etw_events", place, columns))
}

/// The journal knows the file and nobody else; `partial` is 0 as the whole path is known.
fn ntfs(facts: &Facts, place: usize, action: &str) -> Result<Row, NotRecordable> {
    let path = facts.one("file.path")?;
    let drive = path.map(|path| {
        paths::drive(path).ok_or_else(|| match path.starts_with('\\') {
            true => absent("the file is on no drive of the host"),
            false => inexpressible("`file.path` is no path of a file on a host"),
        })
    });
    let drive = drive.transpose()?;
    let mut columns = vec![
        ("time", SqlValue::Int(seconds(facts))),
        ("action", SqlValue::from(action)),
        ("partial", SqlValue::Int(0)),
        ("record_timestamp", SqlValue::Text(seconds(facts).to_string())),
        ("eid", eid(place)),
    ];
    push(&mut columns, "path", path);
    push(&mut columns, "drive_letter", drive.map(String::from));
    if facts.what == What::FileRename {
        push(&mut columns, "old_path", facts.one("file.Ext.original.path")?);
    }
    Ok(Row::event("ntfs_journal_events", place, columns))
}

fn dns_lookup(facts: &Facts, place: usize) -> Result<Row, NotRecordable> {
    let mut columns = etw(facts, place);
    push(&mut columns, "name", facts.one("dns.question.name")?);
    push(&mut columns, "type", facts.one("dns.question.type")?);
    push(&mut columns, "pid", facts.number("process.pid")?);
    push(&mut columns, "path", facts.one("process.executable")?);
    push(&mut columns, "username", facts.account("user")?);
    Ok(Row::event("dns_lookup_events", place, columns))
}

/// The signature of the program, as the host would check it now.
fn authenticode(facts: &Facts, place: usize) -> Result<Option<Row>, NotRecordable> {
    let fields = &facts.fields;
    if !fields.knows("process.code_signature") {
        return Ok(None);
    }
    let exists = fields.truth("process.code_signature.exists")?;
    let trusted = fields.truth("process.code_signature.trusted")?;
    let result = match (exists, trusted) {
        (None | Some(true), Some(true)) => "trusted",
        (Some(false), Some(false)) => "missing",
        (None | Some(true), Some(false)) => "untrusted",
        (Some(false), Some(true)) => return Err(inexpressible("a signature that is missing is trusted")),
        (_, None) => {
            return Err(inexpressible(
                "`process.code_signature.trusted` is missing though the host can tell it",
            ));
        }
    };
    let Some(path) = facts.one("process.executable")? else { return Ok(None) };
    let mut columns = vec![("path", SqlValue::from(path)), ("result", SqlValue::from(result))];
    push(&mut columns, "subject_name", facts.one("process.code_signature.subject_name")?);
    Ok(Some(Row::computed("authenticode", &["path"], place, columns)))
}

/// What the file begins with, in hexadecimal digits, where YARA tells the strings that it found.
fn header(facts: &Facts, place: usize) -> Result<Option<Row>, NotRecordable> {
    let (path, digits) = (facts.one("file.path")?, facts.one("file.Ext.header_bytes")?);
    let (Some(path), Some(digits)) = (path, digits) else { return Ok(None) };
    consistency::lower_case(&facts.fields, "file.Ext.header_bytes")?;
    let columns = vec![("path", SqlValue::from(path)), ("strings", SqlValue::from(digits))];
    Ok(Some(Row::computed("yara_file", &["path"], place, columns)))
}

/// The file of the program.
fn file(facts: &Facts, place: usize) -> Result<Option<Row>, NotRecordable> {
    let Some(path) = facts.one("process.executable")? else { return Ok(None) };
    let mut columns =
        vec![("path", SqlValue::from(path)), ("filename", SqlValue::from(paths::file_name(path)))];
    push(&mut columns, "directory", paths::directory(path));
    if facts.what == What::ProcessStart {
        let original = facts.one("process.pe.original_file_name")?.unwrap_or_default();
        columns.push(("original_filename", SqlValue::from(original)));
    }
    Ok(Some(Row::computed("file", &["path"], place, columns)))
}

/// The parent, and the process itself as long as it runs.
fn processes(facts: &Facts, place: usize) -> Result<Vec<Row>, NotRecordable> {
    let mut rows = Vec::new();
    if let Some(pid) = facts.number("process.parent.pid")? {
        rows.push(running(facts, place, "process.parent", pid)?);
    }
    if let Some(pid) = facts.number("process.pid")?
        && facts.what != What::ProcessEnd
    {
        let mut own = running(facts, place, "process", pid)?;
        if let Some(parent) = facts.number("process.parent.pid")? {
            own.columns.push(("parent".to_owned(), SqlValue::Int(parent)));
        }
        rows.push(own);
    }
    Ok(rows)
}

fn running(facts: &Facts, place: usize, process: &str, pid: i64) -> Result<Row, NotRecordable> {
    let mut columns = vec![("pid", SqlValue::Int(pid))];
    push(&mut columns, "path", facts.one(&format!("{process}.executable"))?);
    push(&mut columns, "name", facts.one(&format!("{process}.name"))?);
    push(&mut columns, "cmdline", facts.one(&format!("{process}.command_line"))?);
    push(&mut columns, "cwd", facts.one(&format!("{process}.working_directory"))?);
    Ok(Row::computed("processes", &["pid"], place, columns))
}
