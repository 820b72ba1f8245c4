//! `eql-semantics.md` §6.

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

#[test]
fn date_math_is_an_error_before_any_event() {
    for text in ["now", "now-1d/d", "2020-01-01||+1M"] {
        let date = typed("x", FieldType::Date);
        let one_of = Op::OneOf(vec![Literal::Str(text.to_owned())], Case::Sensitive);
        for pred in [compare(date.clone(), C::Less, text), test(date, one_of)] {
            let inner = test(Scalar::Logic(Box::new(pred.clone())), Op::IsTrue);
            for pred in [pred, inner] {
                let found = try_holds(pred, json!({}));
                assert!(
                    matches!(&found, Err(RunError::DateMath { text: found, .. }) if found == text),
                    "{found:?}"
                );
            }
        }
        assert_eq!(try_holds(equal(field("x"), text), json!({"x": text})), Ok(true));
    }
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

#[test]
fn regular_expressions_without_a_form_are_an_error() {
    let any = || Box::new(RegexNode::Any);
    let huge = (0..3).fold(RegexNode::Any, |node, _| RegexNode::Repeat {
        node: Box::new(node),
        min: 1000,
        max: Some(1000),
    });
    let bad = RegexNode::Class { negated: false, items: vec![ClassItem::Range('z', 'a')] };
    for (root, reason) in [
        (RegexNode::Complement(any()), "complement"),
        (RegexNode::Intersection(vec![]), "intersection"),
        (RegexNode::Interval { low: 1, high: 2, width: 0 }, "interval"),
        (huge, "too large"),
        (bad, "not well formed"),
    ] {
        let pred = test(field("v"), Op::Regex(Regex { root, case: Case::Sensitive }));
        let error = try_holds(pred, json!({})).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
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
