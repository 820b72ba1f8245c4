//! Sigma rules for Elasticsearch on the command line: mapped by default, as they are with `-p none`, and proven on
//! records of Windows' log.

#![expect(clippy::expect_used, reason = "a test that cannot run has to stop")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const RULE: &str = r"title: Odd tool
id: 00000000-0000-4000-8000-000000000001
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\a.exe'
    User|contains: AUTHORI
  filter:
    ParentImage: null
  condition: selection and not filter
";

const FIXTURE: &str = r##"- name: with and without a parent
  matches: [[0]]
  events:
    - Event:
        System: &system
          Provider: { "#attributes": { Name: Microsoft-Windows-Sysmon } }
          EventID: 1
          Channel: Microsoft-Windows-Sysmon/Operational
          Computer: ws-0001
          TimeCreated: { "#attributes": { SystemTime: "2026-01-05T10:00:00Z" } }
        EventData: { Image: 'C:\a.exe', User: 'NT AUTHORITY\SYSTEM', ParentImage: 'C:\b.exe' }
    - Event:
        System: *system
        EventData: { Image: 'C:\a.exe', User: 'NT AUTHORITY\SYSTEM' }
"##;

fn eqlc(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("rule.yml"), RULE).expect("a file");
    fs::write(folder.path().join("rule.tests.yml"), FIXTURE).expect("a file");
    folder
}

fn compiled(more: &[&str]) -> String {
    let folder = folder();
    let args = [&["compile", "-t", "elasticsearch", "-o", "out", "rule.yml"], more].concat();
    let (status, text) = eqlc(folder.path(), &args);
    assert_eq!(status, Some(0), "{text}");
    fs::read_to_string(folder.path().join("out/elasticsearch/rule.eql")).expect("an output")
}

#[test]
fn fields_and_log_sources_are_mapped_by_default() {
    insta::assert_snapshot!(compiled(&[]));
}

#[test]
fn without_a_mapping_names_stay() {
    insta::assert_snapshot!(compiled(&["-p", "none"]));
}

#[test]
fn outputs_are_proven_on_records_of_the_log() {
    let folder = folder();
    let (status, text) = eqlc(folder.path(), &["verify", "-t", "elasticsearch,native,sigma", "rule.yml"]);
    assert_eq!(status, Some(0), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_search_for_keywords_is_refused_by_name() {
    let folder = folder();
    let rule = RULE.replace("  filter:\n    ParentImage: null\n", "  filter:\n    - mimikatz\n");
    fs::write(folder.path().join("rule.yml"), rule).expect("a file");
    let (status, text) = eqlc(folder.path(), &["compile", "-t", "elasticsearch", "-o", "out", "rule.yml"]);
    assert_eq!(status, Some(2), "{text}");
    insta::assert_snapshot!(text);
}
