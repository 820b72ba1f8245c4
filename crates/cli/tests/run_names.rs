//! `eqlc run` over events of several shapes, with rules in the names of ECS and of Sigma.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use output::{code, stderr, stdout};

const SIGMA: &str = r"title: Whoami
id: 6a1c0e1e-4a4b-4d0d-9d0c-2f3d5a1b7c01
status: test
description: somebody asks who they are
author: tests
date: 2025-01-01
level: low
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\whoami.exe'
    condition: selection
";

const ECS: &str = r#"process where process.executable : "*\\whoami.exe""#;

/// One process of each shape: as the event log's XML becomes JSON, flattened by a shipper, nested ECS, dotted ECS, and
/// with the log source in keys of its own.
const EVENTS: [(&str, &str); 5] = [
    (
        "winevent.json",
        r#"{"Event":{"System":{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1},"EventData":{"Image":"C:\\whoami.exe"}}}"#,
    ),
    (
        "flat.ndjson",
        r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\whoami.exe"}"#,
    ),
    (
        "nested.ndjson",
        r#"{"event":{"category":["process"],"type":["start"]},"host":{"os":{"type":"windows"}},"process":{"executable":"C:\\whoami.exe"}}"#,
    ),
    (
        "dotted.ndjson",
        r#"{"event.category":"process","event.type":"start","host.os.type":"windows","process.executable":"C:\\whoami.exe"}"#,
    ),
    ("tagged.ndjson", r#"{"product":"windows","category":"process_creation","Image":"C:\\whoami.exe"}"#),
];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, event) in EVENTS {
        fs::write(folder.path().join(name), event).unwrap();
    }
    fs::write(folder.path().join("sigma.yml"), SIGMA).unwrap();
    fs::write(folder.path().join("ecs.eql"), ECS).unwrap();
    folder
}

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqlc"));
    command.args(["run", "--format", "short"]).args(args).current_dir(folder).output().unwrap()
}

/// The files of the events that a rule found.
fn found(folder: &Path, args: &[&str]) -> Vec<String> {
    let ended = eqlc(folder, args);
    assert_eq!(code(&ended), 0, "{}", stderr(&ended));
    let file = |line: &str| {
        let found: Value = serde_json::from_str(line).unwrap();
        found.pointer("/events/0/file").and_then(Value::as_str).unwrap().to_owned()
    };
    stdout(&ended).lines().map(file).collect()
}

const ALL: [&str; 4] = ["winevent.json", "flat.ndjson", "nested.ndjson", "dotted.ndjson"];

#[test]
fn a_rule_finds_events_of_every_shape_in_one_run() {
    let folder = folder();
    for rule in ["sigma.yml", "ecs.eql"] {
        assert_eq!(found(folder.path(), &[&["-r", rule], &ALL[..]].concat()), ALL, "{rule}");
    }
}

#[test]
fn names_can_be_said_and_left_as_they_are() {
    let folder = folder();
    let run = |args: &[&str]| found(folder.path(), &[args, &ALL[..]].concat());
    assert_eq!(run(&["-r", "sigma.yml", "--taxonomy", "rules"]), ALL[..2]);
    assert_eq!(run(&["-r", "ecs.eql", "--taxonomy", "rules"]), ALL[2..]);
    assert_eq!(run(&["-r", "sigma.yml", "--taxonomy", "sigma"]), ALL[..2]);
    assert_eq!(run(&["-r", "sigma.yml", "--taxonomy", "ecs"]), ALL);
    assert_eq!(run(&["-r", "ecs.eql", "--taxonomy", "ecs,sigma"]), ALL);
}

#[test]
fn whoever_reads_foreign_names_is_told() {
    let folder = folder();
    let said = |args: &[&str]| stderr(&eqlc(folder.path(), args));
    let foreign = said(&["-r", "sigma.yml", "nested.ndjson"]);
    let message = "events have names of ECS, and rules those of Sigma: 1 rule is read with the names of ECS";
    assert!(foreign.contains(&format!("warning[E3025]: {message}")), "{foreign}");
    for args in [["-r", "sigma.yml", "flat.ndjson"], ["-r", "ecs.eql", "dotted.ndjson"]] {
        assert!(!said(&args).contains("E3025"), "{}", said(&args));
    }
}

#[test]
fn a_rule_without_a_counterpart_cannot_match_and_that_is_said() {
    let folder = folder();
    fs::write(folder.path().join("odd.eql"), "process where process.Ext.odd_thing == \"x\"").unwrap();
    let ended = eqlc(folder.path(), &["-r", "odd.eql", "flat.ndjson"]);
    assert!(stderr(&ended).contains("1 has no form in them and cannot match there"), "{}", stderr(&ended));
}

#[test]
fn the_log_source_may_stand_in_other_fields() {
    let folder = folder();
    let run = |args: &[&str]| found(folder.path(), &[&["-r", "sigma.yml", "tagged.ndjson"], args].concat());
    assert_eq!(run(&[]), Vec::<String>::new());
    assert_eq!(run(&["--log-source-fields", "product,category,service"]), ["tagged.ndjson"]);
    let two =
        eqlc(folder.path(), &["-r", "sigma.yml", "tagged.ndjson", "--log-source-fields", "product,category"]);
    assert_eq!(code(&two), 3);
}
