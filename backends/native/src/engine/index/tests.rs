//! Candidates beside the tests themselves: none may be missing, and what is sure must be true.

use eqlc_ir::{Case, FieldRef, Literal, Op, Scalar, Taxonomy, Test, TextPattern};
use proptest::prelude::*;

use super::super::atoms::AtomId;
use super::*;

fn test(op: Op) -> Test {
    let field = FieldRef {
        path: "f".into(),
        taxonomy: Taxonomy::Sigma,
        ty: FieldType::Unknown,
        optional: false,
        span: Default::default(),
    };
    Test { subject: Scalar::Field(field), op, span: Default::default() }
}

fn holds(test: &Test, text: &str) -> bool {
    match &test.op {
        Op::Text(patterns, case) => patterns.iter().any(|pattern| pattern.matches(text, *case)),
        Op::OneOf(items, Case::Insensitive) => {
            items.iter().any(|item| matches!(item, Literal::Str(item) if fold_text(item) == fold_text(text)))
        }
        Op::OneOf(items, Case::Sensitive) => items.iter().any(|item| *item == Literal::Str(text.into())),
        _ => unreachable!("not made here"),
    }
}

fn agrees(tests: &[Test], text: &str) -> Result<(), TestCaseError> {
    let ids = || (0u32..).map(AtomId);
    let index = Index::new(ids().zip(tests));
    let mut found = Vec::new();
    index.look_up(fold_text(text).as_bytes(), &mut found);
    for (atom, test) in ids().zip(tests) {
        let holds = holds(test, text);
        let candidate = found.iter().find(|candidate| candidate.atom == atom);
        let is_candidate = candidate.is_some() || index.all().contains(&atom);
        prop_assert!(!holds || is_candidate, "{:?} of {:?}", test.op, text);
        prop_assert!(
            holds || !candidate.is_some_and(|candidate| candidate.sure),
            "{:?} of {:?}",
            test.op,
            text
        );
    }
    Ok(())
}

#[test]
fn literals_of_all_lengths_and_places_are_found() {
    let words = ["a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "kelvin\u{212a}", "ſharp"];
    let shapes = ["{}", "{}*", "*{}", "*{}*", "?{}", "x*{}*y"];
    let tests: Vec<Test> = words
        .iter()
        .flat_map(|word| shapes.map(|shape| TextPattern::from_eql(&shape.replace("{}", word))))
        .flat_map(|pattern| [Case::Sensitive, Case::Insensitive].map(|case| (pattern.clone(), case)))
        .map(|(pattern, case)| test(Op::Text(vec![pattern], case)))
        .collect();
    for word in words {
        for text in [
            word.to_owned(),
            word.to_uppercase(),
            format!("{word} behind"),
            format!("before {word}"),
            format!("x before {word} behind y"),
            fold_text(word),
        ] {
            agrees(&tests, &text).unwrap();
        }
    }
}

fn pattern() -> impl Strategy<Value = TextPattern> {
    "[ab*?K\u{212a}.\\\\]{0,10}".prop_map(|text| TextPattern::from_eql(&text))
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![Just(Case::Sensitive), Just(Case::Insensitive)]
}

fn op() -> impl Strategy<Value = Op> {
    let items = proptest::collection::vec("[abKk]{0,4}", 0..4);
    let literals =
        items.prop_map(|items| items.iter().map(|item| Literal::Str(item.as_str().into())).collect());
    prop_oneof![
        (proptest::collection::vec(pattern(), 0..4), case()).prop_map(|(list, case)| Op::Text(list, case)),
        (literals, case()).prop_map(|(list, case)| Op::OneOf(list, case)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_candidate_is_missing(
        ops in proptest::collection::vec(op(), 1..12),
        text in "[abABkK\u{212a}.\\\\]{0,14}",
    ) {
        let tests: Vec<Test> = ops.into_iter().map(test).collect();
        agrees(&tests, &text)?;
    }
}
