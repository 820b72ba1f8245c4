//! The IR of each paragraph of `eql-semantics.md` §3–§7 that decides a tree.

use super::{compile, conditions};

#[test]
fn a_literal_on_the_left_changes_sides_and_constants_fold() {
    insta::assert_snapshot!(conditions(&[
        "5 < process.pid",
        "\"a\" == process.name",
        "1 + 1 == 2",
        "1 == 1.0",
        "\"a\" < \"b\"",
        "process.pid == 2 * 3 - -1",
        "process.pid > 7 / 2",
        "process.pid - 1 > 2",
    ]));
}

#[test]
fn a_bare_boolean_field_is_compared_with_true() {
    insta::assert_snapshot!(conditions(&["process.interactive", "not process.interactive", "?some.flag",]));
}

#[test]
fn not_equal_is_a_negated_test() {
    insta::assert_snapshot!(conditions(&[
        "process.name != \"a\"",
        "\"a\" != process.name",
        "process.name not in (\"a\", \"b\")",
        "process.name not in~ (\"a\")",
        "not process.name : \"a*\"",
    ]));
}

#[test]
fn optional_fields_stay_fields() {
    insta::assert_snapshot!(conditions(&[
        "?process.name == \"a\"",
        "?no.such.field : \"a\"",
        "?x != null",
        "?x == ?y",
        "?x != ?y"
    ]));
}

#[test]
fn null_comparisons_are_tests_of_presence() {
    insta::assert_snapshot!(conditions(&[
        "process.name == null",
        "null != process.name",
        "null == null",
        "null != null",
        "(process.pid > 1) == null",
        "length(process.name) == null",
        "process.pid + 1 != null",
        "1 == null",
        "process.pid < null",
        "message != null",
    ]));
}

#[test]
fn conditions_compared_with_booleans_are_simplified_and_fields_are_not() {
    insta::assert_snapshot!(conditions(&[
        "startsWith(process.name, \"a\") == false",
        "startsWith(process.name, \"a\") != true",
        "true == (process.pid == 1)",
        "(process.name : \"a\") == false",
        "process.interactive == false",
        "process.interactive != true",
    ]));
}

#[test]
fn conditions_as_values_are_three_valued() {
    insta::assert_snapshot!(conditions(&[
        "string(process.pid > 1 and not process.pid == 3) == \"true\"",
        "(process.pid == 1) == null",
        "concat(process.pid in (1, 2), \"x\") == \"truex\"",
    ]));
}

#[test]
fn text_operators_keep_their_case_and_their_wildcards() {
    insta::assert_snapshot!(conditions(&[
        "process.name : \"CMD.exe\"",
        "process.name : (\"a*\", \"?b\")",
        "process.name like \"a*\"",
        "process.name like~ (\"a*\", \"b\")",
        "process.name == \"a*\"",
        "process.name in (\"a\", \"b*\")",
        "process.name in~ (\"a*\", \"B\")",
        "process.args : \"*\"",
    ]));
}

#[test]
fn lists_take_constants_of_the_subjects_type() {
    insta::assert_snapshot!(conditions(&[
        "process.pid in (1, 2 + 3, -4)",
        "process.name in (\"a\", null)",
        "process.interactive in (true, false)",
        "source.ip in (\"10.0.0.1\", \"::1\")",
        "user.id in (0, \"1\")",
    ]));
}

#[test]
fn regular_expressions_become_trees() {
    insta::assert_snapshot!(conditions(&[
        "process.name regex \"a.*|b\"",
        "process.name regex~ (\"[a-fA-F0-9]{32}\", \"x\\\\.exe\")",
        "process.name regex \"\"\"\\d+\\\\.*\"\"\"",
    ]));
}

#[test]
fn typed_constants_are_checked_and_kept() {
    insta::assert_snapshot!(conditions(&[
        "process.pid == 4.5",
        "@timestamp > \"now-1d/d\"",
        "@timestamp >= 1700000000000",
        "source.ip == \"10.0.0.0/8\"",
        "process.interactive == \"true\"",
        "user.id == 0",
    ]));
}

#[test]
fn arithmetic_is_made_of_calls() {
    insta::assert_snapshot!(conditions(&[
        "process.pid + 1 - 2 == 3",
        "process.pid * 2 % 3 == 1",
        "-process.pid == -4",
        "+process.pid == 4",
        "add(process.pid, 1) == 2",
        "modulo(7, 4) == 3",
        "source.port - destination.port == 0",
    ]));
}

#[test]
fn functions_keep_their_arguments_and_their_case() {
    insta::assert_snapshot!(conditions(&[
        "STARTSWITH~(process.name, \"a\")",
        "between(process.command_line, \"a\", \"b\", true) == \"x\"",
        "cidrmatch(source.ip, \"10.0.0.0/8\", \"::1/128\")",
        "concat(process.name, 1, true) == \"x\"",
        "indexOf~(process.name, \"a\", 2) > 0",
        "length(process.name) > 5",
        "number(process.name, 16) == 10",
        "string(process.pid) : \"4*\"",
        "stringContains(process.command_line, process.name)",
        "substring(process.name, -4) == \".exe\"",
    ]));
}

#[test]
fn sequences_samples_and_pipes_are_carried_over() {
    let rules = [
        "sequence by host.id, ?user.id with maxspan=5m
           [process where process.pid == 1] by process.pid
           ![file where true] by process.parent.pid
           [network where source.port > 1] by process.pid with runs=3
           until [process where event.type == \"end\"] by process.pid
         | head 10 | tail 5",
        "sample by host.id [process where true] by user.id [\"my-category\" where true] by user.name",
    ];
    let shown: String = rules.iter().map(|rule| compile(rule).ir() + "\n").collect();
    insta::assert_snapshot!(shown);
}
