//! What agents of osquery need, and packs as files.
#![expect(clippy::expect_used, reason = "a failing step fails the test")]

use std::process::{Command, Output};

fn eqlc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc")).args(arguments).output().expect("the command")
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn flags_of_a_profile_are_listed_by_platform() {
    let sysmon = text(&eqlc(&["targets", "osquery", "--requires"]));
    let channels = "--windows_event_channels=Microsoft-Windows-Sysmon/Operational,Security";
    assert!(sysmon.starts_with("# windows\n") && sysmon.contains(channels), "{sysmon}");
    assert!(sysmon.contains("\n# linux\n") && sysmon.contains("\n--disable_audit=false\n"));
    assert!(sysmon.contains("\n# darwin\n") && !sysmon.contains("etw"));
    let native = text(&eqlc(&["targets", "osquery", "--requires", "--profile", "native"]));
    assert!(native.contains("--enable_process_etw_events=true") && !native.contains("Sysmon"), "{native}");
}

#[test]
fn a_profile_that_is_none_and_a_target_without_needs() {
    assert_eq!(eqlc(&["targets", "osquery", "--requires", "--profile", "none"]).status.code(), Some(3));
    assert_eq!(eqlc(&["targets", "sigma", "--requires", "--profile", "native"]).status.code(), Some(3));
    assert_eq!(text(&eqlc(&["targets", "sigma", "--requires"])), "");
}

/// Of some rules only the flags that their outputs need, with the channels that Sigma's log sources are read from.
#[test]
fn the_flags_for_some_rules_are_those_of_their_outputs() {
    let here = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(here.path().join(name), text).expect("a rule");
    write(
        "a.yml",
        "title: Script\nlogsource: {product: windows, category: ps_script}\ndetection:\n  a: {ScriptBlockText|contains: x}\n  condition: a\n",
    );
    write(
        "b.eql",
        "file where host.os.type == \"linux\" and event.type == \"creation\" and file.path : \"/etc/*\"",
    );
    let folder = here.path().to_str().expect("a path");
    let flags = text(&eqlc(&["targets", "osquery", "--requires", folder]));
    let flags: Vec<&str> = flags.lines().filter(|line| line.starts_with("--")).collect();
    let wanted = [
        "--enable_windows_events_publisher=true",
        "--enable_windows_events_subscriber=true",
        "--windows_event_channels=Microsoft-Windows-PowerShell/Operational,PowerShellCore/Operational",
        "--enable_file_events=true",
    ];
    assert_eq!(flags, wanted);
}

/// The registry has no table of events of osquery itself, and steps on two systems none together.
#[test]
fn a_refusal_names_the_option_that_allows_the_rule() {
    let here = tempfile::tempdir().expect("a folder");
    let refused = |query: &str, options: &[&str]| {
        let rule = here.path().join("rule.eql");
        std::fs::write(&rule, query).expect("a rule");
        let rule = rule.to_string_lossy().into_owned();
        let arguments =
            [&["--format", "rich", "compile", "-t", "osquery"], options, &[rule.as_str()]].concat();
        let output = eqlc(&arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    let registry = r#"registry where host.os.type == "windows" and registry.value : "Run""#;
    let told = refused(registry, &["--profile", "native"]);
    assert!(told.contains("the target has a form for the rule with `-O profile=sysmon`"), "{told}");
    let told = refused(registry, &["-O", "platform=linux"]);
    assert!(told.contains("`-O platform=any` or `-O platform=windows`"), "{told}");
    let cloud = r#"any where event.category == "web" and url.path == "/""#;
    assert!(!refused(cloud, &[]).contains("-O "), "no option allows it");
}

#[test]
fn a_pack_is_written_for_a_rule_on_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = folder.path().join("cron.eql");
    let query = "file where host.os.type == \"linux\" and event.type == \"creation\" and file.path : \"/etc/cron.d/*\"";
    std::fs::write(&rule, query).expect("a rule");
    let rule = rule.to_string_lossy();
    let pack = text(&eqlc(&["-q", "compile", "-t", "osquery", "-f", "pack", &rule]));
    let pack: serde_json::Value = serde_json::from_str(&pack).expect("JSON");
    assert_eq!(pack["platform"], "linux");
    assert_eq!(pack["file_paths"]["cron"], serde_json::json!(["/etc/cron.d/%%"]));
}
