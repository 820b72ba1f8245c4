use eqlc_backend::{Artifact, Backend, Construct, ReadBack, Settings, legalise};
use eqlc_diagnostics::{SourceMap, Span};
use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Body, Case, Category, EventQuery, Function, Op, Pred, Rule, Scalar};

use super::plan::every_node;
use crate::Native;

#[test]
fn the_target_holds_everything() {
    let native = Native::new().unwrap();
    for construct in Construct::ALL {
        assert!(native.target().has(*construct), "{construct:?}");
    }
    for function in Function::ALL {
        assert!(native.target().functions.contains(function), "{function:?}");
    }
}

#[test]
fn a_rule_comes_back_from_its_artifact() {
    let native = Native::new().unwrap();
    for rule in every_node() {
        let legal = legalise(rule, Vec::new(), native.target()).unwrap();
        let artifact = native.emit(&legal, &Settings::default()).unwrap();
        assert_eq!((artifact.format.as_str(), artifact.extension.as_str()), ("plan", "json"));
        assert!(artifact.text.ends_with("}\n") && artifact.losses.is_empty());
        let Ok(ReadBack::Rule(back)) = native.read_back(&artifact) else { panic!("{}", artifact.text) };
        assert_eq!(&*back, legal.rule());
    }
}

#[test]
fn what_the_evaluator_cannot_run_is_refused_at_its_place() {
    let native = Native::new().unwrap();
    let mut sources = SourceMap::new();
    let span = Span::new(sources.add("a.eql", "x regex \"~a\""), 2..7);
    let many = RegexNode::Repeat { node: Box::new(RegexNode::Any), min: 1_000_000, max: None };
    let root = RegexNode::Complement(Box::new(many));
    let op = Op::Regex(Regex { root, case: Case::Sensitive });
    let subject = Scalar::Field(crate::reference::testing::field_ref("x", eqlc_ir::FieldType::Keyword));
    let body = Body::Event(EventQuery { category: Category::Any, filter: Pred::test(subject, op, span) });
    let rule = Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: vec![] };
    let legal = legalise(rule, Vec::new(), native.target()).unwrap();
    let refused = native.emit(&legal, &Settings::default()).unwrap_err();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code.as_str(), "E4003");
    assert_eq!(refused[0].span(), Some(span));
    insta::assert_snapshot!(refused[0].message, @"the regular expression cannot be evaluated: it is too large");
}

#[test]
fn a_damaged_artifact_is_a_coded_error() {
    let native = Native::new().unwrap();
    let artifact = Artifact {
        target: "native".to_owned(),
        format: "plan".to_owned(),
        extension: "json".to_owned(),
        text: "{}".to_owned(),
        losses: vec![],
    };
    let error = native.read_back(&artifact).unwrap_err();
    assert_eq!(error[0].code.as_str(), "E4900");
}
