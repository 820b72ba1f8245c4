//! Streams of several events.

use serde_json::Value as Json;

use crate::testing::{at, eql, events, sigma};
use crate::{Outcome, Search};

#[track_caller]
fn fields(rule: &eqlc_ir::Rule, path: &str) -> Vec<Json> {
    events(rule).iter().map(|event| at(event, path).clone()).collect()
}

fn millis(event: &Json) -> i64 {
    let text = at(event, "@timestamp").as_str().expect("a time");
    text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
}

#[test]
fn steps_share_their_keys_whatever_they_are_called() {
    let rule = eql(
        r#"sequence [process where process.name == "a.exe"] by process.entity_id, user.id [process where true] by process.parent.entity_id, user.id"#,
    );
    let found = events(&rule);
    assert_eq!(at(&found[0], "process.entity_id"), at(&found[1], "process.parent.entity_id"));
    assert_eq!(at(&found[0], "user.id"), at(&found[1], "user.id"));
}

#[test]
fn a_key_comes_from_the_step_that_asks_most_of_it() {
    let rule = eql(r#"sequence by user.id [process where true] [file where user.id == "S-1-5-18"]"#);
    assert_eq!(fields(&rule, "user.id"), ["S-1-5-18", "S-1-5-18"]);
}

#[test]
fn events_lie_within_the_time_span() {
    let rule = eql("sequence with maxspan=2s [any where true] with runs=5 [file where true]");
    let found = events(&rule);
    assert_eq!(found.len(), 6);
    assert!(millis(&found[5]) - millis(&found[0]) <= 2_000);
    assert!(millis(&found[5]) > millis(&found[0]));
}

#[test]
fn missing_events_and_ends_are_left_out() {
    let rule = eql(
        r#"sequence by host.id with maxspan=1m [process where process.name == "a"] ![network where true] [file where true] until [process where process.name == "z"]"#,
    );
    assert_eq!(fields(&rule, "event.category"), ["process", "file"]);
}

#[test]
fn later_steps_name_values_of_earlier_ones() {
    let rule = eql(
        r#"sequence by host.id [file where file.extension == "js"] as event0 [process where stringContains(process.command_line, event0.file.name) and process.pid != event0.process.pid]"#,
    );
    let found = events(&rule);
    let name = at(&found[0], "file.name").as_str().expect("a name");
    assert!(at(&found[1], "process.command_line").as_str().expect("a text").contains(name));
}

#[test]
fn samples_have_an_event_for_each_term() {
    let rule =
        eql(r#"sample by host.id [process where true] [file where file.name == "a"] [network where true]"#);
    assert_eq!(fields(&rule, "event.category"), ["process", "file", "network"]);
}

#[test]
fn one_host_one_user_and_one_id_for_a_program() {
    let rule = eql(
        r#"sequence by host.id [process where process.name == "a.exe"] [network where process.name == "a.exe"] [process where process.name == "b.exe"]"#,
    );
    let ids = fields(&rule, "process.entity_id");
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    for path in ["host.name", "user.name", "agent.id"] {
        let values = fields(&rule, path);
        assert!(!values[0].is_null() && values.iter().all(|value| *value == values[0]), "{path}");
    }
    let pids = fields(&rule, "process.pid");
    assert!(pids[0] == pids[1] && pids[0] != pids[2], "{pids:?}");
}

#[test]
fn a_process_that_is_told_of_again_is_the_same() {
    let rule = eql(
        r#"sequence with maxspan=1m [process where process.name == "a.exe" and not process.args == "-x"] by process.entity_id [network where true] by process.entity_id [process where true] by process.parent.entity_id"#,
    );
    let program = "C:\\Program Files\\Example\\a.exe";
    let executables = fields(&rule, "process.executable");
    assert_eq!(executables[..2], [program, program]);
    assert_ne!(executables[2], program);
    assert_eq!(fields(&rule, "process.parent.executable")[2], program);
    assert_eq!(fields(&rule, "process.parent.pid")[2], fields(&rule, "process.pid")[0]);
    assert_eq!(fields(&rule, "process.args")[0], serde_json::json!(["a.exe"]));
    assert_eq!(fields(&rule, "process.command_line")[0], "a.exe");
}

const LOGON: &str = "title: a\nname: a\nlogsource: {product: windows}\ndetection:\n  s:\n    EventID: 4625\n  condition: s\n---\ntitle: b\nname: b\nlogsource: {product: windows}\ndetection:\n  s:\n    EventID: 4624\n  condition: s\n---\n";

fn correlation(text: &str) -> eqlc_ir::Rule {
    sigma(&format!("{LOGON}title: c\n{text}"))
}

fn of_kind(kind: &str, condition: &str) -> eqlc_ir::Rule {
    correlation(&format!(
        "correlation:\n  type: {kind}\n  rules: [a]\n  group-by: [User]\n  timespan: 5m\n  condition:\n{condition}\n"
    ))
}

#[test]
fn counts_get_as_many_events_as_they_ask_for() {
    for (condition, wanted) in [("    gte: 7", 7), ("    gt: 7", 8), ("    eq: 3", 3), ("    lt: 4", 1)] {
        let rule = of_kind("event_count", condition);
        let users = fields(&rule, "User");
        assert_eq!(users.len(), wanted, "{condition}");
        assert!(users.iter().all(|user| *user == users[0] && !user.is_null()));
    }
}

#[test]
fn counted_values_are_all_different() {
    let rule = of_kind("value_count", "    gte: 4\n    field: Computer");
    let mut values: Vec<String> = fields(&rule, "Computer").iter().map(Json::to_string).collect();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), 4);
}

#[test]
fn sums_means_and_percentiles_have_a_value_within_their_bounds() {
    for (kind, condition) in [
        ("value_sum", "    gt: 1000\n    field: Bytes"),
        ("value_avg", "    gte: 10\n    lt: 12\n    field: Bytes"),
        ("value_percentile", "    gte: 99\n    field: Bytes\n    percentile: 95"),
    ] {
        assert!(!events(&of_kind(kind, condition)).is_empty(), "{kind}");
    }
}

#[test]
fn temporal_correlations_have_an_event_of_each_rule_in_order() {
    for kind in ["temporal", "temporal_ordered"] {
        let rule = correlation(&format!(
            "correlation:\n  type: {kind}\n  rules: [a, b]\n  group-by: [User]\n  timespan: 10s\n"
        ));
        assert_eq!(fields(&rule, "EventID"), [4625, 4624], "{kind}");
    }
}

#[test]
fn chained_correlations_are_made_from_the_inside() {
    let text = format!(
        "{LOGON}title: many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [User]\n  timespan: 5m\n  condition:\n    gte: 3\n---\ntitle: c\ncorrelation:\n  type: temporal_ordered\n  rules: [many, b]\n  group-by: [User]\n  timespan: 10m\n"
    );
    let rule = sigma(&text);
    assert_eq!(fields(&rule, "EventID"), [4625, 4625, 4625, 4624]);
}

#[test]
fn what_stands_before_now_depends_on_when_that_is() {
    let rule = eql(r#"process where @timestamp > "now-1d" and @timestamp <= "now""#);
    let now = eqlc_events::DateSpan::parse("2030-06-01T12:00:00Z").expect("a date").first;
    let Outcome::Found(found) = Search::new().now(now).witness(&rule) else { panic!("found") };
    assert_eq!(at(&found[0].events[0], "@timestamp"), "2030-06-01T11:00:00.000Z");
}
