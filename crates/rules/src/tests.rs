//! Formats, bytes, and what is said about broken documents.

mod corpus;
mod importable;
mod kibana;
mod write;

use std::fmt::Write as _;

use eqlc_diagnostics::{Parsed, SourceMap};
use insta::assert_snapshot;

use crate::{MAX_BYTES, QueryLanguage, RuleDocument, RuleFile, read};

fn parse(name: &str, bytes: impl AsRef<[u8]>) -> (SourceMap, Parsed<RuleFile>) {
    let mut sources = SourceMap::new();
    let parsed = read(name, bytes.as_ref(), &mut sources);
    (sources, parsed)
}

/// Every finding in a line or two, with the text it points at.
fn findings(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let (sources, parsed) = parse(name, bytes);
    let mut out = String::new();
    for diagnostic in &parsed.diagnostics {
        let label = diagnostic.primary.as_ref().unwrap();
        let (at, text) = (sources.position(label.span), sources.slice(label.span));
        let (line, column, code) = (at.line, at.column, diagnostic.code);
        writeln!(out, "{line}:{column} {code} {:?}: {}", diagnostic.severity, diagnostic.message).unwrap();
        writeln!(out, "{}", format!("    {text:?} {}", label.message).trim_end()).unwrap();
        for label in &diagnostic.related {
            writeln!(out, "    {:?} {}", sources.slice(label.span), label.message).unwrap();
        }
        diagnostic.help.iter().for_each(|help| writeln!(out, "    help: {help}").unwrap());
        for fix in &diagnostic.fixes {
            let edit = &fix.edits[0];
            let (from, to) = (sources.slice(edit.span), &edit.replacement);
            writeln!(out, "    {:?} fix: {}: {from} -> {to}", fix.applicability, fix.title).unwrap();
        }
    }
    out
}

/// The one document of a text without findings.
fn document(name: &str, bytes: impl AsRef<[u8]>) -> (SourceMap, RuleDocument) {
    let (sources, parsed) = parse(name, bytes);
    assert_eq!(parsed.diagnostics, []);
    let [document] = parsed.tree.documents.try_into().unwrap();
    (sources, document)
}

fn language(name: &str, text: &str) -> QueryLanguage {
    document(name, text).1.query.language
}

/// A query as TOML, and for each of its characters what was typed.
fn typed(literal: &str) -> (String, Vec<String>) {
    let (sources, document) = document("r.toml", format!("[rule]\nname = 'n'\nquery = {literal}\n"));
    let fragment = document.query.fragment;
    let text = fragment.text().to_owned();
    let slice = |(at, c): (usize, char)| sources.slice(fragment.span(at, at + c.len_utf8())).to_owned();
    let typed = text.char_indices().map(slice).collect();
    (text, typed)
}

#[test]
fn an_eql_file_is_one_query_named_after_it() {
    let (sources, document) = document("rules/any process.eql", "process where true\n");
    assert_eq!(document.metadata.name, "any process");
    assert_eq!(document.query.language, QueryLanguage::Eql);
    assert_eq!(document.query.fragment.text(), "process where true\n");
    assert_eq!(sources.slice(document.query.fragment.span(8, 13)), "where");
    assert_eq!(sources.slice(document.span), "process where true\n");
}

#[test]
fn a_byte_order_mark_is_outside_the_query_and_inside_the_file() {
    for name in ["a.eql", "a.yml"] {
        let (sources, document) = document(name, "\u{feff}any where true");
        assert_eq!(document.query.fragment.text(), "any where true");
        assert_eq!(document.query.fragment.span(0, 3).start, 3);
        assert_eq!(sources.slice(document.query.fragment.span(0, 3)), "any");
    }
    let (sources, document) = document("a.toml", "\u{feff}[rule]\nname = 'n'\nquery = 'any where true'\n");
    assert_eq!(sources.slice(document.query.fragment.span(0, 3)), "any");
}

#[test]
fn the_extension_gives_the_format() {
    assert_eq!(language("a/b.EQL", "[rule]"), QueryLanguage::Eql);
    assert_eq!(language(r"c:\rules\b.yml", "[rule]"), QueryLanguage::Sigma);
    assert_eq!(language("b.yaml", "any where true"), QueryLanguage::Sigma);
    assert_snapshot!(findings("rules.csv", "{}"), @r#"
    1:1 E3004 Error: rules in `.csv` files cannot be read
        ""
        help: rule files are `.eql`, `.toml`, `.yml`, `.yaml`, and Kibana's exports `.ndjson` and `.json`
    "#);
}

#[test]
fn without_a_known_extension_the_content_gives_the_format() {
    for name in ["<stdin>", "-", "rule", "rule.txt"] {
        assert_eq!(
            language(name, "// [rule]\nsequence\n  [process where true]\n  [any where true]"),
            QueryLanguage::Eql
        );
        assert_eq!(language(name, "# c\n[rule] # c\nname='n'\nquery='any where true'"), QueryLanguage::Eql);
        assert_eq!(language(name, "\u{feff}title: x\ndetection:\n  a: b\n"), QueryLanguage::Sigma);
        assert_eq!(language(name, "---\nname: x\n"), QueryLanguage::Sigma);
    }
    let (_, toml) = document("<stdin>", "[rule]\nname='n'\nquery='any where true'");
    assert_eq!(toml.metadata.name, "n");
    let (_, eql) = document("<stdin>", "any where x == \"\n[rule]\"");
    assert_eq!(eql.query.fragment.text(), "any where x == \"\n[rule]\"");
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    assert_snapshot!(findings("a.eql", b"any where\n  x == \"\xe4\""), @r#"
    2:9 E3001 Error: invalid UTF-8 at byte 18
        "�" no character starts here
        help: save the file as UTF-8
    "#);
    assert_snapshot!(findings("a.eql", b"\xff\xfea\0n\0y\0"), @r#"
    1:1 E3001 Error: invalid UTF-8 at byte 0
        "�" no character starts here
        help: the file is UTF-16; save it as UTF-8
    "#);
    assert_snapshot!(findings("a.eql", b""), @r#"
    1:1 E3003 Error: there is nothing in the file
        ""
    "#);
    assert_snapshot!(findings("a.toml", "\u{feff} \r\n"), @r#"
    2:1 E3003 Error: there is nothing in the file
        ""
    "#);
}

#[test]
fn files_too_large_for_a_rule_are_refused() {
    let mut bytes = vec![b' '; MAX_BYTES - 3];
    bytes.extend(b"any");
    assert_eq!(document("a.eql", &bytes).1.query.fragment.text().len(), MAX_BYTES);
    bytes.push(b' ');
    let (sources, parsed) = parse("a.eql", &bytes);
    assert_eq!(sources.text(parsed.tree.source), "");
    assert!(parsed.tree.documents.is_empty());
    assert_snapshot!(findings("a.eql", &bytes), @r#"
    1:1 E3002 Error: the file has 8388609 bytes, more than the 8388608 of a rule file
        ""
        help: files of events are given to `run` and `verify`
    "#);
}

#[test]
fn literal_strings_map_byte_by_byte() {
    for (literal, text) in [
        ("'a \\ \"b\" é'", "a \\ \"b\" é"),
        ("''", ""),
        ("''''''", ""),
        ("'''a'''", "a"),
        ("'''\na\n  b\n'''", "a\n  b\n"),
        ("'''\r\na\r\nb'''", "a\r\nb"),
        ("'''a'' '''''", "a'' ''"),
    ] {
        let (sources, parsed) = parse("r.toml", format!("[rule]\nname = 'n'\nquery = {literal}\n"));
        let fragment = &parsed.tree.documents[0].query.fragment;
        assert_eq!(fragment.text(), text, "{literal}");
        assert_eq!(sources.slice(fragment.whole()), text, "{literal}");
    }
}

#[test]
fn escapes_map_to_what_was_typed() {
    let (text, typed) = typed(r#""a\\b\"\t\u00e9\U0001F600\x41é""#);
    assert_eq!(text, "a\\b\"\té\u{1f600}Aé");
    assert_eq!(typed, ["a", r"\\", "b", "\\\"", r"\t", r"\u00e9", r"\U0001F600", r"\x41", "é"]);
}

#[test]
fn a_backslash_at_a_line_end_joins_lines() {
    let (text, typed) = typed("\"\"\"\na\\\n   b\\\\ \\  \r\n\n c\"\" \"\"\"\"");
    assert_eq!(text, "ab\\ c\"\" \"");
    assert_eq!(typed, ["a", "b", r"\\", " ", "c", "\"", "\"", " ", "\""]);
}

#[test]
fn metadata_is_read_and_the_rest_is_kept() {
    let (_, document) = document(
        "r.toml",
        r#"
top = 1
[metadata]
creation_date = "2024/05/31"
integration = "endpoint"
min_stack_version = "8.3.0"
[rule]
name = "n"
rule_id = "4c9ea2a5"
type = "eql"
language = "eql"
severity = "high"
risk_score = 73
from = "now-9m/m"
interval = "10m"
version = 3
author = ["a", "b"]
threshold.value = 1
threshold."odd key" = [1, # one
  2]
query = 'any where true'
[[rule.exceptions_list]]
id = 'x'
list_id = 'y'
type = 'detection'
namespace_type = 'single'
[[rule.threat]]
framework = "MITRE ATT&CK"
tactic = { id = "TA0002", name = "Execution", extra = true }
[[rule.threat.technique]]
id = "T1059"
name = "Command and Scripting Interpreter"
[[rule.threat.technique.subtechnique]]
id = "T1059.004"
name = "Unix Shell"
reference = "https://example.org"
[[transform.osquery]]
label = "l"
"#,
    );
    assert_eq!(document.metadata.interval_ms(), Some(600_000));
    assert_eq!(document.metadata.lookback_ms(), Some(540_000));
    assert_snapshot!(::toml::to_string(&document.metadata).unwrap());
}

#[test]
fn every_wrong_value_is_reported() {
    let text = r#"
metadata = 3
[rule]
name = 7
description = false
severity = "hihg"
risk_score = 101
max_signals = -1
version = 1.5
tags = "one"
index = ["a", 2, 3.5]
author = [1979-05-27]
interval = "5 minutes"
from = "yesterday"
threat = [{ framework = 1, tactic = [], technique = "T1" }, 3]
query = ['any where true']
"#;
    assert_snapshot!(findings("r.toml", text));
}

#[test]
fn rules_without_their_parts_are_reported() {
    assert_snapshot!(findings("r.toml", "[tool]\nx = 1\n"), @r#"
    1:1 E3006 Error: the document has no table `[rule]`
        ""
    "#);
    assert_snapshot!(findings("r.toml", "rule = 'any where true'\n"), @r#"
    1:8 E3008 Error: `rule` is text, expected a table
        "'any where true'" expected a table
    "#);
    assert_snapshot!(findings("r.toml", "[metadata]\n[rule]\n"), @r#"
    2:1 E3007 Error: the rule has no `name`
        "[rule]" lacks `name`
    2:1 E3007 Error: the rule has no `query`
        "[rule]" lacks `query`
    "#);
    assert_snapshot!(findings("r.toml", "[[rule]]\nname = 'n'\n"), @r#"
    1:1 E3008 Error: `rule` is an array of tables, expected a table
        "[[rule]]" expected a table
    "#);
    assert_snapshot!(findings("r.toml", "[rule]\nname = ''\nquery = '''\n \n'''\n"), @r#"
    1:1 E3007 Error: the rule has no `name`
        "[rule]" lacks `name`
    4:1 E3015 Error: the query is empty
        " \n"
    "#);
}

#[test]
fn broken_toml_is_reported_where_it_breaks() {
    assert_snapshot!(findings("r.toml", "[rule]\nname = \"n\"\nquery = \"C:\\*\"\n"), @r#"
    3:13 E3005 Error: invalid TOML: missing escaped value
        "" expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`
        help: a backslash in double quotes starts an escape; in single quotes it is a backslash
    "#);
    assert_snapshot!(findings("r.toml", "[rule]\nname = 'n'\nname = 'm'\n"), @r#"
    3:1 E3005 Error: invalid TOML: duplicate key
        "name"
    "#);
    assert_snapshot!(findings("r.toml", "[rule]\nquery = '''\nany where true\n"), @r#"
    2:9 E3005 Error: invalid TOML: a string is not closed
        "'''" starts here
        "" expected `'''`
    "#);
    assert_snapshot!(findings("r.toml", "[rule]\nnote = 'x'\nquery = \"\"\"\nany where true\""), @r#"
    3:9 E3005 Error: invalid TOML: a string is not closed
        "\"\"\"" starts here
        "" expected `"""`
    "#);
    assert_snapshot!(findings("r.toml", "[rule\n"), @r#"
    1:6 E3005 Error: invalid TOML: unclosed table
        "" expected `]`
    "#);
}

#[test]
fn rules_in_other_languages_are_skipped_with_a_note() {
    let rule = |rest: &str| format!("[rule]\nname = 'n'\n{rest}\n");
    assert_snapshot!(findings("r.toml", rule("language = 'kuery'\ntype = 'query'\nquery = 'a:b'")), @r#"
    3:12 E3012 Note: a rule in `kuery` is not an EQL rule, skipped
        "'kuery'"
    "#);
    assert_snapshot!(findings("r.toml", rule("type = 'machine_learning'")), @r#"
    3:8 E3012 Note: a rule of type `machine_learning` is not an EQL rule, skipped
        "'machine_learning'"
    "#);
    let (_, parsed) = parse("r.toml", rule("language = 'esql'\ntype = 'esql'\nquery = 'from x'"));
    assert_eq!(parsed.tree.documents[0].query.language, QueryLanguage::Other("esql".to_owned()));
}

#[test]
fn a_type_that_contradicts_the_language_is_a_warning() {
    let text = "[rule]\nname = 'n'\nlanguage = 'eql'\ntype = 'query'\nquery = 'any where true'\n";
    assert_snapshot!(findings("r.toml", text), @r#"
    3:12 E3014 Warning: a rule of type `query` cannot be in the language `eql`
        "'eql'" the language that counts
        "'query'" the type
    "#);
}

#[test]
fn slips_in_keys_are_a_warning_and_unknown_keys_are_not() {
    let text = "[metadata]\nmaturty = 'production'\n[rule]\nname = 'n'\nseverty = 'high'\nmy_team = 'x'\n\
                query = 'any where true'\ntag = ['x']\n";
    assert_snapshot!(findings("r.toml", text), @r#"
    2:1 E3013 Warning: unknown key `metadata.maturty`
        "maturty" kept and not understood
        help: did you mean `maturity`?
        Unsafe fix: write `maturity`: maturty -> maturity
    5:1 E3013 Warning: unknown key `rule.severty`
        "severty" kept and not understood
        help: did you mean `severity`?
        Unsafe fix: write `severity`: severty -> severity
    8:1 E3013 Warning: unknown key `rule.tag`
        "tag" kept and not understood
        help: did you mean `tags`?
        Unsafe fix: write `tags`: tag -> tags
    "#);
}

#[test]
fn severities_in_another_case_have_a_safe_fix() {
    let text = "[rule]\nname = 'n'\nquery = 'any where true'\nseverity = \"High\"\n";
    assert_snapshot!(findings("r.toml", text), @r#"
    4:12 E3009 Error: unknown severity `High`
        "\"High\""
        help: did you mean `high`?
        Safe fix: write `high`: "High" -> "high"
    "#);
    assert_snapshot!(findings("r.toml", text.replace("High", "informational")), @r#"
    4:12 E3009 Error: unknown severity `informational`
        "\"informational\""
        help: severities are `low`, `medium`, `high`, `critical`
    "#);
}

/// Deep nesting is an error or a document, never an overflow of the stack; test threads have a small one.
#[test]
fn hostile_documents_end_in_a_result() {
    let dots = "a.".repeat(78);
    let rule = "[rule]\nname = 'n'\nquery = 'any where true'\n";
    for text in [
        format!("{rule}x = {}", "[".repeat(100_000)),
        format!("{rule}x = {}1{}", "[".repeat(70), "]".repeat(70)),
        format!("{rule}{}x = 1", "a.".repeat(100_000)),
        format!("{rule}x = {}1{}", format!("{{ {dots}a = ").repeat(78), " }".repeat(78)),
        format!("{rule}[{dots}a]\n{dots}a = {{ {dots}a = 1 }}"),
        format!("{rule}threat = {}", "[{technique = ".repeat(30)),
        "[[rule]]\n".repeat(1000),
        "[rule]\nquery = '''".to_owned(),
        "[rule]\nquery = \"\\".to_owned(),
        "\0".to_owned(),
    ] {
        let (_, parsed) = parse("r.toml", &text);
        assert!(!parsed.diagnostics.is_empty() || parsed.tree.documents.len() == 1);
    }
}

/// Every prefix of a document and every document with a byte removed gives a result.
#[test]
fn documents_cut_anywhere_end_in_a_result() {
    let text = "\u{feff}[metadata]\r\nintegration = ['é']\n[rule]\nname = \"\\u00e9\"\nquery = \"\"\"\nany \\\n where\n\
                \"\"\"\nrisk_score = 3\nthreat = [{ tactic = { id = 'x' } }]\n";
    for end in 0..text.len() {
        let mut without = text.as_bytes().to_vec();
        without.remove(end);
        for bytes in [&text.as_bytes()[..end], &without] {
            for name in ["r.toml", "-"] {
                let (sources, parsed) = parse(name, bytes);
                assert!(!parsed.diagnostics.is_empty() || parsed.tree.documents.len() == 1);
                for diagnostic in &parsed.diagnostics {
                    assert_eq!(diagnostic.span().unwrap().source, parsed.tree.source);
                    assert!(
                        diagnostic.span().unwrap().end as usize <= sources.text(parsed.tree.source).len()
                    );
                }
            }
        }
    }
}
