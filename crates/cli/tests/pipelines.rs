//! Processing pipelines on the command line.
#![expect(clippy::unwrap_used, reason = "a failing step fails the test")]

use std::path::Path;
use std::process::{Command, Output};

const PIPELINE: &str = "\
name: ECS
transformations:
    - type: field_name_mapping
      mapping:
          Image: process.executable
          EventID: [event.code, winlog.event_id]
      rule_conditions:
          - {type: logsource, product: windows}
    - type: rule_failure
      message: there are no logs of Linux
      rule_conditions:
          - {type: logsource, product: linux}
";

const RULE: &str = "\
title: R
logsource:
    category: process_creation
    product: windows
detection:
    selection:
        Image|endswith: '\\cmd.exe'
        EventID: 1
    condition: selection
";

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

fn eqlc(folder: &Path, args: &[&str]) -> Run {
    let output: Output =
        Command::new(env!("CARGO_BIN_EXE_eqlc")).args(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ecs.yml"), PIPELINE).unwrap();
    std::fs::write(folder.path().join("rule.yml"), RULE).unwrap();
    folder
}

#[test]
fn a_pipeline_takes_the_place_of_the_mapping_of_a_target() {
    let folder = folder();
    let run = eqlc(folder.path(), &["compile", "-t", "elasticsearch", "-p", "ecs.yml", "rule.yml"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    insta::assert_snapshot!(run.out);
    let sigma = ["compile", "-t", "sigma", "--taxonomy", "ecs", "--pipeline", "ecs.yml", "rule.yml"];
    let run = eqlc(folder.path(), &sigma);
    assert_eq!(run.code, Some(0), "{}", run.err);
    insta::assert_snapshot!(run.out);
}

#[test]
fn none_leaves_the_names_of_fields_alone() {
    let folder = folder();
    let run = eqlc(folder.path(), &["compile", "-t", "elasticsearch", "-p", "none", "rule.yml"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("Image") && !run.out.contains("process.executable"), "{}", run.out);
    let mapped = eqlc(folder.path(), &["compile", "-t", "elasticsearch", "rule.yml"]);
    assert!(mapped.out.contains("process.executable"), "{}", mapped.out);
}

#[test]
fn pipelines_apply_wherever_sigma_is_read() {
    let folder = folder();
    let event = r#"{"process": {"executable": "C:\\cmd.exe"}, "event": {"code": "1"}}"#;
    std::fs::write(folder.path().join("events.ndjson"), format!("{event}\n")).unwrap();
    std::fs::write(
        folder.path().join("any.yml"),
        "title: R\nlogsource:\n    product: windows\ndetection:\n    s:\n        Image|endswith: 'cmd.exe'\n        EventID: 1\n    condition: s\n",
    )
    .unwrap();
    let ast = eqlc(folder.path(), &["compile", "--emit", "ast", "-p", "ecs.yml", "rule.yml"]);
    assert!(
        ast.out.contains("process.executable|endswith") && ast.out.contains("taxonomy: ecs"),
        "{}",
        ast.out
    );
    let check = eqlc(folder.path(), &["check", "-p", "ecs.yml", "rule.yml"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    let verify =
        eqlc(folder.path(), &["verify", "-q", "-t", "elasticsearch,native", "-p", "ecs.yml", "rule.yml"]);
    assert_eq!(verify.code, Some(0), "{}{}", verify.out, verify.err);
    let run = eqlc(folder.path(), &["run", "-p", "ecs.yml", "-r", "any.yml", "events.ndjson"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn what_is_wrong_with_a_pipeline_ends_the_run_with_every_place() {
    let folder = folder();
    std::fs::write(
        folder.path().join("bad.yml"),
        "transformatons: []\ntransformations:\n    - type: field_name_maping\n    - type: field_name_prefix\n      prefx: a\n",
    )
    .unwrap();
    let run = eqlc(folder.path(), &["compile", "-t", "native", "-p", "bad.yml", "rule.yml"]);
    assert_eq!((run.code, run.out.as_str()), (Some(3), ""));
    insta::assert_snapshot!(run.err);
    let missing = eqlc(folder.path(), &["check", "-p", "nowhere.yml", "rule.yml"]);
    assert_eq!(missing.code, Some(3));
    assert!(missing.err.contains("E3016"), "{}", missing.err);
}

#[test]
fn a_rule_that_a_pipeline_refuses_stands_beside_rules_that_it_takes() {
    let folder = folder();
    std::fs::write(folder.path().join("linux.yml"), RULE.replace("windows", "linux")).unwrap();
    let run =
        eqlc(folder.path(), &["compile", "-t", "elasticsearch", "-p", "ecs.yml", "linux.yml", "rule.yml"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.out.contains("process.executable"), "{}", run.out);
    insta::assert_snapshot!(run.err);
}

#[test]
fn a_folder_gives_all_its_pipelines_in_the_order_of_their_priorities() {
    let folder = folder();
    let pipelines = folder.path().join("pipelines");
    std::fs::create_dir(&pipelines).unwrap();
    let item = |priority: u8, suffix: &str| {
        format!(
            "priority: {priority}\ntransformations:\n    - {{type: field_name_suffix, suffix: {suffix}}}\n"
        )
    };
    std::fs::write(pipelines.join("a.yml"), item(9, ".last")).unwrap();
    std::fs::write(pipelines.join("b.yml"), item(1, ".first")).unwrap();
    let run = eqlc(folder.path(), &["compile", "--emit", "ast", "-p", "pipelines", "rule.yml"]);
    assert!(run.out.contains("Image.first.last|endswith"), "{}{}", run.out, run.err);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(eqlc(folder.path(), &["check", "-p", "empty", "rule.yml"]).code, Some(3));
}
