//! A Sigma rule with records of Windows' log in a folder, and the command in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

pub(crate) const RULE: &str = r"title: Odd tool
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

/// How the command ended in a folder, and all that it said.
pub(crate) fn eqlc(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

/// A folder with the rule and its records.
pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("rule.yml"), RULE).expect("a file");
    fs::write(folder.path().join("rule.tests.yml"), FIXTURE).expect("a file");
    folder
}

/// The output of the rule for a target, by its place below the folder of outputs.
pub(crate) fn compiled(target: &str, output: &str, more: &[&str]) -> String {
    let folder = folder();
    let args = [&["compile", "-t", target, "-o", "out", "rule.yml"], more].concat();
    let (status, text) = eqlc(folder.path(), &args);
    assert_eq!(status, Some(0), "{text}");
    fs::read_to_string(folder.path().join("out").join(output)).expect("an output")
}
