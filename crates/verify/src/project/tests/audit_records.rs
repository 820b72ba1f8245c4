//! Documents of the audit log as rows of `windows_events`.

use serde_json::{Map, Value, json};

use crate::project::{NotRecordable, Profile, osquery_rows};
use crate::sqlite::SqlValue;

/// A document of a host with Windows.
fn document(fields: Value) -> Value {
    let mut document = Map::new();
    document.insert("@timestamp".to_owned(), json!("2026-01-05T10:00:00Z"));
    document.insert("host.os.type".to_owned(), json!("windows"));
    document.insert("host.id".to_owned(), json!("h"));
    let Value::Object(fields) = fields else { panic!("fields") };
    document.extend(fields);
    Value::Object(document)
}

/// Log, number, keywords and data of the row of a document; or why it has none.
fn told(fields: Value) -> String {
    let rows = match osquery_rows(&document(fields), Profile::Sysmon, 0) {
        Ok(rows) => rows,
        Err(NotRecordable::Absent(reason)) => return format!("absent: {reason}"),
        Err(NotRecordable::Inexpressible(reason)) => return format!("inexpressible: {reason}"),
    };
    let [row] = rows.as_slice() else { panic!("one row") };
    assert_eq!(row.table, "windows_events");
    let text = |column: &str| match row.get(column) {
        Some(SqlValue::Text(text)) => text.clone(),
        Some(SqlValue::Int(number)) => number.to_string(),
        _ => "-".to_owned(),
    };
    let data: Value = serde_json::from_str(&text("data")).unwrap();
    format!("{} {} {} {}", text("source"), text("eventid"), text("keywords"), data["EventData"])
}

#[test]
fn logons_are_of_the_account_that_is_logged_on() {
    let said = told(json!({
        "event.category": "authentication", "event.code": "4624", "event.action": "logged-in",
        "event.outcome": "success", "user.name": "ana", "user.domain": "CONTOSO", "winlog.logon.type": "Network",
        "source.ip": "10.0.0.1", "source.port": 445, "process.pid": 420,
    }));
    insta::assert_snapshot!(said, @r#"Security 4624 0x8020000000000000 {"TargetUserName":"ana","TargetDomainName":"CONTOSO","LogonType":"3","IpAddress":"10.0.0.1","IpPort":"445","ProcessId":"0x1a4"}"#);
    let session = told(json!({
        "event.category": "authentication", "event.action": "session-reconnected", "user.name": "ana",
        "source.ip": "10.0.0.1", "source.domain": "PC",
    }));
    insta::assert_snapshot!(session, @r#"Security 4778 - {"AccountName":"ana","ClientAddress":"10.0.0.1","ClientName":"PC"}"#);
    let ticket = told(json!({
        "event.category": "authentication", "event.code": "4768", "user.name": "ana", "source.ip": "10.0.0.1",
    }));
    insta::assert_snapshot!(ticket, @r#"Security 4768 - {"TargetUserName":"ana","IpAddress":"::ffff:10.0.0.1"}"#);
    let checked = told(json!({
        "event.category": "authentication", "event.action": "credential-validated", "source.domain": "PC",
    }));
    insta::assert_snapshot!(checked, @r#"Security 4776 - {"Workstation":"PC"}"#);
}

#[test]
fn everything_else_is_of_the_account_that_does_it() {
    let made = told(json!({
        "event.category": "iam", "event.action": "added-user-account", "user.name": "ana", "user.id": "S-1-5-21-1",
        "user.target.name": "eve", "winlog.event_data.NewUACList": ["USER_NORMAL_ACCOUNT", "USER_ACCOUNT_DISABLED"],
    }));
    insta::assert_snapshot!(made, @r#"Security 4720 - {"SubjectUserName":"ana","SubjectUserSid":"S-1-5-21-1","TargetUserName":"eve","NewUacValue":"0x11"}"#);
    let started = told(json!({
        "event.category": "process", "event.type": "start", "event.code": "4688", "process.executable": "C:\\a.exe",
        "process.name": "a.exe", "process.pid": 16, "process.parent.pid": 4, "process.command_line": "a.exe -b",
    }));
    insta::assert_snapshot!(started, @r#"Security 4688 - {"NewProcessName":"C:\\a.exe","NewProcessId":"0x10","CommandLine":"a.exe -b","ProcessId":"0x4"}"#);
    let stopped = told(json!({
        "event.category": "network", "event.action": "windows-firewall-packet-block",
        "process.executable": "\\device\\harddiskvolume2\\a.exe", "process.name": "a.exe", "destination.port": 443,
    }));
    insta::assert_snapshot!(stopped, @r#"Security 5157 - {"Application":"\\device\\harddiskvolume2\\a.exe","DestPort":"443"}"#);
}

#[test]
fn records_of_other_logs_have_their_data_under_their_own_names() {
    let installed = told(json!({
        "event.code": "7045", "event.provider": "Service Control Manager",
        "winlog.event_data.ServiceName": "s", "winlog.event_data.ImagePath": "C:\\s.exe",
    }));
    insta::assert_snapshot!(installed, @r#"System 7045 - {"ImagePath":"C:\\s.exe","ServiceName":"s"}"#);
}

#[test]
fn what_no_record_says_is_not_told() {
    for (fields, why) in [
        (
            json!({ "event.category": "authentication", "event.code": "4625", "event.action": "logged-in" }),
            "`event.action` is not what events of `event.code` are called",
        ),
        (
            json!({ "event.category": "iam", "event.code": "4624" }),
            "event 4624 of the audit log is not of `iam`",
        ),
        (
            json!({
                "event.category": "authentication", "event.code": "4624",
                "winlog.event_data.TargetUserName": "ana",
            }),
            "`user.name` is missing though `winlog.event_data.TargetUserName` tells it",
        ),
        (
            json!({
                "event.category": "authentication", "event.code": "4624", "user.name": "ana",
                "winlog.event_data.TargetUserName": "eve",
            }),
            "`user.name` is not that of `winlog.event_data.TargetUserName`",
        ),
        (
            json!({ "event.category": "authentication", "event.code": "4624", "winlog.logon.type": "Telepathic" }),
            "no record writes `Telepathic` for `winlog.logon.type`",
        ),
        (
            json!({ "event.category": "authentication", "event.code": "4624", "process.name": "a.exe" }),
            "`process.name` is not that of `process.executable`",
        ),
        (json!({ "event.code": "4624", "event.outcome": "unknown" }), "no record has the outcome `unknown`"),
    ] {
        assert_eq!(told(fields), format!("inexpressible: {why}"));
    }
}
