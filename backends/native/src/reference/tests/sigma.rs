//! What only Sigma asks: any field, presence, parts of a time.

use eqlc_diagnostics::Span;
use eqlc_ir::{
    Anywhere, Case, Comparison, FieldType, Function, Literal, Op, Pred, Scalar, Taxonomy, TextPattern,
    TimePart,
};
use serde_json::{Value as Json, json};

use crate::reference::testing::*;

fn anywhere(pattern: &str, case: Case) -> Pred {
    let op = Op::Text(vec![TextPattern::from_eql(pattern)], case);
    Pred::Anywhere(Anywhere { op, span: Span::default() })
}

#[test]
fn text_is_found_in_any_value() {
    let found = |event: Json| holds(anywhere("*mimi*", Case::Insensitive), event);
    assert!(found(json!({"a": "xMIMIx"})));
    assert!(found(json!({"a": {"b": ["x", {"c": "mimi"}]}})));
    // Names of fields are not searched, nor what two values make together.
    assert!(!found(json!({"mimi": "x", "a": ["mi", "mi"]})));
    assert!(!found(json!({})));
    assert!(holds(anywhere("*MIMI*", Case::Sensitive).not(), json!({"a": "mimi"})));
}

#[test]
fn any_value_is_taken_as_its_text() {
    for (pattern, event) in [
        ("4688", json!({"a": 4688})),
        ("true", json!({"a": true})),
        ("1.5", json!({"a": [1.5]})),
        ("-1", json!({"a": -1})),
    ] {
        assert!(holds(anywhere(pattern, Case::Sensitive), event.clone()), "{pattern} {event}");
    }
    assert!(!holds(anywhere("*", Case::Sensitive), json!({"a": null, "b": {"c": []}})));
}

#[test]
fn two_searches_may_be_satisfied_by_two_fields() {
    let both = Pred::All(vec![anywhere("*foo*", Case::Insensitive), anywhere("*bar*", Case::Insensitive)]);
    assert!(holds(both, json!({"a": "foo", "b": "bar"})));
}

#[test]
fn presence_tells_null_from_a_missing_field() {
    let exists = |event: Json| holds(test(field("a.b"), Op::Exists), event);
    for value in [json!(null), json!([]), json!({}), json!(""), json!(0)] {
        assert!(exists(json!({"a": {"b": value}})), "{value}");
    }
    assert!(!exists(json!({"a": {}})));
    assert!(holds(test(field("x"), Op::Exists).not(), json!({"a": 1})));
}

#[test]
fn parts_of_a_time_are_those_of_its_clock() {
    let part = |part, comparison, number, value: Json| {
        let op = Op::TimePart(part, comparison, number);
        holds(test(typed("t", FieldType::Unknown), op), json!({"t": value}))
    };
    let equal = Comparison::Equal;
    let time = "2024-12-30T23:05:06+02:00";
    for (name, number) in [
        (TimePart::Minute, 5),
        (TimePart::Hour, 23),
        (TimePart::Day, 30),
        (TimePart::Week, 1),
        (TimePart::Month, 12),
        (TimePart::Year, 2024),
    ] {
        assert!(part(name, equal, number, json!(time)), "{name:?}");
        assert!(!part(name, equal, number + 1, json!(time)), "{name:?}");
    }
    assert!(part(TimePart::Hour, Comparison::GreaterOrEqual, 22, json!(time)));
    assert!(!part(TimePart::Hour, Comparison::Less, 23, json!(time)));
    assert!(part(TimePart::Hour, equal, 1, json!(3_600_000)));
    assert!(!part(TimePart::Hour, equal, 0, json!("2024-12-30")));
    assert!(!part(TimePart::Hour, equal, 0, json!("soon")));
    assert!(!part(TimePart::Hour, equal, 0, json!(null)));
}

/// A field of Sigma's taxonomy.
fn sigma(path: &str) -> Scalar {
    let field = field_ref(path, FieldType::Unknown);
    Scalar::Field(eqlc_ir::FieldRef { taxonomy: Taxonomy::Sigma, ..field })
}

#[test]
fn values_are_texts_to_sigma() {
    let equal = |value: Json, event: Json| {
        let op = Op::Compare(Comparison::Equal, constant(value));
        holds(test(sigma("a"), op), json!({"a": event}))
    };
    assert!(equal(json!(4688), json!(4688)) && equal(json!(4688), json!("4688")));
    assert!(!equal(json!(4688), json!("4689")) && !equal(json!(4688), json!("04688")));
    assert!(equal(json!(true), json!("true")) && equal(json!("true"), json!(true)));
    let text = |pattern: &str, event: Json| {
        let op = Op::Text(vec![TextPattern::from_eql(pattern)], Case::Insensitive);
        holds(test(sigma("a"), op), json!({"a": event}))
    };
    assert!(text("4688", json!(4688)) && text("46*", json!(4688)) && text("TRUE", json!(true)));
    let one_of = |event: Json| {
        let op = Op::OneOf(vec![Literal::Int(1), Literal::Str("2".into())], Case::Insensitive);
        holds(test(sigma("a"), op), json!({"a": event}))
    };
    assert!([json!(1), json!("1"), json!(2), json!("2")].into_iter().all(one_of));
    assert!(!one_of(json!(3)) && !one_of(json!(null)));
    let more = |event: Json| {
        holds(test(sigma("a"), Op::Compare(Comparison::Greater, constant(9))), json!({"a": event}))
    };
    assert!(more(json!(10)) && more(json!("10")) && !more(json!("9")) && !more(json!("x")));
}

#[test]
fn values_of_two_fields_are_texts_to_sigma() {
    let compared = |comparison, a: Json, b: Json| {
        holds(test(sigma("a"), Op::Compare(comparison, sigma("b"))), json!({"a": a, "b": b}))
    };
    let (equal, alike) = (Comparison::Equal, Comparison::EqualInsensitive);
    assert!(compared(equal, json!(1), json!("1")) && compared(equal, json!("true"), json!(true)));
    assert!(compared(alike, json!("TRUE"), json!(true)) && !compared(equal, json!("TRUE"), json!(true)));
    assert!(compared(alike, json!("a"), json!("A")) && !compared(equal, json!("a"), json!("A")));
    let inside = |function, a: Json, b: Json| {
        let call = Scalar::Call { function, args: vec![sigma("a"), sigma("b")], case: Case::Sensitive };
        holds(test(call, Op::IsTrue), json!({"a": a, "b": b}))
    };
    assert!(inside(Function::StartsWith, json!(4688), json!("46")));
    assert!(inside(Function::EndsWith, json!("x4688"), json!(88)));
    assert!(!inside(Function::StringContains, json!(4688), json!(null)));
}

#[test]
fn fields_of_other_taxonomies_keep_their_kinds() {
    assert!(!holds(equal(field("a"), json!(4688)), json!({"a": "4688"})));
    assert!(!holds(like(field("a"), "46*"), json!({"a": 4688})));
}
