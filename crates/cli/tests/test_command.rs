//! `eqlc test`: tests of rules in every layout, and what is said of them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use output::{code, stderr, stdout};

const RULE: &str = r#"process where event.type == "start" and
  process.name : ("cmd.exe", "powershell.exe") and
  not process.parent.name : "explorer.exe" and
  (process.args : "/c" or (process.pid > 100 and user.name == "bob"))
"#;

const SEQUENCE: &str = r#"sequence by host.id, user.id with maxspan=10s
  [process where process.name == "a.exe"]
  [network where destination.port == 443]
"#;

/// A shell with `/c`, a shell of the desktop, and another program.
const SHELL: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":"process","type":"start"},"process":{"name":"CMD.EXE","args":["cmd","/c"]}}"#;
const DESKTOP: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":"process","type":"start"},"process":{"name":"cmd.exe","args":["cmd","/c"],"parent":{"name":"explorer.exe"}}}"#;
const OTHER: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":"process","type":"start"},"process":{"name":"calc.exe","args":["calc"]}}"#;

const SIGMA: &str = "title: Shell
id: 6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11
status: test
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  condition: selection
";

const FILTER: &str = "title: Build
id: 1ac4b53f-6f0e-4ad6-8ab3-2a2a7e8a5b11
logsource:
  product: windows
  category: process_creation
filter:
  rules: [6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11]
  selection:
    User: build
  condition: not selection
";

/// A record of the event log in the shape of SigmaHQ's regression data.
fn record(image: &str, user: &str) -> String {
    let system = r##""System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"h1","TimeCreated":{"#attributes":{"SystemTime":"2024-05-01T10:00:00Z"}}}"##;
    format!(r#"{{"Event":{{{system},"EventData":{{"Image":"C:\\Windows\\{image}","User":"{user}"}}}}}}"#)
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    // The search for tests ends at the root of a repository.
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn test(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).arg("test").args(args).current_dir(folder).output().unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn tests_that_pass_are_counted() {
    let streams = format!("- name: starts\n  matches: [[0]]\n  events:\n    - {SHELL}\n    - {OTHER}\n");
    let folder = folder(&[
        ("rules/shell.eql", RULE),
        ("rules/other.eql", "process where true"),
        ("rules/shell.tests.yml", &streams),
        ("tests/data/shell/positive.ndjson", SHELL),
        ("tests/data/shell/negative.ndjson", &format!("{OTHER}\n{DESKTOP}")),
        ("tests/data/shell/allowlisted.ndjson", DESKTOP),
    ]);
    let output = test(folder.path(), &["rules"]);
    assert_eq!(stderr(&output), "");
    assert_eq!(stdout(&output), "4 tests of 1 rule: 4 passed; 1 rule without tests\n");
    assert_eq!(code(&output), 0);
}

#[test]
fn each_test_that_fails_says_why() {
    let streams = format!(
        "- name: nothing is listed\n  events: [{SHELL}]\n- name: more is listed\n  matches: [[0], [1]]\n  events:\n    - \
         {SHELL}\n    - {OTHER}\n- name: less is listed\n  matches: []\n  events: [{SHELL}]\n"
    );
    let folder = folder(&[
        ("rules/shell.eql", RULE),
        ("rules/shell.tests.yml", &streams),
        ("tests/data/shell/positive.ndjson", &format!("{SHELL}\n{OTHER}\n{DESKTOP}\n")),
        ("tests/data/shell/negative.ndjson", &format!("{OTHER}\n{SHELL}\n")),
        ("tests/data/shell/negative-2.json", &format!("[\n{SHELL}]")),
        ("tests/data/shell/allowlisted.ndjson", &format!("{DESKTOP}\n{OTHER}\n")),
        ("tests/data/shell/allowlisted_2.ndjson", SHELL),
        ("tests/data/shell/positive_empty.ndjson", ""),
    ]);
    let output = test(folder.path(), &["rules", "--format", "short"]);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(stderr(&output), "");
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!(
        "rich",
        stdout(&test(folder.path(), &["rules", "--format", "rich", "--filter", "MORE"]))
    );
}

#[test]
fn a_rule_without_exclusions_has_nothing_to_allowlist() {
    let folder =
        folder(&[("a.eql", "process where process.pid == 1"), ("tests/data/a/allowlisted.ndjson", SHELL)]);
    let output = test(folder.path(), &["a.eql"]);
    let wanted = "a.eql:1:15: error[V0022]: `tests/data/a/allowlisted.ndjson`: the rule has no exclusion that could keep \
                  these events out\n1 test of 1 rule: 0 passed, 1 failed\n";
    assert_eq!(stdout(&output), wanted);
    assert_eq!(code(&output), 1);
}

#[test]
fn sequences_are_tested_as_streams() {
    let event = |time: &str, category: &str, rest: &str| {
        format!(
            r#"{{"@timestamp":"2024-05-01T10:00:{time}Z","event":{{"category":"{category}"}},"host":{{"id":"h1"}},"user":{{"id":7}},{rest}}}"#
        )
    };
    let start = event("00", "process", r#""process":{"name":"a.exe"}"#);
    let soon = event("09", "network", r#""destination":{"port":443}"#);
    let late = event("10.5", "network", r#""destination":{"port":443}"#);
    let streams = format!(
        "- name: keys\n  matches: [[0, 1]]\n  join_keys: [[h1, '7']]\n  events: [{start}, {soon}]\n- name: other keys\n  \
         matches: [[0, 1]]\n  join_keys: [[h2, '7']]\n  events: [{start}, {soon}]\n"
    );
    let folder = folder(&[
        ("pair.eql", SEQUENCE),
        ("pair.tests.yml", &streams),
        ("tests/data/pair/positive.ndjson", &format!("{start}\n{soon}\n")),
        ("tests/data/pair/positive-late.ndjson", &format!("{start}\n{late}\n")),
        ("tests/data/pair/positive-half.ndjson", &start),
        ("tests/data/pair/negative.ndjson", &format!("{soon}\n{}\n", start.replace(":00Z", ":09.5Z"))),
        ("tests/data/pair/negative-full.ndjson", &format!("{soon}\n{start}\n{soon}\n")),
    ]);
    let output = test(folder.path(), &["pair.eql"]);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(code(&output), 1);
}

#[test]
fn sigma_filters_keep_allowlisted_events_out() {
    let files = |filter: &str| {
        folder(&[
            ("rules/shell.yml", SIGMA),
            ("filters/build.yml", filter),
            ("tests/data/shell/positive.json", &record("cmd.exe", "alice")),
            ("tests/data/shell/negative.json", &record("calc.exe", "build")),
            ("tests/data/6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11/allowlisted.json", &record("cmd.exe", "build")),
        ])
    };
    let live = files(FILTER);
    let output = test(live.path(), &["rules", "filters"]);
    assert_eq!((stdout(&output).as_str(), code(&output)), ("3 tests of 1 rule: 3 passed\n", 0));
    let misspelt = files(&FILTER.replace("User:", "Usr:"));
    let output = test(misspelt.path(), &["rules", "filters"]);
    let wanted = "error[V0022]: `tests/data/6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11/allowlisted.json`: is not kept out: 1 of 1 \
                  events is matched: line 1";
    assert!(stdout(&output).contains(wanted), "{}", stdout(&output));
    assert_eq!(code(&output), 1);
}

#[test]
fn regression_data_is_found_by_the_id_of_the_rule() {
    let info = "id: 00000000-0000-4000-8000-000000000001
description: N/A
date: 2024-05-01
author: nobody
rule_metadata:
    - id: 6d2c5c8e-3c52-4b0b-9f55-0a2b9f7f7d11
      title: Shell
regression_tests_info:
    - name: Two
      type: json
      provider: Microsoft-Windows-Sysmon
      match_count: 2
      path: regression_data/rules/shell/two.json
    - name: One
      type: json
      path: regression_data/rules/shell/one.json
    - name: None
      type: json
      match_count: 0
      path: regression_data/rules/shell/two.json
    - name: Gone
      type: evtx
      path: regression_data/rules/shell/gone.evtx
    - name: Raw
      type: raw
      path: regression_data/rules/shell/x.raw
    - name: Outside
      type: json
      path: ../../../etc/events.json
";
    let two = format!("{}\n{}\n", record("cmd.exe", "a"), record("calc.exe", "a"));
    let folder = folder(&[
        ("rules/windows/shell.yml", SIGMA),
        ("regression_data/rules/shell/info.yml", info),
        ("regression_data/rules/shell/two.json", &two),
        ("regression_data/rules/shell/one.json", &record("cmd.exe", "a")),
    ]);
    let output = test(folder.path(), &["."]);
    insta::assert_snapshot!(stdout(&output).replace("./", ""));
    assert_eq!(code(&output), 3);
    let line = &json(&test(folder.path(), &["rules", "--format", "json", "--filter", "raw"]))[0];
    assert_eq!(line["cases"][0]["skipped"], "`regression_data/rules/shell/x.raw` (raw) is no file of events");
}

#[test]
fn tests_elsewhere_are_named_and_may_be_compressed() {
    let rules = folder(&[("a/shell.eql", RULE), ("b/shell.toml", "")]);
    let tests = folder(&[
        ("deep/shell.tests.yml", &format!("- name: s\n  matches: [[0]]\n  events: [{SHELL}]\n")),
        ("deep/shell/SOURCE.md", "made up"),
    ]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(SHELL.as_bytes()).unwrap();
    fs::write(tests.path().join("deep/shell/positive.ndjson.gz"), gzip.finish().unwrap()).unwrap();
    let zstd = zstd::encode_all(OTHER.as_bytes(), 0).unwrap();
    fs::write(tests.path().join("deep/shell/negative.ndjson.zst"), zstd).unwrap();
    let at = tests.path().to_str().unwrap();
    let output = test(rules.path(), &["a", "--tests", at]);
    assert_eq!((stdout(&output).as_str(), code(&output)), ("3 tests of 1 rule: 3 passed\n", 0));
    let output = test(rules.path(), &["a", "--tests", at, "--filter", "negative"]);
    assert_eq!(stdout(&output), "1 test of 1 rule: 1 passed\n");
    let output = test(rules.path(), &["a", "--tests", "nowhere"]);
    assert!(stderr(&output).contains("a folder of tests cannot be read"), "{}", stderr(&output));
    assert_eq!(code(&output), 3);
}

#[test]
fn a_run_without_tests_is_no_success() {
    let folder = folder(&[("a.eql", "process where true"), ("b.eql", "any where true")]);
    let output = test(folder.path(), &["."]);
    assert_eq!(stderr(&output), "error[V0026]: no test was found for 2 rules\n");
    assert_eq!(code(&output), 3);
    let output = test(folder.path(), &["a.eql", "b.eql", "--fail-on-missing"]);
    let wanted =
        "error[V0026]: rule `a` of `a.eql` has no tests\nerror[V0026]: rule `b` of `b.eql` has no tests\n";
    assert_eq!((stderr(&output).as_str(), code(&output)), (wanted, 1));
}

#[test]
fn one_bad_file_does_not_stop_the_run() {
    let folder = folder(&[
        ("bad.eql", "process wher true"),
        ("shell.eql", RULE),
        (
            "shell.tests.yml",
            &format!("- name: s\n  match: []\n  events: [{SHELL}]\n- name: [1]\n  events: 5\n"),
        ),
        ("tests/data/shell/positive.ndjson", SHELL),
        ("tests/data/shell/negative.ndjson", "{\"a\": 1}\n{no event\n"),
    ]);
    let output = test(folder.path(), &["bad.eql", "shell.eql"]);
    insta::assert_snapshot!(format!("{}--- stdout\n{}", stderr(&output), stdout(&output)));
    assert_eq!(code(&output), 3);
}

#[test]
fn coverage_names_what_no_event_exercises() {
    let folder = folder(&[
        ("shell.eql", RULE),
        ("pair.eql", SEQUENCE),
        ("untested.eql", "process where process.pid == 1"),
        ("tests/data/shell/positive.ndjson", SHELL),
        ("tests/data/shell/negative.ndjson", OTHER),
        ("tests/data/pair/negative.ndjson", OTHER),
    ]);
    let rules = ["shell.eql", "pair.eql", "untested.eql", "--coverage"];
    let output = test(folder.path(), &rules);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(code(&output), 0);
    let lines = json(&test(folder.path(), &[&rules[..], &["--format", "json"]].concat()));
    let [shell, _, untested, summary] = lines.as_slice() else { panic!("four lines") };
    insta::assert_snapshot!("coverage_json", serde_json::to_string_pretty(&shell["coverage"]).unwrap());
    assert_eq!(untested["coverage"]["exercised"], 0);
    assert_eq!(summary["summary"]["coverage"]["percent"], 43);
}

#[test]
fn everything_is_covered_by_near_misses() {
    let folder = folder(&[("shell.eql", RULE)]);
    let made = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["witness", "--near-misses", "--all-branches", "-f", "fixture", "-o", "made", "shell.eql"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(code(&made), 0);
    let output = test(folder.path(), &["shell.eql", "--tests", "made", "--coverage"]);
    assert!(stdout(&output).contains("shell.eql: 100 % covered, 14 of 14\n"), "{}", stdout(&output));
    assert_eq!(code(&output), 0);
}

#[test]
fn results_are_written_as_junit() {
    let folder = folder(&[
        ("shell.eql", RULE),
        ("tests/data/shell/positive.ndjson", SHELL),
        ("tests/data/shell/negative.ndjson", SHELL),
        ("shell.tests.yml", "- name: <a> & b\n  match: []\n  events: []\n"),
    ]);
    let output = test(folder.path(), &["shell.eql", "--format", "junit"]);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(code(&output), 3);
}

#[test]
fn blessing_writes_results_and_keeps_every_other_byte() {
    let text = format!(
        "# Streams of shells\n- name: no matches yet   # as found\n  events:\n    - {SHELL}\n\n-   events: [{OTHER}]\n    \
         # Listed wrongly\n    matches:   # two\n      - [0]\n      - []\n    name: 'in blocks'\n- {{name: flow, events: \
         [{DESKTOP}]}}\n- {{name: right, matches: [  [0] ], events: [{SHELL}]}}\n"
    );
    let folder = folder(&[
        ("shell.eql", RULE),
        ("shell.tests.yml", &text),
        ("tests/data/shell/positive.ndjson", OTHER),
    ]);
    let output = test(folder.path(), &["shell.eql", "--bless"]);
    assert_eq!(stderr(&output), "shell.tests.yml: wrote 3 streams\n");
    assert!(stdout(&output).ends_with("5 tests of 1 rule: 4 passed, 1 failed\n"), "{}", stdout(&output));
    let written = fs::read_to_string(folder.path().join("shell.tests.yml")).unwrap();
    let short = written.replace(SHELL, "SHELL").replace(OTHER, "OTHER").replace(DESKTOP, "DESKTOP");
    insta::assert_snapshot!(short);
    assert_eq!(fs::read_to_string(folder.path().join("tests/data/shell/positive.ndjson")).unwrap(), OTHER);
    assert_eq!(stderr(&test(folder.path(), &["shell.eql", "--bless"])), "");
}

#[test]
fn a_fixture_with_errors_is_not_written() {
    let text = format!("- name: s\n  events: [{SHELL}]\n- name: t\n");
    let folder = folder(&[("shell.eql", RULE), ("shell.tests.yml", &text)]);
    let output = test(folder.path(), &["shell.eql", "--bless"]);
    assert!(stderr(&output).contains("error[V0029]: `shell.tests.yml` has errors"), "{}", stderr(&output));
    assert_eq!(code(&output), 3);
    assert_eq!(fs::read_to_string(folder.path().join("shell.tests.yml")).unwrap(), text);
}

#[test]
fn rules_that_share_a_fixture_must_agree_to_be_blessed() {
    let text = format!("- name: s\n  events: [{SHELL}]\n");
    let folder = folder(&[
        ("a.eql", RULE),
        ("b/a.eql", "process where process.pid == 1"),
        ("made/a.tests.yml", &text),
    ]);
    let output = test(folder.path(), &["a.eql", "b/a.eql", "--tests", "made", "--bless"]);
    let wanted = "error[V0029]: `s`: rules that share `made/a.tests.yml` find different things in it, which are not written\n";
    assert_eq!(stderr(&output), wanted);
    assert_eq!(code(&output), 1);
    assert_eq!(fs::read_to_string(folder.path().join("made/a.tests.yml")).unwrap(), text);
}

#[test]
fn outputs_are_tested_on_targets() {
    let rule = "process where event.type == \"start\" and process.executable : \"C:\\\\Windows\\\\*.exe\"";
    let event = |path: &str| {
        format!(
            r#"{{"@timestamp":"2024-05-01T10:00:00Z","event":{{"category":["process"],"type":["start"]}},"host":{{"id":"h1","os":{{"type":"windows"}}}},"process":{{"executable":"{path}","name":"{}","pid":7,"entity_id":"p7"}}}}"#,
            path.rsplit('\\').next().unwrap()
        )
    };
    let (inside, outside) = (event(r"C:\\Windows\\a.exe"), event(r"D:\\b.exe"));
    let folder = folder(&[
        ("a.eql", rule),
        ("a.tests.yml", &format!("- {{name: wrong, matches: [], events: [{inside}]}}\n")),
        ("tests/data/a/positive.ndjson", &inside),
        ("tests/data/a/negative.ndjson", &outside),
        ("tests/data/a/negative-other.ndjson", OTHER),
    ]);
    let output = test(folder.path(), &["a.eql", "-t", "osquery,elasticsearch,sigma"]);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(code(&output), 1);
    let output = test(folder.path(), &["a.eql", "-t", "splunk"]);
    assert_eq!(code(&output), 3);
}

#[test]
fn what_an_output_loses_is_no_failure() {
    let rule = r#"process where event.type == "start" and process.args == "/c""#;
    let event = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":["process"],"type":["start"]},"host":{"id":"h1","os":{"type":"windows"}},"process":{"executable":"C:\\a.exe","name":"a.exe","pid":7,"entity_id":"p7","command_line":"a.exe x/c","args":["a.exe","x/c"]}}"#;
    let folder = folder(&[
        ("a.eql", rule),
        ("a.tests.yml", &format!("- {{name: part of a word, matches: [], events: [{event}]}}\n")),
        ("b.eql", rule),
        ("b.tests.yml", &format!("- {{name: wrong, matches: [[0]], events: [{event}]}}\n")),
    ]);
    let output = test(folder.path(), &["a.eql", "-t", "osquery,elasticsearch"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let said = stdout(&output);
    assert!(said.contains("lost on osquery: `part of a word`, which the rule passes: L1101"), "{said}");
    assert!(said.ends_with("2 tests of 1 rule: 1 passed, 1 lost\n"), "{said}");
    let json = stdout(&test(folder.path(), &["a.eql", "-t", "osquery", "--format", "json"]));
    let line: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(line["cases"][0]["outcome"], "lost");
    assert_eq!(line["cases"][0]["losses"][0]["code"], "L1101");
    // What the rule itself does not do is a failure of its output too.
    assert_eq!(code(&test(folder.path(), &["b.eql", "-t", "elasticsearch"])), 1);
}

#[test]
fn files_of_tests_may_name_their_rule() {
    let named = |rule: &str, name: &str| {
        format!("rule: {rule}\nstreams:\n  - {{name: {name}, matches: [[0]], events: [{SHELL}]}}\n")
    };
    let folder = folder(&[
        ("a.eql", RULE),
        ("b.eql", RULE),
        ("shells.tests.yml", &named("a", "beside")),
        // Called for one rule, and of another.
        ("b.tests.yml", &named("a", "of another")),
        ("made/more.tests.yml", &named("b", "in a folder")),
    ]);
    let names = |args: &[&str]| -> Vec<String> {
        let output = test(folder.path(), &[args, &["--format", "json"]].concat());
        assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
        let line: Value = serde_json::from_str(stdout(&output).lines().next().unwrap()).unwrap();
        let cases = line["cases"].as_array().unwrap().iter();
        cases.map(|case| case["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["a.eql"]), ["of another", "beside"]);
    assert_eq!(names(&["b.eql", "--tests", "made"]), ["in a folder"]);
}

#[test]
fn junit_is_for_commands_that_run_cases() {
    let folder = folder(&[("a.eql", "process where true")]);
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["check", "a.eql", "--format", "junit"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("`--format junit` is for"), "{}", stderr(&output));
}

#[test]
fn watching_runs_what_changes() {
    let folder = folder(&[
        ("shell.eql", RULE),
        ("other.eql", "process where process.name == \"calc.exe\""),
        ("tests/data/shell/positive.ndjson", SHELL),
        ("tests/data/other/positive.ndjson", OTHER),
    ]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["test", "shell.eql", "other.eql", "--watch"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    // A run that misses a change would wait for ever.
    let child = Arc::new(Mutex::new(child));
    let guard = Arc::clone(&child);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(120));
        let _ = guard.lock().unwrap().kill();
    });
    assert_eq!(lines.next().unwrap(), "2 tests of 2 rules: 2 passed");
    // The rule alone, then its test alone, then a test that is new.
    fs::write(folder.path().join("shell.eql"), RULE.replace("cmd.exe", "other.exe")).unwrap();
    assert!(lines.next().unwrap().starts_with("shell.eql:2:3: error[V0020]"));
    assert_eq!(lines.next().unwrap(), "1 test of 1 rule: 0 passed, 1 failed");
    fs::write(folder.path().join("tests/data/other/positive.ndjson"), format!("{OTHER}\n{OTHER}\n")).unwrap();
    assert_eq!(lines.next().unwrap(), "1 test of 1 rule: 1 passed");
    fs::write(
        folder.path().join("other.tests.yml"),
        format!("- {{name: s, matches: [[0]], events: [{OTHER}]}}\n"),
    )
    .unwrap();
    assert_eq!(lines.next().unwrap(), "2 tests of 1 rule: 2 passed");
    let mut child = child.lock().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}
