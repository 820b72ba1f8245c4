//! Explanations: they say what the evaluator says, and why.

use std::fmt::Write;

use eqlc_events::Event;
use eqlc_ir::{Body, Comparison, FieldType, Function, Op, Pred, Rule};
use proptest::prelude::*;
use serde_json::json;

use crate::reference::explain::{
    AnswerKind, Answers, Course, End, Finding, SequenceCourse, What, coverage, explain,
};
use crate::reference::testing::*;
use crate::reference::{RunOptions, run};

/// The finding of a condition on an event.
fn finding(pred: Pred, json: serde_json::Value) -> Finding {
    let explained =
        explain(&rule(Body::Event(query(pred))), &[event(json)], &RunOptions::default(), 1).unwrap();
    explained.queries[0].events[0].finding.clone()
}

/// A line for each condition, `<-` behind the cause.
fn tree(finding: &Finding) -> String {
    fn write(finding: &Finding, cause: Option<&[usize]>, depth: usize, out: &mut String) {
        let sign = if finding.holds { '+' } else { '-' };
        let text = match &finding.what {
            What::Test { text, seen, result, .. } => {
                let seen: Vec<String> =
                    seen.iter().map(|seen| format!("{}={:?}", seen.field, seen.values)).collect();
                let result = result.as_ref().map_or(String::new(), |result| format!(" => {result:?}"));
                format!("{text} [{}]{result}", seen.join(" "))
            }
            other => format!("{other:?}"),
        };
        let arrow = if cause.is_some_and(<[usize]>::is_empty) { " <-" } else { "" };
        writeln!(out, "{:indent$}{sign} {text}{arrow}", "", indent = depth * 2).unwrap();
        for (at, part) in finding.parts.iter().enumerate() {
            let path = cause.and_then(|path| path.split_first()).filter(|(next, _)| **next == at);
            write(part, path.map(|(_, rest)| rest), depth + 1, out);
        }
    }
    let mut out = String::new();
    write(finding, Some(&finding.cause()), 0, &mut out);
    out
}

fn is(field_name: &str, value: &str) -> Pred {
    equal(field(field_name), value)
}

#[test]
fn the_first_condition_that_fails_is_the_cause() {
    let pred = Pred::All(vec![is("a", "1"), is("b", "2"), is("c", "3")]);
    insta::assert_snapshot!(tree(&finding(pred, json!({"a": "1", "b": ["x", "y"], "d": 1}))), @r#"
    - All
      + a:unknown == "1" [a=[Str("1")]]
      - b:unknown == "2" [b=[Str("x"), Str("y")]] <-
      - c:unknown == "3" [c=[]]
    "#);
}

#[test]
fn of_alternatives_the_nearest_one_is_the_cause() {
    let near = Pred::All(vec![is("a", "1"), is("b", "2")]);
    let far = Pred::All(vec![is("c", "3"), is("d", "4")]);
    insta::assert_snapshot!(tree(&finding(Pred::Any(vec![far, near]), json!({"a": "1"}))), @r#"
    - Any
      - All
        - c:unknown == "3" [c=[]]
        - d:unknown == "4" [d=[]]
      - All
        + a:unknown == "1" [a=[Str("1")]]
        - b:unknown == "2" [b=[]] <-
    "#);
}

#[test]
fn a_negation_fails_because_of_what_holds_in_it() {
    let pred = Pred::All(vec![is("a", "1"), Pred::Any(vec![is("b", "x"), is("c", "y")]).not()]);
    insta::assert_snapshot!(tree(&finding(pred, json!({"a": "1", "c": "y"}))), @r#"
    - All
      + a:unknown == "1" [a=[Str("1")]]
      - Not
        + Any
          - b:unknown == "x" [b=[]]
          + c:unknown == "y" [c=[Str("y")]] <-
    "#);
}

#[test]
fn a_function_shows_what_it_came_to() {
    let length = call(Function::Length, vec![typed("name", FieldType::Keyword)]);
    let pred = compare(length, Comparison::Greater, 5);
    insta::assert_snapshot!(tree(&finding(pred, json!({"name": "cmd"}))), @r#"- length(name:keyword) > 5 [name=[Str("cmd")]] => Int(3) <-"#);
}

#[test]
fn events_nearest_to_a_query_come_first() {
    let pred = Pred::All(vec![is("a", "1"), is("b", "2"), is("c", "3")]);
    let events = events(json!([{}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}, {"a": "1", "c": "3"}]));
    let explained = explain(&rule(Body::Event(query(pred))), &events, &RunOptions::default(), 3).unwrap();
    let places: Vec<usize> = explained.queries[0].events.iter().map(|event| event.event).collect();
    assert_eq!(places, [2, 3, 1]);
    assert_eq!(explained.queries[0].satisfied_by, 1);
}

/// The course of a sequence by `k`.
fn course(steps: &str, until: Option<&str>, maxspan_ms: Option<u64>, text: &str) -> Option<SequenceCourse> {
    let body = Body::Sequence(sequence(steps, until, maxspan_ms));
    let explained = explain(&rule(body), &stream(text), &RunOptions::default(), 1).unwrap();
    match explained.course {
        Course::Sequence(course) => course,
        other => panic!("{other:?}"),
    }
}

/// The events that came together and how it ended.
fn fate(steps: &str, until: Option<&str>, maxspan_ms: Option<u64>, text: &str) -> (Vec<usize>, End) {
    let course = course(steps, until, maxspan_ms, text).unwrap();
    (course.filled.iter().map(|(_, event)| *event).collect(), course.end)
}

#[test]
fn a_sequence_says_how_far_it_came_and_why_it_ended() {
    assert_eq!(fate("a b", None, None, "1:a 2:b"), (vec![0, 1], End::Complete));
    assert_eq!(fate("a b c", None, None, "1:a 2:b 3:x"), (vec![0, 1], End::Unfinished));
    assert_eq!(fate("a b", None, Some(10), "0:a 13:b"), (vec![0], End::TooLate { event: 1, over_ms: 3 }));
    assert_eq!(fate("a b", Some("u"), None, "0:a 1:u 2:b"), (vec![0], End::Until { event: 1 }));
    assert_eq!(
        fate("a !x b", None, None, "0:a 1:x 2:b"),
        (vec![0, 2], End::NotMissing { event: 1, step: 1 })
    );
    assert_eq!(
        fate("a b !x", None, Some(10), "0:a 1:b 5:x"),
        (vec![0, 1], End::NotMissing { event: 2, step: 2 })
    );
    assert_eq!(course("a b", None, None, "1:b 2:b"), None);
}

#[test]
fn the_partial_with_a_reason_is_told_before_a_later_one_without() {
    assert_eq!(
        fate("a b c", None, Some(10), "0:a 1:b 20:c 30:a 31:b"),
        (vec![0, 1], End::TooLate { event: 2, over_ms: 10 })
    );
}

#[test]
fn events_under_other_keys_are_named() {
    let course = course("a b", None, None, "1:b/z 2:a/k 3:b/x 4:b/y").unwrap();
    let others: Vec<usize> = course.other_keys.iter().map(|(event, _)| *event).collect();
    assert_eq!((course.next, others, course.end), (Some(1), vec![2, 3], End::Unfinished));
}

#[test]
fn samples_show_what_each_key_has() {
    let body = Body::Sample(sample(&["k"], "a b"));
    let explained = explain(&rule(body), &stream("1:a/x 2:a/y 3:b/y"), &RunOptions::default(), 5).unwrap();
    let Course::Keys(keys) = explained.course else { panic!("a sample has keys") };
    let events: Vec<_> = keys.into_iter().map(|key| key.events).collect();
    assert_eq!(events, [vec![vec![1], vec![2]], vec![vec![0], vec![]]]);
}

fn leaf() -> impl Strategy<Value = Pred> {
    ("[abc]", "[12]").prop_map(|(name, value)| is(&name, &value))
}

fn condition() -> impl Strategy<Value = Pred> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Pred::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Pred::Any),
            (1..3usize, prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(n, list)| Pred::AtLeast(n, list)),
            inner.prop_map(Pred::not),
        ]
    })
}

/// The condition that a path leads to.
fn at<'a>(finding: &'a Finding, path: &[usize]) -> &'a Finding {
    path.iter().fold(finding, |finding, at| &finding.parts[*at])
}

proptest! {
    /// An explanation says what a run says, and its cause is a test.
    #[test]
    fn explanations_agree_with_runs(
        pred in condition(),
        events in prop::collection::vec(prop::collection::btree_map("[abc]", "[12]", 0..3), 1..4),
    ) {
        let events: Vec<Event> = events.into_iter().map(|fields| event(json!(fields))).collect();
        let rule: Rule = rule(Body::Event(query(pred)));
        let options = RunOptions::default();
        let matched: Vec<usize> = run(&rule, &events, &options).unwrap().iter().filter_map(|found| found.events[0]).collect();
        let explained = explain(&rule, &events, &options, 10).unwrap();
        prop_assert_eq!(explained.queries[0].satisfied_by, matched.len());
        for explained in &explained.queries[0].events {
            let finding = &explained.finding;
            prop_assert_eq!(finding.holds, matched.contains(&explained.event));
            prop_assert_eq!(finding.distance(true) == 0, finding.holds);
            let cause = at(finding, &finding.cause());
            let is_test = matches!(&cause.what, What::Test { .. });
            // A count that too few alternatives can reach has no part to blame.
            prop_assert!(is_test || cause.parts.iter().all(|part| part.holds != cause.holds));
        }
    }
}

#[test]
fn tests_of_presence_see_what_there_is() {
    let pred = test(field("a"), Op::IsNull);
    insta::assert_snapshot!(tree(&finding(pred, json!({"a": 1}))), @"- a:unknown is-null [a=[Int(1)]] <-");
}

/// A line for each condition with how often it held and failed.
fn answers(answers: &Answers) -> String {
    fn write(answers: &Answers, depth: usize, out: &mut String) {
        let text = match &answers.kind {
            AnswerKind::Test { text, .. } => text.clone(),
            other => format!("{other:?}"),
        };
        let (held, failed) = (answers.held, answers.failed);
        writeln!(out, "{:indent$}{text} +{held} -{failed}", "", indent = depth * 2).unwrap();
        answers.parts.iter().for_each(|part| write(part, depth + 1, out));
    }
    let mut out = String::new();
    write(answers, 0, &mut out);
    out
}

#[test]
fn every_part_of_a_condition_is_asked_of_every_event_of_its_category() {
    let pred = Pred::Any(vec![
        Pred::All(vec![is("a", "1"), is("b", "2")]),
        Pred::not(Pred::All(vec![is("c", "3")])),
    ]);
    let rule = rule(Body::Event(query(pred)));
    let events = [json!({"a": "1"}), json!({"a": "1", "b": "2", "c": "3"}), json!({"c": "3"})].map(event);
    let covered = coverage(&rule, &events, &RunOptions::default()).unwrap();
    assert_eq!(covered.len(), 1);
    assert_eq!(covered[0].satisfied, 2);
    insta::assert_snapshot!(answers(&covered[0].condition), @r#"
    Any +2 -1
      All +1 -2
        a:unknown == "1" +2 -1
        b:unknown == "2" +1 -2
      Not +1 -2
        c:unknown == "3" +2 -1
    "#);
    let mut sum = covered[0].condition.clone();
    sum.add(&covered[0].condition);
    assert_eq!((sum.held, sum.failed, sum.parts[1].parts[0].held), (4, 2, 4));
}
