//! Conditions: trees, places and what is said of those that are wrong.

use super::{each, rule, with_condition};

fn printed(condition: &str) -> String {
    let read = with_condition(condition);
    assert!(read.fine(), "{condition}\n{}", read.report());
    rule(&read).detection.conditions[0].value.to_string()
}

fn errors(condition: &str) -> String {
    let report = with_condition(condition).report();
    // Unused searches are not the subject here.
    assert!(!report.contains("E2036"), "{report}");
    report
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    assert_eq!(printed("((not a) or (b and sel_x))"), "not a or (b and sel_x)");
    assert_eq!(printed("not (a or b) and sel_x"), "not (a or b) and sel_x");
    assert_eq!(printed("not not a"), "not not a");
    assert_eq!(printed("(a and b) and sel_x"), "(a and b) and sel_x");
}

#[test]
fn quantifiers_take_them_and_patterns() {
    assert_eq!(printed("any of them"), "1 of them");
    assert_eq!(printed("all of sel_* and not 1 of a*"), "all of sel_* and not 1 of a*");
    assert_eq!(printed("2 of sel_*"), "2 of sel_*");
    assert_eq!(printed("1 of _*"), "1 of _*");
}

#[test]
fn a_condition_over_several_lines_keeps_its_places() {
    let read = with_condition(">\n        a and\n        nosuch or\n        b");
    insta::assert_snapshot!(read.report());
}

#[test]
fn a_quoted_condition_keeps_its_places() {
    let quoted = ["\"a and\\x20nosuch\"", "'a and nosuch'"];
    insta::assert_snapshot!(each(&quoted, |condition| with_condition(condition).report()));
}

#[test]
fn syntax_errors_say_what_is_missing() {
    let wrong = [
        "a b",
        "a and",
        "a AND b",
        "a and sel_*",
        "1 of",
        "a && b",
        "a and ()",
        "(a and b))",
        "''",
        "0 of sel_*",
    ];
    insta::assert_snapshot!(each(&wrong, errors));
}

#[test]
fn what_stands_before_an_aggregation_is_still_checked() {
    insta::assert_snapshot!(errors("nosuch | count() > 5"));
}

#[test]
fn private_searches_are_not_meant_by_them() {
    let read = with_condition("all of them");
    assert_eq!(read.report(), "");
}

#[test]
fn several_conditions_are_kept() {
    let read = with_condition("\n    - a or b\n    - all of sel_*");
    assert_eq!(read.report(), "");
    assert_eq!(rule(&read).detection.conditions.len(), 2);
}
