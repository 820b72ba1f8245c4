//! Findings about what surrounds a query, and their repairs: index patterns, characters that are not seen, names with a
//! hyphen, comments that silence, exports of Kibana.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing step fails the test")]

mod short;

use std::fs;
use std::path::Path;

use short::{eqlc, folder, said};

/// What a file is after `lint --fix`, the guesses too if asked.
fn fixed(name: &str, text: &str, options: &[&str]) -> String {
    let folder = folder(&[(name, text)]);
    eqlc(folder.path(), &[&["lint", "--fix", name][..], options].concat());
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// A query as the file after the fixes, guesses too.
fn query(text: &str) -> String {
    fixed("a.eql", text, &["--unsafe-fixes"])
}

fn rule(indices: &str, query: &str) -> String {
    format!(
        "[rule]\nname = \"x\"\nrule_id = \"8a1b3ad4-0b3b-4f0e-8b0e-0f7a9e0e7a10\"\ntype = \"eql\"\nlanguage = \"eql\"\nindex = [{indices}]\nquery = '''\n{query}\n'''\n"
    )
}

fn patterns(indices: &str, query: &str) -> String {
    said(&[("a.toml", &rule(indices, query))], &["check", "--select", "W0022", "a.toml"])
}

#[test]
fn a_field_of_one_integration_needs_its_index_pattern() {
    let endpoint = r#""logs-endpoint.events.process-*""#;
    let two = r#""logs-endpoint.events.process-*", "winlogbeat-*""#;
    insta::assert_snapshot!(
        [
            patterns(endpoint, "process where okta.actor.id == \"a\""),
            patterns(
                two,
                "process where okta.actor.id == \"a\" and aws.cloudtrail.user_identity.type == \"b\""
            ),
            patterns(
                two,
                "process where process.Ext.token.integrity_level_name == \"system\" and process.pid == 1"
            ),
            patterns(
                r#""logs-endpoint.events.*", "winlogbeat-*", "endgame-*", "logs-windows.*""#,
                "process where process.Ext.token.integrity_level_name == \"system\" or process.pid == 1"
            ),
        ]
        .concat()
    );
}

#[test]
fn fields_that_patterns_map_or_may_map_are_no_findings() {
    let fine = "exit 0\nchecked 1 rule: no findings\n";
    for (indices, query) in [
        (
            r#""logs-endpoint.events.process-*", "winlogbeat-*""#,
            "process where ?process.Ext.token.integrity_level_name == \"a\"",
        ),
        (r#""logs-okta.system-*", "filebeat-*""#, "any where okta.actor.id == \"a\""),
        (r#""my-logs-*""#, "any where okta.actor.id == \"a\""),
        (r#""logs-*""#, "any where okta.actor.id == \"a\""),
        (r#""far:logs-okta*""#, "any where okta.actor.id == \"a\""),
        (r#""logs-okta*", "-logs-endpoint*""#, "any where okta.actor.id == \"a\""),
        (r#""logs-endpoint.events.*""#, "process where process.name == \"a\""),
        // The other pattern is there for the other term.
        (
            r#""logs-endpoint.events.*", "auditbeat-*""#,
            "sequence by host.id [process where auditd.data.syscall == \"a\"] [network where true]",
        ),
    ] {
        assert_eq!(patterns(indices, query), fine, "{indices} {query}");
    }
    let mapping = "okta.actor.id: keyword\n";
    let files = [
        ("a.toml", &*rule(r#""logs-endpoint.*""#, "any where okta.actor.id == \"a\"")),
        ("own.yml", mapping),
    ];
    let said = said(&files, &["check", "--select", "W0022", "--schema", "own.yml", "a.toml"]);
    assert_eq!(said, fine, "the user says that the field is there");
}

#[test]
fn every_use_of_such_a_field_is_marked() {
    let before = rule(
        r#""logs-endpoint.events.process-*", "winlogbeat-*""#,
        "process where process.Ext.session == \"a\" or (process.pid == 1 and process.Ext.session == \"b\")",
    );
    let after = fixed("a.toml", &before, &[]);
    assert!(
        after.contains("where ?process.Ext.session == \"a\" or (process.pid == 1 and ?process.Ext.session"),
        "{after}"
    );
    let keys = rule(
        r#""logs-endpoint.events.process-*", "winlogbeat-*""#,
        "sequence by process.Ext.session [process where process.Ext.session != \"a\"] [file where true]",
    );
    assert_eq!(fixed("a.toml", &keys, &[]), keys, "a mark on a join key changes which events are joined");
}

/// Each hit in rules that run in production was looked at: rules of Linux and Windows that test the original file name
/// although CrowdStrike's events lack it, where the rules beside them mark it, and one that negates an audit field.
#[test]
fn rules_in_production_have_few_findings() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    if !corpus.is_dir() {
        eprintln!("skipped: no {}", corpus.display());
        return;
    }
    let (_, said) = eqlc(Path::new("."), &["check", "--select", "W0022", corpus.to_str().unwrap()]);
    let found: Vec<&str> = said.lines().filter(|line| line.contains("W0022")).collect();
    assert!(found.len() <= 7, "{}", found.join("\n"));
    let judged =
        |line: &&str| line.contains("process.pe.original_file_name") || line.contains("auditd.data.a2");
    assert!(found.iter().all(judged), "{}", found.join("\n"));
}

#[test]
fn operators_with_wildcards_take_the_place_of_exact_ones() {
    for (before, after) in [
        (
            "process where process.name in~ (\"a*\", \"b\")",
            "process where process.name like~ (\"a*\", \"b\")",
        ),
        ("process where process.name in (\"a*\")", "process where process.name like (\"a*\")"),
        ("process where process.name not in (\"a*\")", "process where not process.name like (\"a*\")"),
        ("process where not ?user.name not in~ ( \"a*\")", "process where not not ?user.name like~ (\"a*\")"),
        ("process where process.name != \"a*\"", "process where not process.name like \"a*\""),
        ("process where (?user.name) == \"a*\"", "process where (?user.name) like \"a*\""),
        ("process where \"a*\" == process.name", "process where \"a*\" == process.name"),
        (
            "process where process.name in (/* why */ \"a*\")",
            "process where process.name in (/* why */ \"a*\")",
        ),
        (
            "process where process.name in (concat(\"a*\", \"b\"), \"c*\")",
            "process where process.name in (concat(\"a*\", \"b\"), \"c*\")",
        ),
    ] {
        assert_eq!(query(before), after);
        assert_eq!(fixed("a.eql", before, &[]), before, "changes what is found");
    }
}

#[test]
fn the_flag_for_letter_case_becomes_the_operator() {
    for (before, after, safe) in [
        ("regex \"(?i)cmd.*\"", "regex~ \"cmd.*\"", true),
        ("regex~ \"(?i)cmd\"", "regex~ \"cmd\"", true),
        ("regex (\"(?i)a\", \"\"\"(?i)b\\.c\"\"\")", "regex~ (\"a\", \"\"\"b\\.c\"\"\")", true),
        ("regex (\"(?i)a\", \"b\")", "regex (\"(?i)a\", \"b\")", true),
        ("regex \"(?i)[a-z]x\"", "regex~ \"[a-zA-Z]x\"", false),
    ] {
        let [before, after] = [before, after].map(|text| format!("process where process.name {text}"));
        assert_eq!(query(&before), after);
        assert_eq!(fixed("a.eql", &before, &[]) == after, safe, "{before}");
    }
}

#[test]
fn a_condition_that_is_there_already_is_removed() {
    for (before, after) in [
        (
            "process where process.name == \"a\" and process.pid == 1 and\n  process.name == \"a\"",
            "process where process.name == \"a\" and process.pid == 1",
        ),
        (
            "process where (process.pid == 1) or (process.pid == 2) or (process.pid == 1) or process.pid == 3",
            "process where (process.pid == 1) or (process.pid == 2) or process.pid == 3",
        ),
        (
            "process where process.pid == 1 and // again\n process.pid == 1",
            "process where process.pid == 1 and // again\n process.pid == 1",
        ),
    ] {
        assert_eq!(query(before), after);
        assert_eq!(fixed("a.eql", before, &[]), before, "another condition was perhaps meant");
    }
}

#[test]
fn times_and_keys_are_put_right() {
    let terms = "[process where true] [file where true]";
    assert_eq!(
        fixed("a.eql", &format!("sequence with maxspan=1.5m by host.id {terms}"), &[]),
        format!("sequence by host.id with maxspan=90s {terms}")
    );
}

#[test]
fn a_name_with_a_hyphen_is_put_in_back_ticks() {
    for (before, after) in [
        ("any where my-field == \"a\"", "any where ?`my-field` == \"a\""),
        ("any where my-app.user-name : \"a\"", "any where ?`my-app`.`user-name` : \"a\""),
        ("any where ?my-field == \"a\"", "any where ?`my-field` == \"a\""),
        ("any where a-b-c == 1", "any where ?`a-b-c` == 1"),
        (
            "network where source.bytes-destination.bytes > 1",
            "network where source.bytes-destination.bytes > 1",
        ),
        ("process where process.nme == \"a\"", "process where process.name == \"a\""),
    ] {
        assert_eq!(query(before), after);
    }
    insta::assert_snapshot!(said(&[("a.eql", "any where my-field == 1")], &["check", "a.eql"]));
}

#[test]
fn characters_that_are_not_seen_are_shown_and_written_as_escapes() {
    let hidden = "process where process.name == \"a\u{202e}b\" and process.args : \"\"\"c\\\u{200b}\"\"\" // d\u{2066}\n";
    insta::assert_snapshot!(said(&[("a.eql", hidden)], &["check", "a.eql"]).replace(is_hidden, "<hidden>"));
    assert_eq!(
        query(hidden),
        "process where process.name == \"a\\u{202e}b\" and process.args : \"\"\"c\\\u{200b}\"\"\" // d\n"
    );
    let folder = folder(&[("a.eql", hidden)]);
    let (code, _) = eqlc(folder.path(), &["fmt", "a.eql"]);
    assert_eq!(code, 0);
    let formatted = fs::read_to_string(folder.path().join("a.eql")).unwrap();
    assert!(formatted.contains("\"a\\u{202e}b\"") && formatted.contains("\"c\\\\\\u{200b}\""), "{formatted}");
    let (code, _) = eqlc(folder.path(), &["fmt", "--check", "a.eql"]);
    assert_eq!(code, 0, "formatting again changes nothing");
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202e}' | '\u{200b}' | '\u{2066}')
}

/// In TOML an escape of the file is seen.
#[test]
fn an_escape_of_the_document_hides_nothing() {
    let text =
        rule("\"logs-*\"", "Q").replace("'''\nQ\n'''", "\"process where process.name == \\\"a\\u202Eb\\\"\"");
    let said = said(&[("a.toml", &text)], &["check", "--select", "W0023", "a.toml"]);
    assert!(said.starts_with("exit 0\nchecked 1 rule: no findings"), "{said}");
}

const SIGMA: &str = "title: x\nlogsource:\n  product: windows\n  category: process_creation\ndetection:\n  sel:\n    Image: 'a'\n  spare:\n    Image: 'b'\n  condition: sel\n";

#[test]
fn comments_silence_findings_in_sigma() {
    let codes = |text: &str| {
        let (_, said) = eqlc(folder(&[("a.yml", text)]).path(), &["check", "a.yml"]);
        let codes: Vec<&str> = said.split('[').skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
        codes.join(" ")
    };
    let code = "E2036";
    assert!(codes(SIGMA).contains(code), "a warning to be silenced: {}", codes(SIGMA));
    let behind = SIGMA.replace("spare:", &format!("spare: # eqlc: ignore[{code}]"));
    assert!(!codes(&behind).contains(code), "{}", codes(&behind));
    let above = SIGMA.replace("  spare", &format!("  # eqlc: ignore[{code}]\n  spare"));
    assert!(!codes(&above).contains(code), "{}", codes(&above));
    let whole = format!("# eqlc: ignore-file[{code}]\n{SIGMA}");
    assert!(!codes(&whole).contains(code), "{}", codes(&whole));
    let elsewhere = SIGMA.replace("title: x", &format!("title: x # eqlc: ignore[{code}]"));
    assert!(codes(&elsewhere).contains(code) && codes(&elsewhere).contains("W0020"), "{}", codes(&elsewhere));
    let quoted = SIGMA.replace("title: x", &format!("title: 'x # eqlc: ignore-file[{code}]'"));
    assert!(codes(&quoted).contains(code), "text is no comment");
}

const KIBANA: &str = r#"{"name":"x \u0041","rule_id":"8a1b3ad4-0b3b-4f0e-8b0e-0f7a9e0e7a10","type":"eql","language":"eql","query":"process where process.name like \"a\u0062\"\n  and process.executable = \"C:\\\\x\"","risk_score":1.0}"#;

#[test]
fn queries_in_exports_are_repaired_and_nothing_else() {
    for name in ["a.ndjson", "a.json"] {
        let after = KIBANA.replace(" like ", " == ").replace("executable = ", "executable == ");
        let two = format!("{KIBANA}\n{KIBANA}\n");
        let (before, after) =
            if name == "a.json" { (KIBANA, after) } else { (&*two, format!("{after}\n{after}\n")) };
        assert_eq!(fixed(name, before, &[]), after, "{name}");
    }
    let quoted = KIBANA.replace("= \\\"C:\\\\\\\\x\\\"", "== 'y'");
    assert_ne!(quoted, KIBANA);
    let after = quoted.replace("'y'", "\\\"y\\\"").replace(" like ", " == ");
    assert_eq!(fixed("a.ndjson", &format!("{quoted}\n"), &["--unsafe-fixes"]), format!("{after}\n"));
}

#[test]
fn comments_silence_findings_in_queries_of_exports() {
    let check = |text: &str| eqlc(folder(&[("a.ndjson", text)]).path(), &["check", "a.ndjson"]).1;
    let query = |text: &str| {
        format!(
            "{{\"name\":\"x\",\"rule_id\":\"8a1b3ad4-0b3b-4f0e-8b0e-0f7a9e0e7a10\",\"type\":\"eql\",\"language\":\"eql\",\"query\":\"{text}\"}}\n"
        )
    };
    let here = check(&query("// eqlc: ignore[W0003]\\nprocess where process.name like \\\"a\\\""));
    assert!(!here.contains("W0003") && !here.contains("W0020"), "{here}");
    let elsewhere = check(&query("// eqlc: ignore[W0003]\\nprocess where\\n process.name like \\\"a\\\""));
    assert!(elsewhere.contains("W0003") && elsewhere.contains("W0020"), "{elsewhere}");
}

#[test]
fn findings_are_ignored_by_file() {
    let text = "process where process.name like \"a\"";
    let found = |ignore: &str| {
        let folder = folder(&[("a.eql", text), ("b.eql", text)]);
        let (_, said) = eqlc(folder.path(), &["check", "--ignore", ignore, "."]);
        let files: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("W0003"))
            .filter_map(|line| line.split(':').next())
            .collect();
        files.join(" ")
    };
    assert_eq!(found("W0003:a.eql"), "./b.eql");
    assert_eq!(found("W0003:[ab].eql"), "./a.eql ./b.eql");
    assert_eq!(found("W00:*.eql"), "");
    assert_eq!(found("W0004:*.eql"), "./a.eql ./b.eql");
    assert_eq!(found("W0003:./b*"), "./a.eql");
    let (code, said) = eqlc(folder(&[("a.eql", text)]).path(), &["check", "--ignore", "W9:*", "a.eql"]);
    assert_eq!(code, 3);
    assert!(said.contains("no code starts with `W9`"), "{said}");
}

#[test]
fn the_sample_rules_are_in_the_layout() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let (code, said) = eqlc(Path::new("."), &["fmt", "--check", rules.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn formats_of_targets_stand_in_columns() {
    let (_, said) = eqlc(Path::new("."), &["targets", "elasticsearch"]);
    let formats = said.split("output formats").nth(1).unwrap().split("\n\n").next().unwrap();
    let columns: Vec<usize> = formats.lines().skip(1).map(|line| line.find(" .").unwrap()).collect();
    assert!(
        columns.len() > 2 && columns.iter().all(|column| column == columns.first().unwrap()),
        "{formats}"
    );
    let titles = |line: &str| {
        let (before, rest) = line.split_once(" .").unwrap();
        let (extension, title) = rest.split_once(' ').unwrap();
        before.len() + extension.len() + title.len() - title.trim_start().len()
    };
    let columns: Vec<usize> = formats.lines().skip(1).map(titles).collect();
    assert!(columns.iter().all(|column| column == columns.first().unwrap()), "{formats}");
}
