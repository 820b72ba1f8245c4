//! Rule documents on the command line: Kibana's exports in and out, investigation guides.
#![expect(clippy::unwrap_used, reason = "a failing step fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const EXPORT: &str = concat!(
    r#"{"rule_id":"r-1","name":"one","type":"eql","language":"eql","query":"process where process.name : \"a.exe\"","risk_score":47,"severity":"medium"}"#,
    "\n",
    r#"{"rule_id":"r-2","name":"two","type":"eql","language":"eql","query":"file where file.name == \"b\"","risk_score":21,"severity":"low"}"#,
    "\n",
    r#"{"exported_count":2,"missing_rules":[]}"#,
    "\n"
);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn eqlc(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).args(args).current_dir(root()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with files of these names and texts.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn exports_below_a_folder_are_rules_and_other_json_is_passed_over() {
    let events = "{\"@timestamp\":1,\"process\":{\"name\":\"a.exe\"},\"event\":{\"type\":\"start\"}}\n{}\n";
    let folder = folder(&[
        ("export.ndjson", EXPORT),
        ("events.ndjson", events),
        ("events.json", events),
        ("broken.json", "{"),
        ("a.eql", "any where true"),
    ]);
    let path = folder.path().to_str().unwrap();
    let output = eqlc(&["check", path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("checked 3 rules"), "{}", stderr(&output));
    let named = folder.path().join("events.ndjson");
    let output = eqlc(&["check", named.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("E3006"), "{}", stderr(&output));
}

#[test]
fn a_broken_export_below_a_folder_is_an_error() {
    let folder = folder(&[("export.ndjson", "{\"rule_id\":\"r-1\",\n")]);
    let output = eqlc(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("E3022"), "{}", stderr(&output));
}

#[test]
fn what_is_written_for_kibana_and_as_toml_is_read_and_written_again_the_same() {
    for (format, extension) in [("kibana", "ndjson"), ("toml", "toml")] {
        let folder = folder(&[("export.ndjson", EXPORT)]);
        let source = folder.path().join("export.ndjson");
        let write = |source: &Path, out: &Path| {
            let (source, out) = (source.to_str().unwrap(), out.to_str().unwrap());
            let output = eqlc(&["compile", "-q", "-t", "elasticsearch", "-f", format, "-o", out, source]);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        };
        let (once, twice) = (folder.path().join("once"), folder.path().join("twice"));
        write(&source, &once);
        let second = once.join("elasticsearch").join(format!("export-2.{extension}"));
        write(&second, &twice);
        let again = twice.join("elasticsearch").join(format!("export-2.{extension}"));
        let text = fs::read_to_string(&second).unwrap();
        assert!(text.contains("r-2") && text.contains("file where file.name == "), "{text}");
        assert_eq!(fs::read_to_string(again).unwrap(), text);
    }
}

#[test]
fn a_broken_guide_is_a_warning_at_its_place_and_the_rule_compiles() {
    let rule = r#"[rule]
name = "n"
query = 'any where true'
note = '''- !{osquery{"label":"l","query":"SELECT name FROM services WHERE user_account LIKE %LocalSystem"}}'''
"#;
    let folder = folder(&[("r.toml", rule)]);
    let path = folder.path().join("r.toml");
    let output = eqlc(&["compile", "--format", "short", "-t", "elasticsearch", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let at = rule.lines().nth(3).unwrap().find("%Local").unwrap() + 1;
    let text = stderr(&output);
    assert!(text.contains(&format!("r.toml:4:{at}: warning[E3035]")), "{text}");
}

#[test]
fn lines_for_kibana_on_standard_output_are_one_import() {
    let folder = folder(&[("export.ndjson", EXPORT)]);
    let path = folder.path().to_str().unwrap();
    let output = eqlc(&["compile", "-q", "-t", "elasticsearch", "-f", "kibana", path]);
    let import = folder.path().join("import.ndjson");
    fs::write(&import, &output.stdout).unwrap();
    let output = eqlc(&["check", import.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("checked 2 rules"), "{}", stderr(&output));
}
