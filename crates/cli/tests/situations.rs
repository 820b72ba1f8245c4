//! What users get wrong most, and what they are told: the situations of `eql-corpora-and-errors.md` §3 that concern a
//! compiler, by their numbers there.
//!
//! Left out: 2 (no index at all) and 14 (arrays as keys) are about a running cluster, and keys with several values are
//! legal here; 19 (`tail` and the default size) and 20 (events of the same millisecond) are about results, and
//! belong to `eqlc run`; 24 (tools that lag the language) is shown by what parses without a finding.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The queries with what `check` says of each, in the form people read; codes must have an explanation.
fn said(options: &[&str], queries: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut out = String::new();
    for query in queries {
        fs::write(folder.path().join("rule.eql"), query).unwrap();
        out.push_str(&check(folder.path(), options, "rule.eql"));
    }
    out
}

fn check(folder: &Path, options: &[&str], rule: &str) -> String {
    let run = |extra: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
            .args(["check", "--color", "never", rule])
            .args(options)
            .args(extra)
            .current_dir(folder)
            .output()
            .unwrap();
        let code = output.status.code().expect("ended by itself");
        (code, String::from_utf8(output.stderr).unwrap())
    };
    let (code, rich) = run(&["--format", "rich"]);
    let (_, lines) = run(&["--format", "json"]);
    for line in lines.lines() {
        let name = line.split("\"code\":\"").nth(1).unwrap().split('"').next().unwrap();
        let explain = Command::new(env!("CARGO_BIN_EXE_eqlc")).args(["explain", name]).output().unwrap();
        assert!(explain.stdout.len() > 60, "{name} explains nothing");
    }
    format!("exit {code}\n{rich}\n")
}

#[test]
fn s01_a_field_that_no_schema_has() {
    insta::assert_snapshot!(said(&[], &["process where process.nme == \"a\"", "process where my.own == 1"]));
}

#[test]
fn s03_a_field_that_indices_map_differently() {
    let folder = tempfile::tempdir().unwrap();
    let schema = r#"{"logs-a": {"mappings": {"properties": {"shop": {"properties": {"order": {"type": "long"}}}}}},
                     "logs-b": {"mappings": {"properties": {"shop": {"properties": {"order": {"type": "keyword"}}}}}}}"#;
    fs::write(folder.path().join("mapping.json"), schema).unwrap();
    fs::write(folder.path().join("rule.eql"), "any where shop.order == 5").unwrap();
    insta::assert_snapshot!(check(folder.path(), &["--schema", "mapping.json"], "rule.eql"));
}

#[test]
fn s04_a_text_field() {
    insta::assert_snapshot!(said(
        &[],
        &["process where process.name.text == \"a\"", "any where message : \"*x*\""]
    ));
}

#[test]
fn s05_a_field_compared_with_a_field() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "process where process.name == process.parent.name",
            "network where source.port != destination.port"
        ]
    ));
}

#[test]
fn s06_a_slip_of_syntax() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "process where (process.name : \"a\" and) or process.pid == 1",
            "process where process.name : \"a\" process.pid == 4",
            "process where process.name :",
        ]
    ));
}

#[test]
fn s07_one_equals_sign_and_single_quotes() {
    insta::assert_snapshot!(said(&[], &["process where process.name = 'cmd.exe'"]));
}

#[test]
fn s08_a_backslash_in_a_string() {
    insta::assert_snapshot!(said(
        &[],
        &[
            r#"process where process.executable : "C:\Windows\cmd.exe""#,
            r#"process where process.executable : "C:\Temp\""#,
        ]
    ));
}

#[test]
fn s09_a_literal_wildcard() {
    insta::assert_snapshot!(said(&[], &[r#"process where process.args : "ls \\* -l""#]));
}

#[test]
fn s10_equality_with_a_wildcard() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "process where process.name == \"power*\"",
            "process where process.name in~ (\"a*\", \"b\")",
            "process where process.name like \"cmd.exe\"",
        ]
    ));
}

#[test]
fn s11_habits_of_other_regular_expressions() {
    insta::assert_snapshot!(said(
        &[],
        &[
            r#"process where process.name regex "^cmd.exe$""#,
            r#"process where process.name regex """\bcmd""""#,
            r#"process where process.name regex "(?i)cmd""#,
            r#"process where process.command_line regex """say "x" now""""#,
            r#"process where process.name regex~ "[a-z]+""#,
        ]
    ));
}

#[test]
fn s12_a_negation_of_a_missing_field() {
    insta::assert_snapshot!(said(
        &["--select", "W0017"],
        &[
            "network where not destination.domain : \"*.example.com\" and user.name != \"root\"",
            "network where destination.domain != null and not destination.domain : \"*.example.com\"",
        ]
    ));
}

#[test]
fn s13_a_type_that_cannot_be_tested() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fields.yml"), "shop.items: nested\nshop.place: geo_point\n").unwrap();
    let query = "any where shop.items == \"a\" or shop.items.price == 5 or shop.place != null or process.parent == \"a\"";
    fs::write(folder.path().join("rule.eql"), query).unwrap();
    insta::assert_snapshot!(check(folder.path(), &["--schema", "fields.yml"], "rule.eql"));
}

#[test]
fn s15_a_sequence_of_one_term() {
    insta::assert_snapshot!(said(
        &[],
        &["sequence [process where true]", "sequence [process where true] until [file where true]"]
    ));
}

#[test]
fn s16_join_keys_that_do_not_go_together() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "sequence [process where true] by user.id [process where true]",
            "sequence [process where true] by process.pid [process where true] by process.name",
        ]
    ));
}

#[test]
fn s17_a_time_span_written_wrongly() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "sequence by host.id with maxspan=5 [process where true] [file where true]",
            "sequence by host.id with maxspan=1.5m [process where true] [file where true]",
            "sequence with maxspan=5m by host.id [process where true] [file where true]",
        ]
    ));
}

#[test]
fn s18_missing_events() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "sequence by host.id with maxspan=1m [process where true] ![file where true]",
            "sequence by host.id with maxspan=1m ![process where true] ![file where true]",
            "sequence by host.id [process where true] [file where true] until ![file where true]",
        ]
    ));
}

#[test]
fn s21_runs_taken_for_a_count_of_values() {
    let query = "sequence by host.id with maxspan=1m [authentication where true] with runs=10";
    insta::assert_snapshot!(said(&["--select", "W0018"], &[query]));
}

#[test]
fn s22_maxspan_longer_than_the_look_back() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "[rule]\nname = \"a\"\ntype = \"eql\"\nlanguage = \"eql\"\nfrom = \"now-9m\"\nquery = '''\n\
                sequence by host.id with maxspan=1h\n  [process where true]\n  [file where true]\n'''\n";
    fs::write(folder.path().join("rule.toml"), rule).unwrap();
    insta::assert_snapshot!(check(folder.path(), &[], "rule.toml"));
}

#[test]
fn s23_types_that_do_not_go_together() {
    insta::assert_snapshot!(said(
        &[],
        &["process where process.interactive == \"yes\" and process.pid == \"4\" and process.name"]
    ));
}

#[test]
fn s24_what_is_new_in_the_language_parses() {
    for query in [
        "\"process\" where true",
        "sequence by host.id with maxspan=1m [process where true] ![file where true] [network where true]",
        "sample by host.id [process where true] [file where true]",
        "sequence by ?user.id [process where true] with runs=2",
        "any where ?my.own == 1",
    ] {
        let said = said(&[], &[query]);
        assert!(said.contains("checked 1 rule: no findings"), "{query}\n{said}");
    }
}

#[test]
fn s25_what_endgame_had() {
    insta::assert_snapshot!(said(
        &[],
        &[
            "join by user.name [process where true] [file where true]",
            "process where true | unique process.name | count",
            "process where arrayContains(process.args, \"x\") and wildcard(process.name, \"a*\")",
            "process where descendant of [process where process.name == \"a\"]",
        ]
    ));
}
