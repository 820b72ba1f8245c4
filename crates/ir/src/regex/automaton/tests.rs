use super::super::{ClassItem, RegexNode};
use super::*;
use crate::Case;

fn literal(text: &str) -> RegexNode {
    RegexNode::Literal(text.to_owned())
}

fn not(node: RegexNode) -> RegexNode {
    RegexNode::Complement(Box::new(node))
}

fn repeat(node: RegexNode, min: u32, max: Option<u32>) -> RegexNode {
    RegexNode::Repeat { node: Box::new(node), min, max }
}

fn build(root: RegexNode) -> Result<Automaton, TooLarge> {
    Automaton::new(&Regex { root, case: Case::Sensitive })
}

fn folding(root: RegexNode) -> Automaton {
    Automaton::new(&Regex { root, case: Case::Insensitive }).unwrap()
}

#[test]
fn a_character_outside_ascii_is_one_letter() {
    let one_but_e = build(RegexNode::Intersection(vec![RegexNode::Any, not(literal("é"))])).unwrap();
    for (text, wanted) in [("é", false), ("e", true), ("😀", true), ("", false), ("éé", false)] {
        assert_eq!(one_but_e.is_match(text), wanted, "{text}");
    }
    // No half of a character is a text.
    let two = build(RegexNode::Concat(vec![
        RegexNode::Intersection(vec![not(RegexNode::Empty), not(literal("x"))]),
        not(RegexNode::Empty),
    ]));
    assert!(!two.unwrap().is_match("é"));
}

#[test]
fn case_is_folded_before_the_complement_and_ranges_keep_theirs() {
    let not_ab = folding(not(literal("ab")));
    assert!(!not_ab.is_match("aB") && not_ab.is_match("abc"));
    let range = RegexNode::Class { negated: false, items: vec![ClassItem::Range('a', 'z')] };
    let not_range = folding(not(range));
    assert!(not_range.is_match("A") && !not_range.is_match("a"));
    let negated = RegexNode::Class { negated: true, items: vec![ClassItem::Char('k')] };
    let not_negated = folding(not(negated));
    assert!(not_negated.is_match("K") && not_negated.is_match("k") && !not_negated.is_match("j"));
}

#[test]
fn nothing_is_known_to_match_nothing() {
    let both = RegexNode::Intersection(vec![literal("a"), not(literal("a"))]);
    assert!(build(both.clone()).unwrap().is_empty());
    assert!(!build(not(both)).unwrap().is_empty());
    assert!(build(RegexNode::Intersection(Vec::new())).unwrap().is_match("anything"));
}

/// Code points that are no characters are in no text, so a complement does not have them either.
#[test]
fn every_letter_is_one_of_texts() {
    let class = |negated, c| RegexNode::Class { negated, items: vec![ClassItem::Char(c)] };
    for c in ['a', '\u{d7ff}', '\u{e000}', char::MAX] {
        let either = RegexNode::Alternatives(vec![class(true, c), class(false, c)]);
        let none = RegexNode::Intersection(vec![not(either.clone()), RegexNode::Any]);
        assert!(build(none).unwrap().is_empty(), "{c:?}");
        let all = RegexNode::Intersection(vec![not(repeat(either, 0, None)), RegexNode::any_run()]);
        assert!(build(all).unwrap().is_empty(), "{c:?}");
    }
    assert!(build(not(RegexNode::any_run())).unwrap().is_empty());
}

#[test]
fn deep_nesting_stays_small() {
    let inner = RegexNode::Alternatives(vec![literal("a"), literal("b")]);
    let nested = (0..50).fold(inner, |node, _| repeat(not(node), 0, None));
    let automaton = build(nested).unwrap();
    assert!(automaton.is_match("") && automaton.is_match("abab"));
    let concatenated = (0..50).fold(literal("a"), |node, at| {
        not(RegexNode::Concat(vec![node, literal(if at % 2 == 0 { "a" } else { "b" })]))
    });
    assert!(build(concatenated).is_ok());
}

#[test]
fn long_repetitions_are_built() {
    let automaton = build(not(repeat(literal("a"), 1_000, Some(1_000)))).unwrap();
    assert!(!automaton.is_match(&"a".repeat(1_000)) && automaton.is_match(&"a".repeat(999)));
    let least = RegexNode::Intersection(vec![repeat(RegexNode::Any, 500, None), not(literal("b"))]);
    assert!(build(least).unwrap().is_match(&"b".repeat(500)));
}

#[test]
fn what_is_too_large_is_refused_soon() {
    let thousand = |node| repeat(node, 1_000, Some(1_000));
    let blow_up =
        RegexNode::Concat(vec![RegexNode::any_run(), literal("a"), repeat(RegexNode::Any, 20, Some(20))]);
    let alternatives = (0..3_000_u32).filter_map(|at| char::from_u32(0x4e00 + at));
    let many = RegexNode::Concat(
        alternatives.map(|c| RegexNode::Class { negated: true, items: vec![ClassItem::Char(c)] }).collect(),
    );
    for (node, name) in [
        (not(thousand(thousand(thousand(literal("a"))))), "nested repetitions"),
        (not(thousand(not(thousand(literal("ab"))))), "repeated complements"),
        (not(blow_up), "states"),
        (not(many), "letters"),
    ] {
        let started = std::time::Instant::now();
        assert_eq!(build(node).err(), Some(TooLarge), "{name}");
        assert!(started.elapsed().as_secs() < 20, "{name}: {:?}", started.elapsed());
    }
}
