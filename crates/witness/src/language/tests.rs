use eqlc_ir::regex::{Regex, RegexNode};
use eqlc_ir::{Case, Op, TextPattern};
use proptest::prelude::*;

use super::{Chars, Example, Languages, Set};
use crate::texts;

const STATES: usize = 3_000;

fn languages() -> Languages {
    Languages::new(200_000)
}

fn contains(languages: &mut Languages, text: &str) -> Set {
    let inner = languages.text(text, Chars::one);
    languages.concat_all([Languages::ALL, inner, Languages::ALL].into_iter())
}

#[test]
fn the_text_with_two_parts_lets_them_overlap() {
    let mut languages = languages();
    let (a, b) = (contains(&mut languages, "abc"), contains(&mut languages, "bcd"));
    let both = languages.and([a, b]);
    let Example::Text(text) = languages.example(both, STATES) else { panic!("a text") };
    assert!(text.contains("abc") && text.contains("bcd") && text.len() <= 6, "{text}");
}

#[test]
fn a_set_without_intersections_gives_a_shortest_text() {
    let mut languages = languages();
    let long = languages.text("longer", Chars::one);
    let short = contains(&mut languages, "ab");
    let either = languages.or([long, short]);
    assert_eq!(languages.example(either, STATES), Example::Text("ab".to_owned()));
}

#[test]
fn a_text_and_its_opposite_are_proven_empty() {
    let mut languages = languages();
    let short = languages.text("cmd.exe", Chars::folded);
    let end = languages.text(".EXE", Chars::folded);
    let ends = languages.concat(Languages::ALL, end);
    let others = languages.not(ends);
    let both = languages.and([short, others]);
    assert_eq!(languages.example(both, STATES), Example::Never);
}

#[test]
fn emptiness_is_proven_across_repetitions() {
    let mut languages = languages();
    let (a, b) = (languages.one(Chars::one('a')), languages.one(Chars::one('b')));
    let (many, even) = (languages.repeat(a, 1, None), languages.concat(a, a));
    let even = languages.repeat(even, 0, None);
    let odd = languages.concat(a, even);
    // One or more are odd or even.
    let (not_even, not_odd) = (languages.not(even), languages.not(odd));
    let neither = languages.and([many, not_even, not_odd]);
    assert_eq!(languages.example(neither, STATES), Example::Never);
    let with_b = languages.concat(many, b);
    assert_eq!(languages.example(with_b, STATES), Example::Text("ab".to_owned()));
}

#[test]
fn without_steps_nothing_is_proven() {
    let mut languages = Languages::new(1);
    let text = languages.text("abcdef", Chars::one);
    let others = languages.not(text);
    let both = languages.and([text, others]);
    assert_eq!(languages.example(both, STATES), Example::Unknown);
}

#[test]
fn many_words_are_put_together_within_few_steps() {
    let mut languages = Languages::new(40_000);
    let words = ["quick", "brown", "foxes", "jumping", "over", "lazy", "hounds"];
    let sets: Vec<Set> = words.iter().map(|word| contains(&mut languages, word)).collect();
    let all = languages.and(sets);
    let Example::Text(text) = languages.example(all, STATES) else { panic!("a text") };
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

#[test]
fn letters_fold_to_all_that_are_the_same_but_for_case() {
    let set = Chars::folded('k');
    assert!(set.has('k') && set.has('K') && set.has('\u{212A}') && !set.has('x'));
}

#[test]
fn long_texts_and_chains_need_no_call_stack() {
    let mut languages = Languages::new(4_000_000);
    let long = "a".repeat(20_000);
    let text = languages.text(&long, Chars::one);
    assert!(languages.has(text, &long));
    let optional: Vec<Set> = (0..2_000).map(|_| languages.one(Chars::one('a'))).collect();
    let optional: Vec<Set> = optional.into_iter().map(|one| languages.repeat(one, 0, Some(1))).collect();
    let chain = languages.concat_all(optional.into_iter());
    assert!(languages.has(chain, "aaa"));
}

#[test]
fn not_of_not_is_the_set_and_bounds_are_kept() {
    let mut languages = languages();
    let a = languages.text("a", Chars::one);
    let not = languages.not(a);
    assert_eq!(languages.not(not), a);
    let three = languages.repeat(a, 2, Some(3));
    let has: Vec<bool> = (0..5).map(|count| languages.has(three, &"a".repeat(count))).collect();
    assert_eq!(has, [false, false, true, true, false]);
    assert_eq!(languages.repeat(a, 3, Some(2)), Languages::NOTHING);
}

fn node() -> impl Strategy<Value = RegexNode> {
    let leaf = prop_oneof![
        Just(RegexNode::Empty),
        Just(RegexNode::Any),
        "[abAB]{1,2}".prop_map(RegexNode::Literal),
        Just(RegexNode::Class {
            negated: true,
            items: vec![eqlc_ir::regex::ClassItem::Char('a'), eqlc_ir::regex::ClassItem::Digit],
        }),
        Just(RegexNode::Interval { low: 3, high: 12, width: 0 }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            list.clone().prop_map(RegexNode::Concat),
            list.clone().prop_map(RegexNode::Alternatives),
            list.prop_map(RegexNode::Intersection),
            inner.clone().prop_map(|inner| RegexNode::Complement(Box::new(inner))),
            (inner, 0_u32..3, prop::option::of(0_u32..4)).prop_map(|(node, min, more)| RegexNode::Repeat {
                node: Box::new(node),
                min,
                max: more.map(|more| min + more),
            }),
        ]
    })
}

/// What the reference evaluator says of a text under a test of the field `x`.
fn accepts(op: &Op, text: &str) -> bool {
    use eqlc_ir::{Category, EventQuery, FieldRef, FieldType, Pred, Scalar, Taxonomy};
    let field = FieldRef {
        path: "x".into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Keyword,
        optional: false,
        span: Default::default(),
    };
    let filter = Pred::test(Scalar::Field(field), op.clone(), Default::default());
    let query = EventQuery { category: Category::Any, filter };
    let event = eqlc_events::Event::from_json(serde_json::json!({ "x": text }), 0).unwrap();
    !crate::evaluate::matching(&query, &[event], &Default::default()).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn members_of_expressions_are_what_the_evaluator_accepts(
        root in node(),
        insensitive: bool,
        text in "[abABc1-9]{0,4}",
    ) {
        let case = if insensitive { Case::Insensitive } else { Case::Sensitive };
        let op = Op::Regex(Regex { root, case });
        let mut languages = Languages::new(1_000_000);
        let set = texts::results(&mut languages, &op).expect("a set");
        prop_assert_eq!(languages.has(set, &text), accepts(&op, &text));
        match languages.example(set, 500) {
            Example::Text(text) => prop_assert!(accepts(&op, &text), "{}", text),
            Example::Never => prop_assert!(!accepts(&op, &text)),
            Example::Unknown => {}
        }
    }

    #[test]
    fn members_of_patterns_are_what_the_evaluator_accepts(
        pattern in "[aAb*?]{0,6}",
        insensitive: bool,
        text in "[aAbB]{0,6}",
    ) {
        let case = if insensitive { Case::Insensitive } else { Case::Sensitive };
        let op = Op::Text(vec![TextPattern::from_eql(&pattern)], case);
        let mut languages = Languages::new(1_000_000);
        let set = texts::results(&mut languages, &op).expect("a set");
        prop_assert_eq!(languages.has(set, &text), accepts(&op, &text));
    }
}
