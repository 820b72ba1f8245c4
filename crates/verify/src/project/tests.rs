use serde_json::{Value, json};

use super::{NotRecordable, Profile, Row, SysmonEvent, osquery_rows, osquery_stream, sysmon};

mod audit_records;
mod elastic;
mod fixtures;
mod inexpressible;
mod kinds;
mod osquery;
mod sigma;
mod sysmon_records;
mod winlog;

/// A complete process start; `changes` replaces fields by dotted path, null takes one out.
fn start(changes: &[(&str, Value)]) -> Value {
    changed(
        json!({
            "@timestamp": "2026-01-05T10:00:00.250Z",
            "event.category": ["process"],
            "event.type": ["start"],
            "host.id": "h-1",
            "host.name": "ws-0001",
            "host.os.type": "windows",
            "user.name": "ana",
            "user.domain": "CONTOSO",
            "process.entity_id": "guid-1",
            "process.pid": 4711,
            "process.name": "cmd.exe",
            "process.executable": "C:\\Windows\\System32\\cmd.exe",
            "process.command_line": "cmd.exe /c dir",
            "process.args": ["cmd.exe", "/c", "dir"],
            "process.pe.original_file_name": "Cmd.Exe",
            "process.parent.pid": 1234,
            "process.parent.entity_id": "guid-0",
            "process.parent.name": "explorer.exe",
            "process.parent.executable": "C:\\Windows\\explorer.exe",
            "process.parent.command_line": "C:\\Windows\\Explorer.EXE",
        }),
        changes,
    )
}

/// A complete event of another kind by the same process.
fn other(category: &str, kind: &str, changes: &[(&str, Value)]) -> Value {
    let base = start(&[
        ("event.category", json!(category)),
        ("event.type", json!(kind)),
        ("process.command_line", Value::Null),
        ("process.args", Value::Null),
        ("process.pe.original_file_name", Value::Null),
        ("process.parent.pid", Value::Null),
        ("process.parent.entity_id", Value::Null),
        ("process.parent.name", Value::Null),
        ("process.parent.executable", Value::Null),
        ("process.parent.command_line", Value::Null),
    ]);
    changed(base, changes)
}

fn connection(changes: &[(&str, Value)]) -> Value {
    let base = other(
        "network",
        "start",
        &[
            ("network.direction", json!("egress")),
            ("network.transport", json!("tcp")),
            ("network.type", json!("ipv4")),
            ("source.ip", json!("10.0.0.5")),
            ("source.port", json!(50_000)),
            ("destination.ip", json!("203.0.113.24")),
            ("destination.port", json!(443)),
        ],
    );
    changed(base, changes)
}

fn file(kind: &str, changes: &[(&str, Value)]) -> Value {
    let base = other(
        "file",
        kind,
        &[
            ("file.path", json!("C:\\Users\\Public\\a.exe")),
            ("file.name", json!("a.exe")),
            ("file.extension", json!("exe")),
            ("file.directory", json!("C:\\Users\\Public")),
        ],
    );
    changed(base, changes)
}

fn changed(mut event: Value, changes: &[(&str, Value)]) -> Value {
    let members = event.as_object_mut().unwrap();
    for (path, value) in changes {
        members.insert((*path).to_owned(), value.clone());
    }
    event
}

fn show(event: &SysmonEvent) -> String {
    let head = format!("{} on {}", event.event_id, event.computer);
    let data = event.data.iter().map(|(name, value)| format!("{name}: {value}"));
    std::iter::once(head).chain(data).collect::<Vec<_>>().join("\n")
}

fn logged(event: &Value) -> String {
    sysmon(event).map_or_else(|reason| reason.to_string(), |record| show(&record))
}

fn show_rows(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let columns: Vec<String> =
            row.columns.iter().map(|(name, value)| format!("  {name} = {value}")).collect();
        format!("{}\n{}", row.table, columns.join("\n"))
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}
