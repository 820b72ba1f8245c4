//! `eqlc run` with a query and the parameters of a search, over events in every form.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use output::{code, stderr, stdout};

/// Two processes and a connection of each of two hosts; the last event of `a` comes late.
const EVENTS: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event":{"category":"process"},"host":{"id":"a","ip":"::ffff:10.0.0.1"},"process":{"name":"one.exe","pid":1}}
{"@timestamp":"2024-05-01T10:00:01Z","event":{"category":"process"},"host":{"id":"b","ip":["FE80::1"]},"process":{"name":"one.exe","pid":2}}
{"@timestamp":"2024-05-01T10:00:02Z","event":{"category":"file"},"host":{"id":"b"},"process":{"name":"noise.exe","pid":2}}
{"@timestamp":"2024-05-01T10:00:03Z","event":{"category":"network"},"host":{"id":"a","ip":"10.0.0.1"},"process":{"name":"one.exe","pid":1.0}}
{"@timestamp":"2024-05-01T10:00:04Z","event":{"category":"network"},"host":{"id":"b","ip":"fe80::1"},"process":{"name":"one.exe","pid":2}}
{"@timestamp":"2024-05-01T10:00:05Z","event":{"category":"process"},"host":{"id":"a"},"process":{"name":"two.exe","pid":3}}
"#;

/// A folder with `events.ndjson`; commands run in it, so that names are the same everywhere.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.ndjson"), EVENTS).unwrap();
    folder
}

fn eqlc(folder: &Path, args: &[&str], input: Option<&[u8]>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqlc"));
    let mut child = command
        .arg("run")
        .args(args)
        .current_dir(folder)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let writer = input.map(|input| {
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
        std::thread::spawn(move || {
            // A child that refuses early closes its end; that is its right.
            let _ = stdin.write_all(&input);
        })
    });
    let output = child.wait_with_output().unwrap();
    writer.into_iter().for_each(|writer| writer.join().unwrap());
    output
}

/// The answer of a run that finds nothing to say.
fn quiet(folder: &Path, args: &[&str]) -> String {
    let output = eqlc(folder, &[&["-q"], args].concat(), None);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    stdout(&output)
}

/// The response to a query on `events.ndjson`, to be read by people.
fn response(folder: &Path, args: &[&str]) -> String {
    let text = quiet(folder, &[&["--output", "response"], args, &["events.ndjson"]].concat());
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text).unwrap()).unwrap()
}

/// The lines of the events of each match, −1 for a missing event.
fn lines(answer: &str) -> Vec<Vec<i64>> {
    let of_event = |event: &Value| event.get("line").and_then(Value::as_i64).unwrap_or(-1);
    let of_match = |line: &str| {
        let found: Value = serde_json::from_str(line).unwrap();
        found.get("events").unwrap().as_array().unwrap().iter().map(of_event).collect()
    };
    answer.lines().map(of_match).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(text, 3).unwrap()
}

#[test]
fn a_query_or_rules_are_needed_and_both_may_be() {
    let folder = folder();
    let neither = eqlc(folder.path(), &["events.ndjson"], None);
    assert_eq!(code(&neither), 3);
    assert!(stderr(&neither).contains("`--rules RULES`, `--query QUERY`"), "{}", stderr(&neither));

    fs::write(folder.path().join("file.eql"), "file where true").unwrap();
    let both = quiet(folder.path(), &["-r", "file.eql", "--query", "network where true", "events.ndjson"]);
    // In the order of the events, whichever rule they are of.
    assert_eq!(lines(&both), [[3], [4], [5]]);
    let args = ["-r", "file.eql", "--query", "any where false", "--output", "response", "events.ndjson"];
    let names: Vec<Value> = quiet(folder.path(), &args)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["rule"].take())
        .collect();
    assert_eq!(names, [Value::Null, Value::from("file")]);
}

#[test]
fn a_response_to_an_event_query_has_events() {
    insta::assert_snapshot!(response(folder().path(), &["--query", "process where process.pid > 2"]));
}

#[test]
fn a_response_to_a_sequence_has_typed_keys_and_placeholders() {
    let query = "sequence by host.id, process.pid, host.ip, ?user.id with maxspan=1m \
                 [process where true] ![file where process.pid == 1] [network where true]";
    insta::assert_snapshot!(response(folder().path(), &["--query", query]));
}

#[test]
fn a_response_without_matches_names_what_was_asked_for() {
    let folder = folder();
    insta::assert_snapshot!(response(
        folder.path(),
        &["--query", "sequence [any where false] [any where true]"]
    ));
}

#[test]
fn a_query_with_json_gets_a_response_unless_told_otherwise() {
    let folder = folder();
    let query = ["--query", "process where true", "events.ndjson", "--format", "json", "-q"];
    let answer = stdout(&eqlc(folder.path(), &query, None));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["hits"]["total"]["value"], 3);
    let told: Vec<&str> = query.iter().copied().chain(["--output", "matches"]).collect();
    assert_eq!(stdout(&eqlc(folder.path(), &told, None)).lines().count(), 3);
}

#[test]
fn dates_in_keys_are_iso_with_milliseconds() {
    let folder = tempfile::tempdir().unwrap();
    let events = "{\"@timestamp\":1,\"process.start\":\"2024-05-01T12:00:00+02:00\"}\n\
                  {\"@timestamp\":2,\"process.start\":1714557600000}\n";
    fs::write(folder.path().join("events.ndjson"), events).unwrap();
    let query = "sequence by process.start [any where true] [any where true]";
    let found: Value = serde_json::from_str(&response(folder.path(), &["--query", query])).unwrap();
    assert_eq!(found["hits"]["sequences"][0]["join_keys"], serde_json::json!(["2024-05-01T10:00:00.000Z"]));
}

#[test]
fn only_a_response_is_limited_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let events: String = (1..=12).map(|n| format!("{{\"@timestamp\":{n}}}\n")).collect();
    fs::write(folder.path().join("events.ndjson"), events).unwrap();
    let ids = |args: &[&str]| -> Vec<String> {
        let text = response(folder.path(), &[&["--query", "any where true"], args].concat());
        let found: Value = serde_json::from_str(&text).unwrap();
        let events = found["hits"]["events"].as_array().unwrap();
        assert_eq!(found["hits"]["total"]["value"], events.len());
        events.iter().map(|event| event["_id"].as_str().unwrap().to_owned()).collect()
    };
    let numbers = |range: std::ops::RangeInclusive<i32>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&[]), numbers(3..=12));
    assert_eq!(ids(&["--result-position", "head"]), numbers(1..=10));
    assert_eq!(ids(&["--size", "2"]), numbers(11..=12));
    assert_eq!(ids(&["--size", "2", "--result-position", "head"]), numbers(1..=2));
    assert_eq!(ids(&["--size", "0"]), Vec::<String>::new());
    let matches = |args: &[&str]| {
        quiet(folder.path(), &[&["--query", "any where true"], args, &["events.ndjson"]].concat())
            .lines()
            .count()
    };
    assert_eq!((matches(&[]), matches(&["--size", "3"])), (12, 3));
}

#[test]
fn the_fields_of_the_search_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let events = r#"{"ts":2,"n":1,"kind":"x"}
{"ts":1,"n":2,"kind":"x","@timestamp":9}
{"ts":1,"n":1,"kind":"y","@timestamp":9}
"#;
    fs::write(folder.path().join("events.ndjson"), events).unwrap();
    // With a size the matches are put in order, which else is that of arrival.
    let run =
        |args: &[&str]| lines(&quiet(folder.path(), &[args, &["--size", "9", "events.ndjson"]].concat()));
    assert_eq!(run(&["--query", "any where true", "--timestamp-field", "ts"]), [[2], [3], [1]]);
    let tied = ["--query", "any where true", "--timestamp-field", "ts", "--tiebreaker-field", "n"];
    assert_eq!(run(&tied), [[3], [2], [1]]);
    assert_eq!(run(&["--query", "x where true", "--event-category-field", "kind"]), [[2], [1]]);
    assert_eq!(run(&["--query", "x where true"]), Vec::<Vec<i64>>::new());
}

#[test]
fn a_sample_gives_as_many_per_key_as_asked() {
    let folder = folder();
    let query = "sample by host.id [process where true] [network where true]";
    let run = |args: &[&str]| {
        lines(&quiet(folder.path(), &[&["--query", query], args, &["events.ndjson"]].concat()))
    };
    assert_eq!(run(&[]), [[1, 4], [2, 5]]);
    assert_eq!(run(&["--max-samples-per-key", "5"]), [[1, 4], [6, 4], [2, 5]]);
    assert_eq!(code(&eqlc(folder.path(), &["--query", query, "--max-samples-per-key", "0", "-"], None)), 3);
}

#[test]
fn a_filter_comes_before_everything_missing_events_too() {
    let folder = folder();
    let query =
        "sequence by host.id with maxspan=1m [process where true] ![file where true] [network where true]";
    let run = |args: &[&str]| {
        lines(&quiet(folder.path(), &[&["--query", query], args, &["events.ndjson"]].concat()))
    };
    assert_eq!(run(&[]), [[1, -1, 4]]);
    assert_eq!(run(&["--filter", "process.name != \"noise.exe\""]), [[1, -1, 4], [2, -1, 5]]);
    assert_eq!(
        run(&["--filter", "any where host.id == \"b\" and not process.name : \"noise*\""]),
        [[2, -1, 5]]
    );
    let counted =
        eqlc(folder.path(), &["--query", query, "--filter", "process.pid == 2", "events.ndjson"], None);
    assert!(stderr(&counted).contains("ran 1 rule over 6 events, 3 after the filter, 0 matches"));
}

#[test]
fn findings_in_a_filter_stop_the_run() {
    let folder = folder();
    let mut said = String::new();
    for filter in [
        "process.pid >",
        "file where process.pid >",
        "sequence [any where true] [any where true]",
        "any where true | head 1",
        "",
    ] {
        let args = ["--format", "short", "--query", "any where true", "--filter", filter, "events.ndjson"];
        let output = eqlc(folder.path(), &args, None);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{filter}");
        said.push_str(&stderr(&output));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn findings_in_a_query_point_into_it() {
    let args = [
        "--format",
        "rich",
        "--query",
        "process where\n  process.nme == 1 and process.pid = 4",
        "events.ndjson",
    ];
    let output = eqlc(folder().path(), &args, None);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    insta::assert_snapshot!(stderr(&output));
}

#[test]
fn compressed_events_are_told_by_their_bytes() {
    let folder = folder();
    let query = ["--query", "process where true"];
    let plain = lines(&quiet(folder.path(), &[&query[..], &["events.ndjson"]].concat()));
    assert_eq!(plain, [[1], [2], [6]]);
    for encode in [gzip, zstd] {
        let (head, tail) = EVENTS.as_bytes().split_at(400);
        for bytes in [encode(EVENTS.as_bytes()), [encode(head), encode(tail)].concat()] {
            fs::write(folder.path().join("packed"), &bytes).unwrap();
            assert_eq!(lines(&quiet(folder.path(), &[&query[..], &["packed"]].concat())), plain);
            let piped = eqlc(folder.path(), &[&query[..], &["-"]].concat(), Some(&bytes));
            assert_eq!(lines(&stdout(&piped)), plain);
        }
    }
}

#[test]
fn folders_and_several_files_are_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir_all(logs.join("deep")).unwrap();
    fs::write(logs.join("b.jsonl"), "{\"n\":1}").unwrap();
    fs::write(logs.join("a.json.gz"), gzip(b"[{\"n\":2},{\"n\":3}]")).unwrap();
    fs::write(logs.join("deep/c.ndjson.zst"), zstd(b"{\"n\":4}")).unwrap();
    fs::write(logs.join("notes.txt"), "none").unwrap();
    fs::write(folder.path().join("one.log"), "{\"n\":5}").unwrap();
    let args = ["--query", "any where true", "--output", "response", "one.log", "logs"];
    let found: Value = serde_json::from_str(&quiet(folder.path(), &args)).unwrap();
    let show = |hit: &Value| format!("{}#{}", hit["_index"].as_str().unwrap(), hit["_id"].as_str().unwrap());
    let hits: Vec<String> = found["hits"]["events"].as_array().unwrap().iter().map(show).collect();
    let expected =
        ["one.log#1", "logs/a.json.gz#1", "logs/a.json.gz#1:2", "logs/b.jsonl#1", "logs/deep/c.ndjson.zst#1"];
    assert_eq!(hits, expected);
}

#[test]
fn what_stands_before_a_break_is_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let line = |n: u64| format!("{{\"@timestamp\":{n},\"id\":{}}}\n", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let events: String = (1..=20_000).map(line).collect();
    for (name, bytes) in [("cut.gz", gzip(events.as_bytes())), ("cut.zst", zstd(events.as_bytes()))] {
        fs::write(folder.path().join(name), &bytes[..bytes.len() / 2]).unwrap();
        let args =
            ["--format", "short", "--query", "any where true", "--size", "1", "--output", "response", name];
        let output = eqlc(folder.path(), &args, None);
        assert_eq!(code(&output), 3);
        assert!(stderr(&output).starts_with(&format!("error[E3016]: {name}:line ")), "{}", stderr(&output));
        let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(found["is_partial"], true);
        let last: u64 = found["hits"]["events"][0]["_id"].as_str().unwrap().parse().unwrap();
        assert!((1000..20_000).contains(&last), "{last}");
    }
}

#[test]
fn other_compressed_formats_are_named() {
    let output =
        eqlc(tempfile::tempdir().unwrap().path(), &["--query", "any where true", "-"], Some(b"BZh91AY"));
    assert_eq!((code(&output), stdout(&output).as_str()), (3, ""));
    let said =
        "error[E3016]: `<stdin>` cannot be read: the format is bzip2; plain text, gzip and zstd are read\n";
    assert!(stderr(&output).starts_with(said), "{}", stderr(&output));
}

#[test]
fn hits_of_an_export_keep_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let hit = "{\"_index\":\"logs-1\",\"_id\":\"abc\",\"_score\":1,\"_source\":{\"user.name\":\"x\"}}\n";
    fs::write(folder.path().join("events.ndjson"), hit).unwrap();
    let found = response(folder.path(), &["--query", "any where user.name == \"x\""]);
    insta::assert_snapshot!(found);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.ndjson"), "{\"@timestamp\":1}\n".repeat(5000)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["run", "--query", "any where true", "events.ndjson"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
}
