use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use eqlc_ir::{
    Aggregate, Anywhere, Body, Bound, Case, Category, Comparison, Correlated, Correlation,
    CorrelationCondition, CorrelationKind, EventQuery, FieldRef, FieldType, Function, GroupKey, Key, Literal,
    LogSource, Metadata, Op, Part, Pipe, Pred, Relation, Rule, RuleCondition, Sample, SampleTerm, Scalar,
    Sequence, Source, Step, Taxonomy, TextPattern, TimePart, Until,
};

use crate::plan::{PlanError, VERSION, read, write};
use crate::reference::testing::{field_ref, of_category};

fn field(ty: FieldType, taxonomy: Taxonomy) -> FieldRef {
    FieldRef { taxonomy, ..field_ref("?a.`b", ty) }
}

fn literals() -> Vec<Literal> {
    let ints = [0, -1, i128::MIN, i128::MAX, u64::MAX.into(), i64::MIN.into()];
    let floats = [0.1, -0.0, 1e300, 5e-324, f64::MAX, 1.0 / 3.0, 123_456_789.123_456_78, 8.41e21];
    [Literal::Null, Literal::Bool(true), Literal::Str("\"\\\u{0}é😀".into())]
        .into_iter()
        .chain(ints.map(Literal::Int))
        .chain(floats.map(Literal::Float))
        .collect()
}

fn regex() -> Regex {
    use ClassItem as C;
    use RegexNode as R;
    let items = vec![
        C::Char('é'),
        C::Range('a', 'z'),
        C::Digit,
        C::NotDigit,
        C::Space,
        C::NotSpace,
        C::Word,
        C::NotWord,
    ];
    let root = R::Concat(vec![
        R::Empty,
        R::Nothing,
        R::Any,
        R::Literal("a".to_owned()),
        R::Class { negated: true, items },
        R::Alternatives(vec![R::Any, R::any_run()]),
        R::Repeat { node: Box::new(R::Any), min: 1, max: Some(2) },
    ]);
    Regex { root, case: Case::Insensitive }
}

/// Regular expressions that the plan holds and the evaluator does not run.
fn unrunnable() -> Regex {
    use RegexNode as R;
    let root = R::Intersection(vec![
        R::Complement(Box::new(R::Any)),
        R::Interval { low: 0, high: u64::MAX, width: 3 },
    ]);
    Regex { root, case: Case::Sensitive }
}

fn every_pred(regex: Regex) -> Pred {
    let subject = || Scalar::Field(field(FieldType::Keyword, Taxonomy::Ecs));
    let pattern = TextPattern::new([Part::AnyRun, Part::Lit("x".into()), Part::AnyOne]);
    let mut ops = vec![
        Op::IsNull,
        Op::OneOf(literals(), Case::Sensitive),
        Op::OneOf(literals(), Case::Insensitive),
        Op::Text(vec![pattern.clone(), TextPattern::default()], Case::Sensitive),
        Op::Text(vec![pattern], Case::Insensitive),
        Op::Regex(regex),
        Op::Exists,
        Op::TimePart(TimePart::Week, Comparison::Equal, 52),
        Op::InNet(vec!["10.0.0.0/8".parse().unwrap(), "fe80::/10".parse().unwrap()]),
    ];
    for comparison in [
        Comparison::Equal,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ] {
        ops.extend(literals().into_iter().map(|value| Op::Compare(comparison, Scalar::Literal(value))));
    }
    let mut preds: Vec<Pred> =
        ops.into_iter().map(|op| Pred::test(subject(), op, eqlc_diagnostics::Span::default())).collect();
    for function in Function::ALL {
        for case in [Case::Sensitive, Case::Insensitive] {
            let call = Scalar::Call { function: *function, args: vec![subject()], case };
            preds.push(Pred::test(call, Op::IsNull, eqlc_diagnostics::Span::default()));
        }
    }
    for ty in [
        FieldType::Text,
        FieldType::Integer,
        FieldType::Float,
        FieldType::Boolean,
        FieldType::Date,
        FieldType::Ip,
        FieldType::Version,
        FieldType::Object,
        FieldType::Unknown,
    ] {
        for taxonomy in [Taxonomy::Sigma, Taxonomy::Target("t".to_owned())] {
            let subject = Scalar::Field(field(ty, taxonomy));
            preds.push(Pred::test(subject, Op::IsNull, eqlc_diagnostics::Span::default()));
        }
    }
    let logic = Scalar::Logic(Box::new(preds[0].clone()));
    Pred::All(vec![
        Pred::Any(preds.clone()),
        Pred::AtLeast(2, preds[..3].to_vec()),
        Pred::Const(true),
        Pred::Anywhere(Anywhere {
            op: Op::Text(vec![TextPattern::exact("x")], Case::Insensitive),
            span: eqlc_diagnostics::Span::default(),
        }),
        Pred::Const(false).not(),
        Pred::test(logic, Op::IsTrue, eqlc_diagnostics::Span::default()),
    ])
}

fn query(filter: Pred) -> EventQuery {
    EventQuery { category: of_category(&["process", "file"]), filter }
}

fn rule(body: Body) -> Rule {
    let mut meta = Metadata { name: "n".to_owned(), version: Some(3), ..Metadata::default() };
    meta.other.insert("z".to_owned(), "1".to_owned());
    meta.other.insert("a".to_owned(), "2".to_owned());
    Rule { id: "r".to_owned(), meta: meta.into(), body, pipes: vec![Pipe::Head(1), Pipe::Tail(u64::MAX)] }
}

fn log_source() -> EventQuery {
    let source = LogSource { product: Some("windows".to_owned()), ..LogSource::default() };
    EventQuery { category: Category::LogSource(source), filter: Pred::Const(true) }
}

/// Rules in which every node of the IR that the evaluator runs stands somewhere.
pub(super) fn every_node() -> Vec<Rule> {
    let key = || vec![Key { field: field(FieldType::Integer, Taxonomy::Ecs) }];
    let any = || EventQuery { category: Category::Any, filter: Pred::Const(true) };
    let step = |missing, runs| Step {
        query: any(),
        by: key(),
        missing,
        runs,
        alias: None,
        span: Default::default(),
    };
    let group = || GroupKey { name: "g".to_owned(), fields: vec![field(FieldType::Ip, Taxonomy::Sigma)] };
    let correlated = |kind, condition, source| Correlation {
        kind,
        rules: vec![Correlated { name: "one".to_owned(), source }],
        group_by: vec![group()],
        timespan_ms: u64::MAX,
        condition,
    };
    let correlation = |kind| Body::Correlation(correlated(kind, None, Source::Events(log_source())));
    let number = CorrelationCondition::Number(Aggregate {
        bounds: vec![
            Bound { relation: Relation::Greater, value: Literal::Int(1) },
            Bound { relation: Relation::NotEqual, value: Literal::Float(2.5) },
        ],
        fields: vec![group()],
        percentile: Some(Literal::Int(95)),
    });
    let which = CorrelationCondition::Rules(RuleCondition::All(vec![
        RuleCondition::Any(vec![RuleCondition::Rule(0)]),
        RuleCondition::Not(Box::new(RuleCondition::Rule(0))),
    ]));
    let percentile = correlated(CorrelationKind::ValuePercentile, Some(number), Source::Events(log_source()));
    let chained =
        correlated(CorrelationKind::Temporal, Some(which), Source::Correlation(Box::new(percentile)));
    let bodies = [
        Body::Event(query(every_pred(regex()))),
        Body::Sequence(Sequence {
            by: key(),
            maxspan_ms: Some(5),
            steps: vec![step(false, 1), step(true, 3)],
            until: Some(Until { query: any(), by: key() }),
        }),
        Body::Sequence(Sequence { by: vec![], maxspan_ms: None, steps: vec![step(false, 2)], until: None }),
        Body::Sample(Sample {
            by: key(),
            terms: vec![SampleTerm { query: any(), by: vec![] }, SampleTerm { query: any(), by: vec![] }],
        }),
        correlation(CorrelationKind::Temporal),
        correlation(CorrelationKind::TemporalOrdered),
        Body::Correlation(chained),
    ];
    bodies.into_iter().map(rule).collect()
}

#[test]
fn every_rule_comes_back_from_its_plan() {
    let more = rule(Body::Event(query(every_pred(unrunnable()))));
    for rule in every_node().into_iter().chain([more]) {
        let text = write(&rule).unwrap();
        let back = read(&text).unwrap();
        assert_eq!(back, rule);
        assert_eq!(write(&back).unwrap(), text);
    }
}

#[test]
fn a_plan_is_stable() {
    let body = Body::Event(query(Pred::test(
        Scalar::Field(field(FieldType::Integer, Taxonomy::Ecs)),
        Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Int(1))),
        eqlc_diagnostics::Span::default(),
    )));
    let rule = Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: vec![] };
    insta::assert_snapshot!(write(&rule).unwrap());
}

#[test]
fn what_is_no_plan_is_told_apart() {
    let plan = write(&every_node()[0]).unwrap();
    let newer = plan.replacen(&format!("\"eqlc_plan\": {VERSION}"), "\"eqlc_plan\": 2, \"new\": {}", 1);
    let half: String = plan.chars().take(plan.chars().count() / 2).collect();
    for (text, wanted) in [
        (String::new(), "not JSON"),
        ("rule: x".to_owned(), "not JSON"),
        (half, "not JSON"),
        (format!("{plan}{plan}"), "not JSON"),
        ("{}".to_owned(), "no plan"),
        ("[1]".to_owned(), "no plan"),
        ("null".to_owned(), "no plan"),
        ("{\"eqlc_plan\": \"1\", \"rule\": {}}".to_owned(), "no plan"),
        ("{\"eqlc_plan\": 0}".to_owned(), "has version 0"),
        (newer, "has version 2"),
        ("{\"eqlc_plan\": 1}".to_owned(), "damaged"),
        (plan.replacen("\"is_null\"", "\"is_nil\"", 1), "damaged"),
        (plan.replacen("\"rule\"", "\"rules\"", 1), "damaged"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error} for {}", text.chars().take(80).collect::<String>());
    }
}

#[test]
fn a_nesting_bomb_is_an_error() {
    let bomb = |open: &str| format!("{{\"eqlc_plan\": 1, \"rule\": {}", open.repeat(500_000));
    for text in [bomb("["), bomb("{\"not\":"), "[".repeat(500_000)] {
        assert!(matches!(read(&text), Err(PlanError::NotJson(_) | PlanError::NotAPlan)));
    }
    let closed = format!("{{\"eqlc_plan\": 1, \"rule\": {}{}}}", "[".repeat(500_000), "]".repeat(500_000));
    assert!(matches!(read(&closed), Err(PlanError::Corrupt(_))));
    let filter = format!("{}{{\"const\":true}}{}", "{\"not\":".repeat(1000), "}".repeat(1000));
    let marked = rule(Body::Event(query(Pred::Any(vec![]))));
    let deep = write(&marked).unwrap().replace("\"any\": []", &format!("\"any\": [{filter}]"));
    assert!(deep.len() > filter.len());
    assert!(matches!(read(&deep), Err(PlanError::Corrupt(_))));
}

#[test]
fn what_json_cannot_give_back_is_not_written() {
    let nested = (0..200).fold(Pred::Const(true), |pred, _| Pred::Any(vec![pred]));
    assert_eq!(write(&rule(Body::Event(query(nested)))), Err(PlanError::TooDeep));
    for value in [f64::INFINITY, f64::NAN] {
        let op = Op::OneOf(vec![Literal::Float(value)], Case::Sensitive);
        let subject = Scalar::Field(field(FieldType::Float, Taxonomy::Ecs));
        let pred = Pred::test(subject, op, eqlc_diagnostics::Span::default());
        assert_eq!(write(&rule(Body::Event(query(pred)))), Err(PlanError::Inexact));
    }
}
