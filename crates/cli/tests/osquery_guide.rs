//! Queries of investigation guides as packs.
#![expect(clippy::expect_used, reason = "a failing step fails the test")]

use std::path::Path;
use std::process::{Command, Output};

const RULE: &str = r#"
[[transform.osquery]]
label = "Services on accounts"
query = "SELECT name FROM services WHERE user_account NOT LIKE '%LocalSystem'"

[[transform.osquery]]
label = "The user"
query = "SELECT * FROM users WHERE username = {{user.name}}"

[[transform.osquery]]
label = "Digests"
query = "SELECT sha256 FROM hash"

[rule]
name = "A rule"
tags = ["OS: Windows"]
query = 'process where true'
"#;

fn eqlc(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command")
}

#[test]
fn queries_of_a_guide_become_a_pack_and_others_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rule.toml"), RULE).expect("a rule");
    let output = eqlc(folder.path(), &["compile", "-t", "osquery", "--guide", "-o", "out", "rule.toml"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("E3041") && told.contains("it takes `{{user.name}}` of an alert"), "{told}");
    assert!(told.contains("the query `Digests` is left out of the pack"), "{told}");
    let pack = std::fs::read_to_string(folder.path().join("out/osquery/rule.guide.json")).expect("a pack");
    let pack: serde_json::Value = serde_json::from_str(&pack).expect("JSON");
    assert_eq!(pack["platform"], "windows");
    let query = &pack["queries"]["services_on_accounts"];
    assert_eq!(query["query"], "SELECT name FROM services WHERE user_account NOT LIKE '%LocalSystem'");
    assert_eq!(query["snapshot"], true);
    assert_eq!(pack["queries"].as_object().map(serde_json::Map::len), Some(1));
}

#[test]
fn guides_are_for_osquery_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rule.toml"), RULE).expect("a rule");
    let output = eqlc(folder.path(), &["compile", "-t", "sigma", "--guide", "rule.toml"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_condition_that_a_table_needs_is_told_by_check() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rule.toml"), RULE).expect("a rule");
    let output = eqlc(folder.path(), &["check", "rule.toml"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("E3040") && told.contains("rule.toml:12"), "{told}");
}
