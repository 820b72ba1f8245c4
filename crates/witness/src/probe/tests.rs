//! Near misses: what is changed, and what the rule says of it.

use std::collections::BTreeSet;

use crate::testing::{at, eql, misses, sigma, verdicts};
use crate::{Change, Outcome, Probe, Search};

fn verdict(probes: &[Probe], change: Change, field: &str) -> Vec<bool> {
    let of = probes.iter().filter(|probe| probe.change == change && probe.field.as_deref() == Some(field));
    of.map(|probe| probe.matches).collect()
}

#[test]
fn every_test_has_an_event_that_fails_only_there() {
    let text = r#"process where process.name : "a.exe" and user.id == "x" and not process.args == "-s" and process.pid > 4"#;
    let probes = misses(&eql(text));
    let spans: BTreeSet<&str> = probes
        .iter()
        .filter(|probe| probe.change == Change::Flipped)
        .map(|probe| {
            assert!(!probe.matches, "{probe}");
            probe.span.and_then(|span| text.get(span.range())).unwrap_or_default()
        })
        .collect();
    let wanted = [
        "process",
        r#"process.name : "a.exe""#,
        r#"user.id == "x""#,
        r#"process.args == "-s""#,
        "process.pid > 4",
    ];
    assert_eq!(spans, BTreeSet::from(wanted));
}

#[test]
fn a_near_miss_differs_in_the_field_of_its_test() {
    let rule = eql(r#"process where process.name == "a.exe" and user.id == "x""#);
    let flipped =
        misses(&rule).into_iter().find(|probe| probe.field.as_deref() == Some("user.id")).expect("one");
    assert_eq!(at(&flipped.events[0], "process.name"), "a.exe");
    assert_ne!(at(&flipped.events[0], "user.id"), "x");
}

#[test]
fn alternatives_are_each_decisive_in_turn() {
    let rule = eql(r#"process where process.name == "a.exe" or user.id == "x""#);
    let flipped = verdicts(&misses(&rule), Change::Flipped);
    assert_eq!(flipped.len(), 3, "{flipped:?}");
    assert!(flipped.iter().all(|(_, matches)| !matches));
}

#[test]
fn letter_case_counts_where_the_test_says_so() {
    let probes = misses(&eql(r#"process where process.name == "a.exe" and user.name : "bob""#));
    assert_eq!(verdict(&probes, Change::OtherCase, "process.name"), [false]);
    assert_eq!(verdict(&probes, Change::OtherCase, "user.name"), [true]);
}

#[test]
fn without_a_field_its_test_fails_and_in_a_list_it_holds() {
    let probes = misses(&eql(r#"process where process.name == "a.exe" and not user.name == "bob""#));
    assert_eq!(verdict(&probes, Change::Lacking, "process.name"), [false]);
    assert_eq!(verdict(&probes, Change::InList, "process.name"), [true]);
    // An exclusion holds without the field.
    assert_eq!(verdict(&probes, Change::Lacking, "user.name"), [true]);
    let of_name = |probe: &&Probe| probe.field.as_deref() == Some("process.name");
    let list = probes.iter().filter(of_name).find(|probe| probe.change == Change::InList).expect("one");
    assert_eq!(at(&list.events[0], "process.name").as_array().map(Vec::len), Some(2));
}

#[test]
fn sequences_have_an_order_keys_and_a_time_span() {
    let rule = eql(
        r#"sequence by host.id with maxspan=10s [process where process.name == "a"] [file where file.name == "b"]"#,
    );
    let probes = misses(&rule);
    for (change, wanted) in [
        (Change::OtherOrder, false),
        (Change::OtherKey, false),
        (Change::AtSpan, true),
        (Change::BeyondSpan, false),
        (Change::Fewer, false),
    ] {
        let found = verdicts(&probes, change);
        assert!(
            !found.is_empty() && found.iter().all(|(_, matches)| *matches == wanted),
            "{change:?} {found:?}"
        );
    }
    let flipped = verdicts(&probes, Change::Flipped);
    assert!(flipped.len() >= 4 && flipped.iter().all(|(_, matches)| !matches), "{flipped:?}");
}

#[test]
fn ends_and_forbidden_events_break_a_sequence() {
    let rule = eql(
        r#"sequence by host.id with maxspan=1m [process where process.name == "a"] ![network where true] [file where true] until [process where process.name == "z"]"#,
    );
    let probes = misses(&rule);
    assert_eq!(verdicts(&probes, Change::Ended).len(), 1);
    assert_eq!(verdicts(&probes, Change::NotMissing).len(), 1);
    assert!(
        probes
            .iter()
            .filter(|probe| matches!(probe.change, Change::Ended | Change::NotMissing))
            .all(|p| !p.matches)
    );
}

#[test]
fn correlations_have_one_event_too_few_and_another_group() {
    let rule = sigma(
        "title: a\nname: a\nlogsource: {product: windows}\ndetection:\n  s:\n    EventID: 4625\n  condition: s\n---\ntitle: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [User]\n  timespan: 5m\n  condition:\n    gte: 3\n",
    );
    let probes = misses(&rule);
    for (change, wanted) in [
        (Change::Fewer, false),
        (Change::OtherKey, false),
        (Change::AtSpan, true),
        (Change::BeyondSpan, false),
    ] {
        let found = verdicts(&probes, change);
        assert!(found.len() == 1 && found[0].1 == wanted, "{change:?} {found:?}");
    }
}

#[test]
fn branches_go_through_every_alternative_and_item() {
    let rule =
        eql(r#"process where process.name : ("a.exe", "b*.exe") and (user.id == "1" or user.id == "2")"#);
    let branches = Search::new().branches(&rule);
    assert!(branches.iter().all(|probe| probe.matches));
    let names: BTreeSet<String> =
        branches.iter().map(|probe| at(&probe.events[0], "process.name").to_string()).collect();
    let ids: BTreeSet<String> =
        branches.iter().map(|probe| at(&probe.events[0], "user.id").to_string()).collect();
    assert_eq!((names.len(), ids.len()), (2, 2), "{names:?} {ids:?}");
    assert_eq!(Search::new().limit(2).branches(&rule).len(), 2);
}

#[test]
fn probes_start_with_the_witness_and_are_all_different() {
    let rule = eql(r#"sequence by host.id [process where process.name == "a"] [file where file.name : "b"]"#);
    let probes = Search::new().probes(&rule);
    assert_eq!((probes[0].change, probes[0].matches), (Change::Nothing, true));
    let texts: BTreeSet<String> = probes.iter().map(|probe| format!("{:?}", probe.events)).collect();
    assert_eq!(texts.len(), probes.len());
    assert_eq!(probes, Search::new().probes(&rule));
}

#[test]
fn what_has_no_witness_has_no_near_misses() {
    let rule = eql(r#"any where user.name == "a" and not user.name : "a""#);
    assert_eq!(Search::new().near_misses(&rule), []);
    assert_eq!(Search::new().branches(&rule), []);
}

#[test]
fn values_at_the_edges_of_a_test_stand_in_one_stream_where_events_are_judged_apart() {
    let rule = eql(r#"process where process.name : ("a?.exe", "b*c") and process.pid >= 7"#);
    let probes = misses(&rule);
    let of = |field: &str| -> Vec<String> {
        let near: Vec<_> = probes
            .iter()
            .filter(|probe| probe.change == Change::Near && probe.field.as_deref() == Some(field))
            .collect();
        assert_eq!(near.len(), 1, "{field}");
        near[0].events.iter().map(|event| at(event, field).to_string()).collect()
    };
    let names = of("process.name");
    for wanted in ["\"a.exe\"", "\"aCD.exe\"", "\"aC.exeq\"", "\"qaC.exe\"", "\"bc\"", "\"bqc\"", "\"BC\""] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} {names:?}");
    }
    assert_eq!(of("process.pid").into_iter().filter(|pid| pid != "7").collect::<Vec<_>>(), ["6", "8"]);
}

#[test]
fn values_at_the_edges_keep_the_parts_of_a_path_together() {
    let rule = eql(r#"process where process.name : "a.exe""#);
    let probes = misses(&rule);
    let near = probes.iter().find(|probe| probe.change == Change::Near).expect("one");
    for event in &near.events {
        let (name, path) = (at(event, "process.name"), at(event, "process.executable"));
        let (name, path) = (name.as_str().expect("a name"), path.as_str().expect("a path"));
        assert!(path.ends_with(name), "{path} {name}");
    }
}

#[test]
fn steps_of_a_sequence_have_values_at_the_edges_in_streams_of_their_own() {
    let rule = eql(r#"sequence by host.id [process where process.pid > 9] [file where file.name : "b*"]"#);
    let near: Vec<_> = misses(&rule).into_iter().filter(|probe| probe.change == Change::Near).collect();
    assert!(near.iter().all(|probe| probe.events.len() == 2));
    assert!(near.iter().any(|probe| probe.matches) && near.iter().any(|probe| !probe.matches));
}

/// Executables of the events of the near misses of a rule.
fn executables(text: &str) -> Vec<String> {
    let probes = misses(&eql(text));
    let events = probes.iter().flat_map(|probe| &probe.events);
    events.map(|event| at(event, "process.executable").as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn tests_that_share_a_field_are_told_from_ones_that_are_a_little_different() {
    let text = r#"process where process.executable : "*\\a.exe" and
        not process.executable : ("C:\\b\\*", "C:\\c\\*")"#;
    let found = executables(text);
    let any = |holds: &dyn Fn(&str) -> bool| found.iter().any(|path| holds(path));
    // Each exclusion alone, one that stands behind something, one in other letters.
    assert!(any(&|path| path.starts_with("C:\\c\\") && path.ends_with("\\a.exe")), "{found:?}");
    let behind = |path: &str| path.to_ascii_lowercase().find("c:\\b\\") > Some(0);
    assert!(any(&|path| behind(path) && path.ends_with("\\a.exe")), "{found:?}");
    let folder = |path: &str| {
        path.get(..5).is_some_and(|folder| folder != "C:\\b\\" && folder.eq_ignore_ascii_case("C:\\b\\"))
    };
    assert!(any(&|path| folder(path) && path.to_ascii_lowercase().ends_with("\\a.exe")), "{found:?}");
}

#[test]
fn a_number_that_a_function_of_a_text_is_compared_with_is_no_value_of_the_text() {
    let rule = eql("registry where length(registry.data.strings) > 0");
    let Outcome::Found(found) = Search::new().witness(&rule) else { panic!("no witness") };
    assert!(at(&found[0].events[0], "registry.data.strings").is_string(), "{:?}", found[0].events);
}
