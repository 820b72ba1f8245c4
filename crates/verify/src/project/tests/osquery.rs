use super::*;
use crate::sqlite::{Column, ColumnType, Database, SqlValue, Table};

fn rows(event: &Value, profile: Profile) -> String {
    osquery_rows(event, profile, 6).map_or_else(|reason| reason.to_string(), |rows| show_rows(&rows))
}

fn signed(exists: Value, trusted: Value) -> Value {
    start(&[("process.code_signature.exists", exists), ("process.code_signature.trusted", trusted)])
}

#[test]
fn a_record_of_sysmon_is_a_row_of_windows_events() {
    insta::assert_snapshot!(rows(&start(&[]), Profile::Sysmon), @r#"
    windows_events
      time = 1767607200
      datetime = '2026-01-05T10:00:00.2500000Z'
      source = 'Microsoft-Windows-Sysmon/Operational'
      provider_name = 'Microsoft-Windows-Sysmon'
      provider_guid = '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'
      computer_name = 'ws-0001'
      eventid = 1
      task = 1
      level = 4
      keywords = '0x8000000000000000'
      data = '{"EventData":{"RuleName":"-","UtcTime":"2026-01-05 10:00:00.250","ProcessGuid":"guid-1","ProcessId":"4711","Image":"C:\\Windows\\System32\\cmd.exe","User":"CONTOSO\\ana","FileVersion":"-","Description":"-","Product":"-","Company":"-","OriginalFileName":"Cmd.Exe","CommandLine":"cmd.exe \/c dir","ParentProcessGuid":"guid-0","ParentProcessId":"1234","ParentImage":"C:\\Windows\\explorer.exe","ParentCommandLine":"C:\\Windows\\Explorer.EXE"}}'
      eid = '0000000007'
    "#);
}

#[test]
fn a_signature_is_a_row_of_authenticode() {
    let result = |exists: Value, trusted: Value| {
        osquery_rows(&signed(exists, trusted), Profile::Sysmon, 0).map(|rows| {
            let row = rows.iter().find(|row| row.table == "authenticode");
            row.and_then(|row| row.get("result")?.as_text().map(str::to_owned))
        })
    };
    let says = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(result(json!(true), json!(true)), says("trusted"));
    assert_eq!(result(Value::Null, json!(true)), says("trusted"));
    assert_eq!(result(json!(true), json!(false)), says("untrusted"));
    assert_eq!(result(json!(false), json!(false)), says("missing"));
    assert_eq!(result(Value::Null, Value::Null), Ok(None));
    for (exists, trusted) in [
        (json!(false), json!(true)),
        (json!(false), Value::Null),
        (json!(true), json!([true, false])),
        (json!(true), json!("maybe")),
    ] {
        assert!(matches!(result(exists, trusted), Err(NotRecordable::Inexpressible(_))));
    }
}

#[test]
fn a_process_start_is_a_row_from_etw_with_its_file_and_the_processes() {
    insta::assert_snapshot!(rows(&start(&[]), Profile::Native), @r#"
    process_etw_events
      time = 1767607200
      datetime = '1767607200'
      time_windows = 134120808002500000
      eid = '0000000007'
      type = 'ProcessStart'
      pid = 4711
      ppid = 1234
      path = 'C:\Windows\System32\cmd.exe'
      cmdline = 'cmd.exe /c dir'
      username = 'CONTOSO\ana'
    file
      path = 'C:\Windows\System32\cmd.exe'
      filename = 'cmd.exe'
      directory = 'C:\Windows\System32'
      original_filename = 'Cmd.Exe'
    processes
      pid = 1234
      path = 'C:\Windows\explorer.exe'
      name = 'explorer.exe'
      cmdline = 'C:\Windows\Explorer.EXE'
    processes
      pid = 4711
      path = 'C:\Windows\System32\cmd.exe'
      name = 'cmd.exe'
      cmdline = 'cmd.exe /c dir'
      parent = 1234
    "#);
}

#[test]
fn a_process_end_is_a_row_from_etw_with_its_exit_code() {
    insta::assert_snapshot!(rows(&other("process", "end", &[("process.exit_code", json!(1))]), Profile::Native), @r#"
    process_etw_events
      time = 1767607200
      datetime = '1767607200'
      time_windows = 134120808002500000
      eid = '0000000007'
      type = 'ProcessStop'
      pid = 4711
      path = 'C:\Windows\System32\cmd.exe'
      username = 'CONTOSO\ana'
      exit_code = 1
    file
      path = 'C:\Windows\System32\cmd.exe'
      filename = 'cmd.exe'
      directory = 'C:\Windows\System32'
    "#);
}

#[test]
fn a_file_is_a_row_of_the_journal_without_its_process() {
    let action =
        |event: &Value| osquery_rows(event, Profile::Native, 0).map(|rows| rows[0].get("action").cloned());
    let says = |text: &str| Ok(Some(SqlValue::from(text)));
    assert_eq!(action(&file("creation", &[])), says("FileCreation"));
    assert_eq!(action(&file("deletion", &[])), says("FileDeletion"));
    assert_eq!(action(&file("change", &[("event.action", json!("overwrite"))])), says("FileOverwrite"));
    assert_eq!(action(&file("change", &[("event.action", json!("rename"))])), says("FileRename_NewName"));
    assert!(matches!(action(&file("change", &[])), Err(NotRecordable::Inexpressible(_))));
    let share = file(
        "creation",
        &[("file.path", json!("\\\\server\\share\\a.exe")), ("file.directory", json!("\\\\server\\share"))],
    );
    assert!(matches!(action(&share), Err(NotRecordable::Absent(_))));
    let journal = osquery_rows(&file("creation", &[]), Profile::Native, 0).unwrap();
    insta::assert_snapshot!(show_rows(&journal[..1]), @r#"
    ntfs_journal_events
      time = 1767607200
      action = 'FileCreation'
      partial = 0
      record_timestamp = '1767607200'
      eid = '0000000001'
      path = 'C:\Users\Public\a.exe'
      drive_letter = 'C'
    "#);
}

#[test]
fn a_name_lookup_is_a_row_of_dns_lookup_events() {
    let event = other(
        "network",
        "start",
        &[("dns.question.name", json!("files.example.net")), ("dns.question.type", json!("A"))],
    );
    let rows = osquery_rows(&event, Profile::Native, 0).unwrap();
    insta::assert_snapshot!(show_rows(&rows[..1]), @r#"
    dns_lookup_events
      time = 1767607200
      datetime = '1767607200'
      time_windows = 134120808002500000
      eid = '0000000001'
      name = 'files.example.net'
      type = 'A'
      pid = 4711
      path = 'C:\Windows\System32\cmd.exe'
      username = 'CONTOSO\ana'
    "#);
}

#[test]
fn windows_itself_tells_nothing_of_connections_loads_and_the_registry() {
    let events = [connection(&[]), other("library", "start", &[]), other("registry", "change", &[])];
    let reasons: Vec<String> = events.iter().map(|event| rows(event, Profile::Native)).collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    not logged: osquery has no event table for connections on windows
    not logged: osquery has no event table for loads on windows
    not logged: osquery has no event table for the registry
    ");
}

#[test]
fn a_stream_is_told_by_host_and_each_file_once() {
    let events = [
        signed(json!(false), json!(false)),
        file("change", &[]),
        changed(signed(json!(false), json!(false)), &[("host.id", json!("h-0"))]),
        signed(json!(false), json!(false)),
    ];
    let hosts = osquery_stream(&events, Profile::Sysmon, "windows").unwrap();
    let summary: Vec<String> = hosts
        .iter()
        .flat_map(|host| {
            host.rows.iter().map(move |row| format!("{} {} {}", host.host, row.table, row.event))
        })
        .collect();
    insta::assert_snapshot!(summary.join("\n"), @"
    h-0 windows_events 2
    h-0 authenticode 2
    h-1 windows_events 0
    h-1 authenticode 0
    h-1 windows_events 3
    ");
}

#[test]
fn a_stream_that_tells_differently_of_one_file_or_process_is_refused() {
    let signatures = [signed(json!(false), json!(false)), signed(json!(true), json!(true))];
    let process = [
        start(&[]),
        file("creation", &[("process.name", json!("x.exe")), ("process.executable", json!("C:\\x.exe"))]),
    ];
    let refusals = [
        osquery_stream(&signatures, Profile::Sysmon, "windows").unwrap_err(),
        osquery_stream(&process, Profile::Native, "windows").unwrap_err(),
        osquery_stream(&[start(&[]), start(&[("host.id", Value::Null)])], Profile::Sysmon, "windows")
            .unwrap_err(),
    ];
    insta::assert_snapshot!(
        refusals.map(|(place, reason)| format!("{place}: {reason}")).join("\n"), @"
    1: `authenticode.result` is not what an earlier event tells
    1: `processes.path` is not what an earlier event tells
    1: `host.id` is missing
    ");
}

#[test]
fn later_events_add_what_they_know_of_a_process() {
    let events = [file("creation", &[]), start(&[])];
    let hosts = osquery_stream(&events, Profile::Native, "windows").unwrap();
    let own =
        hosts[0].rows.iter().find(|row| row.get("pid") == Some(&SqlValue::Int(4711)) && row.key.is_some());
    assert_eq!(own.and_then(|row| row.get("cmdline")), Some(&SqlValue::from("cmd.exe /c dir")));
}

#[test]
fn rows_can_be_asked_with_sql() {
    let column = |name: &str, kind| Column::new(name, kind);
    let names =
        ["datetime", "source", "provider_name", "provider_guid", "computer_name", "keywords", "data", "eid"];
    let numbers = ["time", "eventid", "task", "level"];
    let columns = names
        .map(|name| column(name, ColumnType::Text))
        .into_iter()
        .chain(numbers.map(|name| column(name, ColumnType::BigInt)))
        .collect();
    let mut database = Database::new([Table { name: "windows_events".to_owned(), columns }]).unwrap();
    for (place, event) in [start(&[]), connection(&[])].iter().enumerate() {
        for row in osquery_rows(event, Profile::Sysmon, place).unwrap() {
            database.insert(row.table, &row.columns).unwrap();
        }
    }
    let found = database
        .query(
            "SELECT eid FROM windows_events WHERE eventid = 1 \
             AND json_extract(data, '$.EventData.CommandLine') LIKE '% /C %'",
        )
        .unwrap();
    let places: Vec<_> = found.iter().filter_map(|row| row.get("eid")?.as_text()).collect();
    assert_eq!(places, ["0000000001"]);
}

/// The rows of a start on Linux with these arguments in a container.
fn started(args: Value, line: &str, container: &str) -> Result<Vec<Row>, (usize, String)> {
    let event = json!({
        "@timestamp": "2026-01-05T10:00:00Z", "host": {"id": "h", "os": {"type": "linux"}},
        "event": {"category": "process", "type": "start", "action": "exec"}, "container": {"id": container},
        "process": {"executable": "/bin/sh", "name": "sh", "pid": 7, "args": args, "command_line": line},
    });
    let hosts = osquery_stream(&[event], Profile::Native, "linux")?;
    Ok(hosts.into_iter().flat_map(|host| host.rows).collect())
}

#[test]
fn arguments_on_linux_are_joined_whatever_is_in_them() {
    let id = "0123456789abcdef".repeat(4);
    let line = |args| started(args, "sh -c a b", &id).map(|rows| rows.len());
    assert!(line(json!(["sh", "-c", "a b"])).is_ok());
    assert!(line(json!(["sh", "-c", "a", "b"])).is_ok());
    let (_, why) = line(json!(["sh", "-c", "a"])).unwrap_err();
    assert!(why.contains("`process.args` are not those of the command line"), "{why}");
}

#[test]
fn a_process_in_a_container_runs_in_a_control_group_called_after_it() {
    let id = "0123456789abcdef".repeat(4);
    let rows = started(json!("sh"), "sh", &id).unwrap();
    let running = rows.iter().find(|row| row.table == "processes").unwrap();
    assert_eq!(running.get("pid"), Some(&SqlValue::Int(7)));
    assert_eq!(running.get("cgroup_path"), Some(&SqlValue::Text(format!("/system.slice/docker-{id}.scope"))));
    let (_, why) = started(json!("sh"), "sh", "my-container").unwrap_err();
    assert!(why.contains("`container.id`"), "{why}");
}
