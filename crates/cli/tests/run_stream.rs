//! `eqlc run` as a stream: matches as they come, malformed events, figures, and how a run ends early.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::Value;

use output::{code, stderr, stdout};

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqlc"));
    command.arg("run").args(args).current_dir(folder).stdin(Stdio::null());
    command
}

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// A run over standard input that goes on.
fn spawn(folder: &Path, args: &[&str]) -> Child {
    let mut command = command(folder, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The lines that a run writes, as they come.
fn lines_of(child: &mut Child) -> impl FnMut() -> Value + use<> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (to, lines) = channel();
    std::thread::spawn(move || {
        for line in out.lines() {
            if to.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    move || {
        let line = lines.recv_timeout(Duration::from_secs(60)).expect("a match in time");
        serde_json::from_str(&line).unwrap()
    }
}

fn line_of(found: &Value, at: usize) -> u64 {
    found.pointer(&format!("/events/{at}/line")).and_then(Value::as_u64).unwrap()
}

const QUERY: &str = "process where process.pid == 1";

/// One reads ahead, several read for themselves.
const THREADS: [&str; 2] = ["1", "3"];

#[test]
fn a_match_is_seen_before_the_next_event_is_there() {
    THREADS.iter().for_each(|threads| sees_matches_at_once(threads));
}

fn sees_matches_at_once(threads: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(folder.path(), &["--query", QUERY, "--threads", threads, "-"]);
    let mut input = child.stdin.take().unwrap();
    let mut next = lines_of(&mut child);
    for line in 1..=3 {
        input.write_all(b"{\"event.category\":\"process\",\"process.pid\":1}\n").unwrap();
        assert_eq!(line_of(&next(), 0), line);
    }
    // Half an event is none.
    input.write_all(b"{\"event.category\":\"process\",").unwrap();
    input.write_all(b"\"process.pid\":1}\n").unwrap();
    assert_eq!(line_of(&next(), 0), 4);
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(code(&ended), 0);
    assert!(stderr(&ended).contains("ran 1 rule over 4 events, 4 matches"), "{}", stderr(&ended));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_writes_what_it_has_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--query", QUERY, "--stats=stats.json", "--rejects", "rejects", "-"];
    let mut child = spawn(folder.path(), &args);
    let mut input = child.stdin.take().unwrap();
    let mut next = lines_of(&mut child);
    input.write_all(b"nothing\n{\"event.category\":\"process\",\"process.pid\":1}\n").unwrap();
    next();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", stderr(&ended));
    assert!(
        stderr(&ended).contains("stopped: ran 1 rule over 1 event, 1 malformed, 1 match"),
        "{}",
        stderr(&ended)
    );
    assert_eq!(fs::read_to_string(folder.path().join("rejects")).unwrap(), "nothing\n");
    let stats: Value = serde_json::from_slice(&fs::read(folder.path().join("stats.json")).unwrap()).unwrap();
    assert_eq!(stats["stopped"], true);
    drop(input);
}

#[test]
fn malformed_events_are_reported_counted_and_kept_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let good = "{\"event.category\":\"process\",\"process.pid\":1}\n";
    let mut events = vec![good.to_owned()];
    events.extend((0..103).map(|n| format!("no {n} \u{fc}\n")));
    events.push("[1]\r\n".to_owned());
    events.push(good.to_owned());
    fs::write(folder.path().join("a.ndjson"), events.concat()).unwrap();
    fs::write(
        folder.path().join("b.json"),
        "[{\"event.category\":\"process\",\"process.pid\":1}, {\"a\":\n}]",
    )
    .unwrap();
    let args = ["--format", "short", "--query", QUERY, "--rejects", "rejects", "a.ndjson", "b.json"];
    let ended = eqlc(folder.path(), &args);
    assert_eq!(code(&ended), 0);
    let found: Vec<Value> = stdout(&ended).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places = found.iter().map(|found| (found["events"][0]["file"].as_str().unwrap(), line_of(found, 0)));
    assert_eq!(places.collect::<Vec<_>>(), [("a.ndjson", 1), ("a.ndjson", 106), ("b.json", 1)]);
    let said = stderr(&ended);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("warning[E3020]: a.ndjson:line 2: malformed JSON: "), "{said}");
    assert!(lines[99].starts_with("warning[E3020]: a.ndjson:line 101: "), "{said}");
    assert_eq!(lines[100], "warning[E3020]: a.ndjson: 4 more events are malformed");
    assert!(lines[101].starts_with("warning[E3020]: b.json:line 1: malformed JSON: "), "{said}");
    assert!(lines[102].contains("ran 1 rule over 3 events, 105 malformed, 3 matches"), "{said}");
    let kept: String = (0..103).map(|n| format!("no {n} \u{fc}\n")).collect::<String>() + "[1]\n{\"a\":\n}\n";
    assert_eq!(fs::read_to_string(folder.path().join("rejects")).unwrap(), kept);
}

#[test]
fn rejects_that_cannot_be_kept_end_the_run_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), "{}\n").unwrap();
    let args = ["--format", "short", "--query", "any where true", "--rejects", "none/rejects", "a.ndjson"];
    let ended = eqlc(folder.path(), &args);
    assert_eq!((code(&ended), stdout(&ended).as_str()), (3, ""));
    assert!(
        stderr(&ended).starts_with("error[E3019]: `none/rejects` cannot be written"),
        "{}",
        stderr(&ended)
    );
}

#[test]
fn figures_tell_what_each_rule_came_to() {
    let folder = tempfile::tempdir().unwrap();
    let events = "{\"event.category\":\"process\",\"process.pid\":1}\n{\"event.category\":\"file\"}\n?\n";
    fs::write(folder.path().join("a.ndjson"), events).unwrap();
    fs::write(folder.path().join("any.eql"), "any where true").unwrap();
    let args = ["-q", "-r", "any.eql", "--query", QUERY, "--stats=stats.json", "a.ndjson"];
    assert_eq!(code(&eqlc(folder.path(), &args)), 0);
    let stats: Value = serde_json::from_slice(&fs::read(folder.path().join("stats.json")).unwrap()).unwrap();
    let number = |name: &str| stats[name].as_u64().unwrap();
    assert_eq!(
        ["events", "kept", "bytes", "malformed", "matches"].map(number),
        [2, 2, events.len() as u64, 1, 3]
    );
    assert!(stats["events_per_second"].as_f64().unwrap() > 0.0);
    let rules = stats["rules"].as_array().unwrap();
    let shown = rules.iter().map(|rule| rule["matches"].as_u64().unwrap());
    assert_eq!(shown.collect::<Vec<_>>(), [1, 2]);

    let text = eqlc(folder.path(), &["-q", "--query", QUERY, "--stats", "--", "a.ndjson"]);
    assert!(stderr(&text).contains("events     2 ("), "{}", stderr(&text));
}

#[test]
fn a_filter_works_on_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let events = "{\"n\":1}\n{\"n\":2}\nx\n{\"n\":3}\n";
    fs::write(folder.path().join("a.ndjson"), events).unwrap();
    let args = ["--format", "short", "--query", "any where true", "--filter", "n > 1", "a.ndjson"];
    let ended = eqlc(folder.path(), &args);
    let found: Vec<u64> =
        stdout(&ended).lines().map(|line| line_of(&serde_json::from_str(line).unwrap(), 0)).collect();
    assert_eq!(found, [2, 4]);
    assert!(stderr(&ended).contains("ran 1 rule over 3 events, 1 malformed, 2 after the filter, 2 matches"));
}

#[test]
fn matches_may_leave_the_events_out() {
    let folder = tempfile::tempdir().unwrap();
    let events = "{\"@timestamp\":1,\"n\":1}\n{\"@timestamp\":2,\"n\":2}\n";
    fs::write(folder.path().join("a.ndjson"), events).unwrap();
    let query = "sequence [any where n == 1] [any where n == 2]";
    let found = stdout(&eqlc(folder.path(), &["-q", "--query", query, "--no-events", "a.ndjson"]));
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(
        found["events"],
        serde_json::json!([{"file": "a.ndjson", "line": 1}, {"file": "a.ndjson", "line": 2}])
    );
}

#[test]
fn events_are_printed_as_they_stand_on_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let odd = r#"{"n": 12345678901234567890.10,  "n":1e2, "text":"\u0041\/"}"#;
    fs::write(folder.path().join("a.ndjson"), format!("{odd}\r\n")).unwrap();
    fs::write(folder.path().join("b.json"), "[{\n  \"n\": 1,\n  \"a\": {\r\n}\n}]").unwrap();
    let found = stdout(&eqlc(folder.path(), &["-q", "--query", "any where true", "a.ndjson", "b.json"]));
    let events: Vec<&str> =
        found.lines().filter_map(|line| line.split_once("\"event\":")).map(|(_, event)| event).collect();
    assert_eq!(events, [format!("{odd}}}]}}").as_str(), r#"{"n":1,"a":{}}}]}"#]);
}

#[test]
fn a_plan_is_explained_instead_of_run() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), "{}\n").unwrap();
    let ended = eqlc(folder.path(), &["-q", "--query", "any where true", "--explain-plan", "a.ndjson"]);
    assert_eq!(code(&ended), 0);
    assert!(!stdout(&ended).is_empty() && !stdout(&ended).contains("\"events\""), "{}", stdout(&ended));
}

#[test]
fn an_answer_that_counts_all_events_is_no_stream() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), "{}\n").unwrap();
    let args = ["--query", "any where true", "-f", "response", "--rejects", "r", "a.ndjson"];
    let ended = eqlc(folder.path(), &args);
    assert_eq!(code(&ended), 3);
    assert!(stderr(&ended).contains("are for matches of a stream"), "{}", stderr(&ended));
}

/// `eqlc run … | head -1`
#[test]
fn a_reader_that_leaves_ends_a_stream_quietly() {
    THREADS.iter().for_each(|threads| ends_quietly(threads));
}

fn ends_quietly(threads: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(folder.path(), &["--query", "any where true", "--threads", threads, "-"]);
    let mut input = child.stdin.take().unwrap();
    let mut out = child.stdout.take().unwrap();
    input.write_all(b"{}\n").unwrap();
    let mut first = [0; 1];
    out.read_exact(&mut first).unwrap();
    drop(out);
    // The run ends when it notices, and closes its end.
    while input.write_all(b"{}\n").is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!((code(&ended), stderr(&ended).as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn a_hang_up_ends_no_run_that_ignores_it_and_a_termination_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    let line = format!("trap '' HUP; exec '{}' run --query '{QUERY}' -", env!("CARGO_BIN_EXE_eqlc"));
    command.args(["-c", &line]).current_dir(folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut next = lines_of(&mut child);
    let event = b"{\"event.category\":\"process\",\"process.pid\":1}\n";
    input.write_all(event).unwrap();
    next();
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    };
    signal("-HUP");
    std::thread::sleep(Duration::from_millis(200));
    input.write_all(event).unwrap();
    assert_eq!(line_of(&next(), 0), 2);
    signal("-TERM");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("stopped: ran 1 rule over 2 events, 2 matches"), "{}", stderr(&ended));
}

#[test]
fn an_event_of_the_far_future_is_counted_and_harms_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let event = |time: &str, pid: u32| {
        format!(
            "{{\"@timestamp\":\"{time}\",\"event.category\":\"process\",\"process.pid\":{pid},\"k\":1}}\n"
        )
    };
    let events = [
        event("2024-05-01T10:00:00Z", 1),
        event("2240-01-01T00:00:00Z", 1),
        event("2024-05-01T10:00:01Z", 2),
    ];
    fs::write(folder.path().join("events.ndjson"), events.concat()).unwrap();
    let query =
        "sequence by k with maxspan=1m [process where process.pid == 1] [process where process.pid == 2]";
    let ran = eqlc(folder.path(), &["--query", query, "--disorder", "0s", "events.ndjson"]);
    assert_eq!(stdout(&ran).lines().count(), 1, "{}", stderr(&ran));
    assert!(
        stderr(&ran).contains("warning[E3026]: 1 event left out of rules over several events"),
        "{}",
        stderr(&ran)
    );
    let far = ["--query", query, "--disorder", "0s", "--max-ahead", "9000000h", "events.ndjson"];
    let ran = eqlc(folder.path(), &far);
    assert_eq!(stdout(&ran).lines().count(), 0, "{}", stderr(&ran));
}

#[test]
fn any_number_of_threads_writes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = String::new();
    for at in 0..12_000 {
        events += &format!(
            "{{\"@timestamp\":{at},\"event.category\":\"process\",\"process.pid\":{},\"k\":{}}}\n",
            at % 3,
            at % 7
        );
        if at % 997 == 0 {
            events += "no event\n\n";
        }
        if at == 5_000 {
            // Longer than what is read at a time.
            events += &format!("{{\"event.category\":\"process\",\"text\":\"{}\"}}\n", "x".repeat(700_000));
        }
    }
    // The last line has no end.
    fs::write(folder.path().join("a.ndjson"), events.trim_end()).unwrap();
    fs::write(folder.path().join("b.ndjson"), &events).unwrap();
    fs::write(folder.path().join("packed.ndjson"), b"\xFD7zXZ\0").unwrap();
    fs::write(folder.path().join("one.eql"), QUERY).unwrap();
    let sequence =
        "sequence by k with maxspan=5s [process where process.pid == 0] [process where process.pid == 1]";
    fs::write(folder.path().join("two.eql"), sequence).unwrap();
    let run = |threads: &str, more: &[&str]| {
        let args = ["-r", ".", "--format", "short", "--threads", threads, "--rejects", "rejects"];
        let inputs = ["a.ndjson", "packed.ndjson", "b.ndjson"];
        let ran = eqlc(folder.path(), &[&args, more, &inputs].concat());
        assert!(
            stderr(&ran).contains("`packed.ndjson` cannot be read: the format is xz"),
            "{}",
            stderr(&ran)
        );
        (stdout(&ran), stderr(&ran), fs::read_to_string(folder.path().join("rejects")).unwrap())
    };
    for more in [&[][..], &["--disorder", "1s"], &["--filter", "process where k < 4"], &["--no-events"]] {
        let one = run("1", more);
        assert!(one.0.lines().count() > 6_000);
        for threads in ["2", "5"] {
            assert!(run(threads, more) == one, "{threads} threads with {more:?}");
        }
    }
}
