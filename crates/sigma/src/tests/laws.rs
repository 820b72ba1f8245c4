//! Laws over conditions of every small shape.

use eqlc_diagnostics::Node;

use super::{read, rule, with_condition};
use crate::{Condition, Document, Quantifier, Target, write};

/// All conditions of a depth over few leaves.
fn conditions(depth: usize) -> Vec<Condition> {
    let leaves = vec![
        Condition::ident("a"),
        Condition::quantified(Quantifier::All, Target::Them),
        Condition::quantified(Quantifier::AtLeast(2), Target::Pattern("sel_*".to_owned())),
    ];
    if depth == 0 {
        return leaves;
    }
    let inner = conditions(depth - 1);
    let mut all = leaves;
    for one in &inner {
        all.push(one.clone().negate());
        for two in inner.iter().take(7) {
            all.push(Condition::And(vec![one.clone(), two.clone()]));
            all.push(Condition::Or(vec![two.clone(), one.clone(), Condition::ident("b")]));
        }
    }
    all
}

#[test]
fn every_condition_reads_back_as_it_was() {
    let base = with_condition("a");
    for condition in conditions(2) {
        let mut file = base.parsed.tree.clone();
        let Some(Document::Rule(first)) = file.documents.first_mut() else { panic!("no rule") };
        first.detection.conditions = vec![Node::new(condition.clone(), Default::default())];
        let back = read(&write(&file));
        assert!(back.fine(), "{condition}\n{}", back.report());
        assert_eq!(rule(&back).detection.conditions[0].value, condition, "{condition}");
    }
}

#[test]
fn the_spans_of_a_fragment_inside_another_file_are_those_of_the_file() {
    let text = "title: T\nlogsource: {product: a}\ndetection: {s: {F: 1}, condition: nosuch}\n";
    let outer = format!("xxxx{text}");
    let mut map = eqlc_diagnostics::SourceMap::new();
    let id = map.add("outer", outer.as_str());
    let parsed = crate::parse(&eqlc_diagnostics::Fragment::verbatim(id, 4, text));
    assert_eq!(map.slice(parsed.diagnostics[0].span().unwrap()), "nosuch");
}
