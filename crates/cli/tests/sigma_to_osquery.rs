//! Sigma rules for osquery on the command line: mapped by default, as they are with `-p none`, through pipelines, and
//! proven on records of Windows' log.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const RULE: &str = r"title: Odd tool
id: 00000000-0000-4000-8000-000000000001
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\a.exe'
    User|contains: AUTHORI
  filter:
    ParentImage: null
  condition: selection and not filter
";

const FIXTURE: &str = r##"- name: with and without a parent
  matches: [[0]]
  events:
    - Event:
        System: &system
          Provider: { "#attributes": { Name: Microsoft-Windows-Sysmon } }
          EventID: 1
          Channel: Microsoft-Windows-Sysmon/Operational
          Computer: ws-0001
          TimeCreated: { "#attributes": { SystemTime: "2026-01-05T10:00:00Z" } }
        EventData: { Image: 'C:\a.exe', User: 'NT AUTHORITY\SYSTEM', ParentImage: 'C:\b.exe' }
    - Event:
        System: *system
        EventData: { Image: 'C:\a.exe', User: 'NT AUTHORITY\SYSTEM' }
"##;

fn eqlc(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("rule.yml"), RULE).expect("a file");
    fs::write(folder.path().join("rule.tests.yml"), FIXTURE).expect("a file");
    folder
}

fn compiled(more: &[&str]) -> String {
    let folder = folder();
    let args = [&["compile", "-t", "osquery", "-o", "out", "rule.yml"], more].concat();
    let (status, text) = eqlc(folder.path(), &args);
    assert_eq!(status, Some(0), "{text}");
    fs::read_to_string(folder.path().join("out/osquery/rule.sql")).expect("an output")
}

#[test]
fn log_sources_are_tables_and_fields_are_data_of_events() {
    let text = compiled(&[]);
    for part in [
        "FROM windows_events AS e",
        "e.source = 'Microsoft-Windows-Sysmon/Operational' AND e.eventid = 1",
        r"json_extract(e.data, '$.EventData.Image') LIKE '%\a.exe'",
        "json_extract(e.data, '$.EventData.User') LIKE '%AUTHORI%'",
        "json_extract(e.data, '$.EventData.ParentImage') IS NOT NULL",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn without_a_mapping_log_sources_still_have_their_tables() {
    let text = compiled(&["-p", "none"]);
    assert!(text.contains("FROM windows_events AS e"), "{text}");
}

/// Names that a pipeline gives are taken for those of ECS, and no ECS category says which table a log source is.
#[test]
fn names_of_a_pipeline_have_no_table_and_are_refused() {
    let folder = folder();
    let pipeline = "name: p\npriority: 10\ntransformations:\n  - id: a\n    type: field_name_mapping\n    mapping: { Image: NewProcessName }\n";
    fs::write(folder.path().join("p.yml"), pipeline).expect("a file");
    let (status, text) = eqlc(folder.path(), &["compile", "-t", "osquery", "-p", "p.yml", "rule.yml"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("E4103") && text.contains("windows/process_creation"), "{text}");
}

#[test]
fn outputs_are_proven_on_records_of_the_log() {
    for profile in ["sysmon", "native"] {
        let folder = folder();
        let args = ["verify", "-t", "osquery,native", "--profile", profile, "rule.yml"];
        let (status, text) = eqlc(folder.path(), &args);
        assert_eq!(status, Some(0), "{text}");
        assert!(!text.contains("0/1"), "{text}");
    }
}

#[test]
fn a_log_source_without_a_table_is_refused_by_name() {
    let folder = folder();
    let rule = RULE.replace("category: process_creation", "category: file_access");
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    let (status, text) = eqlc(folder.path(), &["compile", "-t", "osquery", "-o", "out", "rule.yml"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("E4103") && text.contains("windows/file_access/*"), "{text}");
}
