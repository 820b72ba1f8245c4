//! Text of a user stays text.

use eqlc_ir::{Body, Case, EventQuery, Literal, Op, Part, Pred, TextPattern};
use rusqlite::Connection;

use super::engine::{START_S, add_sysmon, eids, engine};
use super::{Category, FieldType, column, direct, equal, reads_back, sysmon, test};

/// Values that break out of quotes, patterns or lines where they are not written with care.
pub(super) const HOSTILE: &[&str] = &[
    "'",
    "''",
    "\\'",
    "\\",
    "\\\\",
    "a''b",
    "x\\' OR 1=1 --",
    "' OR '1'='1",
    "'); DROP TABLE windows_events; --",
    "/* ' */",
    "-- '",
    "\"",
    "`",
    "\n",
    "'\n'",
    "\r\n",
    "a\nb",
    "\t",
    "%",
    "_",
    "%_\\",
    "[",
    "]",
    "[]",
    "[!a]",
    "[^a]",
    "*",
    "?",
    "*[?]*",
    "$1",
    ":a",
    "@a",
    "?1",
    "{name}",
    "c:\\users\\",
    "ä",
    "Ä",
    "ß",
    "日本",
    "𝔘",
    "\u{2028}",
    "\u{feff}",
    "NULL",
    "TRUE",
    "0",
    " a ",
    "x'00'",
];

fn query(filter: Pred) -> Body {
    Body::Event(EventQuery { category: Category::LogSource(sysmon("process_creation")), filter })
}

fn command_line() -> eqlc_ir::FieldRef {
    column("CommandLine", FieldType::Keyword)
}

fn load(values: &[&str]) -> Connection {
    let engine = engine(START_S);
    for (eid, value) in (0_i64..).zip(values) {
        add_sysmon(&engine, eid, 1, START_S * 1000, &[("CommandLine", value)]);
    }
    engine
}

fn found(engine: &Connection, filter: Pred) -> Vec<i64> {
    eids(engine, &reads_back(&direct(query(filter)).unwrap()))
}

fn wanted(values: &[&str], matches: impl Fn(&str) -> bool) -> Vec<i64> {
    (0_i64..)
        .zip(values)
        .filter(|(_, value)| !value.is_empty() && matches(value))
        .map(|(eid, _)| eid)
        .collect()
}

#[test]
fn hostile_values_equal_themselves_and_nothing_else() {
    let engine = load(HOSTILE);
    for value in HOSTILE {
        let filter = equal(command_line(), Literal::Str((*value).into()));
        assert_eq!(found(&engine, filter), wanted(HOSTILE, |other| other == *value), "{value:?}");
    }
}

#[test]
fn hostile_values_match_as_patterns_do() {
    let values: Vec<String> = HOSTILE
        .iter()
        .flat_map(|value| [(*value).to_owned(), format!("a{value}"), format!("{value}b")])
        .collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let engine = load(&values);
    for value in HOSTILE {
        for (before, behind) in
            [(vec![], vec![]), (vec![Part::AnyRun], vec![Part::AnyRun]), (vec![Part::AnyOne], vec![])]
        {
            let pattern = TextPattern::exact(value).surrounded(&before, &behind);
            for case in [Case::Sensitive, Case::Insensitive] {
                let filter = test(command_line(), Op::Text(vec![pattern.clone()], case));
                let wanted = wanted(&values, |other| pattern.matches(other, case));
                assert_eq!(found(&engine, filter), wanted, "{pattern:?} {case:?}");
            }
        }
    }
}

#[test]
fn every_character_of_a_byte_is_written() {
    let texts: Vec<String> = (1..=255_u8).map(|byte| format!("a{}b'", char::from(byte))).collect();
    let values: Vec<&str> = texts.iter().map(String::as_str).collect();
    let engine = load(&values);
    for value in &values {
        let same = equal(command_line(), Literal::Str((*value).into()));
        let pattern = TextPattern::exact(value);
        let folded = test(command_line(), Op::Text(vec![pattern.clone()], Case::Insensitive));
        let exact = pattern.surrounded(&[], &[Part::AnyRun]);
        let globbed = test(command_line(), Op::Text(vec![exact], Case::Sensitive));
        assert_eq!(
            found(&engine, Pred::All(vec![same, globbed])),
            wanted(&values, |other| other == *value),
            "{value:?}"
        );
        assert_eq!(
            found(&engine, folded),
            wanted(&values, |other| pattern.matches(other, Case::Insensitive)),
            "{value:?}"
        );
    }
}

#[test]
fn nul_is_refused() {
    for op in [
        Op::Compare(eqlc_ir::Comparison::Equal, eqlc_ir::Scalar::Literal(Literal::Str("a\0b".into()))),
        Op::Text(vec![TextPattern::from_eql("a\0*")], Case::Insensitive),
        Op::OneOf(vec![Literal::Str("x".into()), Literal::Str("\0".into())], Case::Sensitive),
    ] {
        let refused = direct(query(test(command_line(), op))).unwrap_err();
        assert_eq!(refused[0].code.as_str(), "E4003");
        assert!(refused[0].message.contains("NUL"), "{}", refused[0].message);
    }
}

#[test]
fn no_text_of_a_rule_reaches_a_sequence_but_as_a_literal() {
    let bomb = "'); DROP TABLE windows_events; --";
    let step = |value: &str| {
        super::step(EventQuery {
            category: Category::LogSource(sysmon("process_creation")),
            filter: equal(command_line(), Literal::Str(value.into())),
        })
    };
    let body = Body::Sequence(eqlc_ir::Sequence {
        by: Vec::new(),
        maxspan_ms: Some(1_000),
        steps: vec![step(bomb), step("'")],
        until: None,
    });
    let sql = reads_back(&direct(body).unwrap());
    let engine = engine(START_S);
    add_sysmon(&engine, 1, 1, START_S * 1000, &[("CommandLine", bomb)]);
    add_sysmon(&engine, 2, 1, START_S * 1000, &[("CommandLine", "'")]);
    let found = super::engine::rows(&engine, &sql, &["eid1".to_owned(), "eid2".to_owned()]);
    assert_eq!(found, [[1.into(), 2.into()]]);
}

/// The two letters outside ASCII that fold into it: the documented limit of `LIKE`.
#[test]
fn like_knows_no_letters_outside_ascii() {
    let values = ["k", "K", "\u{212a}", "s", "\u{17f}"];
    let ignoring_case = |text: &str| {
        found(
            &load(&values),
            test(command_line(), Op::Text(vec![TextPattern::exact(text)], Case::Insensitive)),
        )
    };
    assert_eq!(ignoring_case("K"), [0, 1]);
    assert_eq!(ignoring_case("s"), [3]);
    assert_eq!(ignoring_case("\u{212a}"), [0, 1, 2]);
}
