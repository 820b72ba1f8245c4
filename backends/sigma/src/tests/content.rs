//! What has no form in Sigma is refused.

use eqlc_diagnostics::codes::targets;
use eqlc_ir::date::DateBound;
use eqlc_ir::regex::{Regex, RegexNode};

use super::*;

fn refusal(filter: Pred) -> String {
    let diagnostics = emit(rule(filter)).expect_err("it has no form");
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, targets::CONTENT_REFUSED);
    diagnostics[0].message.clone()
}

#[test]
fn content_without_a_form_is_refused() {
    let compare = |comparison, right| test("a", Op::Compare(comparison, right));
    let messages: Vec<String> = vec![
        refusal(Pred::Const(true)),
        refusal(Pred::Const(false)),
        refusal(compare(Comparison::Less, field("b"))),
        refusal(compare(Comparison::Less, Scalar::Literal(string("b")))),
        refusal(equal("a", Literal::Float(f64::INFINITY))),
        refusal(equal("a|contains", string("b"))),
        refusal(equal("a", Literal::Date(Box::new(DateBound::parse("2024-05").unwrap())))),
        refusal(Pred::All(vec![
            plain("a", "b"),
            Pred::test(Scalar::Field(ecs("process.name")), Op::IsNull, Span::default()),
        ])),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn conditions_nested_too_deeply_are_refused() {
    let mut pred = plain("a", "0");
    for level in 0..100 {
        let leaf = plain("a", &format!("{level}"));
        pred = if level % 2 == 0 {
            Pred::Any(vec![leaf, pred.not()])
        } else {
            Pred::All(vec![leaf, pred.not()])
        };
    }
    assert!(refusal(pred).contains("nested deeper"));
}

#[test]
fn a_log_source_must_name_something() {
    let category = Category::LogSource(LogSource::default());
    let body = Body::Event(EventQuery { category, filter: plain("a", "b") });
    assert_eq!(emit(rule_of(body)).expect_err("refused")[0].message, "the log source names nothing");
}

#[test]
fn lengths_are_regular_expressions() {
    let length = |comparison, number| {
        let args = vec![field("a")];
        let length = Scalar::Call { function: Function::Length, args, case: Case::Sensitive };
        Pred::test(length, Op::Compare(comparison, Scalar::Literal(Literal::Int(number))), Span::default())
    };
    let legal = legalise(rule(length(Comparison::Greater, 15)), Vec::new(), backend().target()).unwrap();
    assert_eq!(legal.losses(), []);
    let text = holds(legal.rule().clone());
    assert!(text.contains("a|re|s: '^.{16,}$'\n"), "{text}");
}

#[test]
fn constructs_that_sigma_lacks_are_refused_before() {
    // Few combinations are written out, these are many.
    let at_least = Pred::AtLeast(8, (0..16).map(|at| plain("a", &at.to_string())).collect());
    let args = vec![field("a"), Scalar::Literal(string("x"))];
    let index = Scalar::Call { function: Function::IndexOf, args, case: Case::Sensitive };
    let function = Pred::test(
        index,
        Op::Compare(Comparison::Greater, Scalar::Literal(Literal::Int(3))),
        Span::default(),
    );
    let regex = |root| test("a", Op::Regex(Regex { root, case: Case::Sensitive }));
    let complement = regex(RegexNode::Complement(Box::new(RegexNode::Any)));
    let intersection = regex(RegexNode::Intersection(vec![RegexNode::Any]));
    let now = equal("a", Literal::Date(Box::new(DateBound::parse("now").unwrap())));
    for pred in [at_least, function, complement, intersection, now] {
        let refused = legalise(rule(pred), Vec::new(), backend().target()).expect_err("refused");
        assert!(refused.iter().all(|one| one.code != targets::CONTENT_REFUSED));
    }
}
