//! Tests of the backend.

mod anywhere;
mod content;
mod corpus;
mod correlations;
mod laws;
mod layout;
mod maps;
mod metadata;
mod schema;

use eqlc_backend::{Artifact, Backend, Legal, ReadBack, Settings, legalise};
use eqlc_diagnostics::{Diagnostics, Fragment, SourceId, Span, has_errors};
use eqlc_ir::normalise::canonical;
use eqlc_ir::*;
use eqlc_schema::Schema;

use crate::Sigma;

pub(crate) fn backend() -> Sigma {
    Sigma::new().expect("the data compiled in parses")
}

fn field(path: &str) -> Scalar {
    Scalar::Field(field_ref(path))
}

fn field_ref(path: &str) -> FieldRef {
    FieldRef {
        path: path.into(),
        taxonomy: Taxonomy::Sigma,
        ty: FieldType::Unknown,
        optional: false,
        span: Span::default(),
    }
}

fn ecs(path: &str) -> FieldRef {
    let ty = Schema::ecs().field(path).map_or(FieldType::Unknown, |info| info.ty);
    FieldRef { taxonomy: Taxonomy::Ecs, ty, ..field_ref(path) }
}

fn test(path: &str, op: Op) -> Pred {
    Pred::test(field(path), op, Span::default())
}

fn text(path: &str, pattern: &str, case: Case) -> Pred {
    test(path, Op::Text(vec![TextPattern::from_eql(pattern)], case))
}

/// The text of a field at a place of that of another.
fn within(function: Function, path: &str, other: &str, case: Case) -> Pred {
    let call = Scalar::Call { function, args: vec![field(path), field(other)], case };
    Pred::test(call, Op::IsTrue, Span::default())
}

/// A text that ignores letter case.
fn plain(path: &str, pattern: &str) -> Pred {
    text(path, pattern, Case::Insensitive)
}

fn equal(path: &str, right: Literal) -> Pred {
    test(path, Op::Compare(Comparison::Equal, Scalar::Literal(right)))
}

fn string(text: &str) -> Literal {
    Literal::Str(text.into())
}

fn query(filter: Pred) -> EventQuery {
    let category = Category::LogSource(LogSource {
        product: Some("windows".to_owned()),
        category: Some("process_creation".to_owned()),
        service: None,
    });
    EventQuery { category, filter }
}

fn rule_of(body: Body) -> Rule {
    let meta = Metadata { name: "Some Rule".to_owned(), ..Metadata::default() };
    Rule { id: "some-rule".to_owned(), meta: meta.into(), body, pipes: Vec::new() }
}

fn rule(filter: Pred) -> Rule {
    rule_of(Body::Event(query(filter)))
}

fn legal(rule: Rule) -> Legal {
    legalise(rule, Vec::new(), backend().target()).expect("the target has every construct in it")
}

fn emit(rule: Rule) -> Result<Artifact, Diagnostics> {
    backend().emit(&legal(rule), &Settings::default())
}

/// Lowers the text of an output.
fn relower(text: &str) -> Rule {
    let parsed = eqlc_sigma::parse(&Fragment::verbatim(SourceId::default(), 0, text));
    assert!(!has_errors(&parsed.diagnostics), "{text}\n{:#?}", parsed.diagnostics);
    let (mut rules, diagnostics) = eqlc_lower::sigma::lower(&parsed.tree, Schema::ecs());
    assert!(diagnostics.is_empty(), "{text}\n{diagnostics:#?}");
    assert_eq!(rules.len(), 1, "{text}");
    rules.remove(0)
}

/// Laws 1 to 3 on a rule, whose output the schemas of the specification allow; gives the text.
fn holds(rule: Rule) -> String {
    let text = unchecked(rule);
    schema::validates(&text);
    text
}

/// Laws 1 to 3 on a rule; gives the text.
fn unchecked(rule: Rule) -> String {
    let legal = legal(rule);
    let artifact = backend().emit(&legal, &Settings::default()).expect("the rule has a form");
    let read = backend().read_back(&artifact).expect("the output parses");
    let ReadBack::Source { text, reprinted, .. } = read else { panic!("Sigma is read back as source") };
    assert_eq!(text, reprinted);
    let again = canonical(relower(&text));
    let wanted = canonical(legal.rule().clone());
    assert_eq!(eqlc_ir::text::rule(&again), eqlc_ir::text::rule(&wanted), "{text}");
    assert_eq!(again, wanted, "{text}");
    text
}

/// The detection of a rule's text.
fn detection(text: &str) -> String {
    let start = text.find("detection:").expect("a detection");
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .fold("detection:".len() + 1, |at, line| at + line.len() + 1);
    rest.get(..end).unwrap_or_default().to_owned()
}
