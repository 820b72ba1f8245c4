//! `eqlc explain RULE --event E`: why events match a rule or do not.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use output::{code, stderr, stdout};

const RULE: &str = r#"process where event.type == "start" and
  process.name : ("cmd.exe", "powershell.exe") and
  not process.parent.name : "explorer.exe" and
  (process.args : "/c" or length(process.command_line) > 100)
"#;

const SEQUENCE: &str = r#"sequence by host.id with maxspan=10s
  [process where process.name == "a.exe"]
  [network where destination.port == 443]
  [file where file.extension : "exe"]
until [process where process.name == "stop.exe"]
"#;

/// Two of three events of one host, the third too late; the last event is of another host.
const EVENTS: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":"process"},"host":{"id":"h1"},"process":{"name":"a.exe"}}
{"@timestamp":"2024-05-01T10:00:05Z","event":{"category":"network"},"host":{"id":"h1"},"destination":{"port":443}}
{"@timestamp":"2024-05-01T10:00:12.5Z","event":{"category":"file"},"host":{"id":"h1"},"file":{"extension":"EXE"}}
"#;

const SIGMA: &str = "title: Shell
id: 6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11
status: test
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\\cmd.exe'
    CommandLine|contains|all:
      - ' /c '
      - whoami
  condition: selection
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn explain(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).arg("explain").args(args).current_dir(folder).output().unwrap()
}

#[test]
fn the_tree_shows_what_each_test_saw_and_marks_the_first_that_fails() {
    let folder = folder(&[("rule.eql", RULE)]);
    let event = r#"{"event":{"category":"process","type":["start"]},
        "process":{"name":"CMD.EXE","args":["cmd","/k"],"command_line":"cmd /k","parent":{"name":"svc.exe"}}}"#;
    let output = explain(folder.path(), &["-q", "rule.eql", "--event", event]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn a_match_is_explained_too() {
    let folder = folder(&[("rule.eql", RULE)]);
    let event = r#"{"event":{"category":"process","type":"start"},"process":{"name":"cmd.exe","args":"/c"}}"#;
    let output = explain(folder.path(), &["-q", "rule.eql", "--event", event]);
    assert_eq!(code(&output), 0);
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn a_sequence_says_how_far_it_came_and_why_it_died() {
    let folder = folder(&[("rule.eql", SEQUENCE), ("events.ndjson", EVENTS)]);
    let output = explain(folder.path(), &["-q", "rule.eql", "--event", "events.ndjson", "--limit", "1"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn every_end_of_a_sequence_is_told() {
    let end = |more: &str| {
        let folder = folder(&[("rule.eql", SEQUENCE)]);
        let first: Vec<&str> = EVENTS.lines().take(2).collect();
        let events = format!("[{},{more}]", first.join(","));
        let output = explain(folder.path(), &["-q", "rule.eql", "--format", "json", "--event", &events]);
        let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
        answer["sequence"]["end"]["why"].as_str().unwrap().to_owned()
    };
    let event = |second: u32, rest: &str| {
        format!(r#"{{"@timestamp":"2024-05-01T10:00:{second:02}Z","host":{{"id":"h1"}},{rest}}}"#)
    };
    let file = r#""event":{"category":"file"},"file":{"extension":"exe"}"#;
    let stop = r#""event":{"category":"process"},"process":{"name":"stop.exe"}"#;
    assert_eq!(end(&event(9, file)), "complete");
    assert_eq!(end(&event(11, file)), "too_late");
    assert_eq!(end(&event(6, stop)), "until");
    assert_eq!(end(&event(6, file).replace("h1", "h2")), "unfinished");
}

#[test]
fn sigma_rules_are_explained_in_their_own_fields() {
    let folder = folder(&[("rule.yml", SIGMA)]);
    let event = r#"{"logsource":{"product":"windows","category":"process_creation"},
        "Image":"C:\\Windows\\System32\\cmd.exe","CommandLine":"cmd.exe /c dir"}"#;
    let output = explain(folder.path(), &["-q", "rule.yml", "--event", event]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn json_holds_values_places_and_the_cause() {
    let query = r#"process where process.pid in (1, 2) and process.name == "x""#;
    let event = r#"{"event":{"category":"process"},"process":{"pid":[7,2]}}"#;
    let output = explain(Path::new("."), &["--format", "json", "--query", query, "--event", event]);
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap());
}

#[test]
fn wrong_usage_is_told() {
    let folder = folder(&[("rule.eql", RULE), ("none.ndjson", "")]);
    let said = |args: &[&str]| {
        let output = explain(folder.path(), args);
        format!("{} {}", code(&output), stderr(&output))
    };
    insta::assert_snapshot!(
        [
            said(&["rule.eql"]),
            said(&["--event", "{}"]),
            said(&["rule.eql", "--event", "none.ndjson"]),
            said(&["rule.eql", "--event", "{\"a\":"]),
            said(&["none.eql", "--event", "{}"]),
        ]
        .join("\n")
    );
}
