//! What Sigma rules mean on events (Sigma specification 2.1; `mapping.md` §3.6–3.7), from the text of the rule to the
//! verdict.

use std::path::PathBuf;

use eqlc_backend_native::reference::{self, RunOptions};
use eqlc_driver::{Input, LoadOptions, load_bytes};
use eqlc_events::Event;
use serde_json::{Value as Json, json};

/// The rule of a file, which must have no findings.
fn rules(text: &str) -> Vec<eqlc_ir::Rule> {
    let input = Input { path: None, relative: PathBuf::from("rule.yml") };
    let unit = load_bytes(input, text.as_bytes(), LoadOptions::default());
    assert_eq!(unit.diagnostics, [], "{text}");
    unit.rules.into_iter().map(|rule| rule.rule).collect()
}

fn rule_text(detection: &str) -> String {
    let body: String = detection.trim().lines().map(|line| format!("    {line}\n")).collect();
    format!("title: T\nlogsource: {{product: p}}\ndetection:\n{body}")
}

/// Whether a rule with this detection matches an event of its log source.
fn matches(detection: &str, mut event: Json) -> bool {
    event["logsource"] = json!({"product": "p"});
    let event = Event::from_json(event, 0).unwrap();
    let rules = rules(&rule_text(detection));
    !reference::run(&rules[0], &[event], &RunOptions::default()).unwrap().is_empty()
}

/// Whether one test, an entry of a map, holds of an event.
fn holds(entry: &str, event: Json) -> bool {
    let entry = entry.replace('\n', "\n    ");
    matches(&format!("s:\n    {entry}\ncondition: s"), event)
}

/// Whether its negation in the condition does.
fn fails(entry: &str, event: Json) -> bool {
    let entry = entry.replace('\n', "\n    ");
    matches(&format!("s:\n    {entry}\ncondition: not s"), event)
}

#[test]
fn null_is_a_field_without_a_value() {
    for event in [json!({}), json!({"f": null}), json!({"f": []})] {
        assert!(holds("f: null", event.clone()), "{event}");
        assert!(!fails("f: null", event));
    }
    for event in [json!({"f": ""}), json!({"f": "None"}), json!({"f": "null"}), json!({"f": 0})] {
        assert!(!holds("f: null", event.clone()), "{event}");
    }
}

#[test]
fn two_quotes_are_the_empty_text_and_not_absence() {
    assert!(holds("f: ''", json!({"f": ""})));
    for event in [json!({}), json!({"f": null}), json!({"f": " "}), json!({"f": "x"})] {
        assert!(!holds("f: ''", event.clone()), "{event}");
    }
    assert!(holds("f: '*'", json!({"f": ""})) && holds("f: '*'", json!({"f": "x"})));
    assert!(!holds("f: '*'", json!({})) && !holds("f: '?*'", json!({"f": ""})));
}

#[test]
fn exists_asks_for_the_field_alone() {
    for event in [json!({"f": "x"}), json!({"f": ""}), json!({"f": null}), json!({"f": []})] {
        assert!(holds("f|exists: true", event.clone()), "{event}");
        assert!(!holds("f|exists: false", event));
    }
    assert!(holds("f|exists: false", json!({"g": 1})) && !holds("f|exists: true", json!({"g": 1})));
}

#[test]
fn neq_is_the_negation_of_the_test() {
    assert!(holds("f|neq: x", json!({"f": "y"})) && !holds("f|neq: x", json!({"f": "X"})));
    // As `not` does, and unlike engines that ask for the field first.
    assert!(holds("f|neq: x", json!({})));
    assert!(holds("f|neq: 5", json!({"f": 6})) && !holds("f|neq: 5", json!({"f": 5})));
    assert!(!holds("f|neq: [x, y]", json!({"f": "y"})) && holds("f|neq: [x, y]", json!({"f": "z"})));
    assert!(holds("f|endswith|neq: x", json!({"f": "xy"})));
    assert!(
        !holds("f|fieldref|neq: g", json!({"f": 1, "g": 1}))
            && holds("f|fieldref|neq: g", json!({"f": 1, "g": 2}))
    );
}

#[test]
fn a_missing_field_fails_every_test_and_passes_every_negation() {
    for entry in [
        "f: x",
        "f: 5",
        "f|contains: x",
        "f|re: x",
        "f|cidr: 10.0.0.0/8",
        "f|gt: 1",
        "f|fieldref: g",
        "f|hour: 1",
    ] {
        assert!(!holds(entry, json!({"other": 1})), "{entry}");
        assert!(fails(entry, json!({"other": 1})), "{entry}");
    }
}

#[test]
fn keywords_are_found_in_the_whole_event() {
    let any = "k:\n    - mimikatz\n    - 'sekurlsa::*'\ncondition: k";
    assert!(
        matches(any, json!({"a": "run MIMIKATZ now"}))
            && matches(any, json!({"a": {"b": ["x", "xsekurlsa::y"]}}))
    );
    assert!(!matches(any, json!({"mimikatz": "x"})) && !matches(any, json!({"a": "mimi", "b": "katz"})));
    let all = "k:\n    '|all':\n        - foo\n        - bar\ncondition: k";
    assert!(matches(all, json!({"a": "foo", "b": "bar"})) && !matches(all, json!({"a": "foo"})));
    assert!(matches("k:\n    - 4625\ncondition: k", json!({"EventID": 4625})));
    assert!(matches("k:\n    - x\ncondition: not k", json!({"a": "y"})));
}

#[test]
fn a_regular_expression_is_found_anywhere_and_minds_letter_case() {
    assert!(holds(r"f|re: '\.exe\s+-enc'", json!({"f": "x foo.exe  -enc y"})));
    assert!(!holds(r"f|re: '\.exe\s+-enc'", json!({"f": "foo.EXE -enc"})));
    assert!(holds("f|re: '^foo$'", json!({"f": "foo"})) && !holds("f|re: '^foo$'", json!({"f": "xfoo"})));
    assert!(holds("f|re|i: 'FOO'", json!({"f": "xfoox"})));
    assert!(holds("f|re|m: '^b'", json!({"f": "a\nb"})) && !holds("f|re: '^b'", json!({"f": "a\nb"})));
    assert!(holds("f|re|s: 'a.b'", json!({"f": "a\nb"})) && !holds("f|re: 'a.b'", json!({"f": "a\nb"})));
    assert!(holds("f|re: '^46\\d+$'", json!({"f": 4688})));
}

#[test]
fn cased_minds_letter_case_and_nothing_else_does() {
    assert!(holds("f: abc", json!({"f": "ABC"})) && !holds("f|cased: abc", json!({"f": "ABC"})));
    assert!(holds("f|contains|cased: FooBar", json!({"f": "xFooBarx"})));
    assert!(!holds("f|contains|cased: FooBar", json!({"f": "xfoobarx"})));
    assert!(holds("f: 'ÄÖ'", json!({"f": "äö"})));
}

#[test]
fn a_field_is_compared_with_another() {
    assert!(
        holds("f|fieldref: g", json!({"f": "x", "g": "x"}))
            && !holds("f|fieldref: g", json!({"f": "x", "g": "y"}))
    );
    assert!(!holds("f|fieldref: g", json!({"f": "x"})) && !holds("f|fieldref: g", json!({})));
    assert!(holds("f|fieldref|startswith: g", json!({"f": "abc", "g": "AB"})));
    assert!(holds("f|fieldref|endswith: g", json!({"f": "abc", "g": "bc"})));
    assert!(holds("f|fieldref|contains: g", json!({"f": "abc", "g": "b"})));
    assert!(holds("f|fieldref: g", json!({"f": "ÄB", "g": "äb"})));
    for test in ["f|cased|fieldref: g", "f|fieldref|cased: g"] {
        assert!(!holds(test, json!({"f": "x", "g": "X"})) && holds(test, json!({"f": "x", "g": "x"})));
    }
    assert!(!holds("f|cased|fieldref|startswith: g", json!({"f": "abc", "g": "AB"})));
}

#[test]
fn networks_hold_addresses_of_both_versions() {
    assert!(holds("f|cidr: 10.0.0.0/8", json!({"f": "10.255.0.1"})));
    assert!(
        !holds("f|cidr: 10.0.0.0/8", json!({"f": "11.0.0.1"}))
            && !holds("f|cidr: 10.0.0.0/8", json!({"f": "x"}))
    );
    assert!(
        holds("f|cidr: 'fe80::/10'", json!({"f": "fe80::1"}))
            && !holds("f|cidr: 'fe80::/10'", json!({"f": "::1"}))
    );
    assert!(holds("f|cidr: ['127.0.0.0/8', '::1/128']", json!({"f": "::1"})));
    assert!(holds("f|cidr: 10.0.0.0/8", json!({"f": ["192.168.0.1", "10.0.0.1"]})));
}

#[test]
fn every_dash_of_windows_begins_an_option() {
    for dash in ["-", "/", "–", "—", "―"] {
        let event = json!({"f": format!("x.exe {dash}enc y-z")});
        assert!(holds("f|contains|windash: ' -enc '", event.clone()), "{dash}");
        assert!(holds("f|windash|contains: ' /enc '", event.clone()), "{dash}");
        assert!(holds("f|windash|contains: ' –enc '", event), "{dash}");
    }
    assert!(!holds("f|contains|windash: 'y-z'", json!({"f": "y/z"})));
}

#[test]
fn base64_is_found_at_every_offset() {
    // "xfoobar", "xxfoobar" and "xxxfoobar".
    for encoded in ["Zm9vYmFy", "eGZvb2Jhcg==", "eHhmb29iYXI=", "eHh4Zm9vYmFy"] {
        assert!(holds("f|base64offset|contains: foobar", json!({"f": encoded})), "{encoded}");
    }
    assert!(!holds("f|base64offset|contains: foobar", json!({"f": "Zm9vYmF6"})));
    assert!(holds("f|base64: foobar", json!({"f": "Zm9vYmFy"})));
}

#[test]
fn utf16_is_encoded_before_base64() {
    for (modifier, encoded) in
        [("wide", "aABpAA=="), ("utf16le", "aABpAA=="), ("utf16be", "AGgAaQ=="), ("utf16", "//5oAGkA")]
    {
        assert!(holds(&format!("f|{modifier}|base64: hi"), json!({"f": encoded})), "{modifier}");
    }
    assert!(holds("f|wide|base64offset|contains: 'http'", json!({"f": "eGgAdAB0AHAAeQ=="})));
}

#[test]
fn wildcards_stand_for_line_ends_too_and_are_escaped() {
    assert!(holds("f: 'a?b*c'", json!({"f": "aXb\nc"})) && !holds("f: 'a?b'", json!({"f": "ab"})));
    assert!(
        holds(r"f|contains: 'a\*b'", json!({"f": "xa*bx"}))
            && !holds(r"f|contains: 'a\*b'", json!({"f": "xaZZbx"}))
    );
    assert!(holds(r"f: 'what\?'", json!({"f": "what?"})) && !holds(r"f: 'what\?'", json!({"f": "whatX"})));
    assert!(holds(r"f: 'C:\\*'", json!({"f": r"C:\x"})));
}

#[test]
fn values_are_texts_whatever_they_are_in_the_event() {
    for event in [json!({"EventID": 4688}), json!({"EventID": "4688"})] {
        assert!(holds("EventID: 4688", event.clone()) && holds("EventID: '4688'", event.clone()), "{event}");
        assert!(!holds("EventID: 4689", event));
    }
    for event in [json!({"Initiated": true}), json!({"Initiated": "true"}), json!({"Initiated": "True"})] {
        assert!(holds("Initiated: 'true'", event.clone()), "{event}");
    }
    assert!(holds("f|gt: 9", json!({"f": "10"})) && holds("f|lte: 9.5", json!({"f": 9.5})));
    assert!(holds("f: [1, x]", json!({"f": "X"})) && holds("f: x", json!({"f": ["a", "x"]})));
}

#[test]
fn parts_of_times_are_numbers() {
    let event = || json!({"t": "2024-12-30T23:05:06Z"});
    for entry in ["t|minute: 5", "t|hour: 23", "t|day: 30", "t|week: 1", "t|month: 12", "t|year: 2024"] {
        assert!(holds(entry, event()), "{entry}");
    }
    assert!(
        holds("t|hour|gte: 22", event())
            && !holds("t|hour|lt: 22", event())
            && holds("t|hour: [1, 23]", event())
    );
}

#[test]
fn conditions_count_private_searches_by_name_only() {
    let searches = "a:\n    f: x\nb:\n    g: x\n_c:\n    h: x\n";
    let of = |condition: &str, event: Json| matches(&format!("{searches}condition: {condition}"), event);
    assert!(
        of("1 of them and _c", json!({"f": "x", "h": "x"}))
            && !of("1 of them or a and _c", json!({"h": "x"}))
    );
    assert!(
        of("all of them or _c", json!({"f": "x", "g": "x"}))
            && !of("all of them and not _c", json!({"f": "x"}))
    );
    assert!(
        of("2 of them or 1 of _*", json!({"h": "x"})) && of("2 of them or _c", json!({"f": "x", "g": "x"}))
    );
    // A list of conditions is an alternative.
    assert!(of("[a, _c or b]", json!({"g": "x"})) && !of("[a, _c and b]", json!({"g": "x"})));
}

/// Events at these seconds with a user; the number of alerts of a correlation over rule `r`.
fn alerts(correlation: &str, events: &[(i64, &str)]) -> usize {
    let body: String = correlation.trim().lines().map(|line| format!("    {line}\n")).collect();
    let base = "title: R\nname: r\nlogsource: {product: p}\ndetection:\n    s:\n        kind: r\n    condition: s\n---\n\
                title: Q\nname: q\nlogsource: {product: p}\ndetection:\n    s:\n        kind: q\n    condition: s\n";
    let text = format!("{base}---\ntitle: C\ncorrelation:\n{body}");
    let rules = rules(&text);
    let correlation = rules.iter().find(|rule| rule.id == "C").unwrap();
    let events: Vec<Event> = events
        .iter()
        .enumerate()
        .map(|(at, (second, fields))| {
            let mut event = json!({"@timestamp": second * 1000, "logsource": {"product": "p"}});
            for (name, value) in fields.split_whitespace().filter_map(|pair| pair.split_once('=')) {
                event[name] = json!(value);
            }
            Event::from_json(event, at).unwrap()
        })
        .collect();
    reference::run(correlation, &events, &RunOptions::default()).unwrap().len()
}

/// Sigma correlation rules, "Event Count": per group, inside the time span, compared by the condition.
#[test]
fn events_are_counted() {
    let of = |bound: &str, count: i64| {
        let events: Vec<(i64, &str)> = (0..count).map(|second| (second, "kind=r user=a")).collect();
        alerts(
            &format!(
                "type: event_count\nrules: [r, q]\ngroup-by: [user]\ntimespan: 5m\ncondition:\n    {bound}"
            ),
            &events,
        )
    };
    assert_eq!((of("gt: 5", 6), of("gt: 5", 5)), (1, 0));
    assert_eq!((of("gte: 5", 5), of("gte: 5", 4)), (1, 0));
    assert_eq!((of("lt: 5", 4), of("lt: 5", 5)), (1, 0));
    assert_eq!((of("lte: 5", 5), of("lte: 5", 6)), (1, 0));
    assert_eq!((of("eq: 5", 5), of("eq: 5", 6)), (1, 0));
    assert_eq!((of("neq: 5", 4), of("neq: 5", 5)), (1, 0));
    assert_eq!((of("gt: 2\n    lte: 4", 4), of("gt: 2\n    lte: 4", 5)), (1, 0));
}

/// "Value Count": different values of the field.
#[test]
fn values_are_counted() {
    let of = |events: &[(i64, &str)]| {
        alerts(
            "type: value_count\nrules: [r, q]\ngroup-by: [user]\ntimespan: 5m\ncondition:\n    gte: 3\n    field: host",
            events,
        )
    };
    let at = |hosts: &[&'static str]| -> Vec<(i64, &str)> { hosts.iter().map(|host| (0, *host)).collect() };
    assert_eq!(of(&at(&["kind=r user=a host=x", "kind=r user=a host=y", "kind=q user=a host=z"])), 1);
    assert_eq!(of(&at(&["kind=r user=a host=x", "kind=r user=a host=x", "kind=q user=a host=x"])), 0);
    assert_eq!(of(&at(&["kind=r user=a host=x", "kind=r user=b host=y", "kind=q user=a host=z"])), 0);
}

/// `value_sum`, `value_avg` and `value_percentile` of the schema.
#[test]
fn values_are_computed_with() {
    let of = |kind: &str, condition: &str| {
        let events =
            [(0, "kind=r user=a bytes=100"), (1, "kind=r user=a bytes=300"), (2, "kind=q user=a bytes=800")];
        let condition = condition.replace(',', "\n   ");
        alerts(
            &format!(
                "type: {kind}\nrules: [r, q]\ngroup-by: [user]\ntimespan: 5m\ncondition:\n    field: bytes\n    {condition}"
            ),
            &events,
        )
    };
    assert_eq!((of("value_sum", "gte: 1200"), of("value_sum", "gt: 1200")), (1, 0));
    assert_eq!((of("value_avg", "eq: 400"), of("value_avg", "gt: 400")), (1, 0));
    assert_eq!(of("value_percentile", "eq: 300, percentile: 50"), 1);
    assert_eq!(of("value_percentile", "gt: 700, percentile: 95"), 1);
}

/// "Temporal Proximity": every rule inside the time span, in any order; "Ordered": in that of the list.
#[test]
fn rules_match_in_time() {
    let of = |kind: &str, more: &str, events: &[(i64, &str)]| {
        alerts(&format!("type: {kind}\nrules: [r, q]\ngroup-by: [user]\ntimespan: 5m\n{more}"), events)
    };
    let forth = [(0, "kind=r user=a"), (60, "kind=q user=a")];
    let back = [(0, "kind=q user=a"), (60, "kind=r user=a")];
    let far = [(0, "kind=r user=a"), (360, "kind=q user=a")];
    let apart = [(0, "kind=r user=a"), (60, "kind=q user=b")];
    assert_eq!([&forth, &back, &far, &apart].map(|events| of("temporal", "", events)), [1, 1, 0, 0]);
    assert_eq!([&forth, &back, &far, &apart].map(|events| of("temporal_ordered", "", events)), [1, 0, 0, 0]);
    // An older event does not stand in the way.
    let older = [(-90_000, "kind=r user=a"), (0, "kind=r user=a"), (60, "kind=q user=a")];
    assert_eq!(of("temporal_ordered", "", &older), 1);
    assert_eq!(of("temporal", "condition:\n    gte: 1", &far[..1]), 1);
    assert_eq!(of("temporal", "condition: r and not q", &far), 1);
    assert_eq!(of("temporal", "condition: r and not q", &forth), 0);
}

/// "Field Name Aliases": one name for fields that the rules call otherwise.
#[test]
fn aliases_join_different_fields() {
    let of = |events: &[(i64, &str)]| {
        alerts(
            "type: temporal\nrules: [r, q]\naliases:\n    ip:\n        r: src\n        q: dst\ngroup-by: [ip]\ntimespan: 10s",
            events,
        )
    };
    assert_eq!(of(&[(0, "kind=r src=1 dst=2"), (1, "kind=q src=2 dst=1")]), 1);
    assert_eq!(of(&[(0, "kind=r src=1 dst=2"), (1, "kind=q src=1 dst=2")]), 0);
}

/// The example of the specification: many failed logins, then a successful one of the same user; the inner rule has
/// groups of its own.
#[test]
fn correlations_stand_inside_each_other() {
    let text = |inner: &str| {
        format!(
            "title: R\nname: failed\nlogsource: {{product: p}}\ndetection:\n    s:\n        kind: r\n    condition: s\n---\n\
             title: M\nname: many\ncorrelation:\n    type: event_count\n    rules: [failed]\n    group-by: [{inner}]\n    \
             timespan: 5m\n    condition:\n        gte: 3\n---\n\
             title: Q\nname: success\nlogsource: {{product: p}}\ndetection:\n    s:\n        kind: q\n    condition: s\n---\n\
             title: C\ncorrelation:\n    type: temporal_ordered\n    rules: [many, success]\n    group-by: [user]\n    timespan: 1h\n"
        )
    };
    let event = |second: i64, kind: &str, host: &str| json!({"@timestamp": second * 1000, "logsource": {"product": "p"}, "kind": kind, "user": "a", "host": host});
    let of = |inner: &str, list: &[Json]| {
        let rules = rules(&text(inner));
        assert_eq!(rules.len(), 1);
        let events: Vec<Event> =
            list.iter().enumerate().map(|(at, json)| Event::from_json(json.clone(), at).unwrap()).collect();
        reference::run(&rules[0], &events, &RunOptions::default()).unwrap().len()
    };
    let mut list: Vec<Json> = (0..3).map(|second| event(second, "r", "x")).collect();
    list.push(event(60, "q", "y"));
    assert_eq!(of("host", &list), 1);
    list[1]["host"] = json!("z");
    assert_eq!((of("host", &list), of("user", &list)), (0, 1));
    list[3]["@timestamp"] = json!(4_000_000);
    assert_eq!(of("user", &list), 0);
}
