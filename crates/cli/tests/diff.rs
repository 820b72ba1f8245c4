//! Comparing rules on the command line.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failing step fails the test"
)]

mod output;

use std::path::Path;
use std::process::{Command, Output};

use output::{code, stderr, stdout};
use serde_json::Value as Json;

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .arg("diff")
        .args(args)
        .args(["--color", "never"])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The answer on two queries, as JSON.
fn asked(left: &str, right: &str) -> (i32, Json) {
    let folder = tempfile::tempdir().unwrap();
    let output = eqlc(folder.path(), &["--query", left, "--query", right, "--format", "json"]);
    let answer = serde_json::from_str(&stdout(&output)).expect("an answer");
    (code(&output), answer)
}

#[track_caller]
fn same(left: &str, right: &str) {
    let (code, answer) = asked(left, right);
    assert_eq!((code, &answer["relation"]), (0, &Json::from("same")), "{left}\n{right}\n{answer}");
}

#[track_caller]
fn relation(left: &str, right: &str) -> String {
    let (code, answer) = asked(left, right);
    assert_eq!(code, 1, "{answer}");
    for separation in answer["separations"].as_array().unwrap() {
        assert!(!separation["events"].as_array().unwrap().is_empty());
    }
    answer["relation"].as_str().unwrap().to_owned()
}

#[test]
fn ways_to_write_a_condition_mean_the_same() {
    for (left, right) in [
        ("not not process.name == \"a\"", "process.name == \"a\""),
        (
            "not (process.name == \"a\" and user.name == \"b\")",
            "not process.name == \"a\" or not user.name == \"b\"",
        ),
        ("not (process.name == \"a\" or user.name == \"b\")", "process.name != \"a\" and user.name != \"b\""),
        ("process.name in (\"b\", \"a\")", "process.name == \"a\" or process.name == \"b\""),
        ("process.name : (\"x\", \"Y\")", "process.name in~ (\"y\", \"x\")"),
        ("process.name : \"a*\"", "process.name like~ \"a*\""),
        ("process.name : \"a*\"", "startsWith~(process.name, \"A\")"),
        ("process.name : (\"a*\", \"ab*\")", "process.name : \"a*\""),
        ("process.pid > 5", "process.pid >= 6"),
        ("process.pid > 5 and process.pid > 3", "process.pid > 5"),
        ("process.name == \"a\" or (process.name == \"a\" and user.name == \"b\")", "process.name == \"a\""),
        ("process.name regex \"a|b\"", "process.name in (\"a\", \"b\")"),
        ("process.name == null", "not process.name != null"),
        ("cidrMatch(source.ip, \"10.0.0.0/8\", \"10.1.0.0/16\")", "cidrMatch(source.ip, \"10.0.0.0/8\")"),
    ] {
        same(&format!("process where {left}"), &format!("process where {right}"));
    }
    let steps = "[process where process.name == \"a\"] [file where file.name regex \"b\"]";
    let others = "[process where process.name == \"a\"] [file where file.name in (\"b\")]";
    same(&format!("sequence by host.id {steps}"), &format!("sequence by host.id {others}"));
    same(
        &format!("sequence by host.id {steps}"),
        &format!("sequence {}", steps.replace(']', "] by host.id")),
    );
}

#[test]
fn differences_have_a_direction() {
    for (left, right, wanted) in [
        ("process.name : \"a\"", "process.name == \"a\"", "wider"),
        ("process.name == \"a\"", "process.name : \"a\"", "narrower"),
        ("process.name == \"a\"", "process.name == \"b\"", "crossing"),
        ("process.name != \"a\"", "process.name != \"a\" and process.name != null", "wider"),
        ("process.name : \"a*b\"", "process.name : \"a*\"", "narrower"),
        ("true", "process.name != null", "wider"),
    ] {
        let (left, right) = (format!("process where {left}"), format!("process where {right}"));
        assert_eq!(relation(&left, &right), wanted, "{left}\n{right}");
    }
    assert_eq!(relation("any where true", "process where true"), "wider");
    assert_eq!(relation("process where true", "file where true"), "crossing");
}

#[test]
fn sequences_are_separated_by_streams() {
    let sequence = |head: &str, rest: &str| {
        format!(
            "sequence {head} [process where process.name == \"a\"] [process where process.name == \"b\"] {rest}"
        )
    };
    let plain = sequence("by host.id with maxspan=1m", "");
    for other in [
        sequence("by host.id with maxspan=2m", ""),
        sequence("by user.name with maxspan=1m", ""),
        sequence("with maxspan=1m", ""),
        sequence("by host.id with maxspan=1m", "until [process where process.name == \"c\"]"),
        plain.replace("== \"b\"", ": \"b\""),
        plain.replace("\"a\"", "\"x\"").replace("\"b\"", "\"a\"").replace("\"x\"", "\"b\""),
        plain.replace("] [", "] with runs=2 ["),
    ] {
        relation(&plain, &other);
        relation(&other, &plain);
    }
}

const SIGMA: &str = "\
title: Shell
id: 11111111-1111-4111-8111-111111111111
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\\cmd.exe'
        CommandLine|contains: foo
    condition: selection
";

#[test]
fn the_event_is_shown_with_what_decides() {
    let eql = "process where process.name : \"cmd.exe\" and\n  process.args : \"*foo*\" and user.name != \"root\"\n";
    let folder = folder(&[("a.eql", eql), ("b.eql", &eql.replace(": \"*foo*\"", "== \"foo\""))]);
    let output = eqlc(folder.path(), &["a.eql", "b.eql", "--format", "rich"]);
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!(stdout(&output) + "\n" + &stderr(&output));
}

#[test]
fn the_answer_is_a_line_of_json() {
    let (code, answer) = asked("process where process.pid == 1", "process where process.pid in (1, 2)");
    assert_eq!(code, 1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap());
}

#[test]
fn rules_of_two_languages_are_compared_in_ecs() {
    let folder = folder(&[("rule.yml", SIGMA)]);
    let compile = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["compile", "-q", "-t", "elasticsearch", "rule.yml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    std::fs::write(folder.path().join("rule.eql"), stdout(&compile)).unwrap();
    let output = eqlc(folder.path(), &["rule.yml", "rule.eql", "--format", "short"]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    insta::assert_snapshot!(stdout(&output) + "\n" + &stderr(&output));
    let narrower = stdout(&compile).replace("*foo*", "*foo");
    std::fs::write(folder.path().join("narrower.eql"), narrower).unwrap();
    let output = eqlc(folder.path(), &["rule.yml", "narrower.eql", "--format", "short"]);
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!(stdout(&output) + "\n" + &stderr(&output));
}

#[test]
fn sigma_rules_are_compared_as_they_are() {
    let other = SIGMA.replace("CommandLine|contains: foo", "CommandLine|contains|cased: foo");
    let log = SIGMA.replace("    product: windows\n", "");
    let folder = folder(&[("a.yml", SIGMA), ("b.yml", &other), ("c.yml", &log)]);
    let output = eqlc(folder.path(), &["a.yml", "b.yml", "--format", "json"]);
    let answer: Json = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(answer["relation"], "wider");
    let event = answer["separations"][0]["events"][0].to_string();
    assert!(event.contains("logsource") && event.contains("CommandLine"), "{event}");
    let output = eqlc(folder.path(), &["a.yml", "c.yml", "--format", "json"]);
    let answer: Json = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(answer["relation"], "narrower", "{answer}");
}

#[test]
fn folders_are_compared_by_pairs() {
    let two = SIGMA.replace("Shell", "Other").replace("1111-4111", "1111-4112");
    let folder = folder(&[
        ("old/a.yml", SIGMA),
        ("old/b.yml", &two),
        ("old/gone.eql", "any where true"),
        ("new/moved.yml", SIGMA),
        ("new/b.yml", &two.replace("foo", "bar")),
        ("new/added.eql", "any where true"),
    ]);
    let output = eqlc(folder.path(), &["old", "new", "--format", "short"]);
    assert_eq!(code(&output), 1);
    insta::assert_snapshot!((stdout(&output) + "\n" + &stderr(&output)).replace('\\', "/"));
    let output = eqlc(folder.path(), &["old", "new", "--format", "json"]);
    assert_eq!(stdout(&output).lines().filter(|line| serde_json::from_str::<Json>(line).is_ok()).count(), 4);
}

#[test]
fn one_rule_of_a_file_is_named_behind_a_colon() {
    let two = SIGMA.replace("Shell", "Other").replace("1111-4111", "1111-4112").replace("foo", "bar");
    let folder = folder(&[("several.yml", &format!("{SIGMA}---\n{two}")), ("a.yml", SIGMA)]);
    for name in ["Shell", "1", "11111111-1111-4111-8111-111111111111"] {
        let output = eqlc(folder.path(), &["a.yml", &format!("several.yml:{name}")]);
        assert_eq!(code(&output), 0, "{name}: {}{}", stdout(&output), stderr(&output));
    }
    let output = eqlc(folder.path(), &["a.yml", "several.yml:Other"]);
    assert_eq!(code(&output), 1);
    let output = eqlc(folder.path(), &["a.yml", "several.yml:Third"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (3, ""));
    insta::assert_snapshot!(stderr(&output));
}

#[test]
fn what_cannot_be_compared_is_no_difference() {
    let folder =
        folder(&[("a.yml", SIGMA), ("broken.eql", "process where"), ("b.eql", "process where true")]);
    let output = eqlc(folder.path(), &["broken.eql", "b.eql"]);
    assert_eq!(code(&output), 2);
    let odd = SIGMA.replace("        CommandLine|contains: foo\n", "        Hashes|contains: foo\n");
    std::fs::write(folder.path().join("odd.yml"), odd).unwrap();
    std::fs::write(folder.path().join("any.eql"), "any where true").unwrap();
    let output = eqlc(folder.path(), &["odd.yml", "any.eql", "--format", "short"]);
    assert_eq!(code(&output), 2, "{}{}", stdout(&output), stderr(&output));
    insta::assert_snapshot!(stdout(&output) + "\n" + &stderr(&output));
    let output = eqlc(folder.path(), &["b.eql"]);
    assert_eq!(code(&output), 3);
    let output = eqlc(folder.path(), &["b.eql", "nowhere.eql"]);
    assert_eq!(code(&output), 3);
}

#[test]
fn what_is_not_decided_is_said_to_be_so() {
    // Neither has an event in common with an answer: the search solves no sums of two fields.
    let left = "process where process.pid + process.parent.pid == 7 and process.name == \"a\"";
    let right = "process where process.parent.pid + process.pid == 7 and process.name == \"a\"";
    let folder = tempfile::tempdir().unwrap();
    let output = eqlc(folder.path(), &["--query", left, "--query", right, "--format", "short"]);
    assert_eq!(code(&output), 2);
    insta::assert_snapshot!(stdout(&output) + "\n" + &stderr(&output));
}

#[test]
fn giant_rules_end_within_bounds() {
    let list = |prefix: &str, count: usize| {
        let items: Vec<String> = (0..count).map(|at| format!("\"{prefix}{at}*x\"")).collect();
        items.join(", ")
    };
    let ways = |swap: bool| {
        let parts: Vec<String> = (0..60)
            .map(|at| {
                let (a, b) = if swap { (at + 1, at) } else { (at, at + 1) };
                format!("(process.name : \"a{a}*\" or user.name : \"b{b}*\" or file.path : \"*c{at}*\")")
            })
            .collect();
        parts.join(" and ")
    };
    let left = format!("process where process.args : ({}) and {}", list("a", 400), ways(false));
    let right = format!("process where process.args : ({}) and {}", list("a", 401), ways(true));
    let folder = folder(&[("a.eql", &left), ("b.eql", &right)]);
    let started = std::time::Instant::now();
    let output = eqlc(folder.path(), &["a.eql", "b.eql", "--format", "json", "-q"]);
    assert!((1..=2).contains(&code(&output)), "{}", stderr(&output));
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    let answer: Json = serde_json::from_str(stdout(&output).trim()).expect("an answer");
    assert!(answer["relation"].is_string());
}
