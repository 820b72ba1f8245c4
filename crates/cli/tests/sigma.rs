//! Sigma on the command line: placeholders, documents that refer to other files, events of Windows.
#![expect(clippy::unwrap_used, reason = "a failing step fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const RULE: &str = r"title: Tool
name: tool
logsource: {product: windows, category: process_creation}
detection:
    selection:
        Image|endswith: '\tool.exe'
        User|expand: '%Admins%'
    condition: selection
";

const FILTER: &str = r"title: Known hosts
logsource: {product: windows, category: process_creation}
filter:
    rules: [tool]
    selection:
        Computer: 'build'
    condition: not selection
";

const CORRELATION: &str = r"title: Tool twice
correlation:
    type: event_count
    rules: [tool]
    group-by: [Computer]
    timespan: 5m
    condition: {gte: 2}
";

/// Sysmon's event 1 as the event log's XML becomes JSON.
fn event(second: u8, user: &str, computer: &str) -> String {
    serde_json::json!({"Event": {
        "System": {
            "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": computer,
            "TimeCreated": {"#attributes": {"SystemTime": format!("2024-05-01T10:00:{second:02}Z")}}
        },
        "EventData": {"Image": r"C:\tool.exe", "User": user}
    }})
    .to_string()
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rules")).unwrap();
    let events =
        [event(1, "root", "a"), event(2, "adm_x", "a"), event(3, "root", "build"), event(4, "bob", "a")];
    let files = [
        ("rules/tool.yml", RULE.to_owned()),
        ("rules/known.yml", FILTER.to_owned()),
        ("rules/twice.yml", CORRELATION.to_owned()),
        ("lists.yml", "Admins: [root, adm_*]\n".to_owned()),
        ("wrong.yml", "- Admins\n".to_owned()),
        ("events.json", events.join("\n")),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Exit code, standard output, standard error.
fn eqlc(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc")).args(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_placeholder_without_a_list_is_refused_and_says_how_to_give_one() {
    let folder = folder();
    let (exit, _, errors) = eqlc(folder.path(), &["check", "--format", "rich", "rules/tool.yml"]);
    assert_eq!(exit, 2);
    assert!(errors.contains("error[E2056]: the placeholder `%Admins%` has no list"), "{errors}");
    assert!(errors.contains("--placeholders FILE"), "{errors}");
    let (exit, _, _) = eqlc(folder.path(), &["check", "--placeholders", "lists.yml", "rules/tool.yml"]);
    assert_eq!(exit, 0);
}

#[test]
fn lists_that_cannot_be_read_end_the_run() {
    let folder = folder();
    let (exit, _, errors) = eqlc(folder.path(), &["check", "--placeholders", "wrong.yml", "rules"]);
    assert_eq!(exit, 3);
    assert!(errors.contains("wrong.yml:1:1: error[E2011]"), "{errors}");
    let (exit, _, errors) = eqlc(folder.path(), &["check", "--placeholders", "none.yml", "rules"]);
    assert_eq!(exit, 3);
    assert!(errors.contains("`none.yml` cannot be read"), "{errors}");
}

#[test]
fn correlations_and_filters_reach_other_files() {
    let folder = folder();
    let check = ["check", "--ignore", "W20", "--placeholders", "lists.yml", "rules"];
    let (exit, _, errors) = eqlc(folder.path(), &check);
    assert_eq!((exit, errors.contains("no findings")), (0, true), "{errors}");
    let alone = ["check", "--placeholders", "lists.yml", "rules/twice.yml", "rules/known.yml"];
    let (exit, _, errors) = eqlc(folder.path(), &alone);
    assert_eq!(exit, 2);
    assert!(errors.contains("rules/twice.yml:4:13: error[E2054]: no rule is called `tool`"), "{errors}");
    assert!(errors.contains("rules/known.yml:1:8: warning[E2055]"), "{errors}");
}

#[test]
fn findings_in_a_rule_of_another_file_point_there() {
    let folder = folder();
    let (_, _, errors) = eqlc(folder.path(), &["check", "--format", "short", "rules"]);
    let lines: Vec<&str> = errors.lines().filter(|line| line.contains("E2056")).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.starts_with("rules/tool.yml:7:")), "{errors}");
}

#[test]
fn rules_find_events_of_the_windows_event_log() {
    let folder = folder();
    let args = ["run", "--placeholders", "lists.yml", "-r", "rules", "events.json"];
    let (exit, matches, errors) = eqlc(folder.path(), &args);
    assert_eq!(exit, 0, "{errors}");
    let shown: Vec<(String, Vec<u64>)> = matches
        .lines()
        .map(|line| {
            let found: serde_json::Value = serde_json::from_str(line).unwrap();
            let lines =
                found["events"].as_array().unwrap().iter().map(|event| event["line"].as_u64().unwrap());
            (found["name"].as_str().unwrap().to_owned(), lines.collect())
        })
        .collect();
    let of = |name: &str, lines: &[u64]| (name.to_owned(), lines.to_vec());
    assert_eq!(shown, [of("Tool", &[1]), of("Tool", &[2]), of("Tool twice", &[1, 2])]);
    assert!(matches.contains("2024-05-01T10:00:01Z"));
}

#[test]
fn what_is_no_event_log_is_told() {
    let folder = folder();
    fs::write(folder.path().join("log.evtx"), b"ElfFile\0and nothing more").unwrap();
    let args = ["run", "--placeholders", "lists.yml", "-r", "rules", "log.evtx"];
    let (exit, _, errors) = eqlc(folder.path(), &args);
    assert_eq!(exit, 3);
    assert!(errors.contains("log.evtx"), "{errors}");
}
