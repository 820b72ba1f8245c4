//! The shape of trees, a test a paragraph of `eql-semantics.md` §1 and §2.

use super::{codes, tree};
use crate::ast::{Body, Category, Expr, ExprKind, Literal};

fn condition(text: &str) -> Expr {
    match tree(&format!("any where {text}")).body {
        Body::Event(filter) => filter.condition,
        other => panic!("{other:?}"),
    }
}

fn accepts(text: &str) -> bool {
    codes(&format!("any where {text}")).is_empty()
}

#[test]
fn comments_nest_and_blanks_do_not_matter_1_1_1_2() {
    let query = tree("any\twhere\r\n/* a /* b */ c */ true // d");
    assert_eq!(query, tree("any where true"));
    assert_eq!(query.comments.len(), 2);
    assert_eq!(query.comments[0].text, "/* a /* b */ c */");
    assert!(query.comments[0].own_line && !query.comments[1].own_line);
}

#[test]
fn keywords_are_names_only_in_back_ticks_1_3_1_5() {
    assert_eq!(
        condition("`sequence` == 1"),
        Expr::compare(Expr::field("sequence"), crate::ast::CompareOp::Eq, Expr::int(1))
    );
    assert!(accepts("head == 1 and runs == 2 and child == 3 and ms == 4 and @timestamp == 5"));
    assert_eq!(condition("`a.b`.c").field_path().as_deref(), Some("a.b.c"));
    assert_ne!(condition("`a.b`.c"), condition("a.b.c"));
    assert_eq!(condition("`x``y`"), Expr::field("x`y"));
}

#[test]
fn a_tilde_belongs_to_the_word_before_it_1_6() {
    assert!(matches!(condition("endsWith~(a, b)").kind, ExprKind::Call(call) if call.insensitive));
    assert!(matches!(condition("a in~ (1)").kind, ExprKind::In(test) if test.insensitive));
    assert!(!accepts("endsWith ~(a, b)"));
    assert!(!accepts("a~ == 1"));
}

#[test]
fn numbers_1_7() {
    let number = |text: &str| match condition(text).kind {
        ExprKind::Literal(literal) => literal,
        other => panic!("{other:?}"),
    };
    assert_eq!(number("18446744073709551615"), Literal::Int(u64::MAX));
    assert_eq!(number("18446744073709551616"), Literal::Float(18_446_744_073_709_551_616.0));
    assert_eq!(
        (number("1."), number(".5"), number("2e3")),
        (Literal::Float(1.0), Literal::Float(0.5), Literal::Float(2000.0))
    );
    assert_eq!(codes("any where x == 1e999"), ["E0020"]);
    assert!(matches!(condition("-1").kind, ExprKind::Neg(_)));
}

#[test]
fn strings_1_8() {
    let string = |text: &str| match condition(text).kind {
        ExprKind::Literal(Literal::Str { value, raw }) => (value, raw),
        other => panic!("{other:?}"),
    };
    assert_eq!(string(r#""\b\t\n\f\r\"\'\\\u{e9}\u{0001F600}""#), ("\u{8}\t\n\u{c}\r\"'\\é😀".into(), false));
    assert_eq!(string(r#"""""a"""""#), ("\"a\"".into(), true));
    assert_eq!(string(r#""""C:\dir\""""#), ("C:\\dir\\".into(), true));
    assert_eq!(string("\"\""), ("".into(), false));
    assert!(!accepts(r#"x : "\*""#));
    assert!(matches!(tree("\"my category\" where true").body, Body::Event(filter)
        if filter.category.value == Category::Named { name: "my category".into(), quoted: true }));
}

#[test]
fn not_binds_over_a_comparison_and_under_and_2_1() {
    assert_eq!(condition("not a == b"), condition("not (a == b)"));
    assert_eq!(condition("not a and b"), condition("(not a) and b"));
    assert_eq!(condition("a or b and c"), condition("a or (b and c)"));
}

#[test]
fn predicates_bind_over_arithmetic_2_2() {
    assert_eq!(condition("1 * 2 : 2 + 3"), condition("(1 * (2 : 2)) + 3"));
    assert_ne!(condition("a + b in (1)"), condition("(a + b) in (1)"));
    assert_eq!(condition("-a in (1)"), condition("-(a in (1))"));
}

#[test]
fn only_in_takes_an_infix_not_2_3() {
    assert!(matches!(condition("a not in (1)").kind, ExprKind::In(test) if test.negated));
    assert_eq!(codes("any where a not : \"x\""), ["E0023"]);
}

#[test]
fn patterns_are_constants_2_4_2_5() {
    assert!(accepts("a : \"x\" and b like (\"x\", 1, null)"));
    assert_eq!(codes("any where a : -1"), ["E0027"]);
    assert_eq!(codes("any where a : b.c"), ["E0027"]);
    assert_eq!(codes("any where a : f(b)"), ["E0027"]);
    assert_eq!(codes("any where a : ()"), ["E0025"]);
    assert_eq!(codes("any where a in (1,)"), ["E0026"]);
}

#[test]
fn comparisons_do_not_chain_2_6() {
    assert_eq!(codes("any where a < b < c"), ["E0024"]);
    assert!(accepts("(a == b) == c"));
}

#[test]
fn keys_stand_before_options_2_7() {
    assert_eq!(codes("sequence with maxspan=1m by k [any where true] [any where true]"), ["E0043"]);
    assert_eq!(codes("sequence [any where true] with runs=2 by k"), ["E0043"]);
}

#[test]
fn a_bracket_after_a_key_opens_a_term_2_8() {
    let Body::Sequence(sequence) = tree("sequence by pid [any where true] [any where true]").body else {
        panic!()
    };
    assert_eq!((sequence.by.len(), sequence.terms.len()), (1, 2));
    assert_eq!(codes("any where a[0] == 1"), ["E0029"]);
}

#[test]
fn an_error_leaves_the_rest_of_the_tree() {
    let parsed = super::read("any where nme == \"a\" and lenght(x) > \"y\" and pid in (1, 2,, 3) and");
    let Body::Event(filter) = parsed.tree.body else { panic!() };
    let ExprKind::And(operands) = filter.condition.kind else { panic!() };
    let shapes: Vec<bool> = operands.iter().map(Expr::is_error).collect();
    assert_eq!(shapes, [false, false, false, true]);
    assert!(matches!(&operands[2].kind, ExprKind::In(test) if test.items.len() == 3));
}

#[test]
fn spans_are_those_of_the_text() {
    let text = "any where (a.b == 1) and not f(c)";
    let Body::Event(filter) = tree(text).body else { panic!() };
    let ExprKind::And(operands) = &filter.condition.kind else { panic!() };
    let slices: Vec<&str> =
        operands.iter().map(|operand| text.get(operand.span.range()).unwrap_or("")).collect();
    assert_eq!(slices, ["(a.b == 1)", "not f(c)"]);
    assert_eq!(text.get(filter.span().range()), Some(text));
}
