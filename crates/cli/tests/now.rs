//! `eqlc run --now`: date math over events, the same whenever it is run.
#![expect(clippy::unwrap_used, reason = "a failing step fails the test")]

use std::process::{Command, Output};

const EVENTS: &str = concat!(
    r#"{"@timestamp":"2024-02-28T23:59:59.999Z","event":{"category":"process"}}"#,
    "\n",
    r#"{"@timestamp":"2024-02-29T00:00:00Z","event":{"category":"process"}}"#,
    "\n",
    r#"{"@timestamp":"2024-03-01T09:00:00Z","event":{"category":"process"}}"#,
    "\n",
);

fn run(query: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, EVENTS).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqlc"));
    command.args(["run", "--query", query, "--format", "short"]).args(more).arg(&events).output().unwrap()
}

/// The lines of the events that were found.
fn found(query: &str, more: &[&str]) -> Vec<u64> {
    let output = run(query, more);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |text: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        json.pointer("/events/0/line").and_then(serde_json::Value::as_u64).unwrap()
    };
    text.lines().map(line).collect()
}

#[test]
fn now_is_what_the_command_line_says() {
    let query = r#"process where @timestamp >= "now-1d/d" and @timestamp < "now/d""#;
    assert_eq!(found(query, &["--now", "2024-03-01T12:00:00Z"]), [2]);
    assert_eq!(found(query, &["--now", "2024-02-29T12:00:00+01:00"]), [1]);
    assert_eq!(found(query, &["--now", "2024-03-02"]), [3]);
    assert_eq!(found(query, &["--now", "2025"]), [0_u64; 0]);
}

#[test]
fn a_filter_sees_the_same_present() {
    let more = ["--now", "2024-03-01T12:00:00Z", "--filter", r#"@timestamp > "now-1d""#];
    assert_eq!(found("process where true", &more), [3]);
}

/// The events are older than the present of any machine that runs this.
#[test]
fn without_it_the_clock_of_the_machine_counts() {
    assert_eq!(found(r#"process where @timestamp < "now-1d""#, &[]), [1, 2, 3]);
    assert_eq!(found(r#"process where @timestamp > "now""#, &[]), [0_u64; 0]);
}

#[test]
fn what_is_no_date_is_wrong_usage() {
    let output = run("process where true", &["--now", "yesterday"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("dates are written as in"));
}

#[test]
fn malformed_date_math_is_found_before_any_event() {
    let output = run(r#"process where @timestamp > "now-1D/d""#, &[]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap());
}
