//! `eqlc witness`: events from rules, as a user pipes and stores them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

#[expect(dead_code, reason = "this test needs a part of it")]
mod short;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;
use short::folder;

const SEQUENCE: &str = "sequence by host.id with maxspan=1m\n  [process where process.name == \"a.exe\"]\n  [file where file.name : \"b*\"]\n";
const NEVER: &str = "process where process.name : \"power*\" and not process.name : \"p*\"\n";

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .args(["--color", "never"])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_sequence_is_consecutive_lines_that_the_rule_finds() {
    let here = folder(&[("rule.eql", SEQUENCE)]);
    let made = eqlc(here.path(), &["witness", "rule.eql"]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let lines = stdout(&made);
    assert_eq!(lines.lines().count(), 2);
    fs::write(here.path().join("events.ndjson"), &lines).unwrap();
    let run = eqlc(here.path(), &["run", "-r", "rule.eql", "events.ndjson"]);
    assert_eq!(stdout(&run).lines().count(), 1, "{}", stderr(&run));
    assert!(stderr(&made).contains("made 1 stream for 1 rule"), "{}", stderr(&made));
}

#[test]
fn a_process_that_runs_the_program_of_its_parent_is_another_process() {
    let rule = "process where host.os.type == \"linux\" and process.name == \"bash\" and process.parent.name == \"bash\"\n";
    let here = folder(&[("rule.eql", rule)]);
    let made = eqlc(here.path(), &["witness", "rule.eql"]);
    let event: Json = serde_json::from_str(stdout(&made).trim()).unwrap();
    let (process, parent) = (&event["process"], &event["process"]["parent"]);
    assert_eq!(process["executable"], parent["executable"]);
    assert!(process["pid"].is_u64() && process["pid"] != parent["pid"], "{event}");
    assert_ne!(process["entity_id"], parent["entity_id"], "{event}");
}

#[test]
fn json_says_what_each_stream_is_and_where_its_test_stands() {
    let here = folder(&[("rule.eql", SEQUENCE)]);
    let made = eqlc(here.path(), &["witness", "--near-misses", "--format", "json", "rule.eql"]);
    let rule: Json = serde_json::from_str(stdout(&made).trim()).unwrap();
    assert_eq!(rule["rule"], "rule");
    let streams = rule["streams"].as_array().unwrap();
    assert_eq!((&streams[0]["change"], &streams[0]["matches"]), (&Json::from("witness"), &Json::from(true)));
    let flipped: Vec<&Json> = streams.iter().filter(|stream| stream["change"] == "flipped").collect();
    assert!(flipped.iter().all(|stream| stream["matches"] == false));
    let lines: Vec<u64> = flipped.iter().filter_map(|stream| stream["line"].as_u64()).collect();
    assert!(lines.contains(&2) && lines.contains(&3), "{lines:?}");
    for change in ["lacking", "other-case", "in-list", "other-order", "other-key", "at-span", "beyond-span"] {
        assert!(streams.iter().any(|stream| stream["change"] == change), "{change}");
    }
}

#[test]
fn a_fixture_beside_the_rule_is_what_verify_reads() {
    let here = folder(&[("rule.eql", SEQUENCE)]);
    let args = ["witness", "--near-misses", "--all-branches", "-f", "fixture", "-o", ".", "rule.eql"];
    let made = eqlc(here.path(), &args);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let text = fs::read_to_string(here.path().join("rule.tests.yml")).unwrap();
    assert!(text.starts_with("# Streams for rule.eql, made by `eqlc witness --seed 0`.\n- name: \"matches\"\n  matches: [[0,1]]\n"), "{text}");
    let verified = eqlc(here.path(), &["verify", "-t", "native,elasticsearch", "rule.eql"]);
    assert_eq!(verified.status.code(), Some(0), "{}", stderr(&verified));
    assert!(stdout(&verified).contains("exact"), "{}", stdout(&verified));
}

#[test]
fn files_are_one_a_rule_and_whole() {
    let here = folder(&[("one.eql", SEQUENCE), ("two.eql", "process where true\n")]);
    let made = eqlc(here.path(), &["witness", "-o", "out", "."]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let mut names: Vec<String> = fs::read_dir(here.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["one.ndjson", "two.ndjson"]);
    assert_eq!(stdout(&made), "");
}

#[test]
fn seeds_repeat_and_vary() {
    let here = folder(&[("rule.eql", SEQUENCE)]);
    let of = |seed: &str| stdout(&eqlc(here.path(), &["witness", "--seed", seed, "rule.eql"]));
    assert_eq!(of("5"), of("5"));
    assert_ne!(of("5"), of("6"));
}

#[test]
fn limits_bound_the_streams() {
    let rule = "process where process.name in (\"a\", \"b\", \"c\", \"d\")\n";
    let here = folder(&[("rule.eql", rule)]);
    let streams = |args: &[&str]| {
        let made = eqlc(here.path(), &[&["witness", "-f", "json", "rule.eql"], args].concat());
        let rule: Json = serde_json::from_str(stdout(&made).trim()).unwrap();
        rule["streams"].as_array().unwrap().len()
    };
    assert_eq!(streams(&[]), 1);
    assert_eq!(streams(&["--all-branches"]), 4);
    assert_eq!(streams(&["--all-branches", "--limit", "2"]), 2);
    assert!(streams(&["--near-misses"]) > 4);
}

#[test]
fn a_rule_that_never_matches_is_a_finding_with_both_places() {
    let here = folder(&[("rule.eql", NEVER)]);
    for command in ["witness", "check", "lint"] {
        let made = eqlc(here.path(), &[command, "--format", "short", "rule.eql"]);
        let said = stderr(&made);
        let wanted = "rule.eql:1:15: warning[W0024]: the rule can never match: `process.name : \"power*\"` and \
                      `process.name : \"p*\"` exclude each other";
        assert_eq!(said.matches("W0024").count(), 1, "{command}: {said}");
        assert!(said.contains(wanted), "{command}: {said}");
        assert_eq!(made.status.code(), Some(i32::from(command == "witness")), "{command}");
    }
}

#[test]
fn a_proof_needs_more_than_a_likeness() {
    for rule in [
        "process where process.name : \"power*\" and not process.name : \"power\"\n",
        "process where process.name == \"a\" and process.name == \"b\"\n",
        "process where process.name : (\"a\", \"b\") and not process.name : \"a\"\n",
        "process where process.pid > 3 and not process.pid > 5\n",
    ] {
        let here = folder(&[("rule.eql", rule)]);
        let said = stderr(&eqlc(here.path(), &["check", "--format", "short", "rule.eql"]));
        assert!(!said.contains("W0024"), "{rule}: {said}");
    }
}

#[test]
fn sigma_rules_are_judged_too() {
    let rule = "title: x\nlogsource: {category: process_creation, product: windows}\ndetection:\n  selection:\n    Image|endswith: '\\cmd.exe'\n  filter:\n    Image|endswith: '.exe'\n  condition: selection and not filter\n";
    let here = folder(&[("rule.yml", rule)]);
    let said = stderr(&eqlc(here.path(), &["check", "--format", "short", "rule.yml"]));
    assert!(said.contains("rule.yml:5:5: warning[W0024]"), "{said}");
}

#[test]
fn broken_rules_and_wrong_paths_end_as_elsewhere() {
    let here = folder(&[("rule.eql", "process where\n")]);
    assert_eq!(eqlc(here.path(), &["witness", "rule.eql"]).status.code(), Some(2));
    assert_eq!(eqlc(here.path(), &["witness", "none.eql"]).status.code(), Some(3));
    assert_eq!(eqlc(here.path(), &["witness", "--limit", "0", "rule.eql"]).status.code(), Some(3));
}
