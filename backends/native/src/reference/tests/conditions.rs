//! `eql-semantics.md` §4, §5.

use eqlc_ir::{Category, Comparison, EventQuery, FieldType, Function, LogSource, Op, Pred, Scalar};
use serde_json::{Value as Json, json};

use crate::reference::testing::*;
use crate::reference::{RunError, RunOptions, run};

fn every_test_of_x() -> Vec<Pred> {
    vec![
        equal(field("x"), "a"),
        compare(field("x"), Comparison::Greater, 1),
        like(field("x"), "a*"),
        test(field("x"), Op::OneOf(vec![literal(&json!("a"))], eqlc_ir::Case::Sensitive)),
        test(call(Function::StartsWith, vec![field("x"), constant("a")]), Op::IsTrue),
        test(field("x"), Op::InNet(vec!["10.0.0.0/8".parse().unwrap()])),
    ]
}

/// §4.2, §5.1, §5.3: null, empty and absent are no value; a test without a value is false, its negation true.
#[test]
fn a_test_without_a_value_is_false_and_its_negation_true() {
    for pred in every_test_of_x() {
        for missing in [json!({}), json!({"x": null}), json!({"x": []}), json!({"x": [null]})] {
            assert!(!holds(pred.clone(), missing.clone()), "{pred:?}");
            assert!(holds(pred.clone().not(), missing), "{pred:?}");
        }
    }
}

/// §5.4: two tests choose independently, one test once for each field.
#[test]
fn a_test_is_existential_over_values() {
    let both = Pred::All(vec![
        compare(field("a"), Comparison::Greater, 5),
        compare(field("a"), Comparison::Less, 10),
    ]);
    assert!(holds(both, json!({"a": [1, 20]})));
    assert!(!holds(equal(field("a"), "x").not(), json!({"a": ["x", "y"]})));
    assert!(holds(equal(field("a"), "x").not(), json!({"a": ["z", "y"]})));
    let pair = equal(call(Function::Concat, vec![field("a"), field("b")]), "23");
    assert!(holds(pair, json!({"a": [1, 2], "b": [3, 4]})));
}

/// §5.4: one field twice in a test is the same choice.
#[test]
fn one_field_twice_is_the_same_choice() {
    let doubled = call(Function::Add, vec![field("a"), field("a")]);
    assert!(!holds(equal(doubled.clone(), 5), json!({"a": [2, 3]})));
    assert!(holds(equal(doubled, 6), json!({"a": [2, 3]})));
    let same = test(field("a"), Op::Compare(Comparison::Less, field("a")));
    assert!(!holds(same, json!({"a": [1, 2]})));
}

/// §5.5: Kleene's logic inside a test, on one choice.
#[test]
fn conditions_used_as_values_are_three_valued() {
    let x = || equal(field("x"), 1);
    let (yes, no) = (Pred::Const(true), Pred::Const(false));
    let value = |pred: Pred, json: Json| value(&Scalar::Logic(Box::new(pred)), json);
    for (pred, wanted) in [
        (x(), Json::Null),
        (x().not(), Json::Null),
        (Pred::All(vec![x(), no.clone()]), json!(false)),
        (Pred::All(vec![x(), yes.clone()]), Json::Null),
        (Pred::Any(vec![x(), yes.clone()]), json!(true)),
        (Pred::Any(vec![x(), no.clone()]), Json::Null),
        (Pred::AtLeast(2, vec![x(), yes.clone(), no.clone()]), Json::Null),
        (Pred::AtLeast(2, vec![x(), no.clone(), no.clone()]), json!(false)),
        (Pred::AtLeast(2, vec![x(), yes.clone(), yes]), json!(true)),
        (is_null(field("x")), json!(true)),
        (Pred::All(vec![]), json!(true)),
        (Pred::Any(vec![]), json!(false)),
    ] {
        assert_eq!(value(pred.clone(), json!({})), wanted, "{pred:?}");
    }
    let same = Pred::All(vec![equal(field("x"), 1), equal(field("x"), 2)]);
    assert!(!holds(test(Scalar::Logic(Box::new(same)), Op::IsTrue), json!({"x": [1, 2]})));
}

/// §5.6: null tests are always true or false.
#[test]
fn null_tests_are_never_null() {
    assert!(holds(is_null(field("x")), json!({})));
    assert!(!holds(is_null(field("x")), json!({"x": [1, null]})));
    assert!(holds(is_null(field("x")).not(), json!({"x": 1})));
    assert!(holds(is_null(constant(Json::Null)), json!({})));
    let logic = Scalar::Logic(Box::new(compare(field("exit_code"), Comparison::Greater, -1)));
    assert!(holds(is_null(logic.clone()), json!({})));
    assert!(!holds(is_null(logic), json!({"exit_code": -5})));
    // On several values: some choice gives null.
    let divided = call(Function::Divide, vec![constant(1), field("x")]);
    assert!(holds(is_null(divided), json!({"x": [1, 0]})));
}

/// §5.7: a boolean field is an ordinary value.
#[test]
fn false_is_not_absence_for_a_boolean_field() {
    let is_false = equal(typed("f", FieldType::Boolean), false);
    assert!(!holds(is_false.clone(), json!({})));
    assert!(holds(is_false, json!({"f": false})));
}

/// The docs of `Pred`.
#[test]
fn the_tree_is_two_valued() {
    let (yes, no) = (Pred::Const(true), Pred::Const(false));
    for (pred, wanted) in [
        (Pred::All(vec![]), true),
        (Pred::Any(vec![]), false),
        (Pred::AtLeast(0, vec![]), true),
        (Pred::AtLeast(1, vec![]), false),
        (Pred::AtLeast(2, vec![yes.clone(), no.clone(), yes.clone()]), true),
        (Pred::AtLeast(2, vec![yes.clone(), no.clone(), no.clone()]), false),
        (Pred::All(vec![yes.clone(), no.clone()]), false),
        (Pred::Any(vec![yes, no.clone()]), true),
        (no.not(), true),
    ] {
        assert_eq!(holds(pred.clone(), json!({})), wanted, "{pred:?}");
    }
}

/// §12: category equality is exact and any-value; `any` adds no condition.
#[test]
fn a_category_is_some_value_of_its_field() {
    let found = |category: Category, json: Json| {
        let body = eqlc_ir::Body::Event(EventQuery { category, filter: Pred::Const(true) });
        run_shown(body, &[event(json)])
    };
    let process = || of_category(&["process", "file"]);
    assert_eq!(found(process(), json!({"event": {"category": ["x", "process"]}})), "[0]");
    assert_eq!(found(process(), json!({"event.category": "Process"})), "");
    assert_eq!(found(process(), json!({})), "");
    assert_eq!(found(Category::Any, json!({})), "[0]");
    let options = RunOptions { category_field: "type".to_owned(), ..RunOptions::default() };
    let body = eqlc_ir::Body::Event(EventQuery { category: process(), filter: Pred::Const(true) });
    assert_eq!(run(&rule(body), &[event(json!({"type": "file"}))], &options).unwrap().len(), 1);
}

/// A part that the log source does not name does not matter.
#[test]
fn a_log_source_is_what_the_event_says_of_itself() {
    let source =
        LogSource { product: Some("windows".into()), service: Some("security".into()), category: None };
    let body =
        eqlc_ir::Body::Event(EventQuery { category: Category::LogSource(source), filter: Pred::Const(true) });
    let events = events(json!([
        {"logsource": {"product": "windows", "service": "security", "category": "c"}},
        {"logsource": {"product": "windows"}},
        {"logsource.product": "windows", "logsource.service": "security"},
        {}
    ]));
    assert_eq!(run_shown(body, &events), "[0] [2]");
}

#[test]
fn too_many_choices_are_an_error() {
    let many: Vec<i64> = (0..400).collect();
    let sum = call(Function::Add, vec![field("a"), field("b")]);
    let found = try_holds(equal(sum, -1), json!({"a": many, "b": many}));
    assert!(matches!(found, Err(RunError::TooManyChoices { event: 0, .. })), "{found:?}");
    // Also where the result hangs on what stands before it, by the order of writing.
    let sum = || equal(call(Function::Add, vec![field("a"), field("b")]), -1);
    let event = json!({"a": (0..400).collect::<Vec<i64>>(), "b": (0..400).collect::<Vec<i64>>(), "c": 1});
    let all = |first| Pred::All(vec![equal(field("c"), first), sum()]);
    let any = |first| Pred::Any(vec![equal(field("c"), first), sum()]);
    for pred in [all(1), all(2), any(1), any(2)] {
        let found = try_holds(pred.clone(), event.clone());
        assert!(matches!(found, Err(RunError::TooManyChoices { event: 0, .. })), "{found:?}");
    }
}

fn nested(levels: usize) -> [Pred; 3] {
    let mut nots = equal(field("x"), 1);
    let mut lists = equal(field("x"), 1);
    let mut logic = equal(field("x"), 1);
    for _ in 0..levels {
        nots = nots.not();
        lists = Pred::Any(vec![lists]);
    }
    for _ in 0..levels / 2 {
        logic = test(Scalar::Logic(Box::new(logic)), Op::IsTrue);
    }
    [nots, lists, logic]
}

#[test]
fn nesting_is_bounded_before_the_call_stack_is() {
    for pred in nested(396) {
        assert_eq!(try_holds(pred, json!({"x": 1})), Ok(true));
    }
    for pred in nested(800) {
        assert_eq!(try_holds(pred, json!({"x": 1})), Err(RunError::TooDeep));
    }
}
