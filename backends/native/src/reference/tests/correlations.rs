//! The docs of [`Correlation`].

use eqlc_ir::{
    Aggregate, Body, Bound, Correlated, Correlation, CorrelationCondition, CorrelationKind as Kind,
    FieldType, GroupKey, Literal, Relation, RuleCondition, Source,
};
use serde_json::json;

use crate::reference::testing::*;

fn correlation(kind: Kind, rules: &str, timespan_ms: u64) -> Body {
    let names: Vec<&str> = rules.split_whitespace().collect();
    let fields = names.iter().map(|_| field_ref("k", FieldType::Unknown)).collect();
    Body::Correlation(Correlation {
        kind,
        rules: names
            .iter()
            .map(|name| Correlated { name: (*name).to_owned(), source: Source::Events(step(name).query) })
            .collect(),
        group_by: vec![GroupKey { name: "k".to_owned(), fields }],
        timespan_ms,
        condition: None,
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
    body.group_by[0].fields[1].path = "l".into();
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

/// A correlation of which the number keeps these bounds; `field` is counted or computed with.
fn numbered(kind: Kind, rules: &str, bounds: &[(Relation, i128)], field: Option<&str>) -> Correlation {
    let Body::Correlation(mut body) = correlation(kind, rules, 10) else { panic!() };
    let names = rules.split_whitespace();
    let fields = field.map(|path| GroupKey {
        name: path.to_owned(),
        fields: names.map(|_| field_ref(path, FieldType::Unknown)).collect(),
    });
    let bound =
        |(relation, value): &(Relation, i128)| Bound { relation: *relation, value: Literal::Int(*value) };
    body.condition = Some(CorrelationCondition::Number(Aggregate {
        bounds: bounds.iter().map(bound).collect(),
        fields: fields.into_iter().collect(),
        percentile: (kind == Kind::ValuePercentile).then_some(Literal::Int(50)),
    }));
    body
}

fn counted(kind: Kind, rules: &str, bounds: &[(Relation, i128)], events: &str) -> String {
    run_shown(Body::Correlation(numbered(kind, rules, bounds, None)), &stream(events)).replace("a=", "")
}

#[test]
fn events_are_counted_for_each_group_inside_the_window() {
    let three = [(Relation::GreaterOrEqual, 3)];
    let found = |events| counted(Kind::EventCount, "a", &three, events);
    assert_eq!(found("0:a 5:a 10:a"), "[0,1,2]");
    assert_eq!(found("0:a 5:a 11:a"), "");
    assert_eq!(found("0:a 5:a 11:a 12:a"), "[1,2,3]");
    assert_eq!(found("0:a/x 1:a/x 2:a/y 3:a/y 4:a/x"), "x=[0,1,4]");
    // The group starts anew.
    assert_eq!(found("0:a 1:a 2:a 3:a 4:a 5:a"), "[0,1,2] [3,4,5]");
    assert_eq!(counted(Kind::EventCount, "a", &[(Relation::Greater, 3)], "0:a 1:a 2:a"), "");
}

#[test]
fn events_of_several_rules_are_counted_together_and_once() {
    let two = [(Relation::GreaterOrEqual, 2)];
    assert_eq!(counted(Kind::EventCount, "a b", &two, "0:a 1:b"), "[0,1]");
    assert_eq!(counted(Kind::EventCount, "a b", &two, "0:ab"), "");
}

#[test]
fn upper_bounds_are_asked_of_the_longest_windows() {
    let less = |events| counted(Kind::EventCount, "a", &[(Relation::Less, 5)], events);
    assert_eq!(less("0:a 1:a 2:a 3:a"), "[0,1,2,3]");
    assert_eq!(less("0:a 1:a 2:a 3:a 4:a"), "");
    assert_eq!(less("0:b"), "");
    let exactly = |events| counted(Kind::EventCount, "a", &[(Relation::Equal, 2)], events);
    assert_eq!(exactly("0:a 1:a"), "[0,1]");
    assert_eq!(exactly("0:a 1:a 2:a"), "");
    let range = [(Relation::Greater, 1), (Relation::LessOrEqual, 2)];
    assert_eq!(counted(Kind::EventCount, "a", &range, "0:a 1:a 20:a 40:a 41:a 42:a"), "[0,1]");
    assert_eq!(counted(Kind::EventCount, "a", &[(Relation::NotEqual, 1)], "0:a 20:a 21:a"), "[1,2]");
}

/// Events `time:value` of the rule `a` with the value, a number or a text, in `v`.
fn valued(text: &str) -> Vec<eqlc_events::Event<'static>> {
    let items = text.split_whitespace().map(|word| {
        let (time, value) = word.split_once(':').unwrap();
        let value = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
        json!({"@timestamp": time.parse::<i64>().unwrap(), "is": "a", "k": "a", "v": value})
    });
    events(serde_json::Value::Array(items.collect()))
}

fn computed(kind: Kind, relation: Relation, bound: i128, text: &str) -> String {
    let body = numbered(kind, "a", &[(relation, bound)], Some("v"));
    run_shown(Body::Correlation(body), &valued(text)).replace("a=", "")
}

#[test]
fn values_are_counted_once_each() {
    let found = |text| computed(Kind::ValueCount, Relation::GreaterOrEqual, 3, text);
    assert_eq!(found("0:x 1:x 2:x"), "");
    assert_eq!(found("0:x 1:y 2:x 3:z"), "[0,1,2,3]");
    assert_eq!(found("0:x 1:X 2:1"), "[0,1,2]");
    assert_eq!(found("0:x 11:y 21:z"), "");
}

#[test]
fn sums_means_and_percentiles_are_of_numbers() {
    assert_eq!(computed(Kind::ValueSum, Relation::Greater, 9, "0:4 1:6"), "[0,1]");
    assert_eq!(computed(Kind::ValueSum, Relation::Greater, 9, "0:4 11:6"), "");
    assert_eq!(computed(Kind::ValueSum, Relation::Equal, 4, "0:4 1:x"), "[0,1]");
    assert_eq!(computed(Kind::ValueSum, Relation::Less, 1, "0:x"), "");
    assert_eq!(computed(Kind::ValueAvg, Relation::Equal, 5, "0:4 1:6"), "[0,1]");
    // Not of the first alone: the longest window decides.
    assert_eq!(computed(Kind::ValueAvg, Relation::Greater, 100, "0:200 1:0 2:0"), "");
    assert_eq!(computed(Kind::ValueMedian, Relation::Equal, 3, "0:1 1:9 2:2 3:4"), "[0,1,2,3]");
    assert_eq!(computed(Kind::ValuePercentile, Relation::Equal, 2, "0:1 1:9 2:2"), "[0,1,2]");
}

#[test]
fn a_temporal_condition_counts_different_rules() {
    let two = [(Relation::GreaterOrEqual, 2)];
    assert_eq!(counted(Kind::Temporal, "a b c", &two, "0:a 1:a 2:c"), "[0,1,2]");
    assert_eq!(counted(Kind::Temporal, "a b c", &two, "0:a 1:a"), "");
    assert_eq!(counted(Kind::TemporalOrdered, "a b c", &two, "0:c 1:a"), "");
    assert_eq!(counted(Kind::TemporalOrdered, "a b c", &two, "0:a 1:c"), "[0,1]");
    assert_eq!(counted(Kind::TemporalOrdered, "a b c", &two, "0:ac"), "");
}

#[test]
fn a_temporal_condition_may_be_an_expression_over_the_rules() {
    let rule = RuleCondition::Rule;
    let found = |kind, wanted: RuleCondition, events| {
        let Body::Correlation(mut body) = correlation(kind, "a b c", 10) else { panic!() };
        body.condition = Some(CorrelationCondition::Rules(wanted));
        run_shown(Body::Correlation(body), &stream(events)).replace("a=", "")
    };
    let but = || RuleCondition::All(vec![rule(0), RuleCondition::Not(Box::new(rule(1)))]);
    assert_eq!(found(Kind::Temporal, but(), "0:a 1:c"), "[0,1]");
    assert_eq!(found(Kind::Temporal, but(), "0:a 10:b"), "");
    assert_eq!(found(Kind::Temporal, but(), "0:a 11:b"), "[0]");
    let either = || RuleCondition::All(vec![rule(0), RuleCondition::Any(vec![rule(1), rule(2)])]);
    assert_eq!(found(Kind::Temporal, either(), "0:c 1:a"), "[0,1]");
    assert_eq!(found(Kind::TemporalOrdered, either(), "0:c 1:a"), "");
    assert_eq!(found(Kind::TemporalOrdered, either(), "0:a 1:c"), "[0,1]");
}

/// `outer` over alerts of `a` at least twice (grouped by `g`) and events `b`, grouped by `k`.
fn chained(kind: Kind) -> Body {
    let mut inner = numbered(Kind::EventCount, "a", &[(Relation::GreaterOrEqual, 2)], None);
    inner.group_by[0].fields[0].path = "g".into();
    let Body::Correlation(mut outer) = correlation(kind, "many b", 100) else { panic!() };
    outer.rules[0].source = Source::Correlation(Box::new(inner));
    Body::Correlation(outer)
}

#[test]
fn an_alert_is_a_member_of_another_correlation() {
    let ordered = |json| run_shown(chained(Kind::TemporalOrdered), &events(json));
    let a = |time: i64, group: &str| json!({"@timestamp": time, "is": "a", "k": "u", "g": group});
    let b = |time: i64| json!({"@timestamp": time, "is": "b", "k": "u"});
    assert_eq!(ordered(json!([a(0, "x"), a(1, "x"), b(50)])), "u=[0,1,2]");
    assert_eq!(ordered(json!([a(0, "x"), a(1, "y"), b(50)])), "");
    assert_eq!(ordered(json!([a(0, "x"), b(1), a(2, "x")])), "");
    // The alert happens when its last event does.
    assert_eq!(ordered(json!([a(0, "x"), a(10, "x"), b(110)])), "u=[0,1,2]");
    assert_eq!(ordered(json!([a(0, "x"), a(10, "x"), b(111)])), "");
    let temporal = run_shown(chained(Kind::Temporal), &events(json!([b(0), a(1, "x"), a(2, "x")])));
    assert_eq!(temporal, "u=[1,2,0]");
}

#[test]
fn a_count_without_a_number_to_compare_is_refused() {
    for kind in [Kind::EventCount, Kind::ValueCount, Kind::ValueSum] {
        let body = correlation(kind, "a", 10);
        assert!(crate::reference::run(&rule(body), &[], &crate::reference::RunOptions::default()).is_err());
    }
    let body = numbered(Kind::ValueSum, "a", &[(Relation::Less, 1)], None);
    assert!(crate::reference::check(&rule(Body::Correlation(body))).is_err());
}
