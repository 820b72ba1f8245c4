//! Records of Windows' log in both shapes.

use super::*;
use crate::project::WindowsRecord;

fn record(provider: &str, channel: &str, id: i64, data: Value) -> WindowsRecord {
    let event = json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": provider}},
            "EventID": id,
            "Channel": channel,
            "Computer": "ws-0001",
            "Level": 4,
            "Keywords": "0x8020000000000000",
            "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-05T10:00:00.25Z"}},
        },
        "EventData": data,
    }});
    WindowsRecord::read(&event).unwrap()
}

fn sysmon(id: i64, data: Value) -> WindowsRecord {
    record("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", id, data)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn a_record_is_flat_for_sigma() {
    let record = sysmon(1, json!({"Image": r"C:\a.exe", "Process Id": 7, "ParentUser": null}));
    insta::assert_snapshot!(pretty(&record.sigma()));
}

#[test]
fn a_started_process_is_stored_as_one() {
    let record = sysmon(
        1,
        json!({
            "RuleName": "-", "UtcTime": "2026-01-05 10:00:00.250", "ProcessGuid": "{x}", "ProcessId": 7,
            "Image": r"C:\a.exe", "FileVersion": "-", "Description": "An A", "OriginalFileName": "a.exe",
            "CommandLine": "a.exe -x", "CurrentDirectory": "C:\\Temp\\", "User": r"CONTOSO\ana", "LogonId": "0x3e7",
            "IntegrityLevel": "High", "Hashes": "MD5=ABCD,IMPHASH=0000", "ParentImage": r"C:\b.exe",
            "ParentProcessId": 6, "ParentUser": r"CONTOSO\ana", "ParentCommandLine": "",
        }),
    );
    insta::assert_snapshot!(pretty(&record.document()));
}

#[test]
fn values_of_the_registry_are_typed() {
    let written = |details: &str| {
        let record =
            sysmon(13, json!({"EventType": "SetValue", "TargetObject": r"HKLM\a\b", "Details": details}));
        let document = record.document();
        format!("{details}: {} {}", document["registry.data.type"], document["registry.data.strings"])
    };
    insta::assert_snapshot!(
        [
            written("DWORD (0x0000000A)"),
            written("QWORD (0x00000001-0x00000002)"),
            written("Binary Data"),
            written("text"),
            written("(Empty)"),
        ]
        .join("\n")
    );
}

#[test]
fn connections_and_loaded_files_are_stored_in_ecs() {
    let connection = sysmon(
        3,
        json!({
            "Image": r"C:\a.exe", "Initiated": "true", "Protocol": "tcp", "SourceIsIpv6": "false",
            "DestinationIp": "10.0.0.1", "DestinationPort": 443, "DestinationHostname": "-", "DestinationPortName": "https",
        }),
    );
    let loaded = sysmon(
        7,
        json!({
            "Image": r"C:\a.exe", "ImageLoaded": r"C:\b.dll", "OriginalFileName": "b.dll", "Company": "B",
            "Hashes": "SHA256=AB", "Signed": "true", "Signature": "B Inc", "SignatureStatus": "Valid",
        }),
    );
    insta::assert_snapshot!(format!("{}\n{}", pretty(&connection.document()), pretty(&loaded.document())));
}

#[test]
fn other_channels_keep_their_data() {
    let logon = record(
        "Microsoft-Windows-Security-Auditing",
        "Security",
        4624,
        json!({
            "LogonType": 3, "IpAddress": "10.0.0.1", "IpPort": "-", "ProcessName": r"C:\a.exe", "TargetUserName": "ana",
        }),
    );
    let defender = record(
        "Microsoft-Windows-Windows Defender",
        "Microsoft-Windows-Windows Defender/Operational",
        1116,
        json!({"Threat Name": "X", "Process Name": r"C:\a.exe", "Unused": ""}),
    );
    let classic = record("MsiInstaller", "Application", 1033, json!({"Data": ["a", null, "c"]}));
    insta::assert_snapshot!([logon, defender, classic].map(|record| pretty(&record.document())).join("\n"));
}

#[test]
fn other_shapes_are_no_records() {
    for event in [json!({}), json!({"Event": {}}), json!({"Event": {"System": {"EventID": 1}}}), json!([1])] {
        assert_eq!(WindowsRecord::read(&event), None, "{event}");
    }
}

fn stored(source: Value, fields: Value) -> Result<Value, String> {
    let mut event = fields;
    event["logsource"] = source;
    crate::project::stored(&event)
}

#[test]
fn a_flat_event_is_stored_as_the_record_of_its_log_source() {
    let source = json!({"product": "windows", "category": "process_creation"});
    let data = json!({"Image": "C:\\tool.exe", "User": "CONTOSO\\ana"});
    let found = stored(source, data.clone()).unwrap();
    assert_eq!(found["event.code"], "1");
    assert_eq!(found["process.executable"], "C:\\tool.exe");
    let record = sysmon(1, data).document();
    for path in ["event.category", "event.type", "event.provider", "user.name", "user.domain"] {
        assert_eq!(found[path], record[path], "{path}");
    }
    let audit = json!({"product": "windows", "service": "security"});
    let found = stored(audit, json!({"EventID": 4624, "IpAddress": "192.0.2.1"})).unwrap();
    assert_eq!((&found["event.code"], &found["source.ip"]), (&json!("4624"), &json!("192.0.2.1")));
}

#[test]
fn what_the_log_does_not_write_is_not_stored() {
    let process = json!({"product": "windows", "category": "process_creation"});
    for (name, value) in [
        ("Image", json!(["a", "b"])),
        ("Hashes", json!("MD5=00112233445566778899aabbccddeefq")),
        ("User", json!("ana")),
        ("CurrentDirectory", json!("C:\\Windows")),
        ("ProcessId", json!("four")),
        ("Details", json!("DWORD")),
        ("EventID", json!("1")),
        ("Keywords", json!("0X80")),
    ] {
        let refusal = stored(process.clone(), json!({name: value})).unwrap_err();
        assert_eq!(refusal, format!("the log writes no such `{name}`"));
    }
}
