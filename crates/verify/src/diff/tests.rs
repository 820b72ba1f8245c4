use eqlc_diagnostics::Span;
use eqlc_ir::{
    Body, Case, Category, Comparison, FieldRef, FieldType, Literal, Op, Scalar, Taxonomy, TextPattern,
};
use serde_json::json;

use super::*;
use crate::verdict::Verdict;

/// Matches the events that satisfy a condition.
struct Each(fn(&Json) -> bool);

impl Matcher for Each {
    fn verdicts(&self, streams: &[Vec<Json>]) -> Vec<Option<Verdict>> {
        let one = |stream: &Vec<Json>| {
            let places = stream.iter().enumerate().filter(|(_, event)| (self.0)(event));
            Some(Verdict::of(places.map(|(at, _)| vec![at]).collect()))
        };
        streams.iter().map(one).collect()
    }
}

#[test]
fn the_first_stream_that_shows_the_wanted_difference_is_made_small() {
    let left = Each(|event| event["a"]["b"] == "x" || event["c"] == json!(1));
    let right = Each(|event| event["c"] == json!(1) && event["d"] != json!(true));
    let streams = [
        vec![json!({"@timestamp": "t", "c": 1})],
        vec![
            json!({"@timestamp": "t", "c": 1}),
            json!({"@timestamp": "t", "a": {"b": "x", "e": 1}, "f": [1, 2], "g": {"h": {"i": null}}}),
        ],
    ];
    let found = separate((&left, &right), Way::LeftOnly, &streams, &["@timestamp"]).unwrap();
    assert_eq!(found.events, [json!({"@timestamp": "t", "a": {"b": "x"}})]);
    assert!(found.shows(Way::LeftOnly) && !found.shows(Way::RightOnly));
    assert_eq!(separate((&left, &right), Way::RightOnly, &streams, &[]), None);
    let back = separate((&right, &left), Way::RightOnly, &streams, &["@timestamp"]).unwrap();
    assert_eq!((back.left, back.right), (found.right, found.left));
}

#[test]
fn what_is_left_out_leaves_no_empty_objects_and_no_lists_of_one() {
    let left = Each(|event| event["l"].to_string().contains('7'));
    let right = Each(|_| false);
    let stream = vec![json!({"l": [7, 8], "m": {"n": {"o": 1}}, "p.q": 2})];
    let found = separate((&left, &right), Way::LeftOnly, &[stream], &[]).unwrap();
    assert_eq!(found.events, [json!({"l": 7})]);
}

#[test]
fn a_matcher_that_cannot_be_asked_shows_nothing() {
    struct Mute;
    impl Matcher for Mute {
        fn verdicts(&self, streams: &[Vec<Json>]) -> Vec<Option<Verdict>> {
            streams.iter().map(|_| None).collect()
        }
    }
    let stream = vec![json!({"a": 1})];
    assert_eq!(separate((&Mute, &Each(|_| true)), Way::RightOnly, &[stream], &[]), None);
}

fn field(path: &str, ty: FieldType) -> Scalar {
    Scalar::Field(FieldRef {
        path: path.into(),
        taxonomy: Taxonomy::Ecs,
        ty,
        optional: false,
        span: Span::default(),
    })
}

fn is(path: &str, value: &str) -> Pred {
    let right = Scalar::Literal(Literal::Str(value.into()));
    Pred::test(field(path, FieldType::Keyword), Op::Compare(Comparison::Equal, right), Span::default())
}

fn like(path: &str, pattern: &str) -> Pred {
    let patterns = vec![TextPattern::from_eql(pattern)];
    Pred::test(field(path, FieldType::Keyword), Op::Text(patterns, Case::Sensitive), Span::default())
}

fn number(path: &str, comparison: Comparison, value: i128) -> Pred {
    let right = Scalar::Literal(Literal::Int(value));
    Pred::test(field(path, FieldType::Integer), Op::Compare(comparison, right), Span::default())
}

fn rule(filter: Pred) -> Rule {
    let body = Body::Event(EventQuery { category: Category::Any, filter });
    eqlc_ir::normalise(Rule { id: String::new(), meta: std::sync::Arc::default(), body, pipes: Vec::new() })
}

#[track_caller]
fn relation(left: Pred, right: Pred) -> Relation {
    let (left, right) = (rule(left), rule(right));
    let found = compare(&left, &right);
    for (way, separation) in found.separations() {
        assert!(separation.shows(way));
        assert_eq!(separation.events.len(), 1);
    }
    found.relation()
}

#[test]
fn what_is_distributed_is_the_same() {
    let (a, b, c) = (is("a", "1"), is("b", "2"), is("c", "3"));
    let left = Pred::All(vec![a.clone(), Pred::Any(vec![b.clone(), c.clone()])]);
    let right = Pred::Any(vec![Pred::All(vec![c.clone(), a.clone()]), Pred::All(vec![a.clone(), b.clone()])]);
    assert_eq!(relation(left.clone(), right), Relation::Same);
    assert_eq!(relation(left, Pred::All(vec![a.clone(), b.clone()])), Relation::Wider);
    let list = vec![a, b, c];
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(i, j)| Pred::All(vec![list[i].clone(), list[j].clone()]));
    assert_eq!(relation(Pred::AtLeast(2, list), Pred::Any(pairs.to_vec())), Relation::Same);
}

#[test]
fn patterns_and_numbers_imply_each_other() {
    assert_eq!(relation(like("a", "ab*"), like("a", "a*")), Relation::Narrower);
    assert_eq!(relation(like("a", "a*"), Pred::Any(vec![like("a", "a*"), like("a", "ab*")])), Relation::Same);
    let more = |value| number("n", Comparison::Greater, value);
    assert_eq!(relation(more(5), number("n", Comparison::GreaterOrEqual, 6)), Relation::Same);
    assert_eq!(relation(more(5), more(4)), Relation::Narrower);
    // Another value of the field may satisfy the other test.
    let within = Pred::All(vec![more(5), number("n", Comparison::Less, 3)]);
    assert_ne!(relation(within, Pred::Const(false)), Relation::Same);
}

#[test]
fn two_values_of_a_field_may_satisfy_two_tests() {
    let both = Pred::All(vec![is("a", "1"), is("a", "2")]);
    assert_eq!(relation(both.clone(), Pred::Const(false)), Relation::Wider);
    assert_eq!(relation(both, is("a", "1")), Relation::Narrower);
}

#[test]
fn an_absent_field_satisfies_a_negation() {
    let null = Pred::test(field("a", FieldType::Keyword), Op::IsNull, Span::default());
    let not = is("a", "1").not();
    assert_eq!(relation(not.clone(), Pred::All(vec![not.clone(), null.clone().not()])), Relation::Wider);
    assert_eq!(relation(not, Pred::Any(vec![null, is("a", "1").not()])), Relation::Same);
}

/// Conditions with exponentially many ways to satisfy them, which no two of the same order satisfy.
#[test]
fn many_ways_that_contradict_each_other_are_not_tried_one_by_one() {
    let grid = |swapped: bool| {
        let rows = (0..40).map(|row| {
            let cells = (0..8).map(|cell| is(&format!("f{row}"), &format!("v{cell}")));
            let cells: Vec<Pred> = if swapped { cells.rev().collect() } else { cells.collect() };
            // Not lists of one field, which would be one test.
            let guarded = cells.into_iter().map(|cell| Pred::All(vec![cell, is("g", "x").not()]));
            Pred::Any(guarded.collect())
        });
        Pred::All(rows.collect())
    };
    assert_eq!(relation(grid(false), grid(true)), Relation::Same);
    let without = Pred::All(vec![grid(false), is("h", "y")]);
    assert_eq!(relation(grid(true), without), Relation::Wider);
    let other = Pred::All(vec![grid(true), Pred::Any(vec![is("h", "y"), is("h", "z")])]);
    assert_eq!(relation(Pred::All(vec![grid(false), is("h", "y")]), other), Relation::Narrower);
}

#[test]
fn categories_count() {
    let of = |names: &[&str]| {
        let names = names.iter().map(|name| eqlc_diagnostics::Node::new((*name).to_owned(), Span::default()));
        let query = EventQuery { category: Category::OneOf(names.collect()), filter: is("a", "1") };
        Rule { body: Body::Event(query), ..rule(Pred::Const(true)) }
    };
    assert_eq!(compare(&of(&["x", "y"]), &of(&["y", "x"])).basis, Basis::Structure);
    assert_eq!(compare(&of(&["x", "y"]), &of(&["x"])).relation(), Relation::Wider);
    assert_eq!(compare(&of(&["x"]), &of(&["y"])).relation(), Relation::Crossing);
    assert_eq!(compare(&of(&["x"]), &rule(is("a", "1"))).relation(), Relation::Narrower);
}

#[test]
fn limits_are_part_of_what_a_rule_means() {
    let with = |pipes: Vec<eqlc_ir::Pipe>| Rule { pipes, ..rule(is("a", "1")) };
    let (head, tail) = (with(vec![eqlc_ir::Pipe::Head(2)]), with(vec![eqlc_ir::Pipe::Tail(2)]));
    assert_eq!(compare(&head, &head).relation(), Relation::Same);
    let found = compare(&head, &tail);
    assert_eq!((found.relation(), found.basis), (Relation::Crossing, Basis::Streams));
    assert_eq!(found.left_only.separation().unwrap().events.len(), 3);
}

#[test]
fn what_decides_is_named() {
    let (left, right) = (rule(Pred::All(vec![is("a", "1"), is("b", "2").not()])), rule(is("a", "1")));
    let events = [json!({"a": "1", "b": "2"})];
    let [of_left, of_right] = deciders(&left, &right, &events);
    assert_eq!(
        of_left.iter().map(|it| (it.text.as_str(), it.holds)).collect::<Vec<_>>(),
        [("b:keyword == \"2\"", true)]
    );
    assert_eq!(of_right.len(), 1);
}
