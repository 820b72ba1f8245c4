use eqlc_diagnostics::Span;

use super::*;
use crate::*;

fn field(path: &str) -> Scalar {
    Scalar::Field(FieldRef {
        path: path.into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Span::default(),
    })
}

fn call(function: Function, needle: &str) -> Pred {
    let args = vec![field("x"), Scalar::Literal(Literal::Str(needle.into()))];
    Pred::test(Scalar::Call { function, args, case: Case::Sensitive }, Op::IsTrue, Span::default())
}

fn like(pattern: &str) -> Pred {
    Pred::test(field("x"), Op::Text(vec![TextPattern::from_eql(pattern)], Case::Sensitive), Span::default())
}

fn equal(path: &str, value: &str) -> Pred {
    let right = Scalar::Literal(Literal::Str(value.into()));
    Pred::test(field(path), Op::Compare(Comparison::Equal, right), Span::default())
}

#[test]
fn functions_and_wildcards_have_one_form() {
    for (function, pattern) in
        [(Function::StartsWith, "a*"), (Function::EndsWith, "*a"), (Function::StringContains, "*a*")]
    {
        assert_eq!(normalise_pred(call(function, "a")), normalise_pred(like(pattern)));
    }
    assert_eq!(normalise_pred(call(Function::StringContains, "")), Pred::Const(false));
    assert_eq!(normalise_pred(like("abc")), equal("x", "abc"));
}

#[test]
fn letter_case_of_a_comparison_is_gone_where_it_is_nothing() {
    let of = |ty, path: &str| match field(path) {
        Scalar::Field(field) => Scalar::Field(FieldRef { ty, ..field }),
        other => other,
    };
    let alike = |left: Scalar, right: Scalar| {
        let op = Op::Compare(Comparison::EqualInsensitive, right);
        text::pred(&normalise_pred(Pred::test(left, op, Span::default())))
    };
    let constant = |value: Literal| Scalar::Literal(value);
    let x = || field("x");
    assert_eq!(alike(x(), field("y")), "x:keyword ==~ y:keyword\n");
    assert_eq!(alike(of(FieldType::Unknown, "x"), of(FieldType::Integer, "y")), "x:unknown == y:integer\n");
    assert_eq!(alike(of(FieldType::Ip, "x"), of(FieldType::Ip, "y")), "x:ip == y:ip\n");
    assert_eq!(alike(x(), constant(Literal::Str("a".into()))), "x:keyword text~ (\"a\")\n");
    assert_eq!(alike(constant(Literal::Str("a".into())), x()), "x:keyword text~ (\"a\")\n");
    assert_eq!(alike(x(), constant(Literal::Null)), "false\n");
    let (a, b) = (constant(Literal::Str("Ä".into())), constant(Literal::Str("ä".into())));
    assert_eq!(alike(a, b), "true\n");
}

#[test]
fn the_sides_of_an_equality_of_fields_have_one_order() {
    let rule = |left: &str, comparison, right: &str| {
        let filter = Pred::test(field(left), Op::Compare(comparison, field(right)), Span::default());
        let body = Body::Event(EventQuery { category: Category::Any, filter });
        canonical(Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() })
    };
    for comparison in [Comparison::Equal, Comparison::EqualInsensitive] {
        assert_eq!(rule("a", comparison, "b"), rule("b", comparison, "a"));
    }
    assert_ne!(rule("a", Comparison::Less, "b"), rule("b", Comparison::Less, "a"));
    assert_ne!(rule("a", Comparison::Equal, "b"), rule("a", Comparison::EqualInsensitive, "b"));
}

#[test]
fn trees_flatten_and_fold() {
    let nested = Pred::All(vec![
        Pred::All(vec![equal("a", "1"), Pred::Const(true)]),
        equal("b", "2").not().not(),
        equal("a", "1"),
    ]);
    assert_eq!(normalise_pred(nested), Pred::All(vec![equal("a", "1"), equal("b", "2")]));
    assert_eq!(normalise_pred(Pred::Any(vec![equal("a", "1"), Pred::Const(true)])), Pred::Const(true));
    let two_of_three = vec![equal("a", "1"), Pred::Const(true), equal("b", "2")];
    assert_eq!(
        normalise_pred(Pred::AtLeast(2, two_of_three)),
        Pred::Any(vec![equal("a", "1"), equal("b", "2")])
    );
}

#[test]
fn normalising_twice_is_normalising_once() {
    let pred = Pred::Any(vec![
        Pred::All(vec![call(Function::StartsWith, "q"), like("abc").not()]),
        Pred::Any(vec![like("*"), equal("y", "z")]),
    ]);
    let once = normalise_pred(pred);
    assert_eq!(normalise_pred(once.clone()), once);
}

#[test]
fn canonical_form_ignores_order_and_grouping() {
    let rule = |filter| Rule {
        id: "r".to_owned(),
        meta: std::sync::Arc::default(),
        body: Body::Event(EventQuery { category: Category::Any, filter }),
        pipes: Vec::new(),
    };
    let one = Pred::All(vec![equal("b", "2").not(), equal("a", "1"), equal("c", "3").not()]);
    let two = Pred::All(vec![equal("a", "1"), Pred::Any(vec![equal("c", "3"), equal("b", "2")]).not()]);
    assert_eq!(canonical(rule(one)), canonical(rule(two)));
    let apart = Pred::Any(vec![equal("a", "1"), equal("a", "2")]);
    let other = Pred::Any(vec![equal("a", "1"), equal("a", "3")]);
    assert_ne!(canonical(rule(apart)), canonical(rule(other)));
}
