//! `eql-semantics.md` §6.7, §7.

use eqlc_ir::{Case, Function as F, Literal};
use serde_json::{Value as Json, json};

use crate::reference::functions::call;
use crate::reference::testing::literal;

#[track_caller]
fn check(function: F, case: Case, cases: Vec<(Json, Json)>) {
    for (args, wanted) in cases {
        let args: Vec<Literal> = args.as_array().unwrap().iter().map(literal).collect();
        let found = call(function, &args, case);
        assert_eq!(found, literal(&wanted), "{function:?} {args:?}");
    }
}

/// §6.7.
#[test]
fn arithmetic_is_that_of_java_with_null_for_errors() {
    use Case::Sensitive as S;
    check(
        F::Add,
        S,
        vec![
            (json!([1, 2]), json!(3)),
            (json!([1, 2.5]), json!(3.5)),
            (json!([i64::MAX, 1]), json!(9_223_372_036_854_775_808_u64)),
            (json!([u64::MAX, 1]), json!(null)),
            (json!([1e308, 1e308]), json!(null)),
            (json!([1, null]), json!(null)),
            (json!([1, "2"]), json!(null)),
        ],
    );
    check(F::Subtract, S, vec![(json!([1, 2]), json!(-1)), (json!([i64::MIN, 1]), json!(null))]);
    check(F::Multiply, S, vec![(json!([3, -2]), json!(-6)), (json!([u64::MAX, 2]), json!(null))]);
    check(
        F::Divide,
        S,
        vec![
            (json!([7, 2]), json!(3)),
            (json!([-7, 2]), json!(-3)),
            (json!([7, 2.0]), json!(3.5)),
            (json!([7, 0]), json!(null)),
            (json!([7.0, 0]), json!(null)),
        ],
    );
    check(
        F::Modulo,
        S,
        vec![
            (json!([-5, 3]), json!(-2)),
            (json!([5, -3]), json!(2)),
            (json!([5.5, 2]), json!(1.5)),
            (json!([5, 0]), json!(null)),
        ],
    );
    check(
        F::Negate,
        S,
        vec![
            (json!([5]), json!(-5)),
            (json!([1.5]), json!(-1.5)),
            (json!([u64::MAX]), json!(null)),
            (json!(["a"]), json!(null)),
        ],
    );
}

#[test]
fn between_gives_the_text_between_delimiters() {
    check(
        F::Between,
        Case::Sensitive,
        vec![
            (json!(["welcome to event query language", " ", " "]), json!("to")),
            (json!(["welcome to event query language", " ", " ", true]), json!("to event query")),
            (json!(["welcome to event query language", "\"", " "]), json!("")),
            (json!(["welcome to event query language", "to", "x"]), json!("")),
            (json!(["aXbXc", "x", "X"]), json!("")),
            (json!(["", "a", "b"]), json!("")),
            (json!(["abc", "", "c"]), json!("abc")),
            (json!(["abc", null, "c"]), json!("abc")),
            (json!(["abc", "a", null]), json!("abc")),
            (json!([null, "a", "b"]), json!(null)),
            (json!(["abc", "a", "c", null]), json!(null)),
            (json!([5, "a", "c"]), json!(null)),
            (json!(["öaböcö", "a", "ö"]), json!("b")),
            (json!(["x)a(", "(", ")", true]), json!("")),
        ],
    );
    check(F::Between, Case::Insensitive, vec![(json!(["aXbXc", "x", "x"]), json!("b"))]);
}

#[test]
fn cidr_match_is_containment_in_some_range() {
    check(
        F::CidrMatch,
        Case::Sensitive,
        vec![
            (json!(["10.6.48.157", "10.6.48.157/8"]), json!(true)),
            (json!(["10.6.48.157", "192.0.0.0/8", "10.6.48.157"]), json!(true)),
            (json!(["::ffff:10.0.0.1", "10.0.0.0/8"]), json!(true)),
            (json!(["10.6.48.157", "192.0.0.0/8"]), json!(false)),
            (json!(["host", "192.0.0.0/8"]), json!(false)),
            (json!([null, "192.0.0.0/8"]), json!(null)),
        ],
    );
}

#[test]
fn concat_and_string_print_as_java_does() {
    check(
        F::Concat,
        Case::Sensitive,
        vec![
            (json!(["a", 1, 1.0, true]), json!("a11.0true")),
            (json!(["a", null]), json!(null)),
            (json!([]), json!("")),
        ],
    );
    check(
        F::String,
        Case::Sensitive,
        vec![
            (json!([1e7]), json!("1.0E7")),
            (json!([false]), json!("false")),
            (json!(["x"]), json!("x")),
            (json!([null]), json!(null)),
        ],
    );
}

#[test]
fn prefixes_suffixes_and_needles() {
    for function in [F::StartsWith, F::EndsWith] {
        check(
            function,
            Case::Sensitive,
            vec![
                (json!(["aba", "a"]), json!(true)),
                (json!(["aba", "A"]), json!(false)),
                (json!(["aba", ""]), json!(true)),
                (json!(["aba", "abab"]), json!(false)),
                (json!([null, "a"]), json!(null)),
                (json!(["aba", null]), json!(null)),
                (json!([5, "a"]), json!(null)),
            ],
        );
        check(function, Case::Insensitive, vec![(json!(["ÄbÄ", "ä"]), json!(true))]);
    }
    check(
        F::StringContains,
        Case::Sensitive,
        vec![
            (json!(["abc", "b"]), json!(true)),
            (json!(["abc", "B"]), json!(false)),
            (json!(["abc", ""]), json!(false)),
            (json!(["", "a"]), json!(false)),
            (json!(["", ""]), json!(false)),
            (json!([null, "a"]), json!(null)),
        ],
    );
    check(F::StringContains, Case::Insensitive, vec![(json!(["abc", "B"]), json!(true))]);
}

#[test]
fn index_of_counts_code_points() {
    check(
        F::IndexOf,
        Case::Sensitive,
        vec![
            (json!(["some-subdomain.another-subdomain.com", "."]), json!(14)),
            (json!(["some-subdomain.another-subdomain.com", ".", 15]), json!(32)),
            (json!(["ab", "c"]), json!(null)),
            (json!(["ab", "a", -5]), json!(0)),
            (json!(["ab", "b", null]), json!(1)),
            (json!(["ab", "", 1]), json!(1)),
            (json!(["ab", "", 9]), json!(2)),
            (json!(["ab", "a", 9]), json!(null)),
            (json!(["ääb", "b"]), json!(2)),
            (json!([null, "b"]), json!(null)),
            (json!(["ab", "b", "x"]), json!(null)),
        ],
    );
    check(F::IndexOf, Case::Insensitive, vec![(json!(["aB", "b"]), json!(1))]);
}

#[test]
fn length_counts_code_points() {
    check(
        F::Length,
        Case::Sensitive,
        vec![
            (json!([""]), json!(0)),
            (json!(["ä😀"]), json!(2)),
            (json!([5]), json!(null)),
            (json!([null]), json!(null)),
        ],
    );
}

#[test]
fn number_reads_what_a_text_writes() {
    check(
        F::Number,
        Case::Sensitive,
        vec![
            (json!(["1337"]), json!(1337)),
            (json!(["-5"]), json!(-5)),
            (json!(["+5"]), json!(5)),
            (json!(["1.5e3"]), json!(1500.0)),
            (json!(["0x10"]), json!(16)),
            (json!(["0x10", 16]), json!(16)),
            (json!(["ff", 16]), json!(255)),
            (json!(["0x10", 10]), json!(null)),
            (json!(["11", 2]), json!(3)),
            (json!(["11", 1]), json!(null)),
            (json!(["9223372036854775808"]), json!(9_223_372_036_854_775_808.0)),
            (json!(["inf"]), json!(null)),
            (json!(["NaN"]), json!(null)),
            (json!(["1e999"]), json!(null)),
            (json!([""]), json!(null)),
            (json!(["five"]), json!(null)),
            (json!([null]), json!(null)),
            (json!([5]), json!(null)),
        ],
    );
}

#[test]
fn substring_is_a_slice_of_python() {
    check(
        F::Substring,
        Case::Sensitive,
        vec![
            (json!(["hello world", 6]), json!("world")),
            (json!(["hello world", 0, 5]), json!("hello")),
            (json!(["hello world", -5]), json!("world")),
            (json!(["hello world", -5, -1]), json!("worl")),
            (json!(["hello", 3, 2]), json!("")),
            (json!(["hello", 9]), json!("")),
            (json!(["hello", -9, 99]), json!("hello")),
            (json!(["hello", null, 2]), json!("hello")),
            (json!(["hello", 1, null]), json!("ello")),
            (json!(["äöü", 1, 2]), json!("ö")),
            (json!([null, 1]), json!(null)),
            (json!(["hello", "a"]), json!(null)),
        ],
    );
}

#[test]
fn a_wrong_number_of_arguments_gives_null() {
    for function in F::ALL {
        let found = call(*function, &[], Case::Sensitive);
        let wanted = if *function == F::Concat { Literal::Str(String::new().into()) } else { Literal::Null };
        assert_eq!(found, wanted, "{function:?}");
    }
}
