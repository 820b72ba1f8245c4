//! Kibana's exports: lines, arrays, single rules; what is skipped and what is said about broken ones.

use super::{QueryLanguage, document, findings, parse};
use crate::holds_rules;
use insta::assert_snapshot;

const RULE: &str = r#"{"id":"8a1f","rule_id":"r-1","name":"n","description":"d","type":"eql","language":"eql","query":"process where process.name == \"a\\\\b\u00e9\"\n","risk_score":47,"severity":"medium","version":3,"enabled":true,"immutable":false,"actions":[],"meta":{"from":"1m"},"alert_suppression":{"group_by":["host.id"],"duration":null},"threat":[{"framework":"MITRE ATT&CK","tactic":{"id":"TA0002","name":"Execution","reference":""},"technique":[{"id":"T1059","name":"C","reference":"","subtechnique":[{"id":"T1059.004","name":"U","reference":"x"}]}]}],"unheard_of":[1,-2.5,"x"]}"#;

#[test]
fn a_rule_reads_whole_with_its_unknown_keys() {
    let (_, document) = document("r.ndjson", RULE);
    assert_eq!(document.query.language, QueryLanguage::Eql);
    assert_snapshot!(::toml::to_string(&document.metadata).unwrap());
}

#[test]
fn the_query_maps_through_the_escapes() {
    let (sources, document) = document("r.json", RULE);
    let fragment = document.query.fragment;
    assert_eq!(fragment.text(), "process where process.name == \"a\\\\bé\"\n");
    let at = |text: &str| fragment.text().find(text).unwrap();
    let slice = |at: usize, end: usize| sources.slice(fragment.span(at, end));
    assert_eq!(slice(at("where"), at("where") + 5), "where");
    assert_eq!(slice(at("\"a"), at("\"a") + 1), "\\\"");
    assert_eq!(slice(at("\\"), at("\\") + 2), "\\\\\\\\");
    assert_eq!(slice(at("é"), at("é") + 2), "\\u00e9");
    assert_eq!(slice(at("\n"), at("\n") + 1), "\\n");
}

#[test]
fn lines_arrays_and_single_rules_are_read() {
    let pretty = RULE.replace(",\"", ",\n  \"");
    for (text, count) in [
        (format!("{RULE}\n{RULE}\r\n\n{{\"exported_count\":2,\"missing_rules\":[]}}\n"), 2),
        (format!("\u{feff}{RULE}"), 1),
        (format!("[{RULE},\n {RULE}]"), 2),
        (pretty, 1),
    ] {
        for name in ["r.ndjson", "r.json", "<stdin>"] {
            let (_, parsed) = parse(name, &text);
            assert_eq!(parsed.diagnostics, [], "{text}");
            assert_eq!(parsed.tree.documents.len(), count, "{text}");
        }
    }
}

#[test]
fn what_is_no_rule_is_said_to_be_none() {
    assert_snapshot!(findings("r.ndjson", "{\"@timestamp\": 1, \"process\": {}}\n{}\n"), @r#"
    1:1 E3006 Error: the document holds no rule
        "{\"@timestamp\": 1, \"process\": {}}" no `rule_id`, nor a `query` with its `language`
        help: events are given to `run` and `verify`
    "#);
    assert_snapshot!(findings("r.ndjson", format!("{RULE}\n{{\"list_id\":\"x\"}}\n")), @r#"
    2:1 E3023 Note: a value that is no rule is skipped
        "{\"list_id\":\"x\"}"
    "#);
    assert_snapshot!(findings("r.json", "[]"), @r"");
}

#[test]
fn broken_json_is_reported_where_it_breaks_and_other_lines_are_read() {
    let (_, parsed) = parse("r.ndjson", format!("{RULE}\n{{\"rule_id\": tru }}\n{RULE}\n"));
    assert_eq!(parsed.tree.documents.len(), 2);
    for (text, found) in [
        (
            "{\"rule_id\": tru }",
            "1:13 E3022 Error: invalid JSON: `t` is not expected here\n    \"t\" expected a value\n",
        ),
        (
            "{\"a\": \"C:\\Windows\"}",
            "1:10 E3022 Error: invalid JSON: a backslash that starts no escape\n    \"\\\\\" expected `\\\\` or an escape\n",
        ),
        (
            "{\"a\": \"x",
            "1:7 E3022 Error: invalid JSON: a string is not closed\n    \"\\\"\" expected `\"` at its end\n",
        ),
        (
            "{\"a\": 01}",
            "1:7 E3022 Error: invalid JSON: `0` is not expected here\n    \"0\" expected a number\n",
        ),
        ("{\"a\" 1}", "1:6 E3022 Error: invalid JSON: `1` is not expected here\n    \"1\" expected `:`\n"),
        (
            "{\"a\": 1",
            "1:8 E3022 Error: invalid JSON: the text ends too early\n    \"\" expected `,` or `}`\n",
        ),
    ] {
        assert_eq!(findings("r.json", text), found);
    }
}

#[test]
fn findings_point_into_the_json() {
    assert_snapshot!(findings("r.json", RULE.replace("medium", "hihg").replace("\"risk_score\":47", "\"risk_score\":\"x\"")), @r#"
    1:161 E3008 Error: `rule.risk_score` is text, expected a whole number from 0
        "\"x\"" expected a whole number from 0
    1:176 E3009 Error: unknown severity `hihg`
        "\"hihg\""
        help: did you mean `high`?
        Unsafe fix: write `high`: "hihg" -> "high"
    "#);
}

#[test]
fn rules_are_told_from_other_json() {
    assert!(holds_rules(RULE) && holds_rules(&format!("[{RULE}]")));
    assert!(holds_rules("{\"rule_id\": \"x\", broken"));
    for other in ["{\"event\": {\"type\": \"start\"}, \"query\": \"x\"}", "{\"type\": \"x\"", "[1]", "", "x"]
    {
        assert!(!holds_rules(other), "{other}");
    }
}

#[test]
fn hostile_json_ends_in_a_result() {
    for text in [
        "[".repeat(1_000_000),
        "{\"a\":".repeat(100_000),
        "\"\\ud800\\u".to_owned(),
        format!("{{\"rule_id\": \"x\", \"query\": \"{}\"}}", "\\u00e9".repeat(10_000)),
        "{\"rule_id\": \"\\ud83d\\ude00\\ud800\", \"x\": 1e999}".to_owned(),
    ] {
        let (_, parsed) = parse("r.json", &text);
        assert!(!parsed.diagnostics.is_empty() || parsed.tree.documents.len() == 1);
    }
    for end in 0..RULE.len() {
        if let Some(cut) = RULE.get(..end) {
            assert!(!parse("r.json", cut).1.diagnostics.is_empty());
        }
    }
}
