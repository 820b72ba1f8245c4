//! Documents that are written are read again as they were.

use eqlc_ir::meta::{Metadata, Severity};

use super::document;
use crate::write::{kibana, toml};

const QUERY: &str = "process where\n  process.name : \"a\\\\b\" and process.args == \"\"\"c'''\"\"\"\n";

fn full() -> Metadata {
    let text = r#"
top = 1
[metadata]
creation_date = "2024/05/31"
integration = ["endpoint"]
min_stack_version = "8.3.0"
[transform]
[[transform.osquery]]
label = "l"
query = "SELECT 'x\\y' FROM t"
[[transform.osquery]]
label = "m"
query = "SELECT 1"
[rule]
name = "n \"q\""
rule_id = "4c9ea2a5"
id = "other"
type = "eql"
language = "eql"
note = """a $osquery_0
b "$osquery_1" \\ ''' \"\"\""""
severity = "high"
risk_score = 73
version = 3
os_list = ["linux"]
author = ["a", "b"]
building_block_type = "default"
alert_suppression.group_by = ["host.id"]
"odd.key" = { "x y" = 1.5, z = true }
filters = [{ meta = { negate = true }, query = [{ a = 1 }] }]
query = 'any where true'
[[rule.threat]]
framework = "MITRE ATT&CK"
more = 1
tactic = { id = "TA0002", name = "Execution", extra = true }
[[rule.threat.technique]]
id = "T1059"
name = "C"
odd = 'x'
[[rule.threat.technique.subtechnique]]
id = "T1059.004"
name = "U"
reference = "https://example.org"
even = 2
"#;
    document("r.toml", text).1.metadata
}

/// Both formats, the metadata as completed by the format.
fn holds(meta: &Metadata, query: &str) {
    let written = toml::text(meta, query);
    let (_, read) = document("r.toml", &written);
    assert_eq!(read.metadata, toml::complete(meta), "{written}");
    assert_eq!(read.query.fragment.text(), query, "{written}");
    let written = kibana::text(meta, query);
    let (_, read) = document("r.ndjson", &written);
    assert_eq!(read.metadata, kibana::complete(meta), "{written}");
    assert_eq!(read.query.fragment.text(), query.trim_end(), "{written}");
    assert_eq!(written.lines().count(), 1);
    assert_eq!(kibana::text(&read.metadata, query), written, "writing twice is writing once");
}

#[test]
fn a_full_rule_comes_back() {
    holds(&full(), QUERY);
    insta::assert_snapshot!(toml::text(&full(), QUERY));
    insta::assert_snapshot!(kibana::text(&full(), QUERY));
}

#[test]
fn a_bare_query_becomes_a_rule_that_kibana_takes() {
    let bare = Metadata { name: "any process".to_owned(), ..Metadata::default() };
    holds(&bare, QUERY);
    insta::assert_snapshot!(toml::text(&bare, "any where true\n"));
    insta::assert_snapshot!(kibana::text(&bare, "any where true\n"));
}

#[test]
fn score_and_severity_follow_each_other() {
    let of = |severity, risk_score| {
        let done = kibana::complete(&Metadata { severity, risk_score, ..Metadata::default() });
        (done.severity.unwrap(), done.risk_score.unwrap())
    };
    assert_eq!(of(None, None), (Severity::Low, 21));
    assert_eq!(of(Some(Severity::Critical), None), (Severity::Critical, 99));
    assert_eq!(of(None, Some(50)), (Severity::High, 50));
    assert_eq!(of(Some(Severity::Informational), Some(5)), (Severity::Low, 5));
}

#[test]
fn hard_texts_come_back() {
    for text in [
        "",
        "'",
        "'''",
        "a\n'''",
        "\"\"\"\n",
        "\r\nx\r",
        "\t\u{0}\u{7f}\u{1b}",
        "é\u{1f600}\\",
        "\n\n a \\\n b",
    ] {
        let meta = Metadata { name: "n".to_owned(), note: Some(text.to_owned()), ..Metadata::default() };
        holds(&meta, &format!("any where x == {text}."));
    }
}

#[test]
fn references_to_blocks_become_blocks() {
    let done = kibana::complete(&full());
    let note = done.note.unwrap();
    assert!(note.contains(r#"a !{osquery{"label":"l","query":"SELECT 'x\\y' FROM t"}}"#), "{note}");
    assert!(!done.other.contains_key("transform.osquery"));
}
