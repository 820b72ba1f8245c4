//! Plans of many rules: `eqlc compile -t native -o plan.bin` and `eqlc run plan.bin`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod alone;
mod output;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use alone::eqlc;
use output::{code, stderr, stdout};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

const SIGMA: &str = "\
title: Whoami
id: 11111111-2222-4333-8444-555555555555
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\whoami.exe'}
  condition: selection
level: low
";

const SEQUENCE: &str = "sequence by host.id with maxspan=1m
  [process where process.name : \"cmd.exe\"]
  [process where process.name : \"whoami.exe\"]
";

const EVENTS: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","event.category":"process","event.type":"start","host.id":"h","host.os.type":"windows","process":{"name":"cmd.exe","executable":"C:\\Windows\\cmd.exe"}}
{"@timestamp":"2024-05-01T10:00:01Z","event.category":"process","event.type":"start","host.id":"h","host.os.type":"windows","process":{"name":"whoami.exe","executable":"C:\\Windows\\whoami.exe"}}
{"logsource":{"category":"process_creation","product":"windows"},"Image":"C:\\Windows\\whoami.exe"}
no event
{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\x\\WHOAMI.exe","CommandLine":"whoami"}
"#;

/// A folder with rules of both languages, one over several events, and events in the names of each.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("rules")).unwrap();
    fs::write(at.join("rules/whoami.yml"), SIGMA).unwrap();
    fs::write(at.join("rules/seq.eql"), SEQUENCE).unwrap();
    fs::write(at.join("rules/one.eql"), "process where process.name == \"cmd.exe\" | head 1\n").unwrap();
    fs::write(at.join("events.ndjson"), EVENTS).unwrap();
    folder
}

fn compile(folder: &Path, args: &[&str]) -> Output {
    eqlc(folder, &[&["compile", "-t", "native", "-o", "plan.bin"], args].concat())
}

/// What a run says, but for how long it took.
fn told(output: &Output) -> (i32, String, String) {
    (code(output), stdout(output), stderr(output))
}

#[test]
fn a_plan_finds_what_its_rules_find() {
    let folder = folder();
    let made = compile(folder.path(), &["rules"]);
    assert_eq!(told(&made), (0, String::new(), "compiled 3 rules to a plan: no findings\n".to_owned()));
    for more in [
        &[][..],
        &["--taxonomy", "rules"],
        &["--taxonomy", "ecs"],
        &["--taxonomy", "sigma,ecs"],
        &["--no-events"],
        &["--filter", "process where true"],
        &["--threads", "2", "--disorder", "0s"],
    ] {
        let by_rules = eqlc(folder.path(), &[&["run", "-r", "rules", "events.ndjson"], more].concat());
        let by_plan = eqlc(folder.path(), &[&["run", "plan.bin", "events.ndjson"], more].concat());
        assert!(!by_rules.stdout.is_empty(), "{}", stderr(&by_rules));
        assert_eq!(told(&by_plan), told(&by_rules), "{more:?}");
        let by_option = eqlc(folder.path(), &[&["run", "-r", "plan.bin", "events.ndjson"], more].concat());
        assert_eq!(told(&by_option), told(&by_rules), "{more:?}");
    }
}

#[test]
fn the_samples_find_their_witnesses_by_plan() {
    let folder = tempfile::tempdir().unwrap();
    let rules = samples();
    let rules = rules.to_str().unwrap();
    let witnesses = eqlc(folder.path(), &["witness", "--near-misses", rules]);
    fs::write(folder.path().join("events.ndjson"), &witnesses.stdout).unwrap();
    assert_eq!(code(&compile(folder.path(), &["-q", rules])), 0);
    let by_rules = eqlc(folder.path(), &["run", "-q", "-r", rules, "events.ndjson"]);
    let by_plan = eqlc(folder.path(), &["run", "-q", "plan.bin", "events.ndjson"]);
    assert!(stdout(&by_rules).lines().count() >= 5);
    assert_eq!(stdout(&by_plan), stdout(&by_rules));
}

#[test]
fn the_same_rules_give_the_same_file() {
    let folder = folder();
    let mut files = Vec::new();
    for _ in 0..2 {
        compile(folder.path(), &["rules"]);
        files.push(fs::read(folder.path().join("plan.bin")).unwrap());
    }
    assert_eq!(files[0], files[1]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn a_folder_still_gets_a_plan_for_each_rule() {
    let folder = folder();
    let args = ["compile", "-q", "-t", "native", "-o", "out", "rules"];
    assert_eq!(code(&eqlc(folder.path(), &args)), 0);
    let mut names: Vec<_> = fs::read_dir(folder.path().join("out/native"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["one.json", "seq.json", "whoami.json"]);
}

#[test]
fn a_bad_rule_is_told_and_the_others_are_planned() {
    let folder = folder();
    fs::write(folder.path().join("rules/bad.eql"), "process where\n").unwrap();
    fs::write(folder.path().join("rules/far.eql"), "any where @timestamp > \"now-9999999y\"\n").unwrap();
    let made = compile(folder.path(), &["rules"]);
    assert_eq!(code(&made), 2);
    assert!(
        stderr(&made).contains("error[E3021]") || stderr(&made).contains("error[E4"),
        "{}",
        stderr(&made)
    );
    assert!(stderr(&made).contains("compiled 3 rules to a plan, 1 refused"), "{}", stderr(&made));
    assert_eq!(code(&eqlc(folder.path(), &["run", "plan.bin", "events.ndjson"])), 0);
}

#[test]
fn what_is_no_plan_is_said_and_nothing_is_run() {
    let folder = folder();
    compile(folder.path(), &["rules"]);
    let whole = fs::read(folder.path().join("plan.bin")).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut newer = whole.clone();
    newer[8] = 9;
    for (name, bytes, wanted) in [
        ("cut.bin", &whole[..whole.len() - 1], "is cut off"),
        ("short.bin", &whole[..20], "is cut off within the header"),
        ("flipped.plan", flipped.as_slice(), "its checksum is that of other bytes"),
        ("newer.bin", newer.as_slice(), "is a plan of format 9"),
        ("empty.bin", b"".as_slice(), "is no plan"),
        ("json.bin", b"{\"eqlc_plan\": 1}".as_slice(), "is no plan"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let ran = eqlc(folder.path(), &["run", name, "events.ndjson"]);
        assert_eq!((code(&ran), stdout(&ran)), (3, String::new()), "{name}");
        assert!(
            stderr(&ran).starts_with("error[E3027]") || stderr(&ran).contains("E3027"),
            "{}",
            stderr(&ran)
        );
        assert!(stderr(&ran).contains(wanted), "{name}: {}", stderr(&ran));
    }
    let ran = eqlc(folder.path(), &["run", "none.bin", "events.ndjson"]);
    assert_eq!(code(&ran), 3);
    assert!(stderr(&ran).contains("E3016"), "{}", stderr(&ran));
}

#[test]
fn names_of_fields_are_fixed_in_the_plan() {
    let folder = folder();
    fs::write(folder.path().join("own.ndjson"), "{\"kind\":\"process\",\"process.name\":\"cmd.exe\"}\n")
        .unwrap();
    assert_eq!(code(&compile(folder.path(), &["--event-category-field", "kind", "rules"])), 0);
    let by_plan = eqlc(folder.path(), &["run", "-q", "plan.bin", "own.ndjson"]);
    let rules = ["run", "-q", "-r", "rules", "--event-category-field", "kind", "own.ndjson"];
    assert_eq!(stdout(&by_plan), stdout(&eqlc(folder.path(), &rules)));
    assert_eq!(stdout(&by_plan).lines().count(), 1);
    for option in [["--event-category-field", "kind"], ["--size", "1"], ["--log-source-fields", "a,b,c"]] {
        let ran = eqlc(folder.path(), &[&["run", "plan.bin", "own.ndjson"], &option[..]].concat());
        assert_eq!(code(&ran), 3);
        assert!(stderr(&ran).contains("does not go with a plan"), "{}", stderr(&ran));
    }
    let other = ["compile", "-t", "sigma", "--timestamp-field", "t", "rules"];
    assert_eq!(code(&eqlc(folder.path(), &other)), 3);
}

#[test]
fn a_plan_stands_alone() {
    let folder = folder();
    compile(folder.path(), &["rules"]);
    for args in [
        &["run", "-r", "plan.bin", "-r", "rules", "events.ndjson"][..],
        &["run", "-r", "plan.bin", "--query", "any where true", "events.ndjson"],
        &["run", "-r", "rules", "plan.bin", "events.ndjson"],
        &["run", "plan.bin"],
        &["run", "events.ndjson"],
        &["run", "-f", "response", "plan.bin", "events.ndjson"],
    ] {
        let ran = eqlc(folder.path(), args);
        assert_eq!((code(&ran), stdout(&ran)), (3, String::new()), "{args:?}");
        assert!(stderr(&ran).starts_with("error: "), "{}", stderr(&ran));
    }
}
