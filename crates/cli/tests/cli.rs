//! The command as users run it: exit codes, streams, files.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use output::{code, stderr, stdout};

/// The root of the workspace; commands run there, so that paths in messages are the same everywhere.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn eqlc(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).args(args).current_dir(root()).output().unwrap()
}

fn eqlc_with_input(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A child that refuses early closes its end; that is its right.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every broken query with what `check` says of it, in the form people read.
#[test]
fn broken_queries_are_explained() {
    for entry in files_below(&root().join("tests/broken")) {
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        let path = format!("tests/broken/{name}");
        let output = eqlc(&["check", "--format", "rich", "--color", "never", &path]);
        let short = eqlc(&["check", "--format", "short", "--color", "never", "-q", &path]);
        let source = fs::read_to_string(entry).unwrap();
        insta::with_settings!({ description => source, omit_expression => true }, {
            insta::assert_snapshot!(
                format!("broken_{}", name.trim_end_matches(".eql")),
                format!("exit {}\n{}\n{}", code(&output), stderr(&output), stderr(&short))
            );
        });
    }
}

#[test]
fn sample_rules_check_clean() {
    let output = eqlc(&["check", "rules/"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "checked 10 rules: no findings\n"));
}

#[test]
fn every_rule_compiles_for_every_target() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let output = eqlc(&["compile", "-q", "-t", "elasticsearch,sigma,osquery,native", "-o", out, "rules/"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    assert_eq!(files_below(folder.path()).len(), 40);
}

/// The five documents that the sample rules are modelled on.
#[test]
fn upstream_documents_give_twenty_outputs() {
    let rules = root().join("../shared/corpus/elastic-rules/rules/windows");
    if !rules.is_dir() {
        eprintln!("skipped: ../shared/corpus/elastic-rules is not there");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = [
        "command_and_control_remote_file_copy_desktopimgdownldr",
        "command_and_control_remote_file_copy_mpcmdrun",
        "command_and_control_remote_file_copy_scripts",
        "defense_evasion_execution_lolbas_wuauclt",
        "persistence_startup_folder_file_written_by_unsigned_process",
    ]
    .iter()
    .map(|name| rules.join(name).with_extension("toml").to_str().unwrap().to_owned())
    .collect();
    let mut args = vec!["compile", "-q", "-t", "elasticsearch,sigma,osquery,native", "-o"];
    args.push(folder.path().to_str().unwrap());
    args.extend(paths.iter().map(String::as_str));
    let output = eqlc(&args);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    assert_eq!(files_below(folder.path()).len(), 20);
}

#[test]
fn verify_agrees_on_the_sample_rules() {
    // On a slow machine too the snapshot shows the end of the work.
    let output = eqlc(&["verify", "-q", "--rule-timeout", "10m", "rules/"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""), "{}", stdout(&output));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn run_finds_the_true_positives_of_the_examples() {
    let output = eqlc(&["run", "-q", "-r", "rules/", "examples/events.ndjson"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    let mut lines: Vec<String> = stdout(&output).lines().map(summary).collect();
    // The order is that of the events, which is for others to hold.
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

/// The rule and the lines of a match.
fn summary(line: &str) -> String {
    let name = line.split("\"name\":\"").nth(1).unwrap().split('"').next().unwrap();
    let lines: Vec<&str> =
        line.split("\"line\":").skip(1).map(|rest| rest.split([',', '}']).next().unwrap()).collect();
    format!("{name}: lines {}", lines.join(", "))
}

#[test]
fn one_bad_rule_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    rule("a_good.eql", br#"process where process.name == "a""#);
    rule("b_bad.eql", b"process whre (");
    rule("c_bytes.eql", b"process where process.name == \"\xff\xfe\"");
    rule("d_empty.eql", b"");
    rule("e_good.eql", br#"file where file.name : "x*""#);
    fs::create_dir(folder.path().join("deep")).unwrap();
    rule("deep/f.toml", b"[rule]\nname = ");
    let path = folder.path().to_str().unwrap();
    let output = eqlc(&["compile", "-t", "elasticsearch", "--format", "short", path]);
    assert_eq!(code(&output), 2);
    let compiled = stdout(&output);
    assert!(compiled.contains("process where process.name == \"a\""), "{compiled}");
    assert!(compiled.contains("file where file.name : \"x*\""), "{compiled}");
    let said = stderr(&output);
    for (file, code) in [("b_bad", "E0"), ("c_bytes", "E3001"), ("d_empty", "E3003"), ("f.toml", "E3005")] {
        let line = said.lines().find(|line| line.contains(file));
        assert!(line.is_some_and(|line| line.contains(code)), "{file} {code}\n{said}");
    }
}

#[test]
fn nothing_to_do_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = eqlc(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("E3017"), "{}", stderr(&output));
    let output = eqlc(&["check", "no/such/rule.eql"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("E3016"), "{}", stderr(&output));
}

#[test]
fn hostile_queries_get_a_diagnostic() {
    let parentheses = format!("process where {}true{}", "(".repeat(5000), ")".repeat(5000));
    let negations = format!("process where {}true", "not ".repeat(5000));
    let huge = format!("process where process.name in ({}\"x\")", "\"abcdefghij\", ".repeat(400_000));
    let sums = format!("process where {}1 == 1", "1 + ".repeat(100_000));
    assert!(huge.len() > 5_000_000);
    for (name, query) in
        [("parentheses", parentheses), ("negations", negations), ("huge", huge), ("sums", sums)]
    {
        let output = eqlc_with_input(&["check", "--format", "short", "-"], query.as_bytes());
        assert_eq!(code(&output), 2, "{name}");
        let said = stderr(&output);
        assert!(said.starts_with("<stdin>:1:"), "{name}: {}", said.chars().take(300).collect::<String>());
        assert!(said.lines().count() <= 3, "{name}");
    }
}

#[test]
fn standard_input_is_a_rule() {
    let output =
        eqlc_with_input(&["compile", "-t", "elasticsearch", "-"], br#"process  where process.pid==4"#);
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&output), "process where process.pid == 4\n");
}

#[test]
fn wrong_usage_is_told_apart_from_broken_rules() {
    for args in [
        &["compile", "rules/"][..],
        &["compile", "-t", "splunk", "rules/"],
        &["compile", "-t", "sigma", "--profile", "sysmon", "rules/"],
        &["compile", "-t", "osquery", "--profile", "linux", "rules/"],
        &["compile", "-t", "sigma", "-f", "request", "rules/"],
        &["frobnicate"],
        &["check"],
        &["explain", "E9999"],
    ] {
        let output = eqlc(args);
        assert_eq!(code(&output), 3, "{args:?}\n{}", stderr(&output));
        assert!(!stderr(&output).is_empty(), "{args:?}");
    }
}

#[test]
fn every_code_explains_itself() {
    let list = stdout(&eqlc(&["explain"]));
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.len() > 60, "{} codes", codes.len());
    let output = eqlc(&["explain", "e4101"]);
    assert_eq!(code(&output), 0);
    assert!(
        stdout(&output).starts_with("E4101: a required test names a field that the target does not have\n")
    );
}

#[test]
fn targets_say_what_they_hold() {
    let output = eqlc(&["targets"]);
    assert_eq!(stdout(&output).lines().count(), 4);
    for target in ["elasticsearch", "sigma", "osquery", "native"] {
        insta::assert_snapshot!(format!("target_{target}"), stdout(&eqlc(&["targets", target])));
    }
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = eqlc(&["completions", shell]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains("eqlc"), "{shell}");
    }
}

#[test]
fn findings_are_json_lines_on_request() {
    let output = eqlc_with_input(&["check", "--format", "json", "-"], b"process whre true");
    let said = stderr(&output);
    assert!(said.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{said}");
    assert!(said.contains("\"severity\":\"error\""), "{said}");
}

#[test]
fn a_comparison_that_breaks_off_is_one_error() {
    for query in ["process where process.name :", "process where (process.pid > ) and process.name : \"a\""] {
        let output = eqlc_with_input(&["check", "--format", "short", "-q", "-"], query.as_bytes());
        assert_eq!(code(&output), 2, "{query}");
        assert_eq!(stderr(&output).lines().count(), 1, "{query}\n{}", stderr(&output));
        assert!(stderr(&output).contains("E000"), "{query}\n{}", stderr(&output));
    }
}

#[test]
fn malformed_events_are_reported_and_left_out() {
    let events = b"{\"process\":{\"name\":\"mpcmdrun.exe\"}}\nnot json\n[1]\n{}\n";
    let output = eqlc_with_input(&["run", "--format", "short", "-r", "rules/", "-"], events);
    assert_eq!(code(&output), 0);
    let said = stderr(&output);
    assert_eq!(said.matches("E3020").count(), 2, "{said}");
    assert!(said.contains("ran 10 rules over 2 events, 2 malformed, 0 matches"), "{said}");
}
