use super::*;

/// The reasons why none of these events has a record, one line for each.
fn reasons(events: &[Value]) -> String {
    let reason = |event: &Value| match sysmon(event) {
        Err(NotRecordable::Inexpressible(reason)) => reason,
        other => format!("NOT inexpressible: {other:?}"),
    };
    events.iter().map(reason).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_every_agent_knows_is_missing() {
    insta::assert_snapshot!(reasons(&[
        json!([]),
        start(&[("host.os.type", Value::Null)]),
        start(&[("host.id", json!([null]))]),
        start(&[("@timestamp", Value::Null)]),
        start(&[("@timestamp", json!("yesterday"))]),
        start(&[("event.category", json!([]))]),
        start(&[("event.type", Value::Null)]),
    ]), @"
    the event is no object
    `host.os.type` is missing
    `host.id` is missing
    `@timestamp` is missing
    `@timestamp` is neither a date nor milliseconds
    `event.category` is missing
    `event.type` is missing
    ");
}

#[test]
fn a_closed_list_or_lower_case_is_not_kept() {
    insta::assert_snapshot!(reasons(&[
        start(&[("host.os.type", json!("Windows"))]),
        start(&[("event.type", json!("Start"))]),
        start(&[("event.category", json!("Process"))]),
        connection(&[("network.type", json!("IPv4"))]),
        connection(&[("network.transport", json!("TCP"))]),
        connection(&[("network.protocol", json!(["tls", "DNS"]))]),
        start(&[("process.Ext.token.integrity_level_name", json!("System"))]),
    ]), @"
    `Windows` is no value that ECS gives to `host.os.type`
    `Start` is no value that ECS gives to `event.type`
    `Process` is no value that ECS gives to `event.category`
    `IPv4` is no value that ECS gives to `network.type`
    `TCP` in `network.transport` is not in lower case
    `DNS` in `network.protocol` is not in lower case
    the integrity level `System` is not in lower case
    ");
}

#[test]
fn folders_of_processes_end_with_a_separator() {
    let folder = |path: &str| start(&[("process.working_directory", json!(path))]);
    let record = sysmon(&folder("C:\\")).unwrap();
    assert_eq!(record.get("CurrentDirectory"), Some("C:\\"));
    insta::assert_snapshot!(reasons(&[folder("C:\\Temp"), folder("")]), @"
    `process.working_directory` does not end with a separator
    `process.working_directory` does not end with a separator
    ");
}

#[test]
fn several_values_stand_in_a_field_that_a_record_holds_once() {
    insta::assert_snapshot!(reasons(&[
        start(&[("process.name", json!(["cmd.exe", "x.exe"]))]),
        start(&[("process.entity_id", json!(["a", "b"]))]),
        start(&[("process.pe.original_file_name", json!(["a", "b"]))]),
        start(&[("host.id", json!(["a", "b"]))]),
        connection(&[("network.direction", json!(["internal", "egress"]))]),
        connection(&[("destination.ip", json!(["203.0.113.24", "127.0.0.1"]))]),
        file("creation", &[("file.extension", json!(["exe", "txt"]))]),
    ]), @"
    `process.name` has several values
    `process.entity_id` has several values
    `process.pe.original_file_name` has several values
    `host.id` has several values
    `network.direction` has several values
    `destination.ip` has several values
    `file.extension` has several values
    ");
    let twice = start(&[("process.name", json!(["cmd.exe", "cmd.exe"]))]);
    assert_eq!(sysmon(&twice), sysmon(&start(&[])));
}

#[test]
fn a_field_does_not_follow_from_its_base() {
    insta::assert_snapshot!(reasons(&[
        start(&[("process.name", json!("CMD.EXE"))]),
        start(&[("process.name", Value::Null)]),
        start(&[("process.executable", Value::Null)]),
        start(&[("process.parent.name", json!("x.exe"))]),
        file("creation", &[("file.name", json!("b.exe"))]),
        file("creation", &[("file.extension", json!("txt"))]),
        file("creation", &[("file.extension", Value::Null)]),
        file("creation", &[("file.path", json!("C:\\a")), ("file.name", json!("a")), ("file.directory", Value::Null)]),
        file("creation", &[("file.directory", json!("C:\\"))]),
        other("library", "start", &[("dll.path", json!("C:\\a.dll"))]),
    ]), @"
    `process.name` is not that of `process.executable`
    `process.name` is missing though `process.executable` tells it
    `process.executable` is missing though `process.name` is known
    `process.parent.name` is not that of `process.parent.executable`
    `file.name` is not that of `file.path`
    `file.extension` is not that of `file.path`
    `file.extension` is missing though `file.path` tells it
    `file.extension` is not that of `file.path`
    `file.directory` is not that of `file.path`
    `dll.name` is missing though `dll.path` tells it
    ");
}

#[test]
fn a_file_name_without_dot_has_no_extension() {
    let event = file(
        "creation",
        &[
            ("file.path", json!("C:\\Users\\Public\\exe")),
            ("file.name", json!("exe")),
            ("file.extension", Value::Null),
        ],
    );
    assert!(sysmon(&event).is_ok());
    let folder = file(
        "creation",
        &[
            ("file.path", json!("C:\\Users\\Public\\")),
            ("file.name", Value::Null),
            ("file.extension", Value::Null),
        ],
    );
    assert!(sysmon(&folder).is_ok());
}

#[test]
fn the_arguments_are_not_those_of_the_command_line() {
    insta::assert_snapshot!(reasons(&[
        start(&[("process.args", Value::Null)]),
        start(&[("process.args", json!([]))]),
        start(&[("process.args", json!("/c"))]),
        start(&[("process.args", json!(["cmd.exe", "/c dir"]))]),
        start(&[("process.args", json!(["cmd.exe", "/c", "DIR"]))]),
        start(&[("process.command_line", Value::Null)]),
        start(&[("process.args_count", json!(2))]),
        start(&[("process.parent.args", json!(["explorer.exe"]))]),
        start(&[("process.parent.args", json!(["x"])), ("process.parent.command_line", Value::Null)]),
    ]), @"
    `process.args` is missing though `process.command_line` tells it
    `process.args` is missing though `process.command_line` tells it
    `process.args` is not that of `process.command_line`
    `process.args` is not that of `process.command_line`
    `process.args` is not that of `process.command_line`
    `process.command_line` is missing though `process.args` is known
    `process.args_count` is not the number of `process.args`
    `process.parent.args` is not that of `process.parent.command_line`
    `process.parent.command_line` is missing though `process.parent.args` is known
    ");
    let quoted = start(&[
        ("process.command_line", json!(r#"cmd.exe "/c dir" x"#)),
        ("process.args", json!(["cmd.exe", "/c dir", "x"])),
        ("process.args_count", json!(3)),
    ]);
    assert!(sysmon(&quoted).is_ok());
    let neither = start(&[("process.args", Value::Null), ("process.command_line", Value::Null)]);
    assert_eq!(sysmon(&neither).map(|record| record.get("CommandLine").is_some()), Ok(false));
}

#[test]
fn an_account_is_half_known() {
    insta::assert_snapshot!(reasons(&[
        start(&[("user.name", Value::Null)]),
        start(&[("user.domain", Value::Null)]),
    ]), @"
    `user.name` is missing though `user.domain` is known
    `user.domain` is missing though `user.name` is known
    ");
}

#[test]
fn addresses_and_their_kind_do_not_agree() {
    insta::assert_snapshot!(reasons(&[
        connection(&[("network.type", json!("ipv6"))]),
        connection(&[("network.type", Value::Null)]),
        connection(&[("destination.ip", json!("2001:db8::1"))]),
        connection(&[("destination.ip", json!("example.net"))]),
        connection(&[("destination.port", json!("https"))]),
    ]), @"
    `network.type` is not that of `source.ip`
    `network.type` is missing though `source.ip` tells it
    `network.type` is not that of `destination.ip`
    `destination.ip` is no address
    `destination.port` is no whole number
    ");
}

#[test]
fn several_records_or_none_in_particular() {
    insta::assert_snapshot!(reasons(&[
        start(&[("event.type", json!(["start", "end"]))]),
        start(&[("event.type", json!(["start", "denied"]))]),
        start(&[("event.type", json!("access"))]),
        file("creation", &[("event.type", json!(["creation", "deletion"]))]),
        file("creation", &[("event.category", json!(["file", "registry"]))]),
        connection(&[("dns.question.name", json!("example.net"))]),
        connection(&[("event.type", json!("info"))]),
        json!({
            "@timestamp": 0, "event.category": "process", "event.type": "start",
            "host.os.type": "windows", "host.id": "h",
        }),
    ]), @"
    a process cannot start and end in one record
    whether a refused start is logged is not known
    access to a process is not projected
    a file cannot come and go in one record
    its categories are those of several records
    a name lookup and a connection are two records
    `event.type` tells no connection
    nothing is told of what happened
    ");
}

#[test]
fn the_record_is_quoted_wrongly() {
    insta::assert_snapshot!(reasons(&[
        start(&[("event.code", json!("4688"))]),
        start(&[("event.provider", json!("Microsoft-Windows-Security-Auditing"))]),
        start(&[("winlog.event_data.Image", json!("C:\\x.exe"))]),
    ]), @"
    `event.code` is that of another event than Sysmon's
    `event.provider` is not Sysmon
    `winlog.event_data.Image` contradicts the rest of the event
    ");
    let right = start(&[("event.code", json!(1)), ("event.provider", json!("Microsoft-Windows-Sysmon"))]);
    assert!(sysmon(&right).is_ok());
}

#[test]
fn deep_nesting_is_flattened() {
    let mut deep = json!("x");
    for _ in 0..500 {
        deep = json!([deep]);
    }
    let record = sysmon(&start(&[("process.entity_id", deep)])).unwrap();
    assert_eq!(record.get("ProcessGuid"), Some("x"));
}

#[test]
fn the_audit_log_of_the_system_is_not_projected() {
    insta::assert_snapshot!(reasons(&[
        start(&[("event.category", json!("iam"))]),
        start(&[("event.category", json!(["package", "session"]))]),
    ]), @"
    what the audit log of the system records is not projected
    what the audit log of the system records is not projected
    ");
}
