//! The docs of [`Correlation`].

use eqlc_ir::{Body, Correlated, Correlation, CorrelationKind as Kind, FieldType, GroupKey};
use serde_json::json;

use crate::reference::testing::*;

fn correlation(kind: Kind, rules: &str, timespan_ms: u64) -> Body {
    let names: Vec<&str> = rules.split_whitespace().collect();
    let fields = names.iter().map(|_| field_ref("k", FieldType::Unknown)).collect();
    Body::Correlation(Correlation {
        kind,
        rules: names
            .iter()
            .map(|name| Correlated { name: (*name).to_owned(), query: step(name).query })
            .collect(),
        group_by: vec![GroupKey { name: "k".to_owned(), fields }],
        timespan_ms,
    })
}

fn found(kind: Kind, rules: &str, events: &str) -> String {
    run_shown(correlation(kind, rules, 10), &stream(events)).replace("a=", "")
}

#[test]
fn ordered_rules_follow_each_other_inside_the_window() {
    let found = |rules, events| found(Kind::TemporalOrdered, rules, events);
    assert_eq!(found("a b", "0:a 10:b"), "[0,1]");
    assert_eq!(found("a b", "0:a 11:b"), "");
    assert_eq!(found("a b", "0:b 1:a"), "");
    assert_eq!(found("a b", "0:ab"), "");
    assert_eq!(found("a b", "5:a 5:b"), "[0,1]");
    // Unlike a sequence, a chain is never lost to a later event.
    assert_eq!(found("a b c", "0:a 1:b 2:a 3:c"), "[0,1,3]");
    assert_eq!(found("a b b", "0:a 8:b 12:a 13:b 14:b"), "[2,3,4]");
    // The witness starts as late as it can.
    assert_eq!(found("a b", "0:a 5:a 12:b"), "[1,2]");
}

#[test]
fn unordered_rules_lie_inside_one_window() {
    let found = |rules, events| found(Kind::Temporal, rules, events);
    assert_eq!(found("a b", "0:b 10:a"), "[1,0]");
    assert_eq!(found("a b", "0:b 11:a"), "");
    assert_eq!(found("a b", "0:b 11:a 12:b"), "[1,2]");
    assert_eq!(found("a b", "0:ab"), "[0,0]");
    assert_eq!(found("a b c", "0:c 6:b 11:a 12:c"), "[2,1,3]");
}

#[test]
fn a_group_starts_anew_after_an_alert() {
    assert_eq!(found(Kind::Temporal, "a b", "0:a 1:b 2:b 3:a"), "[0,1] [3,2]");
    assert_eq!(found(Kind::TemporalOrdered, "a b", "0:a 1:b 2:b 3:a 4:b"), "[0,1] [3,4]");
}

#[test]
fn groups_are_apart_and_need_all_their_fields() {
    let body = correlation(Kind::Temporal, "a b", 10);
    assert_eq!(run_shown(body.clone(), &stream("0:a/x 1:b/y 2:b/x 3:a/y")), "x=[0,2] y=[3,1]");
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": null}, {"@timestamp": 2, "is": "b"},
        {"@timestamp": 3, "is": "a", "k": [2, 1]}, {"@timestamp": 4, "is": "b", "k": [1, 2]},
        {"is": "a", "k": 9}, {"is": "b", "k": 9}
    ]));
    assert_eq!(run_shown(body, &events), "1=[2,3] 2=[2,3]");
}

#[test]
fn a_rule_may_name_the_group_field_differently() {
    let Body::Correlation(mut body) = correlation(Kind::Temporal, "a b", 10) else { panic!() };
    body.group_by[0].fields[1].path = "l".to_owned();
    let events = events(json!([
        {"@timestamp": 1, "is": "a", "k": "x"}, {"@timestamp": 2, "is": "b", "l": "x", "k": "y"}
    ]));
    assert_eq!(run_shown(Body::Correlation(body.clone()), &events), "x=[0,1]");
    body.group_by[0].fields.pop();
    assert_eq!(run_shown(Body::Correlation(body), &events), "");
}

#[test]
fn no_rules_give_no_alert() {
    for kind in [Kind::Temporal, Kind::TemporalOrdered] {
        assert_eq!(found(kind, "", "0:a"), "");
    }
}
