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
        correlation(&format!("type: event_count\n{REFERENCES}group-by: [a]\ncondition:\n    gte: 3\n")),
        correlation(&format!("type: temporal\n{REFERENCES}group-by: [a]\ncondition: both_first\n")),
        correlation("type: temporal\nrules: [both_frist]\ntimespan: 5m\n"),
        correlation("type: temporal\nrules: [both]\ntimespan: 5m\n"),
        correlation(&format!(
            "type: temporal\n{REFERENCES}aliases:\n    u:\n        both_first: User\ngroup-by: [u]\n"
        )),
    ];
    let shown: Vec<String> = refused.iter().map(|source| shown_of(source)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_filter_is_left_aside_with_a_warning() {
    let source = format!(
        "{RULES}title: F\nlogsource:\n    category: process_creation\nfilter:\n    rules: any\n    s:\n        \
         User: 'x'\n    condition: not s\n"
    );
    let (rules, diagnostics) = lowered(&source);
    assert_eq!(rules.len(), 2);
    assert_eq!(diagnostics.iter().map(|found| found.code.to_string()).collect::<Vec<_>>(), ["E2055"]);
}
