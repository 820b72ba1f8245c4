use super::*;

#[test]
fn a_process_start_is_event_1() {
    insta::assert_snapshot!(logged(&start(&[])), @r#"
    1 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    FileVersion: -
    Description: -
    Product: -
    Company: -
    OriginalFileName: Cmd.Exe
    CommandLine: cmd.exe /c dir
    ParentProcessGuid: guid-0
    ParentProcessId: 1234
    ParentImage: C:\Windows\explorer.exe
    ParentCommandLine: C:\Windows\Explorer.EXE
    "#);
}

#[test]
fn nested_dotted_and_mixed_names_are_the_same() {
    let nested = json!({
        "@timestamp": "2026-01-05T11:00:00.250+01:00",
        "event": {"category": ["process"], "type": "start"},
        "host": {"id": "h-1", "name": "ws-0001", "os.type": "windows"},
        "user": {"name": "ana", "domain": "CONTOSO"},
        "process": {
            "entity_id": "guid-1",
            "pid": "4711",
            "name": "cmd.exe",
            "executable": ["C:\\Windows\\System32\\cmd.exe"],
            "command_line": "cmd.exe /c dir",
            "args": [["cmd.exe", null], "/c", "dir"],
            "pe.original_file_name": "Cmd.Exe",
            "parent": {
                "pid": 1234,
                "entity_id": "guid-0",
                "name": "explorer.exe",
                "executable": "C:\\Windows\\explorer.exe",
            },
            "parent.command_line": "C:\\Windows\\Explorer.EXE",
        },
    });
    assert_eq!(sysmon(&nested), sysmon(&start(&[])));
}

#[test]
fn everything_that_is_known_of_a_start_is_logged() {
    let event = start(&[
        ("process.working_directory", json!("C:\\Users\\ana\\")),
        ("process.hash.sha256", json!("ab01")),
        ("process.hash.md5", json!("cd02")),
        ("process.pe.imphash", json!("ef03")),
        ("process.pe.company", json!("Microsoft Corporation")),
        ("process.Ext.token.integrity_level_name", json!("high")),
        ("process.parent.user.name", json!("SYSTEM")),
        ("process.parent.user.domain", json!("NT AUTHORITY")),
        ("winlog.event_data.LogonId", json!("0x3e7")),
        ("winlog.event_data.FileVersion", json!("10.0")),
    ]);
    insta::assert_snapshot!(logged(&event), @r#"
    1 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    FileVersion: 10.0
    Description: -
    Product: -
    Company: Microsoft Corporation
    OriginalFileName: Cmd.Exe
    CommandLine: cmd.exe /c dir
    CurrentDirectory: C:\Users\ana\
    IntegrityLevel: High
    Hashes: MD5=CD02,SHA256=AB01,IMPHASH=EF03
    ParentProcessGuid: guid-0
    ParentProcessId: 1234
    ParentImage: C:\Windows\explorer.exe
    ParentCommandLine: C:\Windows\Explorer.EXE
    ParentUser: NT AUTHORITY\SYSTEM
    LogonId: 0x3e7
    "#);
}

#[test]
fn a_program_without_version_resource_has_dashes() {
    let record = sysmon(&start(&[("process.pe.original_file_name", Value::Null)])).unwrap();
    assert_eq!(record.get("OriginalFileName"), Some("-"));
}

#[test]
fn facts_that_are_not_known_are_left_out() {
    let record = sysmon(&start(&[("process.entity_id", json!([])), ("process.pid", Value::Null)])).unwrap();
    assert_eq!(record.get("ProcessGuid"), None);
    assert_eq!(record.get("ProcessId"), None);
}

#[test]
fn a_process_end_is_event_5() {
    insta::assert_snapshot!(logged(&other("process", "end", &[])), @r#"
    5 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    "#);
}

#[test]
fn a_connection_is_event_3() {
    insta::assert_snapshot!(logged(&connection(&[])), @r#"
    3 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    Protocol: tcp
    Initiated: true
    SourceIsIpv6: false
    SourceIp: 10.0.0.5
    SourceHostname: -
    SourcePort: 50000
    SourcePortName: -
    DestinationIsIpv6: false
    DestinationIp: 203.0.113.24
    DestinationHostname: -
    DestinationPort: 443
    DestinationPortName: https
    "#);
}

#[test]
fn the_side_that_began_follows_from_the_direction() {
    let initiated = |direction: &str| {
        let record = sysmon(&connection(&[("network.direction", json!(direction))]));
        record.map(|record| record.get("Initiated").map(str::to_owned))
    };
    for direction in ["egress", "outgoing", "outbound", "Egress", "OUTGOING"] {
        assert_eq!(initiated(direction), Ok(Some("true".to_owned())), "{direction}");
    }
    for direction in ["ingress", "incoming", "inbound"] {
        assert_eq!(initiated(direction), Ok(Some("false".to_owned())), "{direction}");
    }
    assert!(matches!(initiated("internal"), Err(NotRecordable::Inexpressible(_))));
}

#[test]
fn addresses_of_ipv6_are_told_as_such() {
    let record = sysmon(&connection(&[
        ("network.type", json!("ipv6")),
        ("source.ip", json!("2001:db8::1")),
        ("destination.ip", Value::Null),
        ("destination.port", json!(53)),
    ]))
    .unwrap();
    assert_eq!(record.get("SourceIsIpv6"), Some("true"));
    assert_eq!(record.get("DestinationIsIpv6"), Some("true"));
    assert_eq!(record.get("DestinationIp"), None);
    assert_eq!(record.get("DestinationPortName"), Some("domain"));
}

#[test]
fn a_new_file_is_event_11_and_so_is_an_overwritten_one() {
    insta::assert_snapshot!(logged(&file("creation", &[])), @r#"
    11 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    TargetFilename: C:\Users\Public\a.exe
    CreationUtcTime: 2026-01-05 10:00:00.250
    "#);
    let overwritten = sysmon(&file("change", &[("event.action", json!("overwrite"))])).unwrap();
    assert_eq!(overwritten.event_id, 11);
    assert_eq!(overwritten.get("CreationUtcTime"), None);
}

#[test]
fn a_deleted_file_is_event_23() {
    let event = file("deletion", &[("file.hash.sha1", json!("0a"))]);
    insta::assert_snapshot!(logged(&event), @r#"
    23 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    TargetFilename: C:\Users\Public\a.exe
    Hashes: SHA1=0A
    "#);
}

#[test]
fn a_loaded_library_is_event_7() {
    let event = other(
        "library",
        "start",
        &[
            ("dll.path", json!("C:\\Users\\Public\\a.dll")),
            ("dll.name", json!("a.dll")),
            ("dll.hash.sha256", json!("0a")),
            ("dll.code_signature.exists", json!(true)),
            ("dll.code_signature.trusted", json!(true)),
            ("dll.code_signature.subject_name", json!("Contoso")),
        ],
    );
    insta::assert_snapshot!(logged(&event), @r#"
    7 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    FileVersion: -
    Description: -
    Product: -
    Company: -
    OriginalFileName: -
    ImageLoaded: C:\Users\Public\a.dll
    Hashes: SHA256=0A
    Signed: true
    Signature: Contoso
    SignatureStatus: Valid
    "#);
}

#[test]
fn a_loaded_driver_is_event_6_without_a_process() {
    let event = other(
        "driver",
        "start",
        &[
            ("driver.path", json!("C:\\Windows\\System32\\drivers\\a.sys")),
            ("driver.code_signature.exists", json!(false)),
        ],
    );
    insta::assert_snapshot!(logged(&event), @r#"
    6 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ImageLoaded: C:\Windows\System32\drivers\a.sys
    Signed: false
    Signature: -
    SignatureStatus: Unavailable
    "#);
}

#[test]
fn a_value_that_is_written_is_event_13() {
    let details = |kind: &str, strings: Value| {
        let event = other(
            "registry",
            "change",
            &[
                ("registry.path", json!("HKEY_LOCAL_MACHINE\\SOFTWARE\\a\\b")),
                ("registry.value", json!("b")),
                ("registry.data.type", json!(kind)),
                ("registry.data.strings", strings),
            ],
        );
        sysmon(&event).map(|record| (record.event_id, record.get("Details").map(str::to_owned)))
    };
    let says = |text: &str| Ok((13, Some(text.to_owned())));
    assert_eq!(details("REG_SZ", json!("x")), says("x"));
    assert_eq!(details("REG_DWORD", json!("1")), says("DWORD (0x00000001)"));
    assert_eq!(details("REG_DWORD", json!("0x10")), says("DWORD (0x00000010)"));
    assert_eq!(details("REG_QWORD", json!("4294967298")), says("QWORD (0x00000001-0x00000002)"));
    assert_eq!(details("REG_MULTI_SZ", json!(["x", "y"])), says("Binary Data"));
    assert!(matches!(details("REG_DWORD", json!("x")), Err(NotRecordable::Inexpressible(_))));
}

#[test]
fn registry_changes_have_their_own_events_and_short_hives() {
    let record = |kind: &str, action: &str, path: &str, value: Option<&str>| {
        let event = other(
            "registry",
            kind,
            &[
                ("event.action", json!(action)),
                ("user.id", json!("S-1-5-21-1")),
                ("registry.path", json!(path)),
                ("registry.value", json!(value)),
            ],
        );
        let record = sysmon(&event).unwrap();
        let get = |name: &str| record.get(name).unwrap_or_default().to_owned();
        format!("{} {} {}", record.event_id, get("EventType"), get("TargetObject"))
    };
    insta::assert_snapshot!([
        record("creation", "creation", r"\REGISTRY\MACHINE\SOFTWARE\a", None),
        record("creation", "modification", r"HKLM\SOFTWARE\a\b", Some("b")),
        record("deletion", "deletion", r"HKU\S-1-5-18\a", None),
        record("deletion", "deletion", r"\REGISTRY\USER\S-1-5-18\a\b", Some("b")),
        record("change", "rename", r"HKCU\a", None),
    ].join("\n"), @r#"
    12 CreateKey HKLM\SOFTWARE\a
    13 SetValue HKLM\SOFTWARE\a\b
    12 DeleteKey HKU\S-1-5-18\a
    12 DeleteValue HKU\S-1-5-18\a\b
    14 RenameKey HKU\S-1-5-21-1\a
    "#);
}

#[test]
fn a_name_lookup_is_event_22() {
    let event = other(
        "network",
        "start",
        &[
            ("dns.question.name", json!("files.example.net")),
            ("dns.response_code", json!("NOERROR")),
            ("dns.resolved_ip", json!(["203.0.113.24", "2001:db8::24"])),
        ],
    );
    insta::assert_snapshot!(logged(&event), @r#"
    22 on ws-0001
    RuleName: -
    UtcTime: 2026-01-05 10:00:00.250
    ProcessGuid: guid-1
    ProcessId: 4711
    Image: C:\Windows\System32\cmd.exe
    User: CONTOSO\ana
    QueryName: files.example.net
    QueryStatus: 0
    QueryResults: ::ffff:203.0.113.24;2001:db8::24;
    "#);
}

#[test]
fn what_sysmon_does_not_log_is_absent() {
    let events = [
        start(&[("host.os.type", json!("linux"))]),
        start(&[("event.type", json!("info"))]),
        start(&[("event.category", json!("package"))]),
        file("change", &[]),
        file("change", &[("event.action", json!("rename"))]),
        file("access", &[]),
        connection(&[("event.type", json!("end"))]),
        connection(&[("network.transport", json!("icmp"))]),
        other("registry", "access", &[]),
    ];
    let reasons: Vec<String> = events.iter().map(logged).collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    not logged: the host runs linux, not windows
    not logged: of a process only its start and its end are logged
    not logged: there is no event for the category `package`
    not logged: Sysmon does not log that a file is changed
    not logged: Sysmon does not log that a file gets another name
    not logged: reading a file is not logged
    not logged: the end of a connection is not logged
    not logged: Sysmon logs tcp and udp, not icmp
    not logged: reading the registry is not logged
    ");
}

#[test]
fn further_categories_and_types_do_not_hide_the_record() {
    for change in [
        ("event.category", json!(["package", "process"])),
        ("event.category", json!(["process", "configuration"])),
        ("event.type", json!(["info", "start"])),
    ] {
        assert_eq!(sysmon(&start(&[change])).map(|record| record.event_id), Ok(1));
    }
    assert_eq!(
        sysmon(&file("creation", &[("event.type", json!(["change", "creation"]))])).unwrap().event_id,
        11
    );
    assert_eq!(
        sysmon(&file("deletion", &[("event.type", json!(["change", "deletion"]))])).unwrap().event_id,
        23
    );
}
