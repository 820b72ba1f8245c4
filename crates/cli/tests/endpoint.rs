//! Rules of Elastic Endpoint on the command line (`eql-semantics.md` §14).

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const RULE: &str = r#"# kept
[rule]
name = "Odd   spacing"   # and this
os_list = ["windows"]
min_endpoint_version = "8.10.0"
query = '''
sequence with maxspan=1m
 [file where  file.extension : "exe"] as event0
   [process where process.executable == event0.file.path and
 not descendant of [process where process.name == "msiexec.exe"] and
   _arraysearch(process.thread.Ext.call_stack, $entry, $entry.symbol_info : "*x*")]
'''
[[actions]]
action =   "kill_process"
field = "process.entity_id"
state = 1
"#;

fn eqlc(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

fn folder(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("rule.toml"), text).expect("a file");
    folder
}

#[test]
fn the_document_chooses_the_dialect_and_the_option_goes_before() {
    let folder = folder(RULE);
    assert_eq!(
        eqlc(folder.path(), &["check", "rule.toml"]),
        (Some(0), "checked 1 rule: no findings\n".to_owned())
    );
    let (code, text) = eqlc(folder.path(), &["check", "--dialect", "elasticsearch", "rule.toml"]);
    assert_eq!(code, Some(2), "{text}");
    insta::assert_snapshot!(text);
    // A query tells nothing of itself.
    fs::write(folder.path().join("q.eql"), "process where descendant of [process where true]")
        .expect("a file");
    assert_eq!(eqlc(folder.path(), &["check", "q.eql"]).0, Some(2));
    assert_eq!(eqlc(folder.path(), &["check", "--dialect", "endpoint", "q.eql"]).0, Some(0));
}

#[test]
fn targets_without_a_construct_refuse_it_by_name_and_place() {
    let folder = folder(RULE);
    let (code, text) =
        eqlc(folder.path(), &["compile", "-t", "elasticsearch", "--format", "rich", "rule.toml"]);
    assert_eq!(code, Some(2), "{text}");
    insta::assert_snapshot!(text);
    assert_eq!(eqlc(folder.path(), &["compile", "-t", "native", "rule.toml"]).0, Some(0));
}

#[test]
fn formatting_leaves_every_byte_outside_the_query() {
    let folder = folder(RULE);
    let (code, text) = eqlc(folder.path(), &["fmt", "rule.toml"]);
    assert_eq!(code, Some(0), "{text}");
    let formatted = fs::read_to_string(folder.path().join("rule.toml")).expect("a file");
    let around = |text: &str| {
        let (before, rest) = text.split_once("'''").expect("a query");
        let (query, after) = rest.split_once("'''").expect("its end");
        (before.to_owned(), query.to_owned(), after.to_owned())
    };
    let (old, new) = (around(RULE), around(&formatted));
    assert_eq!((old.0, old.2), (new.0, new.2));
    insta::assert_snapshot!(new.1);
    assert_eq!(eqlc(folder.path(), &["fmt", "--check", "rule.toml"]).0, Some(0));
}

#[test]
fn fields_without_schema_are_silent_until_asked_for() {
    let folder = folder(&RULE.replace("file.extension", "file.extnsion"));
    assert_eq!(eqlc(folder.path(), &["check", "rule.toml"]).0, Some(0));
    let (code, text) = eqlc(folder.path(), &["check", "--strict-fields", "rule.toml"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("error[E1007]: unknown field `file.extnsion`"), "{text}");
}
