//! What follows from the kind of a record, from an account and from a host.

use super::*;
use crate::project::{Faith, OF_KIND, are_told_apart, completed, unix_event};

/// What an event has in `event.action` once it has what records of its kind have; none where nothing is changed.
fn action(event: &Value) -> Option<Value> {
    let whole = completed(event, &["event.action"])?;
    Some(whole.get("event.action").unwrap_or(&whole["event"]["action"]).clone())
}

#[test]
fn a_source_of_one_kind_of_records_tells_its_action_and_dataset() {
    assert_eq!(action(&start(&[])), Some(json!("start")));
    assert_eq!(action(&start(&[("event.action", json!("start"))])), None);
    for other in ["fork", "startx"] {
        assert_eq!(action(&start(&[("event.action", json!(other))])), Some(json!("start")));
    }
    let created = other("file", "creation", &[("file.path", json!("C:\\x\\a.txt"))]);
    assert_eq!(action(&created), Some(json!("creation")));
    let contradicting = changed(created, &[("event.action", json!("deletion"))]);
    assert_eq!(action(&contradicting), Some(json!("creation")));
    let elsewhere = start(&[("data_stream.dataset", json!("crowdstrike.fdr"))]);
    let whole = completed(&elsewhere, OF_KIND).unwrap();
    assert_eq!(whole["data_stream.dataset"], "windows.sysmon_operational");
    assert_eq!(completed(&elsewhere, &[]), None);
    // What is recorded of other systems is told by the projection itself.
    assert_eq!(action(&start(&[("host.os.type", json!("linux"))])), None);
}

#[test]
fn names_of_hosts_go_together() {
    let host = |id: &str, name: &str| start(&[("host.id", json!(id)), ("host.name", json!(name))]);
    assert_eq!(are_told_apart(&[host("1", "a"), host("2", "b"), host("1", "a")]), Ok(()));
    assert!(are_told_apart(&[host("1", "a"), host("2", "a")]).is_err());
    assert!(are_told_apart(&[host("1", "a"), host("1", "b")]).is_err());
}

#[test]
fn an_account_of_the_system_has_its_own_name_and_a_path_its_folder() {
    let refused =
        |changes: &[(&str, Value)]| matches!(sysmon(&start(changes)), Err(NotRecordable::Inexpressible(_)));
    assert!(refused(&[("user.id", json!("S-1-5-18"))]));
    assert!(!refused(&[
        ("user.id", json!("S-1-5-18")),
        ("user.name", json!("SYSTEM")),
        ("user.domain", json!("NT AUTHORITY")),
    ]));
    assert!(refused(&[("user.id", json!("s-1-5-18"))]));
    assert!(refused(&[("process.executable", json!("cmd.exe"))]));
    assert!(!refused(&[("process.executable", json!("System")), ("process.name", json!("System"))]));
}

#[test]
fn processes_of_other_systems_keep_what_tells_them_apart() {
    let started = json!({
        "host": {"id": "h", "os": {"type": "macos"}},
        "event": {"category": "process", "type": "start", "action": "exec"},
        "process": {"name": "sh", "executable": "/bin/sh", "entity_id": "e1", "parent": {"entity_id": "e0"}},
    });
    let seen = unix_event(&started, "macos", Faith::Whole).unwrap();
    assert_eq!((&seen["ProcessGuid"], &seen["ParentProcessGuid"]), (&json!("e1"), &json!("e0")));
}
