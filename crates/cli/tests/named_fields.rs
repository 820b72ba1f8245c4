//! Sigma rules whose fields pipelines have named, for osquery, and rules whose names stay as they are.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

mod odd_tool;

use std::fs;
use std::path::Path;

use odd_tool::{RULE, eqlc, folder};

/// A pipeline that renames fields.
fn pipeline(folder: &Path, mapping: &str) {
    let text = format!(
        "name: p\npriority: 10\ntransformations:\n  - {{ type: field_name_mapping, mapping: {{ {mapping} }} }}\n"
    );
    fs::write(folder.join("p.yml"), text).expect("a file");
}

/// What osquery gets for tests of a log source, behind `WHERE`, or why it gets nothing.
fn compiled(product: &str, category: &str, mapping: &str, tests: &[&str]) -> String {
    let folder = folder();
    pipeline(folder.path(), mapping);
    let tests: String = tests.iter().map(|test| format!("        {test}\n")).collect();
    let rule = format!(
        "title: R\nlogsource:\n    product: {product}\n    category: {category}\ndetection:\n    s:\n{tests}    condition: s\n"
    );
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    let (_, text) = eqlc(folder.path(), &["compile", "-t", "osquery", "-p", "p.yml", "rule.yml"]);
    let condition = text.split_once("WHERE ").map_or(text.as_str(), |(_, rest)| rest);
    condition.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn names_of_ecs_have_the_columns_of_the_map_of_ecs() {
    let mapping =
        "Image: process.executable, ProcessId: process.pid, EventID: event.code, Hashes: process.hash.sha256";
    let tests =
        [r"Image|endswith: '\a.exe'", "ProcessId: 4", "EventID: 1", "Hashes: abc", "ParentImage: null"];
    let text = compiled("windows", "process_creation", mapping, &tests);
    for part in [
        r"json_extract(e.data, '$.EventData.Image') LIKE '%\a.exe'",
        "AS INTEGER) END ) = 4",
        "e.eventid",
        "abc",
        "json_extract(e.data, '$.EventData.ParentImage') IS NULL",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let tests = ["Image|endswith: /a", "ProcessId: 4", "CommandLine|contains: x"];
    for (product, path) in [("linux", "e.path"), ("macos", "e.path")] {
        let text = compiled(
            product,
            "process_creation",
            "Image: process.executable, ProcessId: process.pid",
            &tests,
        );
        assert!(text.contains(&format!("{path} LIKE '%/a'")) && text.contains("LIKE '%x%'"), "{text}");
    }
}

#[test]
fn names_of_a_table_are_its_columns() {
    let mapping = "Image: path, ProcessId: pid, User: euid";
    let text =
        compiled("linux", "process_creation", mapping, &["Image|endswith: /a", "ProcessId: 4", "User: 0"]);
    for part in ["e.path LIKE '%/a'", "e.pid = 4", "e.euid = 0"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn names_of_the_data_of_an_event_are_looked_up_there() {
    let mapping = "Image: NewProcessName, CommandLine: winlog.event_data.CommandLine";
    let text = compiled("windows", "process_creation", mapping, &["Image: a", "CommandLine: b"]);
    assert!(text.contains("json_extract(e.data, '$.EventData.NewProcessName') LIKE 'a'"), "{text}");
    assert!(text.contains("json_extract(e.data, '$.EventData.CommandLine') LIKE 'b'"), "{text}");
}

#[test]
fn names_that_no_map_has_are_refused_with_their_place() {
    let text = compiled("linux", "process_creation", "Image: process.executible", &["Image: a", "User: b"]);
    assert!(text.contains("rule.yml:7:9: error[E4101]: `process.executible`"), "{text}");
    assert!(!text.contains("`User`"), "{text}");
}

#[test]
fn a_pipeline_that_renames_nothing_leaves_the_names_of_sigma() {
    let text = compiled("linux", "process_creation", "Other: x.y", &["Image|endswith: /a"]);
    assert!(text.contains("e.path LIKE '%/a'"), "{text}");
}

#[test]
fn names_that_are_to_stay_are_those_of_data_and_columns() {
    let text = odd_tool::compiled("osquery", "osquery/rule.sql", &["-p", "none"]);
    assert!(text.contains(r"json_extract(e.data, '$.EventData.Image') LIKE '%\a.exe'"), "{text}");
}

#[test]
fn rules_of_the_taxonomy_of_ecs_need_no_pipeline() {
    let folder = folder();
    let rule = RULE.replace("Image|", "process.executable|").replace("User|", "user.name|");
    let rule = rule.replace("ParentImage", "process.parent.executable");
    fs::write(folder.path().join("rule.yml"), format!("taxonomy: ecs\n{rule}")).expect("a file");
    let (status, text) = eqlc(folder.path(), &["compile", "-t", "osquery", "rule.yml"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(r"json_extract(e.data, '$.EventData.Image') LIKE '%\a.exe'"), "{text}");
}

/// Events of ECS that say which log they are from: what a rule with named fields is about.
const EVENTS: &str = r#"- name: with and without the argument
  matches: [[0]]
  events:
    - &start
      "@timestamp": "2026-01-05T10:00:00.000Z"
      logsource: { product: windows, category: process_creation }
      host: { id: h, os: { type: windows } }
      event: { category: [process], type: [start], kind: event }
      process: { executable: 'C:\a.exe', name: a.exe, pid: 4, entity_id: e, command_line: 'C:\a.exe -X' }
    - <<: *start
      process: { executable: 'C:\a.exe', name: a.exe, pid: 4, entity_id: e, command_line: 'C:\a.exe -Y' }
"#;

#[test]
fn outputs_of_named_fields_are_read_back_and_proven() {
    let folder = folder();
    pipeline(folder.path(), "Image: process.executable, CommandLine: process.command_line");
    let rule = "title: R\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n    s:\n        Image|endswith: '\\a.exe'\n        CommandLine|contains: -x\n    condition: s\n";
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    fs::write(folder.path().join("rule.tests.yml"), EVENTS).expect("a file");
    for profile in ["sysmon", "native"] {
        let args =
            ["verify", "-t", "osquery,elasticsearch,native", "--profile", profile, "-p", "p.yml", "rule.yml"];
        let (status, text) = eqlc(folder.path(), &args);
        assert_eq!(status, Some(0), "{text}");
    }
}

#[test]
fn a_name_that_is_an_object_of_ecs_is_read_back_as_it_was_written() {
    let folder = folder();
    let rule = RULE.replace("User|", "host|").replace("ParentImage", "user_agent");
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    fs::remove_file(folder.path().join("rule.tests.yml")).expect("the records");
    let args = ["verify", "-t", "elasticsearch,sigma,native", "-p", "none", "rule.yml"];
    let (status, text) = eqlc(folder.path(), &args);
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("E1008") && text.contains("exact"), "{text}");
}
