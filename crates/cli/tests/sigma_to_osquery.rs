//! Sigma rules for osquery on the command line: mapped by default, as they are with `-p none`, and proven on
//! records of Windows' log.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

mod odd_tool;

use std::fs;

use odd_tool::{RULE, eqlc, folder};

fn compiled(more: &[&str]) -> String {
    odd_tool::compiled("osquery", "osquery/rule.sql", more)
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
