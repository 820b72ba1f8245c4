//! `eql-semantics.md` §10.

use eqlc_events::Event;
use eqlc_ir::{Body, FieldType, Key, Pipe, Sequence};
use serde_json::json;

use crate::reference::testing::*;
use crate::reference::{ResultPosition, RunError, RunOptions, run};

/// The matches of a sequence by `k` over a stream, without their keys.
fn found(steps: &str, until: Option<&str>, maxspan_ms: Option<u64>, events: &str) -> String {
    let body = Body::Sequence(sequence(steps, until, maxspan_ms));
    run_shown(body, &stream(events)).replace("a=", "")
}

/// §10.1.
#[test]
fn a_partial_is_replaced_by_a_newer_one_and_taken_once() {
    assert_eq!(found("a b", None, None, "1:a 2:a 3:b 4:b"), "[1,2]");
    assert_eq!(found("a b", None, None, "1:b 2:a 3:b"), "[1,2]");
    assert_eq!(found("a b c", None, None, "1:a 2:b 3:a 4:b 5:c"), "[2,3,4]");
    assert_eq!(found("a b c", None, None, "1:a 2:b 3:b 4:c"), "[0,1,3]");
}

/// §10.1: one event never fills two stages of one sequence, but may finish one, advance a second, start a
/// third.
#[test]
fn one_event_fills_one_stage_of_a_partial() {
    assert_eq!(found("a a", None, None, "1:a 2:a 3:a"), "[0,1] [1,2]");
    assert_eq!(found("a b", None, None, "1:ab 2:ab 3:ab"), "[0,1] [1,2]");
    assert_eq!(found("a b c", None, None, "1:abc 2:abc 3:abc 4:abc"), "[0,1,2] [1,2,3]");
}

/// §9.2: the order decides, not the time alone.
#[test]
fn events_of_the_same_time_go_by_arrival() {
    assert_eq!(found("a b", None, None, "5:a 5:b"), "[0,1]");
    assert_eq!(found("a b", None, None, "5:b 5:a"), "");
    assert_eq!(found("a b", None, None, "9:b 5:a"), "[1,0]");
}

/// §9.3.
#[test]
fn events_without_a_timestamp_take_no_part() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": 1}, {"is": "b", "k": 1}, {"@timestamp": 3, "is": "b", "k": 1}
    ]));
    assert_eq!(run_shown(Body::Sequence(sequence("a b", None, None)), &events), "1=[0,2]");
}

/// §10.2.
#[test]
fn maxspan_is_inclusive_and_measured_from_the_first_event() {
    assert_eq!(found("a b", None, Some(10), "0:a 10:b"), "[0,1]");
    assert_eq!(found("a b", None, Some(10), "0:a 11:b"), "");
    assert_eq!(found("a b c", None, Some(10), "0:a 6:b 11:c"), "");
    // A partial that is too old is lost; the one before it does not come back.
    assert_eq!(found("a b b", None, Some(10), "0:a 5:b 20:b 21:b"), "");
    assert_eq!(found("a b", None, Some(u64::MAX), "-5:a 11:b"), "[0,1]");
}

/// §10.3: keys of the sequence before those of the step; names may differ.
#[test]
fn keys_are_joined_by_position() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": 1, "x": "p"},
        {"@timestamp": 2, "is": "b", "k": 1, "y": "q"},
        {"@timestamp": 3, "is": "b", "k": 1.0, "y": "p"},
        {"@timestamp": 4, "is": "b", "k": "1", "y": "p"}
    ]));
    let mut sequence = sequence("a b", None, None);
    sequence.steps[0].by = keys(&["x"]);
    sequence.steps[1].by = keys(&["y"]);
    assert_eq!(run_shown(Body::Sequence(sequence), &events), "1,p=[0,2]");
}

fn by(paths: &[&str], events: &[Event]) -> String {
    let sequence = Sequence { by: keys(paths), ..sequence("a b", None, None) };
    run_shown(Body::Sequence(sequence), events)
}

/// §10.3: null keys.
#[test]
fn a_missing_key_excludes_unless_it_is_optional() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a"}, {"@timestamp": 2, "is": "b", "k": null},
        {"@timestamp": 3, "is": "a", "k": 0}, {"@timestamp": 4, "is": "b"}
    ]));
    assert_eq!(by(&["k"], &events), "");
    assert_eq!(by(&["?k"], &events), "null=[0,1]");
    assert_eq!(by(&[], &events), "[0,1] [2,3]");
    // Optional in one place and not in another is optional nowhere.
    let mut mixed = sequence("a b", Some("u"), None);
    mixed.by.clear();
    mixed.steps[0].by = keys(&["?k"]);
    mixed.steps[1].by = keys(&["?k"]);
    mixed.until.as_mut().unwrap().by = keys(&["?k"]);
    assert_eq!(run_shown(Body::Sequence(mixed.clone()), &events), "null=[0,1]");
    mixed.until.as_mut().unwrap().by = keys(&["k"]);
    assert_eq!(run_shown(Body::Sequence(mixed), &events), "");
}

/// §10.3: one key for each combination of distinct values.
#[test]
fn several_values_make_several_keys() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": [2, 1, 2], "l": ["x", "y"]},
        {"@timestamp": 2, "is": "b", "k": [1, 2, 3], "l": "y"}
    ]));
    assert_eq!(by(&["k"], &events), "1=[0,1] 2=[0,1]");
    assert_eq!(by(&["k", "l"], &events), "1,y=[0,1] 2,y=[0,1]");
}

/// §10.3: typed equality.
#[test]
fn keys_are_equal_by_type() {
    let typed_by = |ty, first: serde_json::Value, second: serde_json::Value| {
        let events = events(json!([
            {"@timestamp": 1, "is": "a", "k": first}, {"@timestamp": 2, "is": "b", "k": second}
        ]));
        let by = vec![Key { field: field_ref("k", ty) }];
        run_shown(Body::Sequence(Sequence { by, ..sequence("a b", None, None) }), &events)
    };
    let midnight = "2020-01-01T00:00:00.000Z=[0,1]";
    assert_eq!(
        typed_by(FieldType::Date, json!("2020-01-01T00:00:00Z"), json!(1_577_836_800_000_i64)),
        midnight
    );
    assert_eq!(typed_by(FieldType::Ip, json!("::ffff:1.2.3.4"), json!("1.2.3.4")), "1.2.3.4=[0,1]");
    assert_eq!(typed_by(FieldType::Integer, json!("5"), json!(5.0)), "5=[0,1]");
    assert_eq!(typed_by(FieldType::Keyword, json!("5"), json!(5)), "5=[0,1]");
    assert_eq!(typed_by(FieldType::Unknown, json!("5"), json!(5)), "");
    assert_eq!(typed_by(FieldType::Unknown, json!("A"), json!("a")), "");
    assert_eq!(typed_by(FieldType::Unknown, json!(true), json!(true)), "true=[0,1]");
}

#[test]
fn too_many_keys_are_an_error() {
    let many: Vec<i64> = (0..400).collect();
    let events = events(json!([{"@timestamp": 1, "is": "a", "k": many, "l": many}]));
    let sequence = Sequence { by: keys(&["k", "l"]), ..sequence("a b", None, None) };
    let result = run(&rule(Body::Sequence(sequence)), &events, &RunOptions::default());
    assert_eq!(result, Err(RunError::TooManyKeys { event: 0 }));
}

/// §10.4: by the last event, then by key, null first; then the limits of §8.
#[test]
fn results_are_ordered_by_their_last_event_and_key() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": ["z", 2, 10, true]},
        {"@timestamp": 2, "is": "a"},
        {"@timestamp": 3, "is": "a", "k": "y"},
        {"@timestamp": 4, "is": "b", "k": ["z", true, 10, 2]},
        {"@timestamp": 5, "is": "b"},
        {"@timestamp": 6, "is": "b", "k": "y"}
    ]));
    assert_eq!(by(&["?k"], &events), "true=[0,3] 2=[0,3] 10=[0,3] z=[0,3] null=[1,4] y=[2,5]");
    let mut rule = rule(Body::Sequence(Sequence { by: keys(&["?k"]), ..sequence("a b", None, None) }));
    rule.pipes = vec![Pipe::Tail(2)];
    assert_eq!(shown(&run(&rule, &events, &RunOptions::default()).unwrap()), "null=[1,4] y=[2,5]");
    rule.pipes.clear();
    let options =
        RunOptions { size: Some(1), result_position: ResultPosition::Head, ..RunOptions::default() };
    assert_eq!(shown(&run(&rule, &events, &options).unwrap()), "true=[0,3]");
}

/// §10.5.
#[test]
fn until_ends_partials_after_the_steps_of_its_event() {
    assert_eq!(found("a b", Some("u"), None, "1:a 2:u 3:b"), "");
    assert_eq!(found("a b", Some("u"), None, "1:a 2:u/other 3:b"), "[0,2]");
    assert_eq!(found("a b", Some("u"), None, "1:u 2:a 3:b"), "[1,2]");
    // The completing event may be an until event; the first step may not, and no step before the last.
    assert_eq!(found("a b", Some("u"), None, "1:a 2:bu"), "[0,1]");
    assert_eq!(found("a b", Some("u"), None, "1:au 2:b"), "");
    assert_eq!(found("a b c", Some("u"), None, "1:a 2:bu 3:c"), "");
    // Not bounded by the time span.
    assert_eq!(found("a b", Some("u"), Some(100), "1:a 2:u 3:b"), "");
}

/// §10.6.
#[test]
fn runs_repeat_a_step() {
    let repeated = |steps: &str, runs: u32, events: &str| {
        let mut sequence = sequence(steps, None, Some(100));
        sequence.steps[0].runs = runs;
        run_shown(Body::Sequence(sequence), &stream(events)).replace("a=", "")
    };
    assert_eq!(repeated("a b", 2, "1:a 2:b 3:a 4:b"), "[0,2,3]");
    assert_eq!(repeated("a", 3, "1:a 2:a 3:a 4:a 5:a"), "[0,1,2] [1,2,3] [2,3,4]");
    assert_eq!(repeated("!a b", 2, "2:b"), "[-,-,0]");
    let mut many = sequence("a b", None, None);
    many.steps[0].runs = u32::MAX;
    let result = run(&rule(Body::Sequence(many)), &[], &RunOptions::default());
    assert_eq!(result, Err(RunError::TooManySteps(4_294_967_296)));
}

/// §10.7: between two steps.
#[test]
fn a_missing_event_between_steps() {
    let missing = |events| found("a !x b", None, Some(10), events);
    assert_eq!(missing("1:a 5:b"), "[0,-,1]");
    assert_eq!(missing("1:a 3:x 5:b"), "");
    assert_eq!(missing("1:a 3:x/other 5:b"), "[0,-,2]");
    // Strictly between, by timestamps.
    assert_eq!(missing("1:a 1:x 5:x 5:b"), "[0,-,3]");
    // A rejected candidate is not tried again; a later one may stand.
    assert_eq!(missing("1:a 2:x 3:b 4:a 5:b"), "[3,-,4]");
    assert_eq!(missing("1:a 2:a 3:x 4:b 5:b"), "");
}

/// §10.7: before the first and behind the last step.
#[test]
fn a_missing_event_at_an_end() {
    let leading = |events| found("!x a b", None, Some(10), events);
    assert_eq!(leading("15:a 20:b"), "[-,0,1]");
    assert_eq!(leading("10:x 15:a 20:b"), "");
    assert_eq!(leading("9:x 15:a 20:b"), "[-,1,2]");
    assert_eq!(leading("9:x 10:x 15:a 20:b"), "");
    assert_eq!(leading("15:x 15:a 20:b"), "[-,1,2]");
    let trailing = |events| found("a b !x", None, Some(10), events);
    assert_eq!(trailing("15:a 20:b"), "[0,1,-]");
    assert_eq!(trailing("15:a 20:b 25:x"), "");
    assert_eq!(trailing("15:a 20:b 26:x"), "[0,1,-]");
    assert_eq!(trailing("15:a 20:b 26:x 25:x"), "");
}

/// §10.7: at both ends, one side without an event is enough.
#[test]
fn missing_events_at_both_ends() {
    let both = |events| found("!x a !y", None, Some(10), events);
    assert_eq!(both("15:a"), "[-,0,-]");
    assert_eq!(both("14:x 15:a"), "[-,1,-]");
    assert_eq!(both("15:a 16:y"), "[-,0,-]");
    assert_eq!(both("14:x 15:a 16:y"), "");
    assert_eq!(both("10:x 15:a 20:y"), "");
    assert_eq!(both("10:x 15:a 21:y"), "[-,1,-]");
}

/// §10.7: null keys equal null there too.
#[test]
fn missing_events_join_on_null() {
    let events = events(json!([
        {"@timestamp": 1, "is": "a"}, {"@timestamp": 2, "is": "x"}, {"@timestamp": 3, "is": "b"}
    ]));
    let sequence = Sequence { by: keys(&["?k"]), ..sequence("a !x b", None, Some(10)) };
    assert_eq!(run_shown(Body::Sequence(sequence), &events), "");
}

#[test]
fn a_sequence_needs_a_positive_step() {
    for steps in ["!a !b", ""] {
        let body = Body::Sequence(sequence(steps, None, Some(1)));
        assert_eq!(run(&rule(body), &[], &RunOptions::default()), Err(RunError::NoPositiveStep));
    }
}
