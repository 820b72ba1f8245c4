//! Listing the fields of rules on the command line.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::path::Path;
use std::process::{Command, Output};

use output::{code, stderr, stdout};
use serde_json::Value as Json;

const EQL: &str = "\
sequence by host.id with maxspan=1m
  [process where event.type == \"start\" and process.name : \"a.exe\" and not process.code_signature.trusted == true]
  [network where process.name : \"a.exe\" and network.direction == \"egress\" and destination.geo.city_name == \"x\"]
";

const SIGMA: &str = "\
title: Shell
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\\cmd.exe'
        User|contains: AUTHORI
        Hashes|contains: 'MD5=00112233445566778899aabbccddeeff'
    filter:
        ParentImage: null
    condition: selection and not filter
";

const OTHER: &str = "\
title: Other
logsource:
    product: windows
    service: security
detection:
    selection:
        EventID: 4688
        Image: 'C:\\a.exe'
    condition: selection
";

const PIPELINE: &str = "\
name: ECS
transformations:
    - type: field_name_mapping
      mapping:
          Image: process.executable
          EventID: [event.code, winlog.event_id]
";

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).arg("fields").args(args).current_dir(folder).output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [("a.eql", EQL), ("b.yml", SIGMA), ("c.yml", OTHER), ("pipeline/ecs.yml", PIPELINE)];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn said(args: &[&str]) -> String {
    let folder = folder();
    let output = eqlc(folder.path(), args);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    format!("{}\n{}", stdout(&output), stderr(&output))
}

#[test]
fn without_a_target_there_are_names_types_and_numbers_of_rules() {
    insta::assert_snapshot!(said(&["a.eql", "b.yml", "c.yml"]));
}

#[test]
fn what_becomes_of_ecs_fields_is_told_for_every_target() {
    insta::assert_snapshot!(said(&["-t", "sigma,osquery", "a.eql"]));
}

#[test]
fn what_becomes_of_sigma_fields_is_told_by_log_source() {
    insta::assert_snapshot!(said(&["-t", "elasticsearch", "b.yml", "c.yml"]));
}

#[test]
fn only_gaps_are_listed_on_demand() {
    let text = said(&["-t", "sigma", "--unmapped", "a.eql"]);
    assert!(text.contains("destination.geo.city_name") && text.contains("unmapped (E4101)"), "{text}");
    assert!(text.contains("left out (L1102)"), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("process.name ")), "{text}");
}

#[test]
fn pipelines_are_shown_before_and_after() {
    insta::assert_snapshot!(said(&["-p", "pipeline/ecs.yml", "b.yml", "c.yml"]));
    let gaps = said(&["-p", "pipeline/ecs.yml", "-t", "elasticsearch", "--unmapped", "b.yml", "c.yml"]);
    assert!(gaps.contains("CommandLine") == SIGMA.contains("CommandLine") && gaps.contains("User"), "{gaps}");
    assert!(!gaps.contains("EventID"), "{gaps}");
}

#[test]
fn lists_are_read_by_other_programs() {
    let csv = said(&["-t", "sigma", "-f", "csv", "a.eql"]);
    insta::assert_snapshot!(csv);
    let folder = folder();
    let output = eqlc(folder.path(), &["-t", "sigma", "--format", "json", "a.eql"]);
    let rows: Vec<Json> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |field: &str| rows.iter().find(|row| row["field"] == field).unwrap().clone();
    assert_eq!(of("process.name")["targets"][0]["becomes"], serde_json::json!(["Image"]));
    assert_eq!(of("destination.geo.city_name")["targets"][0]["outcome"], "unmapped");
    assert_eq!(of("host.id")["targets"][0]["codes"], serde_json::json!(["L1105"]));
    assert_eq!(of("process.name")["rules"], 1);
    let tsv = said(&["-f", "tsv", "b.yml"]);
    assert!(
        tsv.lines()
            .any(|line| line.starts_with("Image\tsigma\tunknown\twindows/process_creation/*\t1\tb.yml")),
        "{tsv}"
    );
}

#[test]
fn broken_rules_are_left_out_and_said() {
    let folder = folder();
    std::fs::write(folder.path().join("broken.eql"), "process where").unwrap();
    let output = eqlc(folder.path(), &["a.eql", "broken.eql"]);
    assert_eq!(code(&output), 2);
    assert!(stdout(&output).contains("process.name") && stderr(&output).contains("broken.eql"));
    assert_eq!(code(&eqlc(folder.path(), &["-t", "nowhere", "a.eql"])), 3);
}
