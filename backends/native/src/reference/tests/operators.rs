//! `eql-semantics.md` §6.

use eqlc_events::{DateSpan, Timestamp};
use eqlc_ir::date::DateBound;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{Case, Comparison as C, FieldType, Literal, Op, Pred, Scalar, TextPattern};
use serde_json::{Value as Json, json};

use crate::reference::RunError;
use crate::reference::testing::*;

/// `value comparison constant` for a field of a type.
fn check(ty: FieldType, cases: Vec<(Json, C, Json, bool)>) {
    for (value, comparison, constant, wanted) in cases {
        let pred = compare(typed("x", ty), comparison, constant.clone());
        assert_eq!(holds(pred, json!({"x": value})), wanted, "{value} {comparison} {constant} ({ty:?})");
    }
}

/// §6.1, strings.
#[test]
fn texts_are_exact_and_ordered_by_bytes() {
    for ty in [FieldType::Keyword, FieldType::Unknown] {
        check(
            ty,
            vec![
                (json!("a"), C::Equal, json!("a"), true),
                (json!("A"), C::Equal, json!("a"), false),
                (json!("abc"), C::Equal, json!("a*"), false),
                (json!("Z"), C::Less, json!("a"), true),
                (json!("é"), C::Greater, json!("z"), true),
                (json!("\u{FFFF}"), C::Less, json!("\u{10000}"), true),
                (json!(""), C::Equal, json!(""), true),
            ],
        );
    }
    check(
        FieldType::Keyword,
        vec![(json!(10), C::Equal, json!("10"), true), (json!(10), C::Equal, json!(10), true)],
    );
}

/// §6.1, numbers.
#[test]
fn numbers_are_compared_across_integer_and_float() {
    for ty in [FieldType::Integer, FieldType::Float, FieldType::Unknown] {
        check(
            ty,
            vec![
                (json!(1), C::Equal, json!(1.0), true),
                (json!(1.5), C::Greater, json!(1), true),
                (json!(u64::MAX), C::Greater, json!(i64::MAX), true),
                (json!(9_007_199_254_740_993_i64), C::Equal, json!(9_007_199_254_740_992.0), false),
                (json!(-1), C::LessOrEqual, json!(-1), true),
                (json!("a"), C::Equal, json!(1), false),
                (json!("a"), C::Less, json!(1), false),
            ],
        );
    }
    check(FieldType::Integer, vec![(json!("10"), C::GreaterOrEqual, json!(9), true)]);
    check(
        FieldType::Unknown,
        vec![(json!("10"), C::Equal, json!(10), false), (json!(10), C::Equal, json!("10"), false)],
    );
}

/// §6.1, booleans.
#[test]
fn booleans_may_be_written_as_texts() {
    for ty in [FieldType::Boolean, FieldType::Unknown] {
        check(
            ty,
            vec![
                (json!(true), C::Equal, json!(true), true),
                (json!("true"), C::Equal, json!(true), true),
                (json!("false"), C::Equal, json!(true), false),
                (json!("False"), C::Equal, json!(false), false),
                (json!(1), C::Equal, json!(true), false),
            ],
        );
    }
    check(FieldType::Boolean, vec![(json!(true), C::Equal, json!("true"), true)]);
    check(FieldType::Unknown, vec![(json!(true), C::Equal, json!("true"), false)]);
}

/// §6.1, dates.
#[test]
fn dates_are_instants_and_partial_constants_are_spans() {
    let noon = json!("2020-02-03T12:00:00.000Z");
    check(
        FieldType::Date,
        vec![
            (noon.clone(), C::Equal, json!("2020-02-03"), true),
            (noon.clone(), C::Equal, json!("2020-02"), true),
            (noon.clone(), C::Greater, json!("2020-02-03"), false),
            (noon.clone(), C::GreaterOrEqual, json!("2020-02-03"), true),
            (noon.clone(), C::LessOrEqual, json!("2020-02-03"), true),
            (noon.clone(), C::Less, json!("2020-02-03"), false),
            (noon.clone(), C::Less, json!("2020-02-04"), true),
            (noon.clone(), C::Equal, json!("2020-02-03T13:00:00.000+01:00"), true),
            (noon.clone(), C::Equal, json!(1_580_731_200_000_i64), true),
            (json!(1_580_731_200_000_i64), C::Equal, noon.clone(), true),
            (json!("1580731200000"), C::Equal, noon.clone(), true),
            (json!("2020-02-03T12:00:00.000000001Z"), C::Greater, noon.clone(), true),
            (json!("no date"), C::Less, noon.clone(), false),
            (noon, C::Less, json!("no date"), false),
        ],
    );
    let mirrored = test(constant("2020-02-03"), Op::Compare(C::Less, typed("x", FieldType::Date)));
    assert!(!holds(mirrored.clone(), json!({"x": "2020-02-03T12:00:00Z"})));
    assert!(holds(mirrored, json!({"x": "2020-02-04T00:00:00Z"})));
}

/// Every operator on both sides of both ends of a span, for texts of every kind (`eqlc_ir::date`).
#[test]
fn every_operator_takes_the_end_of_a_span_that_it_should() {
    const NOW: &str = "2024-02-29T13:45:30.500Z";
    for (text, first, last) in [
        ("2024", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59.999999999Z"),
        ("2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z"),
        ("2023-02", "2023-02-01T00:00:00Z", "2023-02-28T23:59:59.999999999Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59.999999999Z"),
        ("2024-02-29T13", "2024-02-29T13:00:00Z", "2024-02-29T13:59:59.999999999Z"),
        ("2024-02-29T13:45", "2024-02-29T13:45:00Z", "2024-02-29T13:45:59.999999999Z"),
        ("2024-02-29T13:45:30+01:00", "2024-02-29T12:45:30Z", "2024-02-29T12:45:30.999999999Z"),
        ("2024-02-29T13:45:30.5", NOW, NOW),
        ("1709214330500", NOW, "2024-02-29T13:45:30.500999999Z"),
        ("now", NOW, NOW),
        ("now/y", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59.999999999Z"),
        ("now/M", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z"),
        ("now/w", "2024-02-26T00:00:00Z", "2024-03-03T23:59:59.999999999Z"),
        ("now/d", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59.999999999Z"),
        ("now/h", "2024-02-29T13:00:00Z", "2024-02-29T13:59:59.999999999Z"),
        ("now/m", "2024-02-29T13:45:00Z", "2024-02-29T13:45:59.999999999Z"),
        ("now/s", "2024-02-29T13:45:30Z", "2024-02-29T13:45:30.999999999Z"),
        ("now-1y", "2023-02-28T13:45:30.5Z", "2023-02-28T13:45:30.5Z"),
        ("2024-01-31||+1M/M", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z"),
    ] {
        let instant = |text: &str, moved: i128| {
            let nanos = DateSpan::parse(text).unwrap().first.nanos() + moved;
            let at = format!("{:09}", nanos.rem_euclid(1_000_000_000));
            let seconds = Timestamp::from_nanos(nanos - nanos.rem_euclid(1_000_000_000)).to_string();
            seconds.replace(".000Z", &format!(".{at}Z"))
        };
        // Before the span, its first instant, its last, behind it; where each operator holds.
        let points = [instant(first, -1), instant(first, 0), instant(last, 0), instant(last, 1)];
        for (comparison, wanted) in [
            (C::Equal, [false, true, true, false]),
            (C::Less, [true, false, false, false]),
            (C::LessOrEqual, [true, true, true, false]),
            (C::Greater, [false, false, false, true]),
            (C::GreaterOrEqual, [false, true, true, true]),
        ] {
            let bound = || Literal::Date(Box::new(DateBound::parse(text).unwrap()));
            let date = || typed("x", FieldType::Date);
            for constant in [bound(), Literal::Str(text.into())] {
                let pred = test(date(), Op::Compare(comparison, Scalar::Literal(constant.clone())));
                let mirrored = test(Scalar::Literal(constant), Op::Compare(comparison.mirrored(), date()));
                let found = points.each_ref().map(|at| holds_at(pred.clone(), json!({"x": at}), NOW));
                assert_eq!(found, wanted, "{comparison} {text} at {points:?}");
                let found = points.each_ref().map(|at| holds_at(mirrored.clone(), json!({"x": at}), NOW));
                assert_eq!(found, wanted, "{comparison} {text} at {points:?}, mirrored");
            }
            if comparison == C::Equal {
                let one_of = test(date(), Op::OneOf(vec![Literal::Null, bound()], Case::Sensitive));
                let found = points.each_ref().map(|at| holds_at(one_of.clone(), json!({"x": at}), NOW));
                assert_eq!(found, wanted, "in {text}");
            }
        }
    }
}

#[test]
fn dates_that_a_run_cannot_know_are_an_error_before_any_event() {
    let needs_now = |found: &Result<bool, RunError>, text: &str| matches!(found, Err(RunError::NoNow { text: found, .. }) if found == text);
    for text in ["now", "now-1d/d"] {
        let date = typed("x", FieldType::Date);
        let one_of = Op::OneOf(vec![Literal::Str(text.into())], Case::Sensitive);
        for pred in [compare(date.clone(), C::Less, text), test(date, one_of)] {
            let inner = test(Scalar::Logic(Box::new(pred.clone())), Op::IsTrue);
            for pred in [pred, inner] {
                let found = try_holds(pred, json!({}));
                assert!(needs_now(&found, text), "{found:?}");
            }
        }
        assert_eq!(try_holds(equal(field("x"), text), json!({"x": text})), Ok(true));
    }
    let far = compare(typed("x", FieldType::Date), C::Less, "2024||+9999y");
    assert!(matches!(try_holds(far, json!({})), Err(RunError::DateRange { .. })));
}

/// §6.1, ip.
#[test]
fn addresses_are_compared_as_addresses() {
    check(
        FieldType::Ip,
        vec![
            (json!("10.0.0.1"), C::Equal, json!("::ffff:10.0.0.1"), true),
            (json!("10.0.0.1"), C::Equal, json!("10.0.0.0/8"), true),
            (json!("11.0.0.1"), C::Equal, json!("10.0.0.0/8"), false),
            (json!("10.0.0.9"), C::Less, json!("10.0.0.10"), true),
            (json!("2001:DB8::1"), C::Equal, json!("2001:db8:0::1"), true),
            (json!("10.0.0.1"), C::Less, json!("10.0.0.0/8"), false),
            (json!("host"), C::Equal, json!("host"), false),
        ],
    );
    check(FieldType::Unknown, vec![(json!("10.0.0.1"), C::Equal, json!("10.0.0.0/8"), false)]);
    let nets = Op::InNet(vec!["10.0.0.0/8".parse().unwrap(), "fe80::/10".parse().unwrap()]);
    let found = |value: Json| holds(test(field("x"), nets.clone()), json!({"x": value}));
    assert!(found(json!("::ffff:10.1.1.1")) && found(json!(["host", "fe80::1"])));
    assert!(!found(json!("host")) && !found(json!(10)));
}

/// §6.1, version.
#[test]
fn versions_have_their_own_order() {
    check(
        FieldType::Version,
        vec![
            (json!("1.11.3"), C::Greater, json!("1.5.0"), true),
            (json!("1.2.4-SNAPSHOT"), C::Less, json!("1.2.4"), true),
            (json!("bad"), C::Greater, json!("99.0.0"), true),
            (json!("bad"), C::Equal, json!("bad"), true),
        ],
    );
}

/// §6.2, §6.3.
#[test]
fn wildcards_match_the_whole_text() {
    for (pattern, value, wanted) in [
        ("a*", json!("ABC"), true),
        ("a", json!("A"), true),
        ("b", json!("abc"), false),
        ("?", json!("ä"), true),
        ("a*c", json!("a\nc"), true),
        ("*", json!(""), true),
        ("*", json!(5), false),
    ] {
        assert_eq!(holds(like(field("x"), pattern), json!({"x": value})), wanted, "{pattern} {value}");
    }
    assert!(holds(like(typed("x", FieldType::Keyword), "*"), json!({"x": 5})));
    let several = Op::Text(vec![TextPattern::from_eql("a*"), TextPattern::from_eql("b")], Case::Sensitive);
    assert!(holds(test(field("x"), several.clone()), json!({"x": "b"})));
    assert!(!holds(test(field("x"), several), json!({"x": "A"})));
}

/// §6.4.
#[test]
fn one_of_is_equality_and_null_items_never_match() {
    let one_of = |items: Json, case| {
        let items = items.as_array().unwrap().iter().map(literal).collect();
        test(field("x"), Op::OneOf(items, case))
    };
    assert!(holds(one_of(json!(["a", 5]), Case::Sensitive), json!({"x": 5.0})));
    assert!(!holds(one_of(json!(["a*"]), Case::Insensitive), json!({"x": "ab"})));
    assert!(holds(one_of(json!(["a*", 1]), Case::Insensitive), json!({"x": "A*"})));
    assert!(holds(one_of(json!(["a*", 1]), Case::Insensitive), json!({"x": 1})));
    assert!(!holds(one_of(json!(["a"]), Case::Sensitive), json!({"x": "A"})));
    assert!(!holds(one_of(json!(["a", null]), Case::Sensitive), json!({})));
    let unknown = Scalar::Logic(Box::new(one_of(json!(["a", null]), Case::Sensitive)));
    assert_eq!(value(&unknown, json!({"x": "b"})), json!(false));
}

/// §6.5.
#[test]
fn regular_expressions_match_the_whole_text() {
    let lower = RegexNode::Class { negated: false, items: vec![ClassItem::Range('a', 'z')] };
    let root = RegexNode::Concat(vec![
        RegexNode::Literal("x".to_owned()),
        RegexNode::Repeat { node: Box::new(lower), min: 1, max: None },
    ]);
    let matching = |case| test(field("v"), Op::Regex(Regex { root: root.clone(), case }));
    for (value, sensitive, insensitive) in [
        (json!("xab"), true, true),
        (json!("Xab"), false, true),
        // Literals fold, ranges do not.
        (json!("xAB"), false, false),
        (json!("xab1"), false, false),
        (json!(5), false, false),
    ] {
        assert_eq!(holds(matching(Case::Sensitive), json!({"v": value})), sensitive, "{value}");
        assert_eq!(holds(matching(Case::Insensitive), json!({"v": value})), insensitive, "{value}");
    }
    let all = test(field("v"), Op::Regex(Regex { root: RegexNode::any_run(), case: Case::Sensitive }));
    assert!(holds(all, json!({"v": "a\nb"})));
}

/// §6.5, the operators that Lucene has alone.
#[test]
fn complements_intersections_and_intervals_are_matched() {
    let literal = |text: &str| RegexNode::Literal(text.to_owned());
    let not = |node| RegexNode::Complement(Box::new(node));
    let letters = RegexNode::Class { negated: false, items: vec![ClassItem::Range('a', 'z')] };
    let word = RegexNode::Repeat { node: Box::new(letters), min: 1, max: None };
    let word_but_ab = RegexNode::Intersection(vec![word, not(literal("ab"))]);
    for (root, case, value, wanted) in [
        (word_but_ab.clone(), Case::Sensitive, "abc", true),
        (word_but_ab.clone(), Case::Sensitive, "ab", false),
        (word_but_ab.clone(), Case::Sensitive, "ABC", false),
        (word_but_ab, Case::Insensitive, "ABC", false),
        (not(literal("ab")), Case::Insensitive, "AB", false),
        (not(literal("ab")), Case::Sensitive, "AB", true),
        (RegexNode::Interval { low: 8, high: 12, width: 0 }, Case::Sensitive, "0010", true),
        (RegexNode::Interval { low: 8, high: 12, width: 2 }, Case::Sensitive, "9", false),
        (RegexNode::Nothing, Case::Sensitive, "", false),
        (
            RegexNode::Class { negated: false, items: vec![ClassItem::Range('z', 'a')] },
            Case::Sensitive,
            "m",
            false,
        ),
    ] {
        let pred = test(field("v"), Op::Regex(Regex { root, case }));
        assert_eq!(holds(pred.clone(), json!({"v": value})), wanted, "{pred:?} {value}");
    }
}

#[test]
fn regular_expressions_that_are_too_large_are_an_error() {
    let repeat = |node| RegexNode::Repeat { node: Box::new(node), min: 1000, max: Some(1000) };
    let huge = (0..3).fold(RegexNode::Any, |node, _| repeat(node));
    for root in [huge.clone(), RegexNode::Complement(Box::new(huge))] {
        let pred = test(field("v"), Op::Regex(Regex { root, case: Case::Sensitive }));
        let error = try_holds(pred, json!({})).unwrap_err();
        assert!(error.to_string().contains("too large"), "{error}");
    }
}

/// The docs of [`C::EqualInsensitive`]: texts by Unicode's simple folding, everything else as `==`.
#[test]
fn texts_of_two_fields_are_equal_in_any_letter_case() {
    let alike = |ty: FieldType, a: Json, b: Json| {
        let tests = [(C::EqualInsensitive, true), (C::Equal, false)].map(|(comparison, alike)| {
            let pred = test(typed("a", ty), Op::Compare(comparison, typed("b", ty)));
            (holds(pred, json!({"a": a, "b": b})), alike)
        });
        assert!(!tests[1].0 || tests[0].0, "`==` holds and `==~` does not: {a} {b}");
        tests[0].0
    };
    let text = FieldType::Keyword;
    assert!(alike(text, json!("Cmd.EXE"), json!("cmd.exe")) && alike(text, json!("ÄÖ"), json!("äö")));
    assert!(!alike(text, json!("straße"), json!("STRASSE")) && !alike(text, json!("a"), json!("b")));
    assert!(alike(text, json!(["x", "A"]), json!(["y", "a"])) && !alike(text, json!([]), json!("a")));
    assert!(!alike(text, json!(null), json!(null)));
    let unknown = FieldType::Unknown;
    assert!(alike(unknown, json!(1), json!(1.0)) && alike(unknown, json!("A"), json!("a")));
    assert!(!alike(unknown, json!(1), json!("1")));
    assert!(alike(FieldType::Ip, json!("::FFFF"), json!("::ffff")));
    assert!(!alike(FieldType::Version, json!("1.0-A"), json!("1.0-a")));
    let unknown =
        is_null(Scalar::Logic(Box::new(test(field("a"), Op::Compare(C::EqualInsensitive, field("b"))))));
    assert!(holds(unknown.clone(), json!({"a": 1})) && !holds(unknown, json!({"a": 1, "b": 2})));
}

/// The docs of [`Op::Compare`]: a null on either side is null, and a function's result is what it is.
#[test]
fn comparisons_of_two_fields_and_of_nulls() {
    let smaller = test(field("a"), Op::Compare(C::Less, field("b")));
    assert!(holds(smaller.clone(), json!({"a": [5, 1], "b": 2})));
    assert!(!holds(smaller.clone(), json!({"a": 1})));
    assert!(holds(is_null(Scalar::Logic(Box::new(smaller))), json!({"a": 1})));
    assert!(!holds(test(field("a"), Op::Compare(C::Equal, constant(Json::Null))), json!({})));
    assert!(!holds(Pred::test(constant(Json::Null), Op::IsTrue, Default::default()), json!({})));
}
