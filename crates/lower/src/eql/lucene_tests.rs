use eqlc_diagnostics::Span;
use eqlc_ir::regex::Regex;
use eqlc_ir::{Case, FieldRef, FieldType, Op, Scalar, Taxonomy, Test};

use super::*;

/// The pattern in the text form of the IR, or what is wrong with it and where.
fn show(text: &str) -> String {
    match parse(text) {
        Err(problem) => format!("error at {:?}: {}", problem.at, problem.message),
        Ok(pattern) => {
            let path = "f".to_owned();
            let field = FieldRef {
                path: path.into(),
                taxonomy: Taxonomy::Ecs,
                ty: FieldType::Keyword,
                optional: false,
                span: Span::default(),
            };
            let op = Op::Regex(Regex { root: pattern.node, case: Case::Sensitive });
            let line =
                eqlc_ir::text::test(&Test { subject: Scalar::Field(field), op, span: Span::default() });
            let habits: String = pattern.habits.iter().map(|habit| format!(" {habit:?}")).collect();
            line.trim_start_matches("f:keyword regex ").to_owned() + &habits
        }
    }
}

fn table(patterns: &[&str]) -> String {
    patterns.iter().map(|text| format!("{text:20} {}\n", show(text))).collect()
}

#[test]
fn operators_bind_as_in_lucene() {
    insta::assert_snapshot!(table(&[
        "abc", "ab*", "a|bc|", "a|bc", "ab&cd|e", "()", "", "(ab)+c?", "a{3}", "a{2,}", "a{2,5}", "a*?",
        "a.c", "~ab", "~(ab)", "a#", "a@b", "<1-100>", "<01-99>", "<9-3>", "\"a.b\"c",
    ]));
}

#[test]
fn classes_read_as_in_lucene() {
    insta::assert_snapshot!(table(&[
        "[abc]",
        "[^a-z0-9]",
        "[-a]",
        "[]a]",
        r"[\]a]",
        r"[\d_]",
        r"\d+\s\w",
        r"\.exe",
        r"\\\*",
        r"[\w.-]",
        "[a-]",
        "[z-a]",
        r"[a\-z]",
        "[.]",
        "[a-zA-Z]",
        "[A-F0-9]",
    ]));
}

#[test]
fn what_lucene_lacks_is_named_at_its_place() {
    insta::assert_snapshot!(table(&[
        r"\bcmd\b",
        "(?i)abc",
        "(?:a|b)",
        "(?=a)",
        "^abc$",
        "(^a|b$)",
        "a^b",
        "a\"b",
        "*a",
        "a||b",
        "(a",
        "a)",
        "[a",
        "a{",
        "a{b}",
        "a{5,2}",
        "a{1001}",
        "a{99999999999}",
        r"a\",
        "<a>",
        "~",
        "é{",
        r"\q",
    ]));
}

#[test]
fn hostile_patterns_are_bounded() {
    assert!(parse(&"(".repeat(100_000)).is_err());
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(parse(&"~".repeat(100_000)).is_err());
    assert!(parse(&format!("a{}", "*".repeat(100_000))).is_err());
    assert!(parse(&"a|".repeat(10_000)).is_err());
    assert!(parse(&format!("{}a", "a|".repeat(10_000))).is_ok());
}
