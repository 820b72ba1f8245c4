//! `eqlc verify`: what it finds, in every form that it writes, and what its budgets leave out.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod output;
#[expect(dead_code, reason = "this test needs a part of it")]
mod short;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use output::{code, stderr, stdout};
use serde_json::Value as Json;
use short::folder;

/// Exact for Elasticsearch; wider for Sigma, which looks for arguments in one command line; the exclusion has no field
/// there at all.
const LOSSY: &str = "process where host.os.type == \"windows\" and event.type == \"start\" and\n  \
                     process.name : \"tool.exe\" and process.args : \"-x\" and\n  \
                     not process.code_signature.trusted == true\n";
/// The time of arrival in osquery's tables is no field of the rule.
const EXACT: &str = "process where process.name : \"tool.exe\"\n";

fn eqlc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .arg("verify")
        .args(args)
        .args(["--color", "never"])
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What differs between versions and machines left out.
fn redacted(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

fn lines(output: &Output) -> Vec<Json> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_rule_without_a_fixture_is_verified_on_events_made_from_it() {
    let here = folder(&[("rule.eql", LOSSY)]);
    let output = eqlc(here.path(), &["-t", "elasticsearch,sigma", "rule.eql"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    insta::assert_snapshot!("table", redacted(&stdout(&output)));
    insta::assert_snapshot!("findings", redacted(&stderr(&output)));
}

#[test]
fn what_no_events_were_made_for_is_not_compared() {
    let here =
        folder(&[("rule.eql", "process where process.name : \"power*\" and not process.name : \"p*\"\n")]);
    let output = eqlc(here.path(), &["-t", "elasticsearch", "rule.eql"]);
    assert!(stdout(&output).contains("not compared 0/0"), "{}", stdout(&output));
    assert!(stderr(&output).contains("no events were made: "), "{}", stderr(&output));
    let found = lines(&eqlc(here.path(), &["-q", "-t", "elasticsearch", "--format", "json", "rule.eql"]));
    assert_eq!(found[0]["outcome"], "uncompared");
}

#[test]
fn each_loss_has_the_smallest_events_that_show_it() {
    let here = folder(&[("rule.eql", LOSSY)]);
    let output = eqlc(here.path(), &["-q", "-t", "sigma", "--format", "json", "rule.eql"]);
    let found = lines(&output);
    let losses = found[0]["losses"].as_array().unwrap();
    let mut told = Vec::new();
    for loss in losses.iter().filter(|loss| loss["direction"] != "reordered") {
        assert_eq!(loss["proof"]["state"], "shown", "{loss}");
        for shown in loss["proof"]["by"].as_array().unwrap() {
            assert_eq!((&shown["only"], &loss["direction"]), (&Json::from("output"), &Json::from("wider")));
            assert_eq!(shown["rule"]["matches"], Json::from(Vec::<u8>::new()));
            told.push(format!("{} {}", loss["place"].as_str().unwrap(), shown["events"]));
        }
    }
    assert_eq!(told.len(), 2);
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn json_ends_with_the_record_of_the_run() {
    let here = folder(&[("rule.eql", EXACT)]);
    let args =
        ["-q", "-t", "osquery,native", "--profile", "native", "--seed", "7", "--format", "json", "rule.eql"];
    let output = eqlc(here.path(), &args);
    let found = lines(&output);
    assert_eq!(found.len(), 3);
    assert_eq!((&found[0]["type"], &found[0]["target"]), (&Json::from("result"), &Json::from("osquery")));
    let run = &found[2];
    assert_eq!(run["record"]["seed"], 7);
    assert_eq!(run["record"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["record"]["targets"][0]["options"]["profile"], "native");
    assert_eq!(run["record"]["budgets"]["rule_seconds"], 20.0);
    assert_eq!(run["totals"]["native"]["exact"], 1);
}

#[test]
fn junit_has_a_suite_for_each_target_and_a_case_for_each_rule() {
    let here = folder(&[("a.eql", LOSSY), ("b.eql", "any where true\n")]);
    let output = eqlc(here.path(), &["-q", "-t", "sigma,native", "--format", "junit", "."]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    insta::assert_snapshot!(redacted(&stdout(&output)));
}

#[test]
fn a_fixture_that_fails_is_a_failure_of_every_output() {
    let fixture =
        "- {name: it, matches: [[0]], events: [{event.category: process, process.name: other.exe}]}\n";
    let here = folder(&[("rule.eql", EXACT), ("rule.tests.yml", fixture)]);
    let output = eqlc(here.path(), &["-q", "-t", "native", "--format", "junit", "rule.eql"]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("type=\"V0001\""), "{}", stdout(&output));
    assert!(stderr(&output).contains("error[V0001]"), "{}", stderr(&output));
}

#[test]
fn sarif_keeps_the_main_rules_of_its_schema() {
    let here = folder(&[("a b.eql", LOSSY), ("c.eql", "process where\n")]);
    let output = eqlc(here.path(), &["-q", "-t", "sigma,native", "--format", "sarif", "."]);
    assert_eq!(code(&output), 2);
    let log: Json = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(
        (&driver["name"], &driver["version"]),
        (&Json::from("eqlc"), &Json::from(env!("CARGO_PKG_VERSION")))
    );
    let rules = driver["rules"].as_array().unwrap();
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let results = runs[0]["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{log}");
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], ids[at]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        for location in result["locations"].as_array().unwrap() {
            let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains([' ', '\\']), "{uri}");
            let region = &location["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region.is_null() || region[key].as_u64().unwrap() >= 1);
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len(), "each code is one rule");
    assert_eq!(runs[0]["properties"]["record"]["seed"], 0);
}

#[test]
fn github_gets_a_command_for_each_finding_and_the_table() {
    let here = folder(&[("rule.eql", LOSSY)]);
    let output = eqlc(here.path(), &["-q", "-t", "sigma", "--format", "github", "rule.eql"]);
    let said = stdout(&output);
    let commands: Vec<&str> = said.lines().filter(|line| line.starts_with("::")).collect();
    assert!(commands.len() >= 2, "{said}");
    for command in &commands {
        assert!(
            command.starts_with("::warning file=rule.eql,line=") || command.starts_with("::notice"),
            "{command}"
        );
    }
    assert!(said.lines().any(|line| line.starts_with("rule.eql ")), "{said}");
}

#[test]
fn a_report_goes_to_a_file_whole() {
    let here = folder(&[("rule.eql", EXACT)]);
    let output =
        eqlc(here.path(), &["-q", "-t", "native", "--format", "json", "-o", "out/r.json", "rule.eql"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
    let text = fs::read_to_string(here.path().join("out/r.json")).unwrap();
    assert_eq!(text.lines().count(), 2);
    let blocked = eqlc(here.path(), &["-q", "-t", "native", "-o", "rule.eql/r.json", "rule.eql"]);
    assert_eq!(code(&blocked), 3);
}

#[test]
fn what_a_budget_cuts_is_told() {
    let here = folder(&[("rule.eql", LOSSY)]);
    let few = eqlc(here.path(), &["-t", "sigma", "--events", "5", "rule.eql"]);
    assert!(stderr(&few).contains("warning[V0007]"), "{}", stderr(&few));
    assert!(stderr(&few).contains("the budget of events ended before"), "{}", stderr(&few));
    assert!(stdout(&few).contains("rules cut short by a budget"), "{}", stdout(&few));
    let none = eqlc(here.path(), &["-t", "sigma", "--timeout", "0s", "rule.eql"]);
    assert!(stderr(&none).contains("the time of the run ended before"), "{}", stderr(&none));
    assert_eq!(code(&none), 0);
}

/// A rule for records of Sysmon, which Elastic stores as documents of ECS.
const LOGGED: &str = "title: Tool\nid: 00000000-0000-4000-8000-000000000001\nstatus: test\n\
                      logsource: {product: windows, category: process_creation}\n\
                      detection:\n  s: {Image|endswith: '\\tool.exe', Hashes|contains: 'MD5=00112233445566778899aabbccddeeff'}\n  \
                      f: {User: null}\n  condition: s and not f\nlevel: low\n";

#[test]
fn events_of_sigma_are_compared_with_the_documents_that_elastic_stores() {
    let here = folder(&[("rule.yml", LOGGED)]);
    let output = eqlc(here.path(), &["-q", "-t", "elasticsearch", "--format", "json", "rule.yml"]);
    let found = lines(&output);
    assert_eq!(found[0]["outcome"], "exact", "{}", found[0]);
    assert!(found[0]["compared"].as_u64().unwrap() >= 8, "{}", found[0]);
    let skipped = found[0]["skipped"].to_string();
    assert!(skipped.contains("the log writes no such `Image`"), "lists are no data of Sysmon: {skipped}");
}

/// Nobody tells here what the audit log has of a logon.
const UNTOLD: &str = "authentication where user.name == \"x\"\n";

#[test]
fn an_output_that_no_stream_is_put_to_is_no_success() {
    let here = folder(&[("rule.eql", UNTOLD)]);
    let table = eqlc(here.path(), &["-t", "sigma,native", "rule.eql"]);
    assert_eq!(code(&table), 0);
    let (row, said) = (stdout(&table), stderr(&table));
    assert!(row.contains("not compared 0/"), "{row}");
    assert!(row.contains("rules not compared                            1"), "{row}");
    assert!(said.contains("note[V0008]: nothing was compared of the `sigma` output of `rule.eql`"), "{said}");
    assert!(said.contains("most often because: what `windows/*/security` records"), "{said}");
    assert!(said.contains("verified 1 rule, 1 output not compared"), "{said}");
}

/// The name of a program is the last part of its path, wherever both are recorded.
const UNMATCHED: &str = "process where host.os.type == \"windows\" and event.type == \"start\" and\n\
                         process.executable == \"C:\\\\a.exe\" and process.name == \"b.exe\"\n";

#[test]
fn an_output_that_finds_nothing_anywhere_is_told() {
    let here = folder(&[("rule.eql", UNMATCHED), ("other.eql", "process where process.name == \"b.exe\"\n")]);
    let output = eqlc(here.path(), &["-t", "sigma", "rule.eql", "other.eql"]);
    assert_eq!(code(&output), 0);
    let said = stderr(&output);
    let note = "note[V0009]: the `sigma` output of `rule.eql` finds nothing in any of ";
    assert!(said.contains(note) && !said.contains("of `other.eql` finds nothing"), "{said}");
    let json = eqlc(here.path(), &["-q", "-t", "sigma", "--format", "json", "rule.eql", "other.eql"]);
    let found = lines(&json);
    assert!(
        found[0]["matched"].as_u64() == Some(0) && found[0]["compared"].as_u64() > Some(0),
        "{}",
        found[0]
    );
    assert!(found[1]["matched"].as_u64() > Some(0), "{}", found[1]);
}

#[test]
fn every_form_has_a_word_for_what_was_not_compared() {
    let here = folder(&[("rule.eql", UNTOLD)]);
    let written = |form: &str| {
        let output = eqlc(here.path(), &["-q", "-t", "sigma", "--format", form, "rule.eql"]);
        assert_eq!(code(&output), 0);
        stdout(&output)
    };
    let json: Vec<Json> = written("json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&json[0]["outcome"], &json[0]["compared"]), (&Json::from("uncompared"), &Json::from(0)));
    assert_eq!(json[1]["totals"]["sigma"]["uncompared"], 1);
    assert_eq!(json[1]["totals"]["sigma"]["exact"], 0);
    let junit = written("junit");
    assert!(junit.contains("<skipped message=\"not compared: none of "), "{junit}");
    let sarif: Json = serde_json::from_str(&written("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&Json::from("V0008"), &Json::from("note")));
    let github = written("github");
    assert!(github.contains("::notice title=V0008::nothing was compared"), "{github}");
    let short = written("short");
    assert!(short.contains("not compared 0/"), "{short}");
}

#[test]
fn without_made_events_only_fixtures_speak() {
    let here = folder(&[("rule.eql", LOSSY)]);
    let output = eqlc(here.path(), &["-t", "sigma", "--events", "0", "rule.eql"]);
    assert!(stderr(&output).contains("warning[V0003]"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("V0006"), "losses are not put in doubt unasked: {}", stderr(&output));
}

#[test]
fn threads_and_runs_change_nothing() {
    let here = folder(&[("a.eql", LOSSY), ("b.eql", EXACT), ("c.eql", "file where file.name : \"x*\"\n")]);
    let run = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
            .args(["verify", "-t", "sigma,osquery", "--format", "json", "."])
            .env("RAYON_NUM_THREADS", threads)
            .current_dir(here.path())
            .output()
            .unwrap();
        (stdout(&output), stderr(&output))
    };
    let one = run("1");
    assert_eq!(one, run("4"));
    assert_eq!(one, run("1"));
}

#[test]
fn formats_are_for_commands_that_have_an_answer_in_them() {
    let here = folder(&[("rule.eql", EXACT)]);
    let output = Command::new(env!("CARGO_BIN_EXE_eqlc"))
        .args(["check", "--format", "sarif", "rule.eql"])
        .current_dir(here.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 3);
    assert_eq!(stderr(&output), "error: `--format sarif` is for `eqlc verify`\n");
}

#[test]
fn times_have_units() {
    let here = folder(&[("rule.eql", EXACT)]);
    for time in ["10", "10s", "10000ms", "1m", "1h"] {
        let output = eqlc(here.path(), &["-q", "-t", "native", "--rule-timeout", time, "rule.eql"]);
        assert_eq!(code(&output), 0, "{time}: {}", stderr(&output));
    }
    for time in ["soon", "10 days", "-1s"] {
        let output =
            eqlc(here.path(), &["-q", "-t", "native", &format!("--rule-timeout={time}"), "rule.eql"]);
        assert_eq!(code(&output), 3, "{time}");
    }
}

/// Agents on Windows write folders of processes with a separator at their end, as Sysmon does, and integrity levels in lower
/// case.
#[test]
fn folders_and_integrity_levels_are_those_of_the_record() {
    let rules = [
        (
            "folder.eql",
            "process where host.os.type == \"windows\" and event.type == \"start\" and process.name : \"cmd.exe\" and\n  \
             not process.working_directory : (\"?:\\\\Tools\\\\\", \"E:\\\\*\")\n",
        ),
        (
            "level.eql",
            "process where host.os.type == \"windows\" and event.type == \"start\" and\n  \
             process.Ext.token.integrity_level_name == \"system\"\n",
        ),
    ];
    for rule in rules {
        let folder = folder(&[rule]);
        let ended = eqlc(folder.path(), &["-q", "--format", "json", "-t", "sigma,osquery", rule.0]);
        let found = lines(&ended);
        assert_eq!(found[0]["outcome"], "exact", "{}", found[0]);
        assert_eq!(found[1]["outcome"], "exact", "{}", found[1]);
    }
    let logged = "title: t\nlogsource: {product: windows, category: process_creation}\n\
                  detection:\n  s: {CurrentDirectory|startswith: '\\\\\\\\', Image|endswith: '\\a.exe'}\n  condition: s\n";
    let folder = folder(&[("unc.yml", logged)]);
    let found = lines(&eqlc(folder.path(), &["-q", "--format", "json", "-t", "elasticsearch", "unc.yml"]));
    assert_eq!(found[0]["outcome"], "exact", "{}", found[0]);
}

/// A query for all events of a source asks for nothing that some of them lack, whatever type the field is that all have.
#[test]
fn a_query_for_all_events_of_a_source_finds_them() {
    for (category, system, action) in [
        ("process", "linux", "exec"),
        ("network", "linux", "connection_attempted"),
        ("process", "macos", "exec"),
    ] {
        let rule = format!(
            "{category} where host.os.type == \"{system}\" and event.type == \"start\" and event.action == \"{action}\"\n"
        );
        let folder = folder(&[("all.eql", &rule)]);
        for profile in ["sysmon", "native"] {
            let option = format!("profile={profile}");
            let ended =
                eqlc(folder.path(), &["-q", "--format", "json", "-t", "osquery", "-O", &option, "all.eql"]);
            let found = lines(&ended);
            assert_eq!(found[0]["failures"], serde_json::json!([]), "{}", found[0]);
            assert!(found[0]["compared"].as_u64().unwrap() > 3, "{}", found[0]);
        }
    }
    let started = "process where host.os.type == \"windows\" and event.type == \"start\"\n";
    let folder = folder(&[("all.eql", started)]);
    let ended =
        eqlc(folder.path(), &["-q", "--format", "json", "-t", "osquery", "-O", "profile=native", "all.eql"]);
    assert_eq!(lines(&ended)[0]["failures"], serde_json::json!([]), "{}", stdout(&ended));
}

/// What a file begins with is told in lower case: a rule that names letter case means the rule of YARA that has none.
#[test]
fn beginnings_of_files_are_told_in_lower_case() {
    let rule = "file where host.os.type == \"windows\" and event.type == \"creation\" and\n  \
                file.Ext.header_bytes like (\"504b*\", \"4d5a*\") and file.name : \"wermgr.exe\"\n";
    let folder = folder(&[("header.eql", rule)]);
    for profile in ["profile=sysmon", "profile=native"] {
        let ended =
            eqlc(folder.path(), &["-q", "--format", "json", "-t", "osquery", "-O", profile, "header.eql"]);
        let found = lines(&ended);
        assert_eq!(found[0]["failures"], serde_json::json!([]), "{}", found[0]);
        assert!(found[0]["losses"].to_string().contains("shown"), "{}", found[0]);
    }
}

/// Rows of two tables have no order but the one that the steps give to their tables, and no row says what a file begins
/// with: what is read of rows beside a query knows both.
#[test]
fn rows_say_as_much_as_the_query_reads_of_them() {
    let rules = [
        (
            "tables.eql",
            "sequence by host.id, process.parent.entity_id with maxspan=1s\n  \
             [process where host.os.type == \"linux\" and event.type == \"start\" and event.action == \"fork\" and\n   \
             process.name == \"nc\"]\n  \
             [network where host.os.type == \"linux\" and event.type == \"start\" and\n   \
             event.action == \"connection_attempted\" and process.name == \"nc\"]\n",
        ),
        (
            "beginning.eql",
            "file where host.os.type == \"windows\" and event.type == \"creation\" and\n  \
             file.Ext.header_bytes : \"4d444d50*\" and\n  \
             not (file.path : \"?:\\\\dumps\\\\*\" and process.executable : \"?:\\\\tools\\\\*\")\n",
        ),
    ];
    for rule in rules {
        let folder = folder(&[rule]);
        let ended = eqlc(folder.path(), &["-q", "-t", "osquery", rule.0]);
        assert!(stdout(&ended).contains("either"), "{}", stdout(&ended));
        assert!(!stderr(&ended).contains("V0002"), "{}", stderr(&ended));
    }
}
