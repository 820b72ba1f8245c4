//! What machines remember is bounded, and what they give up is counted.

use eqlc_events::Event;
use eqlc_ir::{
    Aggregate, Body, Bound, Correlated, Correlation, CorrelationCondition, CorrelationKind, FieldType,
    GroupKey, Literal, Pred, Relation, Rule, Source,
};
use serde_json::json;

use super::harness::{Answers, Driven, Plain, of_rule, stream};
use crate::engine::{Given, PartialLimits, StreamOptions};
use crate::reference::RunOptions;
use crate::reference::testing;
use crate::reference::testing::{equal, events, field, field_ref, query, rule, sequence, step};

fn at_once() -> StreamOptions {
    StreamOptions { disorder_ms: Some(0), ..StreamOptions::default() }
}

fn limited(per_rule: usize, total: usize) -> StreamOptions {
    StreamOptions { partials: PartialLimits { per_rule, total }, ..at_once() }
}

fn run(rules: &[&Rule], events: &[Event<'static>], options: &StreamOptions) -> (Vec<String>, Given) {
    let plain = RunOptions::default();
    let listed: Vec<_> = rules.iter().map(|rule| (*rule, &plain)).collect();
    let (found, given) = stream(&listed, events, options, 1).unwrap();
    let shown = (0..rules.len()).map(|rule| {
        let events =
            |events: Vec<Option<usize>>| format!("{:?}", events.iter().flatten().collect::<Vec<_>>());
        of_rule(&found, rule).into_iter().map(|(all, _)| events(all)).collect::<Vec<_>>().join(" ")
    });
    (shown.collect(), given)
}

/// `a`, `b`, … of so many keys, one event a key and millisecond.
fn many(is: &str, keys: std::ops::Range<usize>, from: usize) -> String {
    keys.map(|key| format!("{}:{is}/k{key} ", from + key)).collect()
}

/// After each event: the matches given so far, and how much is remembered.
fn course(rule: &Rule, events: &[Event<'static>], options: &StreamOptions) -> Vec<(usize, usize)> {
    let plain = RunOptions::default();
    let mut machines = Driven::new(&[(0, rule, &plain)], options).unwrap();
    let answers = Answers::new(machines.plan().questions(), &[&plain]);
    let mut out = Vec::new();
    let mut course = Vec::new();
    for (ordinal, event) in (0..).zip(events) {
        machines.event(&answers.of(event), &Plain { event, ordinal }, &mut out);
        course.push((out.len(), machines.remembered()));
    }
    assert_eq!(*machines.given(), Given::default());
    course
}

#[test]
fn the_oldest_partials_of_a_rule_are_dropped_and_counted() {
    let rule = rule(Body::Sequence(sequence("a b", None, None)));
    let text = many("a", 0..6, 0) + &many("b", 0..6, 10);
    let (found, given) = run(&[&rule], &testing::stream(&text), &limited(2, 100));
    assert_eq!(found, ["[4, 10] [5, 11]"]);
    assert_eq!((given.evicted, given.evicted_of.get(&0)), (4, Some(&4)));
}

#[test]
fn of_all_rules_the_one_that_has_most_drops_its_oldest() {
    let large = rule(Body::Sequence(sequence("a b", None, None)));
    let small = rule(Body::Sequence(sequence("c b", None, None)));
    let text = many("c", 0..1, 0) + &many("a", 1..6, 0) + &many("b", 0..6, 10);
    let (found, given) = run(&[&large, &small], &testing::stream(&text), &limited(100, 3));
    assert_eq!(found, ["[4, 10] [5, 11]", "[0, 6]"]);
    assert_eq!((given.evicted, given.evicted_of.get(&0)), (3, Some(&3)));
}

#[test]
fn what_a_time_span_ends_is_forgotten_and_nothing_is_given_up() {
    let rule = rule(Body::Sequence(sequence("a b", None, Some(100))));
    let text = many("a", 0..1_000, 0);
    let remembered = course(&rule, &testing::stream(&text), &at_once());
    let most = remembered.iter().map(|(_, remembered)| *remembered).max();
    assert!(most < Some(110), "{most:?}");
}

#[test]
fn a_key_that_comes_again_and_again_is_remembered_once() {
    let rule = rule(Body::Sequence(sequence("a b", None, Some(1_000_000))));
    let text: String = (0..5_000).map(|at| format!("{at}:a/k ")).collect();
    let remembered = course(&rule, &testing::stream(&text), &at_once());
    assert_eq!(remembered.last(), Some(&(0, 1)));
}

#[test]
fn a_match_is_given_with_its_last_event() {
    let rule = rule(Body::Sequence(sequence("a b", None, Some(100))));
    let found = course(&rule, &testing::stream("0:a 1:b 1:a 1:b 2:c"), &at_once());
    assert_eq!(found, [(0, 1), (1, 0), (1, 1), (2, 0), (2, 0)]);
}

#[test]
fn a_missing_event_at_the_end_is_waited_for() {
    let rule = rule(Body::Sequence(sequence("a !b", None, Some(10))));
    // The tenth millisecond is still in time; any event lets time pass.
    let found = course(&rule, &testing::stream("0:a 10:c 11:c"), &at_once());
    assert_eq!(found, [(0, 1), (0, 1), (1, 0)]);
    let found = course(&rule, &testing::stream("0:a 10:b 11:c"), &at_once());
    assert_eq!(found, [(0, 1), (0, 0), (0, 0)]);
    let waiting = StreamOptions { disorder_ms: Some(5), ..StreamOptions::default() };
    let found = course(&rule, &testing::stream("0:a 16:c 10:c 17:c"), &waiting);
    assert_eq!(found.iter().map(|(found, _)| *found).collect::<Vec<_>>(), [0, 1, 1, 1]);
}

#[test]
fn events_where_none_may_be_are_remembered_for_the_time_span() {
    let rule = rule(Body::Sequence(sequence("!a b", None, Some(100))));
    let remembered = course(&rule, &testing::stream(&many("a", 0..1_000, 0)), &at_once());
    let most = remembered.iter().map(|(_, remembered)| *remembered).max();
    assert!(most < Some(110), "{most:?}");
    let (found, _) = run(&[&rule], &testing::stream("0:a 100:b 101:b"), &at_once());
    assert_eq!(found, ["[2]"]);
}

#[test]
fn events_that_come_too_late_are_left_out_and_counted() {
    let rule = rule(Body::Sequence(sequence("a b", None, None)));
    let events = testing::stream("10:a 4:a 20:b 14:c 15:a 16:b");
    let waiting = |disorder_ms| StreamOptions { disorder_ms, ..StreamOptions::default() };
    let late = |disorder_ms| {
        let (found, given) = run(&[&rule], &events, &waiting(disorder_ms));
        (found.concat(), given.late)
    };
    assert_eq!(late(None), ("[4, 5]".to_owned(), 0));
    assert_eq!(late(Some(6)), ("[4, 5]".to_owned(), 0));
    // What satisfies nothing is not missed.
    assert_eq!(late(Some(5)), ("[4, 5]".to_owned(), 1));
    assert_eq!(late(Some(0)), ("[0, 2]".to_owned(), 3));
}

#[test]
fn events_of_one_time_are_late_by_their_tie_breakers() {
    let rule = rule(Body::Sequence(sequence("a b", None, None)));
    let options = RunOptions { tiebreaker_field: Some("tie".to_owned()), ..RunOptions::default() };
    let event = |is: &str, tie: u64| json!({"@timestamp": 1, "is": is, "k": "k", "tie": tie});
    let events = events(json!([event("b", 2), event("a", 1), event("a", 3), event("b", 4)]));
    let late = |disorder_ms| {
        let stream_options = StreamOptions { disorder_ms, ..StreamOptions::default() };
        let (found, given) = stream(&[(&rule, &options)], &events, &stream_options, 1).unwrap();
        (of_rule(&found, 0).len(), given.late)
    };
    assert_eq!(late(None), (2, 0));
    assert_eq!(late(Some(1)), (2, 0));
    assert_eq!(late(Some(0)), (1, 1));
}

#[test]
fn members_of_a_group_are_forgotten_after_the_time_span() {
    let bound = Bound { relation: Relation::GreaterOrEqual, value: Literal::Int(10_000) };
    let counting = Correlation {
        kind: CorrelationKind::EventCount,
        rules: vec![Correlated { name: "a".to_owned(), source: Source::Events(step("a").query) }],
        group_by: vec![GroupKey { name: "k".to_owned(), fields: vec![field_ref("k", FieldType::Unknown)] }],
        timespan_ms: 100,
        condition: Some(CorrelationCondition::Number(Aggregate {
            bounds: vec![bound],
            fields: Vec::new(),
            percentile: None,
        })),
    };
    let counting = rule(Body::Correlation(counting));
    let text: String = (0..1_000).map(|at| format!("{at}:a/k{} ", at % 7)).collect();
    let remembered = course(&counting, &testing::stream(&text), &at_once());
    let most = remembered.iter().map(|(_, remembered)| *remembered).max();
    assert!(most < Some(120), "{most:?}");
    let (_, given) = run(&[&counting], &testing::stream(&text), &limited(50, 100));
    assert!(given.evicted > 400, "{given:?}");
}

#[test]
fn samples_remember_no_more_of_a_key_than_they_may_need() {
    let sample = rule(Body::Sample(testing::sample(&["k"], "a b")));
    let text: String = (0..1_000).map(|at| format!("{at}:a ")).collect();
    let remembered = course(&sample, &testing::stream(&text), &at_once());
    assert_eq!(remembered.last(), Some(&(0, 2)));
    let (found, given) = run(&[&sample], &testing::stream("1:a/x 2:a/y 3:b/x 4:b/y"), &limited(2, 100));
    assert_eq!((found.concat(), given.evicted), ("[1, 3]".to_owned(), 2));
}

#[test]
fn processes_that_were_not_seen_for_longest_are_forgotten_and_counted() {
    let above = Pred::Descendant(Box::new(query(equal(field("is"), "a"))));
    let below = rule(Body::Event(query(Pred::All(vec![equal(field("is"), "b"), above]))));
    let process = |at: u64, is: &str, own: &str, parent: &str| json!({"@timestamp": at, "is": is, "process.entity_id": own, "process.parent.entity_id": parent});
    let events = events(json!([
        process(0, "a", "p", "init"),
        process(1, "c", "x1", "x"),
        process(2, "c", "x2", "x"),
        process(3, "b", "q", "p"),
    ]));
    let (found, given) = run(&[&below], &events, &limited(100, 100));
    assert_eq!((found.concat(), given.evicted), ("[3]".to_owned(), 0));
    let (found, given) = run(&[&below], &events, &limited(3, 100));
    assert_eq!(found.concat(), "");
    assert!(given.evicted > 0 && given.evicted_of.contains_key(&0), "{given:?}");
}

#[test]
fn events_with_too_many_keys_are_left_out_and_counted() {
    let mut wide = sequence("a b", None, None);
    wide.by = testing::keys(&["k", "l"]);
    let rule = rule(Body::Sequence(wide));
    let values: Vec<usize> = (0..400).collect();
    let events = events(json!([
        {"@timestamp": 0, "is": "a", "k": values, "l": values},
        {"@timestamp": 1, "is": "a", "k": 1, "l": 2},
        {"@timestamp": 2, "is": "b", "k": 1, "l": 2},
    ]));
    let (found, given) = run(&[&rule], &events, &at_once());
    assert_eq!((found.concat(), given.unanswered_of.get(&0)), ("[1, 2]".to_owned(), Some(&1)));
}

#[test]
fn an_event_of_the_far_future_ends_no_waiting() {
    let rule = rule(Body::Sequence(sequence("a b", None, Some(1_000))));
    let events = testing::stream("0:a/k 9000000000000:a/z 5:b/k 9000000000001:b/z");
    let guarded = StreamOptions { ahead_ms: Some(86_400_000), ..at_once() };
    let (found, given) = run(&[&rule], &events, &guarded);
    assert_eq!((found[0].as_str(), given.ahead, given.late), ("[0, 2]", 2, 0));
    // Unguarded it ends the waiting of all others.
    let (found, given) = run(&[&rule], &events, &at_once());
    assert_eq!((found[0].as_str(), given.ahead, given.late), ("[1, 3]", 0, 1));
    // What waits to the end is put in order whatever comes.
    let to_the_end = StreamOptions { disorder_ms: None, ..guarded };
    let (found, given) = run(&[&rule], &events, &to_the_end);
    assert_eq!((found[0].as_str(), given), ("[0, 2] [1, 3]", Given::default()));
}

#[test]
fn events_that_wait_are_bounded_and_those_that_come_late_for_it_counted() {
    let rule = rule(Body::Sequence(sequence("a b", None, None)));
    for disorder_ms in [Some(1_000), None] {
        let options = StreamOptions { disorder_ms, ..limited(100, 2) };
        let events = testing::stream("0:a/k 1:a/k 2:a/k 3:a/k 4:b/k 0:b/k");
        let (found, given) = run(&[&rule], &events, &options);
        assert_eq!((found[0].as_str(), given.hurried, given.late), ("[3, 4]", 3, 1), "{disorder_ms:?}");
        let (found, given) = run(&[&rule], &events, &StreamOptions { disorder_ms, ..limited(100, 100) });
        assert_eq!((found[0].as_str(), given), ("[0, 5] [3, 4]", Given::default()), "{disorder_ms:?}");
    }
}
