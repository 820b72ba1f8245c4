//! What has no form is refused with a code.

use eqlc_diagnostics::Diagnostics;
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Body, Case, Comparison, EventQuery, Literal, Op, Pred, Scalar, TextPattern};

use super::{Category, FieldType, column, direct, equal, sysmon, test};

fn refused(filter: Pred) -> Diagnostics {
    let query = EventQuery { category: Category::LogSource(sysmon("process_creation")), filter };
    direct(Body::Event(query)).unwrap_err()
}

fn refused_op(op: Op) -> String {
    let refused = refused(test(column("CommandLine", FieldType::Keyword), op));
    assert!(refused.iter().all(|one| one.code.as_str() == "E4003"));
    refused[0].message.clone()
}

#[test]
fn a_pattern_beyond_the_limit_of_sqlite() {
    let long = "x".repeat(50_001);
    let message = refused_op(Op::Text(vec![TextPattern::from_eql(&format!("{long}*"))], Case::Insensitive));
    assert!(message.ends_with("SQLite takes patterns of up to 50,000 bytes"), "{message}");
    assert!(message.len() < 200, "the message repeats the value");
}

#[test]
fn a_regular_expression_beyond_the_limit_of_osquery() {
    let node = RegexNode::Literal("x".repeat(300));
    let root = RegexNode::Repeat { node: Box::new(node), min: 1, max: None };
    let message = refused_op(Op::Regex(Regex { root, case: Case::Sensitive }));
    assert!(message.ends_with("`regex_match` takes expressions of up to 256 bytes"), "{message}");
}

#[test]
fn a_complement() {
    let root = RegexNode::Complement(Box::new(RegexNode::Literal("x".to_owned())));
    let op = Op::Regex(Regex { root, case: Case::Sensitive });
    let refused = refused(test(column("CommandLine", FieldType::Keyword), op));
    assert_eq!(refused[0].code.as_str(), "E4001");
    insta::assert_snapshot!(refused[0].message, @"target `osquery` has no form for complements and intersections in regular expressions");
}

/// As text: a lone interval becomes patterns or an ordinary expression.
#[test]
fn an_interval_is_no_reason_to_refuse() {
    let root = RegexNode::Concat(vec![
        RegexNode::Literal("v".to_owned()),
        RegexNode::Interval { low: 8, high: 12, width: 2 },
    ]);
    let op = Op::Regex(Regex { root, case: Case::Sensitive });
    let filter = test(column("CommandLine", FieldType::Keyword), op);
    let query = EventQuery { category: Category::LogSource(sysmon("process_creation")), filter };
    let text = direct(Body::Event(query)).unwrap().text;
    assert!(text.contains("v08") || text.contains("v0[8-9]") || text.contains("regex_match"), "{text}");
}

#[test]
fn conditions_too_deep_for_the_parser_of_sqlite() {
    let leaf = || equal(column("Image", FieldType::Keyword), Literal::Str("a".into()));
    let nested = |depth: usize| {
        (0..depth).fold(leaf(), |inner, at| match at % 2 {
            0 => Pred::All(vec![
                equal(column("CommandLine", FieldType::Keyword), Literal::Str(at.to_string().into())),
                inner,
            ]),
            _ => Pred::Any(vec![
                equal(column("CommandLine", FieldType::Keyword), Literal::Str(at.to_string().into())),
                inner,
            ]),
        })
    };
    for depth in [30, 63, 64, 200] {
        let refused = refused(nested(depth));
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].code.as_str(), "E4003");
        assert!(refused[0].message.contains("too deep"), "{}", refused[0].message);
    }
    let query = EventQuery { category: Category::LogSource(sysmon("process_creation")), filter: nested(18) };
    let sql = super::reads_back(&direct(Body::Event(query)).unwrap());
    super::engine::engine(0).prepare(&sql).unwrap();
}

#[test]
fn values_of_types_that_sql_does_not_compare() {
    let op = Op::Compare(Comparison::Less, Scalar::Literal(Literal::Str("1.2.3".into())));
    let refused = refused(test(column("FileVersion", FieldType::Version), op));
    insta::assert_snapshot!(refused[0].message, @"no form for this test of `FileVersion`: values of type version are not compared as such in SQL");
}

#[test]
fn every_bad_part_is_named_once() {
    let bad = |text: &str| {
        test(
            column("CommandLine", FieldType::Keyword),
            Op::Text(vec![TextPattern::from_eql(text)], Case::Insensitive),
        )
    };
    let image = test(
        column("Image", FieldType::Keyword),
        Op::Text(vec![TextPattern::from_eql("a\0*")], Case::Insensitive),
    );
    let refused = refused(Pred::All(vec![bad("a\0*"), bad("b\0*").not(), image]));
    assert_eq!(refused.len(), 2);
}

#[test]
fn a_column_that_no_profile_has() {
    let refused = refused(equal(column("Nothing", FieldType::Keyword), Literal::Str("a".into())));
    insta::assert_snapshot!(refused[0].message, @"no form for this test of `Nothing`: `Nothing` is no column of the source `windows/process_creation/sysmon`");
}

#[test]
fn text_that_is_no_query() {
    use eqlc_backend::Backend;
    for (format, text) in
        [("query", "SELECT"), ("query", "SELECT 1; SELECT 2\n"), ("pack", "{}"), ("pack", "{\"queries\":{}}")]
    {
        let artifact = eqlc_backend::Artifact {
            target: "osquery".to_owned(),
            format: format.to_owned(),
            extension: "sql".to_owned(),
            text: text.to_owned(),
            losses: Vec::new(),
        };
        let broken = super::backend().read_back(&artifact).unwrap_err();
        assert_eq!(broken[0].code.as_str(), "E4900", "{text}");
    }
}

#[test]
fn a_query_that_no_event_of_its_source_can_satisfy() {
    let query = super::windows("network", vec![super::is("event.action", "no_such_action")]);
    let rule = super::rule("r", Body::Event(query));
    let settings = super::settings("sysmon", "query");
    let map = eqlc_backend::Backend::event_map(super::backend(), &settings, &rule).unwrap();
    let refused = eqlc_backend::map_rule(&rule, map, &settings).unwrap_err();
    insta::assert_snapshot!(refused[0].message, @"no event of the source `windows/network_connection/sysmon` can satisfy this query");
}

/// The guard of this backend alone, without the passes before it.
#[test]
fn conditions_of_any_depth_do_not_exhaust_the_stack() {
    let leaf = || equal(column("Image", FieldType::Keyword), Literal::Str("a".into()));
    let filter = (0..2_000).fold(leaf(), |inner, at| match at % 2 {
        0 => Pred::All(vec![leaf(), inner.not()]),
        _ => Pred::Any(vec![leaf(), inner]),
    });
    let query = EventQuery { category: Category::LogSource(sysmon("process_creation")), filter };
    let refused = crate::event::emit(&query, 300, &super::backend().profiles.get("sysmon").unwrap().profile)
        .err()
        .unwrap();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].message.contains("too deep"));
}

/// The column whose value is that of a constant of this text.
fn is_text(text: &str) -> Pred {
    equal(column("CommandLine", FieldType::Keyword), Literal::Str(text.into()))
}

fn refusal(filter: Pred) -> String {
    let refused = refused(filter);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code.as_str(), "E4003");
    refused[0].message.clone()
}

#[test]
fn a_query_longer_than_sqlite_takes() {
    let values = |count: usize| Pred::Any((0..count).map(|at| is_text(&format!("{at:0>90}"))).collect());
    let message = refusal(values(12_000));
    assert!(message.ends_with("bytes is longer than SQLite takes"), "{message}");
    let query =
        EventQuery { category: Category::LogSource(sysmon("process_creation")), filter: values(6_000) };
    let sql = super::reads_back(&direct(Body::Event(query)).unwrap());
    super::engine::engine(0).prepare(&sql).unwrap();
}

/// Each is written as a call: a chain of them must be no tree of that depth.
#[test]
fn a_text_of_many_control_characters_runs() {
    for count in [999, 1_000, 20_000] {
        let query = EventQuery {
            category: Category::LogSource(sysmon("process_creation")),
            filter: is_text(&"a\n".repeat(count)),
        };
        let sql = super::reads_back(&direct(Body::Event(query)).unwrap());
        super::engine::engine(0).prepare(&sql).unwrap();
    }
}

#[test]
fn a_sequence_of_the_most_stages_is_too_long_or_runs() {
    use super::{sequence, windows};
    let step =
        || windows("process", vec![super::is("event.type", "start"), super::like("process.name", &["a"])]);
    for stages in [100, 256] {
        let body = sequence(&["process.entity_id"], Some(60_000), (0..stages).map(|_| step()).collect());
        let legal = super::legal(&super::rule("r", body), "sysmon");
        match eqlc_backend::Backend::emit(super::backend(), &legal, &super::settings("sysmon", "query")) {
            Ok(artifact) => {
                super::engine::engine(0).prepare(&super::reads_back(&artifact)).unwrap();
            }
            Err(refused) => {
                assert!(stages > 100);
                assert!(refused[0].message.ends_with("bytes is longer than SQLite takes"));
            }
        }
    }
}

/// What is counted in the text is what SQLite counts, or more.
#[test]
fn the_extent_of_a_text_is_that_of_its_tree() {
    use crate::layout::extent;
    let of = |line: &str| {
        let extent = extent(line);
        (extent.nesting, extent.depth, extent.arguments)
    };
    assert_eq!(of("SELECT a FROM t WHERE a = 1 AND b = 2 AND c = 3"), (0, 6, 0));
    assert_eq!(of("SELECT max(a, b, c), ((a + 1))"), (2, 4, 3));
    assert_eq!(of("SELECT a IN (1, 2, 3) FROM t WHERE x = '( , AND'"), (1, 3, 0));
    let engine = super::engine::engine(0);
    for (operators, takes) in [(900, true), (1_100, false)] {
        let text = format!("SELECT {}", vec!["1"; operators].join(" + "));
        assert_eq!(engine.prepare(&text).is_ok(), takes);
        assert_eq!(extent(&text).depth <= 1_000, takes);
    }
}
