//! What a rule says about itself.

use eqlc_ir::meta::{Severity, Technique, Threat, ThreatRef};

use super::*;

fn reference(id: &str, name: &str) -> ThreatRef {
    ThreatRef { id: id.to_owned(), name: name.to_owned(), reference: String::new() }
}

fn full() -> Rule {
    let mut rule = rule(plain("Image", "*\\a.exe"));
    rule.id = "0f5a2b6e-1d3c-4a59-8b77-9f0e6c2d4b1a".to_owned();
    rule.meta = std::sync::Arc::new(Metadata {
        name: "Download of a Tool".to_owned(),
        id: Some(rule.id.clone()),
        description: Some("Finds it.\nOn two lines.".to_owned()),
        version: Some(3),
        author: vec!["A. Writer".to_owned(), "B. Writer".to_owned()],
        license: Some("MIT".to_owned()),
        tags: vec!["Domain: Endpoint".to_owned(), "cve.2024-1234".to_owned()],
        references: vec!["https://example.com/a".to_owned(), "https://example.com/a".to_owned()],
        false_positives: vec!["Admins".to_owned(), "?".to_owned()],
        severity: Some(Severity::High),
        risk_score: Some(73),
        note: Some("## Triage\n\nLook at it.\n".to_owned()),
        index: vec!["logs-*".to_owned()],
        threat: vec![Threat {
            framework: "MITRE ATT&CK".to_owned(),
            tactic: reference("TA0011", "Command and Control"),
            techniques: vec![Technique {
                technique: reference("T1105", "Ingress Tool Transfer"),
                subtechniques: vec![reference("T1059.001", "PowerShell")],
            }],
        }],
        creation_date: Some("2024/05/31".to_owned()),
        updated_date: Some("yesterday".to_owned()),
        maturity: Some("production".to_owned()),
        ..Metadata::default()
    });
    rule
}

#[test]
fn metadata_is_carried_over() {
    insta::assert_snapshot!(holds(full()));
}

#[test]
fn identifiers_are_stable_and_differ_by_taxonomy() {
    let id = |rule: Rule| {
        let text = holds(rule);
        text.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id").to_owned()
    };
    assert_eq!(id(full()), id(full()));
    let mut other = full();
    let filter = Pred::test(Scalar::Field(ecs("process.name")), Op::IsNull, Span::default());
    other.body = Body::Event(query(filter));
    assert_ne!(id(full()), id(other));
    let mut renamed = full();
    renamed.id = "another".to_owned();
    assert_ne!(id(full()), id(renamed));
}

#[test]
fn titles_are_cut_and_never_empty() {
    let mut long = full();
    std::sync::Arc::make_mut(&mut long.meta).name = "ü".repeat(400);
    assert!(holds(long).contains(&format!("title: {}\n", "ü".repeat(256))));
    let mut nameless = full();
    std::sync::Arc::make_mut(&mut nameless.meta).name = " \n ".to_owned();
    assert!(holds(nameless).starts_with("title: 0f5a2b6e-"));
}
