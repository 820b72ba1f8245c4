//! Correlations.

use super::{lowered, shown_of};

const RULES: &str = "\
title: One
name: both_first
logsource:
    category: file_event
detection:
    s:
        TargetFilename|endswith: '.exe'
    condition: s
---
title: Two
id: 0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a
logsource:
    category: process_creation
detection:
    s:
        Image: 'x'
    condition: s
---
";

fn correlation(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!("{RULES}title: Both\nname: both\ncorrelation:\n{body}")
}

const REFERENCES: &str = "rules: [both_first, 0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a]\ntimespan: 5m\n";

#[test]
fn a_correlation_and_its_rules_are_one_rule() {
    let aliases = "aliases:\n    file:\n        both_first: TargetFilename\n        \
                   0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a: Image\ngroup-by: [Computer, file]\n";
    insta::assert_snapshot!(shown_of(&correlation(&format!(
        "type: temporal_ordered\n{REFERENCES}{aliases}"
    ))));
}

#[test]
fn rules_that_also_alert_are_rules_of_their_own() {
    let (rules, diagnostics) =
        lowered(&correlation(&format!("type: temporal\n{REFERENCES}group-by: [User]\ngenerate: true\n")));
    assert!(diagnostics.is_empty());
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["One", "0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a", "Both"]);
}

#[test]
fn what_has_no_form_is_refused_at_its_place() {
    let refused = [
        correlation("type: temporal\nrules: [both_frist]\ntimespan: 5m\n"),
        correlation("type: temporal\nrules: [nobody]\ntimespan: 5m\n"),
        correlation("type: temporal\nrules: [both]\ntimespan: 5m\n"),
        correlation(&format!(
            "type: temporal\n{REFERENCES}aliases:\n    u:\n        both_first: User\ngroup-by: [u]\n"
        )),
        correlation(&format!("type: value_sum\n{REFERENCES}condition:\n    gte: 3\n    field: [a, b]\n")),
        correlation(&format!("type: temporal\n{REFERENCES}group-by: [a]\ncondition: 2 of them\n")),
        correlation(&format!("type: value_percentile\n{REFERENCES}condition:\n    gte: 3\n    field: a\n")),
    ];
    let shown: Vec<String> = refused.iter().map(|source| shown_of(source)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn every_type_has_its_number() {
    let of = |kind: &str, condition: &str| {
        let condition: String = condition.lines().map(|line| format!("    {line}\n")).collect();
        shown_of(&correlation(&format!(
            "type: {kind}\n{REFERENCES}group-by: [User]\ncondition:\n{condition}"
        )))
    };
    insta::assert_snapshot!(
        [
            of("event_count", "gte: 3"),
            of("value_count", "gt: 3\nlte: 9\nfield: [Host, Port]"),
            of("value_sum", "lt: 1.5\nfield: Bytes"),
            of("value_avg", "neq: 2\nfield: Bytes"),
            of("value_percentile", "eq: 2\nfield: Bytes\npercentile: 95"),
            of("temporal", "gte: 2"),
        ]
        .join("\n")
    );
}

#[test]
fn the_field_of_a_number_may_be_an_alias() {
    let aliases = "aliases:\n    file:\n        both_first: TargetFilename\n        \
                   0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a: Image\n";
    insta::assert_snapshot!(shown_of(&correlation(&format!(
        "type: value_count\n{REFERENCES}{aliases}group-by: [User]\ncondition:\n    gte: 3\n    field: file\n"
    ))));
}

#[test]
fn temporal_conditions_may_be_expressions() {
    let of = |condition: &str| {
        shown_of(&correlation(&format!(
            "type: temporal\nrules: [both_first, 0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a]\ntimespan: 5m\n\
             group-by: [User]\ncondition: {condition}\n"
        )))
    };
    insta::assert_snapshot!(of("both_first and not 0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a"));
}

#[test]
fn a_correlation_may_be_a_rule_of_another() {
    let outer = "---\ntitle: Outer\ncorrelation:\n    type: temporal_ordered\n    rules: [both, both_first]\n    \
                 group-by: [User]\n    timespan: 1h\n";
    let inner =
        correlation(&format!("type: event_count\n{REFERENCES}group-by: [Host]\ncondition:\n    gte: 3\n"));
    insta::assert_snapshot!(shown_of(&format!("{inner}{outer}")));
}

#[test]
fn correlations_do_not_lead_back_to_themselves() {
    let one = |name: &str, of: &str| {
        format!(
            "title: {name}\nname: {name}\ncorrelation:\n    type: temporal\n    rules: [{of}]\n    group-by: [a]\n    \
             timespan: 5m\n    generate: true\n---\n"
        )
    };
    insta::assert_snapshot!(shown_of(&format!("{}{}", one("a_one", "b_two"), one("b_two", "a_one"))));
}

/// A filter for these rules.
fn filter(rules: &str, source: &str) -> String {
    format!(
        "{RULES}title: F\nlogsource:\n    {source}\nfilter:\n    rules: {rules}\n    selection_a:\n        \
         User: 'x'\n    selection_b:\n        User: 'y'\n    condition: not 1 of selection_*\n"
    )
}

#[test]
fn a_filter_is_a_condition_of_the_rules_that_it_is_for() {
    insta::assert_snapshot!(
        [
            shown_of(&filter("any", "category: process_creation")),
            shown_of(&filter("[both_first]", "category: file_event")),
            shown_of(&filter("0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a", "category: process_creation")),
        ]
        .join("\n")
    );
}

#[test]
fn a_filter_that_is_for_no_rule_is_reported() {
    for (rules, source) in [
        ("any", "product: linux"),
        ("[nobody]", "category: process_creation"),
        ("[both_first]", "category: process_creation"),
    ] {
        let (rules, diagnostics) = lowered(&filter(rules, source));
        assert_eq!(rules.len(), 2);
        assert_eq!(diagnostics.iter().map(|found| found.code.to_string()).collect::<Vec<_>>(), ["E2055"]);
    }
}

#[test]
fn a_filter_is_for_the_rules_of_correlations_too() {
    let correlation =
        "---\ntitle: Both\ncorrelation:\n    type: temporal\n    rules: [both_first]\n    timespan: 5m\n";
    insta::assert_snapshot!(shown_of(&format!("{}{correlation}", filter("any", "category: file_event"))));
}
