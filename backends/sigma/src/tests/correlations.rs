//! Correlations: several documents, names, groups, time.

use super::*;

fn correlated(name: &str, path: &str) -> Correlated {
    Correlated { name: name.to_owned(), source: Source::Events(query(plain(path, "*x*"))) }
}

fn correlation(group_by: Vec<GroupKey>, timespan_ms: u64) -> Correlation {
    Correlation {
        kind: CorrelationKind::TemporalOrdered,
        rules: vec![correlated("step_1", "Image"), correlated("step_2", "CommandLine")],
        group_by,
        timespan_ms,
        condition: None,
    }
}

fn key(name: &str, fields: [&str; 2]) -> GroupKey {
    GroupKey { name: name.to_owned(), fields: fields.into_iter().map(field_ref).collect() }
}

fn named(correlation: Correlation, name: &str) -> Rule {
    let mut rule = rule_of(Body::Correlation(correlation));
    std::sync::Arc::make_mut(&mut rule.meta).name = name.to_owned();
    rule
}

#[test]
fn a_correlation_is_a_file_of_its_rules_and_itself() {
    let groups =
        vec![key("Computer", ["Computer", "Computer"]), key("key_2", ["ProcessGuid", "ParentProcessGuid"])];
    let text = holds(named(correlation(groups, 60_000), "Download, then Execution (Windows)"));
    insta::assert_snapshot!(text);
}

#[test]
fn groups_and_kinds_survive() {
    for kind in [CorrelationKind::TemporalOrdered, CorrelationKind::Temporal] {
        for groups in [
            vec![key("User", ["User", "User"])],
            vec![key("alias", ["User", "User"])],
            vec![key("a b", ["User", "ParentUser"]), key("no", ["no", "no"])],
        ] {
            holds(named(Correlation { kind, ..correlation(groups, 1_000) }, "A Rule"));
        }
    }
}

fn counted(kind: CorrelationKind, relation: Relation, fields: Vec<GroupKey>) -> Correlation {
    let percentile = (kind == CorrelationKind::ValuePercentile).then_some(Literal::Int(95));
    let bounds = vec![Bound { relation, value: Literal::Int(3) }];
    let count = Aggregate { bounds, fields, percentile };
    Correlation {
        kind,
        condition: Some(CorrelationCondition::Number(count)),
        ..correlation(vec![key("User", ["User", "User"])], 60_000)
    }
}

#[test]
fn numbers_survive() {
    let relations = [
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
    ];
    let alias = || vec![key("file", ["TargetFilename", "Image"])];
    for relation in relations {
        holds(named(counted(CorrelationKind::EventCount, relation, Vec::new()), "A Rule"));
        holds(named(counted(CorrelationKind::Temporal, relation, Vec::new()), "A Rule"));
        holds(named(counted(CorrelationKind::ValueCount, relation, alias()), "A Rule"));
    }
    let several = vec![key("Host", ["Host", "Host"]), key("Port", ["Port", "Port"])];
    insta::assert_snapshot!(holds(named(
        counted(CorrelationKind::ValueCount, Relation::GreaterOrEqual, several),
        "Many Ports"
    )));
    for kind in [
        CorrelationKind::ValueSum,
        CorrelationKind::ValueAvg,
        CorrelationKind::ValueMedian,
        CorrelationKind::ValuePercentile,
    ] {
        let bytes = vec![key("Bytes", ["Bytes", "Bytes"])];
        let text = super::unchecked(named(counted(kind, Relation::Greater, bytes), "A Rule"));
        assert!(text.contains("field: Bytes"), "{text}");
    }
    let mut range = counted(CorrelationKind::EventCount, Relation::Greater, Vec::new());
    if let Some(CorrelationCondition::Number(count)) = &mut range.condition {
        count.bounds.push(Bound { relation: Relation::LessOrEqual, value: Literal::Float(9.5) });
    }
    holds(named(range, "A Rule"));
}

#[test]
fn correlations_of_correlations_survive() {
    let inner = |name: &str| Correlated {
        name: name.to_owned(),
        source: Source::Correlation(Box::new(counted(
            CorrelationKind::EventCount,
            Relation::GreaterOrEqual,
            Vec::new(),
        ))),
    };
    let mut outer = correlation(vec![key("account", ["User", "TargetUser"])], 3_600_000);
    outer.rules[0] = inner("many");
    insta::assert_snapshot!(holds(named(outer.clone(), "Guesses, then a Logon")));
    outer.rules[1] = inner("more");
    holds(named(outer, "A Rule"));
}

#[test]
fn conditions_over_rules_survive() {
    let [one, two] = [0, 1].map(RuleCondition::Rule);
    let wanted = [
        RuleCondition::All(vec![one.clone(), RuleCondition::Not(Box::new(two.clone()))]),
        RuleCondition::Any(vec![one.clone(), two.clone()]),
        one,
    ];
    for wanted in wanted {
        let condition = Some(CorrelationCondition::Rules(wanted));
        let kind = CorrelationKind::Temporal;
        let group = vec![key("User", ["User", "User"])];
        // Of pySigma, not in the specification.
        super::unchecked(named(Correlation { kind, condition, ..correlation(group, 1_000) }, "A Rule"));
    }
}

#[test]
fn rules_without_a_latin_title_get_a_name_too() {
    let text = holds(named(correlation(vec![key("User", ["User", "User"])], 1_000), "日本"));
    assert!(text.contains("name: rule_"), "{text}");
}

#[test]
fn time_spans_take_the_largest_unit() {
    for (milliseconds, written) in
        [(0, "0s"), (1_000, "1s"), (60_000, "1m"), (90_000, "90s"), (3_600_000, "1h"), (172_800_000, "2d")]
    {
        let text = holds(named(correlation(vec![key("User", ["User", "User"])], milliseconds), "A Rule"));
        assert!(text.contains(&format!("timespan: {written}\n")), "{text}");
    }
    let refused = emit(named(correlation(Vec::new(), 1_500), "A Rule")).expect_err("refused");
    assert_eq!(refused[0].message, "a time span of 1500 ms is no whole number of seconds");
}

#[test]
fn steps_of_one_name_are_told_apart() {
    let mut twice = correlation(vec![key("User", ["User", "User"])], 1_000);
    twice.rules[1].name = "step_1".to_owned();
    let text = emit(named(twice, "A Rule")).expect("a form").text;
    assert!(text.contains("name: a_rule_step_1\n") && text.contains("name: a_rule_step_1_2\n"), "{text}");
    relower(&text);
}
