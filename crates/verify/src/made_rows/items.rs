//! Events around every item of long lists: near misses made by solving look at a few items of a list only.

use eqlc_ir::regex::RegexNode;
use eqlc_ir::{Literal, Op, Part, Pred, Scalar, Test, TextPattern};
use eqlc_witness::{Change, Probe};
use serde_json::Value;

use super::{Told, changed, edges};

/// The most alternatives of a regular expression that are looked at.
const MAX_ALTERNATIVES: usize = 400;
/// The most events that are made of the lists of a rule.
const MAX_ITEMS: usize = 1_500;

/// Events of which each has a text in a field that one item of a list asks for, or one beside it, with all else as in an event
/// that the test of the list decides about.
pub(super) fn items(filter: &Pred, probes: &[Probe]) -> Vec<Told> {
    let mut found: Vec<(&Value, &str, String)> = Vec::new();
    for test in filter.tests() {
        let (Scalar::Field(field), Some(patterns)) = (&test.subject, patterns(&test.op)) else { continue };
        for event in deciding(test, probes) {
            let own = event.get(field.path.as_str()).and_then(Value::as_str).unwrap_or_default();
            let texts = patterns.iter().flat_map(|pattern| texts(pattern, own));
            found.extend(texts.map(|text| (event, field.path.as_str(), text)));
        }
    }
    let step = found.len().div_ceil(MAX_ITEMS).max(1);
    let some = found.into_iter().step_by(step);
    some.map(|(event, name, text)| changed(event, name, Some(text))).collect()
}

/// Events in which a test decides: one that matches by it, or does not because of it.
fn deciding<'p>(test: &Test, probes: &'p [Probe]) -> impl Iterator<Item = &'p Value> {
    let is_base = |probe: &&Probe| matches!(probe.change, Change::Nothing | Change::Branch | Change::Flipped);
    let own = probes.iter().filter(is_base).find(|probe| probe.span == Some(test.span));
    let first = probes.first().filter(|_| own.is_none_or(|own| own.change == Change::Flipped));
    own.into_iter().chain(first).filter_map(|probe| probe.events.first())
}

fn patterns(op: &Op) -> Option<Vec<TextPattern>> {
    match op {
        Op::Text(patterns, _) => Some(patterns.clone()),
        Op::OneOf(items, _) => items.iter().map(exact).collect(),
        Op::Regex(regex) => Some(alternatives(&regex.root).into_iter().map(TextPattern::new).collect()),
        _ => None,
    }
}

fn exact(item: &Literal) -> Option<TextPattern> {
    match item {
        Literal::Str(text) => Some(TextPattern::exact(text)),
        _ => None,
    }
}

/// Patterns for some texts of each alternative of a regular expression.
fn alternatives(node: &RegexNode) -> Vec<Vec<Part>> {
    match node {
        RegexNode::Literal(text) => vec![vec![Part::Lit(text.as_str().into())]],
        RegexNode::Any | RegexNode::Class { .. } => vec![vec![Part::AnyOne]],
        RegexNode::Repeat { node, min, .. } if **node == RegexNode::Any => {
            let least = std::iter::repeat_n(Part::AnyOne, usize::from(*min > 0));
            vec![least.chain([Part::AnyRun]).collect()]
        }
        RegexNode::Repeat { node, min: 1.., .. } => alternatives(node),
        RegexNode::Alternatives(nodes) => {
            nodes.iter().flat_map(alternatives).take(MAX_ALTERNATIVES).collect()
        }
        RegexNode::Concat(nodes) => nodes.iter().fold(vec![Vec::new()], |found, node| {
            let next = alternatives(node);
            let both = found.iter().flat_map(|before: &Vec<Part>| {
                next.iter().map(move |behind| before.iter().chain(behind).cloned().collect())
            });
            both.take(MAX_ALTERNATIVES).collect()
        }),
        _ => vec![Vec::new()],
    }
}

/// Texts that a pattern matches, by itself and beside what the field has, and texts beside those.
fn texts(pattern: &TextPattern, own: &str) -> Vec<String> {
    let beside = filled(pattern, ("q", "q"));
    let together = filled(pattern, (own, ""));
    let mut found = vec![filled(pattern, ("", ""))];
    found.extend(edges(&beside));
    if together != beside {
        found.extend(edges(&together));
        found.push(together);
    }
    found.push(beside);
    found
}

/// The text of a pattern with something in the place of its first run, and of the others.
fn filled(pattern: &TextPattern, (first, others): (&str, &str)) -> String {
    let mut run = first;
    let part = |part: &Part| match part {
        Part::Lit(text) => text.to_string(),
        Part::AnyOne => "C".to_owned(),
        Part::AnyRun => std::mem::replace(&mut run, others).to_owned(),
    };
    pattern.parts().iter().map(part).collect()
}
