//! `eql-semantics.md` §8, §9.

use std::borrow::Cow;

use eqlc_events::Event;
use eqlc_ir::{Body, Pipe, Pred, Rule};
use serde_json::json;

use crate::reference::testing::*;
use crate::reference::{Prepared, ResultPosition, RunError, RunOptions, run};

fn limited(pipes: &[Pipe], size: Option<usize>, result_position: ResultPosition) -> String {
    let events: Vec<Event> = stream("1:a 2:a 3:a 4:a 5:a");
    let mut rule = rule(Body::Event(query(Pred::Const(true))));
    rule.pipes = pipes.to_vec();
    let options = RunOptions { size, result_position, ..RunOptions::default() };
    shown(&run(&rule, &events, &options).unwrap())
}

/// §8.2, §8.4.
#[test]
fn the_size_counts_from_the_end_asked_for() {
    use ResultPosition::{Head, Tail};
    assert_eq!(limited(&[], None, Tail), "[0] [1] [2] [3] [4]");
    assert_eq!(limited(&[], Some(2), Tail), "[3] [4]");
    assert_eq!(limited(&[], Some(2), Head), "[0] [1]");
    assert_eq!(limited(&[], Some(0), Tail), "");
    assert_eq!(limited(&[Pipe::Head(4)], Some(2), Tail), "[0] [1]");
    assert_eq!(limited(&[Pipe::Tail(4)], Some(2), Head), "[3] [4]");
}

/// §8.3.
#[test]
fn pipes_apply_left_to_right() {
    let piped = |pipes: &[Pipe]| limited(pipes, None, ResultPosition::Tail);
    assert_eq!(piped(&[Pipe::Head(3), Pipe::Tail(2)]), "[1] [2]");
    assert_eq!(piped(&[Pipe::Tail(3), Pipe::Head(2)]), "[2] [3]");
    assert_eq!(piped(&[Pipe::Head(2), Pipe::Head(4)]), "[0] [1]");
    assert_eq!(piped(&[Pipe::Tail(9), Pipe::Head(9)]), "[0] [1] [2] [3] [4]");
    assert_eq!(piped(&[Pipe::Head(u64::MAX)]), "[0] [1] [2] [3] [4]");
    assert_eq!(piped(&[Pipe::Head(0)]), "");
}

/// §9.1, §9.2, §9.3.
#[test]
fn events_are_ordered_by_time_tiebreaker_and_arrival() {
    let events = events(json!([
        {"n": 0, "is": "a"},
        {"@timestamp": "1970-01-01T00:00:02Z"},
        {"@timestamp": 1000},
        {"@timestamp": 1000, "t": 2},
        {"@timestamp": 1000, "t": 10},
        {"@timestamp": "1970-01-01T00:00:00.999999999Z"},
        {"@timestamp": 1000, "t": 2},
        {"@timestamp": 1000, "t": "x"}
    ]));
    let rule = rule(Body::Event(query(Pred::Const(true))));
    assert_eq!(
        shown(&run(&rule, &events, &RunOptions::default()).unwrap()),
        "[5] [2] [3] [4] [6] [7] [1] [0]"
    );
    let options = RunOptions { tiebreaker_field: Some("t".to_owned()), ..RunOptions::default() };
    assert_eq!(shown(&run(&rule, &events, &options).unwrap()), "[5] [3] [6] [4] [7] [2] [1] [0]");
}

#[test]
fn a_rule_document_names_its_fields() {
    let mut meta = eqlc_ir::Metadata::default();
    assert_eq!(RunOptions::of(&meta), RunOptions::default());
    meta.timestamp_field = Some("ts".to_owned());
    meta.tiebreaker_field = Some("seq".to_owned());
    meta.event_category_override = Some("type".to_owned());
    let options = RunOptions::of(&meta);
    assert_eq!((options.timestamp_field.as_str(), options.category_field.as_str()), ("ts", "type"));
    assert_eq!(options.tiebreaker_field.as_deref(), Some("seq"));
}

#[test]
fn a_run_is_given_up_when_its_time_has_passed() {
    let now = std::time::Instant::now();
    let rule = rule(Body::Event(query(Pred::Const(true))));
    let events = stream("1:a 2:a 3:a");
    let found = |until| run(&rule, &events, &RunOptions { until, ..RunOptions::default() });
    assert_eq!(found(Some(now)), Err(RunError::OutOfTime));
    assert_eq!(shown(&found(now.checked_add(std::time::Duration::from_secs(3_600))).unwrap()), "[0] [1] [2]");
    assert_eq!(shown(&found(None).unwrap()), "[0] [1] [2]");
}

/// Single events are judged alike alone and in a run; what looks at several, or counts them, is not asked so.
#[test]
fn each_event_is_judged_as_in_a_run() {
    let events: Vec<Event> = stream("3:a 1:b 2:a 2:ab");
    let options = RunOptions::default();
    let single = rule(Body::Event(query(equal(field("is"), "a"))));
    let each = |rule: &Rule| Prepared::new(Cow::Borrowed(rule)).unwrap().each(&events, &options).unwrap();
    assert_eq!(each(&single), Some(vec![true, false, true, true]));
    assert_eq!(shown(&run(&single, &events, &options).unwrap()), "[2] [3] [0]");
    assert_eq!(each(&Rule { pipes: vec![Pipe::Head(1)], ..single }), None);
    assert_eq!(each(&rule(Body::Sequence(sequence("a b", None, None)))), None);
}
