//! `eql-semantics.md` §14: one test a bullet, and what is refused.

use super::{compile, compile_endpoint};

/// Each query of the dialect with its IR, or what is said of it.
fn outcomes(queries: &[&str]) -> String {
    let shown = |text: &&str| {
        let outcome = compile_endpoint(text);
        let result = if outcome.lowered.is_some() { outcome.ir() } else { outcome.findings() };
        format!("> {text}\n{result}\n")
    };
    queries.iter().map(shown).collect()
}

#[test]
fn descendant_of_is_a_condition_anywhere_in_the_tree() {
    insta::assert_snapshot!(outcomes(&[
        r#"process where process.name == "a" and not (descendant of [file where file.name == "b"] or process.pid == 1)"#,
        r#"process where (descendant of [process where true]) == false"#,
        r#"any where descendant of [any where descendant of [process where process.name : "c*"]]"#,
    ]));
}

#[test]
fn an_array_search_names_the_element() {
    insta::assert_snapshot!(outcomes(&[
        r#"api where _arraysearch(process.thread.Ext.call_stack, $entry, $entry.symbol_info : "x*" and $entry.size > 2 and user.id == "5")"#,
        r#"api where not _arraysearch(process.thread.Ext.call_stack, $c, startsWith~($c.symbol_info, "a") or $c.trusted)"#,
        r#"api where _ArraySearch(a.b, $x, _arraysearch(a.c, $y, $x == $y.z)) == true"#,
    ]));
}

#[test]
fn a_later_term_looks_back_at_an_earlier_one() {
    insta::assert_snapshot!(outcomes(&[
        r#"sequence by user.id with maxspan=1m [file where true] by file.path as event0 [process where process.name == "x"] by process.executable as event1 [process where process.pid != event0.process.pid and event1.process.name != null and startsWith~(process.command_line, event0.file.path)] by process.executable until [process where process.entity_id == event0.process.entity_id] by process.executable"#,
    ]));
}

#[test]
fn fields_are_compared_with_each_other_and_text_with_numbers() {
    insta::assert_snapshot!(outcomes(&[
        "file where file.path != file.Ext.original.path and process.pid >= process.parent.pid + 1",
        "process where user.id >= 1000 and user.id == 0 and group.id in (0, 1) and not (user.id < 5)",
    ]));
}

#[test]
fn a_name_of_no_term_is_not_taken_for_a_field_without_values() {
    insta::assert_snapshot!(outcomes(&[
        "sequence [file where true] as event0 [process where process.executable == event1.file.path]",
        "sequence [file where true] as ev0 [file where true] as ev1 [process where ev2.file.path != null]",
        "process where event0.file.path == process.executable",
        "sequence by event0.process.pid [process where true] as event0 [process where true]",
        "sequence [process where true] by process.pid as event0 [process where true] by event0.process.pid",
        "sequence [file where true] as process [process where process.name == process.executable]",
        "api where _arraysearch(a.b, $x, _arraysearch($x.c, $y, $y.d == 1))",
    ]));
    // Elements of arrays and fields of the user may end in digits.
    for text in ["any where evt1.x == 1", "any where event.x1 == 1", "any where eventx.y == 1"] {
        assert_eq!(compile_endpoint(text).codes(), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn sequences_need_no_key_and_unknown_names_are_no_findings() {
    let text = "sequence with maxspan=1m [api where a.b.c == 1] [credential_access where x.y] until [persistance where true]";
    let outcome = compile_endpoint(text);
    assert_eq!(outcome.codes(), Vec::<&str>::new());
    insta::assert_snapshot!(outcome.ir());
}

#[test]
fn names_stand_for_something_where_they_are_used() {
    insta::assert_snapshot!(outcomes(&[
        "sequence [file where event0.file.path == file.name] as event0 [process where true]",
        "sequence [file where event1.file.path == file.name] as event0 [process where true] as event1",
        "sequence [file where true] as a [file where true] as a",
        "sequence [file where true] as a [process where descendant of [file where file.path == a.file.path]]",
        "process where $entry.x == 1",
        "process where _arraysearch(a, $x, true) and $x.y == 1",
        "process where _arraysearch(a, $x, descendant of [any where $x.y == 1])",
    ]));
}

#[test]
fn array_searches_are_written_with_three_arguments_and_are_no_values() {
    insta::assert_snapshot!(outcomes(&[
        "process where _arraysearch(a, $x)",
        r#"process where _arraysearch("a", $x, true)"#,
        "process where _arraysearch(a, $x.y, true)",
        "process where _arraysearch(a, b, true)",
        "process where length(_arraysearch(a, $x, true)) == 1",
        "process where (process.pid == 1 and _arraysearch(a, $x, true)) == null",
        "process where concat(descendant of [process where true]) == null",
        "process where child of [process where true]",
    ]));
}

#[test]
fn elsewhere_the_constructs_are_refused() {
    for text in [
        "process where _arraysearch(a, b, true)",
        "sequence [file where true] as event0 [process where true]",
        "process where descendant of [process where true]",
        "process where $x.y == 1",
        "file where file.path == file.name",
    ] {
        assert!(compile(text).lowered.is_none(), "{text}");
    }
}
