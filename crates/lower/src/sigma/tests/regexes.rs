//! Regular expressions.

use eqlc_ir::Case;

use super::super::regex::{Flags, lower};

fn show(text: &str, flags: &str) -> String {
    let flags = Flags {
        ignore_case: flags.contains('i'),
        multi_line: flags.contains('m'),
        dot_all: flags.contains('s'),
    };
    match lower(text, flags) {
        Ok(regex) => {
            let op = eqlc_ir::Op::Regex(regex);
            let subject = eqlc_ir::Scalar::Literal(eqlc_ir::Literal::Null);
            let test = eqlc_ir::Test { subject, op, span: eqlc_diagnostics::Span::default() };
            eqlc_ir::text::test(&test).trim_start_matches("null ").to_owned()
        }
        Err(what) => format!("refused: {what}"),
    }
}

#[test]
fn ends_without_an_anchor_are_open() {
    let shown: Vec<String> = [
        "ab", "^ab", "ab$", "^ab$", "^$", "", "^a|b$", "a|b", "(^|x)a", "(?:a|b$)", "^(a|b)$", "(^a)$",
        r"\Aa\z", ".*a",
    ]
    .iter()
    .map(|text| format!("{text} => {}", show(text, "s")))
    .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_a_dot_and_an_anchor_mean_depends_on_flags() {
    let shown: Vec<String> =
        [("^a.b$", ""), ("^a.b$", "s"), ("^a$", "m"), ("(?s)a.", ""), ("(?i)a", ""), ("a(?-s:.)", "s")]
            .iter()
            .map(|(text, flags)| format!("{text} {flags} => {}", show(text, flags)))
            .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn letter_case_is_worked_out() {
    let shown: Vec<String> = [
        ("^[a-f0-9]x$", "i"),
        ("^[a-zA-Z_]$", "i"),
        ("^(?-i:[a-f])b$", "i"),
        ("^(?-i:ab1)$", "i"),
        ("^(?i:ab1[c-d])$", ""),
        ("^[A-z]$", "i"),
    ]
    .iter()
    .map(|(text, flags)| format!("{text} {flags} => {}", show(text, flags)))
    .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn constructs_without_a_form_are_refused() {
    let shown: Vec<String> =
        [r"a\bc", "(?=a)", "(?<!a)b", r"(a)\1", "a^b", "a$b", r"\pL", "[[:^alpha:]]", "(a^)*"]
            .iter()
            .map(|text| format!("{text} => {}", show(text, "")))
            .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn lowered_expressions_match_as_searches_do() {
    for (text, flags, yes, no) in [
        ("ab", "", "xxabyy", "a b"),
        ("^ab", "", "abyy", "xab"),
        ("a.b", "", "a-b", "a\nb"),
        ("a.b", "s", "a\nb", "ab"),
        ("^b$", "m", "a\nb\nc", "a\nbc"),
        ("(^|,)x", "", "a,x", "ax"),
        ("[a-c]+$", "i", "xxABC", "abcd"),
        ("(?i:a)b", "", "Ab", "AB"),
        ("(?-i:a)b", "i", "aB", "AB"),
        (r"\{[^}[]{2}\}", "", "{ab}", "{a[}"),
        (r"{\d{2,}", "", "x{12", "x{1"),
    ] {
        let flags = Flags {
            ignore_case: flags.contains('i'),
            multi_line: flags.contains('m'),
            dot_all: flags.contains('s'),
        };
        let lowered = lower(text, flags).expect("a form");
        let engine = regex::Regex::new(&lowered.to_rust().expect("a form in Rust")).expect("valid");
        assert!(engine.is_match(yes), "{text} on {yes}: {lowered:?}");
        assert!(!engine.is_match(no), "{text} on {no}: {lowered:?}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(lower(&deep, Flags::default()).is_err());
    assert_eq!(
        lower("a", Flags { ignore_case: true, ..Flags::default() }).expect("a form").case,
        Case::Insensitive
    );
}
