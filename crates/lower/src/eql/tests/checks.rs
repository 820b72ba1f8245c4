//! What is refused, what is warned of, and how it is said.

use super::{Context, compile_in, findings};

#[test]
fn unknown_fields_are_warned_of_once_with_the_nearest_names() {
    insta::assert_snapshot!(findings(&[
        "process where procss.nme == \"a\" or procss.nme == \"b\"",
        "process where foo.bar.baz == 1",
        "process where ?procss.nme == \"a\"",
        "process where proces.whatever.more == 1",
        "network where src.ip == \"10.0.0.1\"",
    ]));
}

#[test]
fn unknown_fields_are_errors_when_fields_are_strict() {
    let strict = Context { strict_fields: true, ..Context::default() };
    let outcome = compile_in("process where process.nme == \"a\" and ?foo.bar == 1", &strict);
    assert_eq!(outcome.codes(), ["E1007"]);
    assert!(outcome.lowered.is_none());
}

#[test]
fn fields_without_exact_values_are_refused() {
    insta::assert_snapshot!(findings(&[
        "process where process == \"cmd.exe\"",
        "process where process.parent != null",
        "process where winlog.event_data == 1",
        "process where process.name.text == \"cmd.exe\"",
        "any where message : \"*x*\"",
        "sequence by process [process where true] [process where true]",
    ]));
}

#[test]
fn unlike_types_are_not_compared() {
    insta::assert_snapshot!(findings(&[
        "process where process.pid == \"4\" and process.name > 5",
        "process where process.pid == \"cmd\"",
        "process where process.name == true",
        "process where process.name == 5",
        "process where process.interactive == 1",
        "process where process.interactive > false",
        "process where length(process.name) == \"5\"",
        "process where 1 == \"a\"",
        "process where process.pid in (\"a\", 1)",
    ]));
}

#[test]
fn patterns_over_functions_mean_the_same_in_lucene_and_java() {
    insta::assert_snapshot!(findings(&[
        "process where substring(process.name, 1) regex \"^a.*\"",
        "process where substring(process.name, 1) regex \"a@b\"",
        "process where substring(process.name, 1) regex \"a\\\\@b\"",
        "process where substring(process.name, 1) regex \"a<1-9>\"",
        "process where substring(process.name, 1) regex \"[a-z]+\"",
        "process where substring(process.name, 1) regex~ \"[a-z]+\"",
        "process where substring(process.name, 1) regex~ \"[a-zA-Z]+\"",
        "process where process.name regex \"a<1-9>\"",
    ]));
}

#[test]
fn what_constants_decide_before_any_event_is_said() {
    insta::assert_snapshot!(findings(&[
        "process where process.pid == 65536 * 65536",
        "process where process.pid == 65536 * 65536.0",
        "process where process.pid == 9223372036854775807 + 1",
        "process where process.pid == 9223372036854775808 + 1",
        "process where process.pid == -9223372036854775808",
        "process where startsWith(process.name, null)",
        "process where indexOf(process.name, \"a\", null) == 0",
        "process where length(null) == 0",
        "process where \"a\" : \"b\"",
        "process where \"a\" in (\"a\", \"b\")",
        "process where 5 + 1 in (6, 7)",
    ]));
}

#[test]
fn constants_that_no_value_equals_are_refused() {
    insta::assert_snapshot!(findings(&[
        "network where source.ip == \"10.0.0\"",
        "network where source.ip > \"10.0.0.0/8\"",
        "process where @timestamp > \"yesterday\"",
        "process where process.pid == 1 / 0",
    ]));
}

#[test]
fn fields_are_not_compared_with_fields() {
    insta::assert_snapshot!(findings(&[
        "process where process.name == process.parent.name",
        "network where source.port != destination.port",
        "process where length(process.name) == length(process.parent.name) - 1",
        "process where process.name in (process.parent.name, \"a\")",
    ]));
}

#[test]
fn conditions_must_be_true_or_false() {
    insta::assert_snapshot!(findings(&[
        "process where \"foo\"",
        "process where process.name",
        "process where 1 + 1 and true",
        "process where not length(process.name)",
        "process where null",
        "process where process.pid + 1",
    ]));
}

#[test]
fn text_operators_need_text() {
    insta::assert_snapshot!(findings(&[
        "process where process.pid : 4",
        "process where process.pid : \"4*\"",
        "network where source.ip : \"10.*\"",
        "process where process.interactive regex \"t.*\"",
        "process where process.pid in~ (1, 2)",
        "process where process.name : null",
        "process where process.name like (true, 1)",
    ]));
}

#[test]
fn functions_are_known_and_given_what_they_take() {
    insta::assert_snapshot!(findings(&[
        "process where startsWth(process.name, \"cmd\")",
        "process where frobnicate(process.name)",
        "process where wildcard(process.name, \"a*\", \"b*\")",
        "process where match(process.name, \"a.*\") == true",
        "process where arrayContains(process.args, \"x\")",
        "process where length~(process.name) > 5",
        "process where startsWith(process.name)",
        "process where between(process.name, \"a\") == \"x\"",
        "process where cidrMatch(source.ip)",
        "process where length(process.pid) > 3",
        "process where startsWith(process.name, 1)",
        "process where substring(process.name, \"1\") == \"x\"",
        "process where cidrMatch(process.name, \"10.0.0.0/8\")",
        "process where cidrMatch(source.ip, \"10.0.0.0/33\", process.name, 1)",
        "process where number(process.name, 99) == 1",
        "process where between(process.name, \"a\", \"b\", process.interactive) == \"x\"",
        "process where process.name + 1 == 2",
    ]));
}

#[test]
fn join_keys_must_be_able_to_be_equal() {
    insta::assert_snapshot!(findings(&[
        "sequence by host.id [process where true] by process.pid [network where true] by process.name",
        "sequence [process where true] by process.pid [network where true] by process.name until [process where true] by process.pid",
        "sample by host.id [process where true] by source.ip [network where true] by source.port",
        "sequence [process where true] by process.pid [network where true] by process.parent.pid",
    ]));
}

#[test]
fn regular_expressions_are_checked_at_their_place() {
    insta::assert_snapshot!(findings(&[
        r#"process where process.name regex "^cmd\\.exe$""#,
        r#"process where process.name regex """\bcmd""""#,
        r#"process where process.name regex "a(b""#,
        r#"process where process.name regex ("ok", "(?i)x")"#,
        r#"process where process.name regex~ "[a-f0-9]+""#,
        r#"process where process.name regex ".*@example\\.com""#,
    ]));
}

#[test]
fn lints_name_what_was_probably_meant() {
    insta::assert_snapshot!(findings(&[
        "process where process.name == \"power*\"",
        "process where process.name != \"power*\"",
        "process where process.executable in (\"?:\\\\Windows\\\\x.exe\", \"*y\")",
        "process where process.name in~ (\"a*\")",
        "process where process.args == \"*\" or process.args == \"a?b\"",
        "process where process.name like \"cmd.exe\"",
        "process where process.name like~ (\"a\", \"b\")",
        "process where process.name like (\"a\", \"b*\")",
        "process where process.name : (\"cmd.exe\", \"CMD.EXE\", \"x\", \"X\")",
        "process where process.name in (\"a\", \"A\", null)",
        "process where 1 == 2 or process.pid < null",
        "process where user.id == 0",
        "proces where true",
        "\"my-category\" where true",
    ]));
}

#[test]
fn independent_mistakes_are_all_reported() {
    insta::assert_snapshot!(findings(&["sequence by host.id
  [process where process.nme == 1 and lenght(process.name) > 1 and process.pid == \"x\"]
  [file where process.name and cidrMatch(source.ip, \"x\")]",]));
}

/// What Elasticsearch finds out on the first event that comes to it, or never says (`eql-semantics.md` §6.7).
#[test]
fn what_whole_numbers_never_are_is_told() {
    insta::assert_snapshot!(findings(&[
        "process where process.pid == 1.5",
        "process where process.pid != 99999999999999999999999",
        "process where process.pid in (1, 2.5)",
        "process where length(process.name) == 0.5",
        "process where process.pid / 0 == 1",
        "process where modulo(process.pid, 0) == 1",
        "process where substring(process.name, 1.5) == \"b\"",
        "process where indexOf(process.name, \"a\", 0.5) == 1",
    ]));
    for text in [
        "process where process.pid == 2.0 and process.pid > 1.5",
        "process where system.load.norm.1 == 1.5 and ?a.b == 1.5",
        "process where process.pid / 2 == 1 and process.pid / 0.5 > 1",
        "process where substring(process.name, process.pid, null) == \"b\"",
    ] {
        assert!(!findings(&[text]).contains("E10") && !findings(&[text]).contains("W0008"), "{text}");
    }
}
